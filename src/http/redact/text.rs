//! Secrets in free text, by their looks and by the names that stand before them: logs, messages, pasted dumps.
//!
//! Rather one word too many than one secret too few; but codes, queries and sentences stay readable.

use super::{MASK, bodies, mask_header, shown};
use http::HeaderName;
use regex::{Captures, Regex};
use std::{borrow::Cow, ops::Range, sync::LazyLock};

/// A text without what looks like a secret. At most four times as long as it was.
///
/// By looks: access tokens (the org's id stays), JWTs, refresh tokens, authorization codes, consumer secrets, passwords
/// in addresses, private keys. By name,
/// as `password=…`, `"password": "…"` or `<password>…</password>`: the names that [`super::Masker`] knows, and some
/// that only people use. By place: what stands after `Bearer` and the like.
pub fn mask_text(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for net in [by_looks, in_elements, after_names, in_sentences, after_schemes] {
        if let Some(masked) = net(&text) {
            text = Cow::Owned(masked);
        }
    }
    text
}

/// The value of a header that somebody pasted, masked. Of an `Authorization` everything stays that is no credential,
/// also what is wrong about it (`Bearer Bearer`, a missing blank, quotes).
pub fn mask_header_text(name: &str, value: &str) -> String {
    if ["authorization", "proxy-authorization", "x-sfdc-session"].iter().any(|n| n.eq_ignore_ascii_case(name))
    {
        let scheme = SCHEME.find(value).map_or(0, |scheme| scheme.end());
        let (scheme, credential) = value.split_at(scheme);
        let shown = if credential.is_empty() { String::new() } else { shown(credential.as_bytes(), MASK) };
        return format!("{scheme}{shown}");
    }
    let known = HeaderName::from_bytes(name.as_bytes()).ok().and_then(|name| mask_header(&name, value));
    mask_text(known.as_deref().unwrap_or(value)).into_owned()
}

/// The words before a credential.
static SCHEME: LazyLock<Regex> =
    LazyLock::new(|| fixed(r#"(?i)^[\s"']*(?:(?:bearer|oauth|basic)[:\s"']*)*"#));

/// A regular expression that is written here.
fn fixed(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant, compiled by a test")
}

/// What is a secret by its looks alone.
///
/// Source: the Salesforce CLI's patterns of tokens and of its auth URL; RFC 7519.
static LOOKS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r"(?P<secret>00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?(?:!|%(?:25)*21|\\+u0021|&#(?:33|x21);)[\w.%=!/+-]+)",
        r"(?P<secret>eyJ[\w-]{8,}(?:\.[\w-]*)*)",
        r"(?P<secret>5Aep[\w.%=!/+-]{12,})",
        r"\b(?P<secret>aPrx[\w.%=+-]{20,})",
        r"\b(?P<secret>[0-9A-F]{64})\b",
        r"force://(?P<secret>[^\s@]+)",
        r"://[^\s/:@?#]*:(?P<secret>[^\s/@]+)@",
        r"\s(?:-u|--user)[ =]+['\x22]?[^\s:'\x22]+:(?P<secret>[^\s'\x22]+)",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?P<secret>[^-]*)",
    ]
    .map(fixed)
    .into()
});

fn by_looks(text: &str) -> Option<String> {
    let whole = |text: &str, found: &Captures<'_>| {
        let secret = found.name("secret")?;
        Some(secret.start()..continued(text, secret.end()))
    };
    each(&LOOKS, text, whole)
}

/// Masks what `value` finds with each of the patterns, one after the other.
fn each(
    patterns: &[Regex],
    text: &str,
    value: impl Fn(&str, &Captures<'_>) -> Option<Range<usize>>,
) -> Option<String> {
    let mut masked: Option<String> = None;
    for pattern in patterns {
        let now = masked.as_deref().unwrap_or(text);
        let mut until = 0; // what was taken along already is not looked at again
        let ranges = pattern.captures_iter(now).filter_map(|found| {
            let range = found.get(0).filter(|whole| whole.end() > until).and_then(|_| value(now, &found))?;
            until = range.end;
            Some(range)
        });
        let next = edited(now, ranges);
        masked = next.or(masked);
    }
    masked
}

/// Where a token ends that line breaks have cut: behind the lines that begin with more of the same.
fn continued(text: &str, mut end: usize) -> usize {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "._%=!/+-".contains(c);
    loop {
        let rest = &text[end..];
        let line = rest.trim_start();
        let gap = &rest[..rest.len() - line.len()];
        let more = &line[..line.find(|c| !is_token(c)).unwrap_or(line.len())];
        if !gap.contains('\n') || !looks_random(more) {
            return end;
        }
        end += gap.len() + more.len();
    }
}

/// What somebody calls a secret in a sentence. A word without a digit is a word: `the password is right`.
static SENTENCE: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let pattern = r#"(?i)\b(?:password|passwort|passphrase|pwd|secret|token|code)\b["']? (?:is|was|ist|est|lautet) ["'“„«`]?(?P<secret>[^\s"'“”„«»`]{6,})"#;
    vec![fixed(pattern)]
});

