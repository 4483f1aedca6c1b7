//! SAML bearer assertions, written here in canonical form, so that nothing of the verifier helps to make them.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::authorizing::{grant, text, works};
use super::*;
use crate::demo_org::clock::Moment;
use crate::demo_org::keys::PrivateKey;

const ADA: &str = "ada@nordlicht.example";
const KEY: &str = include_str!("../../../assets/demo/keys/build-server-key.pem");
const PROVIDER: &str = include_str!("../../../assets/demo/keys/identity-provider-key.pem");
const OTHER: &str = include_str!("../../../assets/demo/keys/other-key.pem");
const LOGIN: &str = "https://login.salesforce.com";

/// What an assertion says.
pub(super) struct Says<'a> {
    pub(super) id: &'a str,
    pub(super) issuer: &'a str,
    pub(super) username: &'a str,
    pub(super) audience: &'a str,
    pub(super) recipient: &'a str,
    /// Seconds from now until which it may be given and holds, and from when it holds.
    pub(super) times: (i64, i64, i64),
    pub(super) key: &'a str,
}

pub(super) fn says(app: &AppSpec) -> Says<'_> {
    Says {
        id: "_1",
        issuer: &app.consumer_key,
        username: ADA,
        audience: LOGIN,
        recipient: "https://login.salesforce.com/services/oauth2/token",
        times: (120, 120, 0),
        key: KEY,
    }
}

pub(super) fn signed(world: &World, says: &Says<'_>) -> String {
    let at = |seconds: i64| Moment(world.clock.now().0 + seconds * 1000).text().replace("+0000", "Z");
    let (until, to, from) = says.times;
    let (head, tail) = (
        format!(
            "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"{}\" IssueInstant=\"{}\" Version=\"2.0\"><saml:Issuer>{}</saml:Issuer>",
            says.id,
            at(0),
            says.issuer
        ),
        format!(
            "<saml:Subject><saml:NameID>{}</saml:NameID><saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><saml:SubjectConfirmationData NotOnOrAfter=\"{}\" Recipient=\"{}\"></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore=\"{}\" NotOnOrAfter=\"{}\"><saml:AudienceRestriction><saml:Audience>{}</saml:Audience></saml:AudienceRestriction></saml:Conditions></saml:Assertion>",
            says.username,
            at(until),
            says.recipient,
            at(from),
            at(to),
            says.audience
        ),
    );
    let hash = STANDARD.encode(digest::digest(&digest::SHA256, format!("{head}{tail}").as_bytes()));
    let info = format!(
        "<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"></ds:SignatureMethod><ds:Reference URI=\"#{}\"><ds:Transforms><ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform><ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod><ds:DigestValue>{hash}</ds:DigestValue></ds:Reference></ds:SignedInfo>",
        says.id
    );
    let signature = STANDARD.encode(PrivateKey::of_pem(says.key).unwrap().sign(info.as_bytes()));
    let info = info.replace(" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"", "");
    format!(
        "<?xml version=\"1.0\"?>{head}<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">{info}<ds:SignatureValue>{signature}</ds:SignatureValue></ds:Signature>{tail}"
    )
}

fn post(world: &World, assertion: &str) -> Answer {
    let encoded = URL_SAFE_NO_PAD.encode(assertion);
    let grant = "urn:ietf:params:oauth:grant-type:saml2-bearer";
    oauth_of(world, Door::Login, "token", &[("grant_type", grant), ("assertion", &encoded)])
}

#[test]
fn a_signed_assertion_vouches_for_an_approved_user() {
    let world = world();
    let build = app(&world.orgs[0].spec, "Build Server");
    let answer = post(&world, &signed(&world, &says(build)));
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.json()["refresh_token"].is_null());
    assert!(works(&world, Door::Production, &text(&answer, "access_token")));
    let own = Says {
        id: "_2",
        audience: "http://login.demo",
        recipient: "http://production.demo/services/oauth2/token",
        ..says(build)
    };
    assert_eq!(post(&world, &signed(&world, &own)).status, 200);
}

#[test]
fn each_fault_of_an_assertion_has_its_answer() {
    let world = world();
    let spec = &world.orgs[0].spec;
    let build = app(spec, "Build Server");
    let invalid = grant("invalid assertion");
    let expired = grant("expired authorization code");
    let refusal = |error: &str, text: &str| (400, error.to_owned(), text.to_owned());
    let unknown = refusal("invalid_client_id", "client identifier invalid");
    for (says, expected) in [
        (Says { key: OTHER, ..says(build) }, invalid.clone()),
        (
            Says { audience: "https://test.salesforce.com", ..says(build) },
            grant("Audience validation failed"),
        ),
        (Says { recipient: "https://evil.example/services/oauth2/token", ..says(build) }, invalid.clone()),
        (Says { recipient: LOGIN, ..says(build) }, invalid.clone()),
        (Says { times: (-1, 120, 0), ..says(build) }, expired.clone()),
        (Says { times: (120, -1, -60), ..says(build) }, expired),
        (Says { times: (600, 600, 300), ..says(build) }, invalid.clone()),
        (Says { issuer: "3MVG9unknown", ..says(build) }, unknown),
        (
            Says { issuer: &app(spec, "Release Bot").consumer_key, ..says(build) },
            refusal("invalid_client", "invalid client credentials"),
        ),
        (
            Says { username: "nobody@nordlicht.example", ..says(build) },
            grant("user hasn't approved this consumer"),
        ),
        (
            Says { id: "_3", username: "kenji@nordlicht.example", ..says(build) },
            refusal("invalid_app_access", "user is not admin approved to access this app"),
        ),
    ] {
        assert_eq!(refused(&post(&world, &signed(&world, &says))), expected);
    }
    assert_eq!(refused(&post(&world, "no assertion")), invalid);
    let twice = signed(&world, &Says { id: "_4", ..says(build) });
    assert_eq!(post(&world, &twice).status, 200);
    assert_eq!(refused(&post(&world, &twice)), invalid);
}

#[test]
fn a_providers_assertion_can_be_exchanged() {
    let world = world();
    let broker = app(&world.orgs[0].spec, "Identity Broker");
    let exchange = |key: &str| {
        let says = Says { issuer: "https://idp.nordlicht.example", key, ..says(broker) };
        let token = URL_SAFE_NO_PAD.encode(signed(&world, &says));
        let pairs = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("client_id", &broker.consumer_key),
            ("client_secret", &broker.consumer_secret),
            ("subject_token", &token),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:saml2"),
        ];
        oauth_of(&world, Door::Production, "token", &pairs)
    };
    assert_eq!(exchange(PROVIDER).status, 200);
    assert_eq!(refused(&exchange(KEY)), grant("invalid subject token"));
}
