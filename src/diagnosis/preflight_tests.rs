//! What is worth a word before a request, and above all what is not.

use super::{
    Facts, Remedy, Spot, Warning, Written,
    preflight::{every_rule_is_whole, of_request, of_token_request},
};
use crate::{
    config::{Flow, Profile, ProfileField as F, SecretField},
    salesforce::{Lifetime, OrgId, TokenField, tests},
    secrets::Shape,
};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn ids(warnings: &[Warning]) -> Vec<&str> {
    warnings.iter().map(|warning| warning.id).collect()
}

fn of_profile(profile: &Profile) -> Vec<Warning> {
    of_token_request(&Facts::of_profile(profile), profile)
}

/// A profile of a flow with nothing to say about it.
fn quiet(flow: Flow) -> Profile {
    Profile { trusted_ip: true, ..tests::profile(flow) }
}

#[test]
fn every_warning_is_whole_and_sourced() {
    assert!(every_rule_is_whole() > 40, "the data are read, and each is checked");
}

#[test]
fn a_sandbox_user_is_seen_and_nobody_else() {
    let at = |user: &str, host: &str| {
        let login_url = Some(format!("https://{host}").parse().unwrap());
        let profile = Profile { login_url, username: Some(user.into()), ..quiet(Flow::Password) };
        let profile = match host.contains("scratch") || host == "scratch.test" {
            true => Profile { environment: crate::config::Environment::Scratch, ..profile },
            false => profile,
        };
        ids(&of_profile(&profile)).first().copied().map(str::to_owned)
    };
    let (production, sandbox) = ("login.salesforce.com", "test.salesforce.com");
    let wrong = Some("sandbox-user-on-production-host".to_owned());
    assert_eq!(at("ada@acme.com.uat", production), wrong);
    assert_eq!(at("ada@acme.com.uat", "acme.my.salesforce.com"), wrong);
    assert_eq!(at("ada@acme.co.uk.uat", production), wrong);
    for fine in
        ["ada@acme.com", "ada@acme.com.au", "ada@acme.co.uk", "ada@acme.com.crm", "test-x1@example.com"]
    {
        assert_eq!(at(fine, production), None, "{fine}");
    }
    let wrong = Some("production-user-on-sandbox-host".to_owned());
    assert_eq!(at("ada@acme.com", sandbox), wrong);
    assert_eq!(at("ada@acme.co.uk", "acme--uat.sandbox.my.salesforce.com"), wrong);
    for fine in [
        "ada@acme.com.uat",
        "test-x1@example.com",
        "ada@acme.uat",
        "ada+uat@acme.com",
        "ada@sandbox.acme.com",
        "ada@acme.com.crm",
    ] {
        assert_eq!(at(fine, sandbox), None, "{fine}");
    }
    assert_eq!(at("ada@acme.com", "fun-otter.scratch.my.salesforce.com"), None);
}

#[test]
fn who_has_logged_in_there_is_not_told_that_it_cannot_work() {
    let profile = Profile {
        username: Some("ada@acme.com.uat".into()),
        consumer_secret: None,
        trusted_ip: false,
        ..tests::profile(Flow::Password)
    };
    let mut facts = Facts::of_profile(&profile);
    let before = of_token_request(&facts, &profile);
    assert_eq!(ids(&before), ["sandbox-user-on-production-host", "no-security-token", "no-secret"]);
    assert_eq!(before[0].at, Spot::Profile(F::Username));
    assert_eq!(before[0].remedy, Some(Remedy::UseSandboxHost));
    assert!(before[0].text.contains("login.salesforce.com"), "{}", before[0].text);
    facts.known.logged_in_here = true;
    assert!(of_token_request(&facts, &profile).is_empty());
}

#[test]
fn a_warning_is_only_for_flows_that_use_the_field() {
    for flow in Flow::ALL {
        let profile = Profile {
            redirect_uri: Some("http://acme.com/x/".into()),
            scopes: vec!["web,openid".into()],
            consumer_secret: None,
            remember_tokens: true,
            trusted_ip: false,
            ..tests::profile(*flow)
        };
        for warning in of_profile(&profile) {
            let Spot::Profile(field) = warning.at else { panic!("{warning:?}") };
            assert!(flow.needs().uses(field), "{flow:?}: {warning:?}");
        }
    }
}

