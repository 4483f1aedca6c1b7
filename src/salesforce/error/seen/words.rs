//! Errors in sentences: exception texts, log lines, addresses, what a person writes.

use super::dump::fixed;
use crate::salesforce::error::{ApiError, from_pairs};
use regex::Regex;
use std::sync::LazyLock;

/// More errors than this are not told: a log repeats itself.
const MOST: usize = 20;

/// So many words that look like codes are looked at.
const MOST_LOOKED_AT: usize = 200;

/// A description longer than this is cut.
const LONGEST: usize = 1000;

/// OAuth's codes.
///
/// Source: Salesforce Mobile SDK for Android; Salesforce Help, OAuth 2.0 Authorization Errors; RFC 6749 and 8628.
const OAUTH: &[&str] = &[
    "access_denied",
    "app_attest_failed",
    "app_attest_failed_retry",
    "app_blocked",
    "app_not_found",
    "authorization_pending",
    "bad_jti_claim",
    "ecapp_policy_not_found",
    "exceeded_registration_limit",
    "expired_token",
    "fail_close_app_blocked",
    "failed_registration",
    "immediate_unsuccessful",
    "inactive_org",
    "inactive_user",
    "installation_error",
    "interaction_required",
    "invalid_app_access",
    "invalid_assertion_type",
    "invalid_basic_auth_header",
    "invalid_client",
    "invalid_client_id",
    "invalid_distribution_state",
    "invalid_dpop_proof",
    "invalid_expid",
    "invalid_grant",
    "invalid_otp",
    "invalid_request",
    "invalid_scope",
    "invalid_session_level",
    "invalid_token",
    "login_error",
    "login_required",
    "oauth_flow_disabled",
    "oauth_policy_not_found",
    "otp_error",
    "rate_limit_exceeded",
    "redirect_uri_mismatch",
    "redirect_uri_missing",
    "registration_error",
    "server_error",
    "service_unavailable",
    "slow_down",
    "system_down",
    "unauthorized_client",
    "unknown_error",
    "unsupported_expid",
    "unsupported_grant_type",
    "unsupported_response_type",
    "unsupported_token_type",
    "use_dpop_nonce",
];

/// What the identity URL answers with, beside `Bad_OAuth_Token` and `Missing_OAuth_Token`.
///
/// Unconfirmed but for those two.
const IDENTITY: &[&str] = &["Wrong_Org", "Bad_Id", "No_Access", "No_Site_Access"];

/// Codes that are one word, which words of other kinds could be too: they count only before a colon.
const WORDS: &[&str] = &[
    "FORBIDDEN",
    "INVALIDJOB",
    "INVALIDJOBSTATE",
    "INVALIDBATCH",
    "CLIENTINPUTERROR",
    "InvalidSessionId",
    "InvalidBatch",
    "InvalidJob",
    "InvalidJobState",
    "InvalidOperation",
    "ClientInputError",
    "ExceededQuota",
    "TooManyLockFailure",
    "BatchSizeExceeded",
    "FeatureNotEnabled",
    "InternalServerError",
    "InvalidUser",
];

/// What is written like a code, and is no Salesforce's: of networks, certificates, environments.
const FOREIGN: &[&str] = &[
    "ERR_",
    "HTTP",
    "CERT",
    "SSL_",
    "TLS_",
    "_PROXY",
    "SF_",
    "SFDX_",
    "NODE_",
    "VERIFY_LEAF",
    "CONN_",
    "ECONN",
];

/// `errorCode=X, message=Y`, `exceptionCode='X' exceptionMessage='Y'`, however it is written.
static PAIRS: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r#"(?is)\b(?:errorCode|exceptionCode|error_code|error|code)\b["'\]]?\s*(?:=>|=|:)\s*["']?(?:sf:)?(?P<code>[A-Za-z]+(?:_[A-Za-z0-9]+)*)\b["']?[\s,;&]*(?:\w*\s*\[?)?["'\[]?\b(?:message|exceptionMessage|error_description|errorMessage|description)["'\]]?\s*(?:=>|=|:)\s*["']?(?P<message>[^"'}\]\n]*)"#,
    )
});

