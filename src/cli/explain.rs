//! `orgdeck explain`: what an error most likely means that was seen somewhere else, in a log, a chat or another client.
//! Needs no configuration and no network.

use super::{Exit, find, hints, output::print, paths, trouble::Trouble};
use crate::{
    config::{self, Flow},
    diagnosis::{Confidence, Explained, Facts, Hint, Place, Told},
    document::safe,
    format::{self, wrap},
};
use clap::{Args, builder::PossibleValuesParser, builder::TypedValueParser};
use serde_json::json;
use std::{
    fs::File,
    io::{self, IsTerminal, Read},
    path::{Path, PathBuf},
    process::ExitCode,
};
use unicode_width::UnicodeWidthStr;
use url::Url;

/// More than this is no error that somebody saw, in bytes.
const LARGEST: u64 = 10 << 20;
/// The width of the text, in cells.
const WIDTH: usize = 80;
/// So much of it is looked at, in bytes.
const LOOKED_AT: usize = 1 << 20;
/// Parts of one answer that are named where they failed alike.
const NAMED: usize = 8;

/// Arguments of `orgdeck explain`.
#[derive(Args)]
pub(super) struct Arguments {
    /// What was seen, of whatever shape; without it, or with -, standard input
    file: Option<PathBuf>,
    /// Whose settings to go by
    #[arg(long)]
    profile: Option<String>,
    /// Where it was seen, if the text does not tell
    #[arg(long = "where", value_name = "PLACE", value_parser = places())]
    place: Option<Place>,
    /// The HTTP status, if the text does not have it
    #[arg(long, value_parser = clap::value_parser!(u16).range(100..600))]
    status: Option<u16>,
    /// By which flow a token was asked for
    #[arg(long, value_parser = flows())]
    flow: Option<Flow>,
    /// The host where one logs in
    #[arg(long, value_name = "HOST")]
    login_host: Option<String>,
    /// Who logs in
    #[arg(long)]
    username: Option<String>,
    /// What was asked: 'METHOD PATH' or a URL
    #[arg(long, value_name = "REQUEST")]
    request: Option<String>,
    /// A header of the request or of the answer, as 'Name: value'
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    headers: Vec<String>,
    /// What else is known, in your own words
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// As one JSON object; report errors as JSON
    #[arg(long)]
    json: bool,
}

fn places() -> impl TypedValueParser<Value = Place> {
    let words = PossibleValuesParser::new(Place::ALL.iter().map(|(word, _)| *word));
    words.try_map(|word| Place::parse(&word).ok_or("no such place"))
}

fn flows() -> impl TypedValueParser<Value = Flow> {
    let words = PossibleValuesParser::new(Flow::ALL.iter().map(|flow| flow.name()));
    words.try_map(|word| Flow::parse(&word).ok_or("no such flow"))
}

pub(super) fn run(arguments: &Arguments, asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    explain(arguments, asked).map_err(|trouble| trouble.told_as_json(arguments.json))
}

fn explain(arguments: &Arguments, asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    arguments.check()?;
    let told = Told { text: arguments.text()?, ..arguments.told() };
    if told.text.trim().is_empty() && !arguments.says_something() {
        return Err(nothing_to_explain());
    }
    if told.text.len() > LOOKED_AT {
        eprintln!("note: only the first {} are looked at", format::bytes(LOOKED_AT as u64));
    }
    let (rules, warnings) = hints::rules(asked.as_deref());
    for line in warnings.iter().flat_map(|text| text.lines()) {
        eprintln!("warning: {}", safe(line));
    }
    let known = match &arguments.profile {
        Some(name) => facts(name, asked)?,
        None => Facts::default(),
    };
    let all = told.explain(&rules, &known);
    match arguments.json {
        true => print(&[as_json(&all).to_string().as_bytes(), b"\n"]),
        false => print(&[as_text(&all).as_bytes()]),
    }
}

/// What a profile tells.
fn facts(name: &str, asked: Option<PathBuf>) -> Result<Facts, Trouble> {
    let file = paths(asked)?.config_file;
    let config = config::load(&file).map_err(|error| Trouble::config(&error))?;
    Ok(Facts::of_profile(&*find(&config, &file, name)?))
}

impl Arguments {
    /// Whether they tell of an error without a text. A profile alone does not.
    fn says_something(&self) -> bool {
        self.place.is_some()
            || self.status.is_some()
            || self.flow.is_some()
            || !self.headers.is_empty()
            || [&self.login_host, &self.username, &self.request, &self.note]
                .into_iter()
                .flatten()
                .any(|text| !text.trim().is_empty())
    }

