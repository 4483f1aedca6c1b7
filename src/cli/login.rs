//! The arguments that say how a subcommand may log in, and the subcommands that are about a login: `about`, `open`,
//! `revoke`, `forget`.

use super::{
    Exit,
    drive::{Driver, Login, cancelled},
    load,
    output::print,
    person::Person,
    trouble::Trouble,
};
use crate::{
    config::{Config, Profile},
    diagnosis::Facts,
    jobs::{Answer, Job, Outcome, Question, Wanted, Wish},
    runtime::browser,
    salesforce::Session,
};
use clap::{Args, ValueEnum};
use std::{path::PathBuf, process::ExitCode, sync::Arc, time::SystemTime};

/// How a token may be got.
#[derive(Args)]
pub(super) struct LoginArguments {
    /// Log in anew, whatever is remembered
    #[arg(long)]
    new: bool,
    /// What the login page is asked for, instead of the profile's: login, consent, select_account; none for nothing
    #[arg(long, value_name = "WORDS")]
    prompt: Option<String>,
    /// Open a browser and wait for the login, also without a terminal
    #[arg(long)]
    browser: bool,
    /// Take a token of another org or user than before
    #[arg(long)]
    accept_org: bool,
    /// Send a password although it was refused twice within 15 minutes: the org may lock the user out
    #[arg(long)]
    anyway: bool,
}

impl LoginArguments {
    /// Who can be asked, and what is wished for.
    pub(super) fn split(&self, config: &Config) -> (Person, Login) {
        let wanted = if self.new || self.prompt.is_some() { Wanted::Anew } else { Wanted::Any };
        let prompt = self.prompt.clone();
        let wish = Wish { wanted, prompt, despite_lockout: self.anyway, ..Wish::default() };
        let person = Person::new(self.browser, config.told().withheld);
        (person, Login { wish, accept_org: self.accept_org })
    }
}

/// Arguments of `orgdeck about`.
#[derive(Args)]
pub(super) struct About {
    /// Whose token
    profile: String,
    /// What to ask
    question: AboutWhat,
    #[command(flatten)]
    login: LoginArguments,
}

/// What can be asked about a token.
#[derive(Clone, Copy, ValueEnum)]
enum AboutWhat {
    /// Whose it is, as OpenID Connect tells it
    Userinfo,
    /// Whose it is, as the identity URL tells it
    Identity,
    /// Whether it is alive, and what it may do
    Introspect,
}

/// Arguments of `orgdeck open`.
#[derive(Args)]
pub(super) struct Open {
    /// Whose org
    profile: String,
    #[command(flatten)]
    login: LoginArguments,
}

/// Arguments of `orgdeck revoke` and `orgdeck forget`.
#[derive(Args)]
pub(super) struct Whose {
    /// Whose
    profile: String,
}

/// `orgdeck about PROFILE QUESTION`: the answer on standard output.
pub(super) fn about(arguments: &About, asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    let mut with = With::profile(&arguments.profile, &arguments.login, asked)?;
    let question = match arguments.question {
        AboutWhat::Userinfo => Question::UserInfo,
        AboutWhat::Identity => Question::Identity,
        AboutWhat::Introspect => Question::Introspect,
    };
    let session = with.session()?;
    match with.outcome(&session, question)? {
        Outcome::Response(answer) => deliver(&answer, with.facts(&session)),
        _ => Err(cancelled()),
    }
}

/// `orgdeck open PROFILE`: the org in a browser, logged in.
pub(super) fn open(arguments: &Open, asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    let mut with = With::profile(&arguments.profile, &arguments.login, asked)?;
    let session = with.session()?;
    match with.outcome(&session, Question::OpenOrg)? {
        Outcome::OrgLink(link) => {
            let opened = with.driver.wait_for(browser::open_secret(&with.data_dir, &link, &with.withheld));
            opened.map_err(|why| {
                let mut trouble = Trouble::new(Exit::Config, format!("no browser was opened: {why}"));
                trouble.fix("set BROWSER to a program that opens an address");
                trouble
            })?;
            Ok(ExitCode::SUCCESS)
        }
        Outcome::Response(answer) => deliver(&answer, with.facts(&session)),
        _ => Err(cancelled()),
    }
}

/// `orgdeck revoke PROFILE`: the kept login ends, here and in the org.
pub(super) fn revoke(arguments: &Whose, asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    let mut with = With::profile(&arguments.profile, &LoginArguments::nobody(), asked)?;
    let session = with.session()?;
    match with.outcome(&session, Question::Revoke)? {
        Outcome::Revoked(_) => {
            eprintln!("revoked; other clients of the same app and user may be logged out, too");
            Ok(ExitCode::SUCCESS)
        }
        Outcome::Response(answer) => deliver(&answer, with.facts(&session)),
        _ => Err(cancelled()),
    }
}

/// `orgdeck forget PROFILE`: what is kept of its logins and of its org goes; in the org nothing changes.
pub(super) fn forget(arguments: &Whose, asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    let mut with = With::profile(&arguments.profile, &LoginArguments::nobody(), asked)?;
    let profile = with.profile.clone();
    with.driver.outcome(|_| Job::Forget { profile: profile.clone(), all: true }, &profile)?;
    eprintln!("forgotten here; in the org a token stays valid until it ends or is revoked");
    Ok(ExitCode::SUCCESS)
}

impl LoginArguments {
    fn nobody() -> Self {
        Self { new: false, prompt: None, browser: false, accept_org: false, anyway: false }
    }
}

/// A profile and what drives the worker for it.
struct With {
    profile: Arc<Profile>,
    driver: Driver,
    login: Login,
    data_dir: PathBuf,
    withheld: Vec<String>,
}

impl With {
    fn profile(name: &str, login: &LoginArguments, asked: Option<PathBuf>) -> Result<Self, Trouble> {
        let (config, profile, home) = load(asked, name)?;
        let (person, login) = login.split(&config);
        let data_dir = home.data_dir.clone();
        let driver = Driver::new(home, person)?;
        Ok(Self { profile, driver, login, data_dir, withheld: config.told().withheld })
    }

    fn session(&mut self) -> Result<Arc<Session>, Trouble> {
        self.driver.session(&self.profile, &self.login)
    }

    fn outcome(&mut self, session: &Arc<Session>, question: Question) -> Result<Outcome, Trouble> {
        let profile = self.profile.clone();
        let job = |answers| Job::AboutToken {
            profile: profile.clone(),
            session: session.clone(),
            answers,
            question,
        };
        let outcome = self.driver.outcome(job, &profile);
        outcome.map_err(|trouble| trouble.knowing(self.facts(session)))
    }

    /// What is known beside an answer.
    fn facts(&self, session: &Session) -> Facts {
        Facts::of_profile(&self.profile).with_session(session, SystemTime::now())
    }
}

/// The body of an answer; an answer that says no is a trouble besides.
fn deliver(answer: &Answer, facts: Facts) -> Result<ExitCode, Trouble> {
    let Ok(reply) = &answer.exchange.reply else { return Err(cancelled()) };
    let printed = print(&[reply.body.bytes(), b"\n"])?;
    if reply.status.is_success() && reply.incomplete.is_none() {
        return Ok(printed);
    }
    Err(Trouble::answer(answer, facts))
}
