//! PKCE: the proof that a code is exchanged by whoever asked for it.
//!
//! Source: RFC 7636. Salesforce takes a challenge for S256 whether or not the method is named (jsforce, sfdx-core and
//! the Mobile SDK name none).

use super::Nonces;
use aws_lc_rs::digest;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// The verifier of this login: 43 characters.
pub(super) fn verifier(nonces: &Nonces) -> Zeroizing<String> {
    Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(nonces.verifier))
}

/// The challenge that goes with it.
pub(super) fn challenge(nonces: &Nonces) -> String {
    let hash = digest::digest(&digest::SHA256, verifier(nonces).as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: RFC 7636, Appendix B.
    #[test]
    fn the_example_of_the_rfc_holds() {
        let verifier_bytes = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105,
            214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
        ];
        let nonces = Nonces { verifier: verifier_bytes, ..Nonces::default() };
        assert_eq!(*verifier(&nonces), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge(&nonces), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
