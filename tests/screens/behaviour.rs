//! What keys, answers and files do: from a key to what a person sees and what the world is asked to do.

use super::{
    bench::{ACME, Bench, boot, token_answer},
    network::{Answered, Reaction},
    overlays::write_to_production,
    panes::records,
};
use orgdeck::{
    app::{Boot, Done, Effect, Msg, Pane, Saved, Secretable, overlays::Overlay},
    config::Theme,
    document::View,
    jobs::{Event, JobId, Outcome, Progress},
    salesforce::Standing,
    workspace::Draft,
};
use ratatui::layout::Size;
use serde_json::json;

fn bench() -> Bench {
    Bench::at(120, 36)
}

fn ok() -> Answered {
    Answered::json(200, &json!({"DailyApiRequests": {"Max": 15000, "Remaining": 13766}}))
}

/// The text of each draft that was saved, in order.
fn saved_states(bench: &Bench) -> Vec<&String> {
    let state = |effect: &'_ Effect| matches!(effect, Effect::SaveState(_));
    bench
        .effects
        .iter()
        .filter(|e| state(e))
        .map(|e| match e {
            Effect::SaveState(text) => text,
            _ => unreachable!("filtered"),
        })
        .collect()
}

fn saves_of_config(bench: &Bench) -> usize {
    bench.effects.iter().filter(|e| matches!(e, Effect::SaveConfig { .. })).count()
}

// ---- undoing, leaving

#[test]
fn esc_undoes_overlay_then_writing_then_search_then_job() {
    let mut b = bench();
    b.exchange("query", records()).keys("/").types("acme").keys("Enter");
    b.network.script(Reaction::Half(ok()));
    b.keys("s").run_until(|app| matches!(app.jobs.newest().unwrap().progress, Progress::Receiving { .. }));
    // The waiting hides the search; going back to the answer shows it.
    b.keys("b 3 u :");
    assert_eq!(b.app.overlays.len(), 0, "a letter in a text field is text");
    b.keys("Ctrl-P");
    assert!(b.app.request.writing.is_some());
    b.keys("Esc");
    assert!(b.app.request.writing.is_none(), "writing ends");
    b.keys("4 ?");
    assert_eq!(b.app.overlays.len(), 1);
    b.keys("Esc");
    assert!(b.app.overlays.is_empty() && b.app.response.searching(), "only the overlay");
    b.keys("Esc");
    assert!(!b.app.response.searching(), "then the search");
    assert!(!b.app.jobs.newest().unwrap().cancelled, "and not the job yet");
    b.keys("Esc");
    assert!(b.app.jobs.newest().unwrap().cancelled, "then the job");
    b.run();
    assert!(b.app.jobs.all().is_empty() && !b.has_quit());
}

#[test]
fn ctrl_c_twice_leaves_and_once_only_says_so() {
    let mut b = bench();
    b.keys("Ctrl-C");
    assert!(!b.has_quit() && b.notice().contains("once more"), "{}", b.notice());
    b.keys("j Ctrl-C");
    assert!(!b.has_quit(), "another key between begins anew");
    b.keys("Ctrl-C");
    assert!(b.has_quit());
}

#[test]
fn ctrl_c_stops_what_runs_before_it_leaves() {
    let mut b = bench();
    b.keys("t Ctrl-C");
    assert!(b.app.jobs.newest().unwrap().cancelled && !b.has_quit());
    b.run().keys("Ctrl-C");
    assert!(!b.has_quit(), "the first one without anything to stop");
    b.keys("Ctrl-C");
    assert!(b.has_quit());
}

#[test]
fn quitting_asks_while_something_runs() {
    let mut b = bench();
    b.keys("t q");
    assert!(!b.has_quit() && b.sees("Leave?"));
    b.keys("Esc");
    assert!(!b.has_quit() && b.app.overlays.is_empty());
    b.keys("q Enter");
    assert!(b.has_quit());
}

