//! The corpus of the diagnosis: errors as people meet them, and the cause and action that must come first.
//!
//! `tests/hints/*.toml` has the cases (`[[case]]`) and the rows of the field's knowledge that want one (`rows`). Run with
//! `-- --nocapture` it prints how many of the rows have a case, and which have none.

use orgdeck::{
    config::Flow,
    diagnosis::{Facts, Known, Place, Rules, Told},
};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rows: Vec<String>,
    #[serde(default)]
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default)]
    rows: Vec<String>,
    at: Option<String>,
    status: Option<u16>,
    flow: Option<String>,
    login_host: Option<String>,
    username: Option<String>,
    request: Option<String>,
    #[serde(default)]
    request_headers: Vec<String>,
    #[serde(default)]
    request_body: String,
    #[serde(default)]
    headers: Vec<String>,
    #[serde(default)]
    note: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    known: Known,
    first: String,
    #[serde(default)]
    action: Option<String>,
    #[serde(default)]
    also: Vec<String>,
    #[serde(default)]
    never: Vec<String>,
}

impl Case {
    fn told(&self) -> Told {
        Told {
            place: self
                .at
                .as_deref()
                .map(|word| Place::parse(word).unwrap_or_else(|| panic!("{}: at", self.name))),
            status: self.status,
            flow: self
                .flow
                .as_deref()
                .map(|word| Flow::parse(word).unwrap_or_else(|| panic!("{}: flow", self.name))),
            login_host: self.login_host.clone(),
            username: self.username.clone(),
            request: self.request.clone(),
            request_headers: self.request_headers.clone(),
            request_body: self.request_body.clone(),
            headers: self.headers.clone(),
            note: self.note.clone(),
            text: self.body.clone(),
            known: self.known.clone(),
        }
    }

    /// What is wrong, and the ids of the hints that came.
    fn judge(&self) -> (Option<String>, BTreeSet<String>) {
        let all = self.told().explain(Rules::built_in(), &Facts::default());
        let hints = &all[0].hints;
        let ids: Vec<&str> = hints.iter().map(|hint| hint.id.as_str()).collect();
        let action = hints[0].action.as_ref().map(ToString::to_string).unwrap_or_default();
        let unfilled = hints.iter().find(|hint| {
            format!("{}{}{:?}{:?}", hint.cause, hint.fix, hint.checks, hint.evidence).contains("{")
                && !self.body.contains('{')
        });
        let wrong = if ids[0] != self.first {
            Some(format!("first is {}, not {}", ids[0], self.first))
        } else if self.action.as_ref().is_some_and(|wanted| *wanted != action) {
            Some(format!("the action is {action:?}, not {:?}", self.action))
        } else if let Some(missing) = self.also.iter().find(|id| !ids.contains(&id.as_str())) {
            Some(format!("{missing} is not among them"))
        } else if let Some(present) = self.never.iter().find(|id| ids.contains(&id.as_str())) {
            Some(format!("{present} is among them"))
        } else {
            unfilled.map(|hint| format!("{} has words in braces", hint.id))
        };
        let seen = all.iter().flat_map(|one| &one.hints).map(|hint| hint.id.clone()).collect();
        (wrong.map(|what| format!("{}: {what}; all: {}", self.name, ids.join(", "))), seen)
    }
}

fn files() -> Vec<(PathBuf, File)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hints");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let file = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path, file)
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn every_case_has_its_cause_first() {
    let (mut wrong, mut reached, mut cases) = (Vec::new(), BTreeSet::new(), 0);
    for (path, file) in files() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for case in file.case {
            cases += 1;
            let (problem, seen) = case.judge();
            wrong.extend(problem.map(|what| format!("{name}: {what}")));
            reached.extend(seen);
        }
    }
    assert!(wrong.is_empty(), "{} of {cases} cases:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases >= 150, "only {cases} cases");
    let unreached: Vec<_> = Rules::built_in().ids().filter(|id| !reached.contains(*id)).collect();
    assert!(unreached.is_empty(), "hints that no case reaches: {unreached:?}");
}

#[test]
fn every_case_is_named_once_and_every_row_of_it_exists() {
    let files = files();
    let rows: BTreeSet<&str> = files.iter().flat_map(|(_, file)| &file.rows).map(String::as_str).collect();
    let mut names = BTreeMap::new();
    for (path, file) in &files {
        for case in &file.case {
            assert!(names.insert(&case.name, path).is_none(), "two cases are named {:?}", case.name);
            for row in &case.rows {
                assert!(
                    rows.contains(row.as_str()),
                    "{}: {}: there is no row {row}",
                    path.display(),
                    case.name
                );
            }
        }
    }
}

#[test]
fn the_rows_have_their_cases() {
    let files = files();
    let covered: BTreeSet<&str> = files
        .iter()
        .flat_map(|(_, file)| &file.case)
        .flat_map(|case| &case.rows)
        .map(String::as_str)
        .collect();
    let rows: Vec<&str> = files.iter().flat_map(|(_, file)| &file.rows).map(String::as_str).collect();
    let without: Vec<&&str> = rows.iter().filter(|row| !covered.contains(**row)).collect();
    let cases: usize = files.iter().map(|(_, file)| file.case.len()).sum();
    println!("{cases} cases, {} of {} rows have one", rows.len() - without.len(), rows.len());
    println!("without: {without:?}");
    let seeds =
        without.iter().filter(|row| row.starts_with('s') && row[1..].bytes().all(|b| b.is_ascii_digit()));
    assert_eq!(seeds.count(), 0, "{without:?}");
    assert!(without.len() * 10 <= rows.len(), "more than a tenth of the rows have no case: {without:?}");
}
