//! `orgdeck limits PROFILE`: what the org allows and what is left of it, and how a limit went.

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
    app::limits::{figure, percent},
    diagnosis::Facts,
    document::safe,
    jobs::{Job, LimitsTold, Outcome, Past},
    salesforce::{
        limits::{Level, Limit, Reading, label},
        oauth::FALLBACK_VERSION,
    },
};
use clap::Args;
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};
use time::OffsetDateTime;
use unicode_width::UnicodeWidthStr;

/// Arguments of `orgdeck limits`.
///
/// Prints name, what is used, what is allowed, percent and Salesforce's own name, the fullest limit first. What is read
/// is kept for `--history` and for the screen.
#[derive(Args)]
pub(super) struct Arguments {
    /// Whose org
    profile: String,
    /// Also the limits of which nothing is used, which are left out otherwise
    #[arg(long)]
    all: bool,
    /// Every limit, as a JSON array; report errors as JSON
    #[arg(long)]
    json: bool,
    /// The readings of this limit so far (DailyApiRequests) instead of the list: time (UTC), used, allowed, percent
    #[arg(long, value_name = "NAME", conflicts_with = "all")]
    history: Option<String>,
    #[command(flatten)]
    login: LoginArguments,
}

pub(super) fn run(arguments: &Arguments, asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    tell(arguments, asked).map_err(|trouble| trouble.told_as_json(arguments.json))
}

fn tell(arguments: &Arguments, asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    let (config, profile, home) = load(asked, &arguments.profile)?;
    let (person, login) = arguments.login.split(&config);
    let mut driver = Driver::new(home, person)?;
    let profile = with_version(&profile, FALLBACK_VERSION);
    let session = driver.session(&profile, &login)?;
    let past = if arguments.history.is_some() { Past::Whole } else { Past::None };
    let job = |answers| Job::Limits { profile: profile.clone(), session: session.clone(), answers, past };
    let outcome = driver.outcome(job, &profile);
    let why = driver.why_not_renewed();
    driver.close();
    let facts = Facts::of_profile(&profile).with_session(&session, SystemTime::now());
    let outcome = outcome.map_err(|trouble| trouble.knowing(facts.clone()))?;
    match (outcome, &arguments.history) {
        (Outcome::Limits(told), Some(name)) => print_history(&told, name, arguments),
        (Outcome::Limits(told), None) => print_list(&told.limits, arguments),
        (Outcome::Response(answer), _) => Err(Trouble::answer(&answer, facts).without_new_token(why)),
        _ => Err(cancelled()),
    }
}

fn print_list(limits: &[Limit], arguments: &Arguments) -> Result<ExitCode, Trouble> {
    if arguments.json {
        let all: Vec<_> = limits.iter().map(|limit| described(&limit.key, limit.level)).collect();
        return print(&[Value::from(all).to_string().as_bytes(), b"\n"]);
    }
    let shown: Vec<&Limit> = limits.iter().filter(|limit| arguments.all || limit.level.used() > 0).collect();
    let left_out = limits.len() - shown.len();
    if left_out > 0 {
        eprintln!("note: {left_out} limits of which nothing is used are left out: --all");
    }
    print(&[table(&shown).as_bytes()])
}

fn described(key: &str, level: Level) -> Value {
    json!({
        "name": key,
        "label": label(key),
        "used": level.used(),
        "max": level.max,
        "remaining": level.remaining,
        "percent": level.percent(),
    })
}

fn table(limits: &[&Limit]) -> String {
    let rows = limits.iter().map(|limit| {
        let Limit { key, level } = limit;
        [
            safe(&label(key)).into_owned(),
            figure(level.used()),
            figure(level.max),
            percent(*level),
            safe(key).into_owned(),
        ]
    });
    let rows: Vec<[String; 5]> = rows.collect();
    let width = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
    let [names, used, max] = [width(0), width(1), width(2)];
    let line = |row: &[String; 5]| {
        let blank = " ".repeat(names - row[0].width());
        format!("{}{blank}  {:>used$} / {:>max$}  {:>5}  {}\n", row[0], row[1], row[2], row[3], row[4])
    };
    rows.iter().map(line).collect()
}

/// The readings of the limit that is meant by a name, in whatever case it is written.
fn print_history(told: &LimitsTold, name: &str, arguments: &Arguments) -> Result<ExitCode, Trouble> {
    let past = told.past.as_ref().map_err(|why| Trouble::new(Exit::Config, format!("no history: {why}")))?;
    // What the org no longer tells may still have been read.
    let mut keys = told.limits.iter().map(|limit| &limit.key).chain(past.keys());
    let Some(key) = keys.find(|key| key.eq_ignore_ascii_case(name)) else {
        let mut trouble = Trouble::new(Exit::Usage, format!("the org has no limit {name:?}"));
        trouble.fix(format!("orgdeck limits {} --all has their names in its last column", arguments.profile));
        return Err(trouble);
    };
    let readings = past.get(key).map(Vec::as_slice).unwrap_or_default();
    if arguments.json {
        let reading = |Reading { at, level }: &Reading| {
            json!({
                "at": utc(*at),
                "used": level.used(),
                "max": level.max,
                "remaining": level.remaining,
                "percent": level.percent(),
            })
        };
        let all: Vec<_> = readings.iter().map(reading).collect();
        return print(&[Value::from(all).to_string().as_bytes(), b"\n"]);
    }
    if readings.is_empty() {
        eprintln!("note: no reading of {key} is kept; history = \"off\" in the profile keeps none");
    }
    let line = |Reading { at, level }: &Reading| {
        format!(
            "{}  {:>9} / {:<9}  {:>5}\n",
            utc(*at),
            figure(level.used()),
            figure(level.max),
            percent(*level)
        )
    };
    print(&[readings.iter().map(line).collect::<String>().as_bytes()])
}

/// `2026-06-15T15:06:40Z`.
fn utc(at: SystemTime) -> String {
    let seconds = at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let at =
        i64::try_from(seconds).ok().and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    let at = at.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (date, time) = (at.date(), at.time());
    let (month, hour, minute, second) = (u8::from(date.month()), time.hour(), time.minute(), time.second());
    format!("{:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", date.year(), date.day())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn times_are_written_as_scripts_read_them() {
        assert_eq!(utc(UNIX_EPOCH + Duration::from_secs(1_750_000_000)), "2025-06-15T15:06:40Z");
        assert_eq!(utc(UNIX_EPOCH), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn a_table_keeps_its_columns() {
        let limit = |key: &str, used, max| Limit { key: key.into(), level: Level::used_of(used, max) };
        let limits = [limit("DailyApiRequests", 1_234, 15_000), limit("DailyApiRequests/Zoë's 同期", 9, 10)];
        let table = table(&limits.iter().collect::<Vec<_>>());
        let expected = "Daily API requests               1,234 / 15,000    8 %  DailyApiRequests\n\
                        Daily API requests · Zoë's 同期      9 /     10   90 %  DailyApiRequests/Zoë's 同期\n";
        assert_eq!(table, expected);
    }
}
