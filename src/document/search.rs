//! Plain search over the bytes, some megabytes a step, so that no key waits for it.

use super::outline::NodeId;
use super::row::{Role, Span};
use super::tree::{Grammar, Tree};
use regex::bytes::Regex as Bytes;
use regex::{Regex, RegexBuilder};
use std::ops::Range;
use std::sync::Arc;

/// Bytes looked at in one step: about a millisecond.
const STEP: usize = 16 << 20;
/// What looking into one candidate counts for, in bytes.
const CANDIDATE: usize = 2048;
/// Matches kept. Those behind are neither counted nor gone to.
const KEPT: usize = 1_000_000;
/// Characters of a pattern that are used: longer ones make a regex too large.
const LONGEST: usize = 1000;

/// How a search stands. In a tree a match is a row whose key or value holds the pattern; in lines each
/// occurrence counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matches {
    /// The match the cursor was brought to, from 1; `None` before one is found.
    pub current: Option<u64>,
    /// Matches known so far.
    pub known: u64,
    /// Whether `known` is all of them: false while the search runs, and where counting stopped at the limit
    /// of one million.
    pub complete: bool,
    /// Whether [`View::search_more`](super::View::search_more) has work to do.
    pub running: bool,
}

/// Where a search looks.
#[derive(Clone, Copy)]
pub(crate) enum Scope<'a> {
    /// In keys and values.
    Tree(Tree<'a>),
    /// Anywhere.
    Text(&'a [u8]),
}

/// Where a search is to bring the cursor once it knows.
#[derive(Clone, Copy, Debug)]
enum Seek {
    /// The first match at this byte or behind, else the first.
    From(usize),
    /// The last match before this byte, else the last.
    Before(usize),
}

#[derive(Clone, Debug)]
pub(crate) struct Search {
    pattern: String,
    matcher: Arc<Matcher>,
    found: Vec<u32>,
    scanned: usize,
    done: bool,
    current: Option<usize>,
    seek: Option<Seek>,
}

#[derive(Debug)]
struct Matcher {
    /// As the text is received, escapes and all.
    received: Bytes,
    /// As it is drawn.
    drawn: Regex,
    /// Bytes of the longest match.
    reach: usize,
}

impl Search {
    /// A search that has found nothing yet; it is to bring the cursor to the first match from `from`.
    /// `None` for an empty pattern.
    pub fn new(pattern: &str, scope: Scope, from: Option<usize>) -> Option<Search> {
        Some(Search {
            pattern: pattern.into(),
            matcher: Arc::new(Matcher::new(pattern, scope)?),
            found: Vec::new(),
            scanned: 0,
            done: false,
            current: None,
            seek: from.map(Seek::From),
        })
    }

    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    pub fn matches(&self) -> Matches {
        Matches {
            current: self.current.map(|at| at as u64 + 1),
            known: self.found.len() as u64,
            complete: self.done && self.found.len() < KEPT,
            running: !self.done,
        }
    }

    /// The byte of the match the cursor was brought to.
    pub fn current(&self) -> Option<usize> {
        self.current.map(|at| self.found[at] as usize)
    }

    /// Matches that begin in these bytes and before the current one.
    pub fn before_current(&self, start: usize) -> usize {
        self.current.map_or(0, |at| at - self.found[..at].partition_point(|&m| (m as usize) < start))
    }

    pub fn seek_next(&mut self, from: usize) {
        self.seek = Some(Seek::From(from));
    }

    pub fn seek_previous(&mut self, before: usize) {
        self.seek = Some(Seek::Before(before));
    }

    /// Looks at the next piece. The byte to bring the cursor to, if it is now known.
    pub fn step(&mut self, scope: Scope) -> Option<usize> {
        if !self.done {
            self.scan(scope);
        }
        self.settle()
    }

    /// Answers a pending seek if what was scanned is enough. The byte to go to.
    pub fn settle(&mut self) -> Option<usize> {
        let last = self.found.len().checked_sub(1);
        let at = match self.seek? {
            Seek::From(from) => {
                let at = self.found.partition_point(|&m| (m as usize) < from);
                Some(at).filter(|&at| Some(at) <= last).or(self.done.then_some(0))?
            }
            Seek::Before(before) if self.done || self.scanned >= before => {
                let at = self.found.partition_point(|&m| (m as usize) < before);
                at.checked_sub(1).or(self.done.then_some(last?))?
            }
            Seek::Before(_) => return None,
        };
        self.seek = None;
        self.current = last.map(|_| at);
        self.current()
    }

    fn scan(&mut self, scope: Scope) {
        let bytes = scope.bytes();
        let end = (self.scanned + STEP).min(bytes.len());
        let window = &bytes[..(end + self.matcher.reach).min(bytes.len())];
        let mut budget = STEP;
        let matcher = self.matcher.clone();
        while let Some(hit) = matcher.received.find_at(window, self.scanned).filter(|hit| hit.start() < end) {
            self.scanned = match matcher.accept(scope, hit.range()) {
                Ok(next) => {
                    self.found.push(hit.start() as u32);
                    next.max(hit.end())
                }
                Err(next) => next.max(hit.start() + 1),
            };
            budget = budget.saturating_sub(CANDIDATE);
            if self.found.len() == KEPT {
                return self.done = true;
            }
            if budget == 0 || self.scanned >= bytes.len() {
                return self.done = self.scanned >= bytes.len();
            }
        }
        self.scanned = self.scanned.max(end);
        self.done = self.scanned >= bytes.len();
    }

    /// Marks the matches in drawn spans. `current` tells of the nth match here whether it is the current.
    pub fn highlight(&self, spans: Vec<Span>, current: impl Fn(usize) -> bool) -> Vec<Span> {
        let (mut out, mut nth) = (Vec::with_capacity(spans.len()), 0);
        for span in spans {
            let mut from = 0;
            for hit in self.matcher.drawn.find_iter(&span.text) {
                if from < hit.start() {
                    out.push(Span::new(&span.text[from..hit.start()], span.role));
                }
                let role = if current(nth) { Role::CurrentMatch } else { Role::Match };
                out.push(Span::new(hit.as_str(), role));
                (from, nth) = (hit.end(), nth + 1);
            }
            match from {
                0 => out.push(span),
                from if from < span.text.len() => out.push(Span::new(&span.text[from..], span.role)),
                _ => {}
            }
        }
        out
    }
}

impl Matcher {
    fn new(pattern: &str, scope: Scope) -> Option<Matcher> {
        if pattern.is_empty() {
            return None;
        }
        let pattern: String = pattern.chars().take(LONGEST).collect();
        let any_case = !pattern.chars().any(char::is_uppercase);
        let received: String = pattern.chars().map(|c| scope.spelling(c)).collect();
        let received = regex::bytes::RegexBuilder::new(&received).case_insensitive(any_case).build().ok()?;
        let drawn = RegexBuilder::new(&regex::escape(&pattern)).case_insensitive(any_case).build().ok()?;
        Some(Matcher { received, drawn, reach: 12 * pattern.len() })
    }

    /// Whether a match counts (`Ok`), and where to go on: in a tree behind the node, which counts once.
    fn accept(&self, scope: Scope, hit: Range<usize>) -> Result<usize, usize> {
        let Scope::Tree(tree) = scope else { return Ok(hit.end) };
        let Some(node) = tree.outline.node_at(hit.start) else { return Err(hit.end) };
        let own = tree.own_bytes(node);
        if hit.end > own.end || !(self.is_plain(tree, &own) || self.is_drawn(tree, node)) {
            return Err(hit.start + 1);
        }
        Ok(if node + 1 < tree.outline.len() { tree.outline.start(node + 1) } else { tree.bytes.len() })
    }

    /// Whether what stands there is what it means. Else the `n` of `\n` may have been taken for a letter.
    fn is_plain(&self, tree: Tree, own: &Range<usize>) -> bool {
        let escape = if tree.grammar == Grammar::Json { b'\\' } else { b'&' };
        memchr::memchr(escape, &tree.bytes[own.clone()]).is_none()
    }

    fn is_drawn(&self, tree: Tree, node: NodeId) -> bool {
        let parts = [tree.name(node), tree.text(node)];
        parts.iter().flatten().any(|part| self.drawn.is_match(&String::from_utf8_lossy(part)))
    }
}

impl<'a> Scope<'a> {
    fn bytes(self) -> &'a [u8] {
        match self {
            Scope::Tree(tree) => tree.bytes,
            Scope::Text(bytes) => bytes,
        }
    }

    /// A regex for one character as it may be written: letters and digits plain only, all else also as
    /// the format escapes it.
    fn spelling(self, c: char) -> String {
        let plain = regex::escape(c.encode_utf8(&mut [0; 4]));
        match self {
            Scope::Tree(_) if c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '-') => plain,
            Scope::Tree(Tree { grammar: Grammar::Json, .. }) => {
                let mut units = [0; 2];
                let escaped = |unit: &u16| format!(r"\\u(?i:{unit:04x})");
                let unicode: String = c.encode_utf16(&mut units).iter().map(escaped).collect();
                if c == '\\' {
                    return format!(r"(?:\\\\|{unicode})"); // alone it begins an escape
                }
                let short = match c {
                    '"' => r#"|\\""#,
                    '/' => r"|\\/",
                    '\n' => r"|\\n",
                    '\t' => r"|\\t",
                    _ => "",
                };
                format!("(?:{plain}{short}|{unicode})")
            }
            Scope::Tree(Tree { grammar: Grammar::Xml, .. }) => {
                let name = match c {
                    '&' => "|&amp;",
                    '<' => "|&lt;",
                    '>' => "|&gt;",
                    '"' => "|&quot;",
                    '\'' => "|&apos;",
                    _ => "",
                };
                let code = c as u32;
                format!("(?:{plain}{name}|&#0*{code};|&#x(?i:0*{code:x});)")
            }
            Scope::Text(_) => plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three steps long, with a match across the first boundary, one in the middle, one at the end.
    fn long() -> Vec<u8> {
        let mut text = vec![b'.'; 2 * STEP + 100];
        for at in [STEP - 3, STEP + 50, 2 * STEP + 94] {
            text[at..at + 6].copy_from_slice(b"Needle");
        }
        text
    }

    fn steps(search: &mut Search, text: &[u8]) -> Vec<Option<usize>> {
        let mut to = vec![search.step(Scope::Text(text))];
        while search.matches().running {
            to.push(search.step(Scope::Text(text)));
        }
        to
    }

    #[test]
    fn a_match_across_two_steps_is_found_once() {
        let text = long();
        let mut search = Search::new("needle", Scope::Text(&text), Some(0)).unwrap();
        assert_eq!(steps(&mut search, &text), [Some(STEP - 3), None, None]);
        let matches = Matches { current: Some(1), known: 3, complete: true, running: false };
        assert_eq!(search.matches(), matches);
        search.seek_previous(STEP - 3);
        assert_eq!(search.settle(), Some(2 * STEP + 94));
        search.seek_next(2 * STEP + 95);
        assert_eq!(search.settle(), Some(STEP - 3));
    }

    #[test]
    fn what_is_not_known_yet_is_waited_for() {
        let text = long();
        let mut search = Search::new("Needle", Scope::Text(&text), Some(STEP + 60)).unwrap();
        assert_eq!(steps(&mut search, &text), [None, None, Some(2 * STEP + 94)]);
        let mut search = Search::new("Needle", Scope::Text(&text), None).unwrap();
        search.step(Scope::Text(&text));
        search.seek_previous(0);
        assert_eq!(search.settle(), None);
        assert_eq!(steps(&mut search, &text), [None, Some(2 * STEP + 94)]);
    }

    #[test]
    fn nothing_found_is_an_answer() {
        let mut search = Search::new("needle", Scope::Text(b"hay"), Some(0)).unwrap();
        assert_eq!(search.step(Scope::Text(b"hay")), None);
        assert_eq!(search.matches(), Matches { current: None, known: 0, complete: true, running: false });
        assert!(Search::new("", Scope::Text(b"hay"), None).is_none());
    }
}