    /// Holds that each can be understood.
    fn check(&self) -> Result<(), Trouble> {
        let wrong = |what: &str| Err(Trouble::new(Exit::Usage, what));
        let has_colon =
            |header: &String| header.split_once(':').is_some_and(|(name, _)| !name.trim().is_empty());
        if !self.headers.iter().all(has_colon) {
            return wrong("a header is written 'Name: value'");
        }
        if self.request.as_ref().is_some_and(|request| !request.contains('/')) {
            return wrong("a request is written 'METHOD PATH' or as a URL, as in 'GET /services/data'");
        }
        let is_host = |host: &String| {
            let host = host.trim();
            let url =
                if host.contains("://") { Url::parse(host) } else { Url::parse(&format!("https://{host}")) };
            url.is_ok_and(|url| url.has_host())
        };
        if !self.login_host.iter().all(is_host) {
            return wrong("--login-host is a host, as in test.salesforce.com");
        }
        Ok(())
    }

    fn told(&self) -> Told {
        Told {
            place: self.place,
            status: self.status,
            flow: self.flow,
            login_host: self.login_host.clone(),
            username: self.username.clone(),
            request: self.request.clone(),
            request_headers: self.headers.clone(),
            note: self.note.clone().unwrap_or_default(),
            ..Told::default()
        }
    }

    /// What was seen. A terminal is read only if that is asked for.
    fn text(&self) -> Result<String, Trouble> {
        let stdin = io::stdin();
        let bytes = match &self.file {
            Some(file) if file.as_os_str() != "-" => read_file(file)?,
            None if stdin.is_terminal() => Vec::new(),
            asked => {
                if asked.is_some() && stdin.is_terminal() {
                    eprintln!("note: paste what was seen, and end it with Ctrl-D on a line of its own");
                }
                read(stdin.lock(), "standard input")?
            }
        };
        Ok(decoded(&bytes))
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, Trouble> {
    match File::open(path) {
        Ok(file) => read(file, &path.display().to_string()),
        Err(_) if is_text(path) => {
            let message = "FILE is the name of a file, and this looks like what was seen itself";
            let mut trouble = Trouble::new(Exit::Usage, message);
            trouble.fix(HOW);
            Err(trouble)
        }
        Err(error) => {
            let mut trouble =
                Trouble::new(Exit::Usage, format!("{} cannot be read: {error}", path.display()));
            trouble.fix(HOW);
            Err(trouble)
        }
    }
}

/// How to say what was seen. Arguments can be read by others on the same computer, and stay in the shell's history.
const HOW: &str = "save it in a file and name that; or pipe it into `orgdeck explain`; or start `orgdeck explain -`, paste it, and end \
     with Ctrl-D (not as an argument: others on this computer could read it)";

/// Whether an argument looks like an address or an error, not like a file that is missing. Its text is not repeated: a
/// redirect may hold a code.
fn is_text(path: &Path) -> bool {
    let text = path.to_string_lossy();
    text.len() > 250
        || text.contains("://")
        || text.contains(['{', '}', '<', '>', '"', '?', '&', '\n'])
        || text.starts_with("error=")
        || text.contains(": ")
        || (text.contains(' ') && !text.contains(['/', '.']))
}

fn read(from: impl Read, name: &str) -> Result<Vec<u8>, Trouble> {
    let mut bytes = Vec::new();
    let wrong = |what: String| Trouble::new(Exit::Usage, format!("{name} {what}"));
    from.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| wrong(format!("cannot be read: {error}")))?;
    if bytes.len() as u64 > LARGEST {
        let mut trouble = wrong(format!("is larger than {}", format::bytes(LARGEST)));
        trouble.fix("cut out the answer that holds the error");
        return Err(trouble);
    }
    Ok(bytes)
}

/// Text as programs save it: UTF-8, with or without a mark, or UTF-16 with one (PowerShell's `>`).
fn decoded(bytes: &[u8]) -> String {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        plain => String::from_utf8_lossy(plain).into_owned(),
    }
}

fn nothing_to_explain() -> Trouble {
    let mut trouble = Trouble::new(Exit::Usage, "there is nothing to explain");
    trouble.fix(HOW);
    trouble.fix("or say what is known of it: --status, --where, --request, --header, --flow, --login-host, --username, --note");
    trouble
}

/// The object of every error in JSON; the first error is the most telling one.
fn as_json(all: &[Explained]) -> serde_json::Value {
    let kind = |one: &Explained| hints::kind_of(one.place);
    let Some(first) = all.first() else { return json!({ "error": null, "hints": [] }) };
    let mut object = json!({ "error": hints::said_json(first, kind(first)), "hints": hints::hints(first) });
    if let Some(parts) = hints::parts(all, kind) {
        object["parts"] = parts;
    }
    object
}

