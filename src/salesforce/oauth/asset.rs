//! Asset token flow: a token for a device, by an access token and a signed JWT that describes it.
//!
//! Source: the public Salesforce Platform APIs collection (parameters). Its answer is unconfirmed.

use super::{
    Asking, Reply, Step, TokenError, Way, needed, refused,
    request::{Form, endpoint, form_request, login_host},
    response,
    token_exchange::{GRANT, KIND},
};
use crate::{config::SecretField, secrets::clean_pasted};
use serde_json::Value;
use std::time::SystemTime;

/// No app says who it is: the access token is one's.
pub(super) struct Asset;

impl Way for Asset {
    fn begin(&mut self, asking: &Asking<'_>, _: SystemTime) -> Result<Step, TokenError> {
        let url = endpoint(login_host(asking)?, "token");
        let token = |field| Ok(clean_pasted(asking.secrets.need(field)?.expose()).0);
        let mut form = Form::grant(GRANT);
        form.push("subject_token_type", &format!("{KIND}access_token"));
        form.push_secret("subject_token", &token(SecretField::SubjectToken)?);
        form.push("actor_token_type", &format!("{KIND}jwt"));
        form.push_secret("actor_token", &token(SecretField::ActorToken)?);
        Ok(Step::Ask(Box::new(form_request(url, &form))))
    }

    /// The answer names no instance: it is the profile's, or the login host, which is the org's own then.
    fn answered(
        &mut self,
        asking: &Asking<'_>,
        reply: &Reply<'_>,
        now: SystemTime,
    ) -> Result<Step, TokenError> {
        refused(reply)?;
        let mut answer = response::parse(reply.body)?;
        if !answer.contains_key("instance_url") {
            let own = asking.profile.instance_url.as_ref().or(asking.profile.login_url.as_ref());
            let own = needed(own, "instance_url")?;
            if crate::config::is_generic_login(own) {
                return Err(TokenError::Missing("instance_url"));
            }
            answer.insert("instance_url".into(), Value::String(super::shown(own)));
        }
        response::session(asking, answer, now).map(|session| Step::Have(Box::new(session)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{tests::*, *};
    use crate::{salesforce::tests::profile, secrets::SecretRef};
    use std::time::UNIX_EPOCH;

    const TOKENS: &[(SecretField, &str)] =
        &[(SecretField::SubjectToken, "00D58000000arpq!AQ"), (SecretField::ActorToken, "eyJ.actor.x")];

    fn device(change: impl FnOnce(&mut Profile)) -> Profile {
        let mut profile = profile(Flow::Asset);
        (profile.subject_token, profile.actor_token) = (Some(SecretRef::Ask), Some(SecretRef::Ask));
        change(&mut profile);
        profile
    }

    #[test]
    fn both_tokens_go_and_no_app() {
        assert_eq!(
            body(&asked(&device(|_| {}), &secrets(TOKENS)).unwrap()),
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange\
             &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token\
             &subject_token=00D58000000arpq%21AQ\
             &actor_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt&actor_token=eyJ.actor.x"
        );
        let none = asked(&device(|p| p.actor_token = None), &secrets(&TOKENS[..1])).err();
        assert_eq!(none, Some(TokenError::Missing("actor_token")));
    }

    #[test]
    fn the_instance_is_the_profile_s_where_the_answer_names_none() {
        let told = |change: fn(&mut Profile), answer: &str| {
            let (profile, secrets) = (device(change), secrets(TOKENS));
            let mut grant = Grant::begin(asking(&profile, &secrets), UNIX_EPOCH)?.0;
            let reply = Reply { status: StatusCode::OK, location: None, body: answer.as_bytes() };
            match grant.answered(&reply, UNIX_EPOCH)? {
                Step::Have(session) => Ok(session.instance_url.to_string()),
                _ => panic!("a session was expected"),
            }
        };
        let bare = r#"{"access_token":"eyJ.asset.x","token_type":"Bearer"}"#;
        let named = r#"{"access_token":"eyJ.asset.x","instance_url":"https://b.my.salesforce.com"}"#;
        let home = |p: &mut Profile| p.instance_url = Some("https://a.my.salesforce.com".parse().unwrap());
        assert_eq!(told(|_| {}, bare), Err(TokenError::Missing("instance_url")));
        assert_eq!(told(home, bare).unwrap(), "https://a.my.salesforce.com/");
        assert_eq!(told(home, named).unwrap(), "https://b.my.salesforce.com/");
        let my_domain = |p: &mut Profile| p.login_url = Some("https://c.my.salesforce.com".parse().unwrap());
        assert_eq!(told(my_domain, bare).unwrap(), "https://c.my.salesforce.com/");
    }
}
