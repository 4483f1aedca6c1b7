//! The query of a URL as a person wrote it by hand: where an encoding went wrong, and what was meant.
//!
//! A value without blanks that has `+` or `%41` is taken for encoded, and one of the characters that mean something in
//! a URL may have been left as it is. This file guesses what was meant; what stands beyond doubt is left alone.

/// What was left unencoded in a query that is encoded otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slip {
    /// A `&` inside the quotes of SOQL: it would begin another parameter.
    Ampersand,
    /// A `%` followed by two digits by chance, as in `LIKE '%AB%'`.
    Percent,
    /// The `+` of a time's offset, which means a blank in a query.
    Plus,
}

/// What is wrong with a query, without its `?`.
pub fn slip(query: &str) -> Option<Slip> {
    if query.contains(char::is_whitespace) {
        return None; // written as it is meant, and encoded as a whole when it is sent
    }
    let every = query.matches('&').count();
    if separators(query).len() < every {
        return Some(Slip::Ampersand);
    }
    let has_offset = (0..query.len()).any(|at| is_offset_sign(query.as_bytes(), at));
    let is_text = percent_encoding::percent_decode_str(query).decode_utf8().is_ok();
    (!is_text).then_some(Slip::Percent).or_else(|| has_offset.then_some(Slip::Plus))
}

/// The byte offsets of every `&` that separates parameters: not those inside the quotes of SOQL.
pub fn separators(query: &str) -> Vec<usize> {
    let bytes = query.as_bytes();
    let (mut outside, mut quoted, mut at) = (Vec::new(), false, 0);
    while let Some(byte) = bytes.get(at) {
        let (quotes, length) = match bytes.get(at..at + 3) {
            Some(b"%27") => (true, 3),
            Some(code) if code.eq_ignore_ascii_case(b"%5c") => {
                (false, if bytes.get(at + 3) == Some(&b'%') { 6 } else { 4 })
            }
            _ if *byte == b'\\' => (false, 2),
            _ => (*byte == b'\'', 1),
        };
        quoted ^= quotes;
        if *byte == b'&' && !quoted {
            outside.push(at);
        }
        at += length;
    }
    // An odd number of quotes: they are apostrophes, not SOQL's.
    if quoted { query.match_indices('&').map(|(at, _)| at).collect() } else { outside }
}

/// A value decoded, with what looks like a slip taken for what it shows: a `%` that begins no character stays, and
/// the `+` of a time's offset.
pub fn decoded(value: &str) -> String {
    let bytes = value.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let run = codes(&bytes[at..]);
        if run.is_empty() {
            out.push(if *byte == b'+' && !is_offset_sign(bytes, at) { b' ' } else { *byte });
            at += 1;
        } else {
            let end = at + 3 * run.len();
            out.extend_from_slice(if std::str::from_utf8(&run).is_ok() { &run } else { &bytes[at..end] });
            at = end;
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| value.to_owned())
}

/// The bytes that the percent codes at the beginning stand for.
fn codes(text: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let code = |chunk: &[u8]| match chunk {
        [b'%', high, low] => Some(digit(*high)? * 16 + digit(*low)?),
        _ => None,
    };
    text.chunks(3).map_while(code).collect()
}

/// Whether the `+` there is between a time and an offset: `T12:00:00+01:00`.
fn is_offset_sign(text: &[u8], at: usize) -> bool {
    let colon = |bytes: &[u8]| {
        bytes.starts_with(b":") || bytes.get(..3).is_some_and(|code| code.eq_ignore_ascii_case(b"%3a"))
    };
    let digits = |bytes: &[u8]| bytes.len() == 2 && bytes.iter().all(u8::is_ascii_digit);
    let Some((before, [b'+', after @ ..])) = text.split_at_checked(at) else { return false };
    let time = before.rsplit(|byte| *byte == b'T').next().unwrap_or_default();
    let is_time = time.len() < before.len()
        && time.len() >= 8
        && digits(&time[..2])
        && colon(&time[2..])
        && time.iter().all(|byte| byte.is_ascii_digit() || b":.%aA".contains(byte));
    is_time
        && after.get(..2).is_some_and(digits)
        && after.get(2).is_none_or(|byte| byte.is_ascii_digit() || b":%&".contains(byte))
}

/// SOQL that stands encoded where it would be encoded once more.
pub fn is_encoded_soql(value: &str) -> bool {
    let start = value.trim_start().get(..7).map(str::to_ascii_lowercase);
    !value.contains(char::is_whitespace) && matches!(start.as_deref(), Some("select+" | "select%"))
}