/// For a terminal: each error, then its causes.
fn as_text(all: &[Explained]) -> String {
    let blocks: Vec<String> = alike(all)
        .into_iter()
        .map(|(first, references)| {
            let mut lines = heading(first, &references);
            for (at, hint) in first.hints.iter().enumerate() {
                lines.push(String::new());
                lines.extend(described(at + 1, hint));
            }
            lines.join("\n").trim_start().to_owned() + "\n"
        })
        .collect();
    blocks.join("\n")
}

/// Errors of the same words and causes together, each with the names of the parts it was seen in.
fn alike(all: &[Explained]) -> Vec<(&Explained, Vec<&str>)> {
    let mut groups: Vec<(&Explained, Vec<&str>)> = Vec::new();
    for one in all {
        let same = |first: &Explained| {
            first.error == one.error && first.status == one.status && first.hints == one.hints
        };
        match groups.iter_mut().find(|(first, _)| same(first)) {
            Some((_, references)) => references.push(&one.reference),
            None => groups.push((one, vec![&one.reference])),
        }
    }
    groups
}

/// What was answered, in its own words.
fn heading(first: &Explained, references: &[&str]) -> Vec<String> {
    let mut named: Vec<&str> = references.iter().copied().filter(|name| !name.is_empty()).collect();
    let untold = named.len().saturating_sub(NAMED);
    named.truncate(NAMED);
    let more = if untold > 0 { format!(" and {untold} more") } else { String::new() };
    let place = if named.is_empty() { String::new() } else { format!(" in {}{more}", named.join(", ")) };
    let said = hints::said(first.status, &first.error);
    match (said.is_empty(), place.is_empty()) {
        (true, true) => Vec::new(),
        _ => lines("", &format!("error{place}: {said}")),
    }
}

/// A cause and what to do about it. One that is less likely is told in short: `--json` has all of it.
fn described(number: usize, hint: &Hint) -> Vec<String> {
    let mut all = lines(&format!("{number}. "), &format!("{}: {}", hint.confidence.words(), hint.cause));
    if number > 1 && hint.confidence == Confidence::LessLikely {
        all.extend(lines("   fix: ", &hint.fix));
        return all;
    }
    all.extend(hint.evidence.iter().flat_map(|text| lines("   seen: ", text)));
    for (at, check) in hint.checks.iter().enumerate() {
        let label = if at == 0 { "   check: " } else { "          " };
        all.extend(lines(&format!("{label}{}. ", at + 1), check));
    }
    all.extend(lines("   fix: ", &hint.fix));
    all.extend(hint.action.iter().flat_map(|action| lines("   in orgdeck: ", &action.label())));
    all
}

/// A text behind its label, in lines of [`WIDTH`] cells, each begun below the first. What came from outside cannot act
/// on the terminal.
fn lines(label: &str, text: &str) -> Vec<String> {
    let text = text.split(['\r', '\n']).filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join(" ");
    let indent = " ".repeat(label.width());
    let wrapped = wrap(&safe(&text), WIDTH - label.width());
    let begun = |at: usize| if at == 0 { label } else { indent.as_str() };
    wrapped
        .iter()
        .enumerate()
        .map(|(at, line)| format!("{}{line}", begun(at)).trim_end().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_as_programs_save_it() {
        let wide = |unit: fn(u16) -> [u8; 2]| "\u{feff}ä".encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        for bytes in [wide(u16::to_le_bytes), wide(u16::to_be_bytes), "\u{feff}ä".into(), "ä".into()] {
            assert_eq!(decoded(&bytes), "ä", "{bytes:?}");
        }
        assert_eq!(decoded(b"a\xff"), "a\u{fffd}");
    }

    #[test]
    fn what_was_seen_is_told_from_the_name_of_a_file() {
        for text in [
            "https://localhost:1717/OauthRedirect?error=access_denied",
            r#"{"error":"invalid_grant"}"#,
            "invalid_grant: authentication failure",
            "authentication failure",
            "error=invalid_grant",
            "<Errors>",
        ] {
            assert!(is_text(Path::new(text)), "{text}");
        }
        for name in
            ["error.json", "/var/log/my app/error.log", "C:\\answers\\1.json", "seen", "my answer.txt"]
        {
            assert!(!is_text(Path::new(name)), "{name}");
        }
    }

    #[test]
    fn lines_keep_to_their_width_and_their_indent() {
        let all = lines("   seen: ", &format!("{}\nnext \u{1b}[31m{}", "word ".repeat(30), "x".repeat(200)));
        assert!(all.iter().all(|line| line.width() <= WIDTH), "{all:?}");
        assert!(all[1].starts_with("         word"), "{all:?}");
        assert!(all.iter().all(|line| !line.contains('\u{1b}')));
    }
}
