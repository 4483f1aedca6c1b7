//! Changes to a draft that put one thing right, each told to have changed something or not.
//!
//! Which of them an error or a warning asks for is not known here.

use super::{
    AuthChoice, BodyKind, Draft, Entry,
    prepare::{UrlForm, looks_like_a_host},
    query::is_encoded,
    variables,
};
use crate::{
    config::ApiVersion,
    salesforce::{authorization, typed_query},
};
use std::ops::Range;

const AUTHORIZATION: &str = "Authorization";

/// Takes the query out of the URL into rows of its own, decoded as it was meant: rows are always encoded whole. A row
/// whose SOQL is encoded already is decoded, or it would be encoded twice; texts in it get single quotes.
pub fn encode_query(draft: &mut Draft) -> bool {
    let mut changed = false;
    for row in &mut draft.params {
        let encoded = typed_query::is_encoded_soql(&row.value);
        let meant = quoted(&row.name, if encoded { decoded(&row.value) } else { row.value.clone() });
        changed |= meant != row.value;
        row.value = meant;
    }
    let Some((base, query)) = draft.url.split_once('?') else { return changed };
    let mut from = 0;
    let ends = typed_query::separators(query).into_iter().chain([query.len()]);
    let parts: Vec<&str> = ends.map(|end| &query[std::mem::replace(&mut from, end + 1)..end]).collect();
    let rows = parts.into_iter().filter(|part| !part.is_empty()).map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let meant = |text: &str| if is_encoded(text) { decoded(text) } else { text.to_owned() };
        Entry::new(meant(name), quoted(name, meant(value)))
    });
    let rows: Vec<Entry> = rows.collect();
    draft.params.splice(0..0, rows);
    draft.url = base.to_owned();
    true
}

fn quoted(name: &str, value: String) -> String {
    let soql = (name == "q").then(|| typed_query::with_single_quotes(&value)).flatten();
    soql.unwrap_or(value)
}

fn decoded(text: &str) -> String {
    variables::map_texts(text, |plain| typed_query::decoded(plain).replace("{{", "\\{{"))
}

/// Sends no body; what was written is kept for another kind.
pub fn drop_body(draft: &mut Draft) -> bool {
    let had = draft.body_kind != BodyKind::None;
    draft.body_kind = BodyKind::None;
    had
}

/// Sends this header, once.
pub fn with_header(draft: &mut Draft, name: &str, value: &str) -> bool {
    let before = draft.headers.clone();
    let mut rows = rows_of(draft, name);
    if let Some(first) = rows.next() {
        *first = Entry::new(name, value);
        rows.for_each(|row| row.on = false);
    } else {
        drop(rows);
        draft.headers.push(Entry::new(name, value));
    }
    draft.headers != before
}

/// Sends no such header: its rows are switched off. What the profile adds is the profile's matter.
pub fn without_header(draft: &mut Draft, name: &str) -> bool {
    rows_of(draft, name).filter(|row| row.on).map(|row| row.on = false).count() > 0
}

fn rows_of<'a>(draft: &'a mut Draft, name: &'a str) -> impl Iterator<Item = &'a mut Entry> {
    draft.headers.iter_mut().filter(move |row| row.name.trim().eq_ignore_ascii_case(name.trim()))
}

/// Sends it with this method.
pub fn with_method(draft: &mut Draft, method: &str) -> bool {
    let method = method.trim().to_ascii_uppercase();
    let changed = draft.method.trim() != method;
    draft.method = method;
    changed
}

/// Names this API version in the URL, in place of whatever stands there: `v64`, `64.0`, `{{version}}`, nothing.
/// Paths that have no version (Apex REST, OAuth) stay as they are.
pub fn with_version(draft: &mut Draft, version: ApiVersion) -> bool {
    let url = draft.url.trim();
    let (path, query) = cut_query(url);
    let changed = match version_place(path) {
        Some((at, number)) => {
            let text = if number { version.number() } else { version.to_string() };
            let slash = if at.is_empty() { "/" } else { "" };
            format!("{}{text}{slash}{}{query}", &path[..at.start], &path[at.end..])
        }
        None if is_resource(path) => format!("/services/data/{version}/{path}{query}"),
        None => return false,
    };
    replace_url(draft, changed)
}

