//! Device flow, in Salesforce's own form: a code is shown here and typed in a browser elsewhere.
//!
//! Not RFC 8628's names: `response_type=device_code` on the token endpoint, then `grant_type=device` and `code`.
//! Source: Salesforce Help, OAuth 2.0 device flow; the public Salesforce Platform APIs collection; sfdx-core (lifetime).

use super::{
    Asking, DeviceCode, Reply, Step, TokenError, Way, needed, refused,
    request::{Form, check_transport, endpoint, form_request, login_host, token_request},
    response, token_in,
};
use crate::secrets::Secret;
use serde_json::Value;
use std::time::{Duration, SystemTime};
use url::Url;

/// How long a code is good where the answer does not say.
const LIVES: Duration = Duration::from_secs(600);
/// How often to ask where the answer does not say.
const INTERVAL: Duration = Duration::from_secs(5);
/// How much longer to wait each time that was too often.
const SLOWER: Duration = Duration::from_secs(5);
/// Whatever the answer says, the next look is neither at once nor so late that it would seem to hang.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);
/// Nobody types for longer than a day.
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// Where it stands.
#[derive(Default)]
pub(super) enum Device {
    /// The code is being asked for.
    #[default]
    Begun,
    /// It is shown, and asked about again and again.
    Shown(Shown),
}

/// A code that somebody is to type.
pub(super) struct Shown {
    code: Secret,
    interval: Duration,
    ends: SystemTime,
    /// The first pause is over; from then on each answer begins the next one.
    waited: bool,
}

impl Way for Device {
    fn begin(&mut self, asking: &Asking<'_>, _: SystemTime) -> Result<Step, TokenError> {
        let url = endpoint(login_host(asking)?, "token");
        let mut form = Form::default();
        form.push("response_type", "device_code");
        form.push("client_id", needed(asking.profile.consumer_key.as_deref(), "consumer_key")?.trim());
        form.push_scopes(asking);
        form.push("format", "json");
        Ok(Step::Ask(Box::new(form_request(url, &form))))
    }

    fn answered(
        &mut self,
        asking: &Asking<'_>,
        reply: &Reply<'_>,
        now: SystemTime,
    ) -> Result<Step, TokenError> {
        match self {
            Self::Begun => {
                refused(reply)?;
                let (shown, code, interval) = read(reply.body)?;
                *self = Self::Shown(Shown { code, interval, ends: now + shown.lives, waited: false });
                Ok(Step::ShowCode(Box::new(shown)))
            }
            Self::Shown(shown) => token_in(asking, reply, now).or_else(|error| shown.not_yet(error, now)),
        }
    }

    fn go_on(&mut self, asking: &Asking<'_>) -> Result<Step, TokenError> {
        let Self::Shown(shown) = self else { return Err(super::out_of_turn()) };
        if !std::mem::replace(&mut shown.waited, true) {
            return Ok(Step::Wait(shown.interval));
        }
        let mut form = Form::grant("device");
        form.push_secret("code", &shown.code);
        form.push("format", "json");
        token_request(asking, form)
    }
}

impl Shown {
    /// What a refusal means while somebody is still typing.
    fn not_yet(&mut self, error: TokenError, now: SystemTime) -> Result<Step, TokenError> {
        let TokenError::Refused(said, _) = &error else { return Err(error) };
        match said.code.as_deref() {
            Some("authorization_pending") => {}
            Some("slow_down") => self.interval = (self.interval + SLOWER).min(LONGEST),
            Some("access_denied") => return Err(TokenError::Denied(said.clone())),
            Some("expired_token") => return Err(TokenError::CodeExpired),
            _ => return Err(error),
        }
        if now >= self.ends { Err(TokenError::CodeExpired) } else { Ok(Step::Wait(self.interval)) }
    }
}

/// What to show, the code to ask with, and how often to ask.
fn read(body: &[u8]) -> Result<(DeviceCode, Secret, Duration), TokenError> {
    let answer = response::parse(body)?;
    let text = |name: &str| {
        answer.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).ok_or_else(|| {
            TokenError::Malformed(format!("the answer is not a device code's: it has no `{name}`"))
        })
    };
    let seconds = |name: &str| {
        let value = answer.get(name)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok()).map(Duration::from_secs)
    };
    let verification_uri: Url = text("verification_uri")?
        .parse()
        .map_err(|_| TokenError::Malformed("the answer's verification_uri is not a URL".into()))?;
    check_transport(&verification_uri)?;
    let shown = DeviceCode {
        user_code: text("user_code")?.to_owned(),
        verification_uri,
        lives: seconds("expires_in").unwrap_or(LIVES).min(LONGEST_LIFE),
    };
    let interval = seconds("interval").unwrap_or(INTERVAL).clamp(SHORTEST, LONGEST);
    Ok((shown, Secret::new(text("device_code")?), interval))
}

#[cfg(test)]
mod tests {
    use super::super::{tests::*, *};
    use super::*;
    use crate::salesforce::tests::profile;
    use std::time::UNIX_EPOCH;

    const CODE: &str = r#"{"device_code":"M1o=","user_code":"GG4QHZ7T","verification_uri":"https://acme.my.salesforce.com/setup/connect","interval":5}"#;

