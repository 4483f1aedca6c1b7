//! The limits of an org: which are shown, by use and by filter, and which is looked at.
//!
//! Asking for them and what comes of it is `app::limits`'.

use crate::{
    app::{
        Action,
        field::Field,
        panes::{moved, scrolled},
    },
    config::Profile,
    jobs::{JobId, LimitsTold},
    salesforce::limits::{Limit, Reading, label},
};
use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{AtomKind, CaseMatching, Normalization, Pattern},
};
use std::{sync::Arc, time::SystemTime};

/// The box.
#[derive(Debug)]
pub struct LimitsBox {
    /// Whose org.
    pub profile: Arc<Profile>,
    /// From how many percent on a limit is worth a warning.
    pub warning: u8,
    /// The org is being asked.
    pub job: Option<JobId>,
    /// Why there is no (newer) list.
    pub problem: Option<Problem>,
    /// When the org told the list; `None` if it has told none yet.
    pub at: Option<SystemTime>,
    /// Why nothing is known of earlier readings.
    pub no_past: Option<String>,
    /// The filter as written.
    pub filter: Field,
    /// It is being written.
    pub filtering: bool,
    /// Also those of which nothing is used.
    pub all: bool,
    rows: Vec<Row>,
    shown: Vec<usize>,
    /// The chosen row among those shown.
    pub cursor: usize,
    /// The first row on the screen.
    pub first: usize,
}

/// A limit and what it was before.
#[derive(Debug)]
pub struct Row {
    /// The limit.
    pub limit: Limit,
    /// Its key in words.
    pub label: String,
    /// What was read of it so far, the oldest first.
    pub past: Vec<Reading>,
}

/// Why there is no list, and what can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Why.
    pub message: String,
    /// What to do.
    pub fix: Option<String>,
}

impl Problem {
    /// Both are known.
    pub fn new(message: &str, fix: &str) -> Self {
        Self { message: message.to_owned(), fix: Some(fix.to_owned()) }
    }
}

impl LimitsBox {
    /// One that nothing is known for yet.
    pub fn new(profile: Arc<Profile>, warning: u8) -> Self {
        Self {
            profile,
            warning,
            job: None,
            problem: None,
            at: None,
            no_past: None,
            filter: Field::line(""),
            filtering: false,
            all: false,
            rows: Vec::new(),
            shown: Vec::new(),
            cursor: 0,
            first: 0,
        }
    }

    /// The org has told its limits; the cursor stays on its own.
    pub fn take(&mut self, told: LimitsTold) {
        let LimitsTold { limits, at, past } = told;
        let chosen = self.chosen().map(|row| row.limit.key.clone());
        let (mut past, no_past) = match past {
            Ok(past) => (past, None),
            Err(why) => (Default::default(), Some(why)),
        };
        let row = |limit: Limit| Row {
            label: label(&limit.key),
            past: past.remove(&limit.key).unwrap_or_default(),
            limit,
        };
        self.rows = limits.into_iter().map(row).collect();
        (self.at, self.no_past, self.job, self.problem) = (Some(at), no_past, None, None);
        self.choose_rows();
        let again = self.shown().position(|row| Some(&row.limit.key) == chosen.as_ref());
        self.cursor = again.unwrap_or(0);
    }

    /// There is no (newer) list.
    pub fn fail(&mut self, problem: Problem) {
        (self.job, self.problem) = (None, Some(problem));
    }

    /// The rows that are shown, the fullest first.
    pub fn shown(&self) -> impl ExactSizeIterator<Item = &Row> {
        self.shown.iter().map(|i| &self.rows[*i])
    }

    /// How many rows there are without a filter: the box keeps its height while one is written.
    pub fn unfiltered(&self) -> usize {
        let used = self.rows.iter().filter(|row| is_used(row)).count();
        if self.all || used == 0 { self.rows.len() } else { used }
    }

    /// How many limits the org has told.
    pub fn total(&self) -> usize {
        self.rows.len()
    }

    /// The row of the cursor.
    pub fn chosen(&self) -> Option<&Row> {
        self.shown().nth(self.cursor)
    }

    /// Whether a filter is written or being written: `Esc` ends that first.
    pub fn has_filter(&self) -> bool {
        self.filtering || !self.filter.text().is_empty()
    }

    /// Carries out what concerns this box alone.
    pub fn handle(&mut self, action: &Action, page: usize) -> bool {
        match action {
            Action::Search => self.filtering = true,
            Action::Enter => self.filtering = false,
            Action::ShowAll => {
                self.all = !self.all;
                self.choose_rows();
            }
            Action::Back if self.has_filter() => {
                (self.filtering, self.filter) = (false, Field::line(""));
                self.choose_rows();
            }
            _ => match moved(self.cursor, self.shown.len(), page, action) {
                Some(at) => self.cursor = at,
                None => return false,
            },
        }
        true
    }

    /// Chooses the rows to show: those of which something is used, or all; with a filter all that match it.
    pub fn choose_rows(&mut self) {
        let filter = self.filter.text();
        self.cursor = 0;
        if filter.is_empty() {
            let all = self.all || !self.rows.iter().any(is_used);
            self.shown = (0..self.rows.len()).filter(|i| all || is_used(&self.rows[*i])).collect();
            return;
        }
        // By parts of words: names this long have nearly every few letters somewhere in them.
        let pattern = Pattern::new(&filter, CaseMatching::Ignore, Normalization::Smart, AtomKind::Substring);
        let (mut matcher, mut buffer) = (Matcher::new(Config::DEFAULT), Vec::new());
        let mut matches = |row: &Row| {
            let text = format!("{} {}", row.label, row.limit.key);
            pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher).is_some()
        };
        self.shown = (0..self.rows.len()).filter(|i| matches(&self.rows[*i])).collect();
    }

    /// Keeps the cursor on the screen.
    pub fn settle(&mut self, height: usize) {
        self.cursor = self.cursor.min(self.shown.len().saturating_sub(1));
        self.first = scrolled(self.first, self.cursor, self.shown.len(), height);
    }
}

fn is_used(row: &Row) -> bool {
    row.limit.level.used() > 0
}
