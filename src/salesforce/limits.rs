//! What an org allows and what is left of it: the answer of `/limits`, and the header that comes with every answer.
//!
//! The figures are the org's own and a little behind: it counts them apart from the calls (Source: enreeco's blog,
//! "API Request limit on REST header response").

use super::{Session, rest};
use http::HeaderMap;
use serde_json::{Map, Value};
use std::time::SystemTime;
use url::Url;

/// The limit that the header speaks of.
pub const API_REQUESTS: &str = "DailyApiRequests";

/// Stands between a limit's key and that of a part of it: `DailyApiRequests/Ant Migration Tool`.
const PART: char = '/';

/// One limit as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Salesforce's key; a part's behind its limit's and a slash.
    pub key: String,
    /// How it stands.
    pub level: Level,
}

/// How much of something is allowed, and how much of that is left. In the limit's own unit: calls, MB, hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// What is allowed; 0 where the org allows none, or sets no limit.
    pub max: i64,
    /// What is left; below 0 where an org lets more be used than it allows.
    pub remaining: i64,
}

/// A level and when it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// When, to the second.
    pub at: SystemTime,
    /// How it stood.
    pub level: Level,
}

/// What a level is worth saying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alert {
    /// Nothing.
    None,
    /// Much is used.
    Warning,
    /// Nearly all is.
    Alarm,
}

impl Level {
    /// From what is used.
    pub fn used_of(used: i64, max: i64) -> Self {
        Self { max, remaining: max.saturating_sub(used) }
    }

    /// What is used.
    pub fn used(self) -> i64 {
        self.max.saturating_sub(self.remaining)
    }

    /// What is used of a hundred, rounded down: 100 is really all. `None` where nothing is allowed.
    pub fn percent(self) -> Option<u64> {
        let max = u128::try_from(self.max).ok().filter(|max| *max > 0)?;
        let used = u128::try_from(self.used()).unwrap_or(0);
        Some(u64::try_from(used * 100 / max).unwrap_or(u64::MAX))
    }

    /// What is used, from 0 to 1, for a bar. What goes beyond the limit is no longer told apart.
    pub fn share(self) -> f64 {
        match self.max {
            1.. => (self.used() as f64 / self.max as f64).clamp(0.0, 1.0),
            _ => 0.0,
        }
    }

    /// What that is worth saying, where a warning is wanted from `warning` percent on.
    pub fn alert(self, warning: u8) -> Alert {
        match self.percent() {
            Some(percent) if percent >= alarm(warning) => Alert::Alarm,
            Some(percent) if percent >= u64::from(warning) => Alert::Warning,
            _ => Alert::None,
        }
    }
}

impl Alert {
    /// The sign that stands for it where colours may be missing.
    pub fn mark(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Warning => "!",
            Self::Alarm => "!!",
        }
    }
}

/// From how many percent on nearly all is used: never before the warning.
fn alarm(warning: u8) -> u64 {
    const ALARM: u8 = 95;
    u64::from(ALARM.max(warning))
}

/// Where an org tells all its limits.
///
/// Source: REST API Developer Guide, Limits.
pub fn url(session: &Session) -> Url {
    rest::at(session, &format!("/services/data/{}/limits", session.api_version))
}

/// Reads the answer of `/limits`, in its order; what is no limit in it is left out. `None` if it is no such answer.
///
/// Source: REST API Developer Guide, Limits: each has `Max` and `Remaining`; `DailyApiRequests` has one for each
/// connected app inside, `PermissionSets` has `CreateCustom`.
pub fn parse(body: &[u8]) -> Option<Vec<Limit>> {
    let all: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let mut limits = Vec::new();
    for (name, value) in &all {
        collect(name.clone(), value, &mut limits);
    }
    // An object of something else is not an org without limits.
    (!limits.is_empty() || all.is_empty()).then_some(limits)
}

fn collect(key: String, value: &Value, limits: &mut Vec<Limit>) {
    let Value::Object(map) = value else { return };
    let number =
        |name: &str| map.get(name).and_then(|value| value.as_i64().or(value.as_f64().map(|f| f as i64)));
    if let (Some(max), Some(remaining)) = (number("Max"), number("Remaining")) {
        limits.push(Limit { key: key.clone(), level: Level { max, remaining } });
    }
    for (name, inner) in map {
        collect(format!("{key}{PART}{name}"), inner, limits);
    }
}

/// Puts the fullest first; among equals the larger use, then the name.
pub fn sort(limits: &mut [Limit]) {
    let fullness =
        |limit: &Limit| (limit.level.max > 0).then(|| limit.level.used() as f64 / limit.level.max as f64);
    limits.sort_by(|a, b| {
        let by_share = fullness(b).unwrap_or(-1.0).total_cmp(&fullness(a).unwrap_or(-1.0));
        by_share.then(b.level.used().cmp(&a.level.used())).then_with(|| a.key.cmp(&b.key))
    });
}

