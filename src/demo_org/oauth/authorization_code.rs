//! The second half of the web server flow: a code, good once and for some minutes, becomes tokens.
//!
//! Source: Salesforce Help, OAuth 2.0 Web Server Flow and its errors. Which of the two texts a code of another app
//! gets is unconfirmed.

use super::{Asked, Granted, Refusal, pkce};
use crate::demo_org::tickets::Found;

pub(super) fn grant(asked: &Asked<'_>) -> Result<Granted, Refusal> {
    let app = asked.client(|app| app.secret_for_web_server)?;
    let code = asked.required("code", "missing required parameter: code")?;
    let redirect_uri = asked.param("redirect_uri");
    let redirect_uri =
        redirect_uri.ok_or(Refusal::new("redirect_uri_missing", "redirect_uri not provided"))?;
    let invalid = Refusal::grant("invalid authorization code");
    let found = asked.world.authorizations.codes.take(code);
    let code = match found {
        Found::Good(code) => code,
        Found::Spent(_) => return Err(Refusal::grant("expired authorization code")),
        Found::Unknown => return Err(invalid),
    };
    let pending = &code.pending;
    if pending.org != asked.call.door.org() || pending.consumer_key != app.consumer_key {
        return Err(invalid);
    }
    if pending.redirect_uri != redirect_uri {
        return Err(Refusal::new("redirect_uri_mismatch", "redirect_uri must match configuration"));
    }
    let user_id = code.user_id;
    if let Err(refusal) = pkce::verify(pending.challenge.as_deref(), asked.param("code_verifier")) {
        return asked.fail(&user_id, app, "Failed: Invalid Code Verifier", refusal);
    }
    let user = asked.org().user_of_id(&user_id).ok_or(invalid)?;
    asked.admit(user, &user_id, app)?;
    Ok(Granted::by_person(user_id, app, pending.scopes.clone(), pending.nonce.clone()))
}
