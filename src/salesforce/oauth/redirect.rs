//! How a login in a browser ends: an address with a code, a token or an error in it, or what a person copied of it.
//!
//! Everything is percent-decoded exactly once: a code ends in `==`, which stands as `%3D%3D` in the address.
//! Source: RFC 6749, 4.1.2 and 4.2.2; Salesforce Help, OAuth 2.0 Authorization Errors.

use super::TokenError;
use crate::{
    salesforce::error::{self, ApiError},
    secrets::{Secret, clean_pasted},
};
use percent_encoding::percent_decode_str;
use url::form_urlencoded;

/// Names that a text without an address may begin with.
const NAMES: &[&str] = &["code", "state", "error", "error_description", "access_token"];

/// What came back: names and values, decoded.
pub(super) struct Returned {
    pairs: Vec<(String, String)>,
    /// It is an address, or the part of one, and not a bare code.
    is_address: bool,
}

/// The code in an address (query or, mistakenly, fragment), or the bare code, however it was copied.
pub(super) fn code(text: &str, state: &str) -> Result<Secret, TokenError> {
    code_of(text, Some(state))
}

/// The code in the address of a redirect that came as the answer to our own request: no browser was in between, so it
/// can be no other login's, and a `state` is not asked for.
pub(super) fn own_code(location: &str) -> Result<Secret, TokenError> {
    code_of(location, None)
}

fn code_of(text: &str, state: Option<&str>) -> Result<Secret, TokenError> {
    let returned = Returned::of(text)?;
    returned.check(state, "code")?;
    Ok(Secret::new(returned.get("code").unwrap_or_default()))
}

/// Names and values of the address that a user-agent login ends at.
pub(super) fn token_fields(text: &str, state: &str) -> Result<Vec<(String, String)>, TokenError> {
    let returned = Returned::of(text)?;
    returned.check(Some(state), "access_token")?;
    Ok(returned.pairs)
}

impl Returned {
    fn of(text: &str) -> Result<Self, TokenError> {
        let (clean, _) = clean_pasted(text);
        let text = clean.expose();
        if text.is_empty() {
            return Err(TokenError::NotThisLogin("there is nothing in what was given"));
        }
        if let Some((_, after)) = text.split_once(['?', '#']) {
            let pairs = after.split(['?', '#']).flat_map(decoded).collect();
            return Ok(Self { pairs, is_address: true });
        }
        if text.contains("://") {
            return Ok(Self { pairs: Vec::new(), is_address: true });
        }
        if text.split_once('=').is_some_and(|(name, _)| NAMES.contains(&name)) {
            return Ok(Self { pairs: decoded(text).collect(), is_address: false });
        }
        let (code, rest) = text.split_once('&').unwrap_or((text, ""));
        let code = percent_decode_str(code).decode_utf8_lossy().into_owned();
        if !code.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::NotThisLogin("what was given is neither an address nor a code"));
        }
        let pairs = std::iter::once(("code".to_owned(), code)).chain(decoded(rest)).collect();
        Ok(Self { pairs, is_address: false })
    }

    /// The first value of that name that is not empty.
    fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(n, value)| n == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// An error page has no `state`, and is believed; whoever gives a code without one must be the person.
    fn check(&self, state: Option<&str>, wanted: &str) -> Result<(), TokenError> {
        let told = self.get("state");
        if let (Some(told), Some(state)) = (told, state)
            && told != state
        {
            let text = "the address is another login's: its `state` is not the one that this login has";
            return Err(TokenError::NotThisLogin(text));
        }
        if let Some(error) = self.error() {
            return Err(TokenError::Denied(error));
        }
        if self.get(wanted).is_none() {
            return Err(TokenError::NotThisLogin(self.lacks(wanted)));
        }
        if told.is_none() && state.is_some() && self.is_address {
            let text = "the address has no `state`, so it may be another login's; copy the whole of it";
            return Err(TokenError::NotThisLogin(text));
        }
        Ok(())
    }

    fn error(&self) -> Option<ApiError> {
        error::from_pairs(self.pairs.iter().map(|(name, value)| (name, value)))
    }

    fn lacks(&self, wanted: &str) -> &'static str {
        match wanted {
            _ if self.get("response_type").is_some() => {
                "this is where the login begins; log in there, then copy the address that the browser ends at"
            }
            "code" if self.get("access_token").is_some() => {
                "the address holds a token, where this flow expects a code; the flow user_agent takes it"
            }
            "code" => {
                "there is no code in the address; copy the one that the browser ends at after the login"
            }
            _ => "there is no token in the address; copy the whole of it, with what follows the #",
        }
    }
}

