//! SOQL: read ([`parse`]) into a tree ([`ast`]), translated to SQL ([`translate`]), its rows shaped as records
//! ([`rows`]).
//!
//! ```text
//! text ─ lexer ─▶ tokens ─ parser ─▶ Query ─ translate ─▶ Plan { SQL, parameters, shape } ─ rows ─▶ records
//! ```
//!
//! May know the schema and SQLite. May not know HTTP or pages. Values reach SQL as parameters only.

pub(super) mod ast;
mod dates;
mod filter;
mod functions;
mod lexer;
mod parser;
mod paths;
mod ready;
mod rows;
mod translate;

pub(super) use parser::{parse, parse_search};
pub(super) use ready::{by_id, children_of, search_plans};
pub(super) use rows::{Fetch, index_used, total};
pub(super) use translate::{Plan, View, Yields, translate};

use super::error::Fault;

/// A mistake in a query, with the byte at which it was noticed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mistake {
    code: &'static str,
    at: usize,
    message: String,
}

impl Mistake {
    fn new(code: &'static str, at: usize, message: impl Into<String>) -> Self {
        Self { code, at, message: message.into() }
    }

    fn malformed(at: usize, message: impl Into<String>) -> Self {
        Self::new("MALFORMED_QUERY", at, message)
    }

    /// The error where there is no query text to point into.
    pub(super) fn without_place(self) -> Fault {
        Fault::bad(self.code, self.message)
    }

    /// The error as the API words it: the text up to 30 characters around, a caret, row and column.
    pub(super) fn into_fault(self, soql: &str) -> Fault {
        let end = self.at.min(soql.len());
        let at = (0..=end).rev().find(|at| soql.is_char_boundary(*at)).unwrap_or(0);
        let line_start = soql[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let row = soql[..at].matches('\n').count() + 1;
        let column = soql[line_start..at].chars().count() + 1;
        let line = soql[line_start..].lines().next().unwrap_or_default();
        let before: Vec<char> = soql[line_start..at].chars().collect();
        let shown = before.len().min(30);
        let start: usize = before[..before.len() - shown].iter().map(|c| c.len_utf8()).sum();
        let excerpt: String = line[start..].chars().take(shown + 30).collect();
        let message = format!(
            "\n{excerpt}\n{}^\nERROR at Row:{row}:Column:{column}\n{}",
            " ".repeat(shown),
            self.message
        );
        Fault::bad(self.code, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_mistake() {
        let fault = Mistake::malformed(7, "unexpected token: '*'").into_fault("SELECT * FROM Account");
        assert_eq!(
            fault.message,
            "\nSELECT * FROM Account\n       ^\nERROR at Row:1:Column:8\nunexpected token: '*'"
        );
    }

    #[test]
    fn a_long_query_is_cut_around_the_mistake() {
        let soql = format!("SELECT {}Foo FROM Account", "Näme, ".repeat(20));
        let at = soql.find("Foo").unwrap();
        let fault = Mistake::new("INVALID_FIELD", at, "No such column").into_fault(&soql);
        let lines: Vec<&str> = fault.message.lines().collect();
        let caret = lines[2].chars().position(|c| c == '^').unwrap();
        assert_eq!(lines[1].chars().nth(caret), Some('F'));
        assert_eq!(lines[3], "ERROR at Row:1:Column:128");
    }
}
