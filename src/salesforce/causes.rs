//! The table of likely causes: an error, what is known of the profile, and what that most likely means.
//!
//! The first few causes that people meet; the order is the ranking, first match first. Source of codes and
//! descriptions: Salesforce Help, OAuth 2.0 Authorization Errors; REST API and SOAP API Developer Guides; issues of
//! public clients. Causes, fixes and ranking are this program's own judgement.

use super::Context;
use crate::config::{Environment, Flow};

pub(super) struct Row {
    pub(super) id: &'static str,
    pub(super) code: &'static str,
    /// Lower-cased part of the description; empty for any.
    pub(super) says: &'static str,
    pub(super) when: fn(&Context<'_>) -> bool,
    pub(super) cause: &'static str,
    pub(super) fix: &'static str,
}

/// `{user}`, `{host}`, `{callback}` and `{audience}` stand for what the profile has, or would send.
pub(super) const TABLE: &[Row] = &[
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
        id: "user-or-approval",
        code: "invalid_grant",
        says: "authentication failure",
        when: is_assertion,
        cause: "{user} is no active user of the org behind {host}, or may not use the app",
        fix: "check the username (not the e-mail address) and the host; the user's Login History (Setup) tells which",
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
        id: "expired-code",
        code: "invalid_grant",
        says: "expired authorization code",
        when: |c| !is_assertion(c),
        cause: "the code is too old, or has been used already: each is good once, for some minutes",
        fix: "log in again for a new code",
    },
    Row {
        id: "damaged-code",
        code: "invalid_grant",
        says: "invalid authorization code",
        when: any,
        cause: "the code was cut, is still percent-encoded (%3D), or belongs to another app or host",
        fix: "log in again, and copy the whole address that the browser ends at",
    },
    Row {
        id: "other-verifier",
        code: "invalid_grant",
        says: "code verifier",
        when: any,
        cause: "the code belongs to another login than the one whose proof (PKCE) was sent",
        fix: "log in again, and use the newest window only",
    },
    Row {
        id: "pkce-required",
        code: "invalid_request",
        says: "code challenge",
        when: any,
        cause: "the app or the org asks for PKCE, and the profile has it off",
        fix: "set pkce = true in the profile",
    },
    Row {
        id: "refresh-token-dead",
        code: "invalid_grant",
        says: "expired access/refresh token",
        when: any,
        cause: "the refresh token was revoked, replaced by a newer one, or is older than the app's policy lets it be",
        fix: "log in again; a refreshed sandbox and a changed password end refresh tokens too",
    },
    Row {
        id: "refresh-token-dead",
        code: "invalid_grant",
        says: "inactive token",
        when: any,
        cause: "the token was revoked or has ended",
        fix: "log in again",
    },
    Row {
        id: "refresh-at-once",
        code: "invalid_grant",
        says: "token request is already being processed",
        when: any,
        cause: "another program uses the same refresh token at this moment",
        fix: "try again in a second or two; let one program refresh a token",
    },
    Row {
        id: "audience",
        code: "invalid_grant",
        says: "audience",
        when: any,
        cause: "the assertion is for {audience}, which the org behind {host} does not take",
        fix: "set jwt.audience: https://login.salesforce.com for production, https://test.salesforce.com for a sandbox, the site's URL for a site",
    },
    Row {
        id: "assertion-signature",
        code: "invalid_grant",
        says: "invalid assertion",
        when: any,
        cause: "the assertion's signature does not fit the certificate that the app has",
        fix: "upload the certificate of this private key to the app, or use the key of its certificate",
    },
    Row {
        id: "assertion-expired",
        code: "invalid_grant",
        says: "expired",
        when: is_assertion,
        cause: "the assertion's time is over before it arrives: this computer's clock is wrong",
        fix: "set the clock; Salesforce allows three minutes",
    },
    Row {
        id: "device-code-expired",
        code: "invalid_grant",
        says: "",
        when: |c| c.at_token_endpoint && c.profile.flow == Flow::Device,
        cause: "the code has expired, or was used already",
        fix: "get a token again: there will be a new code",
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
        id: "callback-not-registered",
        code: "redirect_uri_mismatch",
        says: "",
        when: any,
        cause: "the app does not have the callback URL {callback}",
        fix: "register exactly {callback} with the app: http or https, port, path, case and a slash at the end all count; a change takes up to 10 minutes",
    },
    Row {
        id: "login-denied",
        code: "access_denied",
        says: "",
        when: any,
        cause: "the person said no, or the org does not let this user use the app",
        fix: "log in again and allow the access, or let an administrator check the app's policies",
    },
    Row {
        id: "flow-off",
        code: "unsupported_response_type",
        says: "",
        when: any,
        cause: "the org or the app has this flow switched off, or {host} does not serve it",
        fix: "allow the flow in Setup, OAuth and OpenID Connect Settings, and in the app",
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
        id: "app-not-installed",
        code: "invalid_client",
        says: "must be installed",
        when: any,
        cause: "the app is not installed in this org, and users may not approve such apps by themselves",
        fix: "let an administrator install it (Setup, Connected Apps OAuth Usage), or grant Approve Uninstalled Connected Apps",
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
        id: "app-access",
        code: "OAUTH_APP_ACCESS_DENIED",
        says: "",
        when: any,
        cause: "the app admits only users that an administrator approved, and this one is not",
        fix: "assign the app to the user's profile or a permission set",
    },
    Row {
        id: "approval-error",
        code: "OAUTH_APPROVAL_ERROR_GENERIC",
        says: "",
        when: any,
        cause: "the org did not approve the app; most often it is not installed, or the user may not use it",
        fix: "the page's address holds the real error: look for error= in it; an administrator can install the app (Setup, Connected Apps OAuth Usage)",
    },
    Row {
        id: "app-blocked",
        code: "app_blocked",
        says: "",
        when: any,
        cause: "an administrator has blocked the app",
        fix: "unblock it in Setup, Connected Apps OAuth Usage",
    },
    Row {
        id: "app-blocked",
        code: "OAUTH_APP_BLOCKED",
        says: "",
        when: any,
        cause: "an administrator has blocked the app",
        fix: "unblock it in Setup, Connected Apps OAuth Usage",
    },
    Row {
        id: "app-blocked",
        code: "OAUTH_AUTHORIZATION_BLOCKED",
        says: "",
        when: any,
        cause: "a policy of the org forbids the app, the user or the flow",
        fix: "check the app's policies and API Access Control in Setup",
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
        id: "needs-security-token",
        code: "LOGIN_MUST_USE_SECURITY_TOKEN",
        says: "",
        when: any,
        cause: "the password is right, but the security token is missing or old, and the org does not trust this address",
        fix: "set security_token (Salesforce: Settings, Reset My Security Token, sent by e-mail)",
    },
    Row {
        id: "wrong-credentials",
        code: "INVALID_LOGIN",
        says: "",
        when: any,
        cause: "username, password or security token is wrong, the user is locked out, or {host} is the wrong host",
        fix: "the user's Login History (Setup) tells which; a sandbox's user logs in at test.salesforce.com",
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

fn any(_: &Context<'_>) -> bool {
    true
}

fn is_password(context: &Context<'_>) -> bool {
    context.at_token_endpoint && context.profile.flow == Flow::Password
}

fn is_assertion(context: &Context<'_>) -> bool {
    context.at_token_endpoint && matches!(context.profile.flow, Flow::JwtBearer | Flow::SamlBearer)
}

fn is_sandbox(context: &Context<'_>) -> bool {
    matches!(context.profile.environment, Environment::Sandbox | Environment::Scratch)
}

fn lacks_security_token(context: &Context<'_>) -> bool {
    let profile = context.profile;
    profile.security_token.is_none() && !profile.security_token_in_password && !profile.trusted_ip
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
