//! What a check-up has found, on the screen: findings by subject as they come in, cursor and scroll.
//!
//! Which job makes them and what mends them is the app's matter (`app::doctor`).

use crate::{
    app::{
        Action,
        panes::{moved_through, scrolled_to},
    },
    document::safe,
    format::wrap,
    jobs::{Finding, JobId, State, Subject, Tally},
};
use std::{ops::Range, time::Instant};
use unicode_width::UnicodeWidthStr;

/// Where the texts begin: behind the mark.
pub const INDENT: u16 = 3;
/// The cells of what a finding is about, where its text stands beside it.
const ABOUT: usize = 18;
/// Below this a finding's text stands in line with what it is about.
const BESIDE: usize = 60;

/// The page.
#[derive(Debug)]
pub struct DoctorPage {
    /// What is looking; `None` once it has ended.
    pub job: Option<JobId>,
    /// Since when.
    pub since: Instant,
    /// By subject, in their order.
    pub reports: Vec<Report>,
    /// The findings as lines of the screen's width.
    pub lines: Vec<Line>,
    /// The finding of the cursor, counted through all subjects.
    pub cursor: usize,
    /// The first line on the screen.
    pub first: usize,
    /// The width that the lines are laid out for; nothing if there is news since.
    laid_out: Option<usize>,
}

/// What is known of a subject.
#[derive(Debug)]
pub struct Report {
    /// Which.
    pub subject: Subject,
    /// `None` while it is still being looked at.
    pub findings: Option<Vec<Finding>>,
}

/// A line of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub kind: LineKind,
    /// Where its text begins.
    pub x: u16,
    /// The text, safe to draw.
    pub text: String,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Between two subjects.
    Blank,
    /// A subject's name.
    Heading {
        /// It is still being looked at.
        under_way: bool,
    },
    /// Of a finding: its number, how it is, and which of its lines.
    Of(usize, State, Part),
}

/// Which of a finding's lines one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The first, with its mark; so many of its cells say what it is about.
    First(u16),
    /// A further one.
    More,
    /// What to do about it.
    Fix,
}

impl DoctorPage {
    /// Nothing is found yet.
    pub fn new(job: Option<JobId>, since: Instant) -> Self {
        let (reports, lines) = (Vec::new(), Vec::new());
        Self { job, since, reports, lines, cursor: 0, first: 0, laid_out: None }
    }

    /// These are looked at.
    pub fn begin(&mut self, subjects: Vec<Subject>) {
        self.reports = subjects.into_iter().map(|subject| Report { subject, findings: None }).collect();
        (self.cursor, self.laid_out) = (0, None);
    }

    /// That was found of a subject. The cursor stays on its finding.
    pub fn take(&mut self, subject: &Subject, findings: Vec<Finding>) {
        let Some(at) = self.reports.iter().position(|report| report.subject == *subject) else { return };
        let before = self.reports[..at].iter().flat_map(|report| &report.findings).flatten().count();
        if self.cursor > 0 && before <= self.cursor {
            self.cursor += findings.len();
        }
        self.reports[at].findings = Some(findings);
        self.laid_out = None;
    }

    /// Nothing more comes; what was not looked at is no longer waited for.
    pub fn end(&mut self) {
        self.job = None;
        self.reports.retain(|report| report.findings.is_some());
        self.laid_out = None;
    }

    /// All findings so far.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.reports.iter().flat_map(|report| &report.findings).flatten()
    }

    /// How many there are of each kind.
    pub fn tally(&self) -> Tally {
        Tally::of(self.findings())
    }

    /// How many subjects were looked at, and how many there are.
    pub fn progress(&self) -> (usize, usize) {
        let done = self.reports.iter().filter(|report| report.findings.is_some()).count();
        (done, self.reports.len())
    }

    /// The finding of the cursor, and what it is about.
    pub fn chosen(&self) -> Option<(&Subject, &Finding)> {
        let each = self.reports.iter().flat_map(|report| {
            report.findings.iter().flatten().map(move |finding| (&report.subject, finding))
        });
        each.into_iter().nth(self.cursor)
    }

    /// Moves the cursor. False if the action is no movement.
    pub fn handle(&mut self, action: &Action, height: usize) -> bool {
        let at = self.cursor;
        let trouble = match action {
            Action::NextMatch => self.troubles().find(|trouble| *trouble > at),
            Action::PreviousMatch => self.troubles().take_while(|trouble| *trouble < at).last(),
            _ => return self.moved(action, height),
        };
        self.cursor = trouble.unwrap_or(at);
        true
    }

    fn moved(&mut self, action: &Action, height: usize) -> bool {
        let (at, row) = ((self.cursor, self.first), self.lines_of(self.cursor));
        match moved_through(at, row, self.findings().count(), height, action) {
            Some(to) => (self.cursor, self.first) = to,
            None => return false,
        }
        true
    }

    /// The findings that are not as they should be, by number.
    fn troubles(&self) -> impl Iterator<Item = usize> {
        self.findings()
            .enumerate()
            .filter(|(_, finding)| finding.state != State::Ok)
            .map(|(number, _)| number)
    }

    /// The finding of a line of the screen.
    pub fn row_at(&self, line: usize) -> Option<usize> {
        match self.lines.get(self.first + line)?.kind {
            LineKind::Of(number, ..) => Some(number),
            LineKind::Blank | LineKind::Heading { .. } => None,
        }
    }

    /// Lays the findings out in that width and keeps the cursor's on the screen.
    pub fn settle(&mut self, width: usize, height: usize) {
        self.cursor = self.cursor.min(self.findings().count().saturating_sub(1));
        if self.laid_out != Some(width) {
            self.lines = lines(&self.reports, width);
            self.laid_out = Some(width);
        }
        self.first = scrolled_to(self.first, self.lines_of(self.cursor), self.lines.len(), height.max(1));
    }

    /// The lines of a finding; those of its heading too, where it is the first of its subject.
    fn lines_of(&self, number: usize) -> Range<usize> {
        let is_its = |line: &Line| matches!(line.kind, LineKind::Of(n, ..) if n == number);
        let Some(start) = self.lines.iter().position(is_its) else { return 0..0 };
        let end = start + self.lines[start..].iter().take_while(|line| is_its(line)).count();
        let above = self.lines[..start].iter().rev();
        let heading = above.take_while(|line| !matches!(line.kind, LineKind::Of(..))).count();
        start - heading..end
    }
}