#[test]
fn each_slip_of_a_profile_is_told_at_its_field() {
    let code = || quiet(Flow::AuthorizationCode);
    let cases: Vec<(Profile, &str, F)> = vec![
        (quiet(Flow::ClientCredentials), "my-domain-needed", F::LoginUrl),
        (quiet(Flow::TokenExchange), "my-domain-needed", F::LoginUrl),
        (
            Profile { redirect_uri: Some("http://acme.com/cb".into()), ..code() },
            "callback-http",
            F::RedirectUri,
        ),
        (
            Profile { redirect_uri: Some("https://acme.com/cb/".into()), ..code() },
            "callback-slash",
            F::RedirectUri,
        ),
        (Profile { scopes: vec!["openid".into()], ..code() }, "scopes-lack-api", F::Scopes),
        (
            Profile { scopes: vec!["api".into()], remember_tokens: true, ..code() },
            "scopes-lack-refresh",
            F::Scopes,
        ),
        (Profile { scopes: vec!["api,refresh_token".into()], ..code() }, "scopes-with-commas", F::Scopes),
        (Profile { consumer_key: Some("3MVG9 ".into()), ..code() }, "key-blank", F::ConsumerKey),
        (Profile { consumer_key: Some("'3MVG9'".into()), ..code() }, "key-quoted", F::ConsumerKey),
        (Profile { consumer_key: Some("0A".repeat(32)), ..code() }, "key-and-secret-swapped", F::ConsumerKey),
        (Profile { username: Some("ada@acme.com\n".into()), ..code() }, "username-blank", F::Username),
        (Profile { consumer_secret: None, pkce: false, ..code() }, "no-secret-no-pkce", F::ConsumerSecret),
        (
            Profile { soap_api_version: Some(crate::config::ApiVersion(65)), ..quiet(Flow::SoapLogin) },
            "soap-version-too-new",
            F::SoapApiVersion,
        ),
        (
            Profile {
                api_version: crate::config::VersionChoice::Pinned(crate::config::ApiVersion(30)),
                ..code()
            },
            "pinned-version-retired",
            F::ApiVersion,
        ),
    ];
    for (profile, id, field) in cases {
        let warnings = of_profile(&profile);
        assert_eq!(ids(&warnings), [id]);
        assert_eq!(warnings[0].at, Spot::Profile(field), "{id}");
        assert!(warnings[0].remedy.is_some() && !warnings[0].key.is_empty(), "{id}");
    }
    let fine = Profile {
        redirect_uri: Some("http://localhost:1717/OauthRedirect".into()),
        scopes: vec!["api".into(), "refresh_token".into()],
        remember_tokens: true,
        ..code()
    };
    assert!(of_profile(&fine).is_empty());
    assert!(of_profile(&Profile { consumer_secret: None, ..code() }).is_empty(), "a public client with PKCE");
}

/// Every profile of the demo that works is left alone; of the others some are known for what they are.
#[test]
fn the_demo_s_good_profiles_are_not_worth_a_word() {
    let mut text = include_str!("../../assets/demo/profiles.toml").to_owned();
    for host in ["login", "test", "production", "sandbox", "site"] {
        text = text.replace(&format!("{{{host}}}"), "http://127.0.0.1:4000");
    }
    text = text.replace("{keys}", "/keys");
    for id in ["production_id", "sandbox_id"] {
        text = text.replace(&format!("{{{id}}}"), "00D58000000arpqEAA");
    }
    let profiles = crate::config::parse(&text).unwrap().profiles;
    assert!(profiles.len() > 40);
    let said = |profile: &Profile| ids(&of_profile(profile)).join(" ");
    for profile in profiles.iter().filter(|profile| profile.id.as_str().starts_with("demo-")) {
        assert_eq!(said(profile), "", "{}", profile.id);
    }
    for (name, id) in [
        ("trouble-missing-security-token", "no-security-token"),
        ("trouble-sandbox-user-on-production", "sandbox-user-on-production-host"),
        ("trouble-production-user-on-sandbox", "production-user-on-sandbox-host"),
        ("trouble-key-with-blank", "key-blank"),
        ("trouble-secret-in-quotes", "secret-quoted"),
    ] {
        let profile = profiles.iter().find(|profile| profile.id.as_str() == name).unwrap();
        assert_eq!(said(profile), id, "{name}");
    }
}

#[test]
fn a_secret_s_shape_is_enough() {
    let profile = quiet(Flow::ClientCredentials);
    let profile = Profile { login_url: Some("https://acme.my.salesforce.com".parse().unwrap()), ..profile };
    let mut facts = Facts::of_profile(&profile);
    assert!(of_token_request(&facts, &profile).is_empty());
    facts.take_shape(SecretField::ConsumerSecret, &[Shape::ConsumerKey, Shape::Blank]);
    let warnings = of_token_request(&facts, &profile);
    assert_eq!(ids(&warnings), ["key-and-secret-swapped", "secret-blank"]);
}

