//! Failures inside answers that say 200, and answers that only look like one.

use super::*;

const DATA: &str = "/services/data/v66.0";

/// Reference, status and code of each.
fn found(path: &str, body: &str) -> Vec<(String, Option<u16>, String)> {
    let parts = failed_parts(&format!("{DATA}/{path}"), body.as_bytes());
    let of = |part: FailedPart| (part.reference, part.status, part.error.code.unwrap_or(part.error.message));
    parts.into_iter().map(of).collect()
}

fn part(reference: &str, status: impl Into<Option<u16>>, code: &str) -> (String, Option<u16>, String) {
    (reference.to_owned(), status.into(), code.to_owned())
}

#[test]
fn a_composite_names_its_parts_and_tells_the_halted() {
    let body = r#"{"compositeResponse":[
        {"body":{"id":"001","success":true,"errors":[]},"httpHeaders":{},"httpStatusCode":201,"referenceId":"r0"},
        {"body":[{"errorCode":"INVALID_FIELD","message":"m"},{"errorCode":"MALFORMED_ID","message":"n"}],"httpHeaders":{},"httpStatusCode":400,"referenceId":"r1"},
        {"body":[{"errorCode":"PROCESSING_HALTED","message":"The transaction was rolled back since another operation in the same transaction failed."}],"httpHeaders":{},"httpStatusCode":400,"referenceId":"r2"},
        {"body":[{"success":false,"errors":[{"statusCode":"DUPLICATE_VALUE","message":"d","fields":[]}]}],"httpStatusCode":200,"referenceId":"r3"}]}"#;
    let expected = [
        part("r1", 400, "INVALID_FIELD"),
        part("r1", 400, "MALFORMED_ID"),
        part("r2", 400, "PROCESSING_HALTED"),
        part("r3[0]", None, "DUPLICATE_VALUE"),
    ];
    assert_eq!(found("composite", body), expected);
    assert_eq!(found("tooling/composite", body), expected);
    let halted = failed_parts("/services/data/v66.0/composite/", body.as_bytes());
    assert_eq!(halted.iter().map(FailedPart::is_halted).collect::<Vec<_>>(), [false, false, true, false]);
}

#[test]
fn batches_graphs_and_trees_are_read() {
    let batch = r#"{"hasErrors":true,"results":[{"statusCode":200,"result":{"attributes":{},"Name":"x"}},{"statusCode":404,"result":[{"errorCode":"NOT_FOUND","message":"m"}]},
        {"statusCode":412,"result":[{"errorCode":"BATCH_PROCESSING_HALTED","message":"m"}]}]}"#;
    let expected = [part("[1]", 404, "NOT_FOUND"), part("[2]", 412, "BATCH_PROCESSING_HALTED")];
    assert_eq!(found("composite/batch", batch), expected);
    assert_eq!(found("ui-api/records/batch/001,002", batch), expected);
    let xml = "<?xml version=\"1.0\"?><batchResults><hasErrors>true</hasErrors><results><statusCode>404</statusCode><result><Error><errorCode>NOT_FOUND</errorCode><message>m</message></Error></result></results></batchResults>";
    assert_eq!(found("composite/batch", xml), [part("[0]", 404, "NOT_FOUND")]);
    let graph = r#"{"graphs":[{"graphId":"g1","graphResponse":{"compositeResponse":[{"body":[{"errorCode":"INVALID_FIELD","message":"m"}],"httpStatusCode":400,"referenceId":"r1"}]},"isSuccessful":false},
        {"graphId":"g2","graphResponse":{"compositeResponse":[{"body":{"id":"1"},"httpStatusCode":201,"referenceId":"r1"}]},"isSuccessful":true},{"graphId":"g3","isSuccessful":false}]}"#;
    assert_eq!(found("composite/graph", graph), [part("g1.r1", 400, "INVALID_FIELD"), part("g3", None, "")]);
    let tree = r#"{"hasErrors":true,"results":[{"referenceId":"ref1","errors":[{"statusCode":"REQUIRED_FIELD_MISSING","message":"m","fields":["LastName"]}]}]}"#;
    assert_eq!(found("composite/tree/Contact", tree), [part("ref1", None, "REQUIRED_FIELD_MISSING")]);
}

