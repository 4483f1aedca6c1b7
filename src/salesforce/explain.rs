//! What an error code most likely means here, and what to do. The causes themselves are the table in `causes`.

use super::{
    causes::{Row, TABLE},
    oauth,
};
use crate::config::{Profile, host_and_port};

/// A likely cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Its name, stable for scripts.
    pub id: &'static str,
    /// What is most likely wrong.
    pub cause: String,
    /// What to do about it.
    pub fix: String,
}

/// What is known beside the error.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The profile in use.
    pub profile: &'a Profile,
    /// Whether it was the token endpoint that answered.
    pub at_token_endpoint: bool,
}

/// The likely causes of an error, the likeliest first; empty where the table does not know it.
pub fn explain(code: &str, description: &str, context: Context<'_>) -> Vec<Hint> {
    let description = description.to_lowercase();
    let fits = |row: &&Row| row.code == code && description.contains(row.says) && (row.when)(&context);
    let filled = |text: &str| {
        text.replace("{user}", context.profile.username.as_deref().unwrap_or("?"))
            .replace("{host}", &host(&context))
            .replace("{callback}", &context.profile.callback())
            .replace("{audience}", &oauth::audience(context.profile))
    };
    TABLE
        .iter()
        .filter(fits)
        .map(|row| Hint { id: row.id, cause: filled(row.cause), fix: filled(row.fix) })
        .collect()
}

fn host(context: &Context<'_>) -> String {
    context.profile.login_url.as_ref().map_or_else(|| "the login host".to_owned(), host_and_port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{Environment, Flow},
        salesforce::tests::profile,
    };

    fn first(username: &str, environment: Environment, change: impl FnOnce(&mut Profile)) -> &'static str {
        let mut profile = profile(Flow::Password);
        profile.username = Some(username.to_owned());
        profile.environment = environment;
        change(&mut profile);
        let context = Context { profile: &profile, at_token_endpoint: true };
        explain("invalid_grant", "Authentication failure", context)[0].id
    }

    #[test]
    fn what_is_known_of_the_profile_ranks_the_causes() {
        let (login, test) = (Environment::Production, Environment::Sandbox);
        assert_eq!(first("ada@acme.com.uat", login, |_| {}), "sandbox-user-on-production-host");
        assert_eq!(first("ada@acme.com.au", login, |_| {}), "no-security-token");
        assert_eq!(first("test-1@example.com", login, |p| p.trusted_ip = true), "wrong-credentials");
        assert_eq!(first("ada@acme.com", test, |p| p.trusted_ip = true), "production-user-on-sandbox-host");
    }

    #[test]
    fn what_a_login_in_a_browser_and_an_assertion_meet_is_known() {
        let first = |flow: Flow, code: &str, says: &str| {
            let profile = profile(flow);
            let context = Context { profile: &profile, at_token_endpoint: true };
            let hint = explain(code, says, context).into_iter().next().unwrap();
            (hint.id, format!("{}: {}", hint.cause, hint.fix))
        };
        let (web, jwt) = (Flow::AuthorizationCode, Flow::JwtBearer);
        let (id, text) = first(web, "redirect_uri_mismatch", "redirect_uri must match configuration");
        assert_eq!(id, "callback-not-registered");
        assert!(text.contains("register exactly http://localhost:1717/OauthRedirect with the app"), "{text}");
        let (id, text) = first(jwt, "invalid_grant", "audience is invalid");
        assert_eq!(id, "audience");
        assert!(text.contains("for https://login.salesforce.com, which"), "{text}");
        for (flow, code, says, id) in [
            (web, "invalid_grant", "expired authorization code", "expired-code"),
            (web, "invalid_grant", "invalid authorization code", "damaged-code"),
            (web, "invalid_grant", "invalid code verifier", "other-verifier"),
            (web, "invalid_request", "missing required code challenge", "pkce-required"),
            (web, "invalid_client", "app must be installed into org", "app-not-installed"),
            (web, "invalid_client", "invalid client credentials", "wrong-consumer-secret"),
            (web, "OAUTH_APPROVAL_ERROR_GENERIC", "", "approval-error"),
            (web, "access_denied", "end-user denied authorization", "login-denied"),
            (web, "invalid_grant", "expired access/refresh token", "refresh-token-dead"),
            (jwt, "invalid_grant", "expired authorization code", "assertion-expired"),
            (jwt, "invalid_grant", "invalid assertion", "assertion-signature"),
            (jwt, "invalid_grant", "user hasn't approved this consumer", "user-not-approved"),
            (jwt, "invalid_grant", "authentication failure", "user-or-approval"),
            (Flow::Device, "invalid_grant", "x", "device-code-expired"),
            (Flow::Device, "unsupported_response_type", "", "flow-off"),
            (Flow::SoapLogin, "INVALID_LOGIN", "Invalid username", "wrong-credentials"),
        ] {
            assert_eq!(first(flow, code, says).0, id, "{code} {says}");
        }
    }

    #[test]
    fn every_row_fills_its_words() {
        let profile = profile(Flow::Password);
        let context = Context { profile: &profile, at_token_endpoint: true };
        for row in TABLE {
            for hint in explain(row.code, row.says, context) {
                assert!(!format!("{}{}", hint.cause, hint.fix).contains(['{', '}']), "{hint:?}");
            }
        }
    }

    #[test]
    fn an_unknown_code_has_no_hint() {
        let profile = profile(Flow::Password);
        assert!(explain("WHAT", "", Context { profile: &profile, at_token_endpoint: false }).is_empty());
    }
}