/// The same the other way round, as `{message=Y, errorCode=X}`.
static TURNED_PAIRS: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r#"(?i)\b(?:message|exceptionMessage|error_description)["'\]]?\s*(?:=>|=|:)\s*["']?(?P<message>[^"'}\]\n]*?)["']?[\s,;&]+["'\[]?(?:errorCode|exceptionCode|error)["'\]]?\s*(?:=>|=|:)\s*["']?(?:sf:)?(?P<code>[A-Za-z]+(?:_[A-Za-z0-9]+)*)\b"#,
    )
});

/// A code and what separates it from its description.
static CODES: LazyLock<Regex> = LazyLock::new(|| {
    let (oauth, words) = (OAUTH.join("|"), WORDS.join("|"));
    fixed(&format!(
        r#"\b(?P<code>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|{oauth}|(?:Bad|Missing)_OAuth_Token|Wrong_Org|Bad_Id|No_(?:Site_)?Access|(?P<word>{words}))\b["'\)]?(?P<sign>[ \t]*[:,–—(-]+)?"#
    ))
});

/// The address of a redirect or of an error page.
static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| fixed(r#"[^\s"'<>`]*(?:^|[?&#;]|\b)error=[A-Za-z][^\s"'<>`]*"#));

static STATUS: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r#"(?i)\b(?:HTTP(?:/[\d.]+)?|status(?:[ _-]?code)?|response code|http code|returned error:?)["']?\s*(?:=>|[:=(])?\s*(?:is |was |of )?["']?([1-5]\d\d)\b"#,
    )
});

static STATUS_PHRASE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)\b([45]\d\d)\b[ )\]:-]{1,3}(?:Client Error: |Server Error: )?(?:Bad Request|Unauthorized|Forbidden|Not Found|Method Not Allowed|Not Acceptable|Conflict|Gone|Precondition|Request Entity|Payload Too|URI Too|Unsupported Media|Too Many|Request Header|Internal Server|Bad Gateway|Service Unavailable|Service Temporarily|Gateway Time)",
    )
});

static FIELDS: LazyLock<Regex> = LazyLock::new(|| fixed(r"(?s)^(.*): ?\[([\w, .]*)\]\s*$"));

static PHRASE_STATUS: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)\b(?:bad request|unauthorized|forbidden|not found|internal server error|unavailable) ?\(([45]\d\d)\)",
    )
});

/// The HTTP status that a text tells.
pub(super) fn status(text: &str) -> Option<u16> {
    let found = [&STATUS, &STATUS_PHRASE, &PHRASE_STATUS].into_iter().find_map(|form| form.captures(text))?;
    found[1].parse().ok()
}

/// The error in an address, and the address. Values are percent-decoded once.
pub(super) fn in_address(text: &str) -> Option<(ApiError, String)> {
    ADDRESS.find_iter(text).find_map(|found| {
        let address = found.as_str().trim_end_matches([')', ']', '.', ',', ';']).replace("&amp;", "&");
        let after = address.split_once(['?', '#']).map_or(address.as_str(), |(_, after)| after);
        let pairs = after.split(['?', '#']).flat_map(|part| url::form_urlencoded::parse(part.as_bytes()));
        let error = from_pairs(pairs)?;
        // A log writes `error=timeout` of whatever it likes.
        let is_code = |code: &String| is_ours(code) || (address.contains(['?', '#']) && code.contains('_'));
        error.code.as_ref().is_some_and(is_code).then_some((error, address.clone()))
    })
}

/// The code that an error page of Salesforce's shows.
pub(super) fn in_page(html: &str) -> Option<ApiError> {
    let found = CODES.captures_iter(html).find(|found| found["code"].starts_with("OAUTH_"))?;
    let end = found.get(0)?.end();
    let message = html[end..].trim_start().split(['<', '\n']).next().unwrap_or_default();
    Some(ApiError { code: Some(found["code"].to_owned()), message: clean(message), fields: Vec::new() })
}

/// The errors that a text tells of, in order, each once.
pub(super) fn errors(text: &str) -> Vec<ApiError> {
    let mut errors = pairs(text);
    if errors.is_empty() {
        errors = coded(text);
    }
    let mut told = Vec::new();
    for error in errors {
        if !told.contains(&error) && told.len() < MOST {
            told.push(error);
        }
    }
    told
}

