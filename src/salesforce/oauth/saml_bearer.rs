//! SAML bearer flow: a SAML 2.0 assertion that the app's own key has signed, for a user who was approved before.
//!
//! The XML is written in canonical form from the start, so that what is hashed and signed are the bytes themselves and
//! no canonicaliser is needed: attributes sorted, no empty-element tags, namespaces where exclusive canonicalisation
//! puts them. Source: Salesforce Help, OAuth 2.0 SAML bearer assertion flow; RFC 7522; W3C, XML Signature 1.1 and
//! Exclusive XML Canonicalization 1.0.

use super::{
    Asking, Step, TokenError, Way, assertion, needed,
    private_key::Signer,
    request::{Form, endpoint, form_request, login_host},
};
use crate::salesforce::moment;
use aws_lc_rs::digest;
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use std::time::SystemTime;
use url::Url;

/// The assertion names app and user, so neither key nor secret is sent beside it.
pub(super) struct SamlBearer;

impl Way for SamlBearer {
    fn begin(&mut self, asking: &Asking<'_>, now: SystemTime) -> Result<Step, TokenError> {
        let token = endpoint(login_host(asking)?, "token");
        let xml = signed(asking, &token, now)?;
        let mut form = Form::grant("urn:ietf:params:oauth:grant-type:saml2-bearer");
        form.push("assertion", &BASE64_URL_SAFE_NO_PAD.encode(xml));
        form.push("format", "json");
        Ok(Step::Ask(Box::new(form_request(token, &form))))
    }
}

/// The assertion with its signature, which stands behind the issuer as the schema wants it.
fn signed(asking: &Asking<'_>, recipient: &Url, now: SystemTime) -> Result<String, TokenError> {
    let signer = Signer::of(asking.secrets)?;
    let id = id(asking);
    let (head, tail) = assertion_around_signature(asking, recipient, &id, now)?;
    let hash = BASE64_STANDARD.encode(digest::digest(&digest::SHA256, format!("{head}{tail}").as_bytes()));
    let info = signed_info(&id, &hash);
    let signature = BASE64_STANDARD.encode(signer.sign(info.as_bytes())?);
    Ok(format!(
        "{head}<ds:Signature xmlns:ds=\"{DS}\">{info}<ds:SignatureValue>{signature}</ds:SignatureValue></ds:Signature>{tail}"
    ))
}

const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// The assertion before and behind the place of its signature.
fn assertion_around_signature(
    asking: &Asking<'_>,
    recipient: &Url,
    id: &str,
    now: SystemTime,
) -> Result<(String, String), TokenError> {
    let profile = asking.profile;
    let issuer = text(needed(profile.consumer_key.as_deref(), "consumer_key")?.trim());
    let username = text(needed(profile.username.as_deref(), "username")?.trim());
    let audience = text(&assertion::audience(profile));
    let recipient = attribute(recipient.as_str());
    let (now, end) = (moment::print(now), moment::print(assertion::end(now)));
    let head = format!(
        "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"{id}\" IssueInstant=\"{now}\" \
         Version=\"2.0\"><saml:Issuer>{issuer}</saml:Issuer>"
    );
    let tail = [
        "<saml:Subject>",
        &format!(
            "<saml:NameID Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified\">{username}</saml:NameID>"
        ),
        "<saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">",
        &format!(
            "<saml:SubjectConfirmationData NotOnOrAfter=\"{end}\" Recipient=\"{recipient}\"></saml:SubjectConfirmationData>"
        ),
        "</saml:SubjectConfirmation></saml:Subject>",
        &format!("<saml:Conditions NotOnOrAfter=\"{end}\"><saml:AudienceRestriction>"),
        &format!("<saml:Audience>{audience}</saml:Audience>"),
        "</saml:AudienceRestriction></saml:Conditions>",
        &format!("<saml:AuthnStatement AuthnInstant=\"{now}\"><saml:AuthnContext>"),
        "<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef>",
        "</saml:AuthnContext></saml:AuthnStatement></saml:Assertion>",
    ];
    Ok((head, tail.concat()))
}

/// What is signed: how, and the hash of the assertion. It repeats the namespace of its parent, so that it reads the
/// same alone.
fn signed_info(id: &str, hash: &str) -> String {
    let algorithm =
        |element: &str, algorithm: &str| format!("<ds:{element} Algorithm=\"{algorithm}\"></ds:{element}>");
    [
        format!("<ds:SignedInfo xmlns:ds=\"{DS}\">"),
        algorithm("CanonicalizationMethod", EXCLUSIVE),
        algorithm("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
        format!("<ds:Reference URI=\"#{id}\"><ds:Transforms>"),
        algorithm("Transform", "http://www.w3.org/2000/09/xmldsig#enveloped-signature"),
        algorithm("Transform", EXCLUSIVE),
        "</ds:Transforms>".to_owned(),
        algorithm("DigestMethod", "http://www.w3.org/2001/04/xmlenc#sha256"),
        format!("<ds:DigestValue>{hash}</ds:DigestValue></ds:Reference></ds:SignedInfo>"),
    ]
    .concat()
}

/// An id begins with a letter or `_`.
fn id(asking: &Asking<'_>) -> String {
    let hex = asking.nonces.assertion.iter().map(|byte| format!("{byte:02x}"));
    std::iter::once("_".to_owned()).chain(hex).collect()
}

/// A text as canonical XML has it.
fn text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#xD;")
}