/// The version's place in a path, empty where it is missing, and whether it is written there without the `v`.
fn version_place(path: &str) -> Option<(Range<usize>, bool)> {
    let lower = path.to_ascii_lowercase();
    let after = |prefix: &str| lower.find(prefix).map(|at| at + prefix.len());
    let segment = |from: usize| from..lower[from..].find('/').map_or(lower.len(), |length| from + length);
    if let Some(from) = after("/services/data/") {
        let at = segment(from);
        let text = &lower[at.clone()];
        let is_version = text.starts_with("{{") || text.contains(|c: char| c.is_ascii_digit());
        return (!text.is_empty()).then_some((if is_version { at } else { from..from }, false));
    }
    if let Some(from) = after("/services/async/") {
        return Some((segment(from), true)).filter(|(at, _)| !at.is_empty());
    }
    let kind = segment(after("/services/soap/")?);
    (kind.end < lower.len()).then(|| (segment(kind.end + 1), true)).filter(|(at, _)| !at.is_empty())
}

/// Sends it to the token's own instance: what stands before the path is taken off.
pub fn to_instance(draft: &mut Draft) -> bool {
    let url = draft.url.trim();
    let path = if let Some(rest) = url.strip_prefix("{{") {
        match rest.split_once("}}") {
            Some((name, path)) if name.trim() != "instance_url" && path.starts_with('/') => path.to_owned(),
            _ => return false,
        }
    } else if UrlForm::of(url) == UrlForm::Absolute {
        let host = url.find("://").map_or(0, |at| at + 3);
        let path = &url[url[host..].find(['/', '?']).map_or(url.len(), |at| host + at)..];
        if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
    } else if looks_like_a_host(url.split(['/', '?']).next().unwrap_or_default()) {
        format!("/{}", url.split_once('/').map_or("", |(_, path)| path))
    } else {
        return false;
    };
    replace_url(draft, path)
}

/// Sends it to Tooling API.
pub fn to_tooling(draft: &mut Draft) -> bool {
    let url = draft.url.trim();
    let Some(at) = resource(url).filter(|at| !is_tooling(&url[*at..])) else { return false };
    let changed = format!("{}tooling/{}", &url[..at], &url[at..]);
    replace_url(draft, changed)
}

/// Sends it to the data API in place of Tooling API.
pub fn to_data_api(draft: &mut Draft) -> bool {
    let url = draft.url.trim();
    let Some(at) = resource(url).filter(|at| is_tooling(&url[*at..])) else { return false };
    let changed = format!("{}{}", &url[..at], &url[at + "tooling/".len()..]);
    replace_url(draft, changed)
}

fn is_tooling(resource: &str) -> bool {
    resource.get(.."tooling/".len()).is_some_and(|start| start.eq_ignore_ascii_case("tooling/"))
}

/// Where the resource begins: after the version.
fn resource(url: &str) -> Option<usize> {
    let (path, _) = cut_query(url);
    const DATA: &str = "/services/data/";
    let Some(from) = path.to_ascii_lowercase().find(DATA).map(|at| at + DATA.len()) else {
        return is_resource(path).then_some(0);
    };
    path[from..].find('/').map(|length| from + length + 1)
}

/// Whether a path is bare: `limits`.
fn is_resource(path: &str) -> bool {
    let first = path.split('/').next().unwrap_or_default();
    !path.is_empty() && UrlForm::of(path) == UrlForm::Bare && !looks_like_a_host(first)
}

fn cut_query(url: &str) -> (&str, &str) {
    url.split_at(url.find('?').unwrap_or(url.len()))
}

fn replace_url(draft: &mut Draft, url: String) -> bool {
    let changed = draft.url != url;
    draft.url = url;
    changed
}

