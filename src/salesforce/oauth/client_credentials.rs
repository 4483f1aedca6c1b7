//! Client credentials flow: the app's Run-As user, no person.
//!
//! Source: the public Salesforce Platform APIs collection.

use super::{
    Asking, Step, TokenError, Way,
    request::{Form, login_host, token_request},
};
use crate::config::{SecretField, host_and_port, is_generic_login};
use std::time::SystemTime;

/// Only the grant type: the app's settings say the rest. Works on the org's own host alone.
pub(super) struct ClientCredentials;

impl Way for ClientCredentials {
    fn begin(&mut self, asking: &Asking<'_>, _: SystemTime) -> Result<Step, TokenError> {
        let login = login_host(asking)?;
        if is_generic_login(login) {
            return Err(TokenError::NeedsMyDomain { host: host_and_port(login) });
        }
        asking.secrets.need(SecretField::ConsumerSecret)?;
        let mut form = Form::grant("client_credentials");
        form.push_scopes(asking);
        token_request(asking, form)
    }
}
