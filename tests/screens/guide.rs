//! The setup guide and what leads to it: golden screens, and what its keys do.

use super::{
    bench::{ACME, Bench, boot},
    golden,
    network::Answered,
};
use orgdeck::{
    app::{
        Boot, Effect, Secretable,
        guides::Clock,
        overlays::{
            Overlay, geometry,
            guide::{RowKind, SetupGuide},
        },
    },
    config::{Flow, ProfileField},
};
use ratatui::layout::Size;
use serde_json::json;

golden! {
    guide_password(b) { b.keys("2 U") }

    /// Some steps are ticked off; the cursor is on a value.
    guide_ticked(b) { b.profile("acme-prod").keys("2 U Down Down Space Down Down Down Space Down Down Enter Down Down") }

    /// The same for a connected app.
    guide_connected(b) { b.profile("acme-prod").keys("2 U ]") }

    /// A callback URL, scopes of the profile's own, one of them unknown.
    guide_callback(b) { b.config(BROWSER).keys("2 U").keys(&"Down ".repeat(13)) }

    /// Its last part.
    guide_end(b) { b.config(BROWSER).keys("2 U G") }

    /// What the profile lacks.
    guide_missing(b) { b.profile("half-written").keys("2 U").keys(&"Down ".repeat(28)) }

    guide_no_app(b) { b.profile("pasted").keys("2 U") }

    /// Everything is saved; the clock runs since two minutes.
    guide_clock(b) { b.profile("acme-prod").keys("2 U s").wait(138_000) }

    /// Tried too early.
    guide_too_early(b) { b.profile("acme-prod").keys("2 U s").wait(30_000).script(unknown_key()).keys("t").run() }

    /// The clock has run.
    guide_ready(b) { b.profile("acme-prod").keys("2 U s").wait(600_000) }

    /// Without a profile: which flow?
    guide_flows(b) { b.config("").keys("Down Down Enter") }

    /// The guide of a flow without a profile.
    guide_of_flow(b) { choose(b.config("").keys("Down Down Enter"), Flow::JwtBearer) }

    /// The token pane after a refusal that a young app gets.
    token_too_early(b) { b.profile("acme-prod").keys("2").script(unknown_key()).keys("t").run() }

    /// A Lightning page's address was pasted: the form says what became of it.
    form_page_pasted(b) {
        login_host(b).paste("https://acme--uat.sandbox.lightning.force.com/lightning/setup/SetupOneHome/home")
    }
}

/// A profile for a login by browser.
const BROWSER: &str = r#"
[profiles.acme-browser]
environment = "sandbox"
flow = "authorization_code"
login_url = "https://acme--uat.sandbox.my.salesforce.com"
consumer_key = "3MVG9BrowserKey"
redirect_uri = "http://localhost:1717/OauthRedirect"
scopes = ["api", "refresh_token", "apl"]
"#;

/// Chooses a flow in the list that is open.
fn choose(b: &mut Bench, flow: Flow) -> &mut Bench {
    let at = Flow::ALL.iter().position(|one| *one == flow).unwrap();
    b.keys(&"Down ".repeat(at)).keys("Enter")
}

/// What the token endpoint says to a consumer key that it does not know.
fn unknown_key() -> Answered {
    Answered::json(
        400,
        &json!({"error": "invalid_client_id", "error_description": "client identifier invalid"}),
    )
}

/// The form of a new profile, its login host being written.
fn login_host(b: &mut Bench) -> &mut Bench {
    b.keys("1 a Down Down Enter")
}

fn bench() -> Bench {
    Bench::at(120, 36)
}

/// What stands in a field of the form on the screen.
fn form_text(b: &Bench, field: ProfileField) -> String {
    match b.app.overlays.last() {
        Some(Overlay::Editor(editor)) => editor.form.text(field).to_owned(),
        other => panic!("no form is open: {other:?}"),
    }
}

