//! What holds a write back: a read-only profile, and production, which asks first. The screen and the headless
//! subcommands ask the same question here, last before anything is sent.

use super::{Prepared, is_write};
use crate::{
    config::{Environment, Profile, Settings, is_production_host},
    salesforce::{OrgFacts, OrgKind, OrgReading, Session},
};
use url::Url;

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
    // A label can be wrong; a host that only production orgs have cannot, unless the org there has said otherwise.
    let asked = session
        .is_some_and(|session| tells(session, url).is_some_and(|facts| facts.kind != OrgKind::Production));
    let host = (is_production_host(url) && !asked).then(|| url.host_str().unwrap_or_default());
    if is_production(profile, session) || host.is_some() {
        let asks = settings.confirm_writes.contains(&Environment::Production)
            || settings.confirm_writes.contains(&profile.environment);
        return if asks {
            Verdict::Confirm { word: "PRODUCTION", why: why(profile, session, host), production: true }
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

/// What the org at that address has said of itself, if the token is for it.
fn tells<'a>(session: &'a Session, url: &Url) -> Option<&'a OrgFacts> {
    session.org.facts().filter(|_| url.origin() == session.instance_url.origin())
}

/// Why something is held to be production that the profile calls otherwise.
fn why(profile: &Profile, session: Option<&Session>, host: Option<&str>) -> Option<String> {
    if profile.environment == Environment::Production {
        return None;
    }
    let label = profile.environment.name();
    match (session.map(|session| &session.org), host) {
        (Some(OrgReading::Read(facts)), _) if facts.kind == OrgKind::Production => {
            Some(format!("the profile says {label}, but the org says that it is production"))
        }
        (Some(OrgReading::Unreadable(why)), _) => {
            Some(format!("the org did not say what it is, so it is held to be production: {why}"))
        }
        (_, Some(host)) => {
            Some(format!("the profile says {label}, but {host} is the host of a production org"))
        }
        _ => None,
    }
}

/// Whether the org counts as production. A profile that says so is believed; else the org's own word counts, and one
/// that was asked and did not tell is production. Where nobody has asked yet: by the profile's host, or by the host
/// that its token is for.
pub fn is_production(profile: &Profile, session: Option<&Session>) -> bool {
    let said = session.map(|session| (&session.org, &session.instance_url));
    match said {
        Some((OrgReading::Unreadable(_), _)) => true,
        Some((OrgReading::Read(facts), _)) => {
            profile.environment == Environment::Production || facts.kind == OrgKind::Production
        }
        Some((OrgReading::NotAsked, instance)) => profile.is_production() || is_production_host(instance),
        None => profile.is_production(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config,
        salesforce::{OrgId, UserId, tests::session},
    };

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

    fn facts(kind: OrgKind) -> OrgFacts {
        OrgFacts {
            org_id: OrgId("00D58000000arpqEAA".into()),
            name: "Acme".into(),
            edition: "Enterprise Edition".into(),
            kind,
            instance: None,
            instance_url: "https://acme.my.salesforce.com".parse().unwrap(),
            user_id: UserId("0055800000AdaLoAAV".into()),
            username: "ada@acme.com".into(),
        }
    }

    #[test]
    fn what_the_org_says_outweighs_hosts_and_labels_but_not_a_profile_that_says_production() {
        let profile = |environment: &str| {
            let text = format!(
                "[profiles.p]\nflow = 'password'\nenvironment = '{environment}'\nlogin_url = 'https://acme.my.salesforce.com'"
            );
            config::parse(&text).unwrap().profiles[0].clone()
        };
        let read = |kind| OrgReading::Read(facts(kind));
        let unreadable = OrgReading::Unreadable("API_DISABLED_FOR_ORG".into());
        for (environment, org, expected) in [
            ("sandbox", OrgReading::NotAsked, true),
            ("sandbox", read(OrgKind::Production), true),
            ("sandbox", read(OrgKind::Sandbox), false),
            ("custom", read(OrgKind::Developer), false),
            ("developer", read(OrgKind::Trial), false),
            ("production", read(OrgKind::Sandbox), true),
            ("sandbox", unreadable, true),
        ] {
            let session = Session { org, ..session("https://acme.my.salesforce.com") };
            let profile = profile(environment);
            assert_eq!(is_production(&profile, Some(&session)), expected, "{environment} {:?}", session.org);
            let settings = config::Settings::default();
            let post = |url: &str| Prepared {
                method: http::Method::POST,
                url: url.parse().unwrap(),
                headers: http::HeaderMap::new(),
                body: bytes::Bytes::new(),
            };
            let verdict =
                judge(&profile, &settings, Some(&session), &post("https://acme.my.salesforce.com/x"));
            assert_eq!(verdict != Verdict::Pass, expected, "{verdict:?}");
            let elsewhere =
                judge(&profile, &settings, Some(&session), &post("https://other.my.salesforce.com/x"));
            assert_ne!(elsewhere, Verdict::Pass, "what one org says is nothing about another host");
        }
    }

    #[test]
    fn why_it_is_production_is_said() {
        let config = config::parse(&format!("[profiles.p]\nflow = 'password'\n{SANDBOX}")).unwrap();
        let url: Url = "https://acme--uat.sandbox.my.salesforce.com/x".parse().unwrap();
        let why = |org| {
            let session = Session { org, ..session(url.as_str()) };
            let request = Prepared {
                method: http::Method::POST,
                url: url.clone(),
                headers: http::HeaderMap::new(),
                body: bytes::Bytes::new(),
            };
            match judge(&config.profiles[0], &config.settings, Some(&session), &request) {
                Verdict::Confirm { why: Some(why), production: true, .. } => why,
                verdict => panic!("{verdict:?}"),
            }
        };
        assert!(
            why(OrgReading::Read(facts(OrgKind::Production))).contains("the org says that it is production")
        );
        assert!(why(OrgReading::Unreadable("API_DISABLED".into())).ends_with("API_DISABLED"));
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
