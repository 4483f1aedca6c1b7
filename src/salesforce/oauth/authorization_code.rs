//! Web server flow: a login in a browser gives a code, the code gives a token. With PKCE unless the profile says no.
//!
//! Source: Salesforce Help, OAuth 2.0 web server flow; the public Salesforce Platform APIs collection.

use super::{
    Asking, Reply, Slip, Step, TokenError, Way, browser, pkce, redirect,
    request::{Form, token_request},
    token_in,
};
use crate::{salesforce::error::ApiError, secrets::Secret};
use std::time::SystemTime;

/// A code is exchanged once and never again: a second exchange is refused, and a stolen code's first was not ours. One
/// that was miscopied is not the org's code: a person may give that one after it, once.
#[derive(Default)]
pub(super) struct AuthorizationCode {
    /// The code that was sent.
    sent: Option<Secret>,
    /// A miscopied one was refused before.
    refused: bool,
}

impl Way for AuthorizationCode {
    fn begin(&mut self, asking: &Asking<'_>, _: SystemTime) -> Result<Step, TokenError> {
        let challenge = asking.profile.pkce.then(|| pkce::challenge(&asking.nonces));
        browser::log_in(asking, browser::Wanted { response_type: "code", challenge, in_fragment: false })
    }

    fn returned(&mut self, asking: &Asking<'_>, text: &str) -> Result<Step, TokenError> {
        let code = redirect::code(text, &browser::state(&asking.nonces))?;
        if self.sent.as_ref() == Some(&code) {
            return Err(TokenError::NotThisLogin(
                "this very code was refused already; nothing is sent twice",
            ));
        }
        self.sent = Some(code.clone());
        exchange(asking, &code, asking.profile.pkce)
    }

    fn answered(
        &mut self,
        asking: &Asking<'_>,
        reply: &Reply<'_>,
        now: SystemTime,
    ) -> Result<Step, TokenError> {
        let slip = self.sent.as_ref().and_then(|code| Slip::of(code.expose()));
        match (token_in(asking, reply, now), slip) {
            (Err(TokenError::Refused(said, status)), Some(slip)) if is_unknown_code(&said) => {
                let error = TokenError::Miscopied(said, status, slip);
                match std::mem::replace(&mut self.refused, true) {
                    false => Ok(Step::GiveAgain(Box::new(error))),
                    true => Err(error),
                }
            }
            (other, _) => other,
        }
    }

    fn sent_code(&self) -> Option<&Secret> {
        self.sent.as_ref()
    }
}

/// Whether the org says that it never gave out such a code; one that is old or used it has known.
///
/// Source: Salesforce Help, OAuth 2.0 Authorization Errors.
fn is_unknown_code(said: &ApiError) -> bool {
    said.message.to_lowercase().contains("invalid authorization code")
}

/// Asks for the token that a code stands for. `redirect_uri` is the one that the code was asked for with.
pub(super) fn exchange(asking: &Asking<'_>, code: &Secret, with_pkce: bool) -> Result<Step, TokenError> {
    let mut form = Form::grant("authorization_code");
    form.push_secret("code", code);
    form.push("redirect_uri", &asking.profile.callback());
    if with_pkce {
        form.push("code_verifier", &pkce::verifier(&asking.nonces));
    }
    token_request(asking, form)
}

#[cfg(test)]
mod tests {
    use super::super::{tests::*, *};
    use crate::{config::ClientAuth, salesforce::tests::profile};
    use std::time::UNIX_EPOCH;

    /// `state` of [`Nonces::default`].
    const STATE: &str = "AAAAAAAAAAAAAAAAAAAAAA";

    fn web(change: impl FnOnce(&mut Profile)) -> Profile {
        let mut profile = profile(Flow::AuthorizationCode);
        change(&mut profile);
        profile
    }

    fn authorize(profile: &Profile) -> Login {
        match Grant::begin(asking(profile, &secrets(&[])), UNIX_EPOCH).unwrap().1 {
            Step::LogIn(login) => *login,
            _ => panic!("a login was expected"),
        }
    }

