//! SOQL's words: names, literals and signs, each with its place.

use super::Mistake;

/// One word of a query.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Word,
    /// The byte at which it begins.
    pub(super) at: usize,
}

/// What a word is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word {
    /// A keyword, a field, `LAST_N_DAYS`; keywords are told apart by where they stand.
    Name(String),
    /// The text of a string, escapes resolved; `pattern` keeps `\%` and `\_` for LIKE.
    Text {
        text: String,
        pattern: String,
    },
    Number(String),
    Date(String),
    Datetime(String),
    Sign(&'static str),
    End,
}

impl Word {
    /// As an error message names it.
    pub(super) fn shown(&self) -> String {
        match self {
            Word::Name(text) | Word::Number(text) | Word::Date(text) | Word::Datetime(text) => text.clone(),
            Word::Text { text, .. } => text.clone(),
            Word::Sign(sign) => (*sign).to_owned(),
            Word::End => "<EOF>".to_owned(),
        }
    }
}

/// Longer signs first.
const SIGNS: [&str; 12] = ["!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ",", ".", ":"];

/// Splits a query; the last token is [`Word::End`].
pub(super) fn tokens(soql: &str) -> Result<Vec<Token>, Mistake> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(first) = soql[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (kind, length) = word(&soql[at..], at, first)?;
        all.push(Token { kind, at });
        at += length;
    }
    all.push(Token { kind: Word::End, at: soql.len() });
    Ok(all)
}

fn word(rest: &str, at: usize, first: char) -> Result<(Word, usize), Mistake> {
    if first == '\'' {
        return string(rest, at);
    }
    if first.is_ascii_digit()
        || (matches!(first, '-' | '+') && rest[1..].starts_with(|c: char| c.is_ascii_digit()))
    {
        return Ok(number_or_date(rest));
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        return Ok((Word::Name(rest[..length].to_owned()), length));
    }
    match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        Some(sign) => Ok((Word::Sign(sign), sign.len())),
        None => Err(Mistake::malformed(at, format!("unexpected token: '{first}'"))),
    }
}

/// Only the escapes that SOQL knows; any other is a mistake.
fn string(rest: &str, at: usize) -> Result<(Word, usize), Mistake> {
    let (mut text, mut pattern) = (String::new(), String::new());
    let mut letters = rest.char_indices().skip(1);
    while let Some((place, letter)) = letters.next() {
        match letter {
            '\'' => return Ok((Word::Text { text, pattern }, place + 1)),
            '\\' => {
                let Some((_, escaped)) = letters.next() else { break };
                let plain = match escaped {
                    'n' | 'N' => '\n',
                    'r' | 'R' => '\r',
                    't' | 'T' => '\t',
                    'b' | 'B' => '\u{8}',
                    'f' | 'F' => '\u{c}',
                    '"' | '\'' | '\\' | '_' | '%' => escaped,
                    _ => {
                        return Err(Mistake::malformed(at + place, "Invalid string literal: illegal escape"));
                    }
                };
                text.push(plain);
                if matches!(plain, '_' | '%' | '\\') {
                    pattern.push('\\');
                }
                pattern.push(plain);
            }
            _ => {
                text.push(letter);
                pattern.push(letter);
            }
        }
    }
    Err(Mistake::malformed(at, "line 1: unexpected char: 0xFFFF (a string is not closed)"))
}

fn number_or_date(rest: &str) -> (Word, usize) {
    let is_date = rest.len() >= 10
        && rest.as_bytes().iter().take(10).enumerate().all(|(place, byte)| match place {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !is_date {
        let end = rest[1..].find(|c: char| !c.is_ascii_digit() && c != '.' && c != 'e' && c != 'E');
        let length = end.map_or(rest.len(), |end| end + 1);
        return (Word::Number(rest[..length].to_owned()), length);
    }
    if !rest[10..].starts_with(['T', 't']) {
        return (Word::Date(rest[..10].to_owned()), 10);
    }
    let end =
        rest[11..].find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.' | '+' | '-' | 'Z' | 'z'));
    let length = end.map_or(rest.len(), |end| end + 11);
    (Word::Datetime(rest[..length].to_owned()), length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(soql: &str) -> Vec<Word> {
        tokens(soql).unwrap().into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn each_kind_of_word() {
        assert_eq!(
            words("a.b >= -1.5 2026-01-31 2026-01-31T10:00:00+01:00 LAST_N_DAYS:3"),
            [
                Word::Name("a".into()),
                Word::Sign("."),
                Word::Name("b".into()),
                Word::Sign(">="),
                Word::Number("-1.5".into()),
                Word::Date("2026-01-31".into()),
                Word::Datetime("2026-01-31T10:00:00+01:00".into()),
                Word::Name("LAST_N_DAYS".into()),
                Word::Sign(":"),
                Word::Number("3".into()),
                Word::End,
            ]
        );
    }

    #[test]
    fn escapes_are_resolved_and_kept_for_like() {
        let expected = Word::Text { text: "it's 100%\n".into(), pattern: "it's 100\\%\n".into() };
        assert_eq!(words(r"'it\'s 100\%\n'")[0], expected);
        assert!(tokens(r"'a\qb'").is_err());
        assert_eq!(tokens("'open").unwrap_err().at, 0);
    }
}
