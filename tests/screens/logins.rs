//! Jobs that wait for a person: the box of a login in a browser and of a code, the browser, what is pasted.

use super::{
    bench::{Bench, boot},
    golden,
};
use orgdeck::{
    app::{Boot, Effect, Msg, Seat, Secretable, overlays::Overlay},
    jobs::{Event, JobId, Listening, Outcome, Waiting},
    salesforce::oauth::{DeviceCode, Login},
};
use std::{sync::Arc, time::Duration};

/// A profile whose login needs a person.
pub const WEB: &str = r#"
[profiles.acme-web]
environment = "sandbox"
flow = "password"
consumer_key = "3MVG9WebKey"
consumer_secret = { ask = true }
username = "ada@acme.com.uat"
password = { env = "WEB_PASSWORD" }
trusted_ip = true
api_version = "66.0"
"#;

golden! {
    login_listening(b) { waits(b, Seat::Desktop, at()) }

    login_busy_port(b) { waits(b, Seat::Desktop, busy()) }

    login_elsewhere(b) { waits_for(b, Seat::Desktop, elsewhere("https://test.salesforce.com/services/oauth2/success", false)) }

    login_in_fragment(b) { waits_for(b, Seat::Desktop, elsewhere("https://test.salesforce.com/services/oauth2/success", true)) }

    login_over_ssh(b) { waits(b, Seat::Remote, at()) }

    /// What did not fit is a key away.
    login_over_ssh_end(b) { waits(b, Seat::Remote, at()).keys("G") }

    login_over_ssh_busy_port(b) { waits(b, Seat::Remote, busy()) }

    login_without_display(b) { waits(b, Seat::NoDisplay, at()) }

    login_error_page(b) { waits(b, Seat::Desktop, at()).keys("e") }

    login_pasted(b) { waits(b, Seat::Desktop, at()).paste("http://localhost:1717/OauthRedirect?code=aPrx-hush\n") }

    login_pasted_revealed(b) { waits(b, Seat::Desktop, at()).paste("aPrx-hush").keys("Ctrl-R") }

    login_not_that(b) {
        waits(b, Seat::Desktop, at()).paste("https://test.salesforce.com/hush").keys("Enter").not_that()
    }

    login_code_cut(b) { waits(b, Seat::Desktop, at()).paste("aPrx-hush") }

    login_code_mended(b) { waits(b, Seat::Desktop, at()).paste("aPrx-hush%253D").keys("Ctrl-X") }

    login_code_refused(b) { waits(b, Seat::Desktop, at()).paste("aPrx-hush").keys("Enter").code_refused() }

    login_give_up_question(b) { waits(b, Seat::Desktop, at()).keys("Esc") }

    device_code(b) { waits_for(b, Seat::Desktop, code()).wait(12_000) }

    device_code_too_old(b) { waits_for(b, Seat::Desktop, code()).wait(601_000) }
}

fn at() -> Listening {
    Listening::At("http://localhost:1717/".parse().unwrap())
}

fn busy() -> Listening {
    Listening::Busy { port: 1717, cause: "Address already in use (os error 98)".into() }
}

fn browser(redirect_uri: &str, in_fragment: bool, listening: Listening) -> Waiting {
    let authorize = "https://test.salesforce.com/services/oauth2/authorize?response_type=code&client_id=3MVG9WebKey\
                     &redirect_uri=http%3A%2F%2Flocalhost%3A1717%2FOauthRedirect&state=c3RhdGU&prompt=login";
    let (authorize, redirect_uri) = (authorize.parse().unwrap(), redirect_uri.to_owned());
    Waiting::Browser {
        login: Login { authorize, redirect_uri, state: "c3RhdGU".into(), in_fragment },
        listening,
    }
}

fn elsewhere(redirect_uri: &str, in_fragment: bool) -> Waiting {
    browser(redirect_uri, in_fragment, Listening::Elsewhere)
}

fn code() -> Waiting {
    Waiting::Code(DeviceCode {
        user_code: "WDJB2MJH".into(),
        verification_uri: "https://acme.my.salesforce.com/setup/connect".parse().unwrap(),
        lives: Duration::from_secs(600),
    })
}

fn waits(b: &mut Bench, seat: Seat, listening: Listening) -> &mut Bench {
    waits_for(b, seat, browser("http://localhost:1717/OauthRedirect", false, listening))
}

/// A token was asked for, and its job waits; a moment ago.
fn waits_for(b: &mut Bench, seat: Seat, waiting: Waiting) -> &mut Bench {
    waits_with(b, WEB, seat, waiting)
}

fn waits_with<'a>(b: &'a mut Bench, config: &str, seat: Seat, waiting: Waiting) -> &'a mut Bench {
    b.begin(Boot { surroundings: seat.into(), ..boot(Ok(config)) });
    b.by_hand().keys("t").types("typed-hush").keys("Enter");
    let id = job(b);
    b.worker(Event::Waiting(id, Arc::new(waiting))).wait(12_000)
}

