//! Composite calls and collections.

use super::*;

fn post(path: &str, body: Value) -> Answer {
    call("POST", &format!("/services/data/v66.0/composite{path}"), &body)
}

fn part(method: &str, path: &str, id: &str, body: Value) -> Value {
    json!({"method": method, "url": format!("/services/data/v66.0/{path}"), "referenceId": id, "body": body})
}

#[test]
fn a_composite_refers_to_what_went_before() {
    let answer = post(
        "",
        json!({"compositeRequest": [
            part("POST", "sobjects/Account", "a", json!({"Name": "Composite"})),
            part("POST", "sobjects/Contact", "c", json!({"LastName": "Part", "AccountId": "@{a.id}"})),
            part("GET", "query?q=SELECT LastName FROM Contact WHERE AccountId = '@{a.id}'", "q", Value::Null),
            part("GET", "sobjects/Account/@{nope.id}", "x", Value::Null),
        ]}),
    );
    let parts = &answer.json()["compositeResponse"];
    assert_eq!(parts[0]["httpStatusCode"], 201);
    assert!(parts[0]["httpHeaders"]["Location"].is_string());
    assert_eq!(parts[2]["body"]["records"][0]["LastName"], "Part");
    assert_eq!(parts[3]["body"][0]["errorCode"], "PROCESSING_HALTED");
}

#[test]
fn all_or_none_leaves_nothing() {
    let name = "All Or None";
    let body = json!({"allOrNone": true, "compositeRequest": [
        part("POST", "sobjects/Account", "a", json!({"Name": name})),
        part("POST", "sobjects/Contact", "c", json!({})),
    ]});
    let parts = &post("", body).json()["compositeResponse"];
    assert_eq!(parts[0]["body"][0]["errorCode"], "PROCESSING_HALTED");
    assert_eq!(parts[1]["body"][0]["errorCode"], "REQUIRED_FIELD_MISSING");
    let records = json!({"allOrNone": true, "records": [
        {"attributes": {"type": "Account"}, "Name": name},
        {"attributes": {"type": "Contact"}},
    ]});
    let results = post("/sobjects", records).json();
    assert_eq!(results[0]["errors"][0]["statusCode"], "ALL_OR_NONE_OPERATION_ROLLED_BACK");
    let tree = json!({"records": [{
        "attributes": {"type": "Account", "referenceId": "r1"}, "Name": name,
        "Contacts": {"records": [{"attributes": {"type": "Contact", "referenceId": "r2"}}]},
    }]});
    let answer = post("/tree/Account", tree);
    assert_eq!((answer.status.as_u16(), &answer.json()["results"][0]["referenceId"]), (400, &json!("r2")));
    assert_eq!(soql(&format!("SELECT COUNT() FROM Account WHERE Name = '{name}'")).json()["totalSize"], 0);
}

#[test]
fn a_graph_holds_or_fails_as_a_whole() {
    let graph = |id: &str, body: Value| json!({"graphId": id, "compositeRequest": [part("POST", "sobjects/Account", "a", body)]});
    let answer =
        post("/graph", json!({"graphs": [graph("g1", json!({"Name": "Graph"})), graph("g2", json!({}))]}));
    let graphs = &answer.json()["graphs"];
    assert_eq!((&graphs[0]["isSuccessful"], &graphs[1]["isSuccessful"]), (&json!(true), &json!(false)));
}

#[test]
fn a_batch_may_halt() {
    let requests = json!([{"method": "GET", "url": "v66.0/limits"}, {"method": "GET", "url": "v66.0/nope"}, {"method": "GET", "url": "v66.0/limits"}]);
    let answer = post("/batch", json!({"haltOnError": true, "batchRequests": requests})).json();
    let codes: Vec<u64> =
        answer["results"].as_array().unwrap().iter().map(|one| one["statusCode"].as_u64().unwrap()).collect();
    assert_eq!((codes, &answer["hasErrors"]), (vec![200, 404, 412], &json!(true)));
}

#[test]
fn collections_answer_record_by_record() {
    let made = post(
        "/sobjects",
        json!({"records": [
            {"attributes": {"type": "Account"}, "Name": "One"},
            {"attributes": {"type": "Account"}},
            {"attributes": {"type": "Nope"}, "Name": "x"},
        ]}),
    );
    let results = made.json();
    assert_eq!((made.status.as_u16(), &results[0]["success"]), (200, &json!(true)));
    assert_eq!(results[1]["errors"][0]["statusCode"], "REQUIRED_FIELD_MISSING");
    assert_eq!(results[2]["errors"][0]["statusCode"], "INVALID_TYPE");
    let id = results[0]["id"].as_str().unwrap();
    let patch = json!({"records": [{"attributes": {"type": "Account"}, "id": id, "Name": "Two"}]});
    assert_eq!(call("PATCH", "/services/data/v66.0/composite/sobjects", &patch).json()[0]["success"], true);
    let read = post("/sobjects/Account", json!({"ids": [id, "001gK0zzzzzzzzz"], "fields": ["Name"]})).json();
    assert_eq!((&read[0]["Name"], &read[1]), (&json!("Two"), &Value::Null));
    let upsert =
        json!({"records": [{"attributes": {"type": "Account"}, "ERP_Id__c": "ERP-888001", "Name": "Up"}]});
    let path = "/services/data/v66.0/composite/sobjects/Account/ERP_Id__c";
    assert_eq!(call("PATCH", path, &upsert).json()[0]["created"], true);
    assert_eq!(call("PATCH", path, &upsert).json()[0]["created"], false);
    let gone = call(
        "DELETE",
        &format!("/services/data/v66.0/composite/sobjects?ids={id},001gK0zzzzzzzzz"),
        &Value::Null,
    )
    .json();
    assert_eq!(
        (&gone[0]["success"], &gone[1]["errors"][0]["statusCode"]),
        (&json!(true), &json!("INVALID_CROSS_REFERENCE_KEY"))
    );
    let many: Vec<Value> =
        (0..201).map(|_| json!({"attributes": {"type": "Account"}, "Name": "x"})).collect();
    assert_eq!(post("/sobjects", json!({"records": many})).code(), "EXCEEDED_ID_LIMIT");
}