fn in_sentences(text: &str) -> Option<String> {
    each(&SENTENCE, text, |text, found| {
        let secret = found.name("secret")?.range();
        let has = |is: fn(&u8) -> bool| text.as_bytes()[secret.clone()].iter().any(is);
        (has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)).then_some(secret)
    })
}

/// Small and capital letters and digits all mixed, as in no word.
fn looks_random(text: &str) -> bool {
    let has = |is: fn(&u8) -> bool| text.as_bytes().iter().any(is);
    has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase)
}

/// `<n1:password>…</n1:password>`, also where the markup is escaped.
static ELEMENT: LazyLock<Regex> = LazyLock::new(|| {
    let names = bodies::ALWAYS.join("|");
    fixed(&format!(r"(?i)(?:<|&lt;)(?:[\w-]+:)?(?:{names})(?:\s[^<>&]*)?(?:>|&gt;)"))
});

/// How elements end.
static END: LazyLock<Regex> = LazyLock::new(|| fixed(r"</|&lt;/|<\\/"));

fn in_elements(text: &str) -> Option<String> {
    let mut until = 0;
    let value = |tag: Range<usize>| {
        if tag.end < until || text[tag.clone()].ends_with("/>") {
            return None;
        }
        until = END.find_at(text, tag.end).map_or(text.len(), |end| end.start());
        Some(tag.end..until)
    };
    edited(text, ELEMENT.find_iter(text).map(|tag| tag.range()).filter_map(value))
}

/// Names of secrets that no protocol has, but people, logs and other programs.
const ALSO: &[&str] = &[r"\w*password", r"\w*secret", "passwd", "pwd", "passphrase", "api_key"];

/// A secret's name, what may close its quotes, and what stands between it and the value.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    let names: Vec<_> = bodies::ALWAYS.iter().chain(ALSO).chain(bodies::IN_TOKEN_EXCHANGE).copied().collect();
    let names = names.join("|").replace('_', "[_-]?");
    fixed(&format!(
        r#"(?i)(?:(?P<query>[?&#;]|%(?:25)*(?:26|3f|23))|\b|_)(?P<name>{names})(?:\\*["']|&quot;|%22)?[ \t]*(?P<sign>=>|=|:|%(?:25)*3d|%(?:25)*3a)[ \t]*"#
    ))
});

fn after_names(text: &str) -> Option<String> {
    let mut until = 0; // a name inside a value that is masked already has the same end
    let value = |found: Captures<'_>| {
        let (start, at) = (found.get(0)?.start(), found.get(0)?.end());
        if at < until {
            return None;
        }
        let starts_line = start == 0 || text[..start].ends_with('\n');
        let in_query =
            (found.name("query").is_some() || starts_line) && found["sign"].ends_with(['=', 'd', 'D']);
        let is_word = bodies::IN_TOKEN_EXCHANGE.iter().any(|name| name.eq_ignore_ascii_case(&found["name"]));
        let longest = if is_word { LONGEST_CODE } else { text.len() };
        let value = quoted(text, at).unwrap_or_else(|| at..unquoted_end(text, at, longest));
        let written = &text[value.clone()];
        let is_one = match &found["name"] {
            _ if written.trim_end_matches(['}', ']']) == "null" => false,
            _ if is_word => in_query || looks_like_a_code(written),
            // "invalid assertion: audience is invalid" is said; no assertion is so short, and without a digit.
            name if name.eq_ignore_ascii_case("assertion") && &found["sign"] == ":" => {
                written.len() >= 16 || written.bytes().any(|byte| byte.is_ascii_digit())
            }
            _ => true,
        };
        until = if is_one { value.end } else { until };
        is_one.then_some(value)
    };
    edited(text, NAMED.captures_iter(text).filter_map(value))
}

