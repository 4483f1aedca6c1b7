//! `orgdeck send PROFILE METHOD PATH`: one request, its body on standard output.

use super::{
    Exit,
    drive::{Driver, cancelled},
    load,
    login::LoginArguments,
    output::print,
    preflight,
    token::with_version,
    trouble::Trouble,
};
use crate::{
    config::{Config, Profile},
    diagnosis::{Facts, Place},
    fsio::{self, Access},
    http::{Exchange, Reply, redact::header_text},
    jobs::{Answer, Job, Outcome},
    salesforce::{
        Session,
        error::{self, Page},
        oauth::FALLBACK_VERSION,
    },
    workspace::{
        AuthChoice, BodyKind, Draft, Entry, Prepared, RequestFile, Scope,
        guard::{Verdict, judge},
        ready_requests,
    },
};
use bytes::Bytes;
use clap::Args;
use http::{HeaderMap, StatusCode, header};
use std::{
    io::Read,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::SystemTime,
};

/// Arguments of `orgdeck send`.
#[derive(Args)]
pub(super) struct Arguments {
    /// Whose token and headers to send with
    profile: String,
    /// GET, POST, PATCH, PUT, DELETE, HEAD or OPTIONS
    #[arg(required_unless_present = "request", requires = "path")]
    method: Option<String>,
    /// A full URL; from `/` relative to the instance URL; else relative to /services/data/{{version}}/
    path: Option<String>,
    /// A ready request by its name, instead of METHOD and PATH
    #[arg(long, value_name = "NAME", conflicts_with_all = ["method", "path"])]
    request: Option<String>,
    /// A header, as 'Name: value'
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    headers: Vec<String>,
    /// The body; @FILE reads it from a file, @- from standard input
    #[arg(short, long, value_name = "BODY")]
    data: Option<String>,
    /// A query parameter, encoded for you
    #[arg(long, value_name = "NAME=VALUE")]
    query: Vec<String>,
    /// Write the body to a file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print status and headers before the body
    #[arg(short, long)]
    include: bool,
    /// Write to production without being asked
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    login: LoginArguments,
    /// Report errors as one JSON object on standard error
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    send(arguments, asked).map_err(|trouble| trouble.told_as_json(arguments.json))
}

fn send(arguments: &Arguments, asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    let (config, profile, home) = load(asked, &arguments.profile)?;
    let mut draft = draft(arguments)?;
    let body = body(arguments.data.as_deref(), &mut draft)?;
    guard_early(&draft, &profile, &config, arguments.yes)?;
    let (person, login) = arguments.login.split(&config);
    let scope = Scope::new(&profile, None);
    if !arguments.json && draft.needs_session(&scope) {
        preflight::warn_of_token_request(&profile, &home);
    }
    let mut driver = Driver::new(home, person)?;
    let session = match draft.needs_session(&scope) {
        true if asks_for_version(&draft, &profile) => Some(driver.session(&profile, &login)?),
        true => Some(driver.session(&with_version(&profile, FALLBACK_VERSION), &login)?),
        false => None,
    };
    let request = prepare(&draft, &profile, session.as_deref(), body)?;
    let verdict = judge(&profile, &config.settings, session.as_deref(), &request);
    obey(&verdict, &profile, arguments.yes)?;
    let facts = facts(&draft, &profile, session.as_deref());
    if !arguments.json {
        preflight::warn_of_request(facts.clone(), &draft, &profile, session.as_deref());
    }
    let session = session.filter(|_| draft.auth == AuthChoice::Profile);
    let job = |answers| Job::Call {
        profile: profile.clone(),
        session: session.clone(),
        request: request.clone(),
        answers,
    };
    let outcome = driver.outcome(job, &profile);
    let not_renewed = driver.why_not_renewed();
    driver.close();
    let stopped = not_renewed.as_ref().filter(|failure| Exit::from(failure.kind) == Exit::Guard);
    if let Some(failure) = stopped {
        return Err(Trouble::failure(failure.clone(), &profile));
    }
    match outcome.map_err(|trouble| trouble.knowing(facts.clone()))? {
        Outcome::Response(answer) => {
            deliver(&answer, arguments, facts).map_err(|trouble| trouble.without_new_token(not_renewed))
        }
        Outcome::Cancelled(_) => Err(cancelled()),
        _ => Err(Trouble::new(Exit::Bug, "a body was asked for, and something else came")),
    }
}

