//! `{{name}}`: what may stand there, what it becomes, and why it cannot.
//!
//! A variable's value may hold variables itself, one level deep. `\{{` is a plain `{{`. What cannot be filled in
//! is an error before anything is sent, never an empty text.

use super::{Field, Place};
use crate::{
    config::{Profile, VersionChoice},
    salesforce::Session,
};
use std::ops::Range;

/// The names that every profile has, with what each stands for.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("version", "API version as in paths: v66.0"),
    ("instance_url", "where the token is good: https://acme.my.salesforce.com"),
    ("org_id", "Id of the org"),
    ("user_id", "Id of the user"),
    ("username", "the profile's username"),
    ("login_url", "the profile's login host"),
    ("profile", "the profile's name"),
];

/// What `{{names}}` stand for, for one profile with or without a token.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The profile's own variables first: they win over built-in names.
    values: Vec<(String, Result<String, &'static str>)>,
}

/// A name that has no value, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{{{{{name}}}}} {why}")]
pub struct Unresolved {
    /// The name between the braces.
    pub name: String,
    /// In which field of the draft.
    pub field: Field,
    /// Where in that field.
    pub place: Place,
    /// Why it has no value, and what to do.
    pub why: String,
}

/// A stretch of a filled text: as the person typed it, or a variable's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    /// Byte offset in the text as typed.
    pub(super) from: usize,
    pub(super) is_value: bool,
}

const NO_TOKEN: &str = "needs a token first: press t";
const NO_USERNAME: &str = "has no value: this profile has no username";
const NO_LOGIN_URL: &str = "has no value: this profile has no login host";
const NOT_TOLD: &str = "has no value: the org did not say it with this token";

impl Scope {
    /// What the profile and its session, if there is one, give.
    pub fn new(profile: &Profile, session: Option<&Session>) -> Self {
        let mut values: Vec<_> =
            profile.variables.iter().map(|(name, value)| (name.clone(), Ok(value.clone()))).collect();
        values
            .extend(BUILT_IN.iter().map(|(name, _)| ((*name).to_owned(), built_in(name, profile, session))));
        Self { values }
    }

    /// Sets or replaces one value, before all others.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.values.insert(0, (name.into(), Ok(value.into())));
    }

    /// Every name, for completion.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(|(name, _)| name.as_str())
    }

    /// The value of a name as it stands (variables in it not filled in), or why there is none.
    pub fn value(&self, name: &str) -> Result<&str, String> {
        match self.values.iter().find(|(known, _)| known == name) {
            Some((_, Ok(value))) => Ok(value),
            Some((_, Err(why))) => Err((*why).to_owned()),
            None => Err(self.unknown(name)),
        }
    }

    /// The text with every variable filled in.
    pub fn fill(&self, text: &str, field: Field) -> Result<String, Vec<Unresolved>> {
        Ok(joined(&self.pieces(text, 0..text.len(), field)?))
    }

    /// Whether a name has no value only because there is no token yet.
    pub(super) fn needs_token(&self, name: &str) -> bool {
        match self.values.iter().find(|(known, _)| known == name) {
            Some((_, Ok(value))) => {
                names_in(value).any(|inner| inner != name && self.value(inner) == Err(NO_TOKEN.into()))
            }
            Some((_, Err(why))) => *why == NO_TOKEN,
            None => false,
        }
    }

    /// A range of a text, filled in, cut where values begin and end.
    pub(super) fn pieces(
        &self,
        whole: &str,
        range: Range<usize>,
        field: Field,
    ) -> Result<Vec<Piece>, Vec<Unresolved>> {
        let (mut pieces, mut unresolved) = (Vec::new(), Vec::new());
        for part in parts(&whole[range.clone()]) {
            match part {
                Part::Text { text, from } => {
                    pieces.push(Piece { text: text.to_owned(), from: range.start + from, is_value: false });
                }
                Part::Name { name, from } => match self.resolve(name) {
                    Ok(text) => pieces.push(Piece { text, from: range.start + from, is_value: true }),
                    Err(why) => {
                        let place = Place::in_text(whole, range.start + from);
                        unresolved.push(Unresolved { name: name.to_owned(), field, place, why });
                    }
                },
            }
        }
        if unresolved.is_empty() { Ok(pieces) } else { Err(unresolved) }
    }

    /// The value of a name with the variables in it filled in: one level, no circles.
    fn resolve(&self, name: &str) -> Result<String, String> {
        let mut filled = String::new();
        for part in parts(self.value(name)?) {
            match part {
                Part::Text { text, .. } => filled.push_str(text),
                Part::Name { name: inner, .. } => filled.push_str(&self.resolve_inner(name, inner)?),
            }
        }
        Ok(filled)
    }

    fn resolve_inner(&self, outer: &str, inner: &str) -> Result<String, String> {
        if inner == outer {
            return Err("stands in its own value".to_owned());
        }
        let value = self.value(inner).map_err(|why| format!("holds {{{{{inner}}}}}, which {why}"))?;
        let mut filled = String::new();
        for part in parts(value) {
            match part {
                Part::Text { text, .. } => filled.push_str(text),
                Part::Name { name: third, .. } if third == outer => {
                    return Err(format!("goes in a circle: {outer} → {inner} → {outer}"));
                }
                Part::Name { name: third, .. } => {
                    return Err(format!("nests too deep: {outer} → {inner} → {third}"));
                }
            }
        }
        Ok(filled)
    }

    fn unknown(&self, name: &str) -> String {
        if !is_name(name) {
            return "is not a variable's name; write \\{{ for plain braces".to_owned();
        }
        let near = self.names().find(|known| known.eq_ignore_ascii_case(name));
        match near {
            Some(near) => format!("has no value; did you mean {{{{{near}}}}}?"),
            None => "has no value: add it to the profile's variables".to_owned(),
        }
    }
}

