//! `orgdeck doctor`: what does not work, and why; also with a configuration that cannot be read.

use super::{Exit, drive::cancelled, output::print, paths, trouble::Trouble};
use crate::{
    config::ProfileId,
    document::safe,
    http::Network,
    jobs::{Checkup, Command, Event, Finding, Job, JobId, Outcome, State, Subject, Surroundings, Tally},
    runtime::surroundings,
    worker::{self, Bodies, Home},
};
use clap::Args;
use serde_json::{Value, json};
use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};
use tokio::runtime::Builder;

/// Arguments of `orgdeck doctor`.
#[derive(Args)]
pub(super) struct Arguments {
    /// Only these profiles and their hosts
    #[arg(value_name = "PROFILE")]
    profiles: Vec<String>,
    /// Ask no host
    #[arg(long)]
    offline: bool,
    /// As one JSON object; report errors as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// What was found of a subject; `None` where it was not looked at.
type Report = (Subject, Option<Vec<Finding>>);

pub(super) fn run(arguments: &Arguments, asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    let reports = examine(arguments, asked).map_err(|trouble| trouble.told_as_json(arguments.json))?;
    let findings = || reports.iter().flat_map(|(_, findings)| findings.iter().flatten());
    let tally = Tally::of(findings());
    let text = if arguments.json { as_json(&reports, tally) + "\n" } else { as_text(&reports, tally) };
    print(&[text.as_bytes()])?;
    Ok(if findings().any(|finding| finding.state == State::Broken) {
        Exit::Config.into()
    } else {
        ExitCode::SUCCESS
    })
}

/// Has the worker look. One thread is enough: the hosts are waited for side by side.
fn examine(arguments: &Arguments, asked: Option<PathBuf>) -> Result<Vec<Report>, Trouble> {
    let home = Home::new(&paths(asked)?);
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|error| Trouble::new(Exit::Bug, format!("no runtime could be started: {error}")))?;
    let checkup = Checkup {
        profiles: arguments.profiles.iter().map(|name| ProfileId::new(name.as_str())).collect(),
        offline: arguments.offline,
        surroundings: Surroundings { size: size(), ..surroundings::look() },
        ..Checkup::default()
    };
    let reports = runtime.block_on(follow(checkup, home));
    runtime.shutdown_background(); // a name server may hang
    reports
}

/// The terminal's size; `None` where the screen would not open.
fn size() -> Option<(u16, u16)> {
    if io::stdout().is_terminal() { crossterm::terminal::size().ok() } else { None }
}

async fn follow(checkup: Checkup, home: Home) -> Result<Vec<Report>, Trouble> {
    const JOB: JobId = JobId(1);
    let (commands, mut events) = worker::spawn(Network::new(), Bodies::PassedOn, home);
    let gone = || Trouble::new(Exit::Bug, "the worker is gone");
    commands.send(Command::Start(JOB, Job::Examine(Box::new(checkup)))).await.map_err(|_| gone())?;
    let mut reports: Vec<Report> = Vec::new();
    let progress = Progress::new();
    loop {
        let event = tokio::select! {
            event = events.recv() => event.ok_or_else(gone)?,
            Ok(()) = tokio::signal::ctrl_c() => return Err(cancelled()),
        };
        match event {
            Event::Examining(_, subjects) => {
                reports = subjects.into_iter().map(|subject| (subject, None)).collect();
            }
            Event::Examined(_, subject, findings) => {
                if let Some(report) = reports.iter_mut().find(|(of, _)| *of == subject) {
                    report.1 = Some(findings);
                }
            }
            Event::Ended(_, Ok(Outcome::Cancelled(_))) => return Err(cancelled()),
            Event::Ended(_, Ok(_)) => return Ok(reports),
            Event::Ended(_, Err(failure)) => return Err(Trouble::new(failure.kind.into(), failure.message)),
            _ => {}
        }
        progress.show(&reports);
    }
}

/// One line on standard error that says what is waited for; only where somebody sees it. It goes at the end.
struct Progress(bool);

impl Progress {
    fn new() -> Self {
        Self(io::stderr().is_terminal())
    }

    fn show(&self, reports: &[Report]) {
        let waits = reports.iter().find(|(_, findings)| findings.is_none());
        let done = reports.iter().filter(|(_, findings)| findings.is_some()).count();
        if let (true, Some((subject, _))) = (self.0, waits) {
            let subject = subject.to_string();
            self.write(&format!("{done} of {} looked at: {} …", reports.len(), safe(&subject)));
        }
    }

    /// In place of what stood there. A standard error that is gone is no reason to stop.
    fn write(&self, text: &str) {
        let _ = write!(io::stderr(), "\r\x1b[2K{text}");
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.0 {
            self.write("");
        }
    }
}

/// By subject, a finding a line; what to do stands below it.
fn as_text(reports: &[Report], tally: Tally) -> String {
    let findings = || reports.iter().flat_map(|(_, findings)| findings.iter().flatten());
    let about = findings().map(|finding| finding.about.chars().count()).max().unwrap_or(0);
    let word = State::Warning.word().len();
    let mut lines = Vec::new();
    for (subject, findings) in reports {
        lines.push(subject.to_string());
        for Finding { about: of, state, seen, fix, .. } in findings.iter().flatten() {
            lines.push(format!("  {} {:<word$}  {of:<about$}  {seen}", state.mark(), state.word()));
            lines.extend(fix.iter().map(|fix| format!("  {:1$}→ {fix}", "", word + about + 6)));
        }
        lines.push(String::new());
    }
    lines.push(tally.to_string());
    lines.iter().map(|line| safe(line).into_owned() + "\n").collect()
}

fn as_json(reports: &[Report], Tally { ok, warnings, broken }: Tally) -> String {
    let each = reports.iter().flat_map(|(subject, findings)| {
        findings.iter().flatten().map(move |Finding { about, state, seen, fix, mend: _ }| {
            json!({
                "subject": subject.to_string(),
                "about": about,
                "state": state.word(),
                "seen": seen,
                "fix": fix,
            })
        })
    });
    let findings: Vec<Value> = each.collect();
    json!({"findings": findings, "summary": {"ok": ok, "warnings": warnings, "broken": broken}}).to_string()
}