const HOME: &str = "https://acme.my.salesforce.com";

/// What is said of a request with the token of a session.
fn of<'a>(written: Written<'a>) -> Vec<Warning> {
    let profile = quiet(Flow::AuthorizationCode);
    let facts = Facts::of_profile(&profile).with_session(&tests::session(HOME), UNIX_EPOCH);
    let target = written.target.clone().or_else(|| format!("{HOME}{}", written.url).parse().ok());
    of_request(facts, &Written { target, with_token: true, ..written })
}

fn get(url: &str) -> Written<'_> {
    Written { method: "GET", url, ..Written::default() }
}

#[test]
fn an_ordinary_request_is_not_worth_a_word() {
    for url in [
        "/services/data",
        "/services/data/",
        "/services/data/v66.0/limits",
        "/services/data/v31.0/query?q=SELECT+Id+FROM+Account+WHERE+Name='A%26B'",
        "/services/data/v66.0/query?q=SELECT Id FROM Account WHERE Name LIKE '%AB%' AND X = 'a \"b\"'",
        "/services/apexrest/v1/orders/12",
        "/services/oauth2/userinfo",
    ] {
        assert_eq!(ids(&of(get(url))), [""; 0], "{url}");
    }
    let post = Written {
        method: "POST",
        url: "/services/data/v66.0/sobjects/Account",
        content_type: Some("application/json; charset=UTF-8".into()),
        body: "{}",
        ..Written::default()
    };
    assert!(of(post).is_empty());
}

#[test]
fn each_slip_of_a_request_is_told_at_its_place() {
    let data = "/services/data/v66.0/query?q=SELECT+Id+FROM+Account+WHERE+";
    let queries = [
        ("Name='A&B'", "query-ampersand"),
        ("Name+LIKE+'%AB%'", "query-percent"),
        ("CreatedDate>2026-01-01T00:00:00+01:00", "query-plus"),
        ("Name=\"Acme\"", "query-quotes"),
    ];
    for (rest, id) in queries {
        let url = format!("{data}{rest}");
        let warnings = of(get(&url));
        assert_eq!(ids(&warnings), [id]);
        assert_eq!(
            (warnings[0].at, warnings[0].remedy.clone()),
            (Spot::Url, Some(Remedy::EncodeQuery)),
            "{id}"
        );
    }
    for (url, id) in [
        ("/services/data/v66/limits", "version-misspelt"),
        ("/services/data/66.0/limits", "version-misspelt"),
        ("/services/data/query", "version-missing"),
        ("/services/data/v30.0/limits", "version-retired"),
        ("/services/async/20.0/job", "version-retired"),
        ("/services/data/v67.0/limits", "version-too-new"),
    ] {
        let warnings = of(get(url));
        assert_eq!(ids(&warnings), [id], "{url}");
        assert_eq!(warnings[0].at, Spot::Url);
    }
    let limits = "/services/data/v66.0/limits";
    let row = |name, value| Written { headers: vec![(3, name, value)], with_token: false, ..get(limits) };
    let by_hand = |written: Written| {
        let target = format!("{HOME}{limits}").parse().ok();
        of_request(Facts::default(), &Written { target, ..written })
    };
    for (name, value, id) in [
        ("Authorization", "00Dxx!x", "bearer-missing"),
        ("authorization", "Bearer Bearer 00Dxx!x", "bearer-doubled"),
        ("Authorization", "Bearer:00Dxx!x", "bearer-spacing"),
        ("Autorization", "Bearer 00Dxx!x", "authorization-misspelt"),
    ] {
        let warnings = by_hand(row(name, value));
        assert_eq!(ids(&warnings), [id], "{name}: {value}");
        assert_eq!(warnings[0].at, Spot::Header(3));
        assert_eq!(warnings[0].remedy, Some(Remedy::FixAuthorization));
    }
    for value in ["Bearer 00Dxx!x", "{{auth}}", "Bearer {{token}}", "Basic eDp5"] {
        assert_eq!(ids(&by_hand(row("Authorization", value))), [""; 0], "{value}");
    }
    assert!(of(row("Token", "my own")).is_empty(), "the profile's token goes with it");
    let rows = vec![(0, "explain", "1"), (2, "q", "SELECT+Id+FROM+Account")];
    let twice = of(Written { params: rows, ..get("/services/data/v66.0/query") });
    assert_eq!((ids(&twice), twice[0].at), (vec!["query-encoded-twice"], Spot::Param(2)));
}

