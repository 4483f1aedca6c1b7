//! The token pane: what the profile's flow will send, one button, and what is known of the token.

use super::token_request;
use crate::{
    app::{
        App, Now, Refused,
        guides::{Clock, may_be_too_early},
        why::{IN_HISTORY, enter_words},
    },
    config::{FieldKind, Profile, ProfileField, SecretField},
    format,
    jobs::Failure,
    salesforce::{Lifetime, OrgReading, Session, SignatureCheck},
};
use std::time::SystemTime;

/// What a row is, for its look and for `Enter`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// A field of the request; `Enter` edits it in the profile.
    Field(ProfileField),
    /// One that is missing.
    Missing(ProfileField),
    /// The button.
    Button,
    /// Good news.
    Good,
    /// Bad news.
    Bad,
    /// Worth a look.
    Odd,
    /// The clock of the setup: `Enter` starts it.
    Clock,
    /// A field of the answer; `Enter` copies it.
    Answer,
    /// Worth a word before the request, by its place; `Enter` does what puts it right.
    Warning(usize),
    /// What the org itself has said of a refusal.
    Told,
    /// Who can be asked about it; `Enter` asks.
    AskWhy,
    /// A likely cause of a refusal, by its place; `Enter` does what mends it.
    Hint(usize),
    /// Nobody has looked at the token's org yet; `Enter` does.
    WhichOrg,
}

/// One row of the pane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// What it is.
    pub kind: RowKind,
    /// `Host`.
    pub label: String,
    /// `test.salesforce.com`; never a secret.
    pub value: String,
    /// What it means, for the line that explains the row of the cursor.
    pub meaning: String,
}

impl TokenRow {
    pub(super) fn new(
        kind: RowKind,
        label: &str,
        value: impl Into<String>,
        meaning: impl Into<String>,
    ) -> Self {
        Self { kind, label: label.into(), value: value.into(), meaning: meaning.into() }
    }
}

/// The secret in the row of the cursor, if that is the row of one.
pub fn secret_of_row(app: &App) -> Option<SecretField> {
    let rows = token_request::rows(app.active()?, &app.preflight.token);
    let (RowKind::Field(field) | RowKind::Missing(field)) = rows.get(app.token.cursor)?.kind else {
        return None;
    };
    match field.kind() {
        FieldKind::Secret(field) => Some(field),
        _ => None,
    }
}

/// The rows for the profile in use.
pub fn rows(app: &App, now: Now) -> Vec<TokenRow> {
    let Some(profile) = app.active() else { return Vec::new() };
    let mut rows = token_request::rows(profile, &app.preflight.token);
    let session = app.sessions.get(&profile.id);
    rows.push(button(app, profile, session.is_some()));
    match (app.token_failure(), session) {
        (Some(refused), _) => {
            rows.extend(failure_rows(app, refused));
            rows.extend(clock_row(app, profile, &refused.failure, now));
        }
        (None, Some(session)) => {
            rows.extend(org_rows(session, app.is_org_open(&profile.id)));
            rows.extend(session_rows(session, now.wall));
        }
        (None, None) => {}
    }
    rows
}

fn button(app: &App, profile: &Profile, have: bool) -> TokenRow {
    let (value, meaning) = if app.jobs.token_of(&profile.id).is_some() {
        ("[ Stop ]", "stops the token request")
    } else if have {
        ("[ Get a new token ]", "the present one is kept until the new one is there")
    } else {
        ("[ Get token ]", "sends the token request")
    };
    TokenRow::new(RowKind::Button, "", value, meaning)
}

/// So many causes have room beside the request; `!` shows all.
const CAUSES: usize = 3;

fn failure_rows(app: &App, refused: &Refused) -> Vec<TokenRow> {
    let Refused { failure, hints, profile, .. } = refused;
    let code = failure.code.clone().unwrap_or_else(|| "no token".into());
    let mut rows = vec![TokenRow::new(RowKind::Bad, "✗", code, failure.message.clone())];
    if let Some(description) = &failure.description {
        rows.push(TokenRow::new(RowKind::Bad, "", description.clone(), failure.message.clone()));
    }
    let told = refused.told_lines();
    rows.extend(told.iter().skip(1).map(|line| {
        let brief = line.strip_prefix(IN_HISTORY).unwrap_or(line);
        TokenRow::new(RowKind::Told, "·", brief, format!("{} {line}", told[0]))
    }));
    let offer = app.why_offer(&profile.id);
    if let Some(offer) = &offer {
        let meaning = format!("{} or Enter: {offer}; it reads the user's Login History", app.why_key());
        rows.push(TokenRow::new(RowKind::AskWhy, "?", offer.clone(), meaning));
    }
    let causes = hints.first().map(|error| error.hints.as_slice()).unwrap_or_default();
    for (index, hint) in causes.iter().take(CAUSES).enumerate() {
        let action = hint.action.as_ref().map(|action| enter_words(action, offer.as_deref()));
        let what = action.map_or_else(|| hint.fix.clone(), |words| format!("Enter: {words}"));
        let meaning = format!("{what}; ! tells more · {}", hint.confidence.words());
        rows.push(TokenRow::new(RowKind::Hint(index), "→", hint.cause.clone(), meaning));
    }
    if let (Some(fix), true) = (&failure.fix, causes.is_empty()) {
        rows.push(TokenRow::new(RowKind::Odd, "→", fix.clone(), fix.clone()));
    }
    rows
}