/// A code or an opaque token is not longer.
const LONGEST_CODE: usize = 2048;

/// An authorization code or a token, and not an error code, a status or a word of a query.
fn looks_like_a_code(value: &str) -> bool {
    value.len() >= 16 && (looks_random(value) || value.ends_with("==") || value.ends_with("%3D"))
}

/// The value in quotes that begins at `at`: up to a quote that is escaped no deeper, or to the end of the text.
fn quoted(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = &text[at..];
    let rest =
        rest.strip_prefix(['u', 'b', 'r']).filter(|rest| rest.starts_with(['"', '\''])).unwrap_or(rest);
    for coded in ["&quot;", "%22"] {
        if let Some(value) = rest.strip_prefix(coded) {
            let start = text.len() - value.len();
            return Some(start..value.find(coded).map_or(text.len(), |length| start + length));
        }
    }
    let depth = rest.bytes().take_while(|byte| *byte == b'\\').count();
    let quote = *rest.as_bytes().get(depth).filter(|byte| matches!(byte, b'"' | b'\''))?;
    let start = text.len() - rest.len() + depth + 1;
    let mut escapes = 0;
    for (offset, byte) in text[start..].bytes().enumerate() {
        match byte {
            b'\\' => escapes += 1,
            _ if byte == quote && escapes <= depth => return Some(start..start + offset - escapes),
            _ => escapes = 0,
        }
    }
    Some(start..text.len())
}

fn unquoted_end(text: &str, start: usize, longest: usize) -> usize {
    let ends = |c: char| c.is_whitespace() || matches!(c, '&' | '"' | '\'' | '<' | '>' | '`');
    let value = text[start..].char_indices().take_while(|(at, c)| *at < longest && !ends(*c));
    let end = value.last().map_or(start, |(at, c)| start + at + c.len_utf8());
    start + text[start..end].trim_end_matches([',', ';']).len()
}

/// `Bearer 00D…`, however it is spaced; and whatever an `Authorization` header holds.
static SCHEMES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r#"(?i)\b(?:(?:Bearer|OAuth|Basic)[:\s"']+)+(?P<secret>[^\s"'<>,;]+)"#,
        r#"(?i)\b(?:authorization|x-sfdc-session)\\*["']?[ \t]*[:=]+[ \t]*\\*["']?(?:(?:Bearer|OAuth|Basic)[: \t]+)*(?P<secret>[^\s"'<>,;\\]+)"#,
    ]
    .map(fixed)
    .into()
});

fn after_schemes(text: &str) -> Option<String> {
    let value = |text: &str, found: &Captures<'_>| {
        found.name("secret").map(|secret| secret.range()).filter(|range| !is_word(&text[range.clone()]))
    };
    each(&SCHEMES, text, value)
}

/// A word of a sentence ("Bearer token", "OAuth App", "OAuth 2.0"), or what is masked already.
fn is_word(value: &str) -> bool {
    let word = value.trim_matches(|c: char| c.is_ascii_punctuation());
    let is_plain = |part: &str| {
        let tail = part.strip_prefix(|c: char| c.is_ascii_uppercase()).unwrap_or(part);
        tail.bytes().all(|b| b.is_ascii_lowercase())
            || (part.len() <= 6 && !part.contains(|c: char| !c.is_ascii_uppercase()))
    };
    value.ends_with(MASK)
        || matches!(word, "2.0" | "2" | "1.0")
        || (word.len() < 20 && word.split(['-', '/']).all(is_plain))
}

/// The text with these ranges masked. They come in the order of their beginnings.
fn edited(text: &str, ranges: impl Iterator<Item = Range<usize>>) -> Option<String> {
    let mut out = String::new();
    let mut copied = 0;
    for range in ranges {
        let range = range.start.max(copied)..range.end;
        if range.is_empty() || &text[range.clone()] == MASK {
            continue;
        }
        out.push_str(&text[copied..range.start]);
        out.push_str(&shown(text[range.clone()].as_bytes(), MASK));
        copied = range.end;
    }
    (copied > 0).then(|| out + &text[copied..])
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
