//! JSON by bytes: the lexer that makes the outline, and the small readers that later decode one key or
//! value where it is drawn. Nothing here recurses or builds a value.

use super::outline::{Builder, Outline};
use std::ops::Range;

/// What is wrong, and at which byte.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub at: usize,
    pub message: String,
}

/// Indexes one JSON value, or several after each other. Stops at the first place where the structure is
/// lost, and keeps what came before; goes on over what is wrong inside a string.
pub(crate) fn index(bytes: &[u8]) -> (Outline, Option<Fault>) {
    let mut lexer = Lexer { bytes, at: 0, closers: Vec::new(), outline: Builder::default(), fault: None };
    if let Err(fault) = lexer.run() {
        lexer.fault.get_or_insert(fault);
    }
    (lexer.outline.finish(bytes.len()), lexer.fault)
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The closing brackets we wait for, innermost last.
    closers: Vec<u8>,
    outline: Builder,
    fault: Option<Fault>,
}

impl Lexer<'_> {
    fn run(&mut self) -> Result<(), Fault> {
        self.blanks();
        if self.at == self.bytes.len() {
            return Err(self.wrong("a value"));
        }
        while self.at < self.bytes.len() {
            self.value(self.at)?;
            while !self.closers.is_empty() {
                self.next_member()?;
            }
            self.blanks();
        }
        Ok(())
    }

    /// What follows inside the innermost container.
    fn next_member(&mut self) -> Result<(), Fault> {
        let closer = self.closers[self.closers.len() - 1];
        self.blanks();
        let first = self.outline.is_fresh();
        match self.peek() {
            Some(b) if b == closer => {
                self.at += 1;
                self.closers.pop();
                self.outline.close(self.at);
                return Ok(());
            }
            Some(b',') if !first => {
                self.at += 1;
                self.blanks();
            }
            Some(_) if first => {}
            _ => return Err(self.wrong(if closer == b'}' { "`,` or `}`" } else { "`,` or `]`" })),
        }
        let start = self.at;
        if closer == b'}' {
            self.key()?;
        }
        self.value(start)
    }

    fn key(&mut self) -> Result<(), Fault> {
        if self.peek() != Some(b'"') {
            return Err(self.wrong("a name in quotes"));
        }
        self.string()?;
        self.blanks();
        if self.peek() != Some(b':') {
            return Err(self.wrong("`:`"));
        }
        self.at += 1;
        self.blanks();
        Ok(())
    }

    /// A scalar, or the beginning of a container. `start` is where the node begins: its key or itself.
    fn value(&mut self, start: usize) -> Result<(), Fault> {
        let Some(first) = self.peek() else { return Err(self.wrong("a value")) };
        match first {
            b'{' | b'[' => {
                self.at += 1;
                self.closers.push(if first == b'{' { b'}' } else { b']' });
                self.outline.open(start, first == b'{');
                return Ok(());
            }
            b'"' => {
                self.outline.leaf(start);
                return self.string();
            }
            _ => {}
        }
        let end = scalar_end(self.bytes, self.at);
        let token = &self.bytes[self.at..end];
        if !(matches!(token, b"true" | b"false" | b"null") || is_number(token)) {
            // A token that the body's end cuts off is no other fault than the end.
            self.at = if end == self.bytes.len() { end } else { self.at };
            return Err(self.wrong("a value"));
        }
        self.outline.leaf(start);
        self.at = end;
        Ok(())
    }

    fn string(&mut self) -> Result<(), Fault> {
        self.at += 1;
        loop {
            self.at = plain_end(self.bytes, self.at);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape(),
                Some(_) => {
                    self.note("a control character in a string".into());
                    self.at += 1;
                }
                None => return Err(self.wrong("the string's closing quote")),
            }
        }
    }

    fn escape(&mut self) {
        let rest = &self.bytes[self.at..];
        let size = match rest.get(1) {
            Some(b'u') if hex4(rest, 2).is_some() => 6,
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            _ => {
                self.note("an escape that JSON does not know".into());
                1
            }
        };
        self.at += size;
    }

    fn blanks(&mut self) {
        self.at = blanks_end(self.bytes, self.at);
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn note(&mut self, message: String) {
        let at = self.at;
        self.fault.get_or_insert(Fault { at, message });
    }

    fn wrong(&self, expected: &str) -> Fault {
        let found = match self.peek() {
            Some(_) => "",
            None => ", but the body ends",
        };
        Fault { at: self.at, message: format!("expected {expected}{found}") }
    }
}

