//! Client credentials flow: the app's Run-As user, no person.
//!
//! Source: the public Salesforce Platform APIs collection.

use super::{Form, TokenError};
use crate::config::Profile;
use url::Url;

/// Only the grant type: the app's settings say the rest. Works on the org's own host alone.
pub(super) fn fields(profile: &Profile, login: &Url, form: &mut Form) -> Result<(), TokenError> {
    if matches!(login.host_str(), Some("login.salesforce.com" | "test.salesforce.com")) {
        return Err(TokenError::NeedsMyDomain { host: login.host_str().unwrap_or_default().to_owned() });
    }
    form.push("grant_type", "client_credentials");
    if !profile.scopes.is_empty() {
        form.push("scope", &profile.scopes.join(" "));
    }
    Ok(())
}
