//! What becomes of drafts.

use super::*;
use crate::config::{Profile, parse};
use http::Method;
use proptest::prelude::*;

const HOST: &str = "https://acme.my.salesforce.com";

fn scope() -> Scope {
    let text = "[profiles.x]\nflow = 'access_token'\ninstance_url = 'https://acme.my.salesforce.com/'\n\
                api_version = '66.0'\n[profiles.x.variables]\nname = 'A&B +1'\nid = '001/x?y'\n\
                next = '/services/data/v66.0/query/01g-2000?a=b%20c'\nline = \"a\\nb\"\nquote = 'a\"b'\n";
    Scope::new(&Profile::clone(&parse(text).unwrap().profiles[0]), None)
}

fn get(url: &str) -> Draft {
    Draft { url: url.to_owned(), ..Draft::new() }
}

fn prepare(draft: &Draft) -> Result<Prepared, Vec<DraftProblem>> {
    draft.prepare(&scope(), &[])
}

fn url(typed: &str) -> String {
    prepare(&get(typed)).unwrap_or_else(|problems| panic!("{typed}: {problems:?}")).url.into()
}

fn problem(draft: &Draft) -> (Field, String) {
    let problems = prepare(draft).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    (problems[0].field, problems[0].message.clone())
}

#[test]
fn a_url_may_be_absolute_rooted_or_bare() {
    for (typed, sent) in [
        ("limits", "/services/data/v66.0/limits"),
        (" sobjects/Account ", "/services/data/v66.0/sobjects/Account"),
        ("/services/apexrest/x", "/services/apexrest/x"),
        ("https://acme.my.salesforce.com/services/data", "/services/data"),
        ("{{instance_url}}/services/data", "/services/data"),
        ("{{next}}", "/services/data/v66.0/query/01g-2000?a=b%20c"),
        ("/services/data/{{version}}/", "/services/data/v66.0/"),
        ("//evil.example/x", "//evil.example/x"),
        ("sobjects/Account/{{id}}", "/services/data/v66.0/sobjects/Account/001/x%3Fy"),
        ("a b#c/%41/100%", "/services/data/v66.0/a%20b%23c/%41/100%25"),
    ] {
        assert_eq!(url(typed), format!("{HOST}{sent}"), "{typed}");
    }
}

#[test]
fn a_query_is_encoded_once() {
    let base = format!("{HOST}/services/data/v66.0/query?q=");
    for (typed, sent) in [
        ("SELECT Id FROM Account", "SELECT%20Id%20FROM%20Account"),
        ("SELECT+Id+FROM+Account", "SELECT+Id+FROM+Account"),
        ("SELECT%20Id%20FROM%20Account", "SELECT%20Id%20FROM%20Account"),
        (
            "SELECT Id FROM Account WHERE D > 2026-01-31T10:00:00+01:00",
            "SELECT%20Id%20FROM%20Account%20WHERE%20D%20%3E%202026-01-31T10:00:00%2B01:00",
        ),
        (
            "SELECT Id FROM A WHERE N LIKE '100%' AND M = 'A&B#1'",
            "SELECT%20Id%20FROM%20A%20WHERE%20N%20LIKE%20%27100%25%27%20AND%20M%20=%20%27A%26B%231%27",
        ),
        ("SELECT+Id+FROM+A+WHERE+N='{{name}}'", "SELECT+Id+FROM+A+WHERE+N=%27A%26B%20%2B1%27"),
        ("FIND {Acme*}", "FIND%20%7BAcme*%7D"),
    ] {
        assert_eq!(url(&format!("query?q={typed}")), format!("{base}{sent}"), "{typed}");
    }
    let mut draft = get("query?q=a");
    draft.params =
        vec![Entry::new("x", "{{name}}"), Entry { on: false, ..Entry::new("y", "") }, Entry::new("", "")];
    assert_eq!(prepare(&draft).unwrap().url.as_str(), format!("{base}a&x=A%26B%20%2B1"));
}

