//! Proof Key for Code Exchange: a challenge at the beginning, its verifier when the code is exchanged.
//!
//! Source: RFC 7636; jsforce, sfdx-core and the Mobile SDK send no method, and Salesforce takes the challenge as S256.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Refusal;

/// The longest verifier. RFC 7636 ends at 128 characters, but jsforce and with it Salesforce's own CLI send the base64url
/// text of 128 bytes.
const LONGEST: usize = 171;

/// Checks what `authorize` was sent. Texts other than that of a missing challenge are unconfirmed.
pub(super) fn challenge(
    challenge: Option<&str>,
    method: Option<&str>,
    is_required: bool,
) -> Result<Option<String>, Refusal> {
    let invalid = |text| Err(Refusal::new("invalid_request", text));
    match (challenge, method) {
        (None, _) if is_required => invalid("missing required code challenge"),
        (None, _) => Ok(None),
        (Some(_), Some(method)) if method != "S256" => invalid("invalid code challenge method"),
        // The base64url text of 32 bytes.
        (Some(text), _) if text.len() == 43 && URL_SAFE_NO_PAD.decode(text).is_ok() => {
            Ok(Some(text.to_owned()))
        }
        (Some(_), _) => invalid("invalid code challenge"),
    }
}

/// Checks the verifier against the challenge that the code was asked for with.
///
/// Source: Mobile SDK issue 2642 (wrong verifier), sfdx-core issue 166 (unexpected one); the word for a missing one is
/// unconfirmed.
pub(super) fn verify(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), Refusal> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(Refusal::grant("unexpected code verifier")),
        (Some(_), None) => Err(Refusal::grant("missing code verifier")),
        (Some(challenge), Some(verifier)) => {
            let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
            let is_shaped = (43..=LONGEST).contains(&verifier.len())
                && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
            if is_shaped && URL_SAFE_NO_PAD.encode(hash) == challenge {
                Ok(())
            } else {
                Err(Refusal::grant("invalid code verifier"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn a_verifier_must_be_that_of_its_challenge() {
        assert_eq!(verify(Some(CHALLENGE), Some(VERIFIER)), Ok(()));
        assert_eq!(verify(None, None), Ok(()));
        let hashed = |text: &str| URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()));
        let [long, longer] = [171, 172].map(|length| "a".repeat(length));
        assert_eq!(verify(Some(&hashed(&long)), Some(&long)), Ok(()));
        let says = |result: Result<(), Refusal>| result.unwrap_err().description;
        assert_eq!(says(verify(Some(&hashed(&longer)), Some(&longer))), "invalid code verifier");
        assert_eq!(says(verify(Some(CHALLENGE), Some(&VERIFIER.replace('d', "e")))), "invalid code verifier");
        assert_eq!(says(verify(Some(CHALLENGE), Some("short"))), "invalid code verifier");
        assert_eq!(says(verify(Some(CHALLENGE), None)), "missing code verifier");
        assert_eq!(says(verify(None, Some(VERIFIER))), "unexpected code verifier");
    }

    #[test]
    fn a_challenge_is_s256() {
        assert_eq!(challenge(Some(CHALLENGE), None, true), Ok(Some(CHALLENGE.to_owned())));
        assert_eq!(challenge(Some(CHALLENGE), Some("S256"), false), Ok(Some(CHALLENGE.to_owned())));
        assert_eq!(challenge(None, None, false), Ok(None));
        let says = |result: Result<Option<String>, Refusal>| result.unwrap_err().description;
        assert_eq!(says(challenge(None, None, true)), "missing required code challenge");
        assert_eq!(says(challenge(Some(CHALLENGE), Some("plain"), true)), "invalid code challenge method");
        assert_eq!(says(challenge(Some("short"), None, true)), "invalid code challenge");
    }
}
