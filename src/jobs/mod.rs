//! The protocol between screen and worker: types only, no ratatui, no tokio.
//!
//! Every [`Command::Start`] is answered by exactly one [`Event::Ended`], also after a cancel, a panic in
//! the job, or a shutdown.

mod checkup;

use crate::{
    config::{Profile, ProfileId},
    diagnosis::{Explained, Facts, Place, Rules, explain_exchange},
    document::Document,
    http::Exchange,
    salesforce::{
        LoginWhy, Session, Standing, WhyQuestion,
        error::{ApiError, Said},
        limits::{Limit, Reading},
        oauth::{DeviceCode, Login},
    },
    secrets::{Secret, Shape, Slot, StoreKind, VaultState},
};
use std::{collections::HashMap, fmt, sync::Arc, time::SystemTime};
use url::Url;

pub use crate::{config::SecretField, workspace::Prepared};
pub use checkup::{Checkup, ClipboardWay, Colours, Finding, Mend, Seat, State, Subject, Surroundings, Tally};

/// Numbers the jobs of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// What the screen (or a headless subcommand) asks of the worker.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a person starts jobs: a few a minute are moved, never stored")]
pub enum Command {
    /// Begin a job.
    Start(JobId, Job),
    /// Stop it; what it has so far is still delivered.
    Cancel(JobId),
    /// What the person gives to a job that waits for it: the address that the browser ended at, or a bare code.
    Say(JobId, Secret),
}

/// Work that takes time.
pub enum Job {
    /// Get an access token by the profile's flow.
    GetToken {
        /// Whose.
        profile: Arc<Profile>,
        /// What the person typed for `ask` references.
        answers: Answers,
        /// How it is to be got.
        wish: Wish,
    },
    /// Send a composed request. After a 401 `INVALID_SESSION_ID` it gets one new token and one more sending,
    /// where the flow needs no person.
    Call {
        /// Whose.
        profile: Arc<Profile>,
        /// The token to send with; `None` sends without.
        session: Option<Arc<Session>>,
        /// What to send.
        request: Prepared,
        /// What the person typed for `ask` references.
        answers: Answers,
    },
    /// Ask something about a token, or do something with it.
    AboutToken {
        /// Whose.
        profile: Arc<Profile>,
        /// The token.
        session: Arc<Session>,
        /// What the person typed for `ask` references.
        answers: Answers,
        /// What.
        question: Question,
    },
    /// Ask what the org allows and what is left of it. Ends with [`Outcome::Limits`]; an answer that says no is an
    /// [`Outcome::Response`]. An expired token is renewed as for a call.
    Limits {
        /// Whose.
        profile: Arc<Profile>,
        /// The token to ask with.
        session: Arc<Session>,
        /// What the person typed for `ask` references.
        answers: Answers,
        /// Which earlier readings are wanted with it.
        past: Past,
    },
    /// Ask an org why it refused a login, with the token of somebody who is logged in there. Ends with
    /// [`Outcome::Why`]; what may not be read is told in it. An expired token is renewed as for a call.
    AskWhy {
        /// Who asks, not whose login it was.
        profile: Arc<Profile>,
        /// The token to ask with.
        session: Arc<Session>,
        /// What the person typed for `ask` references.
        answers: Answers,
        /// Which login.
        question: WhyQuestion,
    },
    /// A person has looked at a token's org: from now on it is the profile's, and its tokens are kept.
    AcceptOrg {
        /// Whose.
        profile: Arc<Profile>,
        /// The token, which knows its org.
        session: Arc<Session>,
    },
    /// Do something in the stores that keep secrets. Ends with [`Outcome::Done`]; [`Event::Stores`] tells what is new.
    Stores(StoresErrand),
    /// Look what does not work, and why. Sends no secret, unlocks nothing, asks nobody. [`Event::Examining`] and
    /// [`Event::Examined`] tell what is found; ends with [`Outcome::Done`], whatever that is.
    Examine(Box<Checkup>),
    /// Forget a profile's kept tokens; nothing is revoked.
    Forget {
        /// Whose.
        profile: Arc<Profile>,
        /// Also which org it is, as for a profile that is deleted.
        all: bool,
    },
}