#[test]
fn alt_and_a_letter_is_esc_and_the_letter() {
    let mut b = bench();
    b.token().url("limits").keys("u").types("/x");
    b.script(ok()).keys("Alt-s");
    assert!(b.app.request.writing.is_none(), "Esc ended the writing");
    assert_eq!(b.started.len(), 2, "s sent");
    b.run();
    assert!(b.sees("DailyApiRequests"));
}

// ---- writing

#[test]
fn in_a_field_letters_are_text() {
    let mut b = bench();
    b.keys("3 u").types("1qsto?:[]nz");
    assert_eq!(b.app.request.draft.url, "1qsto?:[]nz");
    assert!(b.app.overlays.is_empty() && b.started.is_empty() && !b.has_quit());
    assert_eq!(b.app.focus, Pane::Request);
}

#[test]
fn a_paste_is_text_and_never_keys() {
    let mut b = bench();
    b.paste("qqq\nt");
    assert!(!b.has_quit() && b.started.is_empty() && b.app.overlays.is_empty());
    assert!(b.notice().contains("nothing is being written"), "{}", b.notice());
    b.keys("3 u").paste("/services/data\n");
    assert_eq!(b.app.request.draft.url, "/services/data");
    b.keys("Esc K").paste("x");
    assert!(b.notice().contains("nothing is being written"), "a menu takes no text");
}

#[test]
fn an_editor_outside_gives_its_text_back() {
    let mut b = bench();
    b.keys("o").types("create a record in json").keys("Enter Ctrl-O");
    assert!(b.effects.iter().any(|e| matches!(e, Effect::EditExternally { ending: "json", .. })));
    b.tell(Msg::Edited(Ok("{\"Name\": \"Outside\"}\n".into())));
    assert_eq!(b.app.request.draft.body, "{\"Name\": \"Outside\"}");
    b.tell(Msg::Edited(Err("vi ended with 1".into())));
    assert_eq!(b.app.request.draft.body, "{\"Name\": \"Outside\"}", "kept");
    assert_eq!(b.notice(), "vi ended with 1");
}

// ---- tokens and sending

#[test]
fn sending_without_a_token_gets_one_first() {
    let mut b = bench();
    let token = token_answer(&b.app);
    b.url("limits").script(token).script(ok()).keys("s").run();
    assert_eq!(b.started, ["GetToken(acme-uat)", "Call(acme-uat)"]);
    assert!(b.sees("DailyApiRequests"));
    assert_eq!(b.app.focus, Pane::Response, "the eyes go to the answer");
    let seen = b.network.seen();
    assert!(
        seen[0].starts_with("POST https://test.salesforce.com/services/oauth2/token grant_type=password")
    );
    assert!(seen[0].contains("password=uat-hush-2uat-hush-3"), "the security token is appended");
    assert_eq!(seen[1], "GET https://acme--uat.sandbox.my.salesforce.com/services/data/v66.0/limits");
}

/// What is sent is the request as it was when the key was pressed, not what is in the composer by the time the token
/// is there.
#[test]
fn a_token_that_comes_late_sends_what_was_asked_for() {
    let mut b = bench();
    let token = token_answer(&b.app);
    b.url("limits").script(token).script(ok()).keys("s");
    b.keys("n m").types("DELETE").keys("Enter u").types("sobjects/Account/001").keys("Esc").run();
    assert_eq!(b.started, ["GetToken(acme-uat)", "Call(acme-uat)"]);
    assert!(b.network.seen()[1].ends_with("/services/data/v66.0/limits"), "{:?}", b.network.seen());
}

#[test]
fn a_token_that_comes_after_a_switch_of_profiles_sends_nothing() {
    let mut b = bench();
    let token = token_answer(&b.app);
    b.url("limits").script(token).keys("s").profile("acme-prod").run();
    assert_eq!(b.started, ["GetToken(acme-uat)"]);
    assert!(b.notice().starts_with("not sent"), "{}", b.notice());
}