fn form_field(b: &Bench) -> Option<ProfileField> {
    match b.app.overlays.last() {
        Some(Overlay::Editor(editor)) => editor.field(),
        other => panic!("no form is open: {other:?}"),
    }
}

#[test]
fn the_address_of_a_page_becomes_the_login_host_and_that_is_said() {
    let mut b = bench();
    login_host(&mut b).paste("https://acme--uat--c.sandbox.vf.force.com/apex/Invoice");
    assert_eq!(form_text(&b, ProfileField::LoginUrl), "https://acme--uat.sandbox.my.salesforce.com");
    assert!(b.sees("acme--uat--c.sandbox.vf.force.com shows pages"), "{}", b.screen());
    b.types("/x").keys("Tab");
    assert_eq!(form_text(&b, ProfileField::LoginUrl), "https://acme--uat.sandbox.my.salesforce.com");
    assert!(b.sees("only the host is kept"), "{}", b.screen());
    b.keys("Up");
    assert!(!b.sees("only the host is kept"), "the next key takes it away");
}

#[test]
fn a_new_profile_takes_the_environment_that_its_host_names() {
    let mut b = bench();
    login_host(&mut b).paste("https://acme--uat.sandbox.my.salesforce.com");
    assert_eq!(form_text(&b, ProfileField::Environment), "sandbox");
    assert!(b.sees("the environment is sandbox, as the host says"), "{}", b.screen());
    let mut b = bench();
    b.keys("1 a Down Left Left Down Enter").paste("https://acme--uat.sandbox.my.salesforce.com");
    assert_eq!(form_text(&b, ProfileField::Environment), "custom", "what was chosen stays");
    let mut b = bench();
    b.profile("acme-prod")
        .keys("2 e Down Down Enter Ctrl-U")
        .paste("https://acme--uat.sandbox.my.salesforce.com");
    assert_eq!(
        form_text(&b, ProfileField::Environment),
        "production",
        "a profile that is there is not changed"
    );
}

#[test]
fn what_is_typed_is_left_alone_until_it_is_whole() {
    let mut b = bench();
    login_host(&mut b).types("acme.lightning.force.com");
    assert_eq!(form_text(&b, ProfileField::LoginUrl), "acme.lightning.force.com");
    b.keys("Enter");
    assert_eq!(form_text(&b, ProfileField::LoginUrl), "https://acme.my.salesforce.com");
}

// ---- the guide

/// The text of the row of the cursor.
fn row(b: &Bench) -> String {
    guide(b).row().map(|row| row.text.clone()).unwrap_or_default()
}

/// Goes down to the row with this text.
fn down_to<'a>(b: &'a mut Bench, text: &str) -> &'a mut Bench {
    for _ in 0..200 {
        if row(b).contains(text) {
            return b;
        }
        b.keys("Down");
    }
    panic!("no row says “{text}”");
}

fn copied(b: &Bench) -> Option<&str> {
    b.effects.iter().rev().find_map(|effect| match effect {
        Effect::Copy { text: Secretable::Plain(text), .. } => Some(text.as_str()),
        _ => None,
    })
}

fn ticked(b: &Bench) -> (usize, usize) {
    guide(b).progress()
}

#[test]
fn it_is_reached_from_everywhere_a_profile_is() {
    let flow = |b: &Bench| match b.app.overlays.last() {
        Some(Overlay::Guide(guide)) => Some(guide.flow),
        _ => None,
    };
    for keys in ["1 U", "2 U", "3 U", "4 U", "2 e U"] {
        let mut b = bench();
        b.keys(keys);
        assert_eq!(flow(&b), Some(Flow::Password), "{keys}");
    }
    let mut b = bench();
    b.keys("1 Down U");
    assert_eq!(flow(&b), Some(Flow::ClientCredentials), "that of the profile under the cursor");
    let mut b = bench();
    b.keys("2 :").types("set up in salesforce").keys("Enter");
    assert_eq!(flow(&b), Some(Flow::Password), "by the palette");
    let mut b = bench();
    b.keys(":").types("app of another flow").keys("Enter");
    choose(&mut b, Flow::JwtBearer);
    assert_eq!(flow(&b), Some(Flow::JwtBearer), "any flow's");
    let mut b = bench();
    b.config("").keys("Down Enter Down Down Down Right U");
    assert_eq!(flow(&b), Some(Flow::ClientCredentials), "that of a form not saved yet");
    b.keys("U f Enter");
    assert_eq!(flow(&b), Some(Flow::ClientCredentials), "the choice begins at the flow that is shown");
}

