//! What the two bearer assertions have in common: whom they are for, and how long they are good.

use crate::{
    config::{Environment, Profile},
    salesforce::host,
};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long an assertion is good. Salesforce takes three minutes at most; a clock may be half a minute off.
///
/// Source: Salesforce Help, OAuth 2.0 JWT bearer flow.
const GOOD_FOR: Duration = Duration::from_secs(150);

/// Whom an assertion is for: what the profile says, else the site, or the generic login host of the org's kind: a My
/// Domain is not among the documented ones.
///
/// Source: Salesforce Help, OAuth 2.0 JWT bearer flow; sfdx-core (sandboxes by their hosts).
pub fn audience(profile: &Profile) -> String {
    if let Some(own) = &profile.jwt.audience {
        return own.clone();
    }
    let site = profile
        .login_url
        .as_ref()
        .filter(|login| profile.environment == Environment::Site || host::is_site(login));
    match site {
        Some(site) => super::shown(site),
        None if is_for_tests(profile) => "https://test.salesforce.com".into(),
        None => "https://login.salesforce.com".into(),
    }
}

/// Whether the org is a sandbox or a scratch org, by the profile's word or its host's.
fn is_for_tests(profile: &Profile) -> bool {
    let host = profile.login_url.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
    let mut labels = host.split('.');
    let (first, second) = (labels.next().unwrap_or_default(), labels.next().unwrap_or_default());
    matches!(profile.environment, Environment::Sandbox | Environment::Scratch)
        || host == "test.salesforce.com"
        || first.contains("--")
        || matches!(second, "sandbox" | "scratch")
}

/// When an assertion that is made now ends.
pub(super) fn end(now: SystemTime) -> SystemTime {
    now + GOOD_FOR
}

/// Seconds since 1970.
pub(super) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Flow, salesforce::tests::profile};

    #[test]
    fn the_audience_is_the_kind_of_org_s() {
        let (login, test) = ("https://login.salesforce.com", "https://test.salesforce.com");
        use Environment::*;
        for (environment, host, expected) in [
            (Production, login, login),
            (Developer, "https://ada-dev-ed.develop.my.salesforce.com", login),
            (Custom, "https://acme.my.salesforce.com", login),
            (Sandbox, test, test),
            (Sandbox, "https://uat.acme.example", test),
            (Scratch, "https://fun-otter.scratch.my.salesforce.com", test),
            (Custom, "https://fun-otter.scratch.my.salesforce.com", test),
            (Custom, "https://acme--uat.sandbox.my.salesforce.com", test),
            (Custom, "https://acme--uat.my.salesforce.com", test),
            (Site, "https://shop.acme.example/de/", "https://shop.acme.example/de"),
            (
                Custom,
                "https://acme--uat.sandbox.my.site.com/shop",
                "https://acme--uat.sandbox.my.site.com/shop",
            ),
        ] {
            let mut profile = profile(Flow::JwtBearer);
            (profile.environment, profile.login_url) = (environment, Some(host.parse().unwrap()));
            assert_eq!(audience(&profile), expected, "{environment:?} {host}");
            profile.jwt.audience = Some("https://gs1.salesforce.com".into());
            assert_eq!(audience(&profile), "https://gs1.salesforce.com");
        }
    }
}