#[test]
fn a_token_for_a_profile_that_was_changed_meanwhile_is_not_kept() {
    let mut b = bench();
    let token = token_answer(&b.app);
    b.script(token).keys("t").reread(&ACME.replacen("ada@acme.com.uat", "eve@acme.com.uat", 1)).run();
    assert!(b.app.session().is_none());
    assert!(b.notice().contains("changed meanwhile"), "{}", b.notice());
}

/// Two profiles on one org pass every check of the host: the name that was typed must be the one that is used.
#[test]
fn a_confirmed_write_goes_out_as_whom_it_was_confirmed_for() {
    let mut b = bench();
    write_to_production(&mut b).types("acme-prod");
    b.reread(&ACME.replacen("[profiles.acme-prod]", "[profiles.acme-other]", 1));
    b.keys("Enter");
    assert_eq!(b.started.len(), 1, "only the token: {:?}", b.started);
    assert!(b.notice().contains("changed meanwhile"), "{}", b.notice());
}

/// Somebody reads an answer; another one, asked for before, must not take its place.
#[test]
fn a_late_answer_does_not_take_the_place_of_what_is_read() {
    let mut b = bench();
    b.exchange("query", records()).url("limits");
    b.script(ok()).keys("s b").run();
    assert!(b.sees("of 4,812 records") || b.sees("records"), "{}", b.screen());
    assert!(!b.sees("DailyApiRequests"), "{}", b.screen());
    assert!(b.notice().contains("H shows it"), "{}", b.notice());
}

#[test]
fn a_refused_token_sends_nothing() {
    let mut b = bench();
    let refused = json!({"error": "invalid_client", "error_description": "invalid client credentials"});
    b.url("limits").script(Answered::json(400, &refused)).keys("s").run();
    assert_eq!(b.started, ["GetToken(acme-uat)"]);
    assert!(b.sees("invalid client credentials"));
}

#[test]
fn a_second_t_stops_the_first() {
    let mut b = bench();
    b.keys("t t");
    assert_eq!(b.started.len(), 1);
    assert!(b.app.jobs.newest().unwrap().cancelled);
}

#[test]
fn asked_secrets_are_asked_once_a_run() {
    let mut b = bench();
    b.profile("scratch-asks").url("limits").keys("s");
    assert!(matches!(b.app.overlays.last(), Some(Overlay::Ask(_))));
    b.keys("Enter Enter");
    assert!(b.started.is_empty(), "nothing is sent while a field is empty");
    b.keys("Up").types("typed-hush-5").keys("Enter").types("typed-hush-8");
    let token = token_answer(&b.app);
    b.script(token.clone()).script(ok()).keys("Enter").run();
    assert_eq!(b.started, ["GetToken(scratch-asks)", "Call(scratch-asks)"], "and what it was for goes on");
    b.script(token).keys("t").run();
    assert_eq!(b.started.len(), 3, "not asked again");
    b.keys("2 x t");
    assert!(matches!(b.app.overlays.last(), Some(Overlay::Ask(_))), "forgetting forgets what was typed");
}

#[test]
fn a_variable_without_a_value_stops_at_its_field() {
    let mut b = bench();
    b.token().url("query").keys("a").types("q").keys("Enter").types("{{nothing}}").keys("Enter ] 1 s");
    assert_eq!(b.started.len(), 1, "only the token");
    assert_eq!(b.app.focus, Pane::Request);
    let (_, row) = b.find("▌[x] q");
    assert!(b.screen().lines().nth(usize::from(row) + 1).is_some());
    assert!(b.sees("{{nothing}} has no value"));
}

#[test]
fn while_writing_sending_leaves_the_focus() {
    let mut b = bench();
    b.token().url("limits").keys("u").script(ok()).keys("F5");
    assert_eq!(b.app.focus, Pane::Request);
    assert!(b.app.request.writing.is_some());
    b.run();
}