#[test]
fn a_body_has_its_method_and_its_type() {
    let sent = |method, url, content_type: Option<&str>, body| {
        let content_type = content_type.map(str::to_owned);
        let headers = vec![(1, "content-type", "as it will be sent")];
        of(Written { method, url, content_type, body, headers, ..Written::default() })
    };
    let accounts = "/services/data/v66.0/sobjects/Account";
    assert_eq!(ids(&sent("GET", accounts, Some("application/json"), "{}")), ["get-with-body"]);
    let json = sent("POST", accounts, Some("text/plain"), " {}");
    assert_eq!((ids(&json), json[0].at), (vec!["json-without-its-type"], Spot::Header(1)));
    assert_eq!(ids(&sent("POST", accounts, Some("application/json"), "<a/>")), ["xml-without-its-type"]);
    assert_eq!(ids(&sent("POST", accounts, None, "a=b")), ["no-content-type"]);
    let rows = "/services/data/v66.0/jobs/ingest/750/batches";
    assert_eq!(ids(&sent("PUT", rows, Some("application/json"), "Id,Name")), ["bulk-without-csv"]);
    assert!(sent("PUT", rows, Some("text/csv"), "Id,Name").is_empty());
    let soap = "<env:Envelope><env:Body><n1:login xmlns:n1='urn:partner.soap.sforce.com'/></env:Body>";
    assert_eq!(ids(&sent("POST", "/services/Soap/u/65.0", Some("text/xml"), soap)), ["soap-login-version"]);
    assert!(sent("POST", "/services/Soap/u/64.0", Some("text/xml"), soap).is_empty());
    assert!(sent("POST", "/services/Soap/u/66.0", Some("text/xml"), "<query/>").is_empty());
}

#[test]
fn a_token_that_has_ended_or_is_foreign_is_told_before_it_is_sent() {
    let profile = Profile { expected_org_id: Some("00Dxx0000001gPLEAY".into()), ..quiet(Flow::Device) };
    let session = |until: SystemTime| {
        let mut session = tests::session(HOME);
        session.lifetime = Lifetime::Until(until);
        session.org_id = Some(OrgId("00Dxx0000001gPL".into()));
        session
    };
    let later = UNIX_EPOCH + Duration::from_secs(60);
    let said = |session, url: &str, now| {
        let facts = Facts::of_profile(&profile).with_session(&session, now);
        let written = Written { target: url.parse().ok(), with_token: true, ..get("/x") };
        let warnings = of_request(facts, &written);
        warnings.iter().map(|warning| (warning.id, warning.at)).collect::<Vec<_>>()
    };
    let limits = format!("{HOME}/services/data/v66.0/limits");
    assert_eq!(said(session(later), &limits, UNIX_EPOCH), []);
    assert_eq!(said(session(later), &limits, later), [("token-ended", Spot::Token)]);
    let mut foreign = session(later);
    foreign.org_id = Some(OrgId("00Dyy0000001gPLEAY".into()));
    assert_eq!(said(foreign, &limits, UNIX_EPOCH), [("token-of-another-org", Spot::Token)]);
    let other = "https://other.my.salesforce.com/services/data/v66.0/limits";
    assert_eq!(said(session(later), other, UNIX_EPOCH), [("token-of-another-host", Spot::Url)]);
    let login = "https://login.salesforce.com/services/data/v66.0/limits";
    assert_eq!(said(session(later), login, UNIX_EPOCH), [("token-for-login-host", Spot::Url)]);
    let mut narrow = session(later);
    narrow.fields =
        vec![TokenField { name: "scope".into(), value: "openid web".into(), meaning: "what it may" }];
    assert_eq!(said(narrow, &limits, UNIX_EPOCH), [("token-lacks-api", Spot::Token)]);
}

#[test]
fn a_write_to_production_is_a_word_and_has_no_remedy() {
    let written =
        Written { method: "DELETE", writes_to_production: true, ..get("/services/data/v66.0/sobjects/A/1") };
    let warnings = of(written);
    assert_eq!(ids(&warnings), ["write-to-production"]);
    assert_eq!((warnings[0].at, &warnings[0].remedy), (Spot::Method, &None));
}

proptest::proptest! {
    #[test]
    fn nothing_that_is_written_panics(
        url in "(/services/(data|async|Soap)/)?[a-zé0-9v./?&='\"%+{} ]{0,40}",
        value in "[A-Za-zé:\" {}]{0,20}",
        body in "[<{a \\[]{0,8}",
    ) {
        let headers = vec![(0, "Authorization", value.as_str())];
        let params = vec![(0, "q", value.as_str())];
        let written = Written { headers, params, body: &body, ..get(&url) };
        for warning in of_request(Facts::default(), &written) {
            proptest::prop_assert!(!warning.text.contains('{') || url.contains('{'), "{}", warning.text);
        }
    }
}
