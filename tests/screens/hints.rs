//! What errors mean and what mends them: the view of hints, the causes in the token pane, and what their keys do.

use super::{
    bench::{ACME, Bench, token_answer},
    golden,
    network::Answered,
};
use orgdeck::app::{Pane, panes::response::Face};
use serde_json::json;

golden! {
    /// Many causes have one text: the likeliest is unfolded.
    hints_many_causes(b) { refused(b).keys("!") }

    /// The cursor on another one.
    hints_second_cause(b) { refused(b).keys("!"); second(b) }

    /// In the token pane the causes stand below the error.
    hints_in_token_pane(b) { refused(b).keys("2 Down Down") }

    /// The place of an error, in a query.
    hints_query(b) { b.exchange("query", misspelt()) }

    /// Parts of one answer: each with its name, and the one that stopped the others.
    hints_composite(b) {
        let part = |status: u16, reference: &str, code: &str, message: &str| {
            let fields = if code == "REQUIRED_FIELD_MISSING" { json!(["LastName"]) } else { json!([]) };
            json!({"body": [{"errorCode": code, "message": message, "fields": fields}], "httpHeaders": {}, "httpStatusCode": status, "referenceId": reference})
        };
        let halted = "The transaction was rolled back since another operation in the same transaction failed.";
        let parts = json!({"compositeResponse": [
            part(400, "account", "PROCESSING_HALTED", halted),
            part(400, "contact", "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]"),
            part(400, "note", "PROCESSING_HALTED", halted),
        ]});
        b.exchange("composite", Answered::json(200, &parts))
    }

    /// A page in the place of an answer.
    hints_maintenance(b) { b.exchange("limits", maintenance()) }

    /// It is tried again when the time has come.
    hints_count_down(b) { b.exchange("limits", maintenance()).keys("Enter").wait(8_000) }

    /// A code that nobody has written down.
    hints_unknown(b) {
        let error = json!([{"errorCode": "FLUX_UNSTABLE", "message": "the flux capacitor of this org is unstable"}]);
        b.exchange("limits", Answered::json(400, &error))
    }

    /// What was mended says so.
    hints_mended(b) {
        b.exchange("limits", maintenance()).keys("Enter").script(Answered::json(200, &json!({"Max": 1}))).wait(31_000).run();
        b.keys("H Down Enter")
    }
}

fn refused(b: &mut Bench) -> &mut Bench {
    let error = json!({"error": "invalid_grant", "error_description": "authentication failure"});
    b.script(Answered::json(400, &error)).keys("t").run().wait(13_000)
}

/// Down, past all of the first hint, to the next one.
fn second(b: &mut Bench) -> &mut Bench {
    let chosen = |b: &Bench| b.app.response.record().unwrap().hints.chosen().unwrap().id.clone();
    let first = chosen(b);
    while chosen(b) == first {
        b.keys("Down");
    }
    b
}

fn misspelt() -> Answered {
    let message = "\nSELECT Id, Nmae FROM Account\n           ^\nERROR at Row:1:Column:12\nNo such column 'Nmae' on entity 'Account'.";
    Answered::json(400, &json!([{"message": message, "errorCode": "INVALID_FIELD"}]))
}

fn maintenance() -> Answered {
    let page = "<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>We are down for maintenance.</h1></body></html>";
    let mut answered = Answered::new(503, "text/html; charset=UTF-8", page);
    answered.headers.push(("retry-after", "30".to_owned()));
    answered
}

fn face(b: &Bench) -> Face {
    b.app.response.record().expect("an answer is shown").face
}

#[test]
fn an_error_opens_its_hints_and_its_body_is_one_key_away() {
    let mut b = Bench::at(120, 36);
    b.exchange("query", misspelt());
    assert_eq!((face(&b), b.app.focus), (Face::Hints, Pane::Response));
    b.keys("]");
    assert!(face(&b) == Face::Tree && b.sees("errorCode"), "{}", b.screen());
    b.keys("[");
    assert_eq!(face(&b), Face::Hints);
    b.keys("v v");
    assert_eq!(face(&b), Face::Raw);
}

#[test]
fn an_answer_without_an_error_opens_none() {
    let mut b = Bench::at(120, 36);
    b.exchange("limits", Answered::json(200, &json!({"DailyApiRequests": {"Max": 1}})));
    assert_eq!(face(&b), Face::Tree);
    b.keys("!");
    assert_eq!(b.notice(), "no answer of this run has failed");
    b.keys("v v v v");
    assert!(b.sees("Nothing failed here."), "{}", b.screen());
}

#[test]
fn who_is_typing_goes_on_typing() {
    let mut b = Bench::at(120, 36);
    b.token().wait(7_000).url("query").script(misspelt()).keys("u").types("?q=").keys("Ctrl-G");
    b.types("SEL").run().types("ECT");
    assert_eq!((face(&b), b.app.focus), (Face::Hints, Pane::Request));
    b.keys("Enter");
    assert!(b.app.request.draft.url.ends_with("SELECT"), "{}", b.app.request.draft.url);
}

#[test]
fn the_hints_are_one_key_away_from_everywhere() {
    let mut b = Bench::at(120, 36);
    b.exchange("query", misspelt()).answer(Answered::json(200, &json!({"done": true})));
    for pane in ["1", "2", "3", "4"] {
        b.keys(pane).keys("!");
        assert_eq!((face(&b), b.app.focus), (Face::Hints, Pane::Response), "from {pane}");
        assert!(b.sees("INVALID_FIELD"), "{}", b.screen());
    }
}

#[test]
fn a_narrow_terminal_loses_nothing_of_a_hint() {
    for (columns, rows) in [(40, 12), (47, 15), (80, 24)] {
        let mut b = Bench::at(columns, rows);
        refused(&mut b).keys("! z");
        let mut seen = String::new();
        for _ in 0..400 {
            seen += &b.screen().replace(['│', '┃', '▌', '\n', ' '], "");
            b.keys("Down");
        }
        let hint = b.app.response.record().unwrap().hints.errors()[0].hints[0].clone();
        for word in hint.fix.split_whitespace().chain(["Enter:"]).filter(|word| word.len() < 8) {
            assert!(seen.contains(word), "{word} at {columns}×{rows}");
        }
    }
}

#[test]
fn enter_says_so_where_no_key_can_mend() {
    let mut b = Bench::at(120, 36);
    refused(&mut b).keys("!");
    let record = |b: &Bench| b.app.response.record().unwrap().hints.chosen().unwrap().action.is_none();
    for _ in 0..200 {
        if record(&b) {
            b.keys("Enter");
            assert!(b.notice().contains("nothing here can be done by a key"), "{}", b.notice());
        }
        b.keys("Down");
    }
}

#[test]
fn a_profile_is_changed_when_it_has_brought_a_token_and_as_it_was_after_z() {
    let mut b = Bench::at(120, 36);
    refused(&mut b).keys("!");
    while !b.sees("Enter: try once without the security token") {
        let before = b.screen();
        b.keys("Down");
        assert_ne!(before, b.screen(), "no such hint");
    }
    let answer = token_answer(&b.app);
    b.script(answer).keys("Enter").run();
    let trusts = |b: &Bench| b.saved_config().0.matches("trusted_ip = true").count();
    let before = ACME.matches("trusted_ip = true").count();
    assert_eq!(trusts(&b), before + 1);
    b.written();
    assert!(b.app.session().is_some(), "{}", b.notice());
    b.keys("!");
    assert!(b.sees("✓ mended: "), "{}", b.screen());
    b.keys("Z");
    assert_eq!(b.saved_config().0, ACME);
}