/// API calls of the last 24 hours: the org's, and the app's where the app has a limit of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiUsage {
    /// The whole org's.
    pub org: Level,
    /// The connected app's, and its name.
    pub app: Option<(String, Level)>,
}

impl ApiUsage {
    /// As limits, under the keys that `/limits` has for them.
    pub fn limits(&self) -> Vec<Limit> {
        let org = Limit { key: API_REQUESTS.to_owned(), level: self.org };
        let app = self.app.as_ref();
        let app =
            app.map(|(name, level)| Limit { key: format!("{API_REQUESTS}{PART}{name}"), level: *level });
        std::iter::once(org).chain(app).collect()
    }

    /// The one that will be used up first, and the app's name if it is the app's.
    pub fn tighter(&self) -> (Level, Option<&str>) {
        match &self.app {
            Some((name, level)) if level.share() > self.org.share() => (*level, Some(name)),
            _ => (self.org, None),
        }
    }
}

/// Reads `Sforce-Limit-Info: api-usage=18/15000, per-app-api-usage=17/250(appName=My App)`.
///
/// Source: REST API Developer Guide, Limit Info Header.
pub fn api_usage(headers: &HeaderMap) -> Option<ApiUsage> {
    // An app's name may be in letters that are not ASCII.
    let value = String::from_utf8_lossy(headers.get("sforce-limit-info")?.as_bytes()).into_owned();
    let at = value.find("per-app-api-usage=");
    let (org, app) = at.map_or((value.as_str(), None), |at| (&value[..at], Some(&value[at..])));
    let org = org.split(',').find_map(|part| part.trim().strip_prefix("api-usage="))?;
    Some(ApiUsage { org: used_of(org)?, app: app.and_then(app_usage) })
}

fn app_usage(text: &str) -> Option<(String, Level)> {
    let text = text.strip_prefix("per-app-api-usage=")?;
    let (figures, name) = text.split_once("(appName=")?;
    // The name is all up to the last bracket: it may have brackets itself.
    let name = name.rsplit_once(')').map_or(name, |(name, _)| name).trim();
    Some((name.to_owned(), used_of(figures)?)).filter(|(name, _)| !name.is_empty())
}

fn used_of(text: &str) -> Option<Level> {
    let (used, max) = text.trim().split_once('/')?;
    let (used, max): (i64, i64) = (used.trim().parse().ok()?, max.trim().parse().ok()?);
    (used >= 0 && max >= 0).then(|| Level::used_of(used, max))
}

/// A key in words: `DailyBulkV2QueryFileStorageMB` → `Daily Bulk V2 query file storage MB`. The name of an app stays.
pub fn label(key: &str) -> String {
    match key.split_once(PART) {
        Some((API_REQUESTS, app)) => format!("{} · {app}", label(API_REQUESTS)),
        Some((limit, part)) => format!("{} · {}", label(limit), label(part)),
        None if key.contains(char::is_whitespace) => key.to_owned(),
        None => in_words(key),
    }
}

/// Words that are written in a way of their own.
const SPELLED: &[(&str, &str)] = &[
    ("Api", "API"),
    ("Odata", "OData"),
    ("Ai", "AI"),
    ("Cdp", "CDP"),
    ("Sms", "SMS"),
    ("Mb", "MB"),
    ("Bulk", "Bulk"),
    ("Apex", "Apex"),
    ("Streaming", "Streaming"),
];

