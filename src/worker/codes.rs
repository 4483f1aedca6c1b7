//! Authorization codes on their way: which were sent before, how old they are, and what a person who miscopied one gives
//! in its place.

use super::{
    act::{Act, Halt},
    failure,
    login::LOGIN_WITHIN,
};
use crate::{
    config::Profile,
    http::Transport,
    jobs::{CodeSent, Event, Failure},
    salesforce::oauth::{Grant, Step, TokenError},
    secrets::Secret,
};
use aws_lc_rs::digest;
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

/// The codes that a run has sent, by their digests: a code is good once.
#[derive(Clone, Default)]
pub(super) struct Codes(Arc<Mutex<HashSet<Vec<u8>>>>);

impl Codes {
    /// Notes a code that is sent; whether it was sent before.
    fn sent_before(&self, code: &Secret) -> bool {
        let digest = digest::digest(&digest::SHA256, code.expose().as_bytes());
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        !sent.insert(digest.as_ref().to_vec())
    }
}

/// How the answer of a login came back.
#[derive(Clone, Copy, Debug)]
pub(super) struct CameBack {
    /// A person pasted it; else the listener caught it.
    pub(super) pasted: bool,
    /// When the person was sent to the login page: no code of this login is older.
    pub(super) began: Instant,
    /// When the answer came: no code in it is younger.
    pub(super) came: Instant,
}

impl CameBack {
    /// How old a code is, in minutes: at least, or where it cannot be a minute old yet.
    fn age_minutes(&self) -> Option<u64> {
        let minutes = |since: Instant| since.elapsed().as_secs() / 60;
        match (minutes(self.came), minutes(self.began)) {
            (0, 0) => Some(0),
            (0, _) if self.pasted => None, // nobody knows how long it lay about
            (least, _) => Some(least),
        }
    }
}

impl<T: Transport> Act<T> {
    /// What can be seen of the code that is being sent.
    pub(super) fn look_at_code(&self, grant: &Grant<'_>, back: Option<CameBack>) -> Option<Box<CodeSent>> {
        let code = grant.sent_code()?;
        Some(Box::new(CodeSent {
            shapes: code.shapes(),
            age_minutes: back.and_then(|back| back.age_minutes()),
            used: self.shared.codes.sent_before(code),
        }))
    }

    /// A code was refused that looks miscopied. A person who pasted it may give it once more, mended; what the listener
    /// caught nobody has touched. Without a better one the refusal ends the login.
    pub(super) async fn given_again(
        &self,
        profile: &Profile,
        grant: &mut Grant<'_>,
        refused: Failure,
        back: Option<CameBack>,
    ) -> Result<Step, Halt> {
        if !back.is_some_and(|back| back.pasted) {
            return Err(refused.into());
        }
        self.tell(Event::CodeRefused(self.id, refused.message.clone())).await;
        let given = async {
            loop {
                let text = self.said().await;
                match grant.returned(text.expose()) {
                    Ok(step) => return Ok(step),
                    Err(error @ TokenError::NotThisLogin(_)) => {
                        self.tell(Event::NotThat(self.id, error.to_string())).await;
                    }
                    Err(error) => return Err(failure::token(&error, profile, None).into()),
                }
            }
        };
        tokio::select! {
            given = given => given,
            // Who gives up has been told why; so has whoever looks later.
            () = self.stop.cancelled() => Err(refused.into()),
            () = tokio::time::sleep(LOGIN_WITHIN) => Err(refused.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_code_is_known_again_and_not_kept() {
        let codes = Codes::default();
        assert!(!codes.sent_before(&Secret::new("aPrx==")));
        assert!(!codes.sent_before(&Secret::new("aPrx")));
        assert!(codes.clone().sent_before(&Secret::new("aPrx==")), "jobs share them");
    }

    #[test]
    fn the_age_of_a_code_is_told_as_far_as_it_is_known() {
        let now = Instant::now();
        let Some(before) = now.checked_sub(Duration::from_secs(200)) else { return };
        let age = |pasted, began, came| CameBack { pasted, began, came }.age_minutes();
        assert_eq!(age(true, now, now), Some(0));
        assert_eq!(age(true, before, now), None);
        assert_eq!(age(false, before, now), Some(0), "it was caught this moment");
        assert_eq!(age(true, before, before), Some(3));
    }
}
