//! HTML pages where an API's answer should be, told apart by what they are.
//!
//! Source: Force CLI (420); Salesforce Help, error pages; the pages themselves. The wordings drift: a page that is not
//! recognised is [`Page::Other`].

/// What an HTML page is that came in an answer's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// Salesforce is down for maintenance.
    Maintenance,
    /// Salesforce's login page, or the script that leads there.
    Login,
    /// A scratch org or a trial that has ended.
    ExpiredOrg,
    /// There is nothing at this address ("URL No Longer Exists"), or not any more.
    NoSuchUrl,
    /// Any other page; a captive portal's, a proxy's and a gateway's cannot be told from each other.
    Other {
        /// Its title, or the first words of it; may be empty.
        title: String,
    },
}

/// What pages are found by, in lower case; the first that is there decides.
const MARKS: &[(&str, Page)] = &[
    ("scratch org expired", Page::ExpiredOrg),
    ("scratch org has expired", Page::ExpiredOrg),
    ("trial has expired", Page::ExpiredOrg),
    ("trial expired", Page::ExpiredOrg),
    ("<title>login | salesforce", Page::Login),
    ("?ec=302&starturl=", Page::Login),
    ("?ec=302&amp;starturl=", Page::Login),
    ("/secur/login", Page::Login),
    ("action=\"https://login.salesforce.com", Page::Login),
    ("action=\"https://test.salesforce.com", Page::Login),
    ("url no longer exists", Page::NoSuchUrl),
    ("down for maintenance", Page::Maintenance),
    ("undergoing maintenance", Page::Maintenance),
    ("scheduled maintenance", Page::Maintenance),
    ("maintenance in progress", Page::Maintenance),
    ("unavailable for maintenance", Page::Maintenance),
    ("we'll be back", Page::Maintenance),
    ("we&#39;ll be back", Page::Maintenance),
    ("we’ll be back", Page::Maintenance),
];

/// The page and its title, where the text is HTML.
pub(super) fn read(status: Option<u16>, text: &str) -> Option<(Page, String)> {
    let text = super::trimmed(text);
    if !is_html(text) {
        return None;
    }
    // Of ASCII alone, so that places in the one are places in the other.
    let lower = text.to_ascii_lowercase();
    let title = title(text, &lower);
    let marked = || MARKS.iter().find(|(mark, _)| lower.contains(mark)).map(|(_, page)| page.clone());
    let page = match status {
        Some(420) => Page::ExpiredOrg,
        status => marked().unwrap_or_else(|| match status {
            Some(404 | 410) => Page::NoSuchUrl,
            _ => Page::Other { title: title.clone() },
        }),
    };
    Some((page, title))
}

/// Whether a text begins as HTML does.
pub(super) fn is_html(text: &str) -> bool {
    let mut text = text;
    // An XHTML page has a declaration first; some have comments.
    while text.starts_with("<?xml") || text.starts_with("<!--") {
        let Some(end) = text.find('>') else { return false };
        text = text[end + 1..].trim_start();
    }
    HTML.iter().any(|start| text.get(..start.len()).is_some_and(|begins| begins.eq_ignore_ascii_case(start)))
}

/// How HTML begins.
pub(super) const HTML: &[&str] = &["<!doctype html", "<html", "<head", "<body", "<script"];

/// What the page is called; else what its text begins with.
fn title(text: &str, lower: &str) -> String {
    let inner = lower.find("<title").and_then(|start| {
        let begin = start + lower[start..].find('>')? + 1;
        let end = begin + lower[begin..].find("</")?;
        Some(text[begin..end].to_owned())
    });
    let said = inner.filter(|title| !title.trim().is_empty()).unwrap_or_else(|| first_words(text, lower));
    let said = quick_xml::escape::unescape(&said).map_or(said.clone(), |plain| plain.into_owned());
    let words: Vec<_> = said.split_whitespace().collect();
    crate::http::redact::mask_text(&words.join(" ")).chars().take(80).collect()
}

/// The text between the tags, scripts and styles left out.
fn first_words(text: &str, lower: &str) -> String {
    let mut words = String::new();
    let mut at = 0;
    while at < text.len() && words.len() < 400 {
        let tag = lower[at..].find('<').map_or(text.len(), |found| at + found);
        words.push_str(text[at..tag].trim());
        words.push(' ');
        let hidden = ["<script", "<style", "<!--"].iter().find(|start| lower[tag..].starts_with(**start));
        let end = match hidden {
            Some(&"<script") => "</script>",
            Some(&"<style") => "</style>",
            Some(_) => "-->",
            None => ">",
        };
        at = lower[tag..].find(end).map_or(text.len(), |found| tag + found + end.len());
    }
    words
}