#[test]
fn a_write_to_production_needs_the_profiles_name() {
    let mut b = bench();
    write_to_production(&mut b);
    assert_eq!(b.started, ["GetToken(acme-prod)"]);
    b.keys("Enter").types("acme-uat").keys("Enter");
    assert_eq!(b.started.len(), 1, "another name is no yes");
    b.keys("Ctrl-U").types("acme-prod").script(ok()).keys("Enter").run();
    assert_eq!(b.started, ["GetToken(acme-prod)", "Call(acme-prod)"]);
    assert!(
        b.network.seen()[1]
            .starts_with("POST https://acme.my.salesforce.com/services/data/v66.0/sobjects/Account")
    );
}

#[test]
fn a_write_to_production_that_is_not_confirmed_is_not_sent() {
    let mut b = bench();
    write_to_production(&mut b).types("acme-prod").keys("Esc");
    assert_eq!(b.started.len(), 1);
    assert!(b.app.overlays.is_empty());
    b.url("limits").keys("3 m").keys("Esc").script(ok()).keys("s").run();
}

#[test]
fn reading_from_production_and_writing_to_a_sandbox_ask_nothing() {
    let mut b = bench();
    b.profile("acme-prod").token().url("limits").script(ok()).keys("s").run();
    assert_eq!(b.started.len(), 2);
    b.profile("acme-uat")
        .token()
        .keys("o")
        .types("create a record in json")
        .keys("Enter")
        .script(ok())
        .keys("s")
        .run();
    assert_eq!(b.started.len(), 4);
}

#[test]
fn anonymous_apex_is_a_write_whatever_its_method() {
    let mut b = bench();
    b.profile("acme-prod").token().url("tooling/executeAnonymous?anonymousBody=x").keys("s");
    assert!(b.sees("Write to PRODUCTION"));
}

#[test]
fn a_read_only_profile_sends_no_write() {
    let mut b = bench();
    b.config(&ACME.replacen("environment = \"sandbox\"", "environment = \"sandbox\"\nread_only = true", 1));
    b.token().keys("o").types("create a record in json").keys("Enter s");
    assert_eq!(b.started, ["GetToken(acme-uat)"]);
    assert!(b.notice().contains("read-only"), "{}", b.notice());
    b.url("limits").keys("3 m g Enter").script(ok()).keys("s").run();
    assert_eq!(b.started.len(), 2, "reading is free");
}

#[test]
fn late_news_of_an_unknown_job_change_nothing() {
    let mut b = bench();
    b.exchange("query", records());
    let before = b.screen();
    let (newest, records) = (JobId(99), b.app.response.records.len());
    b.tell(Msg::Worker(Event::Progress(newest, Progress::Sending)));
    b.tell(Msg::Worker(Event::Ended(newest, Ok(Outcome::Cancelled(None)))));
    b.tell(Msg::Worker(Event::Ended(newest, Err(orgdeck::app::busy()))));
    let session = b.app.session().unwrap().clone();
    b.keys("2 x").wait(20_000).keys("4");
    b.tell(Msg::Worker(Event::Ended(newest, Ok(Outcome::Token(session, Box::new(Standing::AsBefore))))));
    assert!(b.app.session().is_none(), "a forgotten token does not come back");
    assert_eq!(b.app.response.records.len(), records);
    assert_ne!(before, b.screen(), "forgetting is seen");
}

// ---- configuration

#[test]
fn a_changed_login_drops_its_token_and_no_other() {
    let mut b = bench();
    b.token().profile("acme-prod").token();
    b.reread(&ACME.replace("3MVG9ProdKey", "3MVG9OtherKey"));
    assert!(b.app.session().is_none());
    b.profile("acme-uat");
    assert!(b.app.session().is_some());
    b.reread(&ACME.replace("account_id =", "another_id ="));
    assert!(b.app.session().is_some(), "a variable is no login");
}

#[test]
fn a_broken_file_leaves_the_last_good_state() {
    let mut b = bench();
    b.token().reread("[profiles.acme-uat]\nflow = 12\n");
    assert!(b.app.session().is_some());
    assert_eq!(b.app.config.profiles.len(), 5);
    assert!(b.sees("line 2, column 8"), "{}", b.screen());
    b.keys("1 e");
    assert!(b.app.overlays.is_empty(), "nothing is edited while it is broken");
    b.reread(ACME);
    assert!(b.app.config_problem.is_none() && b.app.session().is_some());
}