#[test]
fn what_is_wrong_with_a_url_is_told_at_the_url() {
    for (typed, says) in [
        ("", "there is no URL"),
        ("?q=x", "there is no URL"),
        ("acme.my.salesforce.com/services/data", "looks like a host; write https://acme"),
        ("http://acme.my.salesforce.com/", "a token is sent over https only"),
        ("ftp://acme.my.salesforce.com/", "only http and https"),
        ("https://ada:hunter2@acme.my.salesforce.com/", "holds a name or password"),
        ("https:///", "this is not a URL"),
        ("limits/{{nobody}}", "{{nobody}} has no value"),
    ] {
        let (field, message) = problem(&get(typed));
        assert!(field == Field::Url && message.contains(says), "{typed}: {message}");
        assert!(!message.contains("hunter2"));
    }
    let open = Draft { auth: AuthChoice::None, ..get("http://acme.example/") };
    assert!(prepare(&open).is_ok() && prepare(&get("http://localhost:4000/x")).is_ok());
}

#[test]
fn what_nobody_typed_has_no_place() {
    let scope = Scope::new(&parse("[profiles.x]\nflow = 'password'").unwrap().profiles[0], None);
    let problems = get("limits/{{a}}").prepare(&scope, &[]).unwrap_err();
    assert_eq!((problems.len(), problems[0].place), (1, Some(Place { line: 1, column: 8 })));
    let problems = get("limits").prepare(&scope, &[]).unwrap_err();
    assert_eq!((problems.len(), problems[0].place), (1, None));
    assert_eq!(problems[0].message, "{{instance_url}} needs a token first: press t");
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let draft = Draft {
        method: "FETCH".into(),
        params: vec![Entry::new("", "x"), Entry::new("a", "{{no}}")],
        headers: vec![
            Entry::new("a b", "x"),
            Entry::new("X", "{{line}}"),
            Entry::new("Host", "x"),
            Entry::new("Y", "\u{1}"),
        ],
        body_kind: BodyKind::Form,
        form: vec![Entry::new("", "x")],
        ..get("limits")
    };
    let fields: Vec<Field> = prepare(&draft).unwrap_err().into_iter().map(|problem| problem.field).collect();
    use Field::{FormRow, Header, Method, Param};
    assert_eq!(fields, [Method, Param(0), Param(1), Header(0), Header(1), Header(2), Header(3), FormRow(0)]);
}

#[test]
fn headers_of_the_draft_win_over_the_profile_s() {
    let profile = [("X-A", "1"), ("Content-Type", "text/csv")].map(|(n, v)| (n.to_owned(), v.to_owned()));
    let mut draft = Draft {
        headers: vec![
            Entry::new("x-a", "2"),
            Entry::new("X-B", "{{version}}"),
            Entry::new("Authorization", "Bearer t"),
        ],
        body_kind: BodyKind::Json,
        body: "{}".into(),
        ..get("limits")
    };
    let prepared = draft.prepare(&scope(), &profile).unwrap();
    let headers = &prepared.headers;
    assert_eq!(
        (&headers["x-a"], &headers["x-b"], &headers["content-type"]),
        (&"2".parse().unwrap(), &"v66.0".parse().unwrap(), &"text/csv".parse().unwrap())
    );
    assert!(!format!("{prepared:?}").contains("Bearer t"));
    draft.headers.clear();
    assert_eq!(prepare(&draft).unwrap().headers["content-type"], "application/json; charset=UTF-8");
}

#[test]
fn a_body_is_what_its_kind_says() {
    let body = |kind, text: &str| {
        let form = vec![Entry::new("a b", "é&{{name}}"), Entry { on: false, ..Entry::new("c", "d") }];
        prepare(&Draft { body_kind: kind, body: text.into(), form, ..get("limits") }).unwrap().body
    };
    assert_eq!(body(BodyKind::None, "x"), "");
    assert_eq!(body(BodyKind::Raw, "v={{version}}"), "v=v66.0");
    assert_eq!(body(BodyKind::Form, "x"), "a+b=%C3%A9%26A%26B+%2B1");
    assert_eq!(body(BodyKind::Json, "{\"v\": \"{{version}}\"}"), "{\"v\": \"v66.0\"}");
}

#[test]
fn a_json_body_is_checked_and_the_place_is_the_one_typed() {
    for (body, says) in [
        ("", "the body is empty"),
        ("{\"a\": 1,}", "key must be a string at line 1, column 9"),
        ("{\n  \"é\": trux\n}", "expected ident at line 2, column 11"),
        ("{\n  \"a\": \"{{version}}\" x\n}", "at line 2, column 22"),
        ("{\"a\": \"{{quote}}\"}", "at line 1, column 8"),
        ("[1, 2", "EOF while parsing a list at line 1, column 6"),
    ] {
        let (field, message) =
            problem(&Draft { body_kind: BodyKind::Json, body: body.into(), ..get("limits") });
        assert!(field == Field::Body && message.contains(says), "{body}: {message}");
    }
}

