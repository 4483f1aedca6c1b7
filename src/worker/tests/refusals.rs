//! Refused passwords: the third within a quarter of an hour is not sent without a question.

use super::*;

fn refusing() -> Fake {
    Fake(Arc::new(State { refuses_tokens: true, ..State::default() }))
}

fn token(despite_lockout: bool) -> Job {
    let wish = Wish { despite_lockout, ..Wish::default() };
    Job::GetToken { profile: able(), answers: answers(), wish }
}

/// The failure of a token job, if it failed.
async fn get(bench: &mut Bench, job: Job) -> Option<Failure> {
    bench.start(1, job).await;
    let events = bench.until_ended(1).await;
    ended(&events)[0].1.as_ref().err().cloned()
}

fn refused(failure: &Failure) -> (FailureKind, usize) {
    (failure.kind, failure.attempts.as_ref().map_or(0, |attempts| attempts.refused.len()))
}

#[tokio::test]
async fn the_third_is_not_sent_unless_a_person_says_so() {
    let mut bench = Bench::new(refusing());
    for count in [1, 2] {
        assert_eq!(refused(&get(&mut bench, token(false)).await.unwrap()), (FailureKind::OAuth, count));
    }
    let third = get(&mut bench, token(false)).await.unwrap();
    assert_eq!(refused(&third), (FailureKind::LockoutNear, 2));
    assert_eq!(bench.fake.token_requests(), 2, "it was not sent");
    assert_eq!(
        third.message,
        "the password of ada@acme.com was refused twice at login.salesforce.com within 15 minutes, and is not sent \
         again without a question"
    );
    let fix = third.fix.unwrap();
    assert!(
        fix.contains("after 3, 5 or 10") && fix.contains("lockout") && fix.contains("in 15 min"),
        "{fix}"
    );
    let meant = get(&mut bench, token(true)).await.unwrap();
    assert_eq!(refused(&meant), (FailureKind::OAuth, 3));
    assert_eq!(bench.fake.token_requests(), 3);
    assert_eq!(refused(&get(&mut bench, token(false)).await.unwrap()), (FailureKind::LockoutNear, 3));
}

#[tokio::test]
async fn several_orgdecks_share_the_count_and_a_success_ends_it() {
    let mut first = Bench::new(refusing());
    let mut second = Bench::beside(&first, refusing());
    assert!(get(&mut first, token(false)).await.is_some());
    assert!(get(&mut second, token(false)).await.is_some());
    assert_eq!(get(&mut first, token(false)).await.unwrap().kind, FailureKind::LockoutNear);
    let mut right = Bench::beside(&first, Fake::default());
    assert!(get(&mut right, token(true)).await.is_none());
    assert_eq!(refused(&get(&mut first, token(false)).await.unwrap()), (FailureKind::OAuth, 1));
}

#[tokio::test]
async fn many_at_once_send_two() {
    let mut bench = Bench::new(refusing());
    for id in 1..=6 {
        bench.start(id, token(false)).await;
    }
    let events = bench.until_ended(6).await;
    assert_eq!(bench.fake.token_requests(), 2);
    let near = |(_, result): &(u64, &Result<Outcome, Failure>)| matches!(result, Err(failure) if failure.kind == FailureKind::LockoutNear);
    assert_eq!(ended(&events).into_iter().filter(near).count(), 4);
}

#[tokio::test]
async fn a_request_never_sends_a_doubted_password() {
    let mut bench = Bench::new(refusing());
    assert!(get(&mut bench, token(false)).await.is_some());
    bench.start(2, call("/data")).await;
    let events = bench.until_ended(1).await;
    assert_eq!(bench.fake.token_requests(), 1);
    let told = |event: &Event| matches!(event, Event::NotRenewed(_, failure) if failure.kind == FailureKind::LockoutNear);
    assert!(events.iter().any(told), "{events:?}");
    assert!(matches!(ended(&events)[..], [(2, Ok(Outcome::Response(_)))]), "the answer stands");
}

#[test]
fn what_may_count_against_a_user() {
    let counts = |code: &str, description: &str| {
        let (code, description) = (Some(code.to_owned()), Some(description.to_owned()));
        failure::may_count_against_user(&Failure {
            code,
            description,
            ..Failure::new(FailureKind::OAuth, "")
        })
    };
    for (code, description) in [
        ("invalid_grant", "authentication failure"),
        ("invalid_grant", ""),
        ("INVALID_LOGIN", "Invalid username, password, security token; or user locked out."),
    ] {
        assert!(counts(code, description), "{code}: {description}");
    }
    for (code, description) in [
        ("invalid_client", "invalid client credentials"),
        ("invalid_client_id", "client identifier invalid"),
        ("invalid_grant", "IP restricted or invalid login hours"),
        ("invalid_grant", "inactive user"),
        ("invalid_grant", "user hasn't approved this consumer"),
        ("invalid_grant", "invalid authorization code"),
        ("unsupported_grant_type", "grant type not supported"),
        ("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner"),
    ] {
        assert!(!counts(code, description), "{code}: {description}");
    }
}