/// An attribute's value as canonical XML has it.
fn attribute(text: &str) -> String {
    [("&", "&amp;"), ("<", "&lt;"), ("\"", "&quot;"), ("\t", "&#x9;"), ("\n", "&#xA;"), ("\r", "&#xD;")]
        .iter()
        .fold(text.to_owned(), |text, (c, entity)| text.replace(c, entity))
}

#[cfg(test)]
mod tests {
    use super::super::{private_key::tests::PKCS8, tests::*, *};
    use super::*;
    use crate::{config::Jwt, salesforce::tests::profile};
    use std::time::UNIX_EPOCH;

    fn sent() -> RequestSpec {
        let jwt = Jwt { private_key_file: Some("/key.pem".into()), audience: None };
        let username = Some("ada&<eve>@acme.com".into());
        let profile = Profile { jwt, username, ..profile(Flow::SamlBearer) };
        let mut secrets = secrets(&[]);
        secrets.put_private_key(Secret::new(PKCS8));
        let nonces = Nonces { assertion: [0xa5; 16], ..Nonces::default() };
        let asking = Asking { nonces, ..asking(&profile, &secrets) };
        spec(Grant::begin(asking, UNIX_EPOCH + Duration::from_secs(1_754_632_000)).unwrap().1).unwrap()
    }

    fn xml() -> String {
        let text = body(&sent());
        let assertion = text.split("assertion=").nth(1).unwrap().split('&').next().unwrap();
        String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(assertion).unwrap()).unwrap()
    }

    #[test]
    fn only_the_assertion_is_sent() {
        let (sent, xml) = (sent(), BASE64_URL_SAFE_NO_PAD.encode(xml()));
        assert_eq!(sent.url.as_str(), "https://login.salesforce.com/services/oauth2/token");
        let grant = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Asaml2-bearer";
        assert_eq!(body(&sent), format!("grant_type={grant}&assertion={xml}&format=json"));
        assert!(!sent.headers.contains_key("authorization"));
    }

    /// Of the same assertion, by other tools: lxml 6 canonicalised it and its SignedInfo, OpenSSL 3.0 hashed and signed
    /// them; signxml 5 found the whole valid under the key's certificate.
    const DIGEST: &str = "7Ac3+gSjTpso58LFDLgEYeAnm3U7rRYsjJQcmd9kaXQ=";
    const SIGNATURE: &str = "UzVqxYokYXjRfS7sL22XyeUhAgdIgJS6uwz5OgvHlo5nbC/lBsW0LVFBoGxfCDcsRKOFGsWGJA65xP9dF+icWmAnl9XWI\
        149TASr7AyhYCHvswjQJYEE4D8+oZST9joVLIFk5hwLbwL7HENQSTq8sXC4p8E6Rqe+dTtSIDN9ugFG57R5RqPUzHxDwJ71eclZEnXeicQIy4gw\
        yz860ePIEiznU+PwTEQkH6l4WHuDxbYNQI6fFNSdUCvK6fhyA57fd/RCf5HmqKgNhCzEZkBn466l9mHsoQwGQDyiu4eH9yR6SgccfpfDdfSZ4dMw\
        lHi/n1QkK2E3K0LFf/TfjKTqKw==";

    #[test]
    fn digest_and_signature_are_what_other_tools_make_them() {
        let xml = xml();
        assert!(xml.contains(&format!("<ds:DigestValue>{DIGEST}</ds:DigestValue>")), "{xml}");
        assert!(xml.contains(&format!("<ds:SignatureValue>{SIGNATURE}</ds:SignatureValue>")), "{xml}");
    }

    #[test]
    fn the_assertion_says_who_for_whom_and_how_long() {
        let xml = xml();
        for part in [
            "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5\" \
             IssueInstant=\"2025-08-08T05:46:40Z\" Version=\"2.0\"><saml:Issuer>3MVG9key</saml:Issuer><ds:Signature",
            ">ada&amp;&lt;eve&gt;@acme.com</saml:NameID>",
            " NotOnOrAfter=\"2025-08-08T05:49:10Z\" Recipient=\"https://login.salesforce.com/services/oauth2/token\">",
            "<saml:Conditions NotOnOrAfter=\"2025-08-08T05:49:10Z\">",
            "<saml:Audience>https://login.salesforce.com</saml:Audience>",
        ] {
            assert!(xml.contains(part), "{part}\n{xml}");
        }
    }

    #[test]
    fn what_canonical_xml_writes_otherwise_is_written_so() {
        assert_eq!(text("a & <b> \"c\"\r"), "a &amp; &lt;b&gt; \"c\"&#xD;");
        assert_eq!(attribute("a & <b> \"c\"\t\n\r"), "a &amp; &lt;b> &quot;c&quot;&#x9;&#xA;&#xD;");
    }
}
