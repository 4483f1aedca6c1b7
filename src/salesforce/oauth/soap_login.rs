//! SOAP `login()`: username and password for a session id, without any app. For as long as Salesforce still has it.
//!
//! Source: SOAP API Developer Guide, login(); the public Salesforce Platform APIs collection; jsforce (last version).

use super::{
    Asking, POLICY, Reply, Step, TokenError, Way, needed,
    password::password_and_token,
    request::{below, login_host},
    response,
};
use crate::{
    config::ApiVersion,
    http::{RequestBody, RequestSpec, redact},
    salesforce::{
        Lifetime, OrgId, OrgReading, Session, SignatureCheck, TokenField, UserId,
        error::{ApiError, element_texts},
    },
};
use http::{HeaderMap, HeaderValue, Method, header};
use quick_xml::escape::escape;
use std::time::{Duration, SystemTime};
use url::Url;
use zeroize::Zeroizing;

/// The last API version that has `login()`.
pub(super) const LAST: ApiVersion = ApiVersion(64);

/// Answers' elements that are shown, and what each means.
const SHOWN: &[(&str, &str)] = &[
    ("serverUrl", "where SOAP calls go; its host is the instance"),
    ("metadataServerUrl", "where SOAP calls of the Metadata API go"),
    ("organizationId", "the org's id"),
    ("organizationName", "the org's name"),
    ("userId", "the user's id"),
    ("userName", "the user's username"),
    ("userFullName", "the user's name"),
    ("sandbox", "whether the org is a sandbox"),
    ("passwordExpired", "true: the session can do nothing but set a new password"),
    ("sessionSecondsValid", "how long the session lives without use, in seconds"),
];

/// The partner API's `login()`; the session id is a bearer token.
pub(super) struct SoapLogin;

impl Way for SoapLogin {
    fn begin(&mut self, asking: &Asking<'_>, _: SystemTime) -> Result<Step, TokenError> {
        let profile = asking.profile;
        let version = profile.soap_api_version.unwrap_or(LAST);
        if version > LAST {
            return Err(TokenError::SoapVersion(version));
        }
        let url = below(login_host(asking)?, &format!("services/Soap/u/{}", version.number()));
        let username = escape(needed(profile.username.as_deref(), "username")?.trim());
        let password = password_and_token(asking)?;
        let password = Zeroizing::new(escape(password.as_str()).into_owned());
        let envelope = Zeroizing::new(format!(
            r#"<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:urn="urn:partner.soap.sforce.com"><soapenv:Body><urn:login><urn:username>{username}</urn:username><urn:password>{}</urn:password></urn:login></soapenv:Body></soapenv:Envelope>"#,
            *password
        ));
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=UTF-8"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/xml"));
        headers.insert("SOAPAction", HeaderValue::from_static("login"));
        let body = RequestBody::Bytes(envelope.as_bytes().to_vec().into());
        Ok(Step::Ask(Box::new(RequestSpec { method: Method::POST, url, headers, body })))
    }

    fn answered(
        &mut self,
        asking: &Asking<'_>,
        reply: &Reply<'_>,
        now: SystemTime,
    ) -> Result<Step, TokenError> {
        let text = String::from_utf8_lossy(reply.body);
        if let Some(fault) = fault(&text) {
            return Err(TokenError::Refused(fault, reply.status));
        }
        super::refused(reply)?;
        session(asking, &text, now).map(|session| Step::Have(Box::new(session)))
    }
}

fn session(asking: &Asking<'_>, text: &str, now: SystemTime) -> Result<Session, TokenError> {
    let mut names: Vec<&str> = SHOWN.iter().map(|(name, _)| *name).collect();
    names.push("sessionId");
    let found = element_texts(text, &names);
    let get = |wanted: &str| {
        let value = found.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty())
    };
    let need = |name: &str| {
        get(name)
            .ok_or_else(|| TokenError::Malformed(format!("the answer is not login()'s: it has no `{name}`")))
    };
    let access_token = response::bearer(need("sessionId")?)?;
    let login: Option<&Url> = asking.profile.login_url.as_ref();
    let masked = ("sessionId", redact::masked(&access_token), "session id: usable as a bearer token");
    let shown = SHOWN.iter().filter_map(|(name, meaning)| Some((*name, get(name)?.to_owned(), *meaning)));
    let field = |(name, value, meaning): (&str, String, _)| TokenField { name: name.into(), value, meaning };
    let seconds = get("sessionSecondsValid").and_then(|text| text.parse().ok());
    Ok(Session {
        profile: asking.profile.id.clone(),
        refresh_token: None,
        instance_url: response::instance(need("serverUrl")?, login)?,
        org_id: get("organizationId").map(|id| OrgId(id.to_owned())),
        user_id: get("userId").map(|id| UserId(id.to_owned())),
        org: OrgReading::NotAsked,
        login_url: login.cloned(),
        api_version: asking.version,
        issued_at: now,
        signature: SignatureCheck::NotCheckable("login() answers without a signature"),
        lifetime: seconds.map_or(POLICY, |seconds| Lifetime::Policy(Duration::from_secs(seconds))),
        fields: std::iter::once(masked).chain(shown).map(field).collect(),
        access_token,
    })
}

