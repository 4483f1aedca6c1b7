//! The words in braces of a hint's sentences: what each stands for, and what is written where it is not known.

use super::facts::{Facts, plain_words};
use crate::{config::host_and_port, http::Exchange, salesforce::error::ApiError};
use regex::Regex;
use std::sync::LazyLock;

/// A word, what it stands for, and what is written where that is not known.
struct Word {
    name: &'static str,
    value: fn(&Facts) -> Option<String>,
    otherwise: &'static str,
}

const fn word(name: &'static str, value: fn(&Facts) -> Option<String>, otherwise: &'static str) -> Word {
    Word { name, value, otherwise }
}

const WORDS: &[Word] = &[
    word("username", |f| f.username.clone(), "the username"),
    word("login_host", |f| f.login.as_ref().map(host_and_port), "the login host"),
    word("other_login_host", other_login_host, "the other login host"),
    word("environment", |f| f.environment.map(|e| e.name().to_owned()), "the environment"),
    word("flow", |f| f.flow.map(|flow| flow.label().to_owned()), "this flow"),
    word("callback", |f| f.known.callback.clone(), "the callback URL"),
    word("audience", |f| f.known.audience.clone(), "what its aud claim says"),
    word("scopes", |f| f.known.scopes.as_ref().filter(|s| !s.is_empty()).map(|s| s.join(" ")), "the scopes"),
    word("missing_scope", missing_scope, "the scope"),
    word("code", |f| f.error.code.clone(), "the error"),
    word(
        "description",
        |f| Some(f.error.message.clone()).filter(|text| !text.is_empty()),
        "what the answer says",
    ),
    word("rule", |f| Some(f.error.message.clone()).filter(|text| !text.is_empty()), "the rule's own text"),
    word("status", |f| f.status.map(|status| status.to_string()), "the status"),
    word("fields", |f| Some(f.error.fields.join(", ")).filter(|text| !text.is_empty()), "the field"),
    word("method", |f| f.asked.as_ref().map(|a| a.method.clone()).filter(|m| !m.is_empty()), "the method"),
    word(
        "path",
        |f| f.asked.as_ref().map(|a| a.path.split('?').next().unwrap_or_default().to_owned()),
        "the path",
    ),
    word("request_host", |f| f.asked.as_ref()?.host.clone(), "the host of the request"),
    word("instance_host", |f| f.known.instance_host.clone(), "the instance URL that came with the token"),
    word("object", |f| object_of(&f.error), "the sObject"),
    word("field", |f| said(&FIELD, f).or_else(|| f.error.fields.first().cloned()), "the field"),
    word("api_version", asked_version, "the API version"),
    word(
        "newest_version",
        |f| f.known.newest_version.as_ref().map(|v| format!("v{v}")),
        "the newest one the org lists",
    ),
    word("allowed_methods", offered_methods, "the methods that the answer lists"),
    word("retry_after", |f| f.reply_header("retry-after").map(retry_words), "a few minutes"),
    word("error_id", |f| said(&ERROR_ID, f), "the ErrorId"),
    word("line", |f| said(&LINE, f), "?"),
    word("column", |f| said(&COLUMN, f), "?"),
    word("token_org_id", |f| f.known.token_org.clone(), "another org"),
    word("profile_org_id", |f| f.known.profile_org.clone(), "the profile's org"),
    word("limit_used", |f| limit(f).map(|(used, _)| used), "all"),
    word("limit_allowed", |f| limit(f).map(|(_, allowed)| allowed), "what the org has"),
    word("clock_skew", |f| f.known.clock_skew_seconds.map(|s| seconds(s.unsigned_abs())), "some time"),
    word("asked_org", |f| f.known.asked_org.clone(), "the org"),
    word("blank_fields", blank_fields, "a value"),
    word("max_length", |f| said(&MAX_LENGTH, f), "its length"),
];

/// Whether that word is known.
pub(super) fn is_word(name: &str) -> bool {
    WORDS.iter().any(|word| word.name == name)
}

/// A sentence with its words filled in.
pub(super) fn fill(text: &str, facts: &Facts) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        match WORDS.iter().find(|word| word.name == name) {
            Some(word) => out.push_str(&(word.value)(facts).unwrap_or_else(|| word.otherwise.to_owned())),
            None => {
                out.push('{');
                out.push_str(name);
                out.push('}');
            }
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// The words in braces of a text. Braces around anything else are braces.
pub(super) fn words_of(text: &str) -> impl Iterator<Item = &str> {
    let looks_so = |name: &&str| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    text.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name)).filter(looks_so)
}

macro_rules! pattern {
    ($name:ident, $text:literal) => {
        static $name: LazyLock<Regex> =
            LazyLock::new(|| Regex::new($text).expect("a pattern of ours, used by tests"));
    };
}

