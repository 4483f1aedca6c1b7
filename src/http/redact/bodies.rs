//! Secrets by their names, in forms, JSON, XML and addresses in pages. All else in a body stays as it is, byte for byte.
//!
//! The scanners take any bytes: what is not well-formed is masked as far as it can be read.

use memchr::{memchr, memchr2, memmem};
use percent_encoding::percent_decode;
use std::borrow::Cow;

/// Which names are secrets' names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// Those that are never anything else.
    Everywhere,
    /// Also those that elsewhere are ordinary words.
    InTokenExchange,
}

/// Lower case. What is a secret is this program's own choice.
///
/// Source of the names: Salesforce Platform APIs collection; Mobile SDK for Android; Salesforce Help, hybrid flows.
pub(super) const ALWAYS: &[&str] = &[
    "access_token",
    "accesstoken",
    "actor_token",
    "assertion",
    "beacon_child_consumer_secret",
    "client_assertion",
    "client_secret",
    "code_verifier",
    "consumer_secret",
    "content_sid",
    "cookie-clientsrc",
    "cookie-sid_client",
    "crsf_token",
    "csrf_token",
    "device_code",
    "frontdoor_uri",
    "id_token",
    "lightning_sid",
    "newpassword",
    "oauth_token",
    "oldpassword",
    "parent_sid",
    "password",
    "private_key",
    "refresh_token",
    "security_token",
    "sessionid",
    "sfdxauthurl",
    "sid",
    "subject_token",
    "visualforce_sid",
];

/// Secrets only where tokens are asked for or handed out.
pub(super) const IN_TOKEN_EXCHANGE: &[&str] = &["code", "otp", "token"];

impl Names {
    fn hold(self, name: &[u8]) -> bool {
        let is = |known: &&str| known.as_bytes().eq_ignore_ascii_case(name);
        ALWAYS.iter().any(&is) || (self == Self::InTokenExchange && IN_TOKEN_EXCHANGE.iter().any(is))
    }
}

/// A body that is JSON, XML or a form by its looks, masked; `None` if nothing in it is a secret by name.
pub(super) fn mask_structured(body: &[u8], names: Names, mask: &str) -> Option<Vec<u8>> {
    match body.trim_ascii_start().first()? {
        b'{' | b'[' => mask_json(body, names, mask),
        b'<' if names == Names::InTokenExchange => {
            let masked = mask_xml(body, names, mask);
            mask_addresses(masked.as_deref().unwrap_or(body), names, mask).or(masked)
        }
        b'<' => mask_xml(body, names, mask),
        _ if names == Names::InTokenExchange => mask_form(body, names, mask),
        _ => None,
    }
}

/// `a=1&password=••••`; `None` if nothing in it is a secret by name.
pub(super) fn mask_form(body: &[u8], names: Names, mask: &str) -> Option<Vec<u8>> {
    let mut edits = Edits::new(body);
    for (value, _) in form_values(body, names) {
        edits.replace(value, mask);
    }
    edits.done()
}

/// The decoded values of the secret fields of a form.
pub(super) fn form_secrets(body: &[u8], names: Names, mut each: impl FnMut(&str)) {
    for (_, value) in form_values(body, names) {
        each(&String::from_utf8_lossy(&unplussed(value)));
    }
}

/// Where the secret fields' values are, and what they are as written.
fn form_values(body: &[u8], names: Names) -> impl Iterator<Item = (std::ops::Range<usize>, &[u8])> {
    body.split(|b| *b == b'&').filter_map(move |pair| {
        let equals = memchr(b'=', pair)?;
        let (name, value) = (&pair[..equals], &pair[equals + 1..]);
        let secret = names.hold(unplussed(name).trim_ascii()) && !value.is_empty();
        let start = value.as_ptr() as usize - body.as_ptr() as usize;
        secret.then_some((start..start + value.len(), value))
    })
}

fn unplussed(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = text.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
    Cow::<[u8]>::from(percent_decode(&spaced)).into_owned()
}