/// Which earlier readings of limits are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    /// None.
    None,
    /// As many as a chart has room for.
    Thinned,
    /// All.
    Whole,
}

/// What an org has told of its limits.
#[derive(Clone, Debug)]
pub struct LimitsTold {
    /// All of them, the fullest first.
    pub limits: Vec<Limit>,
    /// When.
    pub at: SystemTime,
    /// The readings up to now by key, the oldest first; or why there are none, in a sentence.
    pub past: Result<HashMap<String, Vec<Reading>>, String>,
}

/// What is done in the stores that keep secrets.
pub enum StoresErrand {
    /// Say how they stand.
    Look,
    /// Put secrets that a person typed into a store.
    Put(StoreKind, Vec<(Slot, Secret)>),
    /// Put a secret of a profile, wherever it is now, into a store too.
    Copy {
        /// Whose.
        profile: Arc<Profile>,
        /// Which.
        field: SecretField,
        /// Where to.
        to: StoreKind,
        /// What the person typed, should it be kept nowhere.
        answers: Answers,
    },
    /// Take secrets out of a store.
    Remove(StoreKind, Vec<Slot>),
    /// A profile has another name: its secrets go with it.
    Rename {
        /// The old name.
        from: ProfileId,
        /// The new one.
        to: ProfileId,
    },
    /// Make an empty vault with this passphrase.
    CreateVault(Secret),
    /// Unlock the vault.
    UnlockVault(Secret),
    /// Give the vault another passphrase: the old one, the new one.
    RekeyVault(Secret, Secret),
    /// Forget the vault's passphrase.
    LockVault,
    /// Keep a login for the next time, after all.
    KeepLogin(Arc<Profile>, Arc<Session>),
}

/// How the stores stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoresState {
    /// Whether a keyring answers; if not, why.
    pub keyring: Result<(), String>,
    /// Whether the vault can be read.
    pub vault: VaultState,
}

/// How a token is to be got.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Which token will do.
    pub wanted: Wanted,
    /// The `prompt` of this one login, in place of the profile's.
    pub prompt: Option<String>,
    /// The token that is there: its refresh token may be used.
    pub holding: Option<Arc<Session>>,
    /// The secrets are freed of blanks, line ends and quotes around them before they are sent.
    pub tidied: bool,
    /// A password is sent although it was refused so often that the org may lock the user out.
    pub despite_lockout: bool,
}

/// Which token will do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// Any that works: one that an earlier run has left, too.
    #[default]
    Any,
    /// A new one, by a kept refresh token or by the flow.
    Fresh,
    /// One by the flow itself: a person logs in again.
    Anew,
}

/// What is asked about a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Whose it is, by OpenID Connect's endpoint.
    UserInfo,
    /// Whose it is, by the identity URL.
    Identity,
    /// Whether it is alive, and what it may do.
    Introspect,
    /// That it be dead: also for other clients of the same app and user.
    Revoke,
    /// A link that opens the org in a browser, logged in.
    OpenOrg,
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, profile) = match self {
            Self::Stores(_) => return f.write_str("Stores"),
            Self::Examine(_) => return f.write_str("Examine"),
            Self::GetToken { profile, .. } => ("GetToken", profile),
            Self::Call { profile, .. } => ("Call", profile),
            Self::AboutToken { profile, .. } => ("AboutToken", profile),
            Self::Limits { profile, .. } => ("Limits", profile),
            Self::AskWhy { profile, .. } => ("AskWhy", profile),
            Self::AcceptOrg { profile, .. } => ("AcceptOrg", profile),
            Self::Forget { profile, .. } => ("Forget", profile),
        };
        write!(f, "{name}({})", profile.id)
    }
}

