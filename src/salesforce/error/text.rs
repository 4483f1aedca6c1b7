//! Errors in words: one word, `CODE: message`, a form, a row of a CSV file.

use super::{ApiError, FailedPart, LARGEST};
use crate::http::redact::mask_text;
use regex::Regex;
use std::sync::LazyLock;

/// A CSV file larger than this is not looked through.
const LARGEST_CSV: usize = 8 * LARGEST;

/// More rows than this are not told; a person reads none of them, and a script reads the file.
const MOST_ROWS: usize = 2000;

/// The errors in a body that is no JSON and no XML, or of no known shape: at least one.
pub(super) fn errors_of(text: &str) -> Vec<ApiError> {
    if text.starts_with("error=") {
        return from_pairs(url::form_urlencoded::parse(text.as_bytes())).into_iter().collect();
    }
    // Masked before it is cut: a half secret is not recognised.
    let masked = mask_text(text);
    let cut: String = masked.chars().take(200).collect();
    match is_word(text) {
        true => vec![ApiError { code: Some(cut), ..ApiError::default() }],
        false => vec![coded(&cut)],
    }
}

/// UserInfo says one word: `Bad_OAuth_Token`.
fn is_word(text: &str) -> bool {
    text.len() <= 60 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The error in the names and values of a form or an address: `error`, `error_description`, `error_uri`.
///
/// The documentation writes `access-denied` what the org writes `access_denied`.
pub(in crate::salesforce) fn from_pairs(
    pairs: impl Iterator<Item = (impl AsRef<str>, impl AsRef<str>)>,
) -> Option<ApiError> {
    let mut error = ApiError::default();
    for (name, value) in pairs {
        let value = value.as_ref();
        match name.as_ref() {
            "error" if error.code.is_none() && !value.is_empty() => {
                error.code = Some(value.replace('-', "_"))
            }
            "error_description" if error.message.is_empty() => error.message = value.to_owned(),
            _ => {}
        }
    }
    error.code.is_some().then_some(error)
}

/// `CODE: message`, `sf:CODE: message`, `InvalidBatch : message`.
static CODED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)^(?:sf:)?([A-Za-z][A-Za-z0-9_]*)\s*:\s*(.*)$").expect("a constant, compiled by a test")
});

/// An error that begins with its code; else only a message.
pub(super) fn coded(text: &str) -> ApiError {
    let text = text.trim();
    let found = CODED.captures(text).filter(|found| is_code_word(&found[1]));
    found.map_or_else(
        || ApiError::said(text),
        |found| ApiError {
            code: Some(found[1].to_owned()),
            message: found[2].to_owned(),
            fields: Vec::new(),
        },
    )
}

/// `UPPER_SNAKE`, `INVALIDJOB`, `InvalidBatch`; not `Error`, `Status`, `HTTP`.
fn is_code_word(word: &str) -> bool {
    let capitals = word.bytes().filter(u8::is_ascii_uppercase).count();
    let small = word.bytes().any(|b| b.is_ascii_lowercase());
    word.len() >= 8 && word.starts_with(|c: char| c.is_ascii_uppercase()) && (!small || capitals >= 2)
}

/// A SOAP fault's code stands behind a prefix: `sf:INVALID_LOGIN`, `soapenv:Client`.
pub(super) fn plain_code(code: &str) -> String {
    code.rsplit(':').next().unwrap_or_default().to_owned()
}

/// The rows that failed, of a results file of the Bulk API: 2.0's failedResults (`sf__Error`), and 1.0's results
/// (`Success`, `Error`). Of the first 8 MB, at most 2,000. References count from `[0]`, the first row after the header.
///
/// Source: Bulk API 2.0 Developer Guide, failed record results.
pub fn failed_rows(csv: &[u8]) -> Vec<FailedPart> {
    let csv = &csv[..csv.len().min(LARGEST_CSV)];
    let csv = csv.strip_prefix("\u{feff}".as_bytes()).unwrap_or(csv);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(csv);
    let Ok(header) = reader.byte_headers().cloned() else { return Vec::new() };
    let place = |name: &str| header.iter().position(|column| column.eq_ignore_ascii_case(name.as_bytes()));
    let Some(error) = place("sf__Error").or_else(|| place("Success").and(place("Error"))) else {
        return Vec::new();
    };
    let rows = reader.byte_records().map_while(Result::ok).enumerate();
    let failed = rows.filter_map(|(at, row)| {
        let said = String::from_utf8_lossy(row.get(error)?);
        (!said.trim().is_empty()).then(|| FailedPart {
            reference: format!("[{at}]"),
            error: row_error(&said).masked(),
            ..FailedPart::default()
        })
    });
    failed.take(MOST_ROWS).collect()
}

/// `CODE:message:Field1,Field2 --`.
pub(super) fn row_error(text: &str) -> ApiError {
    let mut error = coded(text.trim());
    let Some((message, fields)) = error.message.strip_suffix("--").and_then(|said| said.rsplit_once(':'))
    else {
        return error;
    };
    let fields: Vec<_> = fields.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let is_name = |name: &&str| name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
    if fields.iter().all(is_name) {
        error.fields = fields.into_iter().map(str::to_owned).collect();
        error.message = message.trim().to_owned();
    }
    error
}
