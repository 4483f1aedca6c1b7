//! Pasted keys, secrets and tokens, freed of what came along with them.

use super::Secret;
use zeroize::Zeroizing;

/// What was taken off a pasted text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cleaned {
    /// Line ends, with the blanks around them.
    LineEnds,
    /// Blanks at the beginning or the end.
    Blanks,
    /// Blanks inside what has none: a consumer key, a secret of digits.
    Inside,
    /// Zero-width and other invisible characters.
    Invisible,
    /// Quotes around the whole.
    Quotes,
    /// A leading `Bearer ` or `Authorization: Bearer `.
    Bearer,
}

impl Cleaned {
    /// What it was, in a sentence that begins with "removed".
    pub fn says(self) -> &'static str {
        match self {
            Self::LineEnds => "line ends",
            Self::Blanks => "blanks around it",
            Self::Inside => "blanks inside it",
            Self::Invisible => "invisible characters",
            Self::Quotes => "quotes around it",
            Self::Bearer => "\"Bearer\" before it",
        }
    }
}

/// Takes off what comes along when a key, a secret or a token is copied, and says what it was. Blanks inside a
/// line stay, because a password may have them, but not in a consumer key or secret.
pub fn clean_pasted(text: &str) -> (Secret, Vec<Cleaned>) {
    let mut text = Zeroizing::new(text.to_owned());
    let mut cleaned = Vec::new();
    // Each step may lay bare what another one removes: quotes inside quotes, blanks inside quotes.
    while let Some((shorter, what)) = step(&text) {
        text = shorter;
        if !cleaned.contains(&what) {
            cleaned.push(what);
        }
    }
    (Secret::new(std::mem::take(&mut *text)), cleaned)
}

/// The same for one that was refused: an access token, too, loses the blanks inside it, as where a screen broke its line.
pub fn clean_refused(text: &str) -> (Secret, Vec<Cleaned>) {
    let (secret, mut cleaned) = clean_pasted(text);
    let is_token = |text: &str| text.starts_with("eyJ") || (text.starts_with("00D") && text.contains('!'));
    if !is_token(secret.expose()) || !secret.expose().contains(char::is_whitespace) {
        return (secret, cleaned);
    }
    let mut dense = Zeroizing::new(String::with_capacity(secret.expose().len()));
    dense.extend(secret.expose().split_whitespace());
    cleaned.push(Cleaned::Inside);
    (Secret::new(std::mem::take(&mut *dense)), cleaned)
}

const LINE_ENDS: &[char] = &['\r', '\n', '\u{85}', '\u{2028}', '\u{2029}', '\u{b}', '\u{c}'];

type Step = Option<(Zeroizing<String>, Cleaned)>;

fn step(text: &str) -> Step {
    // Line ends go last: "Bearer", a line end and the token must not become one word.
    without_invisible(text)
        .or_else(|| trimmed(text))
        .or_else(|| shorter(text, unquoted(text), Cleaned::Quotes))
        .or_else(|| shorter(text, without_bearer(text), Cleaned::Bearer))
        .or_else(|| without_line_ends(text))
        .or_else(|| without_blanks_inside(text))
}

fn trimmed(text: &str) -> Step {
    let rest = text.trim();
    let off = text.len() - text.trim_start().len();
    let outside = [&text[..off], &text[off + rest.len()..]];
    let what =
        if outside.iter().any(|o| o.contains(LINE_ENDS)) { Cleaned::LineEnds } else { Cleaned::Blanks };
    shorter(text, rest, what)
}

fn shorter(text: &str, rest: &str, what: Cleaned) -> Step {
    (rest.len() < text.len()).then(|| (Zeroizing::new(rest.to_owned()), what))
}

fn without_invisible(text: &str) -> Step {
    let is_odd = |c: char| is_invisible(c) || (c.is_control() && !c.is_whitespace());
    if !text.contains(is_odd) {
        return None;
    }
    let mut kept = Zeroizing::new(String::with_capacity(text.len()));
    kept.extend(text.chars().filter(|c| !is_odd(*c)));
    Some((kept, Cleaned::Invisible))
}

/// Soft hyphen, zero-width characters, directional marks, the byte order mark.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn without_line_ends(text: &str) -> Step {
    if !text.contains(LINE_ENDS) {
        return None;
    }
    let mut kept = Zeroizing::new(String::with_capacity(text.len()));
    kept.extend(text.split(LINE_ENDS).map(str::trim));
    Some((kept, Cleaned::LineEnds))
}