fn job(b: &Bench) -> JobId {
    b.app.jobs.newest().expect("something runs").id
}

impl Bench {
    /// What was pasted is not what is waited for.
    fn not_that(&mut self) -> &mut Self {
        let id = job(self);
        self.worker(Event::NotThat(id, "this address has neither a code nor an error in it".into()))
    }

    /// The code that was pasted was refused, and looks miscopied.
    fn code_refused(&mut self) -> &mut Self {
        let id = job(self);
        let why = "invalid_grant: invalid authorization code; the code does not end in ==";
        self.worker(Event::CodeRefused(id, why.into()))
    }

    fn worker(&mut self, event: Event) -> &mut Self {
        self.tell(Msg::Worker(event))
    }
}

// ---- what follows

/// What the world was asked to do, by name; secrets stay hidden.
fn asked(b: &Bench) -> Vec<String> {
    b.effects.iter().filter(|e| !matches!(e, Effect::SaveState(_))).map(|e| format!("{e:?}")).collect()
}

fn opened(b: &Bench) -> Vec<(String, bool)> {
    let url = |effect: &Effect| match effect {
        Effect::OpenUrl { url: Secretable::Plain(url), private } => Some((url.clone(), *private)),
        _ => None,
    };
    b.effects.iter().filter_map(url).collect()
}

fn said(b: &Bench) -> Vec<String> {
    let text = |effect: &Effect| match effect {
        Effect::Say(_, text) => Some(text.expose().to_owned()),
        _ => None,
    };
    b.effects.iter().filter_map(text).collect()
}

fn desktop() -> Bench {
    let mut b = Bench::at(120, 36);
    waits(&mut b, Seat::Desktop, at());
    b
}

fn box_is_open(b: &Bench) -> bool {
    b.app.overlays.iter().any(|overlay| matches!(overlay, Overlay::Login(_)))
}

#[test]
fn a_profile_may_always_want_a_private_window() {
    let mut b = Bench::at(120, 36);
    let config = WEB.replacen("flow =", "private_window = true\nflow =", 1);
    waits_with(
        &mut b,
        &config,
        Seat::Desktop,
        elsewhere("https://test.salesforce.com/services/oauth2/success", false),
    );
    assert!(matches!(opened(&b)[..], [(_, true)]), "{:?}", asked(&b));
}

#[test]
fn the_browser_is_opened_by_itself_where_it_is_seen() {
    let mut b = desktop();
    let [(url, false)] = &opened(&b)[..] else { panic!("{:?}", asked(&b)) };
    assert!(url.starts_with("https://test.salesforce.com/services/oauth2/authorize?response_type=code"));
    b.keys("o p");
    assert_eq!(opened(&b).iter().map(|(_, private)| *private).collect::<Vec<_>>(), [false, false, true]);
    for seat in [Seat::Remote, Seat::NoDisplay] {
        waits(&mut b, seat, at());
        assert_eq!(opened(&b), [], "{seat:?}");
        b.keys("o");
        assert_eq!(opened(&b).len(), 1, "asked for, it is tried");
    }
    waits_for(&mut b, Seat::Desktop, code());
    assert_eq!(opened(&b), [], "the code is read first");
    b.keys("o");
    assert_eq!(opened(&b), [("https://acme.my.salesforce.com/setup/connect".to_owned(), false)]);
}

#[test]
fn address_callback_and_code_can_be_copied_and_the_address_stands_alone() {
    let copied = |b: &Bench| match b.effects.last() {
        Some(Effect::Copy { text: Secretable::Plain(text), what }) => format!("{what}: {text}"),
        other => panic!("{other:?}"),
    };
    let mut b = desktop();
    assert!(
        copied(b.keys("y")).starts_with("the address of the login: https://test.salesforce.com/services")
    );
    assert_eq!(copied(b.keys("c")), "the callback URL: http://localhost:1717/OauthRedirect");
    b.keys("u");
    assert!(matches!(b.effects.last(), Some(Effect::PrintBare(url)) if url.path().ends_with("/authorize")));
    waits_for(&mut b, Seat::Desktop, code());
    assert_eq!(copied(b.keys("c")), "the code: WDJB2MJH");
    b.keys("u");
    assert!(matches!(b.effects.last(), Some(Effect::PrintBare(url)) if url.path() == "/setup/connect"));
}

