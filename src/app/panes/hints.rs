//! The hints of an answer: its errors, and for each the causes with evidence, checks and what one key does.
//!
//! The chosen hint is unfolded, the others are a line or two. Rows are made here, so that update and drawing agree on
//! what is where.

use crate::{
    app::{Action, why::enter_words},
    diagnosis::{ANSWER, Confidence, Explained, Hint},
    format,
};

/// What a row is, for its look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// The error itself.
    Error,
    /// What the org itself has said of it.
    Told,
    /// Whom one key asks about it.
    Offer,
    /// A cause: its first row says how likely it is.
    Cause(Confidence),
    /// The label before evidence and checks, or a line of them.
    Detail,
    /// What to do.
    Fix,
    /// What `Enter` does.
    Key,
    /// What has mended it.
    Mended,
    /// Nothing.
    Gap,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HintRow {
    /// What it is.
    pub kind: RowKind,
    /// What it says.
    pub text: String,
    /// To which hint it belongs, counted over all errors; `None` for an error's own rows.
    pub hint: Option<usize>,
}

/// The errors of an answer and where a person is among their hints.
#[derive(Debug, Default)]
pub struct HintList {
    errors: Vec<Explained>,
    /// What an org has said of the first error.
    told: Vec<String>,
    /// The key that asks one, and what it asks.
    offer: Option<(String, String)>,
    mended: Option<String>,
    cursor: usize,
    top: usize,
    width: u16,
    height: u16,
}

impl HintList {
    /// Of these errors.
    pub fn new(errors: Vec<Explained>) -> Self {
        Self { errors, width: 80, height: 24, ..Self::default() }
    }

    /// Of these errors, with what an org has said of the first.
    pub fn told(errors: Vec<Explained>, told: Vec<String>) -> Self {
        Self { told, ..Self::new(errors) }
    }

    /// Says whom one key asks about it, where somebody can be asked: the key, and what it does.
    pub fn set_offer(&mut self, offer: Option<(String, String)>) {
        self.offer = offer;
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty() && self.told.is_empty()
    }

    /// The errors.
    pub fn errors(&self) -> &[Explained] {
        &self.errors
    }

    /// Says what has mended it.
    pub fn mend(&mut self, how: String) {
        self.mended = Some(how);
        self.top = 0;
    }

    /// The hint of the cursor.
    pub fn chosen(&self) -> Option<&Hint> {
        self.all().nth(self.cursor).map(|(_, hint)| hint)
    }

    /// The error that the hint of the cursor belongs to.
    pub fn chosen_error(&self) -> Option<&Explained> {
        self.all().nth(self.cursor).map(|(error, _)| error)
    }

    /// The likeliest cause of the first error, in a line.
    pub fn summary(&self) -> Option<String> {
        let hint = self.errors.first()?.hints.first()?;
        Some(format!("{}: {}", hint.confidence.words(), hint.cause))
    }

    fn all(&self) -> impl Iterator<Item = (&Explained, &Hint)> {
        self.errors.iter().flat_map(|error| error.hints.iter().map(move |hint| (error, hint)))
    }

    /// Puts the cursor on a hint, counted over all errors.
    pub fn go_to(&mut self, hint: usize) {
        (self.cursor, self.top) = (hint, 0);
        self.show_chosen(false);
    }

    /// The rows that are seen, from the top.
    pub fn rows(&self) -> Vec<HintRow> {
        self.all_rows().into_iter().skip(self.top).take(usize::from(self.height)).collect()
    }

    /// What `Enter` does, where the row that says it is out of sight.
    pub fn unseen_key(&self) -> Option<String> {
        let action = self.chosen()?.action.as_ref()?;
        let is_seen = self.rows().iter().any(|row| row.kind == RowKind::Key);
        (!is_seen).then(|| enter_words(action, self.offer.as_ref().map(|(_, says)| says.as_str())))
    }

    /// Whether a row is of the hint of the cursor.
    pub fn is_chosen(&self, row: &HintRow) -> bool {
        row.hint == Some(self.cursor)
    }

    /// Which hint the cursor is on, from one, and how many there are.
    pub fn position(&self) -> (usize, usize) {
        (self.cursor + 1, self.all().count())
    }

    /// How many rows there are, and which is the first that is seen.
    pub fn extent(&self) -> (usize, usize) {
        (self.top, self.all_rows().len())
    }