/// The fault of an answer, its code without a prefix and its message without the code.
fn fault(text: &str) -> Option<ApiError> {
    let found = element_texts(text, &["faultcode", "faultstring", "exceptionCode", "exceptionMessage"]);
    let get = |wanted: &str| found.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let code = get("exceptionCode").or(get("faultcode")?.rsplit(':').next())?;
    let message = get("exceptionMessage").or(get("faultstring")).unwrap_or_default();
    let message = message.strip_prefix(code).map_or(message, |rest| rest.trim_start_matches([':', ' ']));
    Some(ApiError { code: Some(code.to_owned()), message: message.to_owned(), fields: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::super::{tests::*, *};
    use super::*;
    use crate::salesforce::tests::profile;
    use std::time::UNIX_EPOCH;

    const SECRETS: &[(SecretField, &str)] =
        &[(SecretField::Password, "p<w>&\"d"), (SecretField::SecurityToken, " tok\n")];

    fn told(status: u16, body: &str) -> Result<Session, TokenError> {
        let (profile, secrets) = (profile(Flow::SoapLogin), secrets(SECRETS));
        let mut grant = Grant::begin(asking(&profile, &secrets), UNIX_EPOCH)?.0;
        let status = StatusCode::from_u16(status).unwrap();
        match grant.answered(&Reply { status, location: None, body: body.as_bytes() }, UNIX_EPOCH)? {
            Step::Have(session) => Ok(*session),
            _ => panic!("a session was expected"),
        }
    }

    #[test]
    fn name_and_password_are_escaped_and_no_app_is_named() {
        let mut profile = profile(Flow::SoapLogin);
        profile.username = Some("ada&eve@acme.com".into());
        let sent = asked(&profile, &secrets(SECRETS)).unwrap();
        assert_eq!(sent.url.as_str(), "https://login.salesforce.com/services/Soap/u/64.0");
        assert_eq!(sent.headers["soapaction"], "login");
        assert_eq!(sent.headers["content-type"], "text/xml; charset=UTF-8");
        assert_eq!(
            body(&sent),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:urn=\"urn:partner.soap.sforce.com\"><soapenv:Body><urn:login><urn:username>ada&amp;eve@acme.com</urn:username><urn:password>p&lt;w&gt;&amp;&quot;dtok</urn:password></urn:login></soapenv:Body></soapenv:Envelope>"
        );
    }

    #[test]
    fn a_version_without_login_is_refused_before_anything_is_sent() {
        let asked = |version: u16| {
            let mut profile = profile(Flow::SoapLogin);
            profile.soap_api_version = Some(ApiVersion(version));
            asked(&profile, &secrets(SECRETS)).map(|spec| spec.url.path().to_owned())
        };
        assert_eq!(asked(63).unwrap(), "/services/Soap/u/63.0");
        let error = asked(65).unwrap_err();
        assert_eq!(
            error.to_string(),
            "SOAP login() is not in API v65.0; v64.0 is the last version that has it"
        );
    }

    #[test]
    fn the_session_id_is_the_token() {
        let answer = r#"<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"><soapenv:Body><loginResponse><result><metadataServerUrl>https://acme.my.salesforce.com/services/Soap/m/64.0/00D58000000arpq</metadataServerUrl><passwordExpired>false</passwordExpired><sandbox>false</sandbox><serverUrl>https://acme.my.salesforce.com/services/Soap/u/64.0/00D58000000arpq</serverUrl><sessionId>00D58000000arpq!AQ.session</sessionId><userId>005xx000001SwiUAAS</userId><userInfo><organizationId>00D58000000arpqEAA</organizationId><organizationName>A &amp; B</organizationName><sessionSecondsValid>7200</sessionSecondsValid></userInfo></result></loginResponse></soapenv:Body></soapenv:Envelope>"#;
        let session = told(200, answer).unwrap();
        assert_eq!(session.access_token.expose(), "00D58000000arpq!AQ.session");
        assert_eq!(session.instance_url.as_str(), "https://acme.my.salesforce.com/");
        assert_eq!(session.org_id.unwrap().0, "00D58000000arpqEAA");
        assert_eq!(session.user_id.unwrap().0, "005xx000001SwiUAAS");
        assert_eq!(session.lifetime, Lifetime::Policy(Duration::from_secs(7200)));
        let shown = |name: &str| session.fields.iter().find(|f| f.name == name).unwrap().value.as_str();
        assert_eq!(shown("organizationName"), "A & B");
        assert_eq!(shown("sessionId"), "00D58000000arpq!••••");
        let elsewhere = answer.replace("acme.my.salesforce.com", "evil.example");
        assert!(matches!(told(200, &elsewhere), Err(TokenError::ForeignInstance { .. })));
        assert!(told(200, "<x/>").unwrap_err().to_string().contains("`sessionId`"));
    }

    #[test]
    fn a_fault_is_a_refusal_with_its_code() {
        let refused = |detail: &str| {
            let body = format!(
                "<soapenv:Envelope><soapenv:Body><soapenv:Fault><faultcode>sf:INVALID_LOGIN</faultcode><faultstring>INVALID_LOGIN: Invalid username, password, security token; or user locked out.</faultstring>{detail}</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
            );
            told(500, &body).unwrap_err().to_string()
        };
        let says = "INVALID_LOGIN: Invalid username, password, security token; or user locked out.";
        assert_eq!(refused(""), says);
        let detail = "<detail><sf:LoginFault><sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode><sf:exceptionMessage>Invalid username, password, security token; or user locked out.</sf:exceptionMessage></sf:LoginFault></detail>";
        assert_eq!(refused(detail), says);
        assert!(told(503, "<html><title>Down</title>").unwrap_err().to_string().contains("Down"));
    }
}
