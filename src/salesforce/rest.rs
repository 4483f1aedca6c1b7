//! REST calls: where the token may go, and what an answer says beside its body.

use super::{Session, error};
use crate::{
    config::{ApiVersion, host_and_port, is_loopback},
    http::RequestSpec,
};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use url::Url;

/// Why a request is not sent with the session's token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The URL is on another host than the token's org.
    #[error("the access token of {instance} is not sent to {host}")]
    OtherHost {
        /// Where the request would go.
        host: String,
        /// Where the token belongs.
        instance: String,
    },
    /// Plain http to a host that is not this machine.
    #[error("an access token is not sent to {host} over plain http")]
    PlainHttp {
        /// Where the request would go.
        host: String,
    },
    /// The token has characters that a header cannot carry.
    #[error(
        "the access token holds characters that no header can carry; it was probably damaged when it was pasted"
    )]
    DamagedToken,
}

/// Adds `Authorization: Bearer` for the session, where the request has no `Authorization` of its own.
///
/// The token goes to its own instance only, over https or to loopback.
pub fn authorize(spec: &mut RequestSpec, session: &Session) -> Result<(), Refusal> {
    if spec.headers.contains_key(header::AUTHORIZATION) {
        return Ok(());
    }
    let instance = &session.instance_url;
    if spec.url.origin() != instance.origin() {
        return Err(Refusal::OtherHost { host: host_and_port(&spec.url), instance: host_and_port(instance) });
    }
    if spec.url.scheme() != "https" && !is_loopback(&spec.url) {
        return Err(Refusal::PlainHttp { host: host_and_port(&spec.url) });
    }
    let value = format!("Bearer {}", session.access_token.expose());
    let mut value = HeaderValue::try_from(value).map_err(|_| Refusal::DamagedToken)?;
    value.set_sensitive(true);
    spec.headers.insert(header::AUTHORIZATION, value);
    Ok(())
}

/// Whether an answer says that the session is over, so that a new token would help.
///
/// Not for a session that the API never accepts ([`NEVER`]): a new one is of the same kind. Not for other 401s: a
/// header that is written wrongly (`INVALID_AUTH_HEADER`), a gateway's page. A 401 without any body is an answer to
/// HEAD, which says nothing else.
pub fn is_session_expired(status: StatusCode, body: &[u8]) -> bool {
    if status == StatusCode::UNAUTHORIZED && body.trim_ascii().is_empty() {
        return true;
    }
    let says_so = |error: &error::ApiError| {
        let code = error.code.as_deref().unwrap_or_default();
        let known = EXPIRED.iter().any(|(status_of, name)| *status_of == status && *name == code);
        known && !NEVER.iter().any(|text| error.message.contains(text))
    };
    error::parse(status, body).iter().any(says_so)
}

/// How each API says that a session is over.
///
/// Source: REST API Developer Guide, status codes; jsforce (Bulk, SOAP); Salesforce Mobile SDK for Android (userinfo).
const EXPIRED: &[(StatusCode, &str)] = &[
    (StatusCode::UNAUTHORIZED, "INVALID_SESSION_ID"),
    (StatusCode::BAD_REQUEST, "InvalidSessionId"),
    (StatusCode::UNAUTHORIZED, "InvalidSessionId"),
    (StatusCode::INTERNAL_SERVER_ERROR, "INVALID_SESSION_ID"),
    (StatusCode::FORBIDDEN, "Bad_OAuth_Token"),
];

/// What is said of a session that no renewal makes good.
///
/// Source: jsforce.
const NEVER: &[&str] = &["not valid for use with", "not attached to Agent"];

/// A path on the session's instance.
pub(super) fn at(session: &Session, path: &str) -> Url {
    at_root(&session.instance_url, path)
}

fn at_root(instance: &Url, path: &str) -> Url {
    let mut url = instance.clone();
    url.set_path(path);
    url.set_query(None);
    url
}

/// Where an org lists its API versions; asked without a token.
pub fn versions_url(instance: &Url) -> Url {
    at_root(instance, "/services/data")
}

/// The newest version of the answer of `/services/data`.
pub fn newest_version(body: &[u8]) -> Option<ApiVersion> {
    versions(body)?.last().copied()
}

