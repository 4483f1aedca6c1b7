//! Helpers of the flows' own tests, and what all flows have in common: client authentication, the answer.

use super::{request::endpoint, *};
use crate::{
    config::ClientAuth,
    http::RequestBody,
    salesforce::{SignatureCheck, tests::profile},
};
use aws_lc_rs::hmac;
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use http::header;
use proptest::prelude::*;
use std::time::{Duration, UNIX_EPOCH};

pub(super) fn secrets(pairs: &[(SecretField, &str)]) -> Credentials {
    let mut credentials = Credentials::default();
    pairs.iter().for_each(|(field, text)| credentials.put(*field, Secret::new(*text)));
    credentials
}

pub(super) fn asking<'a>(profile: &'a Profile, secrets: &'a Credentials) -> Asking<'a> {
    Asking { profile, secrets, version: FALLBACK_VERSION, nonces: Nonces::default() }
}

/// What a grant asks first.
pub(super) fn asked(profile: &Profile, secrets: &Credentials) -> Result<RequestSpec, TokenError> {
    spec(Grant::begin(asking(profile, secrets), UNIX_EPOCH)?.1)
}

/// The request of a step that is one.
pub(super) fn spec(step: Step) -> Result<RequestSpec, TokenError> {
    match step {
        Step::Ask(spec) => Ok(*spec),
        _ => panic!("a request was expected"),
    }
}

/// What a grant that asks once makes of an answer.
fn told(flow: Flow, status: StatusCode, body: &[u8], now: SystemTime) -> Result<Session, TokenError> {
    let (profile, secrets) = (profile(flow), secrets(ALL));
    let mut grant = Grant::begin(asking(&profile, &secrets), now)?.0;
    match grant.answered(&Reply { status, location: None, body }, now)? {
        Step::Have(session) => Ok(*session),
        _ => panic!("a session was expected"),
    }
}

pub(super) fn body(spec: &RequestSpec) -> String {
    match &spec.body {
        RequestBody::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        RequestBody::Empty => String::new(),
    }
}

const ALL: &[(SecretField, &str)] = &[
    (SecretField::ConsumerSecret, "s3cret\n"),
    (SecretField::Password, "p+w &%="),
    (SecretField::SecurityToken, " tok "),
];

#[test]
fn the_security_token_is_appended_and_all_is_encoded_once() {
    let spec = asked(&profile(Flow::Password), &secrets(ALL)).unwrap();
    assert_eq!(spec.url.as_str(), "https://login.salesforce.com/services/oauth2/token");
    assert_eq!(
        body(&spec),
        "grant_type=password&username=ada%40acme.com&password=p%2Bw%20%26%25%3Dtok&client_id=3MVG9key&client_secret=s3cret"
    );
}

#[test]
fn a_trusted_address_or_a_glued_password_takes_no_security_token() {
    for (trusted, glued) in [(true, false), (false, true)] {
        let mut profile = profile(Flow::Password);
        (profile.trusted_ip, profile.security_token_in_password) = (trusted, glued);
        let spec = asked(&profile, &secrets(ALL)).unwrap();
        assert!(body(&spec).contains("password=p%2Bw%20%26%25%3D&"), "{}", body(&spec));
    }
}

#[test]
fn basic_puts_key_and_secret_in_the_header_alone() {
    let mut profile = profile(Flow::ClientCredentials);
    profile.client_auth = ClientAuth::Basic;
    profile.login_url = Some("https://acme.my.salesforce.com/".parse().unwrap());
    let spec = asked(&profile, &secrets(ALL)).unwrap();
    assert_eq!(body(&spec), "grant_type=client_credentials");
    let value =
        spec.headers[header::AUTHORIZATION].to_str().unwrap().strip_prefix("Basic ").unwrap().to_owned();
    assert_eq!(BASE64_STANDARD.decode(value).unwrap(), b"3MVG9key:s3cret");
}

#[test]
fn a_site_keeps_its_path() {
    let site = Url::parse("https://acme.my.site.com/shop/").unwrap();
    assert_eq!(endpoint(&site, "token").as_str(), "https://acme.my.site.com/shop/services/oauth2/token");
}