#[test]
fn a_profile_that_is_gone_gives_way_to_no_other_org() {
    let mut b = bench();
    b.profile("pasted").reread(&ACME[..ACME.find("[profiles.pasted]").unwrap()]);
    assert!(b.app.profile.is_none() && b.notice().starts_with("pasted is no longer in the file"));
    b.keys("s");
    assert!(b.notice().contains("no profile is in use"), "{}", b.notice());
    // Editors empty a file before they write it.
    b.reread("");
    assert!(b.sees("empty or gone") && !b.app.config.profiles.is_empty(), "{}", b.screen());
}

#[test]
fn a_new_profile_is_written_and_then_used() {
    let mut b = bench();
    b.keys("1 a Ctrl-S");
    assert_eq!(saves_of_config(&b), 0, "it has no name");
    assert!(matches!(b.app.overlays.last(), Some(Overlay::Editor(e)) if e.problem.is_some()));
    b.keys("Enter").types("acme-new").keys("Enter Right Ctrl-S");
    let (text, _) = b.saved_config();
    assert!(text.starts_with(ACME) && text.contains("[profiles.acme-new]"), "{text}");
    assert_eq!(b.app.config.profiles.len(), 5, "it is there when it is written, not before");
    b.written();
    assert!(b.app.overlays.is_empty());
    assert_eq!(b.app.profile.as_ref().unwrap().as_str(), "acme-new");
}

#[test]
fn the_start_page_leads_to_a_form_and_the_form_back_to_it() {
    let mut b = bench();
    b.config("").keys("Down Enter");
    assert!(b.sees("A new profile"));
    b.keys("Esc");
    assert!(b.sees("Welcome to orgdeck") && saves_of_config(&b) == 0);
    b.keys("Enter").begin(Boot { saved: Saved::default(), ..boot(Ok("")) }).keys("Down Enter Enter");
    b.types("first").keys("Ctrl-S").written();
    assert!(b.app.overlays.is_empty() && b.sees("›first"));
}

#[test]
fn editing_keeps_comments_and_the_form_until_it_is_written() {
    let mut b = bench();
    b.keys("1 e Tab Tab Tab Tab Enter").types("X").keys("Ctrl-S");
    let (text, _) = b.saved_config();
    assert!(text.contains("consumer_key = \"3MVG9UatKeyX\""), "{text}");
    assert!(text.contains("# The sandbox of the next release."));
    assert_eq!(text.replace("UatKeyX", "UatKey"), ACME, "and nothing else is changed");
    assert!(matches!(b.app.overlays.last(), Some(Overlay::Editor(_))), "not before it is written");
    b.tell(Msg::Done(Done::Badly("not saved: no space left on device".into())));
    assert!(matches!(b.app.overlays.last(), Some(Overlay::Editor(_))), "a full disk loses nothing");
    b.tell(Msg::Done(Done::ConfigMoved)).keys("Ctrl-S").written();
    assert!(b.app.overlays.is_empty());
    assert_eq!(b.app.active().unwrap().consumer_key.as_deref(), Some("3MVG9UatKeyX"));
}

#[test]
fn a_renamed_profile_stays_in_use() {
    let mut b = bench();
    b.keys("1 e Enter").types("-2").keys("Ctrl-S").written();
    assert_eq!(b.app.profile.as_ref().unwrap().as_str(), "acme-uat-2");
}