/// What is known beside the answer. A version that was not asked for is not the org's newest one.
fn facts(draft: &Draft, profile: &Arc<Profile>, session: Option<&Session>) -> Facts {
    let asks = asks_for_version(draft, profile);
    let profile = if asks { profile.clone() } else { with_version(profile, FALLBACK_VERSION) };
    let facts = Facts::of_profile(&profile);
    match session {
        Some(session) => facts.with_session(session, SystemTime::now()),
        None => facts,
    }
}

fn draft(arguments: &Arguments) -> Result<Draft, Trouble> {
    let mut draft = match &arguments.request {
        Some(name) => ready_request(name)?,
        None => Draft {
            method: arguments.method.clone().unwrap_or_default(),
            url: arguments.path.clone().unwrap_or_default(),
            ..Draft::new()
        },
    };
    for header in &arguments.headers {
        let (name, value) = header
            .split_once(':')
            .ok_or_else(|| Trouble::new(Exit::Usage, "a header is written 'Name: value'".to_owned()))?;
        draft.headers.push(Entry::new(name.trim(), value.trim()));
    }
    for pair in &arguments.query {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        draft.params.push(Entry::new(name, value));
    }
    if has_header(&draft, "authorization") {
        draft.auth = AuthChoice::None;
    }
    Ok(draft)
}

fn has_header(draft: &Draft, name: &str) -> bool {
    draft.headers.iter().any(|row| row.on && row.name.eq_ignore_ascii_case(name))
}

/// Puts the text of `-d` into the draft, where variables are filled in; the content of a file is returned
/// instead, and goes out byte for byte.
fn body(data: Option<&str>, draft: &mut Draft) -> Result<Option<Bytes>, Trouble> {
    let Some(data) = data else { return Ok(None) };
    let bytes = match data.strip_prefix('@') {
        Some(file) => Some(read(Path::new(file))?),
        None => None,
    };
    let start = bytes.as_deref().unwrap_or(data.as_bytes()).trim_ascii_start().first();
    if !has_header(draft, "content-type") {
        let kind = match start {
            Some(b'{' | b'[') => BodyKind::Json.content_type(),
            Some(b'<') => BodyKind::Xml.content_type(),
            _ if bytes.is_some() => Some("application/octet-stream"),
            _ => BodyKind::Raw.content_type(),
        };
        draft.headers.push(Entry::new("Content-Type", kind.unwrap_or_default()));
    }
    draft.body_kind = BodyKind::Raw;
    draft.body = if bytes.is_some() { String::new() } else { data.to_owned() };
    Ok(bytes)
}

fn read(file: &Path) -> Result<Bytes, Trouble> {
    let mut bytes = Vec::new();
    let result = match file.to_str() {
        Some("-") => std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ()),
        _ => std::fs::read(file).map(|content| bytes = content),
    };
    match result {
        Ok(()) => Ok(bytes.into()),
        Err(error) => Err(Trouble::new(Exit::Usage, format!("{} cannot be read: {error}", file.display()))),
    }
}

/// Whether `{{version}}` is needed; asking the org for its newest one costs a request.
fn asks_for_version(draft: &Draft, profile: &Profile) -> bool {
    let names_it = |text: &str| text.contains("version");
    let url = draft.url.trim_start();
    let is_bare = !url.starts_with('/') && !url.contains("://");
    let rows = || draft.params.iter().chain(&draft.headers).chain(&draft.form);
    is_bare
        || names_it(url)
        || names_it(&draft.body)
        || rows().any(|row| names_it(&row.name) || names_it(&row.value))
        || profile.variables.iter().chain(&profile.headers).any(|(_, value)| names_it(value))
}

fn prepare(
    draft: &Draft,
    profile: &Profile,
    session: Option<&Session>,
    body: Option<Bytes>,
) -> Result<Prepared, Trouble> {
    let scope = Scope::new(profile, session);
    let mut request = draft.prepare(&scope, &profile.headers).map_err(|problems| {
        let all: Vec<_> = problems.iter().map(ToString::to_string).collect();
        Trouble::new(Exit::Usage, all.join("; "))
    })?;
    if let Some(body) = body {
        request.body = body;
    }
    Ok(request)
}