    /// Fits into a size.
    pub fn settle(&mut self, width: u16, height: u16) {
        let size = (width.max(8), height.max(1));
        let is_new = size != (self.width, self.height);
        (self.width, self.height) = size;
        self.cursor = self.cursor.min(self.all().count().saturating_sub(1));
        if is_new {
            self.top = 0; // rows are others now
            self.show_chosen(false);
        }
        let rows = self.all_rows();
        self.top = self.top.min(rows.len().saturating_sub(usize::from(self.height)));
        let (first, last) = self.place(&rows);
        let height = usize::from(self.height);
        if last < self.top || first >= self.top + height {
            self.top = first.min(rows.len().saturating_sub(height));
        }
    }

    /// Moves: `Down` first shows the rest of the chosen hint, then goes to the next one.
    pub fn handle(&mut self, action: &Action) -> bool {
        let (rows, height) = (self.all_rows(), usize::from(self.height));
        let (first, last) = self.place(&rows);
        let count = self.all().count();
        match action {
            Action::Down if last >= self.top + height => self.top += 1,
            Action::Down if self.cursor + 1 < count => {
                self.cursor += 1;
                self.show_chosen(false);
            }
            Action::Up if first < self.top => self.top -= 1,
            Action::Up if self.cursor > 0 => {
                self.cursor -= 1;
                self.show_chosen(true);
            }
            Action::Up => self.top = self.top.saturating_sub(1), // the error itself stands above
            Action::PageDown => self.top += height,
            Action::PageUp => self.top = self.top.saturating_sub(height),
            Action::Top => (self.cursor, self.top) = (0, 0),
            Action::Bottom => {
                self.cursor = count.saturating_sub(1);
                self.show_chosen(false);
            }
            Action::Row(row) => {
                if let Some(hint) = rows.get(self.top + row).and_then(|row| row.hint) {
                    self.cursor = hint;
                }
            }
            Action::Down => {}
            _ => return false,
        }
        if matches!(action, Action::PageDown | Action::PageUp) {
            self.top = self.top.min(rows.len().saturating_sub(height));
            let seen = rows.iter().skip(self.top).take(height).find_map(|row| row.hint);
            self.cursor = seen.unwrap_or(self.cursor);
        }
        true
    }

    /// Scrolls so that the chosen hint is seen: whole if it fits, else its beginning, or its end for who comes from below.
    fn show_chosen(&mut self, from_below: bool) {
        let rows = self.all_rows();
        let (first, last) = self.place(&rows);
        let height = usize::from(self.height);
        let end = (last + 1).saturating_sub(height);
        if last - first >= height {
            // What stands above the first one is its error, which is seen too where it leaves room.
            let begin = if self.cursor == 0 && 2 * first <= height { 0 } else { first };
            self.top = if from_below { end } else { begin };
        } else if first < self.top {
            self.top = first;
        } else if end > self.top {
            self.top = end;
        }
    }

    /// The first and the last row of the chosen hint.
    fn place(&self, rows: &[HintRow]) -> (usize, usize) {
        let is_of = |row: &HintRow| row.hint == Some(self.cursor);
        let first = rows.iter().position(is_of).unwrap_or(0);
        (first, rows.iter().rposition(is_of).unwrap_or(first))
    }

    fn all_rows(&self) -> Vec<HintRow> {
        let width = usize::from(self.width);
        let mut rows = Vec::new();
        if let Some(how) = &self.mended {
            push(&mut rows, RowKind::Mended, None, "✓ mended: ", how, width);
        }
        if self.errors.is_empty() {
            self.org_rows(&mut rows, width);
        }
        let mut number = 0;
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                rows.push(HintRow { kind: RowKind::Gap, text: String::new(), hint: None });
            }
            push(&mut rows, RowKind::Error, None, "✗ ", &in_words(error), width);
            if number == 0 {
                self.org_rows(&mut rows, width);
            }
            for hint in &error.hints {
                let chosen = number == self.cursor;
                let offer = self.offer.as_ref().map(|(_, says)| says.as_str());
                hint_rows(&mut rows, (number, hint), chosen, offer, width);
                number += 1;
            }
        }
        rows
    }

    /// What the org has said, and who can be asked.
    fn org_rows(&self, rows: &mut Vec<HintRow>, width: usize) {
        for (at, line) in self.told.iter().enumerate() {
            push(rows, RowKind::Told, None, if at == 0 { "· " } else { "  " }, line, width);
        }
        if let Some((key, says)) = &self.offer {
            push(rows, RowKind::Offer, None, "? ", &format!("{key}: {says}"), width);
        }
    }
}

