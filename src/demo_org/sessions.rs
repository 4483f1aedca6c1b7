//! Access tokens and what they stand for. In memory only.
//!
//! May know tokens. May not know how they are obtained or what they open.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::clock::{Clock, Moment};

/// How long a session lives without being used, in milliseconds: the default of Session Settings.
pub(super) const SESSION_MILLIS: i64 = 2 * 3600 * 1000;

/// Characters after the `!` of an opaque token.
const TOKEN_TAIL: usize = 96;

/// Characters of an opaque token; 64 of them, so that a random byte picks each alike.
const TOKEN_LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";

/// What an access token stands for. Has no `Debug`: it holds the token.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) token: String,
    pub(super) of: Owner,
    pub(super) issued: Moment,
    /// When it ends if nobody uses it.
    pub(super) expires: Moment,
}

/// Whose a session is, and what it may do.
#[derive(Clone, Default)]
pub(super) struct Owner {
    /// The place of the org among the orgs.
    pub(super) org: usize,
    pub(super) user_id: String,
    /// The app that asked for it; none for a SOAP login.
    pub(super) consumer_key: Option<String>,
    pub(super) scopes: Vec<String>,
    /// The authorisation that can renew it.
    pub(super) authorization: Option<u64>,
}

impl Owner {
    /// Whether one of these scopes was granted.
    pub(super) fn has_scope(&self, wanted: &[&str]) -> bool {
        self.scopes.iter().any(|scope| wanted.contains(&scope.as_str()))
    }
}

/// The live sessions of all orgs.
pub(super) struct Sessions {
    clock: Clock,
    live: Mutex<HashMap<String, Session>>,
}

impl Sessions {
    pub(super) fn new(clock: &Clock) -> Self {
        Self { clock: clock.clone(), live: Mutex::default() }
    }

    /// Opens a session and returns it with its new token: `00D…!…`.
    pub(super) fn open(&self, org_id: &str, of: Owner) -> Session {
        let token = format!("{}!{}", &org_id[..15], random_text(TOKEN_TAIL));
        let issued = self.clock.now();
        let session = Session { token, of, issued, expires: Moment(issued.0 + SESSION_MILLIS) };
        self.lock().insert(session.token.clone(), session.clone());
        session
    }

    /// The session of a token, if it lives; looking counts as using it.
    pub(super) fn get(&self, token: &str) -> Option<Session> {
        let now = self.clock.now();
        let mut live = self.lock();
        let session = live.get_mut(token).filter(|session| session.expires > now)?;
        session.expires = Moment(now.0 + SESSION_MILLIS);
        Some(session.clone())
    }

    /// The session of a token, which is not used by being asked about.
    pub(super) fn peek(&self, token: &str) -> Option<Session> {
        self.lock().get(token).filter(|session| session.expires > self.clock.now()).cloned()
    }

    /// Ends a session; `false` if there was none.
    pub(super) fn end(&self, token: &str) -> bool {
        let now = self.clock.now();
        self.lock().remove(token).is_some_and(|session| session.expires > now)
    }

    /// Ends all sessions that are meant.
    pub(super) fn end_if(&self, is_meant: impl Fn(&Owner) -> bool) {
        self.lock().retain(|_, session| !is_meant(&session.of));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Session>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Random letters of [`TOKEN_LETTERS`].
pub(super) fn random_text(length: usize) -> String {
    random_of(TOKEN_LETTERS, length)
}

/// Random letters of an alphabet whose length divides 256, so that each is picked alike.
pub(super) fn random_of(letters: &[u8], length: usize) -> String {
    let mut bytes = vec![0; length];
    // Without randomness the text would still be unique by nothing: tokens of a demo may then repeat.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    bytes.into_iter().map(|byte| char::from(letters[usize::from(byte) % letters.len()])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_lives_until_it_ends_or_is_left_alone_for_too_long() {
        let clock = Clock::default();
        let sessions = Sessions::new(&clock);
        let open = || sessions.open("00D7Q000001NordUAC", Owner::default()).token;
        let token = open();
        assert!(token.starts_with("00D7Q000001Nord!") && token.len() == 112);
        assert!(sessions.get(&token).is_some());
        assert!(sessions.end(&token) && !sessions.end(&token));
        assert!(sessions.get(&token).is_none());
        let token = open();
        clock.advance(SESSION_MILLIS / 2 + 60_000);
        assert!(sessions.get(&token).is_some());
        clock.advance(SESSION_MILLIS / 2 + 60_000);
        assert!(sessions.peek(&token).is_some(), "it was used half its time ago");
        clock.advance(SESSION_MILLIS / 2);
        assert!(sessions.get(&token).is_none() && !sessions.end(&token));
    }
}