fn in_words(key: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let chars: Vec<char> = key.chars().collect();
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| chars[i]);
        let after = chars.get(i + 1);
        let begins = c.is_uppercase()
            && (before.is_none_or(|b| b.is_lowercase() || b.is_ascii_digit())
                || after.is_some_and(|a| a.is_lowercase()));
        match words.last_mut() {
            // `OData` is one word.
            Some(word) if !begins || word == "O" => word.push(*c),
            _ => words.push(c.to_string()),
        }
    }
    let spelled = words.iter().enumerate().map(|(i, word)| {
        let known =
            SPELLED.iter().find(|(plain, _)| plain.eq_ignore_ascii_case(word)).map(|(_, as_is)| *as_is);
        let is_name = word.chars().all(|c| c.is_uppercase() || c.is_ascii_digit());
        match known {
            Some(known) => known.to_owned(),
            None if i == 0 || is_name => word.clone(),
            None => word.to_lowercase(),
        }
    });
    spelled.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn usage(header: &'static str) -> Option<ApiUsage> {
        let mut headers = HeaderMap::new();
        headers.insert("sforce-limit-info", HeaderValue::from_str(header).unwrap());
        api_usage(&headers)
    }

    #[test]
    fn the_header_is_read_with_and_without_an_app() {
        let plain = usage("api-usage=18/15000").unwrap();
        assert_eq!((plain.org, plain.app.clone()), (Level { max: 15_000, remaining: 14_982 }, None));
        assert_eq!(plain.limits().len(), 1);
        let both = usage("api-usage=25/5000, per-app-api-usage=17/250(appName=Sync, nightly (EU))").unwrap();
        assert_eq!(both.app, Some(("Sync, nightly (EU)".into(), Level { max: 250, remaining: 233 })));
        assert_eq!(both.tighter().1, Some("Sync, nightly (EU)"));
        assert_eq!(both.limits()[1].key, "DailyApiRequests/Sync, nightly (EU)");
        assert_eq!(usage("per-app-api-usage=1/2(appName=x), api-usage=3/4"), None, "nobody sends that");
        for odd in ["", "api-usage=", "api-usage=a/b", "api-usage=-1/5", "api-usage=5", "x=1/2"] {
            assert_eq!(usage(odd), None, "{odd}");
        }
        let half = usage("api-usage=25/5000, per-app-api-usage=17/250").unwrap();
        assert_eq!((half.org.used(), half.app), (25, None));
    }

    #[test]
    fn an_answer_is_read_with_what_is_nested_in_it() {
        let body = br#"{"DailyApiRequests":{"Max":15000,"Remaining":13766,"Ant Migration Tool":{"Max":0,"Remaining":0}},
            "PermissionSets":{"Max":1500,"Remaining":1499,"CreateCustom":{"Max":1000,"Remaining":999}},
            "Odd":{"Max":"many"},"DataStorageMB":{"Max":5,"Remaining":-2}}"#;
        let limits = parse(body).unwrap();
        let told: Vec<_> =
            limits.iter().map(|l| (l.key.as_str(), l.level.used(), l.level.percent())).collect();
        assert_eq!(
            told,
            [
                ("DailyApiRequests", 1234, Some(8)),
                ("DailyApiRequests/Ant Migration Tool", 0, None),
                ("PermissionSets", 1, Some(0)),
                ("PermissionSets/CreateCustom", 1, Some(0)),
                ("DataStorageMB", 7, Some(140)),
            ]
        );
        assert_eq!(parse(b"{}"), Some(Vec::new()));
        for other in [&b"[]"[..], b"<html>", b"", br#"{"totalSize":1}"#] {
            assert_eq!(parse(other), None, "{}", String::from_utf8_lossy(other));
        }
    }

    #[test]
    fn the_fullest_comes_first_and_what_has_no_limit_last() {
        let limit = |key: &str, used, max| Limit { key: key.into(), level: Level::used_of(used, max) };
        let mut limits =
            [limit("none", 0, 0), limit("b", 0, 9), limit("a", 0, 5), limit("full", 7, 5), limit("x", 4, 5)];
        sort(&mut limits);
        assert_eq!(limits.map(|l| l.key), ["full", "x", "a", "b", "none"]);
    }

    #[test]
    fn thresholds_are_reached_not_rounded_to() {
        let alert = |used| Level::used_of(used, 1000).alert(80);
        assert_eq!([alert(799), alert(800), alert(949)], [Alert::None, Alert::Warning, Alert::Warning]);
        assert_eq!([alert(950), alert(2000)], [Alert::Alarm, Alert::Alarm]);
        assert_eq!(Level::used_of(5, 0).alert(80), Alert::None);
        assert_eq!(
            Level::used_of(96, 100).alert(97),
            Alert::None,
            "the alarm never comes before the warning"
        );
        assert_eq!(Level::used_of(1, 1000).alert(0), Alert::Warning);
    }

    #[test]
    fn keys_become_words() {
        for (key, words) in [
            ("DailyApiRequests", "Daily API requests"),
            ("DailyBulkV2QueryFileStorageMB", "Daily Bulk V2 query file storage MB"),
            ("HourlyODataCallout", "Hourly OData callout"),
            ("DataStorageMB", "Data storage MB"),
            ("PermissionSets/CreateCustom", "Permission sets · Create custom"),
            ("DailyApiRequests/DreamFactory", "Daily API requests · DreamFactory"),
            ("DailyApiRequests/Ant Migration Tool", "Daily API requests · Ant Migration Tool"),
            ("MassEmail", "Mass email"),
            ("CdpAiInferenceApiMonthlyLimit", "CDP AI inference API monthly limit"),
        ] {
            assert_eq!(label(key), words);
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(key: String, header in "[ -~]{0,60}", max: i64, remaining: i64, warning: u8, body: Vec<u8>) {
            let level = Level { max, remaining };
            let _ = (label(&key), level.percent(), level.alert(warning), level.share(), parse(&body));
            let mut headers = HeaderMap::new();
            headers.insert("sforce-limit-info", HeaderValue::from_str(&header).unwrap());
            let _ = api_usage(&headers);
        }

        #[test]
        fn a_label_has_every_letter_of_its_key(key in "[A-Z][A-Za-z0-9]{0,30}") {
            let bare = |text: &str| text.replace(' ', "").to_lowercase();
            prop_assert_eq!(bare(&label(&key)), bare(&key));
        }
    }
}
