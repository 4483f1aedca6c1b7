//! HTTP as tools print it: `curl -i`, `curl -v`, raw messages, lines of access logs.

use crate::http::redact::{mask_header_text, mask_text};
use regex::Regex;
use std::sync::LazyLock;

/// An exchange as far as it was printed, and the texts that are left of it.
#[derive(Default)]
pub(super) struct Dump {
    pub(super) status: Option<u16>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) request: Option<(String, String)>,
    pub(super) request_headers: Vec<(String, String)>,
    /// What follows the head of the last answer; `None` if there is no such head.
    pub(super) body: Option<String>,
    /// All else.
    pub(super) rest: String,
}

enum Place {
    Text,
    RequestHead,
    AnswerHead,
    Body,
}

static STATUS_LINE: LazyLock<Regex> = LazyLock::new(|| fixed(r"^HTTP/\d(?:\.\d)? (\d{3})(?: .*)?$"));

static REQUEST_LINE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(r"^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) ((?:https?://|/)\S*)( HTTP/\d(?:\.\d)?)?$")
});

/// A request inside a line, as clients and access logs write it: `"POST /services/oauth2/token HTTP/1.1" 400 88`.
static REQUEST_INSIDE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r#"\b(GET|POST|PUT|PATCH|DELETE|HEAD) ((?:https?://|/)[^\s"'<>,]+)(?: HTTP/\d(?:\.\d)?)?["']?(?:[ :]+([1-5]\d\d)\b)?"#,
    )
});

/// An address of an API or of the pages where a login ends.
static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| fixed(r#"https?://[^\s"'<>/]+/(?:services|setup/secur|_nc_external)/[^\s"'<>,]+"#));

static STATUS_ALONE: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"(?m)^[ \t]*([45]\d\d)(?: [A-Z][A-Za-z ]*)?\r?$"));

static HEADER: LazyLock<Regex> = LazyLock::new(|| fixed(r"^([\w!#$%&*+.^`|~-]+) ?: ?(.*)$"));

pub(super) fn fixed(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant, compiled by a test")
}

impl Dump {
    /// Takes a text apart.
    pub(super) fn of(text: &str) -> Self {
        let mut dump = Self::default();
        let mut place = Place::Text;
        for line in text.lines() {
            place = dump.take(line.trim_end_matches('\r'), place);
        }
        dump.look_inside(text);
        dump.look_for_status(text);
        dump.mask();
        dump
    }

    fn take(&mut self, line: &str, place: Place) -> Place {
        // `curl -v` marks what goes out and what comes in; mails and chats mark what they quote.
        let bare = ["> ", "< "].iter().find_map(|mark| line.strip_prefix(*mark));
        let inner = if matches!(line, ">" | "<") { "" } else { bare.unwrap_or(line) };
        if let Some(found) = STATUS_LINE.captures(inner) {
            self.status = found[1].parse().ok();
            self.headers.clear();
            self.body = None;
            return Place::AnswerHead;
        }
        if let Some(found) = REQUEST_LINE.captures(inner) {
            self.request = Some((found[1].to_owned(), found[2].to_owned()));
            self.request_headers.clear();
            return Place::RequestHead;
        }
        match place {
            Place::RequestHead | Place::AnswerHead => self.take_header(inner, line, place),
            Place::Body => {
                push_line(self.body.get_or_insert_default(), line);
                Place::Body
            }
            Place::Text => {
                push_line(&mut self.rest, line.strip_prefix("> ").unwrap_or(line));
                Place::Text
            }
        }
    }

    fn take_header(&mut self, inner: &str, line: &str, place: Place) -> Place {
        let is_answer = matches!(place, Place::AnswerHead);
        let headers = if is_answer { &mut self.headers } else { &mut self.request_headers };
        if let Some(found) = HEADER.captures(inner) {
            headers.push((found[1].to_owned(), found[2].trim_end().to_owned()));
            return place;
        }
        // A value that goes on in the next line, as a token does that was pasted with a line break.
        if let Some((_, value)) =
            headers.last_mut().filter(|_| inner.starts_with([' ', '\t']) && !inner.trim().is_empty())
        {
            value.push('\n');
            value.push_str(inner.trim());
            return place;
        }
        let next = if is_answer { Place::Body } else { Place::Text };
        if is_answer {
            self.body.get_or_insert_default();
        }
        if inner.trim().is_empty() { next } else { self.take(line, next) }
    }

    /// What lines of logs say of the request, where no request was printed whole.
    fn look_inside(&mut self, text: &str) {
        if self.request.is_none() {
            if let Some(found) = REQUEST_INSIDE.captures(text) {
                self.request = Some((found[1].to_owned(), found[2].to_owned()));
                self.status = self.status.or_else(|| found.get(3)?.as_str().parse().ok());
            } else if let Some(found) = ADDRESS.find(text) {
                let address = found.as_str().trim_end_matches(['.', ',', ')', ':']);
                self.request = Some((String::new(), address.to_owned()));
            }
        }
    }

    /// A status that stands alone in its line, as in a request's list of figures.
    fn look_for_status(&mut self, text: &str) {
        if self.request.is_some() && self.status.is_none() {
            self.status = STATUS_ALONE.captures(text).and_then(|found| found[1].parse().ok());
        }
    }

    fn mask(&mut self) {
        for (name, value) in self.headers.iter_mut().chain(&mut self.request_headers) {
            let masked = mask_header_text(name, value);
            // A line break within is what may be wrong; a mask over the whole hides it.
            *value = match value.trim().contains('\n') && !masked.contains('\n') {
                true => masked + "\n••••",
                false => masked,
            };
            *name = mask_text(name).into_owned();
        }
        if let Some((_, target)) = &mut self.request {
            *target = mask_text(target).into_owned();
        }
    }
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}
