//! The only maker of [`Redacted`]: takes secrets out of everything that is kept or shown of an exchange.
//!
//! Three nets, one behind the other. By place: `Authorization`, session cookies, credentials in a URL. By name:
//! the fields that OAuth, SOAP and the REST API call secrets, in queries, forms, JSON and XML. By value: what is
//! known to be a secret, wherever it turns up, also encoded, for servers that echo it.

mod bodies;
mod text;

use super::{Body, Purpose, Redacted, RequestBody, RequestRecord, RequestSpec};
use crate::secrets::Secret;
use base64::{Engine, prelude::BASE64_STANDARD};
use bodies::{Names, mask_form, mask_structured};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use memchr::memmem;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::borrow::Cow;
use url::Url;
use zeroize::Zeroizing;

pub use text::{mask_header_text, mask_text};

/// What stands for a secret.
pub const MASK: &str = "••••";

/// The same in a URL, where dots like those would be percent-encoded.
const URL_MASK: &str = "****";

/// A shorter value is not looked for by value: it would black out innocent text. By place and name it is masked.
const SHORTEST_SOUGHT: usize = 4;

/// Masks one exchange: knows what it is for and which secrets travel in it. No `Debug`: it holds them.
pub struct Masker {
    names: Names,
    sought: Vec<Zeroizing<Vec<u8>>>,
}

impl Masker {
    /// For an exchange of this purpose, with the secrets that are known and those that `spec` carries.
    pub fn new(spec: &RequestSpec, purpose: Purpose, known: &[Secret]) -> Self {
        let names = if purpose == Purpose::Token || hands_out_tokens(&spec.url) {
            Names::InTokenExchange
        } else {
            Names::Everywhere
        };
        let mut masker = Self { names, sought: Vec::new() };
        for secret in known {
            masker.seek(secret.expose());
        }
        masker.seek_credentials(&spec.headers);
        if let RequestBody::Bytes(body) = &spec.body
            && is_form(&spec.headers)
        {
            bodies::form_secrets(body, names, |value| masker.seek(value));
        }
        if let Some(query) = spec.url.query() {
            bodies::form_secrets(query.as_bytes(), names, |value| masker.seek(value));
        }
        // The longest first: a part of a secret must not be masked before the whole is.
        masker.sought.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        masker.sought.dedup();
        masker
    }

    /// What goes out, masked.
    pub fn request(&self, spec: &RequestSpec) -> RequestRecord {
        RequestRecord {
            method: spec.method.clone(),
            url: self.url(&spec.url),
            headers: self.headers(&spec.headers),
            body: Redacted(match &spec.body {
                RequestBody::Empty => Bytes::new(),
                RequestBody::Bytes(body) if is_form(&spec.headers) => {
                    self.sweep(mask_form(body, self.names, MASK).map_or_else(|| body.clone(), Bytes::from))
                }
                RequestBody::Bytes(body) => self.structured(body.clone()),
            }),
        }
    }

    /// Headers of either direction, masked.
    pub fn headers(&self, headers: &HeaderMap) -> Redacted<HeaderMap> {
        let mut masked = HeaderMap::with_capacity(headers.len());
        for (name, value) in headers {
            let text = mask_header(name, &String::from_utf8_lossy(value.as_bytes())).map(String::into_bytes);
            let bytes = self.swept(text.as_deref().unwrap_or(value.as_bytes()), MASK).or(text);
            let value = match bytes {
                Some(bytes) => {
                    HeaderValue::from_bytes(&bytes).unwrap_or_else(|_| HeaderValue::from_static("(masked)"))
                }
                None => value.clone(),
            };
            masked.append(name, value);
        }
        Redacted(masked)
    }

