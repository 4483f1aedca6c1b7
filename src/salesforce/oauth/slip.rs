//! Slips of copying in an authorization code that a person pastes: seen before it is sent, and mended if the person
//! wants that. Nothing here sends anything, and nothing is mended unasked.
//!
//! Source: RFC 3986, 2.1; that codes end in `==` is what Salesforce's guides show (Salesforce Help, OAuth 2.0 web server
//! flow); unconfirmed for every org.

use crate::{
    http::redact::UNRESERVED,
    secrets::{Secret, Shape, clean_pasted},
};
use percent_encoding::{percent_decode_str, utf8_percent_encode};
use std::{fmt, ops::Range};
use zeroize::Zeroizing;

/// What is wrong with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slip {
    /// Blanks or line ends inside.
    Blanks,
    /// Decoded once, it is still percent-encoded.
    Encoded,
    /// The padding at its end was deleted.
    Cut,
}

impl Slip {
    /// What mending does.
    pub fn mends(self) -> &'static str {
        match self {
            Self::Blanks => "takes them out",
            Self::Encoded => "decodes it once more",
            Self::Cut => "puts == there",
        }
    }

    /// That of a code as it is sent.
    pub(super) fn of(code: &str) -> Option<Self> {
        if code.contains(char::is_whitespace) {
            Some(Self::Blanks)
        } else if is_encoded(code) {
            Some(Self::Encoded)
        } else {
            (!code.is_empty() && !code.ends_with('=')).then_some(Self::Cut)
        }
    }

    /// That of the code in a pasted text: an address, a part of one, or the bare code. `None` also where there is no
    /// code in it.
    pub fn in_pasted(text: &str) -> Option<Self> {
        let text = clean_pasted(text).0;
        let at = code_in(text.expose())?;
        Self::of(&decoded(&text.expose()[at]))
    }
}

impl fmt::Display for Slip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blanks => "the code has blanks in it",
            Self::Encoded => "the code is still percent-encoded",
            Self::Cut => "the code does not end in ==",
        })
    }
}

/// A pasted text with all slips of its code mended, the rest as it is. `None` where there is nothing to mend.
pub fn mended(text: &str) -> Option<Secret> {
    let text = clean_pasted(text).0;
    let text = text.expose();
    let at = code_in(text)?;
    let mut code = decoded(&text[at.clone()]);
    Slip::of(&code)?;
    while let Some(slip) = Slip::of(&code) {
        match slip {
            Slip::Blanks => code.retain(|c| !c.is_whitespace()),
            Slip::Encoded => code = decoded(&code),
            Slip::Cut => code.push_str("=="),
        }
    }
    // With room for every character encoded: a text that grows leaves its old memory as it was.
    let mut mended = Zeroizing::new(String::with_capacity(3 * code.len() + text.len()));
    mended.push_str(&text[..at.start]);
    mended.extend(utf8_percent_encode(&code, UNRESERVED));
    mended.push_str(&text[at.end..]);
    Some(Secret::new(mended.as_str()))
}

/// Where the code stands in a text, still encoded.
fn code_in(text: &str) -> Option<Range<usize>> {
    const NAME: &str = "code=";
    let until_next = |start: usize| {
        let len = text[start..].find(['&', '#', '?']).unwrap_or(text.len() - start);
        (len > 0).then(|| start..start + len)
    };
    let begins = |at: usize| at == 0 || matches!(text.as_bytes()[at - 1], b'?' | b'#' | b'&');
    if let Some((at, _)) = text.match_indices(NAME).find(|(at, _)| begins(*at)) {
        return until_next(at + NAME.len());
    }
    // A bare code; what has a name in front, or a path, is something else.
    let first = text.split('&').next().unwrap_or_default();
    let is_bare = !text.contains(['?', '#', '/']) && !first.trim_end_matches('=').contains('=');
    if is_bare { until_next(0) } else { None }
}

fn decoded(code: &str) -> Zeroizing<String> {
    Zeroizing::new(percent_decode_str(code).decode_utf8_lossy().into_owned())
}

fn is_encoded(code: &str) -> bool {
    Shape::of(code).contains(&Shape::Percent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> (Option<Slip>, Option<String>) {
        (Slip::in_pasted(text), mended(text).map(|text| text.expose().to_owned()))
    }

    #[test]
    fn slips_are_seen_in_addresses_and_bare_codes_and_mended_there() {
        let cases = [
            ("https://x/cb?code=aPrx.1_2&state=s", Slip::Cut, "https://x/cb?code=aPrx.1_2%3D%3D&state=s"),
            (
                "https://x/cb?state=s&code=aPrx%253D%253D",
                Slip::Encoded,
                "https://x/cb?state=s&code=aPrx%3D%3D",
            ),
            ("/cb#code=aP%20rx%3D%3D&state=s#_=_", Slip::Blanks, "/cb#code=aPrx%3D%3D&state=s#_=_"),
            ("code=aPrx&state=s", Slip::Cut, "code=aPrx%3D%3D&state=s"),
            ("aPrx", Slip::Cut, "aPrx%3D%3D"),
            ("aPrx&state=s", Slip::Cut, "aPrx%3D%3D&state=s"),
            ("aP rx", Slip::Blanks, "aPrx%3D%3D"),
            ("aPrx%25253D%25253D", Slip::Encoded, "aPrx%3D%3D"),
        ];
        for (text, slip, whole) in cases {
            assert_eq!(read(text), (Some(slip), Some(whole.to_owned())), "{text}");
            assert_eq!(read(whole), (None, None), "{whole}: nothing is left to mend");
        }
    }

    #[test]
    fn what_is_whole_or_no_code_is_let_alone() {
        for text in [
            "aPrx==",
            "aPrx%3D%3D",
            " \"aPrx==\"\n",
            "https://x/cb?code=aPrx%3D%3D&state=s",
            "https://x/cb?error=access_denied&state=s",
            "https://x/cb#access_token=00D&state=s",
            "https://x/services/oauth2/authorize?response_type=code&client_id=3MVG9",
            "https://acme.my.salesforce.com/",
            "",
        ] {
            assert_eq!(read(text), (None, None), "{text}");
        }
    }

    proptest! {
        #[test]
        fn mending_ends_and_leaves_no_slip(text in "[a-zA-Z0-9%=&?# ]{0,30}|(code=)?[a-z%25D3]{1,20}={0,2}|.{0,40}") {
            if let Some(mended) = mended(&text) {
                prop_assert_eq!(Slip::in_pasted(mended.expose()), None, "{}", text);
            } else {
                prop_assert_eq!(Slip::in_pasted(&text), None);
            }
        }
    }
}
