//! An error as it was seen somewhere else, in words: what `orgdeck explain` is given, and what a case of the corpus has.

use super::{
    Explained,
    facts::{Asked, Facts, Known, LARGEST_BODY, Place},
    rules::Rules,
};
use crate::{
    config::{Environment, Flow},
    format,
    salesforce::error::{ApiError, FailedPart, Seen, name_requests, seen},
    secrets::Shape,
};
use std::borrow::Cow;
use url::Url;

/// What was seen and told of an error. All but the text may be missing.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Where it came from.
    pub place: Option<Place>,
    /// The HTTP status, where the text does not have it.
    pub status: Option<u16>,
    /// By which flow a token was asked for.
    pub flow: Option<Flow>,
    /// The host where one logs in, bare or as a URL.
    pub login_host: Option<String>,
    /// The username.
    pub username: Option<String>,
    /// `METHOD PATH-or-URL`, or the address alone.
    pub request: Option<String>,
    /// `Name: value` of the request; also of the answer, as far as a name belongs to answers alone.
    pub request_headers: Vec<String>,
    /// The request's body.
    pub request_body: String,
    /// `Name: value` of the answer.
    pub headers: Vec<String>,
    /// What a person adds.
    pub note: String,
    /// The error itself, of any shape.
    pub text: String,
    /// What is known beside it.
    pub known: Known,
}

impl Told {
    /// Each error that was seen, with its causes.
    pub fn explain(&self, rules: &Rules, start: &Facts) -> Vec<Explained> {
        let mut seen = seen(&self.text);
        let facts = self.facts(&seen, start);
        name_requests(&mut seen.parts, self.request_body.as_bytes());
        explained(rules, &facts, &seen.errors, &seen.parts)
    }

    /// The facts without the error itself, on top of those of a profile.
    fn facts(&self, seen: &Seen, start: &Facts) -> Facts {
        let mut facts = start.clone();
        let known = &mut facts.known;
        if self.known != Known::default() {
            *known = self.known.clone();
        }
        facts.place = self.place.or_else(|| is_soap(&self.text).then_some(Place::Soap));
        facts.status = self.status.or(seen.status);
        facts.page.clone_from(&seen.page);
        facts.flow = self.flow.or(facts.flow);
        if let Some(url) = self.login_host.as_deref().and_then(url_of) {
            facts.login = Some(url);
        }
        if let Some(username) = &self.username {
            if Shape::of(username).contains(&Shape::Blank) {
                facts.known.username_shape = Shape::of(username);
            }
            facts.username = Some(username.trim().to_owned());
        }
        if let Some(environment) = self.known.environment.as_deref().and_then(Environment::parse) {
            facts.environment = Some(environment);
        }
        facts.note.clone_from(&self.note);
        self.take_request(seen, &mut facts);
        facts.take_form();
        let of_reply = self.headers.iter().filter_map(|line| header(line));
        facts.reply = of_reply.collect();
        facts.reply.extend(seen.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())));
        let mine = self.request_headers.iter().filter_map(|line| header(line));
        facts.reply.extend(mine.filter(|(name, _)| belongs_to_answers(name)));
        facts
    }

    fn take_request(&self, seen: &Seen, facts: &mut Facts) {
        let split = |line: &String| match line.trim().split_once(char::is_whitespace) {
            Some((method, target)) if method.bytes().all(|b| b.is_ascii_alphabetic()) => {
                (method.to_ascii_uppercase(), target.trim().to_owned())
            }
            _ => (String::new(), line.trim().to_owned()),
        };
        let line = self.request.as_ref().map(split).or_else(|| seen.request.clone());
        let lines = self.request_headers.iter().filter_map(|line| raw_header(line));
        let lines = lines.filter(|(name, _)| !belongs_to_answers(name));
        let dumped = seen.request_headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone()));
        let headers: Vec<(String, String)> = lines.chain(dumped).collect();
        if line.is_none() && headers.is_empty() && self.request_body.is_empty() {
            return;
        }
        let (method, target) = line.unwrap_or_default();
        let body = format::beginning(&self.request_body, LARGEST_BODY).to_owned();
        let mut asked = Asked { method, knows_body: !body.is_empty(), body, ..Asked::default() };
        match Url::parse(&target) {
            Ok(url) if url.has_host() => {
                asked.host = url.host_str().map(str::to_owned);
                let at = target.find(url.host_str().unwrap_or_default()).unwrap_or_default();
                asked.path = target[at..]
                    .find('/')
                    .map_or_else(|| "/".to_owned(), |start| target[at + start..].to_owned());
            }
            _ => asked.path = target,
        }
        for (name, value) in headers {
            if name == "authorization" || name == "x-sfdc-session" {
                facts.known.look_at_token(&value);
            }
            if name == "host" && asked.host.is_none() {
                asked.host = Some(value.trim().to_owned());
            }
            let value = if name.contains("auth") || name == "x-sfdc-session" {
                scheme_of(&value).into_owned()
            } else {
                value
            };
            asked.headers.push((name, value));
        }
        facts.asked = Some(asked);
    }
}

impl Known {
    /// What an `Authorization` header's value shows of its token.
    pub(super) fn look_at_token(&mut self, value: &str) {
        let token = value.trim_start();
        let token = ["Bearer", "bearer", "BEARER", "OAuth"].iter().fold(token, |token, scheme| {
            token.strip_prefix(scheme).unwrap_or(token).trim_start_matches([':', ' '])
        });
        if token.trim().is_empty() || token.starts_with("Basic") {
            return;
        }
        let mut shapes = Shape::of(token);
        // An elided token in a report is no token that was cut.
        if token.contains("...") || token.contains('…') || token.contains('*') || token.contains('•') {
            shapes.retain(|shape| *shape != Shape::Cut);
        }
        self.token_shape = shapes;
        if self.token_org.is_none() {
            let org = token.trim_matches(['"', '\'']).split('!').next().unwrap_or_default();
            let is_id = org.starts_with("00D") && (org.len() == 15 || org.len() == 18);
            self.token_org = is_id.then(|| org.to_owned());
        }
    }
}

