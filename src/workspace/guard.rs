//! What holds a write back: a read-only profile, and production, which asks first. The screen and the headless
//! subcommands ask the same question here, last before anything is sent.

use super::{Prepared, is_write};
use crate::{
    config::{Environment, Profile, Settings, is_production_host},
    salesforce::Session,
};

/// Whether a request may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Pass,
    /// It may not: it writes, and the profile is read-only.
    ReadOnly,
    /// A person must say so first.
    Confirm {
        /// What it would write to: `PRODUCTION`.
        word: &'static str,
        /// Why that is thought, where the profile says something else.
        why: Option<String>,
        /// Whether it is a production org.
        production: bool,
    },
}

/// Judges a request by its profile, its token and where it goes.
pub fn judge(
    profile: &Profile,
    settings: &Settings,
    session: Option<&Session>,
    request: &Prepared,
) -> Verdict {
    let url = &request.url;
    if !is_write(&request.method, url.path()) && !is_write_in_disguise(request) {
        return Verdict::Pass;
    }
    if profile.read_only {
        return Verdict::ReadOnly;
    }
    // A label can be wrong; a host that only production orgs have cannot.
    let host = is_production_host(url).then(|| url.host_str().unwrap_or_default());
    if is_production(profile, session) || host.is_some() {
        let asks = settings.confirm_writes.contains(&Environment::Production)
            || settings.confirm_writes.contains(&profile.environment);
        let says_so = profile.environment == Environment::Production;
        let why = host.filter(|_| !says_so).map(|host| {
            let label = profile.environment.name();
            format!("the profile says {label}, but {host} is the host of a production org")
        });
        return if asks {
            Verdict::Confirm { word: "PRODUCTION", why, production: true }
        } else {
            Verdict::Pass
        };
    }
    if settings.confirm_writes.contains(&profile.environment) {
        return Verdict::Confirm { word: profile.environment.word(), why: None, production: false };
    }
    Verdict::Pass
}

/// Whether a request that reads by its method names another one that writes, for servers that look there.
///
/// Source: the public Salesforce Platform APIs collection (`_HttpMethod`); the headers are what proxies know.
fn is_write_in_disguise(request: &Prepared) -> bool {
    const HEADERS: &[&str] = &["x-http-method-override", "x-http-method", "x-method-override"];
    let parameter = request.url.query_pairs().any(|(name, _)| name.eq_ignore_ascii_case("_HttpMethod"));
    parameter || HEADERS.iter().any(|name| request.headers.contains_key(*name))
}

/// Whether the org counts as production: by the profile, or by the host that its token is for.
pub fn is_production(profile: &Profile, session: Option<&Session>) -> bool {
    profile.is_production() || session.is_some_and(|session| is_production_host(&session.instance_url))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    fn verdict(profile: &str, method: &str, url: &str) -> Verdict {
        let config = config::parse(&format!("[profiles.p]\nflow = 'client_credentials'\n{profile}")).unwrap();
        let method = http::Method::from_bytes(method.as_bytes()).unwrap();
        let url = url.parse().unwrap();
        let request = Prepared { method, url, headers: http::HeaderMap::new(), body: bytes::Bytes::new() };
        judge(&config.profiles[0], &config.settings, None, &request)
    }

    const SANDBOX: &str =
        "environment = 'sandbox'\nlogin_url = 'https://acme--uat.sandbox.my.salesforce.com'\n";

    #[test]
    fn reading_passes_and_a_sandbox_may_be_written_to() {
        let url = "https://acme--uat.sandbox.my.salesforce.com/services/data/v66.0/sobjects/Account";
        assert_eq!(verdict(SANDBOX, "GET", url), Verdict::Pass);
        assert_eq!(verdict(SANDBOX, "POST", url), Verdict::Pass);
    }

    #[test]
    fn a_read_only_profile_writes_nothing() {
        let profile = format!("{SANDBOX}read_only = true\n");
        let url = "https://acme--uat.sandbox.my.salesforce.com/x";
        assert_eq!(verdict(&profile, "DELETE", url), Verdict::ReadOnly);
        assert_eq!(verdict(&profile, "GET", url), Verdict::Pass);
    }

    #[test]
    fn production_asks_and_so_does_apex_by_get() {
        let profile = "environment = 'production'\nlogin_url = 'https://acme.my.salesforce.com'\n";
        let apex =
            "https://acme.my.salesforce.com/services/data/v66.0/tooling/executeAnonymous?anonymousBody=x";
        let disguised =
            "https://acme.my.salesforce.com/services/data/v66.0/sobjects/Account/001?_HttpMethod=PATCH";
        for (method, url) in [("POST", "https://acme.my.salesforce.com/x"), ("GET", apex), ("GET", disguised)]
        {
            let asks = Verdict::Confirm { word: "PRODUCTION", why: None, production: true };
            assert_eq!(verdict(profile, method, url), asks);
        }
    }

    #[test]
    fn a_wrong_label_does_not_open_production() {
        let verdict = verdict(SANDBOX, "DELETE", "https://acme.my.salesforce.com/services/data/v66.0/x");
        let Verdict::Confirm { why: Some(why), production: true, .. } = verdict else {
            panic!("{verdict:?}")
        };
        assert!(why.contains("says sandbox") && why.contains("acme.my.salesforce.com"), "{why}");
    }
}
