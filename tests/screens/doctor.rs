//! The check-up on the screen: what is found comes in, is mended or copied, and the job ends with its page.

use super::{bench::Bench, golden};
use orgdeck::{
    app::{Effect, Msg, Secretable, overlays::Overlay},
    config::{ProfileField, ProfileId},
    jobs::{Event, Finding, JobId, Mend, Outcome, Subject},
};

golden! {
    doctor_beginning(b) { open(b).wait(1_200) }

    doctor_half_way(b) { half_way(b).wait(1_200) }

    doctor_done(b) { done(b) }

    /// From one trouble to the next; the last is a host's.
    doctor_troubles(b) { done(b).keys("n n n n n") }

    doctor_all_well(b) { all_well(b) }

    doctor_ended_badly(b) {
        let id = job(open(b));
        b.tell(Msg::Worker(Event::Ended(id, Err(orgdeck::app::busy()))))
    }

    palette_doctor(b) { b.keys(":").types("doctor") }
}

const HOST: &str = "acme--uat.sandbox.my.salesforce.com";

fn open(b: &mut Bench) -> &mut Bench {
    b.by_hand().keys(":").types("doctor").keys("Enter")
}

fn job(b: &Bench) -> JobId {
    b.app.jobs.newest().expect("it looks").id
}

fn uat() -> ProfileId {
    ProfileId::new("acme-uat")
}

fn examining(b: &mut Bench) -> JobId {
    let id = job(open(b));
    let subjects = vec![
        Subject::Configuration,
        Subject::Stores,
        Subject::Surroundings,
        Subject::Profile(uat()),
        Subject::Host(HOST.into()),
        Subject::Host("login.salesforce.com".into()),
    ];
    b.tell(Msg::Worker(Event::Examining(id, subjects)));
    id
}

fn examined(b: &mut Bench, id: JobId, subject: Subject, findings: Vec<Finding>) {
    b.tell(Msg::Worker(Event::Examined(id, subject, findings)));
}

fn half_way(b: &mut Bench) -> &mut Bench {
    let id = examining(b);
    let file = "/home/ada/.config/orgdeck/config.toml";
    examined(
        b,
        id,
        Subject::Configuration,
        vec![
            Finding::ok("file", format!("{file}, 5 profiles")),
            Finding::warning(
                "permissions",
                format!("other users of this machine can open {file} (mode 644)"),
            )
            .fix(format!("run `chmod 600 {file}`")),
        ],
    );
    examined(
        b,
        id,
        Subject::Surroundings,
        vec![
            Finding::ok("terminal", "tmux-256color inside tmux, over SSH"),
            Finding::ok(
                "clipboard",
                "through tmux (`load-buffer -w`), which passes it on if its set-clipboard is on",
            ),
        ],
    );
    examined(
        b,
        id,
        Subject::Host("login.salesforce.com".into()),
        vec![
            Finding::ok("connection", "DNS 3 ms, TCP 11 ms, TLS 24 ms"),
            Finding::warning("clock", "this computer's is 15 min behind the host's: JWT assertions fail")
                .fix("set this computer's clock by the network (NTP)"),
        ],
    );
    b
}

fn done(b: &mut Bench) -> &mut Bench {
    let id = job(half_way(b));
    examined(b, id, Subject::Stores, vec![
        Finding::ok("keyring", "none answers here; new secrets go into the vault, and no profile looks here"),
        Finding::warning("vault", "/home/ada/.local/share/orgdeck/vault.age is there, locked")
            .fix("its passphrase is asked for when a secret in it is needed; for scripts set vault_passphrase")
            .mend(Mend::UnlockVault),
    ]);
    examined(
        b,
        id,
        Subject::Profile(uat()),
        vec![
            Finding::ok("flow", "Username-password: nothing is missing"),
            Finding::broken("password", "the environment variable ACME_PASSWORD is not set")
                .fix("set it where orgdeck is started, or keep the secret elsewhere")
                .mend(Mend::Field(uat(), ProfileField::Password)),
        ],
    );
    examined(b, id, Subject::Host(HOST.into()), vec![
        Finding::ok("proxy", "http://proxy.acme.com:3128, of the environment or the system"),
        Finding::broken(
            "connection",
            format!("TLS: the certificate of {HOST} is not trusted: it was issued by an authority that this system does not know"),
        )
        .fix("where a company's proxy inspects TLS, set the profile's ca_file to its certificate"),
    ]);
    b.tell(Msg::Worker(Event::Ended(id, Ok(Outcome::Done))))
}