    /// What is sent when the browser has come back with this.
    fn exchanged(profile: &Profile, secrets: &Credentials, text: &str) -> Result<RequestSpec, TokenError> {
        let mut grant = Grant::begin(asking(profile, secrets), UNIX_EPOCH)?.0;
        spec(grant.returned(text)?)
    }

    #[test]
    fn the_login_page_is_asked_for_all_that_the_profile_says() {
        let login = authorize(&web(|_| {}));
        assert_eq!(
            login.authorize.as_str(),
            "https://login.salesforce.com/services/oauth2/authorize?response_type=code&client_id=3MVG9key\
             &redirect_uri=http%3A%2F%2Flocalhost%3A1717%2FOauthRedirect&state=AAAAAAAAAAAAAAAAAAAAAA\
             &code_challenge=DwBzhbb51LfusnSGBa_hqYSgo7-j8BTQnip4TOnlzRo&code_challenge_method=S256\
             &prompt=login&login_hint=ada%40acme.com"
        );
        assert_eq!((login.state.as_str(), login.in_fragment), (STATE, false));
        assert_eq!(login.redirect_uri, "http://localhost:1717/OauthRedirect");
        let login = authorize(&web(|p| {
            p.login_url = Some("https://acme.my.site.com/shop".parse().unwrap());
            p.redirect_uri = Some("https://acme.example/cb/?x=1".into());
            p.scopes = vec!["api".into(), "refresh_token".into()];
            p.pkce = false;
            p.prompt = Some("select_account consent".into());
            p.username = None;
        }));
        assert_eq!(
            login.authorize.as_str(),
            "https://acme.my.site.com/shop/services/oauth2/authorize?response_type=code&client_id=3MVG9key\
             &redirect_uri=https%3A%2F%2Facme.example%2Fcb%2F%3Fx%3D1&state=AAAAAAAAAAAAAAAAAAAAAA\
             &scope=api%20refresh_token&prompt=select_account%20consent"
        );
        for none in ["none", "", "  "] {
            let login = authorize(&web(|p| p.prompt = Some(none.into())));
            assert!(!login.authorize.as_str().contains("prompt"), "{}", login.authorize);
        }
    }

    #[test]
    fn two_logins_share_neither_state_nor_challenge() {
        let profile = web(|_| {});
        let credentials = secrets(&[]);
        let nonces = Nonces { state: [1; 16], verifier: [2; 32], assertion: [3; 16] };
        let other = Asking { nonces, ..asking(&profile, &credentials) };
        let Step::LogIn(other) = Grant::begin(other, UNIX_EPOCH).unwrap().1 else { panic!() };
        let first = authorize(&profile);
        assert_ne!(first.state, other.state);
        let challenge = |login: &Login| {
            login.authorize.query_pairs().find(|(name, _)| name == "code_challenge").unwrap().1.into_owned()
        };
        assert_ne!(challenge(&first), challenge(&other));
    }

    #[test]
    fn a_code_is_exchanged_with_the_same_callback_and_the_verifier() {
        let address = format!("http://localhost:1717/OauthRedirect?code=aPrx.1_2%3D%3D&state={STATE}");
        let secret = secrets(&[(SecretField::ConsumerSecret, "s3cret")]);
        let sent = exchanged(&web(|_| {}), &secret, &address).unwrap();
        assert_eq!(sent.url.as_str(), "https://login.salesforce.com/services/oauth2/token");
        assert_eq!(
            body(&sent),
            "grant_type=authorization_code&code=aPrx.1_2%3D%3D\
             &redirect_uri=http%3A%2F%2Flocalhost%3A1717%2FOauthRedirect\
             &code_verifier=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&client_id=3MVG9key&client_secret=s3cret"
        );
        let basic = exchanged(&web(|p| p.client_auth = ClientAuth::Basic), &secret, "aPrx==").unwrap();
        assert_eq!(basic.headers["authorization"], "Basic M01WRzlrZXk6czNjcmV0");
        assert!(!body(&basic).contains("client_"), "{}", body(&basic));
        for auth in [ClientAuth::Body, ClientAuth::Basic] {
            let public = web(|p| (p.client_auth, p.pkce) = (auth, false));
            let sent = exchanged(&public, &secrets(&[]), "aPrx%3D%3D").unwrap();
            assert!(!sent.headers.contains_key("authorization"));
            assert_eq!(
                body(&sent),
                "grant_type=authorization_code&code=aPrx%3D%3D\
                 &redirect_uri=http%3A%2F%2Flocalhost%3A1717%2FOauthRedirect&client_id=3MVG9key"
            );
        }
    }