fn built_in(name: &str, profile: &Profile, session: Option<&Session>) -> Result<String, &'static str> {
    let url = |url: &url::Url| url.as_str().trim_end_matches('/').to_owned();
    match name {
        "version" => match (session, profile.api_version) {
            (_, VersionChoice::Pinned(version)) => Ok(version.to_string()),
            (Some(session), VersionChoice::Latest) => Ok(session.api_version.to_string()),
            (None, VersionChoice::Latest) => Err(NO_TOKEN),
        },
        "instance_url" => session
            .map(|session| url(&session.instance_url))
            .or(profile.instance_url.as_ref().map(url))
            .ok_or(NO_TOKEN),
        "org_id" => {
            session.map_or(Err(NO_TOKEN), |s| s.org_id.as_ref().map(ToString::to_string).ok_or(NOT_TOLD))
        }
        "user_id" => {
            session.map_or(Err(NO_TOKEN), |s| s.user_id.as_ref().map(ToString::to_string).ok_or(NOT_TOLD))
        }
        "username" => profile.username.clone().ok_or(NO_USERNAME),
        "login_url" => profile.login_url.as_ref().map(url).ok_or(NO_LOGIN_URL),
        _ => Ok(profile.id.to_string()),
    }
}

/// The names of a text's variables, each as often as it stands there.
pub(super) fn names_in(text: &str) -> impl Iterator<Item = &str> {
    parts(text).into_iter().filter_map(|part| match part {
        Part::Name { name, .. } => Some(name),
        Part::Text { .. } => None,
    })
}

/// The plain stretches of a text.
pub(super) fn texts_in(text: &str) -> impl Iterator<Item = &str> {
    parts(text).into_iter().filter_map(|part| match part {
        Part::Text { text, .. } => Some(text),
        Part::Name { .. } => None,
    })
}

/// The text with its plain stretches changed and its variables as they are.
pub(super) fn map_texts(text: &str, change: impl Fn(&str) -> String) -> String {
    let mut mapped = String::new();
    for part in parts(text) {
        match part {
            Part::Text { text, .. } => mapped.push_str(&change(text)),
            Part::Name { name, .. } => mapped.extend(["{{", name, "}}"]),
        }
    }
    mapped
}

pub(super) fn joined(pieces: &[Piece]) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    Text { text: &'a str, from: usize },
    Name { name: &'a str, from: usize },
}

/// Cuts a text at its variables. `{{` without `}}` on the same line is plain text, and so is `\{{`.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(found) = text[at..].find("{{").map(|offset| at + offset) {
        if text[..found].ends_with('\\') && found > start {
            push_text(&mut parts, text, start, found - 1);
            (start, at) = (found, found + 2);
            continue;
        }
        let inside = &text[found + 2..];
        let Some(end) = inside.find("}}").filter(|end| !inside[..*end].contains('\n')) else {
            at = found + 2;
            continue;
        };
        push_text(&mut parts, text, start, found);
        parts.push(Part::Name { name: inside[..end].trim(), from: found });
        start = found + 2 + end + 2;
        at = start;
    }
    push_text(&mut parts, text, start, text.len());
    parts
}

