//! RSA keys and certificates in PEM: what checks signatures, and what signs the orgs' own tokens.
//!
//! May know DER and RSA. May not know what is signed.
//! Its own reading of certificates, so that the orgs cannot share a client's mistakes.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{self, KeyPair as _, RsaParameters, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// How the message of a signature is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
}

/// An RSA public key: the DER of its modulus and exponent (PKCS #1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PublicKey(Vec<u8>);

impl PublicKey {
    /// The key of an X.509 certificate in PEM; `None` if it is none, or its key is not RSA.
    ///
    /// Source: RFC 5280, sections 4.1 and 4.1.2.7; RFC 8017, appendix A.1.1.
    pub(super) fn of_certificate(pem: &str) -> Option<Self> {
        let der = pem_block(pem, "CERTIFICATE")?;
        let (certificate, _) = expect(&der, SEQUENCE)?;
        let (to_be_signed, _) = expect(certificate, SEQUENCE)?;
        // The version is there in all but the oldest, then serial number, algorithm, issuer, validity, subject.
        let mut rest = match element(to_be_signed)? {
            (VERSION, _, rest) => rest,
            _ => to_be_signed,
        };
        for _ in 0..5 {
            rest = element(rest)?.2;
        }
        let (key_info, _) = expect(rest, SEQUENCE)?;
        let (algorithm, rest) = expect(key_info, SEQUENCE)?;
        let (bits, _) = expect(rest, BIT_STRING)?;
        let is_rsa = expect(algorithm, OBJECT_ID)?.0 == RSA_ENCRYPTION;
        (is_rsa && bits.first() == Some(&0)).then(|| Self(bits[1..].to_vec()))
    }

    /// Whether the signature (PKCS #1 v1.5) is this key's.
    pub(super) fn signed(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        let algorithm: &'static RsaParameters = match hash {
            Hash::Sha1 => &signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        };
        UnparsedPublicKey::new(algorithm, &self.0).verify(message, signature).is_ok()
    }

    /// Modulus and exponent, as a JSON Web Key has them: big-endian, without leading zeros.
    pub(super) fn numbers(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        let (numbers, _) = expect(&self.0, SEQUENCE)?;
        let (modulus, rest) = expect(numbers, INTEGER)?;
        let (exponent, _) = expect(rest, INTEGER)?;
        let plain = |number: &[u8]| number.strip_prefix(&[0]).unwrap_or(number).to_vec();
        Some((plain(modulus), plain(exponent)))
    }
}

/// An RSA private key. Its `Debug` shows the public half.
#[derive(Debug)]
pub(super) struct PrivateKey(KeyPair);

impl PrivateKey {
    /// A key in PEM (PKCS #8, not encrypted).
    pub(super) fn of_pem(pem: &str) -> Option<Self> {
        KeyPair::from_pkcs8(&pem_block(pem, "PRIVATE KEY")?).ok().map(Self)
    }

    /// Signs with PKCS #1 v1.5 and SHA-256; empty if the system has no randomness.
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut made = vec![0; self.0.public_modulus_len()];
        match self.0.sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut made) {
            Ok(()) => made,
            Err(_) => Vec::new(),
        }
    }

    pub(super) fn public(&self) -> PublicKey {
        PublicKey(self.0.public_key().as_ref().to_vec())
    }
}

/// The bytes of the first block of that label.
fn pem_block(text: &str, label: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    STANDARD.decode(body.split_whitespace().collect::<String>()).ok()
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OBJECT_ID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xA0;
/// 1.2.840.113549.1.1.1
const RSA_ENCRYPTION: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];

/// Takes a DER element apart: its tag, its content, what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7F => (usize::from(first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
            (bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

fn expect(der: &[u8], wanted: u8) -> Option<(&[u8], &[u8])> {
    let (tag, content, rest) = element(der)?;
    (tag == wanted).then_some((content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: &str = include_str!("../../assets/demo/keys/build-server-key.pem");
    const CERTIFICATE: &str = include_str!("../../assets/demo/keys/build-server-certificate.pem");

    #[test]
    fn a_certificate_holds_the_public_half_of_its_key() {
        let (key, public) =
            (PrivateKey::of_pem(KEY).unwrap(), PublicKey::of_certificate(CERTIFICATE).unwrap());
        assert_eq!(key.public(), public);
        let signature = key.sign(b"message");
        assert!(public.signed(Hash::Sha256, b"message", &signature));
        assert!(!public.signed(Hash::Sha256, b"massage", &signature));
        assert!(!public.signed(Hash::Sha1, b"message", &signature));
        let (modulus, exponent) = public.numbers().unwrap();
        assert_eq!((modulus.len(), exponent), (256, vec![1, 0, 1]));
        assert_eq!(PublicKey::of_certificate(KEY), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----", STANDARD.encode(&bytes));
            let _ = (PublicKey::of_certificate(&pem), PublicKey(bytes).numbers());
        }
    }
}
