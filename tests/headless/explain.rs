//! `orgdeck explain`: an error that was seen somewhere else, and what it most likely means.

use std::fs;

use serde_json::Value;

use super::command::{Finished, Orgdeck};
use crate::home::Home;

const REFUSED: &str = r#"{"error":"invalid_grant","error_description":"authentication failure"}"#;
const EXPIRED: &str = r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#;
const TOKEN: &str = "00Dxx0000001gPL!AQEAQKbmZfzQd2sXmSmC8nYkq9aYq1bJx7Wv5oQ0h4u3t2s1r0";

/// `orgdeck explain` with these arguments, and this on standard input.
#[track_caller]
fn explain(input: &str, arguments: &[&str]) -> Finished {
    explain_in(&Home::new(), input, arguments)
}

#[track_caller]
fn explain_in(home: &Home, input: &str, arguments: &[&str]) -> Finished {
    Orgdeck::new(home, &[&["explain"], arguments].concat()).input(input).run()
}

/// As an object; nothing else is said.
#[track_caller]
fn object(input: &str, arguments: &[&str]) -> Value {
    let done = explain(input, &[arguments, &["--json"]].concat());
    assert_eq!(done.code(0).stderr, "");
    assert_eq!(done.stdout.lines().count(), 1);
    done.json()
}

#[track_caller]
fn code(input: &str, arguments: &[&str]) -> String {
    object(input, arguments)["error"]["code"].as_str().unwrap_or_default().to_owned()
}

fn ids(hints: &Value) -> Vec<&str> {
    hints.as_array().unwrap().iter().map(|hint| hint["id"].as_str().unwrap()).collect()
}

/// The evidence and causes of all hints in one text.
fn told(object: &Value) -> String {
    object["hints"].to_string()
}

