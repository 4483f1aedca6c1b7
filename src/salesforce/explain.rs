//! What an error code most likely means here, and what to do: one table, first match first.
//!
//! The first few causes that people meet; the order is the ranking. Source of codes and descriptions: Salesforce Help,
//! OAuth 2.0 Authorization Errors; REST API Developer Guide, status codes; issues of public clients. Causes, fixes and
//! ranking are this program's own judgement.

use crate::config::{Environment, Flow, Profile, host_and_port};

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

struct Row {
    id: &'static str,
    code: &'static str,
    /// Lower-cased part of the description; empty for any.
    says: &'static str,
    when: fn(&Context<'_>) -> bool,
    cause: &'static str,
    fix: &'static str,
}

/// `{user}` and `{host}` stand for the profile's username and login host.
const TABLE: &[Row] = &[
    Row {
        id: "sandbox-user-on-production-host",
        code: "invalid_grant",
        says: "authentication failure",
        when: |c| is_password(c) && c.profile.environment == Environment::Production && has_sandbox_suffix(c),
        cause: "the username {user} ends as a sandbox's usernames do, but {host} is a production login host",
        fix: "set environment = \"sandbox\" (login host test.salesforce.com), or use the sandbox's My Domain",
    },
    Row {
        id: "no-security-token",
        code: "invalid_grant",
        says: "authentication failure",
        when: |c| is_password(c) && lacks_security_token(c),
        cause: "no security token was sent, and this computer's address may not be one that the org trusts",
        fix: "set security_token (Salesforce: Settings, Reset My Security Token, sent by e-mail), or trusted_ip = true where the org trusts this address",
    },
    Row {
        id: "production-user-on-sandbox-host",
        code: "invalid_grant",
        says: "authentication failure",
        when: |c| is_password(c) && is_sandbox(c) && !has_sandbox_suffix(c),
        cause: "{host} logs in to sandboxes only, and {user} has no sandbox's ending",
        fix: "for a production user set environment = \"production\"; for a sandbox user add the sandbox's ending to the username",
    },
    Row {
        id: "wrong-credentials",
        code: "invalid_grant",
        says: "authentication failure",
        when: is_password,
        cause: "username, password or security token is wrong, the user is locked out, or the org blocks the username-password flow: Salesforce says the same for each",
        fix: "the user's Login History (Setup) tells which; check the password, reset the security token, and see that Setup, OAuth and OpenID Connect Settings allows the flow",
    },
    Row {
        id: "user-inactive",
        code: "invalid_grant",
        says: "inactive user",
        when: any,
        cause: "the user is inactive or frozen",
        fix: "activate the user in Setup, Users; sandbox copies deactivate users",
    },
    Row {
        id: "user-inactive",
        code: "inactive_user",
        says: "",
        when: any,
        cause: "the user is inactive or frozen",
        fix: "activate the user in Setup, Users; sandbox copies deactivate users",
    },
    Row {
        id: "user-locked",
        code: "invalid_grant",
        says: "locked",
        when: any,
        cause: "the user is locked out after too many wrong passwords",
        fix: "wait, or let an administrator unlock the user in Setup, Users",
    },
    Row {
        id: "ip-restricted",
        code: "invalid_grant",
        says: "ip restricted",
        when: any,
        cause: "this computer's address, or this hour, is outside what the user's profile or the app allows",
        fix: "use the company's network or VPN, widen the profile's Login IP Ranges, or relax IP restrictions in the app's policies",
    },
    Row {
        id: "no-run-as-user",
        code: "invalid_grant",
        says: "no client credentials user enabled",
        when: any,
        cause: "the app has no Run-As user for the client credentials flow",
        fix: "in the app's policies, under Client Credentials Flow, set Run As to an active user's username (not the e-mail address)",
    },
    Row {
        id: "client-credentials-off",
        code: "invalid_grant",
        says: "client credentials flow not enabled",
        when: any,
        cause: "the client credentials flow is not enabled for the app",
        fix: "enable it in the app's settings and its policies; a change takes up to 10 minutes",
    },
    Row {
        id: "needs-my-domain",
        code: "invalid_grant",
        says: "request not supported on this domain",
        when: any,
        cause: "{host} does not serve this flow",
        fix: "set login_url to the org's My Domain, https://….my.salesforce.com",
    },
    Row {
        id: "user-not-approved",
        code: "invalid_grant",
        says: "user hasn't approved this consumer",
        when: any,
        cause: "the user has not been approved for this app",
        fix: "pre-authorize the user's profile or permission set in the app's policies, or log in once by browser",
    },
    Row {
        id: "unknown-consumer-key",
        code: "invalid_client_id",
        says: "",
        when: any,
        cause: "the org behind {host} does not know this consumer key",
        fix: "copy the consumer key again; check that the app is in this org; a new app takes up to 10 minutes",
    },
    Row {
        id: "wrong-consumer-secret",
        code: "invalid_client",
        says: "",
        when: any,
        cause: "the consumer secret is wrong or was rotated",
        fix: "copy it again from the app's consumer details, whole and without blanks",
    },
    Row {
        id: "scope",
        code: "invalid_scope",
        says: "",
        when: any,
        cause: "a scope that was asked for is unknown or not assigned to the app",
        fix: "correct `scopes` in the profile, or select the scope in the app's OAuth settings",
    },
    Row {
        id: "app-access",
        code: "invalid_app_access",
        says: "",
        when: any,
        cause: "the app admits only users that an administrator approved, and this one is not",
        fix: "assign the app to the user's profile or a permission set",
    },
    Row {
        id: "flow-disabled",
        code: "oauth_flow_disabled",
        says: "",
        when: any,
        cause: "the org or the app has this flow switched off",
        fix: "allow it in Setup, OAuth and OpenID Connect Settings, or use another flow",
    },
    Row {
        id: "grant-type",
        code: "unsupported_grant_type",
        says: "",
        when: any,
        cause: "the host does not offer this flow, or is no login host",
        fix: "check login_url: https, and a login or My Domain host",
    },
    Row {
        id: "login-rate",
        code: "rate_limit_exceeded",
        says: "",
        when: any,
        cause: "too many logins of this user",
        fix: "wait some minutes; keep a token instead of getting one for each call",
    },
    Row {
        id: "session-not-for-api",
        code: "INVALID_SESSION_ID",
        says: "not valid for use with",
        when: any,
        cause: "the token was not made for the REST API: the scope `api` is missing, or it is a browser session",
        fix: "get a token whose scopes contain `api`",
    },
    Row {
        id: "session-expired",
        code: "INVALID_SESSION_ID",
        says: "",
        when: any,
        cause: "the token has expired, was revoked, is damaged, or belongs to another org",
        fix: "get a new token and send again",
    },
    Row {
        id: "wrong-host",
        code: "URL_NOT_RESET",
        says: "",
        when: any,
        cause: "the call went to a login host instead of the org's instance URL",
        fix: "use the instance_url of the token",
    },
    Row {
        id: "api-disabled",
        code: "API_DISABLED_FOR_ORG",
        says: "",
        when: any,
        cause: "the user lacks the permission API Enabled, or the org's edition has no API",
        fix: "grant API Enabled by profile or permission set",
    },
    Row {
        id: "insufficient-access",
        code: "INSUFFICIENT_ACCESS",
        says: "",
        when: any,
        cause: "the user lacks a permission on the object, the record or a field",
        fix: "check object permissions, sharing and field-level security of the user",
    },
    Row {
        id: "call-limit",
        code: "REQUEST_LIMIT_EXCEEDED",
        says: "",
        when: any,
        cause: "the org's API calls of the last 24 hours are used up, or too many long calls run at once",
        fix: "wait, or send fewer calls; the request `limits` shows what is left",
    },
    Row {
        id: "not-found",
        code: "NOT_FOUND",
        says: "",
        when: any,
        cause: "the path, the API version or the object's name is wrong, or the user cannot see the record",
        fix: "check the path and the version against /services/data, and the object's API name (`__c`, namespace)",
    },
];

/// The likely causes of an error, the likeliest first; empty where the table does not know it.
pub fn explain(code: &str, description: &str, context: Context<'_>) -> Vec<Hint> {
    let description = description.to_lowercase();
    let fits = |row: &&Row| row.code == code && description.contains(row.says) && (row.when)(&context);
    let filled = |text: &str| {
        text.replace("{user}", context.profile.username.as_deref().unwrap_or("?"))
            .replace("{host}", &host(&context))
    };
    TABLE
        .iter()
        .filter(fits)
        .map(|row| Hint { id: row.id, cause: filled(row.cause), fix: filled(row.fix) })
        .collect()
}

fn any(_: &Context<'_>) -> bool {
    true
}

fn is_password(context: &Context<'_>) -> bool {
    context.at_token_endpoint && context.profile.flow == Flow::Password
}

fn is_sandbox(context: &Context<'_>) -> bool {
    matches!(context.profile.environment, Environment::Sandbox | Environment::Scratch)
}

fn lacks_security_token(context: &Context<'_>) -> bool {
    let profile = context.profile;
    profile.security_token.is_none() && !profile.security_token_in_password && !profile.trusted_ip
}

fn host(context: &Context<'_>) -> String {
    context.profile.login_url.as_ref().map_or_else(|| "the login host".to_owned(), host_and_port)
}

/// `ada@acme.com.uat`: something follows the top-level domain. Not the generated users of scratch orgs, and not
/// country codes (`.com.au`).
///
/// This program's own judgement: no published source gives such a rule.
fn has_sandbox_suffix(context: &Context<'_>) -> bool {
    let Some((name, domain)) = context.profile.username.as_deref().and_then(|u| u.rsplit_once('@')) else {
        return false;
    };
    if name.starts_with("test-") && domain == "example.com" {
        return false;
    }
    let mut labels = domain.rsplit('.');
    let (Some(last), Some(before)) = (labels.next(), labels.next()) else { return false };
    let top_level = ["com", "org", "net", "edu", "gov", "io", "co", "info", "biz", "example"];
    labels.next().is_some() && top_level.contains(&before) && last.len() > 2 && !top_level.contains(&last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salesforce::tests::profile;

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