/// A consumer key, or a secret of 64 hexadecimal digits, that was broken in two.
fn without_blanks_inside(text: &str) -> Step {
    let mut dense = Zeroizing::new(String::with_capacity(text.len()));
    dense.extend(text.split_whitespace());
    let is_digits = dense.len() == 64 && dense.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_broken = dense.len() < text.len() && (is_digits || dense.starts_with("3MVG"));
    is_broken.then_some((dense, Cleaned::Inside))
}

fn unquoted(text: &str) -> &str {
    const PAIRS: &[(char, char)] = &[
        ('"', '"'),
        ('\'', '\''),
        ('`', '`'),
        ('“', '”'),
        ('”', '”'),
        ('„', '“'),
        ('„', '”'),
        ('‘', '’'),
        ('’', '’'),
        ('‚', '‘'),
        ('«', '»'),
        ('‹', '›'),
    ];
    PAIRS
        .iter()
        .find_map(|(open, close)| text.strip_prefix(*open).and_then(|rest| rest.strip_suffix(*close)))
        .unwrap_or(text)
}

fn without_bearer(text: &str) -> &str {
    let rest = strip_word(text, "authorization:").map_or(text, str::trim_start);
    match strip_word(rest, "bearer") {
        Some(token) if token.starts_with(char::is_whitespace) => token.trim_start(),
        _ => text,
    }
}

/// Strips an ASCII word, whatever its case.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (head, tail) = text.split_at_checked(word.len())?;
    head.eq_ignore_ascii_case(word).then_some(tail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_has_no_blanks_is_put_together() {
        assert_eq!(clean("3MVG9a bc d"), ("3MVG9abcd".to_owned(), vec![Cleaned::Inside]));
        assert_eq!(clean(&"0aF0 ".repeat(16)).0, "0aF0".repeat(16));
        assert_eq!(clean("a pass word"), ("a pass word".to_owned(), vec![]));
    }

    fn clean(text: &str) -> (String, Vec<Cleaned>) {
        let (secret, cleaned) = clean_pasted(text);
        (secret.expose().to_owned(), cleaned)
    }

    #[test]
    fn what_comes_along_is_taken_off_and_named() {
        use Cleaned::{Bearer, Blanks, Invisible, LineEnds, Quotes};
        let cases: &[(&str, &str, &[Cleaned])] = &[
            ("00Dxx!AR8A", "00Dxx!AR8A", &[]),
            ("00Dxx!AR8A\r\n", "00Dxx!AR8A", &[LineEnds]),
            ("  00Dxx!AR8A\t", "00Dxx!AR8A", &[Blanks]),
            ("00Dxx!\n   AR8A", "00Dxx!AR8A", &[LineEnds]),
            ("\u{feff}00Dxx!\u{200b}AR8A", "00Dxx!AR8A", &[Invisible]),
            ("“ 00Dxx!AR8A ”", "00Dxx!AR8A", &[Quotes, Blanks]),
            ("Bearer 00Dxx!AR8A", "00Dxx!AR8A", &[Bearer]),
            ("authorization:  bearer  00Dxx!AR8A", "00Dxx!AR8A", &[Bearer]),
            ("\"Authorization: Bearer 00Dxx!AR8A\"\n", "00Dxx!AR8A", &[LineEnds, Quotes, Bearer]),
            ("pass word", "pass word", &[]),
            ("O'Brien", "O'Brien", &[]),
            ("Bearer", "Bearer", &[]),
            ("bearers of bad news", "bearers of bad news", &[]),
        ];
        for (pasted, kept, cleaned) in cases {
            assert_eq!(clean(pasted), ((*kept).to_owned(), cleaned.to_vec()), "{pasted:?}");
        }
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(text in "(?s)[a-z\"'“” \r\n\t\u{feff}\u{200b}Bearer]{0,24}|(?s).{0,16}") {
            let (once, _) = clean(&text);
            prop_assert_eq!(clean(&once), (once.clone(), vec![]));
        }

        #[test]
        fn a_clean_token_is_left_alone(token in "00D[A-Za-z0-9]{12}![A-Za-z0-9._]{96}") {
            prop_assert_eq!(clean(&token), (token.clone(), vec![]));
        }

        #[test]
        fn a_dressed_up_token_comes_back(token in "00D[A-Za-z0-9]{12}![A-Za-z0-9._]{96}", at in 0usize..112) {
            let (head, tail) = token.split_at(at);
            let pasted = format!("\u{feff} \"Bearer {head}\r\n  {tail}\"\n");
            prop_assert_eq!(clean(&pasted).0, token);
        }
    }
}
