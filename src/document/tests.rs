//! The document as a whole: what the screen shows of a body, what serde_json would say of it, and that
//! nothing breaks it.

use super::*;
use proptest::prelude::*;
use serde_json::Value;
use std::sync::Arc;

const QUERY: &str = r#"{"totalSize":4812,"done":false,"nextRecordsUrl":"/services/data/v66.0/query/01gxx-2000","records":[
    {"attributes":{"type":"Account","url":"/services/data/v66.0/sobjects/Account/001xx000003DGb2AAG"},"Id":"001xx000003DGb2AAG","Name":"Acme \u0022Corporation\u0022","Owner":{"attributes":{"type":"User","url":"/u"},"Name":"Ada"},"Amount":1.50,"Active":true,"Site":null},
    {"attributes":{"type":"Account","url":"/services/data/v66.0/sobjects/Account/001xx000003DGb3AAG"},"Id":"001xx000003DGb3AAG","Name":"B\u001b[31m","Owner":null,"Amount":12345678901234567890.123,"Active":false,"Site":"a\nb"}]}"#;

fn view_as(body: impl Into<Bytes>, content_type: Option<&str>) -> View {
    let mut view = View::new(Arc::new(Document::build(body.into(), content_type)));
    view.set_size(100, 40);
    view
}

fn view(body: impl Into<Bytes>) -> View {
    view_as(body, None)
}

fn text(row: &Row) -> String {
    row.spans.iter().map(|span| span.text.as_str()).collect()
}

/// The rows as a screen would show them.
fn screen(view: &View) -> String {
    let line = |row: &Row| {
        let mark = match row.fold {
            Fold::None => ' ',
            Fold::Open => '▾',
            Fold::Closed => '▸',
        };
        let cursor = if row.cursor { '>' } else { ' ' };
        let indent = match row.indent.checked_sub(2) {
            Some(before) => format!("{}{mark} ", " ".repeat(before.into())),
            None => "  ".into(),
        };
        format!("{cursor}{indent}{}\n", text(row).trim_end())
    };
    view.rows().iter().map(line).collect()
}

