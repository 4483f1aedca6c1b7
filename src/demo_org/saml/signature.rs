//! An enveloped XML signature over a whole document, checked against a key that is known beforehand; what the signature
//! says of keys itself is not looked at.
//!
//! Source: XML Signature Syntax and Processing (W3C); SAML 2.0 Core, section 5.4.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::canonical::{self, Method};
use super::tree::Element;
use crate::demo_org::keys::{Hash, PublicKey};

const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// Whether the root carries a signature over all of itself that this key has made.
pub(super) fn is_signed_by(root: &Element, key: &PublicKey) -> bool {
    check(root, key).unwrap_or(false)
}

fn check(root: &Element, key: &PublicKey) -> Option<bool> {
    let signature = root.child(DS, "Signature")?;
    let info = signature.child(DS, "SignedInfo")?;
    let reference = info.child(DS, "Reference")?;
    // It must mean the element that is read afterwards, and no other.
    let id = root.attribute("ID")?;
    let uri = reference.attribute("URI")?;
    if !uri.is_empty() && uri.strip_prefix('#') != Some(id) {
        return Some(false);
    }
    let mut method = Method::Inclusive;
    let mut is_enveloped = false;
    for transform in reference.child(DS, "Transforms")?.children(DS, "Transform") {
        match transform.attribute("Algorithm")? {
            ENVELOPED => is_enveloped = true,
            _ => method = canonicalization(transform)?,
        }
    }
    let content = canonical::write(root, &method, is_enveloped.then_some(signature));
    let algorithm = match reference.child(DS, "DigestMethod")?.attribute("Algorithm")? {
        "http://www.w3.org/2000/09/xmldsig#sha1" => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        "http://www.w3.org/2001/04/xmlenc#sha256" => &digest::SHA256,
        _ => return None,
    };
    if bytes(reference.child(DS, "DigestValue")?)? != digest::digest(algorithm, content.as_bytes()).as_ref() {
        return Some(false);
    }
    let hash = match info.child(DS, "SignatureMethod")?.attribute("Algorithm")? {
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1" => Hash::Sha1,
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" => Hash::Sha256,
        _ => return None,
    };
    let method = canonicalization(info.child(DS, "CanonicalizationMethod")?)?;
    let signed = canonical::write(info, &method, None);
    Some(key.signed(hash, signed.as_bytes(), &bytes(signature.child(DS, "SignatureValue")?)?))
}

fn canonicalization(element: &Element) -> Option<Method> {
    match element.attribute("Algorithm")? {
        INCLUSIVE => Some(Method::Inclusive),
        EXCLUSIVE => {
            let list = element.child(EXCLUSIVE, "InclusiveNamespaces");
            let prefixes = list.and_then(|list| list.attribute("PrefixList")).unwrap_or_default();
            // The default namespace has no prefix to be named by.
            let plain = |prefix: &str| if prefix == "#default" { String::new() } else { prefix.to_owned() };
            Some(Method::Exclusive(prefixes.split_whitespace().map(plain).collect()))
        }
        _ => None,
    }
}

fn bytes(element: &Element) -> Option<Vec<u8>> {
    STANDARD.decode(element.text().split_whitespace().collect::<String>()).ok()
}
