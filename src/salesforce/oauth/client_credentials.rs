//! Client credentials flow: the app's Run-As user, no person.
//!
//! Source: the public Salesforce Platform APIs collection.

use super::{Asking, Form, Step, TokenError, Way};
use crate::config::{host_and_port, is_generic_login};
use std::time::SystemTime;

/// Only the grant type: the app's settings say the rest. Works on the org's own host alone.
pub(super) struct ClientCredentials;

impl Way for ClientCredentials {
    fn begin(&mut self, asking: &Asking<'_>, _: SystemTime) -> Result<Step, TokenError> {
        let login = super::login_host(asking)?;
        if is_generic_login(login) {
            return Err(TokenError::NeedsMyDomain { host: host_and_port(login) });
        }
        let mut form = Form::default();
        form.push("grant_type", "client_credentials");
        if !asking.profile.scopes.is_empty() {
            form.push("scope", &asking.profile.scopes.join(" "));
        }
        super::token_request(asking, form)
    }
}
