//! Free text: what is masked in it, and what is not.

use super::*;
use proptest::prelude::*;

const TOKEN: &str = "00D58000000arpq!AR8AQO.1xyz_abcdefghijklmnop";
const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl-_x";

#[test]
fn what_looks_like_a_secret_is_masked_wherever_it_stands() {
    let cases = [
        (format!("token {TOKEN} is old"), "token 00D58000000arpq!•••• is old"),
        (TOKEN.to_owned(), "00D58000000arpq!••••"),
        (TOKEN.replace('!', "%21"), "••••"),
        (TOKEN.replace('!', "\\u0021"), "••••"),
        (
            "Bearer 00D58000000arpq!AR8AQO.1xyz\n  Abc123def456\nnext".into(),
            "Bearer 00D58000000arpq!••••\nnext",
        ),
        (
            "00D58000000arpq!AR8AQO\nINVALID_SESSION_ID: x".into(),
            "00D58000000arpq!••••\nINVALID_SESSION_ID: x",
        ),
        (format!("got {JWT}, sent"), "got ••••, sent"),
        ("refresh 5Aep861TSESvWeug_x3RLnRkXZtyhkfgI9".into(), "refresh ••••"),
        ("force://PlatformCLI::5Aepxx@acme.my.salesforce.com".into(), "force://••••@acme.my.salesforce.com"),
        ("https://ada:hunter2@acme.example/x".into(), "https://ada:••••@acme.example/x"),
        ("curl -u ada:hunter2 https://a".into(), "curl -u ada:•••• https://a"),
        (
            "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----".into(),
            "-----BEGIN PRIVATE KEY-----••••-----END PRIVATE KEY-----",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(mask_text(&text), expected, "{text}");
    }
}

#[test]
fn what_a_secret_s_name_stands_before_is_masked() {
    let cases = [
        (
            "grant_type=password&client_id=3MVG9&client_secret=ABC&username=a%40b.c&password=p%2Bw",
            "grant_type=password&client_id=3MVG9&client_secret=••••&username=a%40b.c&password=••••",
        ),
        ("https://x/cb?code=aPrx%3D%3D&state=s", "https://x/cb?code=••••&state=s"),
        ("code=aPrx%3D%3D&state=s", "code=••••&state=s"),
        ("the code: aPrxAbc123defGHI456==", "the code: ••••"),
        ("?startURL=%2Fx%3Fsid%3Dabc", "?startURL=%2Fx%3Fsid%3D••••"),
        (r#"{"username":"ada","password":"p\"w, x","a":1}"#, r#"{"username":"ada","password":"••••","a":1}"#),
        (r#"{"body":"{\"password\":\"p w\",\"a\":1}"}"#, r#"{"body":"{\"password\":\"••••\",\"a\":1}"}"#),
        ("{'password': 'p w', 'a': 1}", "{'password': '••••', 'a': 1}"),
        ("{u'password': u'p w'}", "{u'password': u'••••'}"),
        (r#"{"client_secret"=>"p w"}"#, r#"{"client_secret"=>"••••"}"#),
        ("&quot;password&quot;:&quot;p w&quot;,", "&quot;password&quot;:&quot;••••&quot;,"),
        ("Password: hunter2", "Password: ••••"),
        ("dbPassword = hunter2", "dbPassword = ••••"),
        ("assertion=PHNhbWxwOlJlc3BvbnNl&x=1", "assertion=••••&x=1"),
        ("Cookie: sid=00Dabc; b=2", "Cookie: sid=••••; b=2"),
        ("<n1:password>p &amp; w</n1:password>", "<n1:password>••••</n1:password>"),
        ("<password><![CDATA[p<w]]></password>", "<password>••••</password>"),
        ("<sessionId>00Dx</sessionId>", "<sessionId>••••</sessionId>"),
        ("&lt;sessionId&gt;00Dx&lt;/sessionId&gt;", "&lt;sessionId&gt;••••&lt;/sessionId&gt;"),
        ("\"password\":\"never closed", "\"password\":\"••••"),
    ];
    for (text, expected) in cases {
        assert_eq!(mask_text(text), expected, "{text}");
    }
}

#[test]
fn what_stands_after_bearer_is_masked() {
    let cases = [
        ("Authorization: Bearer abc123def", "Authorization: Bearer ••••"),
        ("-H 'Authorization: Bearer  abc123def'", "-H 'Authorization: Bearer  ••••'"),
        (r#""Authorization":"Bearer abc123def""#, r#""Authorization":"Bearer ••••""#),
        ("Authorization: abc123def", "Authorization: ••••"),
        ("authorization: Basic YTpi", "authorization: Basic ••••"),
        ("X-SFDC-Session: abc123def", "X-SFDC-Session: ••••"),
        ("Bearer Bearer abc123def", "Bearer Bearer ••••"),
    ];
    for (text, expected) in cases {
        assert_eq!(mask_text(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_secret_stays() {
    let cases = [
        "invalid_grant: authentication failure",
        "INVALID_LOGIN: Invalid username, password, security token; or user locked out.",
        "expired access/refresh token",
        "missing required code challenge",
        "error code=404, statusCode=400, errorCode: 'INVALID_FIELD', \"code\":\"NOT_FOUND\"",
        "SELECT Id FROM Account WHERE Code__c='5' AND Token__c = 'x'",
        "the OAuth 2.0 app, OAuth App, OAuth Username-Password Flows and OAuth and OpenID Connect Settings",
        "Bearer token is missing; Basic authentication, Basic Auth",
        "Authorization: Bearer",
        "https://login.salesforce.com:443/services/oauth2/token",
        "https://acme.my.salesforce.com/id/00D58000000arpqEAA/00558000000abcdAAA",
        "No such column 'Password__c' on entity 'Account'",
        "{\"password\": null}",
    ];
    for text in cases {
        assert!(matches!(mask_text(text), Cow::Borrowed(_)), "{text} became {}", mask_text(text));
    }
}

#[test]
fn a_hostile_text_takes_no_time() {
    for piece in [
        "sid=",
        " code=",
        "<sid>",
        "<sid></",
        "pwd='",
        "code=\"",
        "00D58000000arpq!a\n",
        "\\\"password\\\":\\\"",
        "Bearer ",
    ] {
        let text = piece.repeat((1 << 15) / piece.len());
        assert!(mask_text(&text).len() <= 4 * text.len(), "{piece}");
    }
}

fn planted() -> impl Strategy<Value = (String, String)> {
    let value = "[A-Za-z0-9._]{10,40}[0-9][a-z][A-Z]";
    let token = "[A-Za-z0-9._]{20,90}";
    let named = prop::sample::select(
        &[
            "password",
            "client_secret",
            "refresh_token",
            "assertion",
            "sid",
            "Password",
            "access_token",
            "code_verifier",
        ][..],
    );
    let shape = prop::sample::select(
        &[
            "{n}={v}",
            "?a=1&{n}={v}&b=2",
            "\"{n}\":\"{v}\"",
            "'{n}': '{v}'",
            "\\\"{n}\\\":\\\"{v}\\\"",
            "<x:{n}>{v}</x:{n}>",
            "{n}: {v}",
            "{n}%3D{v}",
        ][..],
    );
    prop_oneof![
        (named, shape, value).prop_map(|(n, s, v)| (s.replace("{n}", n).replace("{v}", &v), v)),
        value.prop_map(|v| (format!("Bearer {v}"), v)),
        value.prop_map(|v| (format!("/cb?code={v}&state=1"), v)),
        ("00D[A-Za-z0-9]{12}", token).prop_map(|(org, v)| (format!("{org}!{v}"), v)),
        token.prop_map(|v| (format!("5Aep{v}"), v)),
        ("[A-Za-z0-9_-]{10,30}", "[A-Za-z0-9_-]{10,30}").prop_map(|(h, v)| (format!("eyJ{h}.{v}.{v}"), v)),
    ]
}

proptest! {
    #[test]
    fn a_planted_secret_never_comes_out(before in "(\\PC{0,20}[ \n])?", (text, secret) in planted(), after in "([ \n&\"]\\PC{0,20})?") {
        let text = format!("{before}{text}{after}");
        let masked = mask_text(&text);
        prop_assert!(!masked.contains(&secret), "{masked}");
    }

    #[test]
    fn any_text_can_be_masked_and_does_not_swell(text in "\\PC{0,60}|[sid=:&?\"'<>/ a1A!\\\\\n]{0,80}|(sid=a |otp=1&|Basic 1 ){0,20}") {
        let masked = mask_text(&text).into_owned();
        prop_assert!(masked.len() <= 4 * text.len(), "{masked}");
        prop_assert_eq!(&mask_text(&masked), &masked);
    }
}

#[test]
fn what_a_sentence_calls_a_secret_is_masked() {
    for (text, masked) in [
        ("the password is hunter2Planted", true),
        ("Passwort ist „Sommer2024!“", true),
        ("the code is aPrx4kXqYd2mQyqJwqkIunF7hmg0Yh9kTn", true),
        ("sent 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF as it is", true),
        ("the password is right, the token is appended, the code is INVALID_LOGIN", false),
        ("the token is 3 hours old", false),
    ] {
        assert_eq!(mask_text(text) != text, masked, "{text}: {}", mask_text(text));
    }
}
