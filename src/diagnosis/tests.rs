//! The engine over its own data: odd facts, and what may never show.

use super::*;
use crate::salesforce::error::ApiError;
use proptest::prelude::*;

fn rules() -> &'static Rules {
    Rules::built_in()
}

const SECRETS: &[&str] = &[
    "00Dxx0000001gPL!AQEAQKbmZfzQd2sXmSmC8nYkq9aYq1bJx7Wv5oQ0h4u3t2s1r0",
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGFAYWNtZS5jb20ifQ.c2lnbmF0dXJlc2lnbmF0dXJl",
    "5Aep861_OKMvio5gy8xCNsXxybPdupY9fVEZyeVOvb4kpOZx5Z1QLB7k7n5flEqEWKcwUQEX1I.O5DCFwIkXYxy",
];

fn any_place() -> impl Strategy<Value = Option<Place>> {
    proptest::option::of(proptest::sample::select(
        Place::ALL.iter().map(|(_, place)| *place).collect::<Vec<_>>(),
    ))
}

proptest! {
    #[test]
    fn no_facts_panic_or_are_left_without_a_word(
        place in any_place(),
        status in proptest::option::of(0u16..1000),
        code in proptest::option::of("[a-zA-Z_]{0,20}|invalid_grant|INVALID_FIELD|NOT_FOUND|\\PC{0,10}"),
        message in "\\PC{0,80}|authentication failure|.*\\{[a-z_]+\\}.*",
        note in "\\PC{0,60}",
        username in proptest::option::of("\\PC{0,30}|[a-z]{1,5}@[a-z.]{0,20}"),
        path in "\\PC{0,60}|/services/data/v[0-9]{0,4}.[0-9]/query\\?q=\\PC{0,40}",
        skew in proptest::option::of(any::<i64>()),
    ) {
        let asked = Asked { method: "GET".into(), path, ..Asked::default() };
        let known = Known { clock_skew_seconds: skew, ..Known::default() };
        let facts = Facts {
            place, status, note, username, known, asked: Some(asked),
            error: ApiError { code, message, ..ApiError::default() },
            ..Facts::default()
        };
        let hints = diagnose(rules(), facts);
        prop_assert!(!hints.is_empty());
        for hint in hints {
            prop_assert!(!hint.cause.is_empty() && !hint.fix.is_empty());
        }
    }

    #[test]
    fn nothing_that_is_said_has_a_secret(
        secret in proptest::sample::select(SECRETS),
        before in "[a-z \"{:]{0,20}", after in "[a-z \"},]{0,20}",
        code in proptest::sample::select(vec!["INVALID_SESSION_ID", "invalid_grant", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "X_Y"]),
    ) {
        let text = format!("{before} {secret} {after}");
        let told = Told {
            note: format!("token {secret}, a new app"),
            request: Some(format!("GET /services/data/v66.0/limits?sid={secret}")),
            request_headers: vec![format!("Authorization: Bearer {secret}")],
            text: format!("[{{\"errorCode\":\"{code}\",\"message\":{}}}]", serde_json::to_string(&text).unwrap()),
            ..Told::default()
        };
        for one in told.explain(rules(), &Facts::default()) {
            let shown = format!("{:?}", one.hints);
            prop_assert!(!shown.contains(secret), "{shown}");
        }
    }
}

#[test]
fn a_token_of_another_org_is_seen_in_its_header() {
    let facts = Facts {
        known: Known { profile_org: Some("00Dyy0000001gPLEAY".into()), ..Known::default() },
        ..Facts::default()
    };
    let told = Told {
        status: Some(401),
        request: Some("GET https://acme.my.salesforce.com/services/data/v66.0/limits".into()),
        request_headers: vec![
            "Authorization: Bearer 00Dxx0000001gPL!AQEAQKbmZfzQd2sXmSmC8nYkq9aYq1bJx7Wv5oQ0h4u3t2s1r0".into(),
        ],
        text: r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#.into(),
        ..Told::default()
    };
    let hint = told.explain(rules(), &facts).remove(0).hints.remove(0);
    assert!(hint.evidence.iter().any(|line| line.contains("00Dxx0000001gPL")), "{hint:?}");
}