/// SOQL with its texts in single quotes, where it has them in double or curly ones; `None` where there is nothing to
/// change. What is no SOQL is left alone.
///
/// Source: SOQL and SOSL Reference, quoted string escape sequences: a text stands in single quotes.
pub fn with_single_quotes(soql: &str) -> Option<String> {
    let is_soql = soql.trim_start().get(..6).is_some_and(|word| word.eq_ignore_ascii_case("select"));
    let mut out = String::with_capacity(soql.len());
    let mut rest = soql;
    while let Some(c) = rest.chars().next().filter(|_| is_soql) {
        let (text, length) = match closing(c) {
            None => (c.to_string(), c.len_utf8()),
            Some(ends) => match text_length(&rest[c.len_utf8()..], ends) {
                None => (c.to_string(), c.len_utf8()),
                Some((content, whole)) => {
                    let inner = &rest[c.len_utf8()..c.len_utf8() + content];
                    let inner = if c == '\'' { inner.to_owned() } else { escaped(inner) };
                    (format!("'{inner}'"), c.len_utf8() + whole)
                }
            },
        };
        out.push_str(&text);
        rest = &rest[length..];
    }
    (is_soql && out != soql).then_some(out)
}

/// What may end a text that this character begins.
fn closing(opening: char) -> Option<&'static [char]> {
    Some(match opening {
        '\'' => &['\''],
        '"' => &['"'],
        '“' | '„' | '”' => &['”', '“'],
        '‘' | '’' => &['’', '‘'],
        _ => return None,
    })
}

/// The bytes to the end of a text, without and with what ends it.
fn text_length(rest: &str, ends: &[char]) -> Option<(usize, usize)> {
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if ends.contains(&c) => return Some((at, at + c.len_utf8())),
            _ => {}
        }
    }
    None
}

/// A text of other quotes, for single ones: `O'Neil` becomes `O\'Neil`, `\"` becomes `"`.
fn escaped(text: &str) -> String {
    text.replace("\\\"", "\"").replace("\\'", "'").replace('\'', "\\'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_soql_gets_its_quotes() {
        let quoted = |text: &str| with_single_quotes(&format!("SELECT Id FROM Account WHERE {text}"));
        let same = |text: &str| quoted(text).is_none();
        let is = |text: &str, expected: &str| quoted(text).is_some_and(|soql| soql.ends_with(expected));
        assert!(is("Name = \"Acme\" AND X = 1", "Name = 'Acme' AND X = 1"));
        assert!(is("Name = “O'Neil”", "Name = 'O\\'Neil'"));
        assert!(is("Name = ‘Acme’", "Name = 'Acme'"));
        assert!(is("Name = 'a' OR Name = \"b\"", "Name = 'a' OR Name = 'b'"));
        assert!(same("Name = 'the \"best\"'") && same("Name = 'it\\'s \"so\"'") && same("Name = \"open"));
        assert!(same("Name = 'Zoë’s'") && same("Name = ''"));
        assert_eq!(with_single_quotes("FIND {\"Acme Ltd\"} IN ALL FIELDS"), None);
    }

    #[test]
    fn only_what_travels_wrongly_is_a_slip() {
        for (query, expected) in [
            ("q=SELECT+Id+FROM+Account+WHERE+Name='A&B'", Some(Slip::Ampersand)),
            ("q=SELECT+Id+FROM+Account+WHERE+Name=%27A&B%27&x=1", Some(Slip::Ampersand)),
            ("q=SELECT+Id+FROM+Account+WHERE+Name+LIKE+'%AB%'", Some(Slip::Percent)),
            ("q=SELECT+Id+FROM+Account+WHERE+CreatedDate>2024-01-01T00:00:00+01:00", Some(Slip::Plus)),
            ("q=SELECT+Id+FROM+Account+WHERE+CreatedDate>2024-01-01T00%3A00%3A00+01%3A00", Some(Slip::Plus)),
            // Encoded as a whole when it is sent.
            (
                "q=SELECT Id FROM Account WHERE Name LIKE '%AB%' AND A = 'x&y' AND D > 2024-01-01T00:00:00+01:00",
                None,
            ),
            ("q=SELECT+Id+FROM+Account+WHERE+Name+LIKE+'A%25'", None),
            ("q=SELECT%20Id%20FROM%20Account%20WHERE%20Name=%27caf%C3%A9%27&x=1", None),
            ("a=it's&b=he's&c=she's", None),
            ("q=SELECT+Id+FROM+A+WHERE+N='it%5C%27s'&b=1", None),
            ("since=2024-01-01T00:00:00%2B01:00", None),
            ("", None),
        ] {
            assert_eq!(slip(query), expected, "{query}");
        }
    }

    #[test]
    fn what_was_meant_is_decoded() {
        for (value, meant) in [
            ("SELECT+Id%2CName+FROM+Account", "SELECT Id,Name FROM Account"),
            ("LIKE+'%AB%'", "LIKE '%AB%'"),
            ("caf%C3%A9+%e2%82%ac", "café €"),
            (">2024-01-01T00:00:00.000+01:00+AND", ">2024-01-01T00:00:00.000+01:00 AND"),
            (">2024-01-01T00:00:00%2B01:00", ">2024-01-01T00:00:00+01:00"),
            ("100%", "100%"),
            ("%4", "%4"),
        ] {
            assert_eq!(decoded(value), meant, "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "(?s)[&'\"“’\\\\%+a2:T0-9é]{0,24}") {
            let _ = (slip(&text), decoded(&text), separators(&text));
            let _ = with_single_quotes(&format!("select {text}"));
        }
    }
}