#[test]
fn causes_come_ranked_with_evidence_checks_and_fixes() {
    let sandbox_user =
        ["--flow", "password", "--login-host", "login.salesforce.com", "--username", "ada@acme.com.uat"];
    let text = explain(REFUSED, &sandbox_user).code(0).stdout.clone();
    let first = text.split("\n\n").nth(1).unwrap();
    assert!(text.starts_with("error: invalid_grant: authentication failure\n\n1. "), "{text}");
    for part in [
        "ada@acme.com.uat",
        "\n   seen: ",
        "\n   check: 1. ",
        "\n   fix: ",
        "test.salesforce.com",
        "\n   in orgdeck: ",
    ] {
        assert!(first.contains(part), "{part}: {text}");
    }
    assert!(text.contains("\n\n2. "), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn the_object_is_that_of_every_error() {
    let object = object(REFUSED, &["--where", "token", "--status", "400"]);
    assert_eq!(
        object["error"],
        serde_json::json!({"kind": "oauth", "code": "invalid_grant", "description": "authentication failure", "status": 400})
    );
    let hint = &object["hints"][0];
    for key in ["id", "cause", "fix", "confidence"] {
        assert!(hint[key].as_str().is_some_and(|text| !text.is_empty()), "{key}: {hint}");
    }
    for key in ["evidence", "checks"] {
        assert!(hint[key].as_array().is_some_and(|list| list.iter().all(Value::is_string)), "{key}: {hint}");
    }
    assert!(hint["action"].is_string() || hint["action"].is_null(), "{hint}");
    assert_eq!(object.get("parts"), None);
}

#[test]
fn each_shape_is_read_from_a_file_and_from_a_pipe() {
    let home = Home::new();
    let fault = r#"<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>
        <soapenv:Fault><faultcode>INVALID_LOGIN</faultcode><faultstring>INVALID_LOGIN: Invalid username, password, security token; or user locked out.</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>"#;
    for (text, expected, kind) in [
        (REFUSED, "invalid_grant", "oauth"),
        (EXPIRED, "INVALID_SESSION_ID", "api"),
        ("error=invalid_client_id&error_description=client+identifier+invalid", "invalid_client_id", "oauth"),
        (
            "https://localhost:1717/OauthRedirect?error=access_denied&error_description=end-user+denied+authorization",
            "access_denied",
            "oauth",
        ),
        (
            "<Errors><Error><errorCode>NOT_FOUND</errorCode><message>gone</message></Error></Errors>",
            "NOT_FOUND",
            "api",
        ),
        (fault, "INVALID_LOGIN", "api"),
        ("Bad_OAuth_Token", "Bad_OAuth_Token", "oauth"),
        (
            "HTTP/1.1 401 Unauthorized\nContent-Type: application/json\n\n[{\"message\":\"Session expired or invalid\",\"errorCode\":\"INVALID_SESSION_ID\"}]",
            "INVALID_SESSION_ID",
            "api",
        ),
        (
            "2026-06-01 ERROR sync: INVALID_FIELD: No such column 'Nmae' on entity 'Account'",
            "INVALID_FIELD",
            "api",
        ),
    ] {
        fs::write(home.path().join("seen.txt"), text).unwrap();
        for (input, file) in [(text, vec![]), (text, vec!["-"]), ("", vec!["seen.txt"])] {
            let done = explain_in(&home, input, &[&file[..], &["--json"]].concat());
            let object = done.code(0).json();
            assert_eq!(
                (&object["error"]["code"], &object["error"]["kind"]),
                (&expected.into(), &kind.into()),
                "{text}"
            );
            assert!(
                !ids(&object["hints"]).is_empty() && ids(&object["hints"]) != ["unknown"],
                "{text}: {object}"
            );
        }
    }
}

#[test]
fn a_page_and_a_status_are_explained_without_a_code() {
    let page =
        object("<!DOCTYPE html><html><head><title>We'll be back</title></head></html>", &["--status", "503"]);
    assert_eq!((&page["error"]["status"], &page["error"]["code"]), (&503.into(), &Value::Null));
    assert_ne!(ids(&page["hints"]), ["unknown"]);
    let status = object("", &["--status", "404", "--request", "GET /services/data/v66.0/sobjects/Acount"]);
    assert_eq!(status["error"]["status"], 404);
    assert_ne!(ids(&status["hints"]), ["unknown"]);
}

#[test]
fn what_windows_saves_is_read() {
    let home = Home::new();
    let wide: Vec<u8> =
        "\u{feff}".encode_utf16().chain(EXPIRED.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    fs::write(home.path().join("seen.txt"), wide).unwrap();
    let object = explain_in(&home, "", &["seen.txt", "--json"]).code(0).json();
    assert_eq!(object["error"]["code"], "INVALID_SESSION_ID");
}

#[test]
fn each_argument_counts() {
    let told = |arguments: &[&str]| told(&object(REFUSED, arguments));
    assert!(told(&["--username", "ada@acme.com.uat"]).contains("ada@acme.com.uat"));
    assert!(told(&["--login-host", "https://test.salesforce.com"]).contains("test.salesforce.com"));
    assert!(told(&["--note", "the Login History says Invalid Password"]).contains("the note says"));
    let flows =
        [object(REFUSED, &["--flow", "client_credentials"]), object(REFUSED, &["--flow", "password"])];
    assert_ne!(flows[0]["hints"], flows[1]["hints"]);
    assert_eq!(object("it broke", &["--where", "network"])["error"]["kind"], "network");
    assert_eq!(object("it broke", &["--where", "userinfo"])["error"]["kind"], "oauth");

    let limits = object("", &["--status", "403", "-H", "Sforce-Limit-Info: api-usage=15000/15000"]);
    assert!(self::told(&limits).contains("15000 of 15000"), "{limits}");
    let request = object(
        EXPIRED,
        &[
            "--request",
            "GET https://acme.my.salesforce.com/services/data/v66.0/limits",
            "--header",
            "Authorization: OAuth: x",
        ],
    );
    assert_eq!(request["error"]["kind"], "api");
    let spaced = format!("Authorization: Bearer  {TOKEN}");
    let bearer = object(
        EXPIRED,
        &["--request", "https://acme.my.salesforce.com/services/data/v66.0/limits", "-H", &spaced],
    );
    assert_ne!(bearer["hints"], request["hints"]);
}

#[test]
fn several_errors_are_parts_and_the_one_that_stopped_the_others_comes_first() {
    let answer = r#"{"compositeResponse":[
        {"body":[{"errorCode":"PROCESSING_HALTED","message":"The transaction was rolled back since another operation in the same transaction failed."}],"httpHeaders":{},"httpStatusCode":400,"referenceId":"refAccount"},
        {"body":[{"message":"No such column 'Nmae' on sobject of type Account","errorCode":"INVALID_FIELD"}],"httpHeaders":{},"httpStatusCode":400,"referenceId":"refContact"}]}"#;
    let object = object(answer, &[]);
    assert_eq!(object["error"]["code"], "INVALID_FIELD");
    let parts = object["parts"].as_array().unwrap();
    let named: Vec<_> = parts
        .iter()
        .map(|part| (part["reference"].as_str().unwrap(), part["error"]["code"].as_str().unwrap()))
        .collect();
    assert_eq!(named, [("refContact", "INVALID_FIELD"), ("refAccount", "PROCESSING_HALTED")]);
    assert_eq!(parts[0]["hints"], object["hints"]);
    let text = explain(answer, &[]).code(0).stdout.clone();
    assert!(text.starts_with("error in refContact: 400: INVALID_FIELD: "), "{text}");
    assert!(text.contains("\nerror in refAccount: 400: PROCESSING_HALTED: "), "{text}");
}

#[test]
fn what_failed_alike_is_explained_once() {
    let row = r#"{"success":false,"errors":[{"statusCode":"REQUIRED_FIELD_MISSING","message":"Required fields are missing: [LastName]","fields":["LastName"]}]}"#;
    let answer = format!("[{}]", [row; 12].join(","));
    let text = explain(&answer, &["--request", "POST /services/data/v66.0/composite/sobjects"])
        .code(0)
        .stdout
        .clone();
    assert_eq!(text.matches("REQUIRED_FIELD_MISSING:").count(), text.matches("seen: ").count() + 1, "{text}");
    assert!(text.contains("and 4 more"), "{text}");
}

#[test]
fn no_secret_comes_out() {
    let secrets = [
        TOKEN,
        "5Aep861_OKMvio5gy8xCNsXxybPdupY9fVEZyeVOvb4kpOZx5Z1QLB7k7n5flEqEWKcwUQEX1I.O5DCFwIkXYxy",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGFAYWNtZS5jb20ifQ.c2lnbmF0dXJlc2lnbmF0dXJl",
        "hunter2hunter2",
        "1234567890ABCDEF1234567890ABCDEF",
    ];
    let [token, refresh, jwt, password, client_secret] = secrets;
    let seen = format!(
        "$ curl -d 'grant_type=password&username=ada@acme.com&password={password}&client_secret={client_secret}' \
         -H 'Authorization: Bearer {token}' https://acme.my.salesforce.com/services/oauth2/token\n\
         refresh_token={refresh}\nassertion={jwt}\n\
         HTTP/1.1 400 Bad Request\n\n{{\"error\":\"invalid_grant\",\"error_description\":\"authentication failure for Bearer {token}\"}}"
    );
    let odd = format!(
        "it broke: token {token}, refresh_token={refresh}, password={password}, client_secret={client_secret}, {jwt}"
    );
    let (header, note) =
        (format!("Authorization: Bearer {token}"), format!("a new app, and the password={password}"));
    let request = format!("GET https://acme.my.salesforce.com/services/data/v66.0/limits?sid={token}");
    let more = ["--header", &header, "--note", &note, "--request", &request];
    for text in [&seen, &odd] {
        for arguments in [&[][..], &["--json"][..], &more, &[&more[..], &["--json"]].concat()] {
            let done = explain(text, arguments);
            for secret in secrets {
                done.code(0).hides(secret);
            }
        }
    }
    // Nor where it stands in the wrong place.
    let redirect = "https://localhost:1717/OauthRedirect?code=aPrxSECRETsecret.SECRET%3D%3D&state=x";
    let wrong = explain("", &[redirect]);
    wrong.code(2).hides("aPrxSECRET").explains(&["FILE", "explain -"]);
}

#[test]
fn what_came_from_outside_does_not_act_on_the_terminal() {
    let hostile = "\u{1b}]0;owned\u{7}\u{1b}[31mINVALID_FIELD: No such column '\u{202e}x\u{1b}[2J' on entity 'Account'\u{9b}31m";
    for arguments in
        [&[][..], &["--where", "rest", "--note", "\u{1b}[31mnew app", "--username", "\u{1b}[5m@x.y"]]
    {
        let text = explain(hostile, arguments).code(0).stdout.clone();
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{9b}']), "{text:?}");
    }
}

#[test]
fn an_unknown_error_is_said_to_be_one() {
    let text = explain("the flux compensator is out of tune", &[]).code(0).stdout.clone();
    assert!(text.starts_with("error: the flux compensator is out of tune\n"), "{text}");
    assert!(text.contains("\n   fix: "), "{text}");
    let object = object("the flux compensator is out of tune", &[]);
    assert_eq!(object["error"]["description"], "the flux compensator is out of tune");
    assert_eq!(object["hints"].as_array().unwrap().len(), 1);
}

#[test]
fn without_anything_it_says_what_to_give() {
    for input in ["", " \n"] {
        let nothing = explain(input, &[]);
        nothing.code(2).explains(&["nothing to explain", "explain -", "--status"]);
        assert_eq!(nothing.stdout, "");
    }
    let json = explain("", &["--json"]);
    assert_eq!(json.code(2).error()["error"]["kind"], "usage");
    assert_eq!(json.stdout, "");
}

#[test]
fn wrong_usage_is_named() {
    let home = Home::new();
    fs::write(home.path().join("much.txt"), vec![b'x'; (10 << 20) + 1]).unwrap();
    fs::create_dir(home.path().join("folder")).unwrap();
    for (arguments, words) in [
        (&["missing.json"][..], &["missing.json", "cannot be read"][..]),
        (&["folder"], &["folder", "cannot be read"]),
        (&["much.txt"], &["much.txt", "10.0 MB"]),
        (&[REFUSED], &["FILE"]),
        (&["invalid_grant: authentication failure"], &["FILE"]),
        (&["-", "--where", "moon"], &["moon", "token", "soap"]),
        (&["-", "--status", "99"], &["99"]),
        (&["-", "--flow", "fly"], &["fly", "jwt_bearer"]),
        (&["-", "--header", "no colon"], &["'Name: value'"]),
        (&["-", "--request", "limits"], &["METHOD PATH"]),
        (&["-", "--login-host", "no host"], &["--login-host"]),
    ] {
        let done = explain_in(&home, EXPIRED, arguments);
        assert_eq!(done.code(2).explains(words).stdout, "", "{arguments:?}");
    }
}

#[test]
fn more_than_is_looked_at_is_said() {
    let home = Home::new();
    fs::write(home.path().join("log.txt"), format!("{EXPIRED}\n{}", "x\n".repeat(1 << 20))).unwrap();
    let done = explain_in(&home, "", &["log.txt", "--json"]);
    assert_eq!(
        done.code(0).explains(&["only the first 1.0 MB"]).json()["error"]["code"],
        "INVALID_SESSION_ID"
    );
}

#[test]
fn a_profile_adds_what_it_knows() {
    let home = Home::new();
    home.write_config(
        r#"
[profiles.uat]
environment = "sandbox"
flow = "authorization_code"
consumer_key = "3MVG9"
redirect_uri = "http://localhost:1717/OauthRedirect"
scopes = ["openid", "refresh_token"]
expected_org_id = "00Dyy0000001gPL"
"#,
    );
    let with = |input: &str, arguments: &[&str]| {
        let arguments = [&["--json", "--profile", "uat"], arguments].concat();
        told(&explain_in(&home, input, &arguments).code(0).json())
    };
    let mismatch = "error=redirect_uri_mismatch&error_description=redirect_uri must match configuration";
    assert!(with(mismatch, &[]).contains("http://localhost:1717/OauthRedirect"));
    assert!(!told(&object(mismatch, &[])).contains("http://localhost:1717/OauthRedirect"));
    let header = format!("Authorization: Bearer {TOKEN}");
    let other_org = with(EXPIRED, &["-H", &header]);
    assert!(other_org.contains("00Dyy0000001gPL") && other_org.contains("00Dxx0000001gPL"), "{other_org}");

    let missing = explain_in(&home, EXPIRED, &["--profile", "prod"]);
    assert_eq!(missing.code(3).explains(&["prod", "there are: uat"]).stdout, "");
}

#[test]
fn a_broken_configuration_matters_only_where_a_profile_is_asked_for() {
    let home = Home::new();
    home.write_config("[profiles.uat\n");
    let done = explain_in(&home, EXPIRED, &["--json"]);
    assert_eq!(
        (done.code(0).json()["error"]["code"].as_str(), done.stderr.as_str()),
        (Some("INVALID_SESSION_ID"), "")
    );
    explain_in(&home, EXPIRED, &["--profile", "uat"]).code(3);
    let error = explain_in(&home, EXPIRED, &["--profile", "uat", "--json"]).code(3).error();
    assert_eq!(error["error"]["kind"], "config");
}

#[test]
fn no_file_is_written() {
    let home = Home::new();
    explain_in(&home, EXPIRED, &[]).code(0);
    assert_eq!(home.files(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn one_s_own_hints_come_first_and_wrong_ones_are_told() {
    let home = Home::new();
    let folder = home.config().join("hints");
    fs::create_dir_all(&folder).unwrap();
    fs::write(
        folder.join("acme.toml"),
        "[[hint]]\nid = \"acme-close-date\"\ncause = \"{rule}: sales closes within the quarter\"\nfix = \"choose a date\"\nrank = 99\n\
         [hint.seen]\ncodes = [\"FIELD_CUSTOM_VALIDATION_EXCEPTION\"]\nsays = [\"close date\"]\n\
         [[hint]]\nid = \"wrong\"\ncause = \"{nothing}\"\nfix = \"x\"\naction = \"fly\"\nseen.codes = [\"X\"]\n",
    )
    .unwrap();
    fs::write(folder.join("broken.toml"), "[[hint]\n").unwrap();
    let seen = r#"[{"message":"Close Date is too far away","errorCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","fields":["CloseDate"]}]"#;
    let done = explain_in(&home, seen, &["--json"]);
    let first = &done.code(0).json()["hints"][0];
    assert_eq!(first["id"], "acme-close-date");
    assert_eq!(first["cause"], "Close Date is too far away: sales closes within the quarter");
    done.explains(&[
        "warning: hints/acme.toml: wrong: ",
        "`fly`",
        "warning: hints/broken.toml: line 1, column ",
    ]);
    // So does a configuration elsewhere have its own.
    let other = home.path().join("other.toml");
    let elsewhere = explain_in(&home, seen, &["--json", "--config", other.to_str().unwrap()]);
    assert_eq!(elsewhere.code(0).stderr, "");
    assert_ne!(elsewhere.json()["hints"][0]["id"], "acme-close-date");
    // The check of secrets names them, too.
    Orgdeck::new(&home, &["profiles", "check"]).run().code(0).explains(&["warning: hints/broken.toml: "]);
}

#[test]
fn an_error_code_alone_is_enough() {
    assert_eq!(code("UNABLE_TO_LOCK_ROW", &[]), "UNABLE_TO_LOCK_ROW");
    assert_eq!(code("invalid_client", &[]), "invalid_client");
}
