//! Client credentials: only a My Domain serves them, and they act as the app's run-as user.
//!
//! Source: the public Salesforce Platform APIs collection.

use super::{Asked, Granted, Refusal, trouble_with};

pub(super) fn grant(asked: &Asked<'_>) -> Result<Granted, Refusal> {
    if asked.call.door.is_generic() {
        return Err(Refusal::new("invalid_grant", "request not supported on this domain"));
    }
    let app = asked.app()?;
    if !app.allows("client_credentials") {
        return Err(Refusal::new("invalid_grant", "client credentials flow not enabled"));
    }
    let run_as = app.run_as.as_deref().and_then(|username| asked.org().user(username));
    let (user, user_id) =
        run_as.ok_or(Refusal::new("invalid_grant", "no client credentials user enabled"))?;
    if let Some((refusal, status)) = trouble_with(user) {
        asked.record(&user_id, status, "Remote Access 2.0", &app.name);
        return Err(refusal);
    }
    asked.record(&user_id, "Success", "Remote Access 2.0", &app.name);
    Ok(Granted { user_id, app: app.clone() })
}