/// The lines of the guide on top that are on the screen.
fn window(b: &Bench) -> std::ops::Range<usize> {
    let overlay = b.app.overlays.last().expect("a guide is on top");
    let Overlay::Guide(guide) = overlay else { panic!("no guide is on top") };
    let height = geometry::parts(overlay, b.app.size).list.height;
    guide.first..(guide.first + usize::from(height)).min(guide.lines.len())
}

fn guide(b: &Bench) -> &SetupGuide {
    match b.app.overlays.last() {
        Some(Overlay::Guide(guide)) => guide,
        other => panic!("no guide is on top: {other:?}"),
    }
}

/// A guide of that flow without a profile.
fn guide_of(flow: usize, columns: u16, rows: u16) -> Bench {
    let mut b = Bench::at(columns, rows);
    choose(b.config("").keys("Down Down Enter"), Flow::ALL[flow]);
    assert_eq!(guide(&b).flow, Flow::ALL[flow]);
    b
}

#[test]
fn the_cursor_is_always_in_sight_and_every_line_is_seen_on_the_way_down_and_up() {
    for (columns, rows) in [(80, 24), (40, 12)] {
        for flow in 0..Flow::ALL.len() {
            let mut b = guide_of(flow, columns, rows);
            for _ in 0..2 {
                for key in ["Down", "Up"] {
                    let mut seen = vec![false; guide(&b).lines.len()];
                    loop {
                        let (window, shown) = (window(&b), guide(&b));
                        assert!(shown.lines[window.clone()].iter().any(|line| line.row == shown.cursor));
                        seen[window].fill(true);
                        let before = (shown.cursor, shown.first);
                        b.keys(key);
                        if (guide(&b).cursor, guide(&b).first) == before {
                            break;
                        }
                    }
                    let unseen = seen.iter().filter(|seen| !**seen).count();
                    assert_eq!(unseen, 0, "{key} in {:?} at {columns}×{rows}", Flow::ALL[flow]);
                }
                b.keys("]");
            }
        }
    }
}

#[test]
fn no_guide_shows_a_placeholder_or_breaks_the_screen() {
    for flow in 0..Flow::ALL.len() {
        let mut b = guide_of(flow, 80, 24);
        for _ in 0..2 {
            for row in &guide(&b).rows {
                let texts = [Some(&row.text), row.why.as_ref(), row.copy.as_ref().map(|(text, _)| text)];
                for text in texts.into_iter().flatten() {
                    assert!(!text.contains(['{', '}']), "{text}");
                }
            }
            for _ in 0..30 {
                super::laws::tame(&b.keys("PgDn").cells()).unwrap();
            }
            b.keys("g ]");
        }
    }
}

#[test]
fn ticks_last_for_the_run_and_belong_to_the_profile() {
    let mut b = bench();
    b.keys("2 U");
    down_to(&mut b, "Look up the org's My Domain").keys("Space");
    down_to(&mut b, "Allow OAuth Username-Password").keys("Enter");
    assert_eq!(ticked(&b).0, 2);
    b.keys("Esc U");
    assert_eq!(ticked(&b).0, 2, "they are there when it is opened again");
    assert!(row(&b).contains("Find the connected app"), "and the cursor is at what is next: {}", row(&b));
    b.keys("Esc").profile("scratch-asks").keys("2 U");
    assert_eq!(ticked(&b).0, 0, "another profile has its own");
    b.keys("Esc").profile("acme-uat").keys("2 U");
    b.keys("g");
    down_to(&mut b, "https://test.salesforce.com").keys("Space");
    assert_eq!(ticked(&b).0, 1, "on a value it is the step that the value belongs to");
}

