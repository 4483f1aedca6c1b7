//! Access tokens and what they stand for. In memory only.
//!
//! May know tokens. May not know how they are obtained or what they open.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::clock::Moment;

/// Characters after the `!` of an opaque token.
const TOKEN_TAIL: usize = 96;

/// Characters of an opaque token; 64 of them, so that a random byte picks each alike.
const TOKEN_LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";

/// What an access token stands for. Has no `Debug`: it holds the token.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) token: String,
    /// The place of the org among the orgs.
    pub(super) org: usize,
    pub(super) user_id: String,
    /// The app that asked for it; none for a SOAP login.
    pub(super) consumer_key: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) issued: Moment,
}

/// The live sessions of all orgs.
#[derive(Default)]
pub(super) struct Sessions {
    live: Mutex<HashMap<String, Session>>,
}

impl Sessions {
    /// Opens a session and returns it with its new token: `00D…!…`.
    pub(super) fn open(
        &self,
        org: usize,
        org_id: &str,
        user_id: String,
        consumer_key: Option<String>,
        scopes: Vec<String>,
    ) -> Session {
        let token = format!("{}!{}", &org_id[..15], random_text(TOKEN_TAIL));
        let session = Session { token, org, user_id, consumer_key, scopes, issued: Moment::now() };
        self.lock().insert(session.token.clone(), session.clone());
        session
    }

    /// The session of a token, if it lives.
    pub(super) fn get(&self, token: &str) -> Option<Session> {
        self.lock().get(token).cloned()
    }

    /// Ends a session; `false` if there was none.
    pub(super) fn end(&self, token: &str) -> bool {
        self.lock().remove(token).is_some()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Session>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Random letters of [`TOKEN_LETTERS`].
pub(super) fn random_text(length: usize) -> String {
    let mut bytes = vec![0; length];
    // Without randomness the text would still be unique by nothing: tokens of a demo may then repeat.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    bytes.into_iter().map(|byte| char::from(TOKEN_LETTERS[usize::from(byte % 64)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_lives_until_it_ends() {
        let sessions = Sessions::default();
        let session = sessions.open(0, "00D7Q000001NordUAC", "005".to_owned(), None, Vec::new());
        assert!(session.token.starts_with("00D7Q000001Nord!") && session.token.len() == 112);
        assert!(sessions.get(&session.token).is_some());
        assert!(sessions.end(&session.token) && !sessions.end(&session.token));
        assert!(sessions.get(&session.token).is_none());
    }
}
