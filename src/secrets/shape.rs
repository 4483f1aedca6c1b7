//! What a secret looks like, told without telling it: enough to know a slip of copying when an org refuses it.

use serde::Deserialize;

/// Something that can be seen of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// White space at an end, a line end inside, or a blank inside what Salesforce has made.
    Blank,
    /// Quotes around it.
    Quotes,
    /// It begins as consumer keys do: `3MVG`.
    ConsumerKey,
    /// 64 hexadecimal digits, as new consumer secrets are.
    Secret,
    /// It has characters that a form has to encode: `+`, `&`, `%`.
    Special,
    /// Its end is not 24 letters and digits, so it does not end with a security token.
    NoTokenTail,
    /// A JSON Web Token.
    Jwt,
    /// It is shorter than such a value can be.
    Cut,
    /// It has percent-encoded characters: `%3D`.
    Percent,
    /// It does not end with `=`, as authorization codes do.
    NoPadding,
    /// Nothing of all this.
    Plain,
}

impl Shape {
    /// Everything that can be seen of a text.
    ///
    /// Source: Salesforce Help, Reset Your Security Token (its length is what users report); the beginnings of keys and
    /// tokens are what the public guides show. Unconfirmed: the least length of an access token.
    pub fn of(text: &str) -> Vec<Self> {
        let trimmed = text.trim();
        let bare = trimmed.trim_matches(['"', '\'', '“', '”']);
        let is_jwt = bare.starts_with("eyJ");
        let opaque = bare.starts_with("00D");
        let percent = bare
            .as_bytes()
            .windows(3)
            .any(|w| w[0] == b'%' && w[1].is_ascii_hexdigit() && w[2].is_ascii_hexdigit());
        // A password may have blanks inside; what Salesforce makes has none.
        let dense: String = bare.split_whitespace().collect();
        let is_made =
            is_jwt || opaque || bare.starts_with("3MVG") || (dense.len() == 64 && is_hexadecimal(&dense));
        let is_broken = is_made && dense.len() < bare.len();
        let tail: Vec<u8> = bare.bytes().rev().take(24).collect();
        let looks = [
            (Self::Blank, trimmed.len() < text.len() || text.contains(['\n', '\r', '\t']) || is_broken),
            (Self::Quotes, bare.len() < trimmed.len()),
            (Self::ConsumerKey, bare.starts_with("3MVG")),
            (Self::Secret, bare.len() == 64 && is_hexadecimal(bare)),
            (Self::Special, bare.contains(['+', '&', '%'])),
            (Self::NoTokenTail, tail.len() < 24 || !tail.iter().all(u8::is_ascii_alphanumeric)),
            (Self::Jwt, is_jwt),
            (
                Self::Cut,
                (is_jwt && bare.split('.').count() < 3) || (opaque && (40..90).contains(&bare.len())),
            ),
            (Self::Percent, percent),
            (Self::NoPadding, !bare.is_empty() && !bare.ends_with('=') && !bare.ends_with("%3D")),
        ];
        let seen: Vec<Self> = looks.into_iter().filter(|(_, is)| *is).map(|(shape, _)| shape).collect();
        if seen.is_empty() { vec![Self::Plain] } else { seen }
    }
}

fn is_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::Shape;

    #[test]
    fn slips_of_copying_are_seen() {
        let has = |text: &str, shape| Shape::of(text).contains(&shape);
        assert!(has("3MVG9abc ", Shape::Blank) && has("3MVG9abc ", Shape::ConsumerKey));
        assert!(has("00Dxx0000001gPL!AQ\nEAQ", Shape::Blank));
        assert!(has("3MVG9a bc", Shape::Blank) && has(&"0aF0 ".repeat(16), Shape::Blank));
        assert!(!has("pass word", Shape::Blank));
        assert!(has("\"3MVG9\"", Shape::Quotes) && !has("it's", Shape::Quotes));
        assert!(has(&"0aF".repeat(22)[..64], Shape::Secret));
        assert!(has("pass+word", Shape::Special) && has("aPrx%3D%3D", Shape::Percent));
        assert!(has("pass", Shape::NoTokenTail) && !has("passA1b2C3d4E5f6G7h8I9j0K1l2", Shape::NoTokenTail));
        assert!(has("aPrxabc", Shape::NoPadding) && !has("aPrxabc==", Shape::NoPadding));
        assert!(has("eyJhbGci.eyJz", Shape::Cut) && has(&format!("00D{}", "x".repeat(60)), Shape::Cut));
    }
}