#[test]
fn a_query_opens_with_its_first_record() {
    let many =
        vec![r#"{"attributes":{"type":"A","url":"/a/1"},"Id":"1","Name":"Acme","Owner":{"Name":"Ada"}}"#; 40];
    let body =
        format!(r#"{{"totalSize":4812,"done":false,"nextRecordsUrl":"/q","records":[{}]}}"#, many.join(","));
    let mut view = view(body);
    view.set_size(60, 12);
    insta::assert_snapshot!(screen(&view), @r#"
    >▾ { totalSize: 4812, done: false, nextRecordsUrl: "/q", … }
         totalSize       4812
         done            false
         nextRecordsUrl  "/q"
       ▾ records         [40]
         ▾ 0 { Id: "1" }
           ▸ attributes  { type: "A", url: "/a/1" }
             Id          "1"
             Name        "Acme"
           ▸ Owner       { Name: "Ada" }
         ▸ 1 { Id: "1", Name: "Acme", Owner: {…}, … }
         ▸ 2 { Id: "1", Name: "Acme", Owner: {…}, … }
    "#);
    assert_eq!(
        view.document().records(),
        Some(&Records {
            shown: 40,
            total: Some(4812),
            done: Some(false),
            next_records_url: Some("/q".into())
        })
    );
}

#[test]
fn something_small_is_open_but_for_attributes() {
    insta::assert_snapshot!(screen(&view(QUERY)), @r#"
    >▾ { totalSize: 4812, done: false, nextRecordsUrl: "/services/data/v66.0/q…", … }
         totalSize       4812
         done            false
         nextRecordsUrl  "/services/data/v66.0/query/01gxx-2000"
       ▾ records         [2]
         ▾ 0 { Id: "001xx000003DGb2AAG" }
           ▸ attributes  { type: "Account", url: "/services/data/v66.0/s…" }
             Id          "001xx000003DGb2AAG"
             Name        "Acme "Corporation""
           ▾ Owner       { Name: "Ada" }
             ▸ attributes  { type: "User", url: "/u" }
               Name        "Ada"
             Amount      1.50
             Active      true
             Site        null
         ▾ 1 { Id: "001xx000003DGb3AAG" }
           ▸ attributes  { type: "Account", url: "/services/data/v66.0/s…" }
             Id          "001xx000003DGb3AAG"
             Name        "B␛[31m"
             Owner       null
             Amount      12345678901234567890.123
             Active      false
             Site        "a␊b"
    "#);
}

#[test]
fn an_xml_answer_is_a_tree() {
    let body = r#"<?xml version="1.0" encoding="UTF-8"?><QueryResult><done>true</done><records type="Account" url="/a"><Id>001</Id><Name>A &amp; B</Name></records><records/><size>1</size></QueryResult>"#;
    let mut view = view_as(body, Some("application/xml"));
    insta::assert_snapshot!(screen(&view), @r#"
    >  <?xml version="1.0" encoding="UTF-8"?>
     ▾ QueryResult  { done: true, records: , size: 1, … }
         done     true
       ▾ records type="Account" url="/a"  { Id: 001 }
           Id    001
           Name  A & B
         records
         size     1
    "#);
    assert_eq!(view.document().kind(), Kind::Xml);
    view.move_by(5);
    assert_eq!(view.path().unwrap(), "/QueryResult/records[1]/Name");
    assert_eq!(view.value().unwrap(), "A & B");
    view.leave();
    assert_eq!(view.path().unwrap(), "/QueryResult/records[1]");
    assert!(view.value().unwrap().starts_with("<records type=\"Account\""));
}

#[test]
fn other_kinds_are_shown_as_what_they_are() {
    let mut csv = view_as("Id,Name\n1,Acme\n", Some("text/csv"));
    assert_eq!(screen(&csv), ">  Id  Name\n   1   Acme\n");
    csv.to_end();
    assert_eq!(csv.value().unwrap(), "1,Acme");
    let page = view("<html><title>Down</title><p>for maintenance");
    assert_eq!((page.document().kind(), screen(&page)), (Kind::Html, ">  Down\n   for maintenance\n".into()));
    let plain = view("one\n\ttwo");
    assert_eq!((plain.document().kind(), screen(&plain)), (Kind::Text, ">  one\n       two\n".into()));
    let image = view(&b"GIF89a\x80\x02\xe0\x01\0\0"[..]);
    assert_eq!(image.document().kind(), Kind::Binary);
    assert!(screen(&image).starts_with(">  GIF image, 640 × 480\n   00000000  47 49 46 38"));
    let empty = view("");
    assert_eq!((empty.document().kind(), empty.rows().len()), (Kind::Empty, 0));
}

#[test]
fn half_a_body_is_shown_as_far_as_it_goes() {
    for content_type in [Some("application/json"), None] {
        let view = view_as("{\"a\": 1,\n \"b\": [1, 2", content_type);
        let problem = view.document().problem().unwrap();
        assert_eq!((problem.line, problem.column, problem.byte), (2, 12, 20));
        assert_eq!(problem.message, "expected `,` or `]`, but the body ends");
        assert_eq!(view.len(), 5);
    }
    for half in ["[{\"a\": \"x", "[1, tr", "[1, -"] {
        let view = view(half);
        assert_eq!(view.document().kind(), Kind::Json, "{half}");
        assert_eq!(view.document().problem().unwrap().byte, half.len() as u64);
    }
    assert_eq!(view("[info] started\n").document().kind(), Kind::Text);
    let page = view_as("<html><body>Gateway Timeout</body></html>", Some("application/json"));
    assert_eq!(page.document().kind(), Kind::Html);
    let text = view_as("upstream error", Some("application/json"));
    assert_eq!(text.document().kind(), Kind::Text);
    assert_eq!(text.document().problem().unwrap().message, "expected a value");
    assert_eq!(screen(&text), ">  upstream error\n");
    let text = view_as("upstream", Some("application/json"));
    assert_eq!(text.document().problem().unwrap().message, "expected a value, but the body ends");
}

#[test]
fn values_after_each_other_are_roots() {
    let mut view = view_as("{\"a\":1}\n{\"a\":2}\n3\n", Some("application/x-ndjson"));
    assert_eq!(screen(&view), ">▾ { a: 1 }\n     a  1\n ▾ { a: 2 }\n     a  2\n   3\n");
    view.move_by(3);
    assert_eq!(view.path().unwrap(), ".[1].a");
}

#[test]
fn what_is_odd_stays_as_it_is() {
    let body = r#"{"a":1,"a":2,"":12345678901234567890.0e-5,"x y":"\ud800","":"\u0000"}"#;
    let mut view = view(body);
    view.to_end();
    assert_eq!(view.path().unwrap(), r#".[""]"#);
    view.move_by(-1);
    assert_eq!(view.value().unwrap(), r"\ud800");
    assert_eq!(view.path().unwrap(), r#".["x y"]"#);
    view.move_by(-1);
    assert_eq!(view.value().unwrap(), "12345678901234567890.0e-5");
    assert!(screen(&view).contains("\"␀\""));
}

#[test]
fn places_and_values_under_the_cursor() {
    let mut view = view(QUERY);
    assert_eq!(view.path().unwrap(), ".");
    view.find("Ada");
    assert_eq!(view.path().unwrap(), ".records[0].Owner.Name");
    assert_eq!(view.value().unwrap(), "Ada");
    view.leave();
    let owner = view.value().unwrap();
    assert!(owner.starts_with("{\n  \"attributes\": {\n    \"type\": \"User\""), "{owner}");
    assert_eq!(view.target(), Some(Target::Url("/u".into())));
    view.find("Id\":\"001xx000003DGb3AAG");
    assert_eq!(view.target(), Some(Target::Id("001xx000003DGb3AAG".into())));
    view.find("nextRecordsUrl");
    assert_eq!(view.target(), Some(Target::Url("/services/data/v66.0/query/01gxx-2000".into())));
}

#[test]
fn folds_keep_the_cursor_in_sight() {
    let mut view = view(QUERY);
    view.to_end();
    let all = view.len();
    view.collapse_all();
    assert_eq!(view.path().unwrap(), ".records");
    assert_eq!(view.len(), 5);
    assert!(view.toggle_fold());
    assert_eq!(view.len(), 7);
    view.expand_all();
    assert_eq!(view.len(), all + 6); // the members of three `attributes`
    view.leave();
    view.leave();
    assert_eq!(view.path().unwrap(), ".");
    view.move_by(1);
    assert!(!view.toggle_fold());
}

#[test]
fn a_search_opens_folds_wraps_and_counts() {
    let mut view = view(QUERY);
    view.collapse_all();
    view.find("account");
    let first = view.matches().unwrap();
    assert_eq!((first.current, first.known, first.complete), (Some(1), 4, true));
    assert_eq!(view.path().unwrap(), ".records[0].attributes.type");
    view.previous_match();
    assert_eq!(view.path().unwrap(), ".records[1].attributes.url");
    view.next_match();
    assert_eq!(view.path().unwrap(), ".records[0].attributes.type");
    view.find("ACCOUNT");
    assert_eq!(view.matches().unwrap().known, 0);
    view.find("name");
    let marked = |role| view.rows().iter().flat_map(|row| &row.spans).filter(|s| s.role == role).count();
    assert!(marked(Role::Match) > 1);
    assert_eq!(marked(Role::CurrentMatch), 1);
    view.find("");
    assert_eq!(view.matches(), None);
}

#[test]
fn a_search_sees_what_escapes_mean() {
    let body = r#"{"a":"Z\u00FCrich","b":"x\nname","c":"say \"hi\" \\ \/","d":"plain"}"#;
    let found = |pattern: &str| {
        let mut view = view(body);
        view.find(pattern);
        view.matches().unwrap().current.and_then(|_| view.path())
    };
    assert_eq!(found("zürich").as_deref(), Some(".a"));
    assert_eq!(found("nname"), None);
    assert_eq!(found("name").as_deref(), Some(".b"));
    assert_eq!(found("say \"hi\" \\ /").as_deref(), Some(".c"));
    assert_eq!(found("u00fc"), None);
    assert_eq!(found(",\"b\""), None);
}

#[test]
fn a_match_far_to_the_right_is_scrolled_to() {
    let mut view = view(format!("{{\"a\":\"{}needle\"}}", "x".repeat(5000)));
    view.set_size(40, 10);
    view.find("needle");
    assert!(text(&view.rows()[1]).contains("needle"));
    view.find("\"a");
    assert_eq!((view.left(), view.matches().unwrap().current), (0, Some(1)));
}

#[test]
fn raw_is_wrapped_and_keeps_the_place() {
    let mut view = view(QUERY);
    view.find("Ada");
    view.clear_search();
    view.set_presentation(Presentation::Raw);
    view.set_size(20, 10);
    let here = view.rows().into_iter().find(|row| row.cursor).map(|row| text(&row)).unwrap();
    assert!(QUERY.contains(&here) && here.len() == 16, "{here}");
    assert!(view.rows().iter().all(|row| row.indent == 0 && view.gutter() == 4));
    view.set_size(60, 10);
    view.find("Corporation");
    let row = view.rows().into_iter().find(|row| row.cursor).unwrap();
    assert!(row.spans.contains(&Span::new("Corporation", Role::CurrentMatch)), "{row:?}");
    view.set_presentation(Presentation::Tree);
    assert_eq!(view.path().unwrap(), ".records[0].Name");
}

#[test]
fn depth_is_no_danger() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let inner = if open == "[" { "" } else { "1" };
        let body = format!("{}{inner}{}", open.repeat(100_000), close.repeat(100_000));
        let mut view = view_as(body, Some("application/json"));
        assert_eq!(view.document().problem(), None);
        view.expand_all();
        view.to_end();
        assert!(view.rows().len() == 40 && view.path().is_some());
        assert!(view.value().is_some());
        view.collapse_all();
        view.find(if open == "[" { "[]" } else { "1" });
        view.to_start();
        view.toggle_fold();
        view.toggle_fold();
    }
    let half = view_as("[".repeat(100_000), Some("application/json"));
    assert!(half.document().problem().is_some());
}

#[test]
fn debug_tells_nothing_of_the_body() {
    let view = view(r#"{"access_token":"secret"}"#);
    assert_eq!(format!("{:?}", view.document()), "Document { kind: Json, bytes: 25 }");
    assert!(!format!("{view:?}").contains("secret"));
}

#[test]
fn utf16_and_marks_are_read() {
    let utf16: Vec<u8> = "\u{feff}{\"é\":1}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let view = view_as(utf16, Some("application/json"));
    assert_eq!((view.document().kind(), view.document().len()), (Kind::Json, 16));
    assert!(screen(&view).contains("é  1"));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 120, 8, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            proptest::collection::vec((any::<String>(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Every node of a value in the order of the text: its depth, its name, and its text if it is a scalar.
fn nodes_of(value: &Value) -> Vec<(u32, Option<String>, Option<String>)> {
    let mut nodes = Vec::new();
    let mut waiting = vec![(0, None, value)];
    while let Some((depth, name, value)) = waiting.pop() {
        let text = match value {
            Value::Array(_) | Value::Object(_) => None,
            Value::String(text) => Some(text.clone()),
            scalar => Some(scalar.to_string()),
        };
        nodes.push((depth, name, text));
        match value {
            Value::Array(inner) => waiting.extend(inner.iter().rev().map(|v| (depth + 1, None, v))),
            Value::Object(inner) => {
                waiting.extend(inner.iter().rev().map(|(k, v)| (depth + 1, Some(k.clone()), v)))
            }
            _ => {}
        }
    }
    nodes
}

fn string(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

proptest! {
    #[test]
    fn the_tree_is_what_serde_json_reads(value in any_json(), pretty in any::<bool>()) {
        let body = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let document = Document::build(body.clone().into(), Some("application/json"));
        prop_assert_eq!(document.problem(), None);
        let tree = document.tree().unwrap();
        let seen: Vec<_> = (0..tree.outline.len())
            .map(|node| (tree.outline.depth(node), tree.name(node).map(string), tree.text(node).map(string)))
            .collect();
        prop_assert_eq!(seen, nodes_of(&value));
        for node in 0..tree.outline.len() {
            if let Some(c) = tree.outline.container(node) {
                let children: Vec<_> = tree.outline.children(c).map(|(child, _)| child).collect();
                prop_assert_eq!(children.len(), c.count as usize);
                for (at, child) in children.into_iter().enumerate() {
                    prop_assert_eq!(tree.outline.ordinal(child) as usize, at);
                }
            }
        }
        let copied: Value = serde_json::from_str(&match tree.text(0) {
            Some(_) => body.clone(),
            None => tree.value(0, usize::MAX).unwrap(),
        }).unwrap();
        // Parsed twice: serde_json does not read back each float it writes to the last bit.
        prop_assert_eq!(copied, serde_json::from_str::<Value>(&body).unwrap());
    }

    #[test]
    fn what_is_wrong_is_what_serde_json_refuses(value in any_json(), at in any::<prop::sample::Index>(), junk in "[\\[\\]{},:\"0-9a.e+-]{0,2}") {
        let mut body = serde_json::to_string(&vec![value]).unwrap();
        let cut = (0..=at.index(body.len())).rev().find(|&at| body.is_char_boundary(at)).unwrap();
        body.insert_str(cut, &junk);
        // serde_json reads one value and turns numbers and surrogates into values: two things we leave alone.
        let refused = match serde_json::from_str::<serde::de::IgnoredAny>(&body) {
            Ok(_) => false,
            Err(error) => !error.to_string().contains("trailing characters"),
        };
        let fault = json::index(body.as_bytes()).1;
        if refused {
            prop_assert!(fault.is_some(), "{}", body);
        } else if serde_json::from_str::<serde::de::IgnoredAny>(&body).is_ok() {
            prop_assert_eq!(fault, None, "{}", body);
        }
    }

    #[test]
    fn nothing_breaks_it_and_nothing_hidden_is_drawn(
        start in prop::sample::select(vec!["", "{\"a\":[", "<a><b x='", "<html><p>", "a,b\n\"", "\u{feff}[\"", "\x1f\u{8b}"]),
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        header in prop::sample::select(vec![None, Some("application/json"), Some("text/xml"), Some("text/html"), Some("text/csv"), Some("text/plain; charset=iso-8859-1")]),
        keys in proptest::collection::vec(0u8..14, 0..30),
        pattern in "[a-c\"\\\\{<&;ü]{0,3}",
        (width, height) in (0u16..60, 0u16..12),
    ) {
        let body: Vec<u8> = start.bytes().chain(bytes).collect();
        let mut view = view_as(body, header);
        view.set_size(width, height);
        for key in keys {
            match key {
                0 => view.move_by(3),
                1 => view.move_by(-2),
                2 => view.page(1),
                3 => view.page(-1),
                4 => view.to_end(),
                5 => drop(view.toggle_fold()),
                6 => view.expand_all(),
                7 => view.collapse_all(),
                8 => view.find(&pattern),
                9 => view.next_match(),
                10 => view.previous_match(),
                11 => view.set_presentation(if view.presentation() == Presentation::Tree { Presentation::Raw } else { Presentation::Tree }),
                12 => view.set_size(height, width),
                _ => view.scroll_by(2),
            }
            let rows = view.rows();
            prop_assert!(rows.iter().flat_map(|row| &row.spans).all(|span| !span.text.chars().any(is_hidden)));
            prop_assert!(rows.is_empty() || rows.iter().filter(|row| row.cursor).count() == 1);
            prop_assert!(view.path().is_none_or(|path| !path.chars().any(is_hidden)));
            let _ = (view.value(), view.target(), view.matches());
        }
    }

    #[test]
    fn a_search_finds_what_the_rows_show(value in any_json(), pattern in "[a-e0-9]{1,2}") {
        let body = serde_json::to_string(&value).unwrap();
        let mut view = view_as(body, Some("application/json"));
        let expected = nodes_of(&value).into_iter().filter(|(_, name, text)| {
            [name, text].into_iter().flatten().any(|part| part.to_ascii_lowercase().contains(&pattern))
        });
        view.find(&pattern);
        prop_assert_eq!(view.matches().unwrap().known, expected.count() as u64);
    }
}