#[test]
fn what_is_pasted_is_given_to_the_job_and_stays_if_it_was_something_else() {
    let mut b = desktop();
    b.paste("\"http://localhost:1717/OauthRedirect?code=aPrx%3D\n  %3D&state=x\"\n").keys("Enter");
    assert_eq!(
        said(&b),
        ["http://localhost:1717/OauthRedirect?code=aPrx%3D%3D&state=x"],
        "a broken line is mended"
    );
    b.not_that();
    assert!(b.sees("neither a code nor an error") && b.sees("••••"), "{}", b.screen());
    b.paste("aPrx.second").keys("Enter");
    assert_eq!(said(&b)[1], "aPrx.second", "a second paste is in place of the first");
    b.not_that().keys("Backspace").types("D").keys("Enter");
    assert_eq!(said(&b)[2], "aPrx.seconD", "or the first is mended");
}

#[test]
fn a_miscopied_code_is_told_and_mended_by_a_key_alone() {
    let mut b = desktop();
    for (pasted, says, sent) in [
        ("aPrx", "does not end in ==", "aPrx%3D%3D"),
        ("https://x/cb?code=aP%20rx%3D&state=s", "has blanks in it", "https://x/cb?code=aPrx%3D&state=s"),
        ("aPrx%253D", "is still percent-encoded", "aPrx%3D"),
    ] {
        b.keys("i Ctrl-E Ctrl-U").paste(pasted);
        assert!(b.sees(says), "{}", b.screen());
        b.keys("Enter");
        assert_eq!(said(&b).last().unwrap(), pasted, "nothing is mended unasked, and nothing stopped");
        b.keys("Ctrl-X");
        assert_eq!(said(&b).last().unwrap(), pasted, "mending does not send");
        b.keys("Enter");
        assert_eq!(said(&b).last().unwrap(), sent);
    }
    b.keys("i Ctrl-E Ctrl-U").paste("aPrx%3D%3D");
    assert!(!b.sees("Ctrl-X"), "a code as it stands in an address is whole: {}", b.screen());
    let count = said(&b).len();
    b.keys("Ctrl-X Esc m");
    assert_eq!((said(&b).len(), b.notice()), (count, "nothing of it looks miscopied"));
}

#[test]
fn a_refused_code_is_mended_and_sent_by_one_key() {
    let mut b = desktop();
    b.paste("aPrx").keys("Enter").code_refused();
    assert!(b.sees("invalid_grant") && b.sees("waiting for the code"), "{}", b.screen());
    assert_eq!(said(&b), ["aPrx"], "nothing is sent by itself");
    b.keys("Ctrl-X");
    assert_eq!(said(&b), ["aPrx", "aPrx%3D%3D"]);
    let mut b = desktop();
    b.paste("aPrx").keys("Enter").code_refused().keys("Esc m");
    assert_eq!(said(&b), ["aPrx", "aPrx%3D%3D"], "or by its letter, out of the field");
}

#[test]
fn letters_are_keys_until_the_field_is_written_in() {
    let mut b = desktop();
    b.keys("Enter").types("opyue");
    assert_eq!((opened(&b).len(), said(&b).len()), (1, 0), "letters of a code");
    b.keys("Esc");
    assert!(box_is_open(&b) && !b.sees("Give this login up?"), "Esc ends the writing first");
    b.keys("o");
    assert_eq!(opened(&b).len(), 2, "a key again");
    b.keys("Enter");
    assert_eq!(said(&b), ["opyue"]);
    b.keys("i Ctrl-U Enter");
    assert_eq!(said(&b).len(), 1, "nothing is nothing to send");
}

#[test]
fn a_login_in_waiting_is_given_up_after_a_question() {
    for key in ["Esc", "Ctrl-C"] {
        let mut b = desktop();
        b.keys(key);
        assert!(b.sees("Give this login up?") && !b.app.jobs.newest().unwrap().cancelled);
        b.keys("Esc");
        assert!(box_is_open(&b) && !b.app.jobs.newest().unwrap().cancelled, "the answer was no");
        b.keys(key).keys("Enter");
        assert!(!box_is_open(&b) && b.app.jobs.newest().unwrap().cancelled);
    }
}

#[test]
fn the_box_closes_with_its_job_and_so_does_the_question() {
    let mut b = desktop();
    b.keys("Esc");
    let id = job(&b);
    b.worker(Event::Ended(id, Ok(Outcome::Cancelled(None))));
    assert!(b.app.overlays.is_empty());
    b.worker(Event::Waiting(id, Arc::new(code())));
    assert!(b.app.overlays.is_empty(), "late news of a job that has ended");
}

#[test]
fn a_box_does_not_come_between_somebody_and_what_they_write() {
    let mut b = Bench::at(120, 36);
    b.begin(Boot { surroundings: Seat::Desktop.into(), ..boot(Ok(WEB)) })
        .keys("t")
        .types("typed-hush")
        .keys("Enter o");
    let id = job(&b);
    b.types("lim").worker(Event::Waiting(id, Arc::new(code()))).types("its");
    assert!(matches!(b.app.overlays.last(), Some(Overlay::Picker(_))), "{}", b.screen());
    b.keys("Esc");
    assert!(box_is_open(&b) && b.sees("W D J B"));
}