#[test]
fn duplicating_deleting_and_moving_write_the_file() {
    let mut b = bench();
    b.keys("1 d");
    assert!(b.saved_config().0.contains("[profiles.acme-uat-copy]"));
    b.written().keys("d");
    assert!(b.saved_config().0.contains("[profiles.acme-uat-copy-2]"), "names are free ones");
    b.written().keys("x");
    let before = saves_of_config(&b);
    b.keys("Esc");
    assert_eq!(saves_of_config(&b), before, "a no deletes nothing");
    let after = |b: &Bench, one: &str, other: &str| {
        let text = b.saved_config().0;
        text.find(&format!("[profiles.{one}]")) > text.find(&format!("[profiles.{other}]"))
    };
    b.keys("J");
    assert!(after(&b, "acme-uat", "acme-uat-copy-2"));
    b.written().keys("K");
    assert!(after(&b, "acme-uat-copy-2", "acme-uat"));
    b.written().keys("x Enter");
    assert!(!b.saved_config().0.contains("[profiles.acme-uat]"));
}

/// The second change is made on what the first will have written, not on what the file said before.
#[test]
fn two_quick_changes_of_the_file_do_not_undo_each_other() {
    let mut b = bench();
    b.keys("1 d K");
    let text = b.saved_config().0;
    assert!(text.contains("[profiles.acme-uat-copy]"), "{text}");
}

#[test]
fn the_demo_is_offered_only_where_it_is_built_in() {
    let mut b = bench();
    b.config("");
    assert!(b.sees("Try the demo orgs"));
    b.keys("Enter");
    assert!(b.effects.iter().any(|e| matches!(e, Effect::OpenDemo)));
    b.begin(Boot { has_demo: false, ..boot(Ok("")) });
    assert!(!b.sees("Try the demo orgs"));
}

// ---- drafts

#[test]
fn a_draft_is_saved_half_a_second_after_the_last_key() {
    let mut b = bench();
    b.keys("3 u").types("lim").wait(400).types("its").wait(499);
    assert!(saved_states(&b).is_empty());
    assert!(b.app.next_wake(b.now).unwrap() <= b.now.mono + std::time::Duration::from_millis(1));
    b.wait(1);
    let saved = Saved::parse(saved_states(&b)[0]).unwrap();
    assert_eq!((saved.draft.url.as_str(), saved.profile.as_deref()), ("limits", Some("acme-uat")));
    b.wait(5_000);
    assert_eq!(saved_states(&b).len(), 1, "and not again");
}

#[test]
fn a_draft_is_saved_before_leaving() {
    for keys in ["Esc q", "Ctrl-C Ctrl-C Ctrl-C"] {
        let mut b = bench();
        b.keys("3 u").types("limits").keys(keys);
        let order: Vec<_> = b.effects.iter().map(|e| matches!(e, Effect::SaveState(_))).collect();
        assert!(b.has_quit());
        assert_eq!(order.first(), Some(&true), "{keys}: saved, then left");
    }
    let mut b = bench();
    b.keys("3 u").types("limits").tell(Msg::Shutdown);
    assert!(matches!(b.effects[..], [Effect::SaveState(_), Effect::Quit]), "{:?}", b.effects);
}

#[test]
fn a_draft_comes_back_after_a_restart() {
    let mut b = bench();
    b.keys("o").types("create a record in json").keys("Enter").profile("acme-prod").wait(600);
    let saved = Saved::parse(saved_states(&b).last().unwrap()).unwrap();
    let mut b = Bench::boot(Boot { saved, size: Size::new(120, 36), ..boot(Ok(ACME)) });
    assert!(b.sees("Acme Coffee Roasters") && b.sees("›acme-prod"));
    b.keys("n");
    assert_eq!(b.app.request.draft, Draft::new());
    b.keys("o").types("earlier draft").keys("Enter");
    assert!(b.sees("Acme Coffee Roasters"), "a new request keeps the old one");
}

// ---- answers

#[test]
fn walking_through_answers_keeps_each_ones_place() {
    let mut b = bench();
    b.exchange("query", records()).keys("Down Down v").url("limits").answer(ok());
    assert!(b.sees("DailyApiRequests"));
    b.keys("b");
    assert!(b.sees("Acme Corporation"));
    assert_eq!(b.app.response.view().map(View::presentation), Some(orgdeck::document::Presentation::Raw));
    b.keys("b b");
    assert!(b.sees("Acme Corporation"), "the token request is no answer to walk to");
    b.keys("B B");
    assert!(b.sees("DailyApiRequests"));
    b.keys("H Down Enter");
    assert!(b.sees("Acme Corporation"), "the history leads to any of them");
}