/// `{"access_token": "••••"}`. A value that is no string is left: none of these secrets is one.
fn mask_json(body: &[u8], names: Names, mask: &str) -> Option<Vec<u8>> {
    let mut edits = Edits::new(body);
    let mut at = 0;
    while let Some(found) = memchr(b'"', &body[at..]) {
        let start = at + found + 1;
        let end = string_end(body, start);
        at = (end + 1).min(body.len());
        let colon = skip_blanks(body, at);
        if body.get(colon) != Some(&b':') {
            continue;
        }
        let open = skip_blanks(body, colon + 1);
        if body.get(open) != Some(&b'"') || !names.hold(&unescaped(&body[start..end])) {
            continue;
        }
        let value = open + 1..string_end(body, open + 1);
        at = (value.end + 1).min(body.len());
        if !value.is_empty() {
            let shown = super::shown(&body[value.clone()], mask);
            edits.replace(value, &shown);
        }
    }
    edits.done()
}

/// Where the string that begins at `start` ends: at its closing quote, or at the end of the text.
fn string_end(body: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(found) = body.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        if body[at + found] == b'"' {
            return at + found;
        }
        at += found + 2;
    }
    body.len()
}

fn skip_blanks(body: &[u8], from: usize) -> usize {
    let rest = body.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|b| b.is_ascii_whitespace()).count()
}

/// A name may be written with escapes.
fn unescaped(name: &[u8]) -> Cow<'_, [u8]> {
    if memchr(b'\\', name).is_none() {
        return Cow::Borrowed(name);
    }
    let quoted = [b"\"", name, b"\""].concat();
    serde_json::from_slice::<String>(&quoted)
        .map_or(Cow::Borrowed(name), |text| Cow::Owned(text.into_bytes()))
}

/// `<sessionId>••••</sessionId>`, whatever the prefix.
fn mask_xml(body: &[u8], names: Names, mask: &str) -> Option<Vec<u8>> {
    let mut edits = Edits::new(body);
    let mut at = 0;
    while let Some(found) = memchr(b'<', &body[at..]) {
        let start = at + found + 1;
        at = start;
        let Some(close) = memchr(b'>', &body[start..]) else { break };
        let tag = &body[start..start + close];
        let name_len = tag.iter().take_while(|b| !b.is_ascii_whitespace() && **b != b'/').count();
        let local = tag[..name_len].rsplit(|b| *b == b':').next().unwrap_or_default();
        if tag.ends_with(b"/") || !names.hold(local) {
            continue;
        }
        let value = start + close + 1;
        let end = memmem::find(&body[value..], b"</").map_or(body.len(), |found| value + found);
        at = end;
        if end > value {
            let shown = super::shown(&body[value..end], mask);
            edits.replace(value..end, &shown);
        }
    }
    edits.done()
}

/// `…?code=••••&…`, in an address anywhere in a page.
fn mask_addresses(page: &[u8], names: Names, mask: &str) -> Option<Vec<u8>> {
    let mut edits = Edits::new(page);
    let mut at = 0;
    while let Some(found) = memchr(b'=', &page[at..]) {
        let equals = at + found;
        let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let name = page[at..equals].iter().rev().take_while(is_name).count();
        let value = equals + 1;
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'<>&#)".contains(byte);
        at = page[value..].iter().position(ends).map_or(page.len(), |length| value + length);
        if at > value && names.hold(&page[equals - name..equals]) {
            edits.replace(value..at, mask);
        } else {
            at = value;
        }
    }
    edits.done()
}

/// A text with some of its parts replaced, copied only if there is one.
struct Edits<'a> {
    text: &'a [u8],
    out: Vec<u8>,
    copied: usize,
}

impl<'a> Edits<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self { text, out: Vec::new(), copied: 0 }
    }

    fn replace(&mut self, part: std::ops::Range<usize>, by: &str) {
        self.out.extend_from_slice(&self.text[self.copied..part.start]);
        self.out.extend_from_slice(by.as_bytes());
        self.copied = part.end;
    }

    fn done(mut self) -> Option<Vec<u8>> {
        if self.copied == 0 {
            return None;
        }
        self.out.extend_from_slice(&self.text[self.copied..]);
        Some(self.out)
    }
}
