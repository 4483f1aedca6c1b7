//! Codes that a person pastes: one that was miscopied may be given once more, mended; no other is sent again.

use super::*;
use crate::{config::ProfileId, salesforce::oauth::mended, secrets::Shape};

/// Takes this code alone, encoded as in a form.
fn org(code: &'static str) -> Fake {
    Fake(Arc::new(State { good_code: Some(code), ..State::default() }))
}

/// A login whose answer no listener catches.
fn login() -> Job {
    let redirect_uri = Some("https://acme.example/cb".into());
    let profile = Profile { id: ProfileId::new("mine"), redirect_uri, ..profile(Flow::AuthorizationCode) };
    Job::GetToken { profile: Arc::new(profile), answers: answers(), wish: Wish::default() }
}

impl Bench {
    /// Events until one is as wanted; that one is the last.
    async fn until(&mut self, wanted: impl Fn(&Event) -> bool) -> Event {
        loop {
            let event = self.events.recv().await.expect("the worker lives");
            if wanted(&event) {
                return event;
            }
        }
    }

    /// Begins a login and pastes a code.
    async fn pastes(&mut self, id: u64, code: &str) {
        self.start(id, login()).await;
        self.until(|event| matches!(event, Event::Waiting(..))).await;
        self.says(id, code).await;
    }

    async fn says(&self, id: u64, text: &str) {
        self.commands.send(Command::Say(JobId(id), Secret::new(text))).await.unwrap();
    }

    async fn refused_code(&mut self) -> String {
        match self.until(|event| matches!(event, Event::CodeRefused(..) | Event::Ended(..))).await {
            Event::CodeRefused(_, sentence) => sentence,
            other => panic!("{other:?}"),
        }
    }

    async fn failure(&mut self) -> Failure {
        match self.until(|event| matches!(event, Event::Ended(..))).await {
            Event::Ended(_, Err(failure)) => failure,
            other => panic!("{other:?}"),
        }
    }
}

fn seen(failure: &Failure) -> (Vec<Shape>, bool) {
    let code = failure.code_sent.as_ref().expect("a code was sent");
    (code.shapes.clone(), code.used)
}

#[tokio::test]
async fn a_miscopied_code_is_refused_mended_and_taken_in_one_login() {
    for pasted in ["aPrx.1", "aPrx.1%253D%253D"] {
        let mut bench = Bench::new(org("aPrx.1%3D%3D"));
        bench.pastes(1, pasted).await;
        let why = bench.refused_code().await;
        assert!(why.starts_with("invalid_grant: invalid authorization code; the code "), "{why}");
        bench.says(1, pasted).await;
        let told = bench.until(|event| matches!(event, Event::NotThat(..) | Event::Ended(..))).await;
        assert!(matches!(told, Event::NotThat(_, why) if why.contains("refused already")));
        assert_eq!(bench.fake.token_requests(), 1, "nothing is sent twice");
        bench.says(1, mended(pasted).unwrap().expose()).await;
        let events = bench.until_ended(1).await;
        assert!(matches!(ended(&events)[..], [(1, Ok(Outcome::Token(..)))]), "{events:?}");
        assert_eq!(bench.fake.token_requests(), 2);
    }
}

#[tokio::test]
async fn a_second_refusal_ends_it_with_what_is_known_of_the_code() {
    let mut bench = Bench::new(org("another%3D%3D"));
    bench.pastes(1, "aPrx").await;
    bench.refused_code().await;
    bench.says(1, "aPrx==").await;
    let failure = bench.failure().await;
    assert_eq!(failure.description.as_deref(), Some("invalid authorization code"));
    let (shapes, used) = seen(&failure);
    assert!(!shapes.contains(&Shape::NoPadding) && !used, "{shapes:?}");
    bench.pastes(2, "aPrx==").await;
    assert!(seen(&bench.failure().await).1, "another login, the same code");
    assert_eq!(bench.fake.token_requests(), 3);
}

#[tokio::test]
async fn who_gives_up_gets_the_refusal_and_its_hints() {
    let mut bench = Bench::new(org("aPrx%3D%3D"));
    bench.pastes(1, "aPrx").await;
    bench.refused_code().await;
    bench.commands.send(Command::Cancel(JobId(1))).await.unwrap();
    let failure = bench.failure().await;
    assert!(seen(&failure).0.contains(&Shape::NoPadding));
    let facts = crate::diagnosis::Facts::of_profile(&profile(Flow::AuthorizationCode));
    let hints = failure.explain(crate::diagnosis::Rules::built_in(), facts);
    assert_eq!(hints[0].first().id, "code-padding-lost", "{hints:?}");
    assert!(failure.exchange.is_some());
}

#[tokio::test]
async fn other_refusals_end_the_login_at_once() {
    let mut bench = Bench::new(org("expired"));
    bench.pastes(1, "aPrx").await;
    assert_eq!(bench.failure().await.description.as_deref(), Some("expired authorization code"));
    let mut bench = Bench::new(org("another%3D%3D"));
    bench.pastes(1, "aPrx==").await;
    assert_eq!(bench.failure().await.message, "invalid_grant: invalid authorization code");
    assert_eq!(bench.fake.token_requests(), 1);
}
