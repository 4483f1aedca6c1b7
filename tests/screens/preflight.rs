//! What is worth a word before something is sent: beside its field, put right by one key, and never in the way.

use super::{
    bench::{ACME, Bench, boot},
    golden,
    network::Answered,
};
use orgdeck::{app::Boot, config::ProfileId};

/// A profile with more than one slip.
const SLIPS: &str = r#"
[settings]
plain_secrets = "allow"

[profiles.slips]
environment = "production"
flow = "authorization_code"
consumer_key = "\"3MVG9SlipsKey\""
username = "ada@acme.com.uat"
redirect_uri = "http://acme.com/callback/"
scopes = ["openid", "web"]
remember_tokens = true
"#;

const LIKE: &str = "/services/data/v20.0/query?q=SELECT+Id+FROM+Account+WHERE+Name+LIKE+'%AB%'";

golden! {
    preflight_token(b) { b.config(SLIPS).keys("2") }

    /// The cursor on a warning: what is odd, and what `Enter` does.
    preflight_token_chosen(b) { b.config(SLIPS).keys("2 j j j j j") }

    preflight_request(b) { b.url(LIKE) }

    /// A word at a row of the headers, one at the body, one beside the method.
    preflight_request_rows(b) { many(b) }

    /// What is being written is not judged.
    preflight_request_writing(b) { many(b).keys("i") }

    preflight_request_put_right(b) { b.url(LIKE).keys("f") }
}

fn many(b: &mut Bench) -> &mut Bench {
    b.profile("acme-prod").url("sobjects/Account");
    b.keys("m Down Enter K Down Down Down Down Enter j i").types("{}");
    b.keys("Esc [ a").types("Content-Type").keys("Enter").types("text/csv").keys("Enter")
}

fn notes(b: &Bench) -> String {
    b.app.request_note().map(|(_, text)| text).unwrap_or_default()
}

#[test]
fn nothing_is_said_of_a_field_before_it_is_left() {
    let mut b = Bench::at(120, 36);
    b.keys("3 u").types(LIKE);
    assert_eq!(notes(&b), "");
    b.keys("Enter");
    assert!(notes(&b).contains("begins no character") && notes(&b).contains("f: encode"), "{}", notes(&b));
    b.keys("u");
    assert_eq!(notes(&b), "", "it is being written again");
}

#[test]
fn one_key_puts_one_thing_right_and_another_takes_it_back() {
    let mut b = Bench::at(120, 36);
    b.url(LIKE);
    b.keys("f");
    assert_eq!(b.app.request.draft.url, "/services/data/v20.0/query");
    assert_eq!(b.app.request.draft.params[0].value, "SELECT Id FROM Account WHERE Name LIKE '%AB%'");
    assert!(notes(&b).contains("retired"), "{}", notes(&b));
    b.keys("f");
    assert_eq!(b.app.request.draft.url, "/services/data/v66.0/query", "the version that the profile names");
    assert_eq!(notes(&b), "");
    b.keys("f");
    assert!(b.notice().contains("nothing here"), "{}", b.notice());
    b.keys("Z");
    assert_eq!(b.app.request.draft.url, "/services/data/v20.0/query");
}

#[test]
fn a_request_is_sent_whatever_is_said_of_it() {
    let mut b = Bench::at(120, 36);
    b.token().url(LIKE);
    assert_ne!(notes(&b), "");
    b.answer(Answered::json(200, &serde_json::json!({ "records": [] })));
    assert!(b.screen().contains("200"), "{}", b.screen());
}

#[test]
fn a_token_is_asked_for_whatever_is_said_of_it() {
    let text = ACME.replace("username = \"ada@acme.com.uat\"", "username = \"ada@acme.com\"");
    let mut b = Bench::at(120, 36);
    b.config(&text).keys("2");
    assert!(b.screen().contains("! no sandbox's ending"), "{}", b.screen());
    b.token();
    b.keys("2 g");
    assert!(!b.screen().contains("! no sandbox's ending"), "it has worked: {}", b.screen());
}

#[test]
fn who_has_logged_in_there_before_is_told_nothing() {
    let text = ACME.replace("username = \"ada@acme.com.uat\"", "username = \"ada@acme.com\"");
    let logged_in = [(ProfileId::new("acme-uat"), "test.salesforce.com".to_owned())].into();
    let mut b = Bench::at(120, 36);
    b.begin(Boot { logged_in, ..boot(Ok(&text)) }).keys("2");
    assert!(!b.screen().contains("! "), "{}", b.screen());
}

#[test]
fn enter_on_a_warning_without_more_ado_does_what_it_says() {
    let mut b = Bench::at(120, 36);
    b.config(SLIPS).keys("2");
    b.click_on("! http is taken").keys("Enter");
    assert!(b.screen().contains("Callback") && !b.app.overlays.is_empty(), "{}", b.screen());
}