#[test]
fn a_value_is_copied_and_a_missing_one_is_written() {
    let mut b = Bench::at(120, 36);
    b.config(BROWSER).keys("2 U");
    down_to(&mut b, "http://localhost:1717").keys("Enter");
    assert_eq!(copied(&b), Some("http://localhost:1717/OauthRedirect"));
    down_to(&mut b, "Manage user data via APIs").keys("y");
    assert_eq!(copied(&b), Some("Manage user data via APIs"));
    down_to(&mut b, "“Permitted Users”").keys("y");
    let page =
        "https://acme--uat.sandbox.my.salesforce.com/lightning/setup/ManageExternalClientApplication/home";
    assert_eq!(copied(&b), Some(page), "the page of Setup in the profile's own org");
    down_to(&mut b, "Type the verification code").keys("y");
    assert!(b.notice().contains("nothing to copy"), "{}", b.notice());

    let mut b = bench();
    b.config(&BROWSER.replace("redirect_uri", "#")).keys("2 U");
    down_to(&mut b, "where the profile says nothing").keys("Enter");
    assert_eq!(copied(&b), Some("http://localhost:1717/OauthRedirect"), "the one that is sent then");

    let mut b = bench();
    b.profile("half-written").keys("2 U");
    down_to(&mut b, "missing: Enter writes it").keys("Enter");
    assert_eq!(form_field(&b), Some(ProfileField::Username));
    b.keys("Enter").types("ada@half.example").keys("Enter Ctrl-S").written();
    assert!(row(&b).contains("ada@half.example"), "the guide has the new value: {}", row(&b));
}

#[test]
fn the_form_below_lends_its_values_and_keeps_its_ticks_under_the_name_it_gets() {
    let mut b = bench();
    b.config("").keys("Down Enter Enter").types("acme-new").keys("Enter Down Down Right").keys("U");
    b.keys("Down Down Space");
    assert_eq!(ticked(&b).0, 1);
    down_to(&mut b, "missing: Enter writes it").keys("Enter");
    assert_eq!(form_text(&b, ProfileField::Name), "acme-new", "it leads back into the same form");
    b.keys("Enter").paste("https://acme.lightning.force.com/x").keys("Enter U");
    assert!(b.sees("https://acme.my.salesforce.com"), "{}", b.screen());
    b.keys("t");
    assert!(b.notice().contains("not saved yet"), "{}", b.notice());
    b.keys("Esc Ctrl-S").written().keys("2 U");
    assert_eq!(b.app.active().unwrap().id.as_str(), "acme-new");
    assert_eq!(ticked(&b).0, 1, "{}", b.screen());
}

#[test]
fn a_guide_without_a_profile_leads_to_one() {
    let mut b = bench();
    choose(b.config("").keys("Down Down Enter"), Flow::JwtBearer).keys("Down Down Space");
    down_to(&mut b, "missing: Enter writes it").keys("t");
    assert!(b.notice().contains("no profile has this flow yet"), "{}", b.notice());
    b.keys("Enter");
    assert_eq!(form_text(&b, ProfileField::Flow), "jwt_bearer");
    assert_eq!(form_field(&b), Some(ProfileField::Username), "the login host follows from the environment");
    b.keys(&"Up ".repeat(20)).keys("Enter").types("acme-jwt").keys("Enter Ctrl-S").written();
    assert_eq!(b.app.key_of(&guide(&b).whose).unwrap().as_str(), "acme-jwt");
    assert_eq!(ticked(&b).0, 1);
}

