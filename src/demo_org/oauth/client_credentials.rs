//! Client credentials: only a My Domain serves them, and they act as the app's run-as user.
//!
//! Source: the public Salesforce Platform APIs collection; simple-salesforce, pull request 662 (the scopes).

use super::{Asked, Granted, Refusal};

/// Scopes that this flow never gives.
const WITHHELD: [&str; 4] = ["full", "web", "refresh_token", "offline_access"];

pub(super) fn grant(asked: &Asked<'_>) -> Result<Granted, Refusal> {
    if asked.call.door.is_generic() {
        return Err(Refusal::grant("request not supported on this domain"));
    }
    let app = asked.app()?;
    if !app.allows("client_credentials") {
        return Err(Refusal::grant("client credentials flow not enabled"));
    }
    let run_as = app.run_as.as_deref().and_then(|username| asked.org().user(username));
    let (user, user_id) = run_as.ok_or(Refusal::grant("no client credentials user enabled"))?;
    asked.admit(user, &user_id, app)?;
    let scopes = app.scopes.iter().filter(|scope| !WITHHELD.contains(&scope.as_str())).cloned().collect();
    Ok(Granted::without_person(user_id, app, scopes))
}