#[test]
fn what_is_missing_is_named_before_anything_is_sent() {
    let missing = |change: fn(&mut Profile), secrets: &Credentials| {
        let mut profile = profile(Flow::Password);
        change(&mut profile);
        asked(&profile, secrets).err()
    };
    let all = secrets(ALL);
    assert_eq!(missing(|p| p.username = None, &all), Some(TokenError::Missing("username")));
    assert_eq!(missing(|p| p.consumer_key = None, &all), Some(TokenError::Missing("consumer_key")));
    assert_eq!(missing(|p| p.login_url = None, &all), Some(TokenError::Missing("login_url")));
    assert_eq!(missing(|_| {}, &Credentials::default()), Some(TokenError::Missing("password")));
    assert!(matches!(
        missing(|p| p.login_url = Some("http://login.salesforce.com".parse().unwrap()), &all),
        Some(TokenError::PlainHttp { .. })
    ));
    assert!(matches!(
        missing(|p| p.flow = Flow::ClientCredentials, &all),
        Some(TokenError::NeedsMyDomain { .. })
    ));
}

#[test]
fn a_secret_that_was_typed_need_not_be_in_the_profile() {
    let profile = Profile { password: None, consumer_secret: None, ..profile(Flow::Password) };
    assert!(asked(&profile, &secrets(ALL)).is_ok());
    let blank = secrets(&[(SecretField::ConsumerSecret, "s3cret"), (SecretField::Password, "")]);
    assert_eq!(asked(&profile, &blank).err(), Some(TokenError::Missing("password")));
}

fn signed(secret: &str) -> String {
    let id = "https://login.salesforce.com/id/00D58000000arpqEAA/005xx000001SwiUAAS";
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{id}1754632000000").as_bytes());
    format!(
        r#"{{"access_token":"00D58000000arpq!AQ.secret","instance_url":"https://acme.my.salesforce.com/","id":"{id}",
            "token_type":"Bearer","issued_at":"1754632000000","signature":"{}","new_thing_token":"hush"}}"#,
        BASE64_STANDARD.encode(tag)
    )
}

fn finished(body: &str) -> Result<Session, TokenError> {
    told(Flow::Password, StatusCode::OK, body.as_bytes(), UNIX_EPOCH + Duration::from_secs(9))
}

#[test]
fn a_token_response_becomes_a_session() {
    let session = finished(&signed("s3cret")).unwrap();
    assert_eq!(session.signature, SignatureCheck::Valid);
    assert_eq!(session.instance_url.as_str(), "https://acme.my.salesforce.com/");
    assert_eq!(session.org_id.as_ref().unwrap().0, "00D58000000arpqEAA");
    assert_eq!(session.user_id.as_ref().unwrap().0, "005xx000001SwiUAAS");
    assert_eq!(session.issued_at, UNIX_EPOCH + Duration::from_millis(1_754_632_000_000));
    assert_eq!(session.lifetime, Lifetime::Policy(Duration::from_secs(7200)));
    let names: Vec<_> = session.fields.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(
        names,
        ["access_token", "instance_url", "id", "token_type", "issued_at", "signature", "new_thing_token"]
    );
    let shown = format!("{session:?}");
    assert!(!shown.contains("AQ.secret") && !shown.contains("hush"), "{shown}");
    assert_eq!(finished(&signed("other")).unwrap().signature, SignatureCheck::Invalid);
}