/// The versions in the answer of `/services/data`, the newest last; `None` if it lists none.
///
/// Source: the public Salesforce Platform APIs collection.
pub fn versions(body: &[u8]) -> Option<Vec<ApiVersion>> {
    #[derive(Deserialize)]
    struct Listed {
        version: String,
    }
    let listed: Vec<Listed> = serde_json::from_slice(body).ok()?;
    let number = |listed: &Listed| listed.version.split('.').next()?.parse().ok();
    let mut versions: Vec<ApiVersion> = listed.iter().filter_map(number).map(ApiVersion).collect();
    versions.sort_unstable_by_key(|version| version.0);
    Some(versions).filter(|versions| !versions.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{http::RequestBody, salesforce::tests::session};
    use http::{HeaderMap, Method};

    fn spec(url: &str) -> RequestSpec {
        RequestSpec {
            method: Method::GET,
            url: Url::parse(url).unwrap(),
            headers: HeaderMap::new(),
            body: RequestBody::Empty,
        }
    }

    fn authorized(url: &str, instance: &str) -> Result<bool, Refusal> {
        let mut spec = spec(url);
        authorize(&mut spec, &session(instance))?;
        Ok(spec.headers.contains_key(header::AUTHORIZATION))
    }

    #[test]
    fn the_token_goes_to_its_own_instance_only() {
        let home = "https://acme.my.salesforce.com";
        assert_eq!(authorized("https://acme.my.salesforce.com/services/data", home), Ok(true));
        assert_eq!(authorized("https://acme.my.salesforce.com:443/x", home), Ok(true));
        for other in [
            "https://acme.my.salesforce.com.evil.example/x",
            "https://acme.my.salesforce.com@evil.example/x",
            "https://other.my.salesforce.com/x",
            "https://acme.my.salesforce.com:8443/x",
            "http://acme.my.salesforce.com/x",
        ] {
            assert!(matches!(authorized(other, home), Err(Refusal::OtherHost { .. })), "{other}");
        }
        assert_eq!(authorized("http://127.0.0.1:8080/x", "http://127.0.0.1:8080"), Ok(true));
        assert!(matches!(
            authorized("http://a.example/x", "http://a.example"),
            Err(Refusal::PlainHttp { .. })
        ));
    }

    #[test]
    fn a_requests_own_authorization_stays() {
        let mut spec = spec("https://api.example/x");
        spec.headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer mine"));
        authorize(&mut spec, &session("https://acme.my.salesforce.com")).unwrap();
        assert_eq!(spec.headers[header::AUTHORIZATION], "Bearer mine");
    }

    #[test]
    fn only_an_expired_session_is_renewed() {
        let expired = br#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#;
        let never = br#"[{"message":"This session is not valid for use with the REST API","errorCode":"INVALID_SESSION_ID"}]"#;
        let xml =
            b"<Errors><Error><errorCode>INVALID_SESSION_ID</errorCode><message>x</message></Error></Errors>";
        assert!(is_session_expired(StatusCode::UNAUTHORIZED, expired));
        assert!(is_session_expired(StatusCode::UNAUTHORIZED, xml));
        let soap = b"<Envelope><Body><Fault><faultcode>sf:INVALID_SESSION_ID</faultcode><faultstring>x</faultstring></Fault></Body></Envelope>";
        let bulk = b"<error><exceptionCode>InvalidSessionId</exceptionCode><exceptionMessage>x</exceptionMessage></error>";
        let agent =
            br#"[{"message":"Connected app is not attached to Agent","errorCode":"INVALID_SESSION_ID"}]"#;
        let header = br#"[{"message":"INVALID_HEADER_TYPE","errorCode":"INVALID_AUTH_HEADER"}]"#;
        assert!(is_session_expired(StatusCode::INTERNAL_SERVER_ERROR, soap));
        assert!(is_session_expired(StatusCode::BAD_REQUEST, bulk));
        assert!(is_session_expired(StatusCode::UNAUTHORIZED, br#"{"exceptionCode":"InvalidSessionId"}"#));
        assert!(is_session_expired(StatusCode::FORBIDDEN, b"Bad_OAuth_Token"));
        assert!(is_session_expired(StatusCode::UNAUTHORIZED, b" "), "the answer to HEAD");
        assert!(!is_session_expired(StatusCode::FORBIDDEN, expired));
        assert!(!is_session_expired(StatusCode::FORBIDDEN, b""));
        assert!(!is_session_expired(StatusCode::OK, soap));
        for other in [&never[..], agent, header, b"<html>INVALID_SESSION_ID"] {
            assert!(!is_session_expired(StatusCode::UNAUTHORIZED, other));
        }
    }

    #[test]
    fn the_newest_version_is_read() {
        let versions = br#"[{"version":"9.0"},{"version":"66.0","label":"x"},{"version":"31.0"}]"#;
        assert_eq!(newest_version(versions), Some(ApiVersion(66)));
        assert_eq!(newest_version(b"[]"), None);
        assert_eq!(
            versions_url(&Url::parse("https://a.my.salesforce.com/").unwrap()).as_str(),
            "https://a.my.salesforce.com/services/data"
        );
    }
}