pattern!(
    OBJECT,
    r"(?i)(?:entity '|entity type cannot be \w+:|on (?:entity|sobject(?: of type)?)|sobject type|sobject|object type|entity type|object)\s*:?\s*'?([A-Za-z]\w*)'?"
);
pattern!(
    FIELD,
    r"(?i)(?:no such column|field name not found\s*:?|no such relation(?:ship)?|didn't understand relationship|unable to create/update fields?:?|required fields are missing:\s*\[?|field|column)\s*'?([A-Za-z][\w.]*)'?"
);
pattern!(ERROR_ID, r"(?i)error\s?id:?\s*([\w-]+(?: \(-?\d+\))?)");
pattern!(LINE, r"(?i)(?:line|row)\s*[:\s]\s*(\d+)");
pattern!(COLUMN, r"(?i)(?:col(?:umn)?\s*[:\s]\s*|line \d+:)(\d+)");
pattern!(MAX_LENGTH, r"(?i)max(?:imum)?(?:[ _]length)?[ =:]+(\d+)");
pattern!(ALLOWED, r"(?i)allowed are\s+([A-Z, ]+)");
// Not any number in a path: /services/apexrest/orders/1 has no version.
pattern!(VERSION, r"(?i)^(?:data|async|soap/\w+)/v?(\d{1,3}(?:\.\d)?)(?:/|$|\?)");

/// The sObject that an error names.
pub fn object_of(error: &ApiError) -> Option<String> {
    const NO_NAMES: &[&str] = &[
        "is", "was", "has", "does", "cannot", "can", "not", "of", "for", "or", "and", "in", "with", "id",
        "to", "type",
    ];
    let is_name = |name: &&str| !NO_NAMES.contains(&name.to_ascii_lowercase().as_str());
    let mut names = OBJECT.captures_iter(&error.message).filter_map(|found| Some(found.get(1)?.as_str()));
    names.find(is_name).map(str::to_owned)
}

/// The methods that an answer offers in place of the one that was used: by its text, else by its header.
pub fn allowed_methods(error: &ApiError, exchange: Option<&Exchange>) -> Option<String> {
    let header = || {
        let reply = exchange?.reply.as_ref().ok()?;
        Some(reply.headers.get("allow")?.to_str().ok()?.to_owned())
    };
    let said = ALLOWED.captures(&error.message).and_then(|found| Some(found.get(1)?.as_str().to_owned()));
    said.or_else(header)
}

fn said(pattern: &Regex, facts: &Facts) -> Option<String> {
    Some(pattern.captures(&facts.error.message)?.get(1)?.as_str().to_owned())
}

/// Line and column that an error names, from one.
pub fn position(error: &ApiError) -> Option<(usize, usize)> {
    let number = |pattern: &Regex| pattern.captures(&error.message)?.get(1)?.as_str().parse().ok();
    Some((number(&LINE)?, number(&COLUMN)?))
}

/// What is allowed in place of the method: by the description, else by the header.
fn offered_methods(facts: &Facts) -> Option<String> {
    allowed_methods(&facts.error, None)
        .or_else(|| facts.reply_header("allow").map(str::to_owned))
        .map(|list| list.trim().trim_end_matches(',').to_owned())
        .filter(|list| !list.is_empty())
}

/// The API version that the path names, else the profile's.
pub(super) fn asked_version(facts: &Facts) -> Option<String> {
    let path = facts.path().split_once("/services/").map(|(_, rest)| rest);
    let version = path.and_then(|path| Some(VERSION.captures(path)?.get(1)?.as_str().to_owned()));
    version.or_else(|| facts.known.api_version.clone()).map(|version| {
        let number = version.trim_start_matches('v');
        if number.contains('.') { format!("v{number}") } else { format!("v{number}.0") }
    })
}

fn other_login_host(facts: &Facts) -> Option<String> {
    facts
        .is_production_login()
        .map(|production| if production { "test.salesforce.com" } else { "login.salesforce.com" }.to_owned())
}

fn missing_scope(facts: &Facts) -> Option<String> {
    let scopes = facts.known.granted_scopes.as_ref().or(facts.known.scopes.as_ref())?;
    let has = |names: &[&str]| scopes.iter().any(|scope| names.contains(&scope.as_str()));
    let said = plain_words(&facts.error.message);
    if said.contains("refresh") && !has(&["refresh_token", "offline_access"]) {
        return Some("refresh_token".to_owned());
    }
    (!has(&["api", "full"])).then(|| "api".to_owned())
}

fn retry_words(value: &str) -> String {
    value.trim().parse().map_or_else(|_| value.to_owned(), seconds)
}

fn seconds(seconds: u64) -> String {
    crate::format::age(std::time::Duration::from_secs(seconds))
}

/// Calls used and allowed, as `Sforce-Limit-Info` has them.
pub(super) fn limit(facts: &Facts) -> Option<(String, String)> {
    let value = facts.reply_header("sforce-limit-info")?;
    let (used, allowed) =
        value.split(',').find_map(|part| part.trim().strip_prefix("api-usage="))?.split_once('/')?;
    Some((used.to_owned(), allowed.to_owned()))
}

fn blank_fields(facts: &Facts) -> Option<String> {
    let names = super::signals::damaged(facts);
    (!names.is_empty()).then(|| names.join(" and "))
}