/// More errors than these are not explained one by one.
const MOST: usize = 50;

/// Each error with its causes; parts that were only halted share one, which stands behind those that failed.
pub(super) fn explained(
    rules: &Rules,
    facts: &Facts,
    errors: &[ApiError],
    parts: &[FailedPart],
) -> Vec<Explained> {
    let whole = |error: &ApiError| Explained::of(rules, facts.clone(), error.clone());
    let part = |part: &FailedPart| {
        let facts = Facts { status: part.status.or(facts.status), is_part: true, ..facts.clone() };
        Explained { reference: part.reference.clone(), ..Explained::of(rules, facts, part.error.clone()) }
    };
    let (halted, failed): (Vec<_>, Vec<_>) = parts.iter().partition(|part| part.is_halted());
    let mut all: Vec<Explained> = errors.iter().take(MOST).map(whole).collect();
    all.sort_by_key(|explained| explained.error.is_halted());
    all.extend(failed.into_iter().take(MOST).map(part));
    all.extend(halted.into_iter().take(1).map(part));
    if all.is_empty() {
        all.push(whole(&ApiError::default()));
    }
    all
}

/// What an `Authorization` header shows without its token: scheme, and the blanks around it.
fn scheme_of(value: &str) -> Cow<'_, str> {
    let (blanks, rest) = value.split_at(value.len() - value.trim_start().len());
    let end =
        rest.char_indices().find(|(at, c)| !(c.is_ascii_alphabetic() || (*at > 0 && matches!(c, ':' | ' '))));
    let end = end.map_or(rest.len(), |(at, _)| at);
    let words = ["bearer", "oauth", "basic"];
    let lower = rest[..end].to_ascii_lowercase();
    if !words.iter().any(|word| lower.starts_with(word)) {
        return "…".into();
    }
    // Keep nothing of a token that begins with letters: only the schemes and what stands between them.
    let mut kept = 0;
    let mut left = lower.as_str();
    loop {
        let skipped = left.len() - left.trim_start_matches([':', ' ']).len();
        match words.iter().find(|word| left[skipped..].starts_with(**word)) {
            Some(word) => {
                kept += skipped + word.len();
                left = &left[skipped + word.len()..];
            }
            None => break kept += skipped,
        }
    }
    format!("{blanks}{}…", &rest[..kept]).into()
}

fn url_of(host: &str) -> Option<Url> {
    let host = host.trim();
    if host.contains("://") { Url::parse(host).ok() } else { Url::parse(&format!("https://{host}")).ok() }
}

/// Name in lower case, and the value without the blank behind the colon: further blanks may be what is wrong.
fn raw_header(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    Some((name.trim().to_lowercase(), value.strip_prefix(' ').unwrap_or(value).to_owned()))
}

fn header(line: &str) -> Option<(String, String)> {
    raw_header(line).map(|(name, value)| (name, value.trim().to_owned()))
}

/// Headers that only answers have. `Date` may be a request's, which nobody tells.
fn belongs_to_answers(name: &str) -> bool {
    matches!(
        name,
        "date"
            | "retry-after"
            | "allow"
            | "location"
            | "sforce-limit-info"
            | "sforce-server-version-warning"
            | "www-authenticate"
            | "server"
            | "warning"
    )
}

fn is_soap(text: &str) -> bool {
    ["faultcode", "faultstring", ":Fault>", "<Fault>"].iter().any(|mark| text.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_authorization_header_only_the_scheme_stays() {
        for (value, kept) in [
            ("Bearer 00Dxx!AQ", "Bearer …"),
            ("Bearer: 00Dxx!AQ", "Bearer: …"),
            ("Bearer  00D", "Bearer  …"),
            ("Bearer Bearer abc", "Bearer Bearer …"),
            ("00Dxx!secret", "…"),
            ("secretletters", "…"),
            ("Bearerabcdef", "Bearer…"),
        ] {
            assert_eq!(scheme_of(value), kept);
        }
    }

    #[test]
    fn a_header_of_the_answer_is_none_of_the_request() {
        let told = Told { request_headers: vec!["Retry-After: 30".into()], ..Told::default() };
        let facts = told.facts(&Seen::default(), &Facts::default());
        assert_eq!(facts.reply_header("retry-after"), Some("30"));
        assert!(facts.asked.is_none(), "a request without Authorization would be one");
    }

    #[test]
    fn a_body_that_nobody_told_is_not_an_empty_one() {
        let asked = |headers: &[&str]| {
            let told = Told {
                request: Some("post https://acme.my.salesforce.com/services/data".into()),
                request_headers: headers.iter().map(ToString::to_string).collect(),
                ..Told::default()
            };
            told.facts(&Seen::default(), &Facts::default()).asked.unwrap()
        };
        assert!(!asked(&[]).has_no_body() && asked(&["Content-Length: 0"]).has_no_body());
    }

    #[test]
    fn a_header_shows_what_its_token_is() {
        let mut known = Known::default();
        known.look_at_token("Bearer 00Dxx0000001gPL!AQEAQ\nrest");
        assert_eq!(known.token_org.as_deref(), Some("00Dxx0000001gPL"));
        assert!(known.token_shape.contains(&Shape::Blank));
        known.look_at_token("Bearer 00D...");
        assert!(!known.token_shape.contains(&Shape::Cut));
    }
}