/// What a new or changed app is answered is worth a second try: the clock tells when.
fn clock_row(app: &App, profile: &Profile, failure: &Failure, now: Now) -> Option<TokenRow> {
    let clock = app.setups.clock(Some(&profile.id), now);
    if !may_be_too_early(failure) {
        return None;
    }
    let (value, meaning) = match clock {
        None => (
            "new? Enter counts down".to_owned(),
            "an app that is new, or was changed just now, takes minutes to be known; Enter starts the clock",
        ),
        Some(Clock::Running { left, .. }) => {
            (format!("{} left", format::clock(left)), "then it is said in the key row; the button tries now")
        }
        Some(Clock::Over) => ("try again".to_owned(), "the time has passed: the app should be known by now"),
    };
    Some(TokenRow::new(RowKind::Clock, "◔", value, meaning))
}

/// What the org says of itself.
fn org_rows(session: &Session, open: bool) -> Vec<TokenRow> {
    let mut rows = Vec::new();
    if open {
        rows.push(TokenRow::new(
            RowKind::WhichOrg,
            "?",
            "is this the right org?",
            "Enter looks at it; before, nothing is sent",
        ));
    }
    match &session.org {
        OrgReading::NotAsked => {}
        OrgReading::Unreadable(why) => {
            let says = format!("held to be production: {why}");
            rows.push(TokenRow::new(RowKind::Bad, "✗", "the org is not known", says));
        }
        OrgReading::Read(facts) => {
            let says = |text: &str| format!("{text}, as the org itself says");
            let kind = format!("{}, {}", facts.kind.label(), facts.edition);
            rows.extend([
                TokenRow::new(RowKind::Answer, "Org", facts.name.clone(), says("the org's name")),
                TokenRow::new(RowKind::Answer, "Kind", kind, says("what kind of org it is, and its edition")),
                TokenRow::new(RowKind::Answer, "User", facts.username.clone(), says("the token's user")),
            ]);
        }
    }
    rows
}

fn session_rows(session: &Session, now: SystemTime) -> Vec<TokenRow> {
    let mut rows = vec![signature(session), lifetime(session, now)];
    let named = |name: &str, id: Option<String>, meaning: &str| {
        id.map(|id| TokenRow::new(RowKind::Answer, name, id, meaning))
    };
    rows.extend(named(
        "Org id",
        session.org_id.as_ref().map(ToString::to_string),
        "the org's id, from the identity URL",
    ));
    rows.extend(named("User id", session.user_id.as_ref().map(ToString::to_string), "from the identity URL"));
    rows.extend(
        session.fields.iter().map(|f| TokenRow::new(RowKind::Answer, &f.name, f.value.clone(), f.meaning)),
    );
    rows
}

fn signature(session: &Session) -> TokenRow {
    let says = "HMAC-SHA256 of id and issued_at with the consumer secret";
    match session.signature {
        SignatureCheck::Valid => TokenRow::new(RowKind::Good, "✓", "signature valid", says),
        SignatureCheck::Invalid => TokenRow::new(
            RowKind::Bad,
            "✗",
            "signature differs",
            "another consumer secret is stored here, or the answer was altered on its way",
        ),
        SignatureCheck::NotCheckable(why) => TokenRow::new(RowKind::Odd, "·", "signature not checkable", why),
    }
}

fn lifetime(session: &Session, now: SystemTime) -> TokenRow {
    let age = format::age(now.duration_since(session.issued_at).unwrap_or_default());
    match session.lifetime {
        Lifetime::Until(end) => match end.duration_since(now) {
            Ok(left) => TokenRow::new(
                RowKind::Good,
                "✓",
                format!("{age} old, {} left", format::age(left)),
                "the token itself says when it ends",
            ),
            Err(_) => TokenRow::new(RowKind::Bad, "✗", "expired", "the token itself says that it has ended"),
        },
        Lifetime::Policy(idle) => TokenRow::new(
            RowKind::Good,
            "✓",
            format!("{age} old, ~{} idle", format::age(idle)),
            "Salesforce sends no expiry: a session lives this long without use in most orgs, and use prolongs it",
        ),
    }
}