fn push_text<'a>(parts: &mut Vec<Part<'a>>, text: &'a str, from: usize, to: usize) {
    if from < to {
        parts.push(Part::Text { text: &text[from..to], from });
    }
}

/// Letters, digits, `_`, `-`, `.`; not beginning with a digit.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;
    use proptest::prelude::*;

    const PROFILE: &str = "[profiles.uat]\nflow = 'password'\nusername = 'ada@acme.com'\n[profiles.uat.variables]\n\
        account_id = '001A'\npath = 'sobjects/Account/{{account_id}}'\ndeep = '{{path}}'\na = '{{b}}'\nb = '{{a}}'\n\
        me = '{{me}}'\nhost = '{{instance_url}}'\nbroken = '{{nothing}}'\n";

    fn scope() -> Scope {
        Scope::new(&parse(PROFILE).unwrap().profiles[0], None)
    }

    fn fill(text: &str) -> Result<String, String> {
        scope()
            .fill(text, Field::Url)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    }

    #[test]
    fn variables_are_filled_in() {
        for (text, filled) in [
            ("{{account_id}}/{{ account_id }}", "001A/001A"),
            ("{{path}}?", "sobjects/Account/001A?"),
            ("{{profile}} {{username}} {{login_url}}", "uat ada@acme.com https://login.salesforce.com"),
            ("\\{{account_id}}", "{{account_id}}"),
            ("\\{{{{account_id}}", "{{001A"),
            ("{\"a\":{\"b\":{{account_id}}}}", "{\"a\":{\"b\":001A}}"),
            ("{{ no end", "{{ no end"),
            ("{{over\nlines}}", "{{over\nlines}}"),
            ("a\\b{c}d", "a\\b{c}d"),
        ] {
            assert_eq!(fill(text), Ok(filled.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_has_no_value_says_why() {
        for (text, why) in [
            ("{{version}}", "{{version}} needs a token first: press t"),
            ("{{host}}", "{{host}} holds {{instance_url}}, which needs a token first: press t"),
            ("{{nothing}}", "{{nothing}} has no value: add it to the profile's variables"),
            ("{{Account_ID}}", "{{Account_ID}} has no value; did you mean {{account_id}}?"),
            ("{{}}", "{{}} is not a variable's name; write \\{{ for plain braces"),
            ("{{me}}", "{{me}} stands in its own value"),
            ("{{a}}", "{{a}} goes in a circle: a → b → a"),
            ("{{deep}}", "{{deep}} nests too deep: deep → path → account_id"),
            (
                "{{broken}}",
                "{{broken}} holds {{nothing}}, which has no value: add it to the profile's variables",
            ),
        ] {
            assert_eq!(fill(text), Err(why.to_owned()));
        }
    }

    #[test]
    fn each_unresolved_name_has_its_place() {
        let problems = scope().fill("é {{x}}\n  {{y}}", Field::Body).unwrap_err();
        let places: Vec<_> =
            problems.iter().map(|p| (p.name.as_str(), p.place.line, p.place.column, p.field)).collect();
        assert_eq!(places, [("x", 1, 3, Field::Body), ("y", 2, 3, Field::Body)]);
    }

    #[test]
    fn only_what_a_token_would_tell_waits_for_one() {
        let waits = |name| scope().needs_token(name);
        assert!(waits("version") && waits("org_id") && waits("host"));
        assert!(!waits("account_id") && !waits("nothing") && !waits("username"));
    }

    proptest! {
        #[test]
        fn text_without_braces_stays(text in "[^{]*") {
            prop_assert_eq!(fill(&text), Ok(text));
        }

        #[test]
        fn no_text_panics(text in "(?s)[{}\\\\a \n]{0,20}") {
            let _ = fill(&text);
            let _ = names_in(&text).count();
        }

        #[test]
        fn pieces_lie_where_they_stand(text in "(?s)([{}\\\\é \n]|\\{\\{account_id\\}\\}){0,12}") {
            if let Ok(pieces) = scope().pieces(&text, 0..text.len(), Field::Body) {
                for piece in pieces {
                    let there = &text[piece.from..];
                    let begins = if piece.is_value { "{{" } else { piece.text.as_str() };
                    prop_assert!(there.starts_with(begins));
                }
            }
        }
    }
}