fn hint_rows(
    rows: &mut Vec<HintRow>,
    (number, hint): (usize, &Hint),
    chosen: bool,
    offer: Option<&str>,
    width: usize,
) {
    let of = Some(number);
    let mark = if chosen { "▾ " } else { "▸ " };
    let cause = format!("{}: {}", hint.confidence.words(), hint.cause);
    push(rows, RowKind::Cause(hint.confidence), of, mark, &cause, width);
    if !chosen {
        return;
    }
    // What to do comes before why and what else to look at: that may be below the pane's end.
    push(rows, RowKind::Fix, of, "  → ", &hint.fix, width);
    if let Some(action) = &hint.action {
        push(rows, RowKind::Key, of, "  Enter: ", &enter_words(action, offer), width);
    }
    // What the answer says stands above, with the error.
    let seen = hint.evidence.iter().filter(|line| !line.starts_with(ANSWER));
    for (index, line) in seen.enumerate() {
        push(rows, RowKind::Detail, of, if index == 0 { "  seen:  " } else { "         " }, line, width);
    }
    for (index, check) in hint.checks.iter().enumerate() {
        let label = if index == 0 { "  check: " } else { "         " };
        push(rows, RowKind::Detail, of, &format!("{label}{}. ", index + 1), check, width);
    }
}

/// A text behind a label, its further rows below the text; where it is narrow, below the label.
fn push(rows: &mut Vec<HintRow>, kind: RowKind, hint: Option<usize>, label: &str, text: &str, width: usize) {
    let deep = label.chars().count();
    let lines = if width < 3 * deep {
        format::wrap(&format!("{label}{text}"), width)
    } else {
        let lines = format::wrap(text, width - deep).into_iter().enumerate();
        lines
            .map(|(i, line)| if i == 0 { format!("{label}{line}") } else { format!("{:deep$}{line}", "") })
            .collect()
    };
    rows.extend(lines.into_iter().map(|text| HintRow { kind, text, hint }));
}

/// `400 INVALID_FIELD: No such column …`, with the part's name before it.
fn in_words(error: &Explained) -> String {
    let mut words = Vec::new();
    if !error.reference.is_empty() {
        words.push(format!("{}:", error.reference));
    }
    words.extend(error.status.map(|status| status.to_string()));
    words.extend(error.error.code.clone());
    let said = words.join(" ");
    // A caret below a line of a query says nothing in a sentence.
    let said_words = error.error.message.split_whitespace().filter(|word| *word != "^");
    let message = said_words.collect::<Vec<_>>().join(" ");
    match (said.is_empty(), message.is_empty()) {
        (false, false) => format!("{said}: {message}"),
        (false, true) => said,
        (true, false) => message,
        (true, true) => "an error without words".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{diagnosis::Remedy, salesforce::error::ApiError};
    use proptest::prelude::*;

    fn list(hints: usize, checks: usize) -> HintList {
        let hint = |number: usize| Hint {
            id: format!("h{number}"),
            confidence: Confidence::Possible,
            cause: format!("cause {number} is something that takes more words than a narrow row can hold"),
            evidence: vec!["seen".into()],
            checks: (0..checks).map(|n| format!("look at {n}")).collect(),
            fix: "mend it".into(),
            action: Some(Remedy::Retry),
        };
        let error = ApiError { code: Some("X".into()), message: "m".into(), ..ApiError::default() };
        let hints = (0..hints).map(hint).collect();
        HintList::new(vec![Explained {
            reference: String::new(),
            place: None,
            status: Some(400),
            error,
            hints,
        }])
    }

    #[test]
    fn going_down_shows_all_of_a_hint_before_the_next() {
        let mut list = list(2, 9);
        list.settle(60, 5);
        let mut seen = Vec::new();
        for _ in 0..40 {
            seen.extend(list.rows().into_iter().map(|row| row.text));
            list.handle(&Action::Down);
            list.settle(60, 5);
        }
        for part in ["check: 1. look at 0", "9. look at 8", "Enter: try again", "cause 1 is"] {
            assert!(seen.iter().any(|row| row.contains(part)), "{part}");
        }
        assert_eq!(list.chosen().unwrap().id, "h1");
    }

    proptest! {
        #[test]
        fn rows_fit_and_the_cursor_is_seen(
            hints in 1usize..6, checks in 0usize..12, width in 1u16..120, height in 1u16..40,
            keys in proptest::collection::vec(0usize..7, 0..40),
        ) {
            let mut list = list(hints, checks);
            list.settle(width, height);
            for key in keys {
                let action = [Action::Down, Action::Up, Action::PageDown, Action::PageUp, Action::Top, Action::Bottom, Action::Row(2)][key].clone();
                list.handle(&action);
                list.settle(width, height);
                let rows = list.rows();
                prop_assert!(rows.len() <= usize::from(height));
                for row in &rows {
                    prop_assert!(row.text.chars().count() <= usize::from(width.max(8)), "{row:?}");
                }
                prop_assert!(list.chosen().is_some());
            }
        }
    }
}
