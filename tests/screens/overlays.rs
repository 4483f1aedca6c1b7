//! Golden screens of what lies over the panes: lists, questions, secrets, the search's line.

use super::{bench::Bench, golden, network::Answered, panes::records};
use orgdeck::app::{Done, Msg};
use serde_json::json;

golden! {
    palette(b) { b.keys(":") }

    palette_filtered(b) { b.keys("Ctrl-P").types("profile") }

    palette_nothing(b) { b.keys(":").types("qqqq") }

    help_profiles(b) { b.keys("?") }

    help_response_end(b) { b.keys("4 ? G") }

    switch_profile(b) { b.token().wait(7_000).keys("p Down") }

    open_requests(b) { b.url("limits").keys("n o") }

    open_requests_filtered(b) { b.keys("o").types("record") }

    methods(b) { b.keys("3 m Down") }

    body_kinds(b) { b.keys("3 K Down") }

    copy_menu(b) { b.exchange("query", records()).keys("y") }

    token_menu(b) { b.token().wait(7_000).keys("T") }

    history(b) {
        let error = json!([{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}]);
        b.exchange("query", records()).wait(120_000).url("nowhere").answer(Answered::json(404, &error)).keys("H")
    }

    /// A write to production: nothing typed yet.
    confirm_production(b) { write_to_production(b) }

    /// Half of the name is not the name.
    confirm_production_half_typed(b) { write_to_production(b).types("acme-pr") }

    /// The whole name.
    confirm_production_typed(b) { write_to_production(b).types("acme-prod") }

    confirm_delete_profile(b) { b.keys("1 Down x") }

    /// Secrets that are asked for each run, the first of them typed.
    ask_secrets_masked(b) { b.profile("scratch-asks").keys("t").types("typed-hush-5") }

    /// The same, shown because the person asked.
    ask_secrets_revealed(b) { b.profile("scratch-asks").keys("t").types("typed-hush-5").keys("Ctrl-R") }

    /// A pasted secret is cleaned, and that is said.
    ask_secrets_cleaned(b) { b.profile("scratch-asks").keys("t").paste(" \"typed-hush-5\"\n") }

    save_body(b) { b.exchange("query", records()).keys("S") }

    save_body_exists(b) {
        b.exchange("query", records()).keys("S Enter").tell(Msg::Done(Done::Exists("response.json".into())))
    }

    quit_question(b) { b.token().wait(7_000).url("limits").keys("s q") }
}

/// The question that a write to production asks.
pub fn write_to_production(b: &mut Bench) -> &mut Bench {
    b.profile("acme-prod").token().wait(7_000).keys("o").types("create a record in json").keys("Enter");
    b.keys("s")
}