#[test]
fn a_write_is_known_by_its_method_or_by_running_code() {
    assert!(!is_write(&Method::GET, "/services/data/v66.0/query") && !is_write(&Method::HEAD, "/"));
    assert!(is_write(&Method::POST, "/services/data/v66.0/query") && is_write(&Method::OPTIONS, "/"));
    for path in ["executeAnonymous", "ExecuteAnonymous/", "execute%41nonymous", "executeAnonymous.json"] {
        assert!(is_write(&Method::GET, &format!("/services/data/v66.0/tooling/{path}")), "{path}");
    }
    assert!(!is_write(&Method::GET, "/services/data/v66.0/sobjects/executeAnonymousLog__c"));
}

#[test]
fn whether_a_token_is_needed_first() {
    let latest = parse("[profiles.x]\nflow = 'password'\n").unwrap();
    let scope = Scope::new(&latest.profiles[0], None);
    let open = |url: &str| Draft { auth: AuthChoice::None, ..get(url) };
    assert!(get("https://acme.example/").needs_session(&scope));
    assert!(open("limits").needs_session(&scope) && open("/x").needs_session(&scope));
    assert!(open("https://acme.example/{{org_id}}").needs_session(&scope));
    assert!(!open("https://acme.example/{{nobody}}").needs_session(&scope));
    assert!(!open("limits").needs_session(&self::scope()));
}

fn any_entries() -> impl Strategy<Value = Vec<Entry>> {
    let text = || "(?s)[a-zé:/&=%+ '\"{}\r\n\\\\]{0,12}";
    prop::collection::vec(
        (any::<bool>(), text(), text()).prop_map(|(on, name, value)| Entry { on, name, value }),
        0..4,
    )
}

proptest! {
    #[test]
    fn params_arrive_as_they_were_written(pairs in prop::collection::vec(("[^{}\\s]([^{}]*[^{}\\s])?", "[^{}]*"), 0..4)) {
        let params = pairs.iter().map(|(name, value)| Entry::new(name, value)).collect();
        let prepared = prepare(&Draft { params, ..get("query") }).unwrap();
        let arrived: Vec<(String, String)> = prepared.url.query_pairs().into_owned().collect();
        prop_assert_eq!(arrived, pairs);
    }

    #[test]
    fn soql_typed_with_blanks_arrives_as_typed(soql in "SELECT [A-Za-z, +%#>:=.()]{1,30}( WHERE N = '[^'{}\\\\]{0,10}')?") {
        let prepared = prepare(&get(&format!("query?q={soql}"))).unwrap();
        let arrived: Vec<(String, String)> = prepared.url.query_pairs().into_owned().collect();
        prop_assert_eq!(arrived, vec![("q".to_owned(), soql)]);
    }

    #[test]
    fn rows_and_their_joined_url_are_the_same_request(pairs in prop::collection::vec(("[a-z]{1,4}", "[^{}]*"), 0..4)) {
        let rows: Vec<Entry> = pairs.iter().map(|(name, value)| Entry::new(name, value)).collect();
        let joined = prepare(&get(&join_query("query", &rows))).unwrap();
        let apart = prepare(&Draft { params: rows, ..get("query") }).unwrap();
        prop_assert_eq!(joined.url, apart.url);
    }

    #[test]
    fn no_draft_panics_and_no_header_is_smuggled(
        (method, url, body) in ("[A-Za-z ]{0,7}", "(?s)[a-z:/?&=%+ '{}\r\n#@\\\\]{0,24}", "(?s)[a-z{}\\[\\]\":,0-9 \n]{0,24}"),
        (params, headers, form) in (any_entries(), any_entries(), any_entries()),
        kind in 0..BodyKind::ALL.len(),
    ) {
        let draft = Draft { name: String::new(), method, url, params, headers, body_kind: BodyKind::ALL[kind], body, form, auth: AuthChoice::Profile };
        let _ = draft.needs_session(&scope());
        match prepare(&draft) {
            Ok(prepared) => for value in prepared.headers.values() {
                prop_assert!(!value.as_bytes().iter().any(|byte| matches!(byte, b'\r' | b'\n')));
            },
            Err(problems) => prop_assert!(!problems.is_empty()),
        }
    }
}
