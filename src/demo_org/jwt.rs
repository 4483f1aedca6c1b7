//! JSON Web Tokens: read, checked and made, with RS256 alone.
//!
//! Source: RFC 7515 and RFC 7519. May not know what the claims mean.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::clock::Moment;
use super::keys::{Hash, PrivateKey, PublicKey};

/// A token taken apart, its signature not yet checked.
pub(super) struct Jwt {
    header: Value,
    pub(super) claims: Value,
    /// Header and claims as they were signed.
    signed: String,
    signature: Vec<u8>,
}

impl Jwt {
    /// Takes a token in compact form apart; `None` if it is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok();
        let object = |part: &str| serde_json::from_slice(&decode(part)?).ok().filter(Value::is_object);
        Some(Self {
            header: object(header)?,
            claims: object(claims)?,
            signed: signed.to_owned(),
            signature: decode(signature)?,
        })
    }

    /// Whether it is signed by this key, with RS256. `none` and every other algorithm are not.
    pub(super) fn is_signed_by(&self, key: &PublicKey) -> bool {
        self.header["alg"] == "RS256" && key.signed(Hash::Sha256, self.signed.as_bytes(), &self.signature)
    }

    /// A claim that is text.
    pub(super) fn text(&self, claim: &str) -> Option<&str> {
        self.claims[claim].as_str()
    }

    /// A moment, in seconds since 1970 as a number or, as some clients send it, as text.
    pub(super) fn moment(&self, claim: &str) -> Option<Moment> {
        let seconds = match &self.claims[claim] {
            Value::String(text) => text.parse().ok(),
            number => number.as_f64(),
        };
        seconds.map(|seconds| Moment((seconds * 1000.0) as i64))
    }

    /// The audiences: one text or several.
    pub(super) fn audiences(&self) -> Vec<&str> {
        match &self.claims["aud"] {
            Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
            one => one.as_str().into_iter().collect(),
        }
    }
}

/// Makes a token that names its key.
pub(super) fn sign(key: &PrivateKey, key_id: &str, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": key_id });
    let signed = format!("{}.{}", encode(&header), encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: &str = include_str!("../../assets/demo/keys/build-server-key.pem");
    const OTHER: &str = include_str!("../../assets/demo/keys/other-key.pem");

    #[test]
    fn a_token_is_believed_for_its_own_key_only() {
        let [key, other] = [KEY, OTHER].map(|pem| PrivateKey::of_pem(pem).unwrap());
        let text = sign(&key, "1", &json!({ "sub": "ada", "exp": "1700000000", "aud": ["x", "y"] }));
        let token = Jwt::read(&text).unwrap();
        assert!(token.is_signed_by(&key.public()) && !token.is_signed_by(&other.public()));
        assert_eq!((token.text("sub"), token.moment("exp")), (Some("ada"), Some(Moment(1_700_000_000_000))));
        assert_eq!((token.audiences(), token.moment("nbf")), (vec!["x", "y"], None));
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = part(json!({ "sub": "eve" }));
        let signature = text.rsplit_once('.').unwrap().1;
        for (header, signature) in [(json!({ "alg": "RS256" }), signature), (json!({ "alg": "none" }), "")] {
            let forged = Jwt::read(&format!("{}.{claims}.{signature}", part(header))).unwrap();
            assert!(!forged.is_signed_by(&key.public()));
        }
    }

    #[test]
    fn the_sample_of_the_standard_is_read() {
        // RFC 7515, appendix A.2: another key's signature, so only its parts are looked at.
        let text = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4h";
        let token = Jwt::read(text).unwrap();
        assert_eq!((token.text("iss"), token.moment("exp")), (Some("joe"), Some(Moment(1_300_819_380_000))));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[A-Za-z0-9._=-]{0,80}") {
            let _ = Jwt::read(&text).map(|token| token.moment("exp"));
        }
    }
}