/// Stops what is plainly a write before a token is got for it. Where it goes may not be known yet: the profile's
/// own host stands in for the org's.
fn guard_early(draft: &Draft, profile: &Profile, config: &Config, yes: bool) -> Result<(), Trouble> {
    let url = profile.home().and_then(|home| home.join(draft.url.trim()).ok());
    match (draft.method.trim().parse(), url) {
        (Ok(method), Some(url)) => {
            let request = Prepared { method, url, headers: HeaderMap::new(), body: Bytes::new() };
            obey(&judge(profile, &config.settings, None, &request), profile, yes)
        }
        _ => Ok(()),
    }
}

fn obey(verdict: &Verdict, profile: &Profile, yes: bool) -> Result<(), Trouble> {
    let (message, fix) = match verdict {
        Verdict::Pass => return Ok(()),
        Verdict::Confirm { .. } if yes => return Ok(()),
        Verdict::ReadOnly => (
            format!("the profile {} is read-only; nothing was sent", profile.id),
            "take `read_only` out of the profile to allow writes",
        ),
        Verdict::Confirm { word, why, .. } => {
            let why = why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
            (
                format!("this would write to {word} ({}){why}; nothing was sent", profile.id),
                "add --yes to send it all the same",
            )
        }
    };
    let mut trouble = Trouble::new(Exit::Guard, message);
    trouble.fix(fix);
    Err(trouble)
}

fn deliver(answer: &Answer, arguments: &Arguments, facts: Facts) -> Result<ExitCode, Trouble> {
    let Ok(reply) = &answer.exchange.reply else { return Err(Trouble::answer(answer, facts)) };
    let head = if arguments.include { head(reply) } else { String::new() };
    match &arguments.output {
        // A file that is there is worth more than half a body.
        Some(_) if reply.incomplete.is_some() => {}
        Some(file) => {
            fsio::write_atomic(file, reply.body.bytes(), Access::Everyone)
                .map_err(|error| Trouble::new(Exit::Config, error.to_string()))?;
            print(&[head.as_bytes()])?;
        }
        None => {
            print(&[head.as_bytes(), reply.body.bytes()])?;
        }
    }
    judge_answer(answer, reply, facts)
}

fn judge_answer(answer: &Answer, reply: &Reply, facts: Facts) -> Result<ExitCode, Trouble> {
    let status = reply.status;
    let is_error = status.is_client_error() || status.is_server_error();
    if let Some(note) = reply.note.as_ref().filter(|_| !is_error && reply.incomplete.is_none()) {
        return Err(Trouble::not_taken(Exit::Guard, note.clone(), answer, facts));
    }
    let redirects = status.is_redirection() && status != StatusCode::NOT_MODIFIED;
    if reply.incomplete.is_some() || is_error || redirects || !answer.said.parts.is_empty() {
        return Err(Trouble::answer(answer, facts));
    }
    if stands_in_the_way(&answer.exchange, reply) {
        let message = format!("{}: a page of Salesforce came in the place of an answer", status.as_u16());
        return Err(Trouble::not_taken(Exit::Api, message, answer, facts));
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether a path of an API was answered with a login page and the like. Other pages may be files that were asked for.
fn stands_in_the_way(exchange: &Exchange, reply: &Reply) -> bool {
    let kind = reply.headers.get(header::CONTENT_TYPE).map(header_text).unwrap_or_default();
    kind.contains("text/html")
        && Place::of_path(exchange.request.url.path()).is_some()
        && matches!(
            error::page(Some(reply.status.as_u16()), reply.body.bytes()),
            Some(Page::Login | Page::Maintenance | Page::ExpiredOrg)
        )
}

fn head(reply: &Reply) -> String {
    let mut head = format!("{:?} {}\r\n", reply.version, reply.status);
    for (name, value) in reply.headers.iter() {
        head.push_str(&format!("{name}: {}\r\n", header_text(value)));
    }
    head.push_str("\r\n");
    head
}

/// One of the requests that orgdeck brings along.
fn ready_request(name: &str) -> Result<Draft, Trouble> {
    let named = |file: &&RequestFile| file.draft.name.to_lowercase() == name.trim().to_lowercase();
    if let Some(file) = ready_requests().iter().find(named) {
        return Ok(file.draft.clone());
    }
    let mut trouble = Trouble::new(Exit::Usage, format!("there is no ready request {name:?}"));
    let names: Vec<_> = ready_requests().iter().map(|file| file.draft.name.as_str()).collect();
    trouble.fix(format!("there are: {}", names.join(", ")));
    Err(trouble)
}
