//! What is drawn of a document: rows of spans, each with a role. No colours and no terminal here: a theme
//! gives a role its style. Every text in a [`Span`] has been through [`super::safe`].

use unicode_width::UnicodeWidthChar;

/// One line of the view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Containers around it; 0 for the root and for whatever is no tree.
    pub depth: u16,
    /// Cells to leave free before `spans` (and behind the line number): two for each of the first levels
    /// and, in a tree, two at the end for the fold marker. 0 in lines. Never more than half the width.
    pub indent: u16,
    /// Whether something can be folded here.
    pub fold: Fold,
    /// The text, left to right: what the view's horizontal offset and its width, less indent and line
    /// number, leave of it. The last cell is `…` where the row goes on to the right.
    pub spans: Vec<Span>,
    /// Whether the cursor stands here.
    pub cursor: bool,
    /// Line number, from 1, where the view is one of lines. `None` in a tree, on the second and later
    /// screen lines of a wrapped line, and on rows that were not received (what a binary is).
    pub number: Option<u64>,
}

/// A piece of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Safe to draw: see [`super::safe`].
    pub text: String,
    /// What it is, for the theme.
    pub role: Role,
}

impl Span {
    /// A span of `text`, which must already be safe.
    pub(crate) fn new(text: impl Into<String>, role: Role) -> Span {
        Span { text: text.into(), role }
    }
}

/// The fold marker of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// Nothing inside: a scalar, an empty container, a line.
    None,
    /// Its members are the rows below.
    Open,
    /// Its members are hidden.
    Closed,
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// A member's name, a column's title.
    Key,
    /// An element's position in its array.
    Index,
    /// A string, quotes included.
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`, or an empty field of a CSV file.
    Null,
    /// Brackets, commas, the preview's dots, and the blanks between columns.
    Punctuation,
    /// The name of an XML element.
    Tag,
    /// An XML attribute, with its value.
    Attribute,
    /// An XML comment or processing instruction.
    Comment,
    /// Plain text.
    Text,
    /// What a person rarely wants to read: `attributes` of a record, the offsets of a hex dump.
    Muted,
    /// Stands for a character that must not reach a terminal, or a byte that is no text.
    Control,
    /// A match of the search.
    Match,
    /// The match the search stands at.
    CurrentMatch,
}

/// Cells that `text` takes on the screen.
pub(crate) fn cells(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(char_cells).sum() }
}

fn char_cells(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// As [`clip`], with `…` in the last cell if something follows.
pub(crate) fn clip_marked(spans: Vec<Span>, left: usize, width: usize) -> Vec<Span> {
    let size: usize = spans.iter().map(|span| cells(&span.text)).sum();
    if size <= left + width || width == 0 {
        return clip(spans, left, width);
    }
    let mut kept = clip(spans, left, width - 1);
    kept.push(Span::new("…", Role::Punctuation));
    kept
}

/// Keeps the cells from `left` to `left + width`. A wide character cut in half becomes a blank.
pub(crate) fn clip(spans: Vec<Span>, left: usize, width: usize) -> Vec<Span> {
    let (mut at, end) = (0, left + width);
    let mut kept: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        let size = cells(&span.text);
        if at >= left && at + size <= end {
            kept.push(span);
        } else if at < end && at + size > left {
            kept.push(Span { text: clip_text(&span.text, at, left, end), role: span.role });
        }
        at += size;
    }
    kept
}

fn clip_text(text: &str, mut at: usize, left: usize, end: usize) -> String {
    let mut kept = String::new();
    for c in text.chars() {
        let size = char_cells(c);
        if at >= left && at + size <= end {
            // A combining mark whose base was cut off would settle on a neighbour.
            if size > 0 || !kept.is_empty() {
                kept.push(c);
            }
        } else if at < end && at + size > left {
            kept.push(' ');
        }
        at += size;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(spans: Vec<Span>) -> String {
        spans.into_iter().map(|span| span.text).collect()
    }

    #[test]
    fn a_window_of_cells_is_cut_out() {
        let spans = || vec![Span::new("abc", Role::Key), Span::new("東京e\u{301}f", Role::Text)];
        assert_eq!(text(clip(spans(), 0, 99)), "abc東京e\u{301}f");
        assert_eq!(text(clip(spans(), 1, 4)), "bc東");
        assert_eq!(text(clip(spans(), 4, 3)), " 京"); // half a character is a blank
        assert_eq!(text(clip(spans(), 7, 5)), "e\u{301}f");
        assert_eq!(text(clip(spans(), 8, 5)), "f");
        assert_eq!(text(clip_marked(spans(), 0, 6)), "abc東…");
        assert_eq!(text(clip_marked(spans(), 0, 9)), "abc東京e\u{301}f");
        assert_eq!(text(clip_marked(spans(), 0, 0)), "");
    }
}