fn decoded(query: &str) -> impl Iterator<Item = (String, String)> {
    form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::redact::UNRESERVED;
    use percent_encoding::utf8_percent_encode;
    use proptest::prelude::*;

    const STATE: &str = "c3RhdGU";

    fn read(text: &str) -> Result<String, TokenError> {
        code(text, STATE).map(|code| code.expose().to_owned())
    }

    #[test]
    fn a_code_is_found_however_it_was_copied() {
        let cases = [
            ("http://localhost:1717/OauthRedirect?code=aPrx.1_2%3D%3D&state=c3RhdGU", "aPrx.1_2=="),
            ("http://localhost:1717/OauthRedirect?state=c3RhdGU&code=aPrx.1_2==", "aPrx.1_2=="),
            ("http://localhost:1717/OauthRedirect#code=aPrx.1_2%3D%3D&state=c3RhdGU", "aPrx.1_2=="),
            ("/OauthRedirect?code=aPrx.1_2%3D%3D&state=c3RhdGU&sfdc_community_id=0DB1", "aPrx.1_2=="),
            ("?code=aPrx%3D%3D&state=c3RhdGU#_=_", "aPrx=="),
            (" \"https://x.example/cb?code=aPrx%3D\r\n   %3D&state=c3RhdGU\"\n", "aPrx=="),
            ("aPrx.1_2==", "aPrx.1_2=="),
            ("aPrx.1_2%3D%3D", "aPrx.1_2=="),
            ("aPrx.1_2%3d%3D", "aPrx.1_2=="),
            ("  'aPrx.1_2%3D%3D'  ", "aPrx.1_2=="),
            ("aPrx.1\n_2==", "aPrx.1_2=="),
            ("code=aPrx.1_2%3D%3D", "aPrx.1_2=="),
            ("code=aPrx.1_2==&state=c3RhdGU", "aPrx.1_2=="),
            ("aPrx.1_2%3D%3D&state=c3RhdGU", "aPrx.1_2=="),
            ("aPrx.1_2", "aPrx.1_2"),
            ("aPrx%253D", "aPrx%3D"),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text:?}");
        }
    }

    #[test]
    fn another_login_s_address_is_refused() {
        let wrong = ["https://x/cb?code=a&state=other", "code=a&state=other", "aPrx&state=other"];
        let missing = ["https://x/cb?code=a", "#code=a", "https://x/cb?code=a&state="];
        for text in wrong {
            assert!(read(text).unwrap_err().to_string().contains("another login's"), "{text}");
        }
        for text in missing {
            assert!(read(text).unwrap_err().to_string().contains("no `state`"), "{text}");
        }
    }

    #[test]
    fn what_holds_no_code_is_told_apart() {
        let cases = [
            (" \n", "nothing in what was given"),
            ("hello there", "neither an address nor a code"),
            ("https://acme.my.salesforce.com/", "no code in the address"),
            ("https://x/cb?code=&state=c3RhdGU", "no code in the address"),
            (
                "https://x/services/oauth2/authorize?response_type=code&state=c3RhdGU",
                "where the login begins",
            ),
            ("https://x/cb#access_token=00D&state=c3RhdGU", "flow user_agent"),
        ];
        for (text, says) in cases {
            let error = read(text).unwrap_err();
            assert!(
                matches!(&error, TokenError::NotThisLogin(text) if text.contains(says)),
                "{text:?}: {error}"
            );
        }
    }

    #[test]
    fn an_error_is_read_from_the_redirect_and_from_an_error_page() {
        let denied = |code: &str, message: &str| {
            let error = ApiError { code: Some(code.into()), message: message.into(), fields: Vec::new() };
            Err(TokenError::Denied(error))
        };
        let redirected =
            "?error=access-denied&error_description=end-user+denied%20authorization&state=c3RhdGU";
        assert_eq!(read(redirected), denied("access_denied", "end-user denied authorization"));
        let page = "https://acme.my.salesforce.com/setup/secur/RemoteAccessErrorPage.apexp?error=invalid_client&error_description=app+must+be+installed+into+org";
        assert_eq!(read(page), denied("invalid_client", "app must be installed into org"));
        let other = "?error=access_denied&state=other";
        assert!(matches!(read(other), Err(TokenError::NotThisLogin(_))));
    }

    fn any_pairs() -> impl Strategy<Value = Vec<(String, String)>> {
        let name = "[a-z_]{1,12}".prop_filter("a name of ours", |name| {
            !["code", "state", "error", "access_token"].contains(&name.as_str())
        });
        prop::collection::vec((name, "\\PC{0,12}"), 0..4)
    }

    fn query(pairs: &[(String, String)], form: bool) -> String {
        if form {
            return form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        }
        let encoded = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
        pairs.iter().map(|(n, v)| format!("{n}={}", encoded(v))).collect::<Vec<_>>().join("&")
    }

    proptest! {
        #[test]
        fn any_address_gives_back_its_code(
            code in "[!-~]{1,60}",
            state in "[ -~]{1,30}",
            mut pairs in any_pairs(),
            at in 0usize..9,
            form in any::<bool>(),
            start in prop::sample::select(&["https://x.example/cb?", "http://localhost:1717/#", "/cb?", "#"][..]),
        ) {
            let at = at % (pairs.len() + 1);
            pairs.insert(at, ("state".to_owned(), state.clone()));
            pairs.insert(at, ("code".to_owned(), code.clone()));
            let text = format!("{start}{}", query(&pairs, form));
            let found = super::code(&text, &state).unwrap();
            prop_assert_eq!(found.expose(), code.as_str(), "{}", text);
            let other = super::code(&text, &format!("{state}x"));
            prop_assert!(matches!(other, Err(TokenError::NotThisLogin(_))));
        }

        #[test]
        fn a_bare_code_is_decoded_once(code in "[A-Za-z0-9._~%-]{1,60}={0,2}", pad in "[ \r\n\t]{0,4}") {
            let encoded = utf8_percent_encode(&code, UNRESERVED).to_string();
            prop_assert_eq!(read(&format!("{pad}{encoded}{pad}")).unwrap(), code.clone());
            if !code.contains('%') {
                prop_assert_eq!(read(&format!("{pad}{code}{pad}")).unwrap(), code);
            }
        }

        #[test]
        fn nothing_panics(text in ".{0,80}|[?#&=%a-z]{0,40}") {
            let _ = (code(&text, STATE), token_fields(&text, STATE));
        }
    }
}