fn pairs(text: &str) -> Vec<ApiError> {
    let found = PAIRS.captures_iter(text).chain(TURNED_PAIRS.captures_iter(text)).take(MOST_LOOKED_AT);
    let errors = found.filter(|found| is_ours(&found["code"])).map(|found| ApiError {
        code: Some(found["code"].to_owned()),
        message: clean(&found["message"]),
        fields: Vec::new(),
    });
    errors.collect()
}

fn is_ours(code: &str) -> bool {
    let upper = code.contains('_') && !code.bytes().any(|b| b.is_ascii_lowercase());
    let known = OAUTH.contains(&code) || WORDS.contains(&code);
    known || (upper && !FOREIGN.iter().any(|part| code.contains(part)))
}

/// Codes in sentences. One that a description follows tells more than one that is only named.
fn coded(text: &str) -> Vec<ApiError> {
    let found = CODES.captures_iter(text).take(MOST_LOOKED_AT).filter_map(|found| {
        let (whole, code) = (found.get(0)?, &found["code"]);
        let signed = found.name("sign").is_some();
        let is_one = code.contains("_OAuth_") || IDENTITY.contains(&code) || is_ours(code);
        if !is_one || (found.name("word").is_some() && !signed) {
            return None;
        }
        let (message, fields) = description(start_of(&text[whole.end()..]));
        Some((signed, ApiError { code: Some(code.to_owned()), message, fields }))
    });
    let found: Vec<_> = found.collect();
    // `UNKNOWN_EXCEPTION: INVALID_SESSION_ID: …` says what it is in the second word.
    let names_another = |error: &ApiError| {
        error.code.as_deref() == Some("UNKNOWN_EXCEPTION")
            && CODES.captures(&error.message).is_some_and(|inner| {
                inner.get(0).is_some_and(|whole| whole.start() == 0)
                    && inner.name("sign").is_some()
                    && &inner["code"] != "UNKNOWN_EXCEPTION"
            })
    };
    let found: Vec<_> = found.into_iter().filter(|(_, error)| !names_another(error)).collect();
    let any_signed = found.iter().any(|(signed, error)| *signed && !error.message.is_empty());
    if any_signed {
        let told = found.into_iter().filter(|(signed, error)| *signed && !error.message.is_empty());
        return told.map(|(_, error)| error).collect();
    }
    found.into_iter().map(|(_, error)| error).take(1).collect()
}

/// As much of a text as a description may be looked for in.
fn start_of(text: &str) -> &str {
    let end = text.char_indices().map(|(at, _)| at).find(|at| *at > 4 * LONGEST).unwrap_or(text.len());
    &text[..end]
}

/// What follows a code: the rest of its line; the next line if there is no more; the paragraph where the query is
/// shown in which the error is. And the fields, as Apex names them.
fn description(after: &str) -> (String, Vec<String>) {
    let paragraph = after.split("\n\n").next().unwrap_or_default();
    let line = after.lines().next().unwrap_or_default();
    let said = if paragraph.contains("ERROR at Row") {
        paragraph
    } else if clean(line).is_empty() {
        after.trim_start_matches(|c: char| c.is_whitespace() || is_sign(c)).lines().next().unwrap_or_default()
    } else {
        line
    };
    let message = clean(said);
    let Some(found) = FIELDS.captures(&message) else { return (message, Vec::new()) };
    let fields =
        found[2].split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    (found[1].to_owned(), fields)
}

/// Without what separates and encloses it.
fn clean(text: &str) -> String {
    let text = text.trim().trim_start_matches(is_sign).trim_start();
    let text = ['"', '\'', '`'].into_iter().fold(text, unquoted).trim();
    let open = |pair: (char, char)| text.matches(pair.0).count() < text.matches(pair.1).count();
    let text = [('(', ')'), ('[', ']'), ('{', '}')].into_iter().fold(text, |text, pair| match open(pair) {
        true => text.trim_end_matches(pair.1),
        false => text,
    });
    text.chars().take(LONGEST).collect()
}

/// Without quotes around the whole, and without one whose partner is elsewhere.
fn unquoted(text: &str, quote: char) -> &str {
    if let Some(inner) = text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote)) {
        return inner;
    }
    match text.matches(quote).count() % 2 {
        1 => text.trim_matches(quote),
        _ => text,
    }
}

fn is_sign(c: char) -> bool {
    matches!(c, ':' | ',' | '-' | '–' | '—')
}
