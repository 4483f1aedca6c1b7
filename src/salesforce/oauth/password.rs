//! Username-password flow.
//!
//! Source: the public Salesforce Platform APIs collection.

use super::{
    Asking, Step, TokenError, Way, needed,
    request::{Form, token_request},
};
use crate::config::SecretField;
use std::time::SystemTime;
use zeroize::Zeroizing;

/// `username` and `password`, the security token appended to the latter without a separator.
///
/// From an IP address the org trusts it takes no security token; one that is sent all the same is refused.
pub(super) struct Password;

impl Way for Password {
    fn begin(&mut self, asking: &Asking<'_>, _: SystemTime) -> Result<Step, TokenError> {
        let mut form = Form::grant("password");
        form.push("username", needed(asking.profile.username.as_deref(), "username")?);
        form.push("password", &password_and_token(asking)?);
        token_request(asking, form)
    }
}

/// The password, and behind it the security token where one is needed.
pub(super) fn password_and_token(asking: &Asking<'_>) -> Result<Zeroizing<String>, TokenError> {
    let Asking { profile, secrets, .. } = asking;
    let mut glued = Zeroizing::new(secrets.need(SecretField::Password)?.expose().to_owned());
    if !(profile.trusted_ip || profile.security_token_in_password)
        && let Some(token) = secrets.get(SecretField::SecurityToken)
    {
        glued.push_str(token.expose().trim());
    }
    Ok(glued)
}