#[test]
fn collections_actions_and_single_results_are_read() {
    let rows = r#"[{"id":"001","success":true,"errors":[]},{"success":false,"errors":[{"statusCode":"REQUIRED_FIELD_MISSING","message":"m","fields":["LastName"]}]},
        {"id":null,"success":false,"errors":[{"statusCode":"ALL_OR_NONE_OPERATION_ROLLED_BACK","message":"m","fields":[]}]}]"#;
    let expected =
        [part("[1]", None, "REQUIRED_FIELD_MISSING"), part("[2]", None, "ALL_OR_NONE_OPERATION_ROLLED_BACK")];
    assert_eq!(found("composite/sobjects", rows), expected);
    let parts = failed_parts("/services/data/v66.0/composite/sobjects?allOrNone=true", rows.as_bytes());
    assert_eq!(parts[0].error.fields, ["LastName"]);
    assert!(parts[1].is_halted() && !parts[0].is_halted());
    let action = r#"[{"actionName":"Deactivate","errors":[{"statusCode":"INVALID_API_INPUT","message":"Missing required input parameter: x","fields":[]}],"isSuccess":false,"outputValues":null}]"#;
    assert_eq!(found("actions/custom/flow/Deactivate", action), [part("[0]", None, "INVALID_API_INPUT")]);
    let one = r#"{"success":false,"errors":[{"statusCode":"STRING_TOO_LONG","message":"m","fields":["Name"]}],"id":null}"#;
    assert_eq!(found("sobjects/Account", one), [part("", None, "STRING_TOO_LONG")]);
    assert_eq!(found("sobjects/Account", r#"{"success":false,"errors":[]}"#), [part("", None, "")]);
}

#[test]
fn graphql_jobs_and_deployments_are_read() {
    let graphql = r#"{"data":{"uiapi":null},"errors":[{"message":"Field 'x' is undefined","paths":["uiapi","query",0],"locations":[{"line":1,"column":1}],"extensions":{"ErrorType":"ValidationError"}},{"message":"m","paths":[],"locations":[]}]}"#;
    assert_eq!(
        found("graphql", graphql),
        [part("uiapi/query/0", None, "ValidationError"), part("[1]", None, "m")]
    );
    let job = r#"{"id":"7505e","operation":"insert","state":"Failed","errorMessage":"InvalidBatch : Field name not found : Nam"}"#;
    let parts = failed_parts("/services/data/v66.0/jobs/ingest/7505e", job.as_bytes());
    assert_eq!(
        (parts[0].reference.as_str(), parts[0].error.message.as_str()),
        ("7505e", "Field name not found : Nam")
    );
    assert_eq!(parts[0].error.code.as_deref(), Some("InvalidBatch"));
    let query = r#"{"id":"750x","state":"Failed","errorMessage":"CLIENTINPUTERROR:LineEnding is invalid on user data"}"#;
    assert_eq!(found("jobs/query/750x", query), [part("750x", None, "CLIENTINPUTERROR")]);
    let v1 = "<batchInfo xmlns=\"http://www.force.com/2009/06/asyncapi/dataload\"><id>751x</id><state>Failed</state><stateMessage>InvalidBatch : Field name not found : X</stateMessage></batchInfo>";
    let parts = failed_parts("/services/async/66.0/job/750x/batch/751x", v1.as_bytes());
    assert_eq!((parts[0].reference.as_str(), parts[0].error.code.as_deref()), ("751x", Some("InvalidBatch")));
    let deploy = r#"{"id":"0Af","deployResult":{"status":"Failed","success":false,"details":{"componentFailures":[{"fullName":"Foo","fileName":"classes/Foo.cls","problem":"Unexpected token","problemType":"Error","lineNumber":3,"columnNumber":5},{"fullName":"W","problem":"w","problemType":"Warning"}],"runTestResult":{"failures":[{"name":"FooTest","methodName":"works","message":"System.AssertException: x"}]}}}}"#;
    let expected = [
        part("classes/Foo.cls:3:5", None, "Unexpected token"),
        part("FooTest.works", None, "System.AssertException: x"),
    ];
    assert_eq!(found("metadata/deployRequest/0Af", deploy), expected);
    let soap = "<soapenv:Envelope><soapenv:Body><createResponse><result><errors><message>m</message><statusCode>INVALID_TYPE</statusCode></errors><id xsi:nil=\"true\"/><success>false</success></result><result><errors/><success>true</success></result></createResponse></soapenv:Body></soapenv:Envelope>";
    let parts = failed_parts("/services/Soap/u/64.0/00D", soap.as_bytes());
    assert_eq!(
        (parts.len(), parts[0].reference.as_str(), parts[0].error.code.as_deref()),
        (1, "[0]", Some("INVALID_TYPE"))
    );
}

#[test]
fn what_only_looks_like_a_failure_is_left_alone() {
    let record =
        r#"{"attributes":{"type":"X"},"success":false,"errors":[{"statusCode":"A_CODE","message":"m"}]}"#;
    let query = format!(
        r#"{{"totalSize":1,"done":true,"records":[{record}],"success":false,"errors":[{{"message":"m"}}]}}"#
    );
    let failed = r#"[{"success":false,"errors":[{"statusCode":"X_Y","message":"m"}]}]"#;
    let inside = format!(
        r#"{{"compositeResponse":[{{"httpStatusCode":200,"referenceId":"q","body":{{"totalSize":1,"done":true,"records":[{record}]}}}}]}}"#
    );
    let calm = [
        ("query", query.as_str()),
        ("query/01g-2000", &query),
        ("queryAll", &query),
        ("tooling/query", &query),
        ("search", &query),
        ("sobjects/X__c/a01", record),
        ("composite/sobjects/X__c", &format!("[{record},null]")),
        ("composite", &inside),
        ("limits", failed),
        (
            "sobjects/E__e",
            r#"{"id":"e01","success":true,"errors":[{"statusCode":"OPERATION_ENQUEUED","message":"u","fields":[]}]}"#,
        ),
        ("sobjects/A", r#"{"id":"001","success":true,"errors":[]}"#),
        ("jobs/ingest", r#"{"done":true,"records":[{"id":"750","state":"Failed"}]}"#),
        ("jobs/ingest/750", r#"{"id":"750","state":"JobComplete","errorMessage":null}"#),
        ("graphql", r#"{"data":{"uiapi":{"errors":[{"message":"m"}]}},"errors":[]}"#),
        (
            "ui-api/records/001",
            r#"{"apiName":"X","fields":{"success":{"value":false},"errors":{"value":"x"}}}"#,
        ),
        ("composite", "not json"),
        ("composite", "<html>"),
    ];
    for (path, body) in calm {
        assert_eq!(found(path, body), [], "{path}: {body}");
    }
    assert!(failed_parts("/services/apexrest/composite", failed.as_bytes()).is_empty());
    assert!(
        !failed_parts(
            "https://a.my.salesforce.com/services/data/v66.0/composite/sobjects?x=1",
            failed.as_bytes()
        )
        .is_empty()
    );
    let large = format!("{failed}{}", " ".repeat(LARGEST_PARTS));
    assert!(failed_parts("/services/data/v66.0/composite/sobjects", large.as_bytes()).is_empty());
}

#[test]
fn the_request_s_body_tells_what_each_part_was() {
    let mut parts: Vec<_> = ["r1", "r10", "r1[0]", "x"]
        .map(|r| FailedPart { reference: r.into(), ..FailedPart::default() })
        .into();
    let asked = br#"{"compositeRequest":[{"method":"PATCH","url":"/services/data/v66.0/sobjects/A/1?sid=hush","referenceId":"r1"},{"method":"GET","url":"/y","referenceId":"r10"}]}"#;
    name_requests(&mut parts, asked);
    let methods: Vec<_> = parts.iter().map(|part| part.method.as_deref().unwrap_or("")).collect();
    assert_eq!(methods, ["PATCH", "GET", "PATCH", ""]);
    assert_eq!(parts[0].url.as_deref(), Some("/services/data/v66.0/sobjects/A/1?sid=••••"));
    let mut batch = vec![FailedPart { reference: "[1]".into(), ..FailedPart::default() }];
    name_requests(
        &mut batch,
        br#"{"batchRequests":[{"method":"GET","url":"a"},{"method":"DELETE","url":"b"}]}"#,
    );
    assert_eq!((batch[0].method.as_deref(), batch[0].url.as_deref()), (Some("DELETE"), Some("b")));
    let mut graph = vec![FailedPart { reference: "g1.r1".into(), ..FailedPart::default() }];
    name_requests(&mut graph, br#"{"graphs":[{"graphId":"g1","compositeRequest":[{"method":"POST","url":"c","referenceId":"r1"}]}]}"#);
    assert_eq!(graph[0].url.as_deref(), Some("c"));
    name_requests(&mut graph, b"{");
}
