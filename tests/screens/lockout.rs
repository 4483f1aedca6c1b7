//! A password that was refused twice: the box that asks before the third time.

use super::{
    bench::{Bench, boot},
    golden,
    logins::WEB,
};
use orgdeck::{
    app::{Boot, Msg, Seat, overlays::Overlay},
    jobs::{Attempts, Event, Failure, FailureKind},
};
use std::time::Duration;

golden! {
    lockout_question(b) { held_back(b) }
}

/// A token was asked for, and the worker does not send the password.
fn held_back(b: &mut Bench) -> &mut Bench {
    b.begin(Boot { surroundings: Seat::Desktop.into(), ..boot(Ok(WEB)) });
    b.by_hand().keys("t").types("typed-hush").keys("Enter");
    refuse(b)
}

fn refuse(b: &mut Bench) -> &mut Bench {
    let id = b.app.jobs.newest().expect("something runs").id;
    let ago = |minutes: u64| b.now.wall - Duration::from_secs(minutes * 60);
    let attempts = Attempts {
        host: "test.salesforce.com".into(),
        username: "ada@acme.com.uat".into(),
        refused: vec![ago(9), ago(2)],
    };
    let message =
        "the password of ada@acme.com.uat was refused twice at test.salesforce.com within 15 minutes";
    let failure = Failure {
        fix: Some("orgs lock users out after 3, 5 or 10 wrong passwords (lockout)".into()),
        attempts: Some(Box::new(attempts)),
        ..Failure::new(FailureKind::LockoutNear, message)
    };
    b.tell(Msg::Worker(Event::Ended(id, Err(failure))))
}

fn asks(b: &Bench) -> bool {
    matches!(b.app.overlays.last(), Some(Overlay::Confirm(_))) && b.sees("Risk a lockout?")
}

/// Whether the last token job may send the password.
fn despite(b: &Bench) -> Option<bool> {
    b.app.jobs.newest().and_then(|job| match &job.kind {
        orgdeck::app::Kind::Token(errand) => Some(errand.wish.despite_lockout),
        _ => None,
    })
}

#[test]
fn enter_sends_it_all_the_same_and_nothing_else_does() {
    let mut b = Bench::at(120, 36);
    held_back(&mut b);
    for words in ["ada@acme.com.uat", "test.salesforce.com", "9 min, 2 min ago", "3, 5 or 10"] {
        assert!(b.sees(words), "{words}: {}", b.screen());
    }
    b.keys("Esc");
    assert!(!asks(&b) && despite(&b).is_none(), "no is no");
    b.keys("t");
    assert_eq!(despite(&b), Some(false), "t alone does not");
    refuse(&mut b).keys("Enter");
    assert_eq!(despite(&b), Some(true), "{}", b.screen());
    assert!(!b.sees("Risk a lockout?"));
}

#[test]
fn it_is_not_asked_of_somebody_who_is_writing() {
    let mut b = Bench::at(120, 36);
    b.begin(Boot { surroundings: Seat::Desktop.into(), ..boot(Ok(WEB)) });
    b.by_hand().keys("t").types("typed-hush").keys("Enter o").types("lim");
    refuse(&mut b).types("its");
    assert!(matches!(b.app.overlays.last(), Some(Overlay::Picker(_))), "{}", b.screen());
    b.keys("Esc");
    assert!(asks(&b), "{}", b.screen());
}

#[test]
fn a_changed_profile_is_not_sent_for() {
    let mut b = Bench::at(120, 36);
    held_back(&mut b);
    b.reread(&WEB.replace("ada@acme.com.uat", "eve@acme.com.uat")).keys("Enter");
    assert_eq!(despite(&b), None, "{}", b.screen());
    assert!(b.notice().contains("was changed meanwhile"), "{}", b.notice());
}