    /// A login on its way, answered with what a test says, at that second.
    struct Played<'a> {
        grant: Grant<'a>,
    }

    impl<'a> Played<'a> {
        fn begin(profile: &'a Profile, secrets: &'a Credentials) -> (Self, RequestSpec) {
            let (grant, step) = Grant::begin(asking(profile, secrets), UNIX_EPOCH).unwrap();
            (Self { grant }, spec(step).unwrap())
        }

        fn told(&mut self, status: u16, body: &str, at: u64) -> Result<Step, TokenError> {
            let status = StatusCode::from_u16(status).unwrap();
            let now = UNIX_EPOCH + Duration::from_secs(at);
            self.grant.answered(&Reply { status, location: None, body: body.as_bytes() }, now)
        }

        fn refused(&mut self, code: &str, at: u64) -> Result<Step, TokenError> {
            self.told(400, &format!(r#"{{"error":"{code}","error_description":"x"}}"#), at)
        }

        fn pause(&mut self, refusal: &str, at: u64) -> u64 {
            match self.refused(refusal, at) {
                Ok(Step::Wait(pause)) => pause.as_secs(),
                _ => panic!("a pause was expected"),
            }
        }
    }

    #[test]
    fn a_code_is_shown_and_asked_about_until_there_is_a_token() {
        let mut profile = profile(Flow::Device);
        profile.scopes = vec!["api".into(), "refresh_token".into()];
        let secrets = secrets(&[(SecretField::ConsumerSecret, "s3cret")]);
        let (mut played, first) = Played::begin(&profile, &secrets);
        assert_eq!(first.url.as_str(), "https://login.salesforce.com/services/oauth2/token");
        assert_eq!(
            body(&first),
            "response_type=device_code&client_id=3MVG9key&scope=api%20refresh_token&format=json"
        );
        let Ok(Step::ShowCode(code)) = played.told(200, CODE, 0) else { panic!("a code was expected") };
        assert_eq!((code.user_code.as_str(), code.lives.as_secs()), ("GG4QHZ7T", 600));
        assert_eq!(code.verification_uri.as_str(), "https://acme.my.salesforce.com/setup/connect");
        assert!(matches!(played.grant.go_on(), Ok(Step::Wait(pause)) if pause.as_secs() == 5));
        let asked = "grant_type=device&code=M1o%3D&format=json&client_id=3MVG9key&client_secret=s3cret";
        for (refusal, pause) in
            [("authorization_pending", 5), ("slow_down", 10), ("authorization_pending", 10)]
        {
            assert_eq!(body(&spec(played.grant.go_on().unwrap()).unwrap()), asked);
            assert_eq!(played.pause(refusal, 20), pause);
        }
        assert_eq!(body(&spec(played.grant.go_on().unwrap()).unwrap()), asked);
        let token = r#"{"access_token":"00D58000000arpq!AQ","refresh_token":"5Aep","instance_url":"https://acme.my.salesforce.com"}"#;
        let Ok(Step::Have(session)) = played.told(200, token, 30) else { panic!("a session was expected") };
        assert_eq!(session.refresh_token.unwrap().expose(), "5Aep");
    }

    #[test]
    fn it_ends_with_a_no_with_time_and_with_what_is_none_of_its_words() {
        let (profile, secrets) = (profile(Flow::Device), secrets(&[]));
        let ended = |refusal: &str, at: u64| {
            let mut played = Played::begin(&profile, &secrets).0;
            played.told(200, CODE, 0).unwrap();
            played.refused(refusal, at).err()
        };
        assert!(matches!(ended("access_denied", 9), Some(TokenError::Denied(_))));
        assert_eq!(ended("expired_token", 9), Some(TokenError::CodeExpired));
        assert_eq!(ended("authorization_pending", 599), None);
        assert_eq!(ended("authorization_pending", 600), Some(TokenError::CodeExpired));
        assert!(matches!(ended("invalid_grant", 9), Some(TokenError::Refused(..))));
    }

    #[test]
    fn a_strange_answer_is_named_and_a_strange_number_does_no_harm() {
        let (profile, secrets) = (profile(Flow::Device), secrets(&[]));
        let first = |body: &str| Played::begin(&profile, &secrets).0.told(200, body, 0);
        assert!(first("{}").err().unwrap().to_string().contains("`verification_uri`"));
        let plain = CODE.replace("https:", "http:");
        assert!(matches!(first(&plain), Err(TokenError::PlainHttp { .. })));
        for (interval, pause) in [("0", 1), ("\"7\"", 7), ("18446744073709551615", 60), ("null", 5)] {
            let mut played = Played::begin(&profile, &secrets).0;
            let body = CODE.replace(":5}", &format!(":{interval},\"expires_in\":18446744073709551615}}"));
            played.told(200, &body, 0).unwrap();
            let Ok(Step::Wait(got)) = played.grant.go_on() else { panic!("a pause was expected") };
            assert_eq!(got.as_secs(), pause, "{interval}");
        }
        let mut early = Played::begin(&profile, &secrets).0;
        assert!(matches!(early.grant.go_on(), Err(TokenError::Malformed(_))));
    }
}