    /// A URL, masked.
    pub fn url(&self, url: &Url) -> Redacted<Url> {
        let mut masked = url.clone();
        if masked.password().is_some() {
            let _ = masked.set_password(Some(URL_MASK)); // fails only where there can be none
        }
        let text = mask_link(masked.as_str(), self.names, URL_MASK);
        let text = self
            .swept(text.as_bytes(), URL_MASK)
            .map_or(text.clone(), |bytes| Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()));
        Redacted(Url::parse(&text).unwrap_or_else(|_| {
            masked.set_path("/");
            masked.set_query(Some(URL_MASK));
            masked.set_fragment(None);
            masked
        }))
    }

    /// The body of the answer. Its fields are looked at only where tokens are handed out; elsewhere it is the
    /// org's data, in which only known secrets are masked.
    pub fn reply_body(&self, body: Bytes) -> Body {
        Body(match self.names {
            Names::InTokenExchange => self.structured(body),
            Names::Everywhere => self.sweep(body),
        })
    }

    fn structured(&self, body: Bytes) -> Bytes {
        self.sweep(mask_structured(&body, self.names, MASK).map_or(body, Bytes::from))
    }

    fn sweep(&self, body: Bytes) -> Bytes {
        self.swept(&body, MASK).map_or(body, Bytes::from)
    }

    /// The text without the known secrets; `None` if none is in it.
    fn swept(&self, text: &[u8], mask: &str) -> Option<Vec<u8>> {
        let mut changed: Option<Vec<u8>> = None;
        for secret in &self.sought {
            let now = changed.as_deref().unwrap_or(text);
            if let Some(next) = replaced(now, secret, shown(secret, mask).as_bytes()) {
                changed = Some(next);
            }
        }
        changed
    }

    fn seek_credentials(&mut self, headers: &HeaderMap) {
        for name in
            [header::AUTHORIZATION, header::PROXY_AUTHORIZATION, HeaderName::from_static("x-sfdc-session")]
        {
            let Some(value) = headers.get(name).and_then(|v| v.to_str().ok()) else { continue };
            let (scheme, credential) = split_scheme(value);
            self.seek(credential);
            if scheme.eq_ignore_ascii_case("basic") {
                let decoded = BASE64_STANDARD.decode(credential).ok().and_then(|b| String::from_utf8(b).ok());
                if let Some((_, password)) = decoded.as_deref().and_then(|text| text.split_once(':')) {
                    self.seek(password);
                }
            }
        }
    }

    /// Adds a value in the forms in which a server may echo it.
    fn seek(&mut self, secret: &str) {
        if secret.len() < SHORTEST_SOUGHT {
            return;
        }
        let percent = utf8_percent_encode(secret, UNRESERVED).to_string();
        let json = serde_json::to_string(secret).unwrap_or_default();
        let xml = quick_xml::escape::escape(secret);
        let forms = [secret, &percent, &percent.replace("%20", "+"), json.trim_matches('"'), &xml];
        for form in forms {
            self.sought.push(Zeroizing::new(form.as_bytes().to_vec()));
        }
        self.sought.push(Zeroizing::new(percent.to_ascii_lowercase().into_bytes()));
    }
}

/// Everything but letters, digits and `-._~` is encoded in a form or a query.
///
/// Source: RFC 3986, unreserved characters.
pub const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A header's value as text; the masks are not ASCII, and some servers' values are not either.
pub fn header_text(value: &HeaderValue) -> Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
}

/// What may be shown of a secret: of an opaque access token the org's id before the `!`, else nothing.
pub fn masked(secret: &Secret) -> String {
    shown(secret.expose().as_bytes(), MASK)
}

fn shown(secret: &[u8], mask: &str) -> String {
    match org_of(secret) {
        Some(org) => format!("{org}!{mask}"),
        None => mask.to_owned(),
    }
}

/// The first 15 characters of an opaque access token.
///
/// Source: the Salesforce CLI's token pattern: `00D`, 12 more characters of the org's id (15 where it is the long
/// form), `!`.
fn org_of(secret: &[u8]) -> Option<&str> {
    let at = memchr::memchr(b'!', secret.get(..19).unwrap_or(secret))?;
    let id = std::str::from_utf8(&secret[..at]).ok()?;
    let fits =
        id.starts_with("00D") && matches!(id.len(), 15 | 18) && id.bytes().all(|b| b.is_ascii_alphanumeric());
    fits.then(|| &id[..15])
}