/// The end of a string's plain part from `at`: the next quote, backslash or control character.
fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = ONES << 7;
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    while let Some(chunk) = bytes.get(at..at + 8) {
        let word = u64::from_le_bytes(chunk.try_into().expect("eight bytes were asked for"));
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let found = (zero(word ^ (ONES * 0x22)) | zero(word ^ (ONES * 0x5c)) | control) & HIGH;
        if found != 0 {
            // A borrow makes false finds only behind a true one: the lowest is right.
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let stop = |b: &u8| matches!(b, b'"' | b'\\' | 0..=0x1f);
    bytes[at..].iter().position(stop).map_or(bytes.len(), |n| at + n)
}

pub(crate) fn blanks_end(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// The end of the number or word at `at`.
fn scalar_end(bytes: &[u8], at: usize) -> usize {
    let stop =
        |b: &u8| matches!(b, b' ' | b'\n' | b'\r' | b'\t' | b',' | b']' | b'}' | b'[' | b'{' | b':' | b'"');
    bytes[at..].iter().position(stop).map_or(bytes.len(), |n| at + n)
}

fn is_number(token: &[u8]) -> bool {
    let rest = token.strip_prefix(b"-").unwrap_or(token);
    let (whole, rest) = digits(rest);
    if whole == 0 || (whole > 1 && token[token.len() - rest.len() - whole] == b'0') {
        return false;
    }
    let rest = match rest.strip_prefix(b".").map(digits) {
        Some((0, _)) => return false,
        Some((_, rest)) => rest,
        None => rest,
    };
    match rest {
        [] => true,
        [b'e' | b'E', b'+' | b'-', rest @ ..] | [b'e' | b'E', rest @ ..] => {
            matches!(digits(rest), (1.., []))
        }
        _ => false,
    }
}

fn digits(bytes: &[u8]) -> (usize, &[u8]) {
    let count = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    (count, &bytes[count..])
}

/// The byte after the string that begins at `at` with its quote; the end of the text if it does not end.
pub(crate) fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    loop {
        at = plain_end(bytes, at);
        match bytes.get(at) {
            Some(b'"') => return at + 1,
            Some(b'\\') => at = (at + 2).min(bytes.len()),
            Some(_) => at += 1,
            None => return bytes.len(),
        }
    }
}

/// Where the value of the member whose key begins at `start` begins, and its key without quotes.
pub(crate) fn key(bytes: &[u8], start: usize) -> (Range<usize>, usize) {
    let end = string_end(bytes, start);
    let value = blanks_end(bytes, end);
    let value = if bytes.get(value) == Some(&b':') { blanks_end(bytes, value + 1) } else { value };
    (start + 1..inner_end(bytes, start, end), value)
}

/// The end of a string's text: before the closing quote, if it has one.
fn inner_end(bytes: &[u8], start: usize, end: usize) -> usize {
    if end > start + 1 && bytes[end - 1] == b'"' { end - 1 } else { end }
}

/// The bytes of the scalar (or empty container) that begins at `at`, quotes included.
pub(crate) fn scalar(bytes: &[u8], at: usize) -> Range<usize> {
    let end = match bytes.get(at) {
        Some(b'"') => string_end(bytes, at),
        Some(b'{' | b'[') => (blanks_end(bytes, at + 1) + 1).min(bytes.len()),
        Some(_) => scalar_end(bytes, at),
        None => at,
    };
    at..end
}

/// The text of a string from between its quotes. Escapes that mean no character (lone surrogates, unknown
/// ones) stay as they are written, as do bytes that are not UTF-8.
pub(crate) fn unescape(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    while let Some(step) = memchr::memchr(b'\\', &raw[at..]) {
        out.extend_from_slice(&raw[at..at + step]);
        at += step;
        let (c, size) = escaped(&raw[at..]);
        match c {
            Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            None => out.extend_from_slice(&raw[at..at + size]),
        }
        at += size;
    }
    out.extend_from_slice(&raw[at..]);
    out
}

/// The character of the escape at the start of `raw`, and the bytes it takes.
fn escaped(raw: &[u8]) -> (Option<char>, usize) {
    let simple = |c| (Some(c), 2);
    match raw.get(1) {
        Some(b'n') => simple('\n'),
        Some(b't') => simple('\t'),
        Some(b'r') => simple('\r'),
        Some(b'b') => simple('\u{8}'),
        Some(b'f') => simple('\u{c}'),
        Some(&c @ (b'"' | b'\\' | b'/')) => simple(char::from(c)),
        Some(b'u') => match (hex4(raw, 2), raw.get(6..8), hex4(raw, 8)) {
            (Some(high @ 0xd800..=0xdbff), Some(b"\\u"), Some(low @ 0xdc00..=0xdfff)) => {
                (char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)), 12)
            }
            (Some(code), ..) => (char::from_u32(code), 6),
            (None, ..) => (None, 2),
        },
        Some(_) => (None, 1),
        None => (None, raw.len()),
    }
}

fn hex4(raw: &[u8], at: usize) -> Option<u32> {
    raw.get(at..at + 4)?.iter().try_fold(0, |sum, &b| Some(sum * 16 + char::from(b).to_digit(16)?))
}

/// The JSON in `bytes`, one member a line, tokens as they are written.
pub(crate) fn pretty(bytes: &[u8]) -> Vec<u8> {
    let (mut out, mut depth, mut at) = (Vec::with_capacity(bytes.len() * 2), 0usize, 0);
    let line = |out: &mut Vec<u8>, depth: usize| {
        out.push(b'\n');
        // Deeper than this, blanks would outweigh the text.
        out.resize(out.len() + 2 * depth.min(100), b' ');
    };
    loop {
        at = blanks_end(bytes, at);
        let Some(&b) = bytes.get(at) else { return out };
        match b {
            b'{' | b'[' => {
                out.push(b);
                let next = blanks_end(bytes, at + 1);
                if let Some(&closer @ (b'}' | b']')) = bytes.get(next) {
                    out.push(closer);
                    at = next;
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(b);
            }
            b',' => {
                out.push(b);
                line(&mut out, depth);
            }
            b':' => out.extend_from_slice(b": "),
            _ => {
                let token = scalar(bytes, at);
                out.extend_from_slice(&bytes[token.clone()]);
                at = token.end.max(at + 1);
                continue;
            }
        }
        at += 1;
    }
}
