//! The private key that signs assertions: from a PEM file's text to an RS256 signature.
//!
//! Salesforce takes RS256 alone, of a key whose certificate the app holds. Source: Salesforce Help, OAuth 2.0 JWT
//! bearer flow. The signature (PKCS #1 v1.5) has no randomness in it: RFC 8017, 8.2.

use super::{Credentials, TokenError};
use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeyPair,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use rustls_pki_types::{PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, pem::PemObject};
use zeroize::Zeroize;

/// What is in a PEM file instead of a key that can sign, by the word after `BEGIN`.
const INSTEAD: &[(&str, &str)] = &[
    ("ENCRYPTED PRIVATE KEY", ENCRYPTED),
    ("EC PRIVATE KEY", NOT_RSA),
    ("DSA PRIVATE KEY", NOT_RSA),
    ("OPENSSH PRIVATE KEY", "is in OpenSSH's own form; `ssh-keygen -p -m PEM -f FILE` converts it, in place"),
    ("CERTIFICATE REQUEST", "is a request for a certificate; the private key is in the file beside it"),
    (
        "CERTIFICATE",
        "is a certificate; that is for the app, the private key that belongs to it is for orgdeck",
    ),
    ("PUBLIC KEY", "is a public key; the private key that belongs to it is needed"),
    ("RSA PUBLIC KEY", "is a public key; the private key that belongs to it is needed"),
];
const ENCRYPTED: &str = "is encrypted with a passphrase; `openssl pkey -in FILE -out PLAIN` decrypts it: keep that file \
     where only you can read it";
const NOT_RSA: &str = "is no RSA key, and Salesforce takes RSA (RS256) alone";
const DAMAGED: &str = "is damaged, or cut";
const TOO_SMALL: &str = "is an RSA key of fewer than 2048 bits, which is too weak";
const NO_PEM: &str = "is no PEM file: it has no line that says -----BEGIN PRIVATE KEY-----";

/// A key, ready to sign.
pub(super) struct Signer(KeyPair);

impl Signer {
    /// The profile's key.
    pub(super) fn of(secrets: &Credentials) -> Result<Self, TokenError> {
        let pem = secrets.private_key.as_ref().ok_or(TokenError::Missing("jwt.private_key_file"))?;
        read(pem.expose()).map(Self).map_err(TokenError::PrivateKey)
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, TokenError> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| TokenError::PrivateKey(DAMAGED))?;
        Ok(signature)
    }
}

/// What is wrong with a PEM file's text as the key that signs, said of "the private key".
pub fn check_private_key(pem: &str) -> Result<(), &'static str> {
    read(pem).map(drop)
}

/// The first private key of the text; what is wrong is said of "the private key".
fn read(pem: &str) -> Result<RsaKeyPair, &'static str> {
    let is_there = |label: &str| labels(pem).any(|found| found == label);
    let parsed = if is_there("PRIVATE KEY") {
        let mut der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| DAMAGED)?;
        let parsed = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der());
        if parsed.is_err() && is_of_another_kind(der.secret_pkcs8_der()) {
            return Err(NOT_RSA);
        }
        der.zeroize();
        parsed
    } else if is_there("RSA PRIVATE KEY") {
        if pem.contains("Proc-Type: 4,ENCRYPTED") {
            return Err(ENCRYPTED);
        }
        let mut der = PrivatePkcs1KeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| DAMAGED)?;
        let parsed = RsaKeyPair::from_der(der.secret_pkcs1_der());
        der.zeroize();
        parsed
    } else {
        let found = INSTEAD.iter().find(|(label, _)| is_there(label));
        return Err(found.map_or(NO_PEM, |(_, says)| says));
    };
    parsed.map_err(|error| if error.to_string() == "TooSmall" { TOO_SMALL } else { DAMAGED })
}

/// The words after `BEGIN`, in the file's order.
fn labels(pem: &str) -> impl Iterator<Item = &str> {
    pem.lines().filter_map(|line| line.trim().strip_prefix("-----BEGIN ")?.strip_suffix("-----"))
}

/// Whether a PKCS #8 key says that it is none for RSA.
fn is_of_another_kind(der: &[u8]) -> bool {
    /// `rsaEncryption`, 1.2.840.113549.1.1.1. Source: RFC 8017, appendix A.
    const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    !der.windows(RSA.len()).any(|part| part == RSA)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use aws_lc_rs::signature::KeyPair as _;

    pub(in super::super) const PKCS8: &str = include_str!("test_keys/pkcs8.pem");
    const PKCS1: &str = include_str!("test_keys/pkcs1.pem");
    const CERTIFICATE: &str = include_str!("test_keys/certificate.pem");

    #[test]
    fn both_forms_are_the_same_key_also_in_company() {
        let key = |pem: &str| read(pem).unwrap().public_key().as_ref().to_vec();
        assert_eq!(key(PKCS8), key(PKCS1));
        assert_eq!(key(&format!("{CERTIFICATE}{PKCS8}")), key(PKCS1), "with its certificate before it");
        assert_eq!(key(&PKCS1.replace('\n', "\r\n")), key(PKCS1));
    }

    #[test]
    fn what_cannot_sign_is_told_apart() {
        let cases = [
            (include_str!("test_keys/encrypted_pkcs8.pem"), "passphrase"),
            (include_str!("test_keys/encrypted_pkcs1.pem"), "passphrase"),
            (CERTIFICATE, "is a certificate"),
            (include_str!("test_keys/public.pem"), "public key"),
            (include_str!("test_keys/ec.pem"), "no RSA key"),
            (include_str!("test_keys/ec_pkcs8.pem"), "no RSA key"),
            (include_str!("test_keys/small.pem"), "fewer than 2048"),
            ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", "ssh-keygen"),
            (&PKCS8[..PKCS8.len() / 2], "damaged"),
            (&PKCS8.replacen("M", "N", 1), "damaged"),
            ("3MVG9", "no PEM file"),
            ("", "no PEM file"),
        ];
        for (pem, says) in cases {
            let Err(error) = read(pem) else { panic!("{says}: it was taken") };
            assert!(error.contains(says), "{says}: {error}");
        }
    }
}