/// Whether a URL's answers carry tokens, whoever asks.
fn hands_out_tokens(url: &Url) -> bool {
    ["/services/oauth2/", "/services/a360/token", "/services/Soap/", "/services/auth/"]
        .iter()
        .any(|path| url.path().contains(path))
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|v| v.as_bytes().to_ascii_lowercase().starts_with(b"application/x-www-form-urlencoded"))
}

/// A header's value masked by what the header is; `None` if it is not one that holds secrets.
fn mask_header(name: &HeaderName, value: &str) -> Option<String> {
    match name.as_str() {
        "authorization" | "proxy-authorization" | "x-sfdc-session" => {
            let (scheme, credential) = split_scheme(value);
            let gap = if scheme.is_empty() { "" } else { " " };
            Some(format!("{scheme}{gap}{}", shown(credential.as_bytes(), MASK)))
        }
        "cookie" => Some(value.split(';').map(mask_cookie).collect::<Vec<_>>().join(";")),
        "set-cookie" => {
            let (cookie, attributes) = value.split_at(value.find(';').unwrap_or(value.len()));
            Some(format!("{}{attributes}", mask_cookie(cookie)))
        }
        "location" | "content-location" | "refresh" | "referer" | "link" => {
            Some(mask_link(value, Names::InTokenExchange, URL_MASK).into_owned())
        }
        other
            if ["secret", "password", "api-key", "apikey", "-token"]
                .iter()
                .any(|word| other.contains(word)) =>
        {
            Some(MASK.to_owned())
        }
        _ => None,
    }
}

/// `Bearer 00D…` into its two words; a value that is one word is all credential.
fn split_scheme(value: &str) -> (&str, &str) {
    value
        .trim()
        .split_once(' ')
        .map_or(("", value.trim()), |(scheme, credential)| (scheme, credential.trim()))
}

fn mask_cookie(cookie: &str) -> String {
    let Some((name, _)) = cookie.split_once('=') else { return cookie.to_owned() };
    let lower = name.to_ascii_lowercase();
    if ["sid", "token", "csrf", "oauth", "clientsrc", "session"].iter().any(|word| lower.contains(word)) {
        format!("{name}={MASK}")
    } else {
        cookie.to_owned()
    }
}

/// A URL or a reference to one, its query and fragment masked by name.
fn mask_link<'a>(link: &'a str, names: Names, mask: &str) -> Cow<'a, str> {
    let Some(at) = link.find(['?', '#']) else { return Cow::Borrowed(link) };
    let mut out = link[..at].to_owned();
    let mut rest = &link[at..];
    while let Some(mark) = rest.chars().next() {
        let part = &rest[1..];
        let end = part.find(['?', '#']).unwrap_or(part.len());
        out.push(mark);
        let masked = mask_form(&part.as_bytes()[..end], names, mask);
        out.push_str(&masked.map_or(Cow::Borrowed(&part[..end]), |bytes| {
            Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
        }));
        rest = &part[end..];
    }
    Cow::Owned(out)
}

/// Every occurrence replaced; `None` if there is none.
fn replaced(text: &[u8], needle: &[u8], by: &[u8]) -> Option<Vec<u8>> {
    let finder = memmem::Finder::new(needle);
    let mut found = finder.find_iter(text).peekable();
    found.peek()?;
    let mut out = Vec::with_capacity(text.len());
    let mut copied = 0;
    for at in found {
        out.extend_from_slice(&text[copied..at]);
        out.extend_from_slice(by);
        copied = at + needle.len();
    }
    out.extend_from_slice(&text[copied..]);
    Some(out)
}

#[cfg(test)]
mod tests;