/// What the person typed for `ask` references, kept for the run.
#[derive(Clone, Debug, Default)]
pub struct Answers(pub Vec<(SecretField, Secret)>);

impl Answers {
    /// The answer for a field.
    pub fn get(&self, field: SecretField) -> Option<&Secret> {
        self.0.iter().find(|(f, _)| *f == field).map(|(_, s)| s)
    }
}

/// What the worker reports.
#[derive(Debug)]
pub enum Event {
    /// How far a job is.
    Progress(JobId, Progress),
    /// A job waits for a person.
    Waiting(JobId, Arc<Waiting>),
    /// What the person gave is not what the job waits for; a sentence. It goes on waiting.
    NotThat(JobId, String),
    /// The code that the person gave was refused and looks miscopied; a sentence. Given whole it is sent once more;
    /// the job waits for it.
    CodeRefused(JobId, String),
    /// What became of a token that should outlive the run.
    Kept(JobId, Kept),
    /// How the stores stand.
    Stores(StoresState),
    /// A check-up looks at these, in this order; those told before included.
    Examining(JobId, Vec<Subject>),
    /// What a check-up has found of one of them.
    Examined(JobId, Subject, Vec<Finding>),
    /// The history on disk is not what it should be; a sentence. Nothing else suffers from it.
    History(String),
    /// A network act is over, well or not.
    Exchange(JobId, Arc<Exchange>),
    /// A new token, got inside another job.
    Renewed(JobId, Arc<Session>),
    /// Why no new token was got inside another job; the answer that the old one has expired stands.
    NotRenewed(JobId, Failure),
    /// The job is over.
    Ended(JobId, Result<Outcome, Failure>),
}

/// What became of a token that should outlive the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is in a store.
    In(StoreKind),
    /// It is held for this run, as the settings say.
    ForThisRun,
    /// It is held for this run, because there is no open vault that could have it.
    VaultWanted,
    /// It is held for this run, because it could not be saved; a sentence.
    NotSaved(String),
    /// The org does not take the kept one any more; what it said.
    Refused(String),
}

/// What a job waits for a person to do.
#[derive(Clone, Debug)]
pub enum Waiting {
    /// Log in in a browser.
    Browser {
        /// Where.
        login: Login,
        /// How the answer comes back.
        listening: Listening,
    },
    /// Type a code elsewhere.
    Code(DeviceCode),
}

/// How the answer of a login in a browser comes back; it can always be pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listening {
    /// A listener on this machine takes it. Its own page, here, leads on to the login.
    At(Url),
    /// The callback's port is taken by another program.
    Busy {
        /// The port.
        port: u16,
        /// Why, in the system's words.
        cause: String,
    },
    /// The callback is not on this machine.
    Elsewhere,
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Waiting for a free slot.
    Queued,
    /// Asking a command, or the system, for a secret.
    ReadingSecret(SecretField),
    /// Waiting for the desktop's keyring, which may be asking the person to unlock it.
    WaitingForKeyring,
    /// Getting a token.
    GettingToken,
    /// Asking the org what it is.
    ReadingOrg,
    /// Connecting and sending.
    Sending,
    /// Receiving the body.
    Receiving {
        /// Bytes so far, as on the wire.
        bytes: u64,
        /// Bytes in all, where the answer says it.
        of: Option<u64>,
    },
    /// Making the body ready to be looked at.
    Indexing,
}

/// How a job ended.
#[derive(Debug)]
pub enum Outcome {
    /// With a token, and how its org stands to the one known before.
    Token(Arc<Session>, Box<Standing>),
    /// The token is revoked; with the answer that says so.
    Revoked(Answer),
    /// With a link that opens the org in a browser: whoever has it is logged in, once.
    OrgLink(Secret),
    /// With what the org says of its limits.
    Limits(Box<LimitsTold>),
    /// With what an org says of a login that it refused.
    Why(Box<LoginWhy>),
    /// It is done; there is nothing to show.
    Done,
    /// With an answer, of whatever status.
    Response(Answer),
    /// By a person; with what had arrived of an answer.
    Cancelled(Option<Answer>),
}