#[test]
fn an_expired_session_is_renewed_once_and_that_is_said() {
    let mut b = bench();
    let expired = json!([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]);
    let mut renewed = super::bench::token_body("acme-uat", "uat-hush-1");
    renewed["access_token"] = json!("00D58000000arpq!AQEAQ.hush-new");
    b.token()
        .url("limits")
        .script(Answered::json(401, &expired))
        .script(Answered::json(200, &renewed))
        .script(ok());
    b.keys("s").run();
    assert!(b.sees("sent again with a new token"), "{}", b.screen());
    assert_eq!(b.network.seen().len(), 4);
}

#[test]
fn a_link_becomes_the_next_request_and_the_old_one_is_kept() {
    let mut b = bench();
    b.exchange("query", records()).keys(">");
    assert_eq!(b.app.request.draft.url, "/services/data/v66.0/query/01g5800000Acme-2000");
    assert_eq!(b.app.request.shelf[0].url, "query");
}

#[test]
fn what_is_copied_is_what_was_asked_for_and_secrets_are_known_as_such() {
    let mut b = bench();
    b.exchange("query", records()).keys("Down y Enter");
    assert!(
        matches!(b.effects.last(), Some(Effect::Copy { text: Secretable::Plain(text), .. }) if text == "4812")
    );
    b.keys("y").keys("Down Down Down Down Down Enter");
    let secret = matches!(b.effects.last(), Some(Effect::Copy { text: Secretable::Secret(s), .. }) if s.expose().contains("hush-6"));
    assert!(secret, "{:?}", b.effects.last());
    assert!(!format!("{:?}", b.effects).contains("hush"), "not in the effects' debug form");
}

#[test]
fn saving_a_body_asks_before_it_replaces_a_file() {
    let mut b = bench();
    b.exchange("query", records()).keys("S Ctrl-U").types("there.json").keys("Enter");
    let saves = |b: &Bench| -> Vec<bool> {
        b.effects
            .iter()
            .filter_map(|e| match e {
                Effect::SaveBody { overwrite, .. } => Some(*overwrite),
                _ => None,
            })
            .collect()
    };
    assert_eq!(saves(&b), [false]);
    b.tell(Msg::Done(Done::Exists("there.json".into())));
    assert!(b.sees("already there"));
    b.types("2").keys("Enter");
    assert_eq!(saves(&b), [false, false], "another name is asked for anew");
    b.tell(Msg::Done(Done::Exists("there.json2".into()))).keys("Enter");
    assert_eq!(saves(&b), [false, false, true]);
    b.tell(Msg::Done(Done::Well(Some("the path is on the clipboard".into()))));
    assert!(!b.app.overlays.is_empty(), "another thing that went well closes nothing");
    b.tell(Msg::Done(Done::BodySaved("saved to there.json2".into())));
    assert!(b.app.overlays.is_empty() && b.notice() == "saved to there.json2");
}

/// A message above a body takes rows from it, and the cursor must not be below what is left.
#[test]
fn the_cursor_of_an_answer_is_always_in_sight() {
    let half = r#"{"a": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20], "b": "Acm"#;
    for (columns, rows) in super::laws::SIZES {
        let mut b = Bench::at(columns, rows);
        b.exchange("query", Answered::new(200, "application/json", half)).keys("4");
        for _ in 0..25 {
            b.keys("Down");
            let inside = b.app.screen().pane(Pane::Response).unwrap();
            let cells = b.cells();
            let marks =
                (inside.y..inside.bottom()).filter(|y| cells[(inside.x + 1, *y)].symbol() == "▌").count();
            assert_eq!(marks, 1, "{columns}×{rows}:\n{}", b.screen());
        }
    }
}

// ---- looks and the mouse