fn lines(reports: &[Report], width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut number = 0;
    for report in reports {
        if !lines.is_empty() {
            lines.push(Line { kind: LineKind::Blank, x: 0, text: String::new() });
        }
        let kind = LineKind::Heading { under_way: report.findings.is_none() };
        lines.push(Line { kind, x: 1, text: safe(&report.subject.to_string()).into_owned() });
        for finding in report.findings.iter().flatten() {
            lines.extend(lines_of(finding, number, width));
            number += 1;
        }
    }
    lines
}

fn lines_of(finding: &Finding, number: usize, width: usize) -> Vec<Line> {
    // One cell for the scrollbar.
    let room = width.saturating_sub(usize::from(INDENT) + 1).max(1);
    let about = safe(&finding.about).into_owned();
    let of = |part| LineKind::Of(number, finding.state, part);
    let is_beside = width >= BESIDE && about.width() < ABOUT;
    let (hanging, text) = match is_beside {
        true => (ABOUT, finding.seen.clone()),
        false => (0, format!("{about}: {}", finding.seen)),
    };
    let seen = wrap(&safe(&text), room.saturating_sub(hanging));
    let mut lines: Vec<Line> = Vec::new();
    for (i, text) in seen.into_iter().enumerate() {
        let (part, text, x) = match (i, is_beside) {
            (0, true) => (Part::First(about.width() as u16), format!("{about:ABOUT$}{text}"), INDENT),
            (0, false) => (Part::First((about.width() + 1).min(text.width()) as u16), text, INDENT),
            _ => (Part::More, text, INDENT + hanging as u16),
        };
        lines.push(Line { kind: of(part), x, text });
    }
    let x = INDENT + hanging as u16;
    for (i, text) in
        finding.fix.iter().flat_map(|fix| wrap(&safe(fix), room.saturating_sub(hanging + 2))).enumerate()
    {
        let front = if i == 0 { "→ " } else { "  " };
        lines.push(Line { kind: of(Part::Fix), x, text: format!("{front}{text}") });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn page(width: usize, height: usize) -> DoctorPage {
        #[expect(clippy::disallowed_methods, reason = "no test looks at the time")]
        let mut page = DoctorPage::new(None, Instant::now());
        page.begin(vec![Subject::Configuration, Subject::Stores, Subject::Surroundings]);
        page.take(
            &Subject::Surroundings,
            vec![Finding::ok("terminal", "xterm"), Finding::ok("size", "80×24")],
        );
        page.settle(width, height);
        page
    }

    fn about(page: &DoctorPage) -> &str {
        &page.chosen().unwrap().1.about
    }

    #[test]
    fn the_cursor_stays_on_its_finding_when_others_come_before_it() {
        let mut page = page(80, 20);
        page.handle(&Action::Down, 20);
        assert_eq!(about(&page), "size");
        page.take(&Subject::Configuration, vec![Finding::ok("file", "x"), Finding::ok("permissions", "x")]);
        page.settle(80, 20);
        assert_eq!(about(&page), "size");
        assert_eq!(page.progress(), (2, 3));
        page.end();
        assert_eq!(page.progress(), (2, 2));
    }

    #[test]
    fn the_troubles_can_be_gone_through() {
        let mut page = page(80, 20);
        page.take(
            &Subject::Configuration,
            vec![Finding::ok("file", "x"), Finding::warning("permissions", "x")],
        );
        page.take(&Subject::Stores, vec![Finding::broken("vault", "x")]);
        page.cursor = 0;
        let mut go = |action| {
            page.handle(&action, 20);
            about(&page).to_owned()
        };
        let (next, before) = (|| Action::NextMatch, || Action::PreviousMatch);
        assert_eq!([go(next()), go(next()), go(next())], ["permissions", "vault", "vault"]);
        assert_eq!([go(before()), go(before())], ["permissions", "permissions"]);
    }

    #[test]
    fn a_subject_that_nobody_asked_for_is_left_out() {
        let mut page = page(80, 20);
        page.take(&Subject::Host("x".into()), vec![Finding::ok("a", "b")]);
        assert_eq!(page.tally().ok, 2);
    }

    #[test]
    fn where_there_is_room_what_it_is_about_has_its_column() {
        let texts = |width| page(width, 20).lines.into_iter().map(|line| line.text).collect::<Vec<_>>();
        assert!(texts(80).contains(&"terminal          xterm".to_owned()), "{:?}", texts(80));
        assert!(texts(38).contains(&"terminal: xterm".to_owned()));
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_page(about: String, seen: String, fix: String, width in 20usize..130) {
            let finding = Finding::broken(about, seen).fix(fix);
            for line in lines_of(&finding, 0, width) {
                prop_assert!(usize::from(line.x) + line.text.width() < width, "{line:?}");
            }
        }
    }
}