fn all_well(b: &mut Bench) -> &mut Bench {
    let id = job(open(b));
    b.tell(Msg::Worker(Event::Examining(id, vec![Subject::Surroundings])));
    examined(b, id, Subject::Surroundings, vec![Finding::ok("terminal", "xterm-256color")]);
    b.tell(Msg::Worker(Event::Ended(id, Ok(Outcome::Done))))
}

fn bench() -> Bench {
    Bench::at(120, 36)
}

fn copied(b: &Bench) -> &str {
    let copy = b.effects.iter().rev().find_map(|effect| match effect {
        Effect::Copy { text: Secretable::Plain(text), .. } => Some(text.as_str()),
        _ => None,
    });
    copy.expect("something was copied")
}

#[test]
fn enter_leads_to_the_field_that_is_wrong_and_esc_back_to_the_page() {
    let mut b = bench();
    done(&mut b).keys("n n n Enter");
    let Some(Overlay::Editor(editor)) = b.app.overlays.last() else { panic!("{}", b.screen()) };
    assert_eq!(editor.old, Some(uat()));
    assert_eq!(editor.field(), Some(ProfileField::Password));
    b.keys("Esc");
    assert!(b.sees("2 broken, 3 warnings"), "{}", b.screen());
}

#[test]
fn enter_opens_what_unlocks_a_vault() {
    let mut b = bench();
    done(&mut b).keys("n n Enter");
    assert!(b.sees("Unlock the vault"), "{}", b.screen());
}

#[test]
fn what_is_to_be_typed_is_copied_and_y_copies_all_of_it() {
    let mut b = bench();
    done(&mut b).keys("n Enter");
    assert_eq!(copied(&b), "chmod 600 /home/ada/.config/orgdeck/config.toml");
    b.keys("G N y");
    assert!(copied(&b).starts_with(&format!("host {HOST}: connection: broken: TLS: ")), "{}", copied(&b));
    b.keys("g Enter");
    assert_eq!(b.notice(), "there is nothing to mend here");
}

#[test]
fn closing_the_page_stops_the_looking() {
    let mut b = bench();
    half_way(&mut b).keys("Esc");
    assert!(b.app.overlays.is_empty());
    assert!(b.app.jobs.newest().is_some_and(|job| job.cancelled));
    // Late news concern nobody.
    let id = job(&b);
    examined(&mut b, id, Subject::Stores, vec![Finding::ok("vault", "x")]);
    b.tell(Msg::Worker(Event::Ended(id, Ok(Outcome::Cancelled(None)))));
    assert!(b.app.jobs.all().is_empty() && b.app.overlays.is_empty());
}

#[test]
fn r_looks_again_once_it_has_ended() {
    let mut b = bench();
    let before = b.started.len();
    half_way(&mut b).keys("r");
    assert_eq!((b.notice(), b.started.len()), ("it is still looking", before + 1));
    let id = job(&b);
    b.tell(Msg::Worker(Event::Ended(id, Ok(Outcome::Done)))).by_hand().keys("r");
    assert_eq!(b.started.len(), before + 2);
    let id = job(&b);
    b.tell(Msg::Worker(Event::Examining(id, vec![Subject::Stores])));
    examined(&mut b, id, Subject::Stores, vec![Finding::ok("vault", "there is none")]);
    assert!(b.sees("1 of 1 · all 1 ok") && !b.sees("permissions"), "{}", b.screen());
}

/// The real worker, on a network that nobody has scripted: without a file there is no host to ask.
#[test]
fn the_worker_looks_and_the_page_shows_it() {
    let mut b = bench();
    b.keys(":").types("doctor").keys("Enter").run();
    assert!(b.sees("there is none yet at") && b.sees("120×36"), "{}", b.screen());
}
