//! Username-password flow.
//!
//! Source: the public Salesforce Platform APIs collection.

use super::{Asking, Form, Step, TokenError, Way};
use crate::config::SecretField;
use std::time::SystemTime;
use zeroize::Zeroizing;

/// `username` and `password`, the security token appended to the latter without a separator.
///
/// From an IP address the org trusts it takes no security token; one that is sent all the same is refused.
pub(super) struct Password;

impl Way for Password {
    fn begin(&mut self, asking: &Asking<'_>, _: SystemTime) -> Result<Step, TokenError> {
        let Asking { profile, secrets, .. } = asking;
        let mut form = Form::default();
        form.push("grant_type", "password");
        form.push("username", super::needed(profile.username.as_deref(), "username")?);
        let password = secrets.need(SecretField::Password)?;
        let mut glued = Zeroizing::new(password.expose().to_owned());
        if !(profile.trusted_ip || profile.security_token_in_password)
            && let Some(token) = secrets.get(SecretField::SecurityToken)
        {
            glued.push_str(token.expose().trim());
        }
        form.push("password", &glued);
        super::token_request(asking, form)
    }
}
