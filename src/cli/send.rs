//! `orgdeck send PROFILE METHOD PATH`: one request, its body on standard output.

use super::{
    Exit,
    drive::{Driver, cancelled},
    load,
    login::LoginArguments,
    output::print,
    token::with_version,
    trouble::Trouble,
};
use crate::{
    config::{Config, Profile},
    fsio::{self, Access},
    http::{Exchange, Reply, redact::header_text},
    jobs::{FailureKind, Job, Outcome},
    salesforce::{
        Session,
        error::{self, FailedPart},
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
use http::{HeaderMap, StatusCode};
use std::{
    io::Read,
    path::{Path, PathBuf},
    process::ExitCode,
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
    let mut driver = Driver::new(home, person)?;
    let scope = Scope::new(&profile, None);
    let session = match draft.needs_session(&scope) {
        true if asks_for_version(&draft, &profile) => Some(driver.session(&profile, &login)?),
        true => Some(driver.session(&with_version(&profile, FALLBACK_VERSION), &login)?),
        false => None,
    };
    let request = prepare(&draft, &profile, session.as_deref(), body)?;
    let verdict = judge(&profile, &config.settings, session.as_deref(), &request);
    obey(&verdict, &profile, arguments.yes)?;
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
    let stopped = not_renewed.as_ref().filter(|failure| failure.kind == FailureKind::Guard);
    if let Some(failure) = stopped {
        return Err(Trouble::failure(failure.clone(), &profile));
    }
    match outcome? {
        Outcome::Response(answer) => deliver(&answer.exchange, arguments, &profile)
            .map_err(|trouble| trouble.without_new_token(not_renewed)),
        Outcome::Cancelled(_) => Err(cancelled()),
        _ => Err(Trouble::new(Exit::Bug, "a body was asked for, and something else came")),
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

fn deliver(exchange: &Exchange, arguments: &Arguments, profile: &Profile) -> Result<ExitCode, Trouble> {
    let reply = match &exchange.reply {
        Ok(reply) => reply,
        Err(failure) => return Err(Trouble::new(Exit::Network, failure.message.clone())),
    };
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
    if let Some(broken) = &reply.incomplete {
        return Err(Trouble::new(Exit::Network, broken.message.clone()));
    }
    judge_answer(exchange, reply, profile)
}

fn judge_answer(exchange: &Exchange, reply: &Reply, profile: &Profile) -> Result<ExitCode, Trouble> {
    let (status, body) = (reply.status.as_u16(), reply.body.bytes());
    if status >= 400 {
        return Err(Trouble::api(status, &error::parse(reply.status, body), profile));
    }
    if let Some(note) = &reply.note {
        return Err(Trouble::new(Exit::Guard, note.clone()));
    }
    if reply.status.is_redirection() && reply.status != StatusCode::NOT_MODIFIED {
        return Err(Trouble::api(status, &[], profile));
    }
    let mut failed = error::failed_parts(exchange.request.url.path(), body);
    if !failed.is_empty() {
        failed.sort_by_key(FailedPart::is_halted); // what stopped the others comes first
        let errors: Vec<_> = failed.into_iter().map(|part| part.error).collect();
        return Err(Trouble::api(status, &errors, profile));
    }
    Ok(ExitCode::SUCCESS)
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