/// An answer and its body as something to look at.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The record.
    pub exchange: Arc<Exchange>,
    /// The body.
    pub document: Arc<Document>,
    /// What it says of failures.
    pub said: Arc<Said>,
}

/// Why a job brought nothing.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What kind.
    pub kind: FailureKind,
    /// A sentence for a person, lower case, no full stop, without secrets.
    pub message: String,
    /// What to do next.
    pub fix: Option<String>,
    /// The error code in Salesforce's (or OAuth's) words.
    pub code: Option<String>,
    /// The description that came with it.
    pub description: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The exchange it was seen in.
    pub exchange: Option<Arc<Exchange>>,
    /// What the secrets that were sent looked like.
    pub shapes: Vec<(SecretField, Vec<Shape>)>,
    /// How often the host has refused the user's password lately, where one was sent or would have been.
    pub attempts: Option<Box<Attempts>>,
    /// The authorization code that was sent, as far as something can be seen of it.
    pub code_sent: Option<Box<CodeSent>>,
}

/// What can be seen of an authorization code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeSent {
    /// What it looks like, as it was sent.
    pub shapes: Vec<Shape>,
    /// How old it was at least, in minutes, where that is known.
    pub age_minutes: Option<u64>,
    /// It was sent before in this run.
    pub used: bool,
}

/// Passwords of a user that a host has refused within the last 15 minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// The login host, with its port.
    pub host: String,
    /// The user.
    pub username: String,
    /// When, the oldest first.
    pub refused: Vec<SystemTime>,
}

impl Failure {
    /// With nothing but its kind and sentence.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            fix: None,
            code: None,
            description: None,
            status: None,
            exchange: None,
            shapes: Vec::new(),
            attempts: None,
            code_sent: None,
        }
    }

    /// What it most likely means, on top of what is known of the profile. Empty where it says itself all there is to
    /// say: a setting that is missing, a store that is locked, a guard.
    pub fn explain(&self, rules: &Rules, mut facts: Facts) -> Vec<Explained> {
        for (field, shapes) in &self.shapes {
            facts.take_shape(*field, shapes);
        }
        if let Some(attempts) = &self.attempts {
            facts.known.refused_attempts = u32::try_from(attempts.refused.len()).unwrap_or(u32::MAX);
        }
        if let Some(code) = &self.code_sent {
            facts.known.code_shape.clone_from(&code.shapes);
            (facts.known.code_age_minutes, facts.known.code_used) = (code.age_minutes, code.used);
        }
        match (self.kind, &self.exchange) {
            (FailureKind::OAuth, exchange) => {
                if let Some(exchange) = exchange {
                    facts = facts.with_exchange(exchange);
                }
                facts.place =
                    facts.place.or(Some(if self.status.is_some() { Place::Token } else { Place::Authorize }));
                facts.status = self.status.or(facts.status);
                // A page in the place of a token says something, too.
                if self.code.is_none() && self.description.is_none() && facts.page.is_none() {
                    return Vec::new();
                }
                let message = self.description.clone().unwrap_or_default();
                let error = ApiError { code: self.code.clone(), message, ..ApiError::default() };
                vec![Explained::of(rules, facts, error)]
            }
            (FailureKind::Network, Some(exchange)) => {
                explain_exchange(rules, facts, exchange, &Said::default())
            }
            _ => Vec::new(),
        }
    }
}

/// What kind of failure; decides the exit code of the headless subcommands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The configuration or a secret.
    Config,
    /// A person is needed (an `ask` reference, headless).
    PersonNeeded,
    /// The vault has to be unlocked first.
    VaultLocked,
    /// No (whole) answer.
    Network,
    /// The token endpoint refused.
    OAuth,
    /// A password was refused so often that one more may lock the user out; it was not sent.
    LockoutNear,
    /// A guard stopped it: production, read-only, another host.
    Guard,
    /// A bug.
    Bug,
}