    #[test]
    fn what_is_not_this_login_s_leaves_it_waiting() {
        let (profile, secrets) = (web(|_| {}), secrets(&[]));
        let mut grant = Grant::begin(asking(&profile, &secrets), UNIX_EPOCH).unwrap().0;
        for wrong in ["", "https://x/cb?code=a&state=other", "https://x/cb?code=a", "what is this"] {
            assert!(matches!(grant.returned(wrong), Err(TokenError::NotThisLogin(_))), "{wrong}");
        }
        let denied = grant.returned(&format!("?error=access_denied&state={STATE}"));
        assert!(matches!(denied, Err(TokenError::Denied(_))));
        assert!(spec(grant.returned("aPrx==").unwrap()).is_ok());
    }

    fn refusal(says: &str) -> String {
        format!(r#"{{"error":"invalid_grant","error_description":"{says}"}}"#)
    }

    /// What follows on a refusal with these words.
    fn refused(grant: &mut Grant<'_>, says: &str) -> Result<Step, TokenError> {
        let body = refusal(says);
        let reply = Reply { status: StatusCode::BAD_REQUEST, location: None, body: body.as_bytes() };
        grant.answered(&reply, UNIX_EPOCH)
    }

    #[test]
    fn a_miscopied_code_may_be_given_once_more_and_no_other_refusal_may() {
        let (profile, secrets) = (web(|_| {}), secrets(&[]));
        let told = |code: &str, says: &str| {
            let mut grant = Grant::begin(asking(&profile, &secrets), UNIX_EPOCH).unwrap().0;
            grant.returned(code).unwrap();
            match refused(&mut grant, says) {
                Ok(Step::GiveAgain(error)) => (true, error.to_string()),
                Ok(_) => panic!("it was refused"),
                Err(error) => (false, error.to_string()),
            }
        };
        let plain = "invalid_grant: invalid authorization code";
        assert_eq!(told("aPrx==", "invalid authorization code"), (false, plain.into()));
        let cut = "the code does not end in ==";
        assert_eq!(told("aPrx", "invalid authorization code"), (true, format!("{plain}; {cut}")));
        let encoded = "the code is still percent-encoded";
        assert_eq!(told("aPrx%253D", "invalid authorization code"), (true, format!("{plain}; {encoded}")));
        let expired = "expired authorization code";
        assert_eq!(told("aPrx", expired), (false, format!("invalid_grant: {expired}")));
    }

    #[test]
    fn what_is_given_again_is_sent_with_the_same_verifier_and_not_twice() {
        let (profile, secrets) = (web(|_| {}), secrets(&[]));
        let mut grant = Grant::begin(asking(&profile, &secrets), UNIX_EPOCH).unwrap().0;
        let first = body(&spec(grant.returned("aPrx").unwrap()).unwrap());
        assert!(matches!(refused(&mut grant, "invalid authorization code"), Ok(Step::GiveAgain(_))));
        assert!(matches!(grant.returned("aPrx"), Err(TokenError::NotThisLogin(_))), "the same once more");
        let mended = mended("aPrx").unwrap();
        let second = body(&spec(grant.returned(mended.expose()).unwrap()).unwrap());
        assert_eq!(second, first.replace("code=aPrx", "code=aPrx%3D%3D"), "nothing else is another");
        assert!(matches!(refused(&mut grant, "invalid authorization code"), Err(TokenError::Refused(..))));
        let mut grant = Grant::begin(asking(&profile, &secrets), UNIX_EPOCH).unwrap().0;
        for (code, again) in [("aPrx", true), ("aPr", false)] {
            grant.returned(code).unwrap();
            let step = refused(&mut grant, "invalid authorization code");
            assert_eq!(matches!(step, Ok(Step::GiveAgain(_))), again, "{code}");
        }
    }
}