#[test]
fn a_jwt_says_when_it_ends() {
    let claims = BASE64_URL_SAFE_NO_PAD.encode(r#"{"exp":2000000000}"#);
    let body =
        format!(r#"{{"access_token":"eyJh.{claims}.sig","instance_url":"https://acme.my.salesforce.com"}}"#);
    let session = finished(&body).unwrap();
    assert_eq!(session.lifetime, Lifetime::Until(UNIX_EPOCH + Duration::from_secs(2_000_000_000)));
    assert!(matches!(session.signature, SignatureCheck::NotCheckable(_)));
}

#[test]
fn what_is_no_token_response_is_said_so() {
    let said = |body: &str| finished(body).unwrap_err().to_string();
    assert!(said("<html>login</html>").contains("is a page"));
    assert!(said(r#"{"access_token":"00D"#).contains("cut or damaged"));
    assert!(said("{}").contains("`access_token`"));
    let plain = r#"{"access_token":"00Dx","instance_url":"http://evil.example"}"#;
    assert!(said(plain).contains("not https"));
}

#[test]
fn the_token_is_taken_to_nobody_else() {
    let instance = |login: &str, answered: &str| response::instance(answered, Some(&login.parse().unwrap()));
    let login = "https://login.salesforce.com";
    for (login, answered, kept) in [
        (login, "https://acme.my.salesforce.com/", "https://acme.my.salesforce.com/"),
        (login, "https://na139.salesforce.com/x?y#z", "https://na139.salesforce.com/"),
        (login, "https://acme.my.salesforce.com:8443", "https://acme.my.salesforce.com:8443/"),
        (
            "https://acme.my.site.com/shop",
            "https://acme.my.salesforce.com",
            "https://acme.my.salesforce.com/",
        ),
        ("http://127.0.0.1:4000", "http://localhost:4001/", "http://localhost:4001/"),
        ("https://login.acme.example", "https://gateway.acme.example/sf", "https://gateway.acme.example/"),
    ] {
        assert_eq!(instance(login, answered).unwrap().as_str(), kept);
    }
    for (login, answered, why) in [
        (login, "https://evil.example", "not one of Salesforce's"),
        (login, "https://acme.my.salesforce.com.evil.example", "not one of Salesforce's"),
        (login, "https://acme.my.salesforce.com@evil.example", "name before the host"),
        (login, "https://acme.my.salesforce.com:443@evil.example", "name before the host"),
        (login, "https://:x@acme.my.salesforce.com", "name before the host"),
        (login, "https://acme.my.ѕalesforce.com", "not one of Salesforce's"),
        (login, "https://acme.my.salesforce.com:444", "a port"),
        (login, "http://acme.my.salesforce.com", "not https"),
        (login, "file:///etc/passwd", "no address of a web server"),
        (login, "http://127.0.0.1:4000", "this machine"),
        (login, "https://localhost", "this machine"),
        ("https://login.acme.example", "https://[::1]:4000", "this machine"),
        ("https://login.acme.example", "http://gateway.acme.example", "not https"),
        ("http://127.0.0.1:4000", "https://acme.my.salesforce.com", "not on this machine"),
    ] {
        let error = instance(login, answered).unwrap_err();
        assert!(
            matches!(error, TokenError::ForeignInstance { .. }) && error.to_string().contains(why),
            "{error}"
        );
    }
    let said = instance(login, "https://acme.my.salesforce.com:x@evil.example").unwrap_err().to_string();
    assert!(!said.contains(":x@"), "{said}");
}

#[test]
fn a_refusal_keeps_code_and_description() {
    let body = br#"{"error":"invalid_grant","error_description":"authentication failure"}"#;
    let error = told(Flow::Password, StatusCode::BAD_REQUEST, body, UNIX_EPOCH).unwrap_err();
    assert_eq!(error.to_string(), "invalid_grant: authentication failure");
}

proptest! {
    #[test]
    fn what_is_sent_decodes_to_what_was_meant(password in "\\PC{1,40}", key in "[!-~]{1,20}") {
        let mut profile = profile(Flow::Password);
        profile.consumer_key = Some(key.clone());
        let secrets = secrets(&[(SecretField::Password, &password)]);
        let spec = asked(&profile, &secrets).unwrap();
        let text = body(&spec);
        let sent: Vec<_> = url::form_urlencoded::parse(text.as_bytes()).collect();
        prop_assert!(sent.contains(&("password".into(), password.as_str().into())));
        prop_assert!(sent.contains(&("client_id".into(), key.as_str().into())));
    }

    #[test]
    fn no_answer_panics(body in "[{\"a-z_:, }]{0,60}|.{0,60}") {
        let _ = finished(&body);
    }
}