#[test]
fn the_clock_runs_from_the_word_saved_says_when_it_is_over_and_one_key_tries() {
    let mut b = bench();
    let id = b.profile("acme-prod").app.profile.clone();
    let clock = |b: &Bench| b.app.setups.clock(id.as_ref(), b.now);
    b.keys("2 U s");
    assert!(matches!(clock(&b), Some(Clock::Running { .. })) && b.sees("10:00 left"), "{}", b.screen());
    let wake = b.app.next_wake(b.now).unwrap();
    assert!(wake <= b.now.mono + std::time::Duration::from_secs(1), "it moves each second");
    b.wait(59_000);
    assert!(b.sees("9:01 left") && b.sees("tries now anyway"), "{}", b.screen());
    b.keys("Esc").wait(0);
    let wake = b.app.next_wake(b.now).unwrap();
    assert!(wake > b.now.mono + std::time::Duration::from_secs(2), "out of sight nothing is drawn for it");
    b.wait(541_000);
    assert!(
        b.notice().contains("acme-prod: the app should be known by now: t gets the token"),
        "{}",
        b.notice()
    );
    assert_eq!(clock(&b), Some(Clock::Over));
    b.token();
    assert_eq!(clock(&b), None, "it works: nothing is waited for");
    b.keys("2 U");
    assert!(b.sees("the setup works"), "{}", b.screen());
}

#[test]
fn trying_uses_the_guide_s_profile() {
    let mut b = bench();
    b.keys("1 Down U");
    b.script(unknown_key()).keys("t").run();
    assert_eq!(b.app.active().unwrap().id.as_str(), "acme-prod");
    assert!(b.sees("invalid_client_id"), "{}", b.screen());
}

#[test]
fn a_young_app_s_refusal_offers_the_clock() {
    let mut b = bench();
    b.profile("acme-prod").keys("2").script(unknown_key()).keys("t").run();
    assert!(b.sees("Enter counts down"), "{}", b.screen());
    b.keys("G Enter");
    assert!(b.sees("10:00 left"), "{}", b.screen());
    b.wait(61_000);
    assert!(b.sees("8:59 left"), "{}", b.screen());
    let refused = json!({"error": "invalid_grant", "error_description": "authentication failure"});
    let mut b = bench();
    b.keys("2").script(Answered::json(400, &refused)).keys("t").run();
    assert!(!b.sees("counts down"), "a wrong password is not mended by waiting");
}

#[test]
fn the_step_that_starts_the_clock_stops_it_when_it_is_taken_back() {
    let mut b = bench();
    b.keys("2 U");
    down_to(&mut b, "start the clock").keys("Enter");
    assert!(b.sees("10:00 left"));
    b.keys("Space");
    assert!(!b.sees("left ·"), "{}", b.screen());
}

#[test]
fn a_click_puts_the_cursor_and_two_do_what_enter_does() {
    let mut b = bench();
    b.keys("2 U").click_on("Switch on");
    assert!(row(&b).contains("Allow OAuth Username-Password"), "{}", row(&b));
    assert_eq!(ticked(&b).0, 0);
    b.click_on("Switch on");
    assert_eq!(ticked(&b).0, 1);
    let kind = guide(&b).row().map(|row| row.kind);
    assert!(matches!(kind, Some(RowKind::Step { done: true, .. })));
}

#[test]
fn a_guide_goes_with_its_profile() {
    let mut b = bench();
    b.keys("1 Down U");
    let without = ACME.replace("acme-prod", "acme-renamed");
    b.reread(&without);
    assert!(b.app.overlays.is_empty(), "{}", b.screen());
}

#[test]
fn without_colours_ticked_steps_and_quoted_words_are_told_apart() {
    let size = Size::new(120, 36);
    let mut b = Bench::boot(Boot { size, no_color: true, ..boot(Ok(ACME)) });
    b.keys("2 U");
    down_to(&mut b, "Look up").keys("Space");
    assert!(b.sees("[✓] My Domain ›") && b.sees("“Allow OAuth Username-Password Flows”"), "{}", b.screen());
}
