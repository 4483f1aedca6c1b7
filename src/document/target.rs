//! What a value leads to: a URL, or a record's Id.

/// What the value under the cursor leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An absolute URL (`https://…`) or one relative to the instance (`/services/data/…`), as received.
    Url(String),
    /// A Salesforce Id: 18 characters with a right checksum, or 15 that look like one.
    Id(String),
}

impl Target {
    /// What `text` leads to, if anything. Neither kind of target holds blanks or control characters.
    pub fn of(text: &str) -> Option<Target> {
        if text.chars().any(|c| c.is_whitespace() || super::is_hidden(c)) {
            return None;
        }
        let url = text.starts_with("https://")
            || text.starts_with("http://")
            || (text.starts_with('/') && text[1..].starts_with(|c: char| c.is_ascii_alphanumeric()));
        if url {
            return Some(Target::Url(text.into()));
        }
        is_id(text).then(|| Target::Id(text.into()))
    }
}

/// Whether `text` is a record Id. The last three of 18 characters are a checksum: each stands for five
/// characters, one bit for each capital letter among them. 15 characters carry none, so a digit must stand
/// in the key prefix, as in every standard (`001`) and custom (`a0B`) one but a few.
fn is_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    if !bytes.iter().all(u8::is_ascii_alphanumeric) {
        return false;
    }
    match bytes.len() {
        15 => bytes[..3].iter().any(u8::is_ascii_digit) && bytes[3..].iter().any(u8::is_ascii_digit),
        18 => bytes[..15].chunks(5).zip(&bytes[15..]).all(|(five, &sum)| checksum(five) == sum),
        _ => false,
    }
}

fn checksum(five: &[u8]) -> u8 {
    let capital = |(bit, b): (usize, &u8)| usize::from(b.is_ascii_uppercase()) << bit;
    let sum: usize = five.iter().enumerate().map(capital).sum();
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[sum]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_known_by_its_checksum() {
        let id = |text: &str| Target::of(text) == Some(Target::Id(text.into()));
        assert!(id("001xx000003DGb2AAG"));
        assert!(!id("001xx000003DGb2AAH"));
        assert!(id("001xx000003DGb2"));
        assert!(!id("internationaliz"));
        assert!(!id("001xx000003DGb"));
    }

    #[test]
    fn urls_are_followed_as_received() {
        let url = |text: &str| Target::of(text) == Some(Target::Url(text.into()));
        assert!(url("/services/data/v66.0/query/01gxx-2000"));
        assert!(url("https://acme.my.salesforce.com/id/00Dxx/005xx"));
        assert!(!url("/"));
        assert!(!url("//host/path"));
        assert!(!url("https://a b"));
        assert!(!url("javascript:alert(1)"));
    }
}
