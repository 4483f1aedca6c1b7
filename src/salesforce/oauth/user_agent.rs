//! User-agent (implicit) flow: the browser brings the token itself, in the fragment of the address it ends at.
//!
//! Source: Salesforce Help, OAuth 2.0 user-agent flow; the public Salesforce Platform APIs collection.

use super::{Asking, Step, TokenError, Way, browser, out_of_turn, redirect, response};
use serde_json::Value;
use std::time::SystemTime;

/// Nothing is asked of the token endpoint, and the fields of the address are the answer.
#[derive(Default)]
pub(super) struct UserAgent {
    /// When the login began; what lives by the clock counts from there if the org does not say.
    began: Option<SystemTime>,
}

impl Way for UserAgent {
    fn begin(&mut self, asking: &Asking<'_>, now: SystemTime) -> Result<Step, TokenError> {
        self.began = Some(now);
        let wanted = browser::Wanted { response_type: "token", challenge: None, in_fragment: true };
        browser::log_in(asking, wanted)
    }

    fn returned(&mut self, asking: &Asking<'_>, text: &str) -> Result<Step, TokenError> {
        let began = self.began.ok_or_else(out_of_turn)?;
        let fields = redirect::token_fields(text, &browser::state(&asking.nonces))?;
        let answer = fields.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
        response::session(asking, answer, began).map(|session| Step::Have(Box::new(session)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{tests::*, *};
    use crate::salesforce::{SignatureCheck, tests::profile};
    use std::time::UNIX_EPOCH;

    const FRAGMENT: &str = "access_token=00D58000000arpq%21AQ.x&refresh_token=5Aep&instance_url=https%3A%2F%2Facme.my.salesforce.com\
        &id=https%3A%2F%2Flogin.salesforce.com%2Fid%2F00D58000000arpqEAA%2F005xx000001SwiUAAS&issued_at=1754632000000\
        &signature=eA%3D%3D&scope=api+refresh_token&token_type=Bearer&state=AAAAAAAAAAAAAAAAAAAAAA";

    fn returned(text: &str) -> Result<Session, TokenError> {
        let (profile, secrets) = (profile(Flow::UserAgent), secrets(&[]));
        let mut grant = Grant::begin(asking(&profile, &secrets), UNIX_EPOCH)?.0;
        match grant.returned(text)? {
            Step::Have(session) => Ok(*session),
            _ => panic!("a session was expected"),
        }
    }

    #[test]
    fn the_login_page_is_asked_for_a_token() {
        let (mut profile, secrets) = (profile(Flow::UserAgent), secrets(&[]));
        (profile.username, profile.prompt) = (None, Some("none".into()));
        let Step::LogIn(login) = Grant::begin(asking(&profile, &secrets), UNIX_EPOCH).unwrap().1 else {
            panic!("a login was expected")
        };
        assert!(login.in_fragment);
        assert_eq!(
            login.authorize.as_str(),
            "https://login.salesforce.com/services/oauth2/authorize?response_type=token&client_id=3MVG9key\
             &redirect_uri=http%3A%2F%2Flocalhost%3A1717%2FOauthRedirect&state=AAAAAAAAAAAAAAAAAAAAAA"
        );
    }

    #[test]
    fn the_fragment_is_the_token_response_pasted_or_sent_on() {
        let pasted = format!("http://localhost:1717/OauthRedirect#{FRAGMENT}");
        for text in [&pasted, &format!("  \"{pasted}\"\n"), &format!("?{FRAGMENT}"), FRAGMENT] {
            let session = returned(text).unwrap();
            assert_eq!(session.access_token.expose(), "00D58000000arpq!AQ.x");
            assert_eq!(session.refresh_token.unwrap().expose(), "5Aep");
            assert_eq!(session.user_id.unwrap().0, "005xx000001SwiUAAS");
            assert_eq!(session.issued_at, UNIX_EPOCH + Duration::from_millis(1_754_632_000_000));
            assert_eq!(session.signature, SignatureCheck::NotCheckable("no consumer secret"));
            let scope = session.fields.iter().find(|f| f.name == "scope").unwrap();
            assert_eq!(scope.value, "api refresh_token");
            assert!(session.fields.iter().all(|f| !f.value.contains("AQ.x") && f.value != "5Aep"));
        }
    }

    #[test]
    fn another_login_s_fragment_is_refused_and_so_is_a_foreign_instance() {
        let other = FRAGMENT.replace("state=AAAA", "state=BBBB");
        assert!(matches!(returned(&format!("#{other}")), Err(TokenError::NotThisLogin(_))));
        let without = FRAGMENT.split("&state=").next().unwrap();
        assert!(matches!(returned(&format!("#{without}")), Err(TokenError::NotThisLogin(_))));
        let code = returned("http://localhost:1717/OauthRedirect?code=aPrx&state=AAAAAAAAAAAAAAAAAAAAAA");
        assert!(matches!(code, Err(TokenError::NotThisLogin(text)) if text.contains("no token")));
        let foreign = FRAGMENT.replace("acme.my.salesforce.com", "evil.example");
        assert!(matches!(returned(&format!("#{foreign}")), Err(TokenError::ForeignInstance { .. })));
        let denied = "#error=access_denied&error_description=end-user+denied+authorization&state=AAAAAAAAAAAAAAAAAAAAAA";
        assert!(matches!(returned(denied), Err(TokenError::Denied(_))));
    }
}
