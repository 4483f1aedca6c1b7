//! Client credentials flow: the app's Run-As user, no person.
//!
//! Source: the public Salesforce Platform APIs collection.

use super::{Form, TokenError};
use crate::config::{Profile, host_and_port, is_generic_login};
use url::Url;

/// Only the grant type: the app's settings say the rest. Works on the org's own host alone.
pub(super) fn fields(profile: &Profile, login: &Url, form: &mut Form) -> Result<(), TokenError> {
    if is_generic_login(login) {
        return Err(TokenError::NeedsMyDomain { host: host_and_port(login) });
    }
    form.push("grant_type", "client_credentials");
    if !profile.scopes.is_empty() {
        form.push("scope", &profile.scopes.join(" "));
    }
    Ok(())
}