#[test]
fn themes_come_one_after_the_other() {
    let mut b = bench();
    let first = b.app.palette();
    for theme in Theme::ALL {
        assert_eq!(b.app.palette(), *theme);
        b.keys("Ctrl-T");
    }
    assert_eq!(b.app.palette(), first);
    let mut b = Bench::boot(Boot { no_color: true, ..boot(Ok(ACME)) });
    b.keys("Ctrl-T");
    assert_eq!(b.app.palette(), Theme::Mono);
}

#[test]
fn a_click_hits_what_is_drawn_there() {
    let mut b = bench();
    b.exchange("query", records());
    b.click_on("3 Request");
    assert_eq!(b.app.focus, Pane::Request);
    b.click_on("Headers");
    assert_eq!(b.app.request.tab.label(), "Headers");
    b.click_on("Wire");
    assert_eq!(b.app.focus, Pane::Response);
    assert!(b.sees("authorization: Bearer"));
    b.click_on(" Tree ").click_on("totalSize       4812");
    assert!(b.sees("▌    totalSize"));
    b.click_on("▾ records").click_on("▾ records");
    assert!(b.sees("▸ records"), "a double click folds");
    b.click_on("acme-prod");
    assert!(b.sees("▌PROD"));
    assert_eq!(b.app.profile.as_ref().unwrap().as_str(), "acme-uat", "one click only selects");
    b.wait(1_000).click_on("acme-prod").click_on("acme-prod");
    assert_eq!(b.app.profile.as_ref().unwrap().as_str(), "acme-prod", "two use it");
    b.click_on("Key ");
    assert!(b.sees("▌Key"));
    b.wait(20_000).click_on("o open");
    assert!(b.sees("Open a request"));
    b.click_on("Describe Account");
    assert!(b.app.overlays.is_empty());
    assert_eq!(b.app.request.draft.name, "Describe Account");
}

#[test]
fn every_hint_of_the_key_row_can_be_clicked() {
    for pane in ["1", "2", "3", "4"] {
        let mut b = bench();
        b.exchange("query", records()).wait(20_000).keys(pane);
        for hint in orgdeck::app::footer::hints(&b.app) {
            let line = b.screen().lines().last().unwrap().to_owned();
            let at: String =
                line.chars().skip(usize::from(hint.area.x)).take(usize::from(hint.area.width)).collect();
            assert_eq!(at, format!("{} {}", hint.key, hint.says));
        }
    }
}

#[test]
fn in_one_pane_mode_the_tabs_lead_to_the_others() {
    let mut b = Bench::at(60, 20);
    for pane in Pane::ALL {
        b.click_on(&format!("{} {}", pane.number(), pane.title()));
        assert_eq!(b.app.focus, pane);
        assert!(b.sees(&format!("▸{} {}", pane.number(), pane.title())));
    }
}

#[test]
fn the_wheel_scrolls_the_answer_under_it() {
    use crossterm::event::{KeyModifiers, MouseEvent, MouseEventKind};
    let mut b = Bench::at(80, 24);
    b.exchange("query", records()).keys("1");
    let (column, row) = b.find("nextRecordsUrl");
    let kind = MouseEventKind::ScrollDown;
    b.tell(Msg::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    assert!(!b.sees("nextRecordsUrl") || b.find("nextRecordsUrl").1 < row);
    assert_eq!(b.app.focus, Pane::Profiles);
}

/// A table is wider than its pane more often than not.
#[test]
fn what_is_cut_off_at_the_right_can_be_seen() {
    let mut b = bench();
    let wide = format!("{}Note\n{}the far end\n", "A column's name,".repeat(9), "0123456789012,".repeat(9));
    b.exchange("csv", Answered::new(200, "text/csv", wide));
    assert!(!b.sees("the far end"));
    for _ in 0..6 {
        b.keys("Shift-Right");
    }
    assert!(b.sees("the far end"), "{}", b.screen());
    for _ in 0..8 {
        b.keys("Shift-Left");
    }
    assert!(b.sees("  1 A column"), "{}", b.screen());
}
