//! SAML 2.0 assertions: read, and checked as a verifier does that trusts nothing but a certificate.
//!
//! May know XML signatures. May not know apps, users or orgs.
//! Source: SAML 2.0 Core; XML Signature; Canonical XML and Exclusive XML Canonicalization.

mod canonical;
mod signature;
mod tree;

use super::clock::Moment;
use super::keys::PublicKey;
use tree::Element;

/// The namespace of assertions.
const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";

const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/// An assertion, its signature not yet checked.
pub(super) struct Assertion {
    root: Element,
}

impl Assertion {
    /// Reads a document that is an assertion and nothing around it; `None` if it is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        let root = tree::read(text)?;
        let is_assertion = root.is(SAML, "Assertion") && root.attribute("Version") == Some("2.0");
        is_assertion.then_some(Self { root })
    }

    /// Whether the whole of it is signed by this key.
    pub(super) fn is_signed_by(&self, key: &PublicKey) -> bool {
        signature::is_signed_by(&self.root, key)
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.root.attribute("ID")
    }

    pub(super) fn issuer(&self) -> Option<String> {
        Some(self.root.child(SAML, "Issuer")?.text())
    }

    /// The user it is about.
    pub(super) fn name_id(&self) -> Option<String> {
        Some(self.root.child(SAML, "Subject")?.child(SAML, "NameID")?.text())
    }

    /// To whom it may be given, and until when.
    pub(super) fn recipient(&self) -> Option<(&str, Moment)> {
        let confirmations = self.root.child(SAML, "Subject")?.children(SAML, "SubjectConfirmation");
        let bearer = confirmations.filter(|one| one.attribute("Method") == Some(BEARER)).last()?;
        let data = bearer.child(SAML, "SubjectConfirmationData")?;
        Some((data.attribute("Recipient")?, Moment::parse(data.attribute("NotOnOrAfter")?)?))
    }

    /// For whom it was made.
    pub(super) fn audiences(&self) -> Vec<String> {
        let conditions = self.root.child(SAML, "Conditions");
        let restrictions = conditions.into_iter().flat_map(|one| one.children(SAML, "AudienceRestriction"));
        restrictions.flat_map(|one| one.children(SAML, "Audience")).map(Element::text).collect()
    }

    /// From when and until when it holds; either may be left open. `None` if a moment is none.
    pub(super) fn span(&self) -> Option<(Option<Moment>, Option<Moment>)> {
        let conditions = self.root.child(SAML, "Conditions");
        let moment = |name| match conditions.and_then(|one| one.attribute(name)) {
            None => Some(None),
            Some(text) => Moment::parse(text).map(Some),
        };
        Some((moment("NotBefore")?, moment("NotOnOrAfter")?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CERTIFICATE: &str = include_str!("../../../assets/demo/keys/build-server-certificate.pem");
    const OTHER: &str = include_str!("../../../assets/demo/keys/identity-provider-certificate.pem");
    /// Signed by signxml, a library that shares nothing with this one.
    const SIGNED: [&str; 3] = [
        include_str!("fixtures/exclusive_sha256.xml"),
        include_str!("fixtures/exclusive_odd.xml"),
        include_str!("fixtures/inclusive_sha1.xml"),
    ];

    #[test]
    fn what_another_library_signed_is_believed() {
        let [key, other] = [CERTIFICATE, OTHER].map(|pem| PublicKey::of_certificate(pem).unwrap());
        for (place, text) in SIGNED.iter().enumerate() {
            let assertion = Assertion::read(text).unwrap();
            assert!(assertion.is_signed_by(&key), "{place}");
            assert!(!assertion.is_signed_by(&other), "{place}");
        }
    }

    #[test]
    fn whatever_is_changed_breaks_the_signature() {
        let key = PublicKey::of_certificate(CERTIFICATE).unwrap();
        let text = SIGNED[0];
        for (from, to) in [
            ("ada@", "eve@"),
            ("10:05:00Z\" Recipient", "23:05:00Z\" Recipient"),
            ("Version=\"2.0\"", "Version=\"2.0\" x=\"1\""),
            ("<saml2:Subject>", "<saml2:Subject> "),
            ("<ds:SignedInfo>", "<ds:SignedInfo> "),
            ("URI=\"#_a1\"", "URI=\"#_a2\""),
            ("#rsa-sha256", "#rsa-sha1"),
            ("xmlenc#sha256", "xmlenc#sha512"),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text, "{from}");
            let believed = Assertion::read(&changed).is_some_and(|one| one.is_signed_by(&key));
            assert!(!believed, "{from}");
        }
        // A signed assertion inside another one vouches for nothing but itself.
        let inner = text.split_once("?>").unwrap().1.trim();
        let wrapped =
            format!("<a:Assertion xmlns:a=\"{SAML}\" Version=\"2.0\" ID=\"_a1\">{inner}</a:Assertion>");
        assert!(!Assertion::read(&wrapped).unwrap().is_signed_by(&key));
        let blanks_between_attributes = text.replacen(" Version=", "   Version=", 1);
        assert!(
            Assertion::read(&blanks_between_attributes).unwrap().is_signed_by(&key),
            "writing alone may differ"
        );
    }

    #[test]
    fn an_assertion_tells_what_it_says() {
        let assertion = Assertion::read(SIGNED[0]).unwrap();
        assert_eq!(assertion.issuer().as_deref(), Some("ISSUER"));
        assert_eq!(assertion.name_id().as_deref(), Some("ada@nordlicht.example"));
        let end = Moment::parse("2026-02-03T10:05:00Z").unwrap();
        assert_eq!(assertion.recipient(), Some(("https://login.salesforce.com/services/oauth2/token", end)));
        assert_eq!(assertion.audiences(), ["https://login.salesforce.com"]);
        assert_eq!(assertion.span(), Some((Moment::parse("2026-02-03T10:00:00Z"), Some(end))));
        assert!(Assertion::read("<Assertion/>").is_none());
    }
}