/// Makes a header written by hand exactly `Authorization: Bearer` and the token. Where there is none, or no token in
/// it, the profile's token is sent.
pub fn fix_authorization(draft: &mut Draft) -> bool {
    let before = draft.clone();
    let at = |rows: &[Entry], is: fn(&str) -> bool| rows.iter().position(|row| row.on && is(row.name.trim()));
    let exact = |name: &str| name.eq_ignore_ascii_case(AUTHORIZATION);
    let found = at(&draft.headers, exact).or_else(|| at(&draft.headers, authorization::is_misspelt_name));
    match found.map(|at| &draft.headers[at].value).and_then(|value| authorization::corrected(value)) {
        Some(value) => {
            if let Some(at) = found {
                AUTHORIZATION.clone_into(&mut draft.headers[at].name);
            }
            with_header(draft, AUTHORIZATION, &value);
        }
        None => {
            if let Some(at) = found {
                draft.headers[at].on = false;
            }
            without_header(draft, AUTHORIZATION);
            draft.auth = AuthChoice::Profile;
        }
    }
    *draft != before
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Scope;

    fn draft(url: &str) -> Draft {
        Draft { url: url.into(), ..Draft::new() }
    }

    /// The URL after a change, and that a second one changes nothing more.
    fn after(url: &str, change: impl Fn(&mut Draft) -> bool) -> String {
        let mut draft = draft(url);
        let changed = change(&mut draft);
        assert_eq!(changed, draft.url != url, "{url}");
        assert!(!change(&mut draft), "{url} became {}", draft.url);
        draft.url
    }

    #[test]
    fn a_query_becomes_rows_that_travel_as_they_were_meant() {
        let sent = |url: &str| {
            let mut draft = draft(url);
            draft.params = vec![Entry::new("z", "1")];
            assert!(encode_query(&mut draft), "{url}");
            assert!(!encode_query(&mut draft), "{url}");
            let mut scope = Scope::default();
            scope.set("instance_url", "https://acme.my.salesforce.com");
            scope.set("version", "v64.0");
            let url = draft.prepare(&scope, &[]).unwrap().url;
            url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>()
        };
        let name = "SELECT+Id+FROM+Account+WHERE+Name";
        let plain = "SELECT Id FROM Account WHERE Name";
        assert_eq!(sent(&format!("query?q={name}='A&B'&x=1")), [&format!("q={plain}='A&B'"), "x=1", "z=1"]);
        assert_eq!(sent(&format!("query?q={name}+LIKE+'%AB%'")), [&format!("q={plain} LIKE '%AB%'"), "z=1"]);
        assert_eq!(sent(&format!("query?q={plain} LIKE 'A%20'")), [&format!("q={plain} LIKE 'A%20'"), "z=1"]);
        let time = "2024-01-01T00:00:00+01:00";
        assert_eq!(sent(&format!("query?q={name}={time}")), [&format!("q={plain}={time}"), "z=1"]);
        assert_eq!(sent(&format!("query?q={plain} = \"A\"")), [&format!("q={plain} = 'A'"), "z=1"]);
        let mut scope = draft("query?q=SELECT+Id+FROM+{{ object }}");
        assert!(encode_query(&mut scope));
        assert_eq!(scope.params[0].value, "SELECT Id FROM {{object}}");
    }

    #[test]
    fn a_row_encoded_twice_is_decoded_and_other_rows_are_left() {
        let mut draft = draft("query");
        draft.params = vec![Entry::new("q", "SELECT+Id%2CName+FROM+Account"), Entry::new("phone", "+49%20")];
        assert!(encode_query(&mut draft));
        assert_eq!(draft.params[0].value, "SELECT Id,Name FROM Account");
        assert_eq!(draft.params[1].value, "+49%20");
        assert!(!encode_query(&mut draft));
    }

    #[test]
    fn headers_are_set_once_and_switched_off() {
        let mut draft = draft("limits");
        assert!(with_header(&mut draft, "If-Match", "*"));
        assert!(!with_header(&mut draft, "If-Match", "*"));
        draft.headers.push(Entry::new("if-match", "x"));
        assert!(with_header(&mut draft, "If-Match", "*"));
        assert_eq!(draft.headers.iter().filter(|row| row.on).count(), 1);
        assert!(without_header(&mut draft, "IF-MATCH"));
        assert!(draft.headers.iter().all(|row| !row.on) && !without_header(&mut draft, "If-Match"));
    }

    #[test]
    fn method_and_body() {
        let mut draft = Draft { body_kind: BodyKind::Json, body: "{}".into(), ..draft("x") };
        assert!(with_method(&mut draft, "patch") && !with_method(&mut draft, "PATCH"));
        assert!(drop_body(&mut draft) && !drop_body(&mut draft));
        assert_eq!((draft.method.as_str(), draft.body.as_str()), ("PATCH", "{}"));
    }

    #[test]
    fn the_version_is_named_wherever_a_path_has_one() {
        let set = |url: &str| after(url, |draft| with_version(draft, ApiVersion(64)));
        for (url, expected) in [
            ("limits?a=/1", "/services/data/v64.0/limits?a=/1"),
            ("/services/data/v20.0/limits", "/services/data/v64.0/limits"),
            ("/services/data/v64/limits", "/services/data/v64.0/limits"),
            ("/services/data/64.0/limits", "/services/data/v64.0/limits"),
            ("/services/data/{{version}}/limits", "/services/data/v64.0/limits"),
            ("/services/data/query?q=x", "/services/data/v64.0/query?q=x"),
            (
                "https://a.my.salesforce.com/services/data/v99.0",
                "https://a.my.salesforce.com/services/data/v64.0",
            ),
            ("/services/async/20.0/job", "/services/async/64.0/job"),
            ("/services/Soap/u/65.0", "/services/Soap/u/64.0"),
            ("/services/Soap/u/65.0/00D", "/services/Soap/u/64.0/00D"),
            ("/services/data", "/services/data"),
            ("/services/data/", "/services/data/"),
            ("/services/apexrest/v1/x", "/services/apexrest/v1/x"),
            ("/services/Soap/u", "/services/Soap/u"),
            ("acme.my.salesforce.com/x", "acme.my.salesforce.com/x"),
            ("", ""),
        ] {
            assert_eq!(set(url), expected, "{url}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_url_panics(url in "(/services/(data|async|soap)/?)?(https://)?[a{}/?:%.é ]{0,12}") {
            for change in [to_instance, to_tooling, to_data_api, encode_query] {
                change(&mut draft(&url));
            }
            with_version(&mut draft(&url), ApiVersion(64));
        }
    }

    #[test]
    fn an_absolute_url_becomes_the_instances_own() {
        for (url, expected) in [
            ("https://login.salesforce.com/services/data?a=1", "/services/data?a=1"),
            ("https://login.salesforce.com", "/"),
            ("https://login.salesforce.com?a=1", "/?a=1"),
            ("{{login_url}}/services/data", "/services/data"),
            ("acme.my.salesforce.com/services/data", "/services/data"),
            ("{{instance_url}}/services/data", "{{instance_url}}/services/data"),
            ("/services/data", "/services/data"),
            ("limits", "limits"),
            ("query?q=a://b", "query?q=a://b"),
        ] {
            assert_eq!(after(url, to_instance), expected, "{url}");
        }
    }

    #[test]
    fn tooling_and_back() {
        for (data, tooling) in [
            ("query?q=x", "tooling/query?q=x"),
            ("/services/data/v64.0/sobjects", "/services/data/v64.0/tooling/sobjects"),
            (
                "https://a.example/services/data/{{version}}/query",
                "https://a.example/services/data/{{version}}/tooling/query",
            ),
        ] {
            assert_eq!(after(data, to_tooling), tooling);
            assert_eq!(after(tooling, to_data_api), data);
        }
        for other in ["/services/apexrest/x", "/services/data/v64.0", "/services/data", ""] {
            assert_eq!(after(other, to_tooling), other);
            assert_eq!(after(other, to_data_api), other);
        }
    }

    #[test]
    fn a_header_written_by_hand_is_corrected() {
        let fixed = |rows: &[(&str, &str)], auth| {
            let headers = rows.iter().map(|(name, value)| Entry::new(*name, *value)).collect();
            let mut draft = Draft { headers, auth, ..draft("limits") };
            let changed = fix_authorization(&mut draft);
            assert!(!fix_authorization(&mut draft));
            let on = draft.headers.iter().filter(|row| row.on);
            (changed, on.map(|row| format!("{}: {}", row.name, row.value)).collect::<Vec<_>>(), draft.auth)
        };
        let none = AuthChoice::None;
        let good = vec!["Authorization: Bearer 00D!x".to_owned()];
        assert_eq!(fixed(&[("Authorization", "Bearer 00D!x")], none), (false, good.clone(), none));
        assert_eq!(fixed(&[("Autorization", "00D!x")], none), (true, good.clone(), none));
        assert_eq!(fixed(&[("authorization", "Bearer  \"00D!x\"\n")], none), (true, good.clone(), none));
        let twice = [("Authorization", "Bearer 00D!x"), ("AUTHORIZATION", "Bearer y")];
        assert_eq!(fixed(&twice, none), (true, good.clone(), none));
        let custom = [("token", "abc"), ("Authorization", "Bearer: 00D!x")];
        assert_eq!(fixed(&custom, none).1, ["token: abc", "Authorization: Bearer 00D!x"]);
        assert_eq!(fixed(&[("Authorization", "Bearer null")], none), (true, vec![], AuthChoice::Profile));
        assert_eq!(fixed(&[], none), (true, vec![], AuthChoice::Profile));
        assert_eq!(fixed(&[], AuthChoice::Profile), (false, vec![], AuthChoice::Profile));
    }
}
