//! Errors as people paste them: each kind of text, what only looks like one, and that no secret comes out.

use super::*;
use proptest::prelude::*;

const TOKEN: &str = "00D58000000arpq!AR8AQO.1xyz_abcdefghijklmnop";
const EXPIRED: &str = r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#;

/// Codes and messages.
fn said(text: &str) -> Vec<(String, String)> {
    let seen = seen(text);
    seen.errors.into_iter().map(|error| (error.code.unwrap_or_default(), error.message)).collect()
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[test]
fn what_curl_prints_is_taken_apart() {
    for status in ["HTTP/1.1 401 Unauthorized", "HTTP/2 401", "HTTP/2 401 "] {
        let text = format!(
            "{status}\r\nDate: Mon, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: application/json;charset=UTF-8\r\nSet-Cookie: sid=hush; Path=/\r\n\r\n{EXPIRED}\r\n"
        );
        let seen = seen(&text);
        assert_eq!(seen.status, Some(401));
        assert_eq!(seen.headers[1], ("Content-Type".into(), "application/json;charset=UTF-8".into()));
        assert_eq!(seen.headers[2].1, "sid=••••; Path=/");
        assert_eq!(said(&text), pairs(&[("INVALID_SESSION_ID", "Session expired or invalid")]));
        assert_eq!((seen.text.as_str(), seen.request), ("", None));
    }
    let verbose = format!(
        "* Connected to acme.my.salesforce.com\n> GET /services/data/v66.0/limits HTTP/2\n> Host: acme.my.salesforce.com\n> Authorization: Bearer Bearer {TOKEN}\n> \n* Request completely sent off\n< HTTP/2 401 \n< date: x\n< \n{EXPIRED}\n* Connection #0 to host left intact"
    );
    let seen_it = seen(&verbose);
    assert_eq!(seen_it.request, Some(("GET".into(), "/services/data/v66.0/limits".into())));
    assert_eq!(seen_it.request_headers[0], ("Host".into(), "acme.my.salesforce.com".into()));
    assert_eq!(seen_it.request_headers[1].1, "Bearer Bearer 00D58000000arpq!••••");
    assert_eq!((seen_it.status, seen_it.errors.len()), (Some(401), 1));
    let redirected = format!(
        "HTTP/1.1 200 Connection established\n\nHTTP/1.1 302 Found\nLocation: https://x/\n\nmoved INVALID_FIELD: no\n\nHTTP/1.1 401 Unauthorized\n\n{EXPIRED}"
    );
    let seen_it = seen(&redirected);
    assert_eq!((seen_it.status, seen_it.headers.len(), seen_it.errors.len()), (Some(401), 0, 1));
}

#[test]
fn a_raw_exchange_keeps_its_request_apart() {
    let text = format!(
        "POST https://login.salesforce.com/services/oauth2/token?x=1 HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\nAuthorization: Bearer {TOKEN}\n  Qr5Qr5Qr5\n\ngrant_type=password&password=hush&error=invalid_scope\n\nHTTP/1.1 400 Bad Request\nContent-Type: application/json\n\n{{\"error\":\"invalid_grant\",\"error_description\":\"authentication failure\"}}"
    );
    let seen = seen(&text);
    assert_eq!(
        seen.request,
        Some(("POST".into(), "https://login.salesforce.com/services/oauth2/token?x=1".into()))
    );
    assert_eq!(
        seen.errors,
        [ApiError {
            code: Some("invalid_grant".into()),
            message: "authentication failure".into(),
            fields: Vec::new()
        }]
    );
    assert!(!format!("{seen:?}").contains("hush") && !format!("{seen:?}").contains("Qr5"), "{seen:?}");
    assert!(seen.text.contains("grant_type=password"));
}

#[test]
fn a_log_s_request_line_and_status_are_read() {
    let cases = [
        (
            r#"https://login.salesforce.com:443 "POST /services/oauth2/token HTTP/1.1" 400 88"#,
            "POST",
            "/services/oauth2/token",
            Some(400),
        ),
        (
            "POST https://acme.my.salesforce.com/services/data/v66.0/sobjects/Account 400 (Bad Request)",
            "POST",
            "https://acme.my.salesforce.com/services/data/v66.0/sobjects/Account",
            Some(400),
        ),
        ("GET /services/data/v66.0/limits\n403 Forbidden\n", "GET", "/services/data/v66.0/limits", Some(403)),
        (
            "Malformed request https://acme.my.salesforce.com/services/data/v59.0/query/?q=SELECT+Idd. Response content: x",
            "",
            "https://acme.my.salesforce.com/services/data/v59.0/query/?q=SELECT+Idd",
            None,
        ),
    ];
    for (text, method, target, status) in cases {
        let seen = seen(text);
        assert_eq!((seen.request, seen.status), (Some((method.into(), target.into())), status), "{text}");
    }
    for (text, status) in [
        ("Status 401 Unauthorized", 401),
        ("Request failed with status code 404", 404),
        ("401 Client Error: Unauthorized for url", 401),
        ("The remote server returned an error: (400) Bad Request.", 400),
        ("statusCode=503", 503),
        ("HTTP 500", 500),
        ("failed: bad request (400).", 400),
        ("curl: (22) The requested URL returned error: 403", 403),
    ] {
        assert_eq!(seen(text).status, Some(status), "{text}");
    }
    for text in ["took 401 ms", "404 records", "in 200 rows", "port 443"] {
        assert_eq!(seen(text).status, None, "{text}");
    }
}

#[test]
fn json_is_found_in_whatever_is_around_it() {
    let expected = pairs(&[("INVALID_SESSION_ID", "Session expired or invalid")]);
    let escaped = EXPIRED.replace('"', "\\\"");
    let twice = escaped.replace('\\', "\\\\").replace('"', "\\\"");
    for text in [
        format!("2026-01-01 10:00:00,1 ERROR [main] [http-1] call failed: {EXPIRED}"),
        format!("{{\"level\":\"error\",\"service\":\"x\",\"msg\":\"failed: {escaped}\"}}"),
        format!("java.lang.RuntimeException: body was \"{escaped}\" at line 5"),
        format!("{{\"outer\":\"{{\\\"inner\\\":\\\"{twice}\\\"}}\"}}"),
        EXPIRED.replace('"', "&quot;"),
        EXPIRED.replace('"', "'"),
        format!("simple_salesforce.exceptions.SalesforceExpiredSession: Expired session for https://acme.my.salesforce.com/services/data/v59.0/query/?q=x. Response content: {}", EXPIRED.replace("\"", "'").replace(":", ": ")),
        "Error: [ { message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' } ]".into(),
        format!("{EXPIRED}\n{EXPIRED}\n{{\"level\":\"info\",\"message\":\"retrying\"}}"),
        format!("> {}", EXPIRED.replace(",", ",\n> ")),
        "{\"message\":\"Request failed with status code 401\",\"code\":\"ERR_BAD_REQUEST\",\"response\":{\"status\":401,\"data\":[{\"message\":\"Session expired or invalid\",\"errorCode\":\"INVALID_SESSION_ID\"}]}}".into(),
        "{errorCode=INVALID_SESSION_ID, message=Session expired or invalid}".into(),
        "{message=Session expired or invalid, errorCode=INVALID_SESSION_ID}".into(),
        "[{\"errorCode\":\"INVALID_SESSION_ID\",\"message\":\"Session expired or invalid".into(),
    ] {
        assert_eq!(said(&text), expected, "{text}");
    }
    let axios = seen(
        "{\"response\":{\"status\":401,\"data\":[{\"errorCode\":\"INVALID_SESSION_ID\",\"message\":\"m\"}]}}",
    );
    assert_eq!(axios.status, Some(401));
    let note = seen(&format!("the app was created 5 minutes ago\n{EXPIRED}"));
    assert_eq!(note.text, "the app was created 5 minutes ago");
    assert_eq!(
        said("{\"level\":\"error\",\"message\":\"INVALID_LOGIN: Invalid username\"}"),
        pairs(&[("INVALID_LOGIN", "Invalid username")])
    );
    let python = seen(
        "[{'message': \"\\nSELECT Idd FROM Account\\n       ^\\nERROR at Row:1:Column:8\\nNo such column 'Idd' on entity 'Account'.\", 'errorCode': 'INVALID_FIELD'}]",
    );
    assert!(python.errors[0].message.contains("No such column 'Idd' on entity 'Account'."));
}

#[test]
fn xml_and_pages_are_found() {
    let fault = "<?xml version=\"1.0\"?><soapenv:Envelope><soapenv:Body><soapenv:Fault><faultcode>sf:INVALID_LOGIN</faultcode><faultstring>INVALID_LOGIN: Invalid username</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>";
    for text in [
        fault.to_owned(),
        format!("log: {fault} end"),
        fault.replace('<', "&lt;").replace('>', "&gt;"),
        format!("{{\"body\":{}}}", serde_json::to_string(fault).unwrap()),
    ] {
        assert_eq!(said(&text), pairs(&[("INVALID_LOGIN", "Invalid username")]), "{text}");
    }
    let page = seen(
        "HTTP/1.1 503 Service Unavailable\nContent-Type: text/html\n\n<!DOCTYPE html><html><title>x</title><body>We are down for maintenance</body></html>",
    );
    assert_eq!((page.status, page.page, page.errors.len()), (Some(503), Some(Page::Maintenance), 0));
    let scratch = seen("HTTP/1.1 420 \n\n<html>Scratch org expired</html>");
    assert_eq!((scratch.page, scratch.text.as_str()), (Some(Page::ExpiredOrg), ""));
    let captive = seen("I get this:\n<html><title>Hotel Wi-Fi</title></html>\nsince today");
    assert_eq!(captive.page, Some(Page::Other { title: "Hotel Wi-Fi".into() }));
    assert_eq!(captive.text, "I get this:\n\nsince today");
    let blocked = seen(
        "<html><title>Error</title><body>OAUTH_APPROVAL_ERROR_GENERIC : An unexpected error has occurred during authentication.<br></body></html>",
    );
    assert_eq!(blocked.errors[0].code.as_deref(), Some("OAUTH_APPROVAL_ERROR_GENERIC"));
}

#[test]
fn addresses_are_decoded_once() {
    for text in [
        "http://localhost:1717/OauthRedirect?error=access_denied&error_description=end-user+denied%20authorization&state=x",
        "http://localhost:1717/OauthRedirect#error=access-denied&error_description=end-user+denied+authorization",
        "error=access_denied&error_description=end-user+denied+authorization",
        "the browser went to (https://x/cb?error=access_denied&amp;error_description=end-user+denied+authorization).",
    ] {
        assert_eq!(said(text), pairs(&[("access_denied", "end-user denied authorization")]), "{text}");
    }
    let page = "https://acme.my.salesforce.com/setup/secur/RemoteAccessErrorPage.apexp?error=invalid_client&error_description=app+must+be+100%2525+installed&code=hushhush";
    let seen = seen(page);
    assert_eq!(seen.errors[0].message, "app must be 100%25 installed");
    assert_eq!(seen.request.unwrap().1, page.replace("hushhush", "••••"));
    let redirect = super::seen(
        "HTTP/1.1 302 Found\nLocation: http://localhost:1717/x?error=invalid_scope&error_description=the+requested+scope+is+not+allowed&code=hush\n\n",
    );
    assert_eq!(
        (redirect.status, redirect.errors[0].message.as_str()),
        (Some(302), "the requested scope is not allowed")
    );
    assert_eq!(said("level=info error=timeout after 3 s")[0].0, "");
}

#[test]
fn exception_texts_are_read() {
    let cases: &[(&str, &[(&str, &str)])] = &[
        (
            "INVALID_FIELD: No such column 'X' on entity 'Account'",
            &[("INVALID_FIELD", "No such column 'X' on entity 'Account'")],
        ),
        ("Error (1): INVALID_FIELD: No such column", &[("INVALID_FIELD", "No such column")]),
        (
            "simple_salesforce.exceptions.SalesforceAuthenticationFailed: INVALID_LOGIN: Invalid username, password, security token; or user locked out.",
            &[("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.")],
        ),
        (
            "AuthError: … Reason: invalid_grant - user hasn't approved this consumer",
            &[("invalid_grant", "user hasn't approved this consumer")],
        ),
        ("invalid_grant - authentication failure", &[("invalid_grant", "authentication failure")]),
        ("Error: invalid_grant\nauthentication failure", &[("invalid_grant", "authentication failure")]),
        ("I get invalid_client_id from Postman", &[("invalid_client_id", "from Postman")]),
        (
            "error: invalid_grant, error_description: authentication failure",
            &[("invalid_grant", "authentication failure")],
        ),
        (
            "[LoginFault [ApiFault  exceptionCode='INVALID_LOGIN'\n exceptionMessage='Invalid username'\n extendedErrorDetails='{[0]}'\n]",
            &[("INVALID_LOGIN", "Invalid username")],
        ),
        (
            "[errorCode] => NOT_FOUND\n[message] => The requested resource does not exist",
            &[("NOT_FOUND", "The requested resource does not exist")],
        ),
        (
            "sf:INVALID_SESSION_ID: Invalid Session ID found in SessionHeader",
            &[("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader")],
        ),
        (
            "INVALID_SESSION_ID: Session expired\n    at HttpApi.getError (/app/http-api.js:246:19) {\n  errorCode: 'INVALID_SESSION_ID',\n  data: undefined\n}",
            &[("INVALID_SESSION_ID", "Session expired")],
        ),
        (
            "ErrorCode: \"UNABLE_TO_LOCK_ROW\", Message: \"unable to obtain\"",
            &[("UNABLE_TO_LOCK_ROW", "unable to obtain")],
        ),
        ("Bad_OAuth_Token", &[("Bad_OAuth_Token", "")]),
        ("InvalidBatch : Field name not found : Nam", &[("InvalidBatch", "Field name not found : Nam")]),
        ("it says UNABLE_TO_LOCK_ROW", &[("UNABLE_TO_LOCK_ROW", "")]),
        (
            "MALFORMED_QUERY: \nSELECT Id, FROM Account\n           ^\nERROR at Row:1:Column:12\nunexpected token: 'FROM'\n\nat x.js",
            &[(
                "MALFORMED_QUERY",
                "SELECT Id, FROM Account\n           ^\nERROR at Row:1:Column:12\nunexpected token: 'FROM'",
            )],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(said(text), pairs(expected), "{text}");
    }
    let apex = seen(
        "System.DmlException: Insert failed. First exception on row 0; first error: REQUIRED_FIELD_MISSING, Required fields are missing: [LastName]: [LastName]",
    );
    assert_eq!(
        (apex.errors[0].message.as_str(), &apex.errors[0].fields[..]),
        ("Required fields are missing: [LastName]", &["LastName".to_owned()][..])
    );
}

#[test]
fn what_is_not_recognised_is_a_description() {
    for text in [
        "getaddrinfo ENOTFOUND acme.my.salesforce.com",
        "curl: (60) SSL certificate problem: unable to get local issuer certificate",
        "code: 'SELF_SIGNED_CERT_IN_CHAIN'",
        "connect ECONNREFUSED 127.0.0.1:1717",
        "it does not work",
    ] {
        let seen = seen(text);
        assert_eq!(seen.errors, [ApiError::said(text)], "{text}");
        assert_eq!(seen.text, text);
    }
    assert_eq!(seen(""), Seen::default());
    assert_eq!(seen(" \n\u{feff}"), Seen::default());
    let long = seen(&"word ".repeat(1000));
    assert_eq!(long.text.chars().count(), 500);
}

#[test]
fn parts_are_found_and_records_are_not() {
    let composite = "HTTP/1.1 200 OK\n\n{\"compositeResponse\":[{\"body\":[{\"errorCode\":\"INVALID_FIELD\",\"message\":\"m\"}],\"httpHeaders\":{},\"httpStatusCode\":400,\"referenceId\":\"r1\"}]}";
    let found = seen(composite);
    assert_eq!((found.status, found.errors.len()), (Some(200), 0));
    assert_eq!((found.parts[0].reference.as_str(), found.parts[0].status), ("r1", Some(400)));
    let rows = seen("[{\"success\":false,\"errors\":[{\"statusCode\":\"X_Y\",\"message\":\"m\"}]}]");
    assert_eq!(rows.parts[0].error.code.as_deref(), Some("X_Y"));
    let csv = seen("what is this?\n\"sf__Id\",\"sf__Error\",Name\n\"\",\"INVALID_FIELD:m:X --\",a\n");
    assert_eq!((csv.parts.len(), csv.text.as_str()), (1, "what is this?"));
    let job = seen("{\"id\":\"750\",\"state\":\"Failed\",\"errorMessage\":\"InvalidBatch : m\"}");
    assert_eq!(job.parts[0].error.code.as_deref(), Some("InvalidBatch"));
    let records = "{\"totalSize\":1,\"done\":true,\"records\":[{\"attributes\":{},\"success\":false,\"errors\":[{\"errorCode\":\"X_Y\",\"message\":\"m\"}]},{\"success\":false,\"errors\":[{\"errorCode\":\"X_Y\",\"message\":\"m\"}]}]}";
    for head in ["", "GET /services/data/v66.0/query HTTP/1.1\n\nHTTP/1.1 200 OK\n\n"] {
        let calm = seen(&format!("{head}{records}"));
        assert!(calm.parts.is_empty() && calm.errors.iter().all(|error| error.code.is_none()), "{calm:?}");
    }
}

/// A secret in each kind of text that is pasted.
fn planted() -> impl Strategy<Value = (String, String)> {
    let secret = "[A-Za-z0-9]{20,60}[0-9][a-z][A-Z]";
    let texts = [
        "HTTP/1.1 401 Unauthorized\nX-Echo: Bearer {s}\nSet-Cookie: sid={s}; Path=/\nx-api-key: {s}\n\n[{\"errorCode\":\"X_Y\",\"message\":\"Bearer {s}\"}]",
        "> GET /x?sid={s} HTTP/1.1\n> Authorization: Bearer {s}\n>  {s}\n>\n< HTTP/1.1 200 OK\n<\n{\"access_token\":\"{s}\"}",
        "POST /services/oauth2/token\nclient_secret={s}&code={s}&refresh_token={s}\n400",
        "{\"error\":\"invalid_grant\",\"error_description\":\"password={s}\"}",
        "{\"message\":\"00D58000000arpq!{s}\",\"unknown\":{\"password\":\"{s}\"}}",
        "{\"log\":\"{\\\"password\\\":\\\"{s}\\\",\\\"errorCode\\\":\\\"A_B\\\",\\\"message\\\":\\\"5Aep{s}\\\"}\"}",
        "https://x/cb?error=access_denied&error_description=sid={s}&code={s}",
        "INVALID_LOGIN: bad password={s}",
        "<soapenv:Envelope><soapenv:Body><login><password>{s}</password></login><Fault><faultcode>sf:X_Y</faultcode><faultstring>sid={s}</faultstring></Fault></soapenv:Body></soapenv:Envelope>",
        "<html><title>sid={s}</title><body>OAUTH_X_Y : code={s}",
        "sf__Error,Name\nINVALID_FIELD:password={s}:X --,a\n",
        "[{\"success\":false,\"errors\":[{\"statusCode\":\"X_Y\",\"message\":\"Bearer {s}\",\"fields\":[\"sid={s}\"]}]}]",
        "{'password': '{s}', 'other': ['{s}'",
    ];
    (prop::sample::select(texts.to_vec()), secret)
        .prop_map(|(text, secret)| (text.replace("{s}", &secret), secret))
}

proptest! {
    #[test]
    fn no_planted_secret_comes_out((text, secret) in planted(), before in "([a-z ]{0,20}\n)?") {
        // The last text has one that nothing tells apart.
        let text = text.replace(&format!("'other': ['{secret}'"), "'other': ['x'");
        let seen = format!("{:?}", seen(&format!("{before}{text}")));
        prop_assert!(!seen.contains(&secret), "{text}\n{seen}");
    }

    #[test]
    fn nothing_panics_and_nothing_swells(text in "\\PC{0,80}|[\\[\\]{}'\":,=<>/a1A_\\\\ \n]{0,120}|(HTTP/1.1 200\n|> GET /\n|a: b\n|\n|\\{\"errors\":\\[|<html>|error=a_b&|INVALID_X: ){0,12}") {
        let seen = seen(&text);
        prop_assert!(seen.text.chars().count() <= 500);
        let told = format!("{seen:?}");
        prop_assert!(told.len() <= 3000 + 40 * text.len());
    }
}
