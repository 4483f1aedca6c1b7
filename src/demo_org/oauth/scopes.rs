//! Scopes: their names, what the approval page calls them, and which of them an app may be given.
//!
//! Source: Salesforce Help, OAuth Tokens and Scopes; names from live discovery documents.

use super::Refusal;
use crate::demo_org::orgs::AppSpec;

/// Every scope with the words of the approval page.
pub(in crate::demo_org) const SCOPES: &[(&str, &str)] = &[
    ("api", "Manage user data via APIs"),
    ("web", "Manage user data via Web browsers"),
    ("full", "Full access"),
    ("refresh_token", "Perform requests at any time"),
    ("offline_access", "Perform requests at any time"),
    ("openid", "Access unique user identifiers"),
    ("id", "Access the identity URL service"),
    ("profile", "Access your basic information"),
    ("email", "Access your email address"),
    ("address", "Access your address"),
    ("phone", "Access your phone number"),
    ("chatter_api", "Access Connect REST API resources"),
    ("visualforce", "Access Visualforce applications"),
    ("lightning", "Access Lightning applications"),
    ("content", "Access content resources"),
    ("custom_permissions", "Access custom permissions"),
    ("wave_api", "Access Analytics REST API resources"),
    ("eclair_api", "Access Analytics REST API Charts Geodata resources"),
    ("pardot_api", "Manage Pardot services"),
    ("cdp_api", "Access all Data Cloud API resources"),
    ("cdp_query_api", "Perform ANSI SQL queries on Data Cloud data"),
    ("cdp_ingest_api", "Manage Data Cloud Ingestion API data"),
    ("cdp_profile_api", "Manage Data Cloud profile data"),
    ("interaction_api", "Access Interaction API resources"),
    ("chatbot_api", "Access chatbot services"),
    ("einstein_gpt_api", "Access Einstein GPT services"),
    ("sfap_api", "Access the Salesforce API Platform"),
    ("mcp_api", "Access Salesforce hosted MCP servers"),
    ("forgot_password", "Access Headless Forgot Password API"),
    ("user_registration_api", "Access Headless Registration API"),
    ("pwdless_login_api", "Access Headless Passwordless Login API"),
];

/// Scopes that bring others along.
const INCLUDES: &[(&str, &[&str])] = &[
    ("api", &["chatter_api"]),
    ("web", &["visualforce"]),
    ("id", &["profile", "email", "address", "phone"]),
];

/// What the approval page calls a scope.
pub(in crate::demo_org) fn label(scope: &str) -> &str {
    SCOPES.iter().find(|(name, _)| *name == scope).map_or(scope, |(_, label)| label)
}

/// Whether it gives a refresh token: both names do, `full` does not.
pub(in crate::demo_org) fn is_refresh(scope: &str) -> bool {
    matches!(scope, "refresh_token" | "offline_access")
}

/// The scopes that a request gets: those it names, if the app has them all, else all that the app has.
pub(super) fn granted(app: &AppSpec, asked: Option<&str>) -> Result<Vec<String>, Refusal> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in asked.unwrap_or_default().split_whitespace() {
        if !has(app, scope) {
            return Err(Refusal::new("invalid_scope", "the requested scope is not allowed"));
        }
        if !scopes.iter().any(|one| one == scope) {
            scopes.push(scope.to_owned());
        }
    }
    Ok(if scopes.is_empty() { app.scopes.clone() } else { scopes })
}

fn has(app: &AppSpec, wanted: &str) -> bool {
    let is_known = SCOPES.iter().any(|(name, _)| *name == wanted);
    is_known
        && app.scopes.iter().any(|scope| {
            let brings = INCLUDES.iter().any(|(name, with)| name == scope && with.contains(&wanted));
            scope == wanted
                || brings
                || is_refresh(scope) && is_refresh(wanted)
                || scope == "full" && !is_refresh(wanted)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo_org::orgs::OrgSpec;

    fn app(scopes: &[&str]) -> AppSpec {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        AppSpec { scopes, ..OrgSpec::all().remove(0).apps.remove(0) }
    }

    #[test]
    fn a_request_gets_what_the_app_has() {
        let some = app(&["api", "id", "refresh_token"]);
        assert_eq!(granted(&some, None).unwrap(), ["api", "id", "refresh_token"]);
        assert_eq!(granted(&some, Some("id  api id")).unwrap(), ["id", "api"]);
        assert_eq!(granted(&some, Some("email offline_access")).unwrap(), ["email", "offline_access"]);
        for wrong in ["web", "api,id", "full", "nothing"] {
            assert_eq!(granted(&some, Some(wrong)).unwrap_err().error, "invalid_scope", "{wrong}");
        }
    }

    #[test]
    fn full_is_all_but_a_refresh_token() {
        assert_eq!(granted(&app(&["full"]), Some("web api")).unwrap(), ["web", "api"]);
        assert!(granted(&app(&["full"]), Some("refresh_token")).is_err());
        assert!(granted(&app(&["full"]), Some("nothing")).is_err());
    }

    #[test]
    fn the_apps_of_the_file_have_scopes_that_there_are() {
        for app in OrgSpec::all().iter().flat_map(|org| &org.apps) {
            for scope in &app.scopes {
                assert_ne!(label(scope), scope, "{}: {scope}", app.name);
            }
        }
    }
}
