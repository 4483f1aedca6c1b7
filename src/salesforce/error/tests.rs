//! Every shape that an answer of status 400 and above comes in; pages; rows of CSV files.

use super::*;
use proptest::prelude::*;

fn all(status: u16, body: &str) -> Vec<ApiError> {
    parse(StatusCode::from_u16(status).unwrap(), body.as_bytes())
}

fn one(status: u16, body: &str) -> (Option<String>, String) {
    let errors = all(status, body);
    let [error] = errors.as_slice() else { panic!("{errors:?}") };
    (error.code.clone(), error.message.clone())
}

fn said(code: &str, message: &str) -> (Option<String>, String) {
    (Some(code.to_owned()), message.to_owned())
}

#[test]
fn oauth_s_errors_are_read_in_each_of_their_formats() {
    let oauth = said("invalid_grant", "authentication failure");
    for body in [
        r#"{"error":"invalid_grant","error_description":"authentication failure"}"#,
        "\u{feff}\n {\"error\":\"invalid_grant\",\"error_description\":\"authentication failure\"}",
        "error=invalid_grant&error_description=authentication+failure",
        "<OAuth><error>invalid_grant</error><error_description>authentication failure</error_description></OAuth>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OAuth><error_description>authentication failure</error_description><error>invalid_grant</error></OAuth>",
    ] {
        assert_eq!(one(400, body), oauth, "{body}");
    }
    assert_eq!(one(400, r#"{"error":"unsupported_token_type"}"#), said("unsupported_token_type", ""));
    let saml = r#"{"error":"invalid_grant","error_uri":"https://a/setup/x","error_description":"invalid assertion"}"#;
    assert_eq!(one(400, saml), said("invalid_grant", "invalid assertion (https://a/setup/x)"));
    for word in ["Bad_OAuth_Token", "Missing_OAuth_Token"] {
        assert_eq!(one(403, word), said(word, ""));
        assert_eq!(one(403, &format!("{word}\n")), said(word, ""));
    }
    assert_eq!(one(403, "\"Bad_OAuth_Token\""), said("Bad_OAuth_Token", ""));
}

#[test]
fn rest_s_errors_are_read_in_json_and_xml() {
    let fields = |body: &str| all(400, body).remove(0).fields;
    let json = r#"[{"message":"No such column","errorCode":"INVALID_FIELD","fields":["X","Y"]}]"#;
    assert_eq!(
        (one(400, json), fields(json)),
        (said("INVALID_FIELD", "No such column"), vec!["X".into(), "Y".into()])
    );
    let xml = "<?xml version=\"1.0\"?><Errors><Error><errorCode>NOT_FOUND</errorCode><message>a &amp; b</message><fields>X</fields></Error></Errors>";
    assert_eq!((one(404, xml), fields(xml)), (said("NOT_FOUND", "a & b"), vec!["X".into()]));
    let two = "<Errors><Error><errorCode>A_B</errorCode><message>1</message></Error><Error><errorCode>C_D</errorCode><message>2</message></Error></Errors>";
    assert_eq!(all(400, two).len(), 2);
    assert_eq!(
        one(500, r#"[{"errorCode":"APEX_ERROR","message":"System.X: y\n\nClass.A: line 1"}]"#).0.unwrap(),
        "APEX_ERROR"
    );
    // Connect and Analytics answer with one object; some answers lack the code.
    assert_eq!(one(403, r#"{"errorCode":"FORBIDDEN","message":"m"}"#), said("FORBIDDEN", "m"));
    assert_eq!(one(400, r#"[{"message":"m"}]"#), (None, "m".into()));
    assert_eq!(one(400, r#"{"message":"m","errorCode":null}"#), (None, "m".into()));
    assert_eq!(all(400, "[]"), [ApiError::said("[]")]);
}

#[test]
fn records_trees_and_ui_api_tell_what_is_wrong_with_each_field() {
    let collection = r#"[{"success":false,"errors":[{"statusCode":"REQUIRED_FIELD_MISSING","message":"m","fields":["LastName"]}]},{"success":true,"errors":[]}]"#;
    assert_eq!(one(400, collection), said("REQUIRED_FIELD_MISSING", "m"));
    let tree = r#"{"hasErrors":true,"results":[{"referenceId":"ref1","errors":[{"statusCode":"INVALID_EMAIL_ADDRESS","message":"m","fields":["Email"]}]}]}"#;
    assert_eq!(one(400, tree), said("INVALID_EMAIL_ADDRESS", "m"));
    assert_eq!(all(400, tree)[0].fields, ["Email"]);
    let ui = r#"[{"message":"An error occurred while trying to update the record. Please try again.","errorCode":"INVALID_INPUT","statusCode":400,"enhancedErrorType":"RecordError",
        "output":{"errors":[{"errorCode":"DUPLICATES_DETECTED","message":"d"}],"fieldErrors":{"Name":[{"errorCode":"REQUIRED_FIELD_MISSING","field":"Name","message":"r"}],"X__c":[{"errorCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","message":"v"}]}}}]"#;
    let told: Vec<_> = all(400, ui).into_iter().map(|e| (e.code.unwrap(), e.fields.join(","))).collect();
    let expected = [
        ("DUPLICATES_DETECTED", ""),
        ("REQUIRED_FIELD_MISSING", "Name"),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "X__c"),
    ];
    assert_eq!(told, expected.map(|(code, fields)| (code.to_owned(), fields.to_owned())));
    let empty = r#"[{"errorCode":"NOT_FOUND","message":"m","enhancedErrorType":"x","output":{"errors":[],"fieldErrors":{}}}]"#;
    assert_eq!(one(404, empty), said("NOT_FOUND", "m"));
}

#[test]
fn bulk_graphql_data_cloud_and_gateways_are_read() {
    let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><error xmlns=\"http://www.force.com/2009/06/asyncapi/dataload\"><exceptionCode>InvalidSessionId</exceptionCode><exceptionMessage>Invalid session id</exceptionMessage></error>";
    let bulk = said("InvalidSessionId", "Invalid session id");
    assert_eq!(one(400, xml), bulk);
    assert_eq!(
        one(400, r#"{"exceptionCode":"InvalidSessionId","exceptionMessage":"Invalid session id"}"#),
        bulk
    );
    let graphql = r#"{"data":null,"errors":[{"message":"m","paths":[],"locations":[],"extensions":{"ErrorType":"InvalidSyntax"}}]}"#;
    assert_eq!(one(400, graphql), said("InvalidSyntax", "m"));
    let cloud =
        r#"{"timestamp":"2026-01-01","error":"Bad Request","message":"m","internalErrorCode":"INVALID_X"}"#;
    assert_eq!(one(400, cloud), said("INVALID_X", "m"));
    assert_eq!(one(404, r#"{"status":404,"error":"Not Found","path":"/x"}"#), (None, "Not Found".into()));
    assert_eq!(
        one(401, r#"{"fault":{"faultstring":"Invalid token","detail":{"errorcode":"x"}}}"#),
        (None, "Invalid token".into())
    );
    assert_eq!(one(400, r#"{"error":{"code":"BAD_THING","message":"m"}}"#), said("BAD_THING", "m"));
    assert_eq!(
        one(400, r#"{"message":"all","errors":[{"errorCode":"A_B","message":"m"}]}"#),
        said("A_B", "m")
    );
}

#[test]
fn a_soap_fault_is_one_error() {
    let detail = "<detail><sf:LoginFault xsi:type=\"sf:LoginFault\"><sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode><sf:exceptionMessage>Invalid username</sf:exceptionMessage><sf:upgradeURL>u</sf:upgradeURL></sf:LoginFault></detail>";
    let fault = |code: &str, text: &str, detail: &str| {
        format!(
            "<?xml version=\"1.0\"?><soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body><soapenv:Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring>{detail}</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
        )
    };
    let login = said("INVALID_LOGIN", "Invalid username");
    assert_eq!(one(500, &fault("sf:INVALID_LOGIN", "INVALID_LOGIN: Invalid username", detail)), login);
    assert_eq!(one(500, &fault("INVALID_LOGIN", "INVALID_LOGIN: Invalid username", "")), login);
    assert_eq!(one(500, &fault("sf:INVALID_LOGIN", "", detail)), login);
    let flat = "<detail><exceptionCode>INVALID_LOGIN</exceptionCode><exceptionMessage>Invalid username</exceptionMessage></detail>";
    assert_eq!(one(500, &fault("sf:INVALID_LOGIN", "x", flat)), login);
    assert_eq!(
        one(500, &fault("soapenv:Client", "UNKNOWN_EXCEPTION: Destination URL not reset", "")),
        said("UNKNOWN_EXCEPTION", "Destination URL not reset")
    );
    assert_eq!(
        one(500, &fault("soapenv:Client", "No operation available", "")),
        said("Client", "No operation available")
    );
}

#[test]
fn what_has_no_shape_is_told_as_it_is_but_without_secrets() {
    assert_eq!(one(500, "{\"half\":"), (None, "{\"half\":".to_owned()));
    assert_eq!(one(400, "a word and more"), (None, "a word and more".into()));
    assert_eq!(one(400, "INVALID_FIELD: no such column"), said("INVALID_FIELD", "no such column"));
    assert_eq!(one(500, "<what>is this</what>"), (None, "<what>is this</what>".into()));
    let secret = format!("{{\"x\":\"{}\",\"password\":\"hunter2hunter2\"}}", "a".repeat(180));
    assert!(!one(400, &secret).1.contains("hunt"), "{secret}");
    assert_eq!(
        one(401, r#"[{"errorCode":"X","message":"Bearer 00D58000000arpq!AQ.x is old"}]"#).1,
        "Bearer 00D58000000arpq!•••• is old"
    );
}

#[test]
fn a_good_answer_has_no_errors() {
    assert!(parse(StatusCode::OK, br#"[{"errorCode":"X","message":"y"}]"#).is_empty());
    assert!(parse(StatusCode::BAD_REQUEST, b" \n").is_empty());
    assert!(parse(StatusCode::BAD_REQUEST, &vec![b'x'; LARGEST + 1]).is_empty());
}

#[test]
fn pages_are_told_apart() {
    let other = |title: &str| Page::Other { title: title.into() };
    let cases = [
        (503, "<!DOCTYPE html><html><head><title>Down for maintenance</title>", Page::Maintenance),
        (200, "<html><body><h1>We'll be back</h1>", Page::Maintenance),
        (420, "<html>Scratch org expired</html>", Page::ExpiredOrg),
        (420, "<html>anything</html>", Page::ExpiredOrg),
        (200, "<html>Scratch org expired</html>", Page::ExpiredOrg),
        (404, "\n\n<html><head><title>URL No Longer Exists</title></head></html>", Page::NoSuchUrl),
        (404, "<html><h1>Nothing here</h1></html>", Page::NoSuchUrl),
        (200, "<!DOCTYPE html PUBLIC \"-//W3C\"><html><title>Login | Salesforce</title>", Page::Login),
        (
            200,
            "<script>window.location.replace('https://a.my.salesforce.com/?ec=302&startURL=%2F')</script>",
            Page::Login,
        ),
        (
            200,
            "<?xml version=\"1.0\"?><!-- x --><html><title>Free\n Wi-Fi &amp; more</title></html>",
            other("Free Wi-Fi & more"),
        ),
        (
            502,
            "<html><style>p{}</style><script>var a='<b>'</script><body><h1>502</h1> Bad Gateway",
            other("502 Bad Gateway"),
        ),
        (200, "<html>", other("")),
    ];
    for (status, body, expected) in cases {
        assert_eq!(page(Some(status), body.as_bytes()), Some(expected), "{body}");
    }
    for body in
        ["{}", "<Errors></Errors>", "", "plain", "<?xml version=\"1.0\"?><Errors/>", "<htm", "a <html>"]
    {
        assert_eq!(page(Some(404), body.as_bytes()), None, "{body}");
    }
    assert_eq!(one(503, "<!DOCTYPE html><head><title>Busy</title>"), (None, "an HTML page: Busy".into()));
    assert_eq!(one(503, "<html>"), (None, "an HTML page".into()));
}

#[test]
fn rows_that_failed_are_read_from_a_results_file() {
    let csv = "\"sf__Id\",\"sf__Error\",Name\n\"\",\"REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --\",x\n001,\"DUPLICATE_VALUE:duplicate value found: A__c duplicates value on record with id: 001:A__c,B__c --\",\"a\nb\"\n,\"UNABLE_TO_LOCK_ROW:unable to obtain exclusive access:--\",y\n";
    let rows = failed_rows(csv.as_bytes());
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.reference.as_str(), row.error.code.as_deref().unwrap(), row.error.fields.join(",")))
        .collect();
    assert_eq!(
        told,
        [
            ("[0]", "REQUIRED_FIELD_MISSING", "LastName".to_owned()),
            ("[1]", "DUPLICATE_VALUE", "A__c,B__c".to_owned()),
            ("[2]", "UNABLE_TO_LOCK_ROW", String::new())
        ]
    );
    assert_eq!(rows[0].error.message, "Required fields are missing: [LastName]");
    assert_eq!(rows[2].error.message, "unable to obtain exclusive access");
    let v1 = "Id,Success,Created,Error\n001,true,true,\n,false,false,\"INVALID_FIELD:x:Y --\"\n";
    assert_eq!(
        failed_rows(v1.as_bytes()).iter().map(|row| row.reference.as_str()).collect::<Vec<_>>(),
        ["[1]"]
    );
    for calm in ["", "Id,Name\n1,x", "Id,Error\n1,x", "\u{0}"] {
        assert!(failed_rows(calm.as_bytes()).is_empty(), "{calm}");
    }
    let many = format!("sf__Error\n{}", "INVALID_FIELD:x --\n".repeat(3000));
    assert_eq!(failed_rows(many.as_bytes()).len(), 2000);
}

proptest! {
    #[test]
    fn nothing_panics(start in "[{<\\[a]{0,3}|<html>|<a>{90}", rest in ".{0,200}|[<>/a\"{}\\[\\]:,]{0,200}") {
        let body = format!("{start}{rest}");
        let _ = parse(StatusCode::BAD_REQUEST, body.as_bytes());
        let _ = (failed_parts("/services/data/v66.0/composite", body.as_bytes()), failed_rows(body.as_bytes()));
        let _ = page(None, body.as_bytes());
    }
}
