//! JWT bearer flow: an assertion that the app's own key has signed, for a user who was approved before.
//!
//! Source: Salesforce Help, OAuth 2.0 JWT bearer flow; RFC 7523.

use super::{
    Asking, Step, TokenError, Way, assertion, needed,
    private_key::Signer,
    request::{Form, form_request, login_host},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use std::time::SystemTime;
use zeroize::Zeroizing;

/// The assertion names app and user, so neither key nor secret is sent beside it. It has no `jti`: it is made anew
/// for every request.
pub(super) struct JwtBearer;

impl Way for JwtBearer {
    fn begin(&mut self, asking: &Asking<'_>, now: SystemTime) -> Result<Step, TokenError> {
        let url = super::request::endpoint(login_host(asking)?, "token");
        let mut form = Form::grant("urn:ietf:params:oauth:grant-type:jwt-bearer");
        form.push("assertion", &signed(asking, now)?);
        Ok(Step::Ask(Box::new(form_request(url, &form))))
    }
}

fn signed(asking: &Asking<'_>, now: SystemTime) -> Result<Zeroizing<String>, TokenError> {
    let profile = asking.profile;
    let claims = serde_json::json!({
        "iss": needed(profile.consumer_key.as_deref(), "consumer_key")?.trim(),
        "sub": needed(profile.username.as_deref(), "username")?.trim(),
        "aud": assertion::audience(profile),
        "exp": assertion::seconds(assertion::end(now)),
    });
    let part = |text: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(text);
    let mut jwt =
        Zeroizing::new(format!("{}.{}", part(br#"{"alg":"RS256"}"#), part(claims.to_string().as_bytes())));
    let signature = Signer::of(asking.secrets)?.sign(jwt.as_bytes())?;
    jwt.push('.');
    jwt.push_str(&part(&signature));
    Ok(jwt)
}

#[cfg(test)]
mod tests {
    use super::super::{private_key::tests::PKCS8, tests::*, *};
    use crate::{config::Jwt, salesforce::tests::profile};
    use std::time::UNIX_EPOCH;

    /// Made of the same header and claims by `openssl dgst -sha256 -sign pkcs8.pem` (OpenSSL 3.0), base64url by `tr`.
    const BY_OPENSSL: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIzTVZHOWtleSIsInN1YiI6ImFkYUBhY21lLmNvbSIsImF1ZCI6Imh0dHBz\
        Oi8vbG9naW4uc2FsZXNmb3JjZS5jb20iLCJleHAiOjE3NTQ2MzIxNTB9.X9GnSbh_qthgmDa0ZN1EPo-kBiT4TkIeQTn8ZRn5_w0vHtZVFPH8\
        v5yU3BYEZqSoG7gdXyqJAk-dPeW_UaMeq2_gBoUX04GU1X6QjYysneK0LF2FpBVd6RJoY2XcDrx18vXyQNPxPZLxGbYK1dyg8rdmACNO3WO0\
        qP8fX6TX-I5ZJKKGIb3xoGi9TVmHVbQLtOupQ0xTHkFHuruWyjfJLeESIhDP9EqvYZAkfBMYwItNP_YXPpcN83CgWT5npIukYG-ULOai2BAi\
        x2SyCY7-1LLK8OXpe7cX40or5CWQiiGUIlAdoPVFhqJQcG_5curdXsfEDD21svIN2DfE4nv-pQ";

    fn asked(profile: &Profile, key: Option<&str>) -> Result<RequestSpec, TokenError> {
        let mut secrets = secrets(&[(SecretField::ConsumerSecret, "s3cret")]);
        if let Some(key) = key {
            secrets.put_private_key(Secret::new(key));
        }
        let now = UNIX_EPOCH + Duration::from_secs(1_754_632_000);
        spec(Grant::begin(asking(profile, &secrets), now)?.1)
    }

    fn with_key() -> Profile {
        let jwt = Jwt { private_key_file: Some("/key.pem".into()), audience: None };
        Profile { jwt, ..profile(Flow::JwtBearer) }
    }

    #[test]
    fn the_assertion_is_what_another_tool_makes_of_it() {
        let sent = asked(&with_key(), Some(PKCS8)).unwrap();
        assert_eq!(sent.url.as_str(), "https://login.salesforce.com/services/oauth2/token");
        assert_eq!(
            body(&sent),
            format!(
                "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={BY_OPENSSL}"
            )
        );
        assert!(!sent.headers.contains_key("authorization"));
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(asked(&with_key(), None).err(), Some(TokenError::Missing("jwt.private_key_file")));
        let no_file = Profile { jwt: Jwt::default(), ..with_key() };
        assert_eq!(asked(&no_file, Some(PKCS8)).err(), Some(TokenError::Missing("jwt.private_key_file")));
        let nobody = Profile { username: None, ..with_key() };
        assert_eq!(asked(&nobody, Some(PKCS8)).err(), Some(TokenError::Missing("username")));
        let error = asked(&with_key(), Some("nonsense")).err().unwrap();
        assert!(error.to_string().starts_with("the private key is no PEM file"), "{error}");
    }
}
