//! Errors on demand and what turns them: permissions, rules, limits, the clock, and Login History.

use super::*;

const ADA: &str = "ada@nordlicht.example";
const READER: &str = "reader@nordlicht.example";
const FINN: &str = "finn@nordlicht.example";

/// Logs a user of production in.
fn log_in(world: &World, username: &str, given: &str) -> Answer {
    let app = &world.orgs[0].spec.apps[0];
    oauth_of(
        world,
        Door::Login,
        "token",
        &[
            ("grant_type", "password"),
            ("client_id", &app.consumer_key),
            ("client_secret", &app.consumer_secret),
            ("username", username),
            ("password", given),
        ],
    )
}

/// A user's calls of the Data API of production.
struct Caller<'a> {
    world: &'a World,
    bearer: String,
}

impl<'a> Caller<'a> {
    fn new(world: &'a World, username: &str) -> Self {
        let user = world.orgs[0].spec.user(username).unwrap().0;
        let answer = log_in(world, username, &format!("{}{}", user.password, user.security_token));
        Self { world, bearer: format!("Bearer {}", answer.json()["access_token"].as_str().unwrap()) }
    }

    fn send(&self, method: &str, resource: &str, more: (&str, &str), body: &Value) -> Answer {
        let headers = [("authorization", self.bearer.as_str()), ("content-type", "application/json"), more];
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let path = format!("/services/data/v66.0/{resource}");
        ask_of(self.world, Door::Production, method, &path, &headers, &text)
    }

    fn get(&self, resource: &str) -> Answer {
        self.send("GET", resource, ("accept", "*/*"), &Value::Null)
    }

    fn soql(&self, query: &str) -> Answer {
        self.get(&format!("query?{}", form(&[("q", query)])))
    }

    fn post(&self, object: &str, body: Value) -> Answer {
        self.send("POST", &format!("sobjects/{object}"), ("accept", "*/*"), &body)
    }
}

fn control(world: &World, path: &str) -> Value {
    ask_of(world, Door::Production, "POST", &format!("/demo/{path}"), &[], "").json()
}

#[test]
fn login_history_tells_the_administrator_what_the_token_endpoint_does_not() {
    let world = world();
    let (_, finn) = world.orgs[0].spec.user(FINN).unwrap();
    for given in ["wrong", "Salted-Caramel-5", "Salted-Caramel-5Dw7YpKc3RtXb9ZnQm1VhLs5F"] {
        log_in(&world, FINN, given);
        world.clock.advance(1000);
    }
    let old = app(&world.orgs[0].spec, "Old Importer");
    let client = [("client_id", old.consumer_key.as_str()), ("client_secret", &old.consumer_secret)];
    let more = [("grant_type", "password"), ("username", FINN), ("password", "any")];
    oauth_of(&world, Door::Login, "token", &[&client[..], &more[..]].concat());
    let query = format!(
        "SELECT LoginTime, Status, Application, LoginType, SourceIp, LoginUrl FROM LoginHistory WHERE UserId = '{finn}' ORDER BY LoginTime DESC LIMIT 20"
    );
    let rows = Caller::new(&world, ADA).soql(&query).json()["records"].clone();
    let told: Vec<&str> =
        rows.as_array().unwrap().iter().map(|row| row["Status"].as_str().unwrap()).collect();
    assert_eq!(
        told,
        [
            "Username-Password Flow Disabled",
            "Success",
            "Failed: API security token required",
            "Invalid Password"
        ]
    );
    assert_eq!(rows[0]["Application"], "Old Importer");
    assert_eq!(rows[1]["LoginType"], "Remote Access 2.0");
    assert_eq!(
        (&rows[1]["SourceIp"], &rows[1]["LoginUrl"]),
        (&json!("127.0.0.1"), &json!("http://login.demo"))
    );
    let refused = Caller::new(&world, READER).soql(&query);
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (400, "INVALID_TYPE"));
    let names = Caller::new(&world, READER).get("sobjects").text;
    assert!(!names.contains("LoginHistory") && !names.contains("Invoice__c") && names.contains("Contact"));
}

#[test]
fn five_wrong_passwords_lock_the_user_out_until_it_is_unlocked_or_later() {
    let world = world();
    let ada = Caller::new(&world, ADA);
    let good = "Salted-Caramel-5Dw7YpKc3RtXb9ZnQm1VhLs5F";
    let locked = || {
        let query =
            format!("SELECT Id, IsPasswordLocked, IsFrozen FROM UserLogin WHERE User.Username = '{FINN}'");
        ada.soql(&query).json()["records"][0].clone()
    };
    let lock = || (0..5).for_each(|_| assert_eq!(log_in(&world, FINN, "wrong").status, 400));
    assert_eq!(locked()["IsPasswordLocked"], false);
    lock();
    assert_eq!(refused(&log_in(&world, FINN, good)).2, "authentication failure");
    assert_eq!(locked()["IsPasswordLocked"], true);
    let record = format!("sobjects/UserLogin/{}", locked()["Id"].as_str().unwrap());
    let patch = |body: Value| ada.send("PATCH", &record, ("accept", "*/*"), &body);
    assert_eq!(patch(json!({"IsPasswordLocked": true})).code(), "CANNOT_PASSWORD_LOCKOUT");
    assert_eq!(patch(json!({"UserId": "005gK0000000001AAA"})).status, 400);
    assert_eq!(patch(json!({"IsPasswordLocked": false})).status, 204);
    assert_eq!(log_in(&world, FINN, good).status, 200);
    lock();
    control(&world, "clock?advance=899");
    assert_eq!(log_in(&world, FINN, good).status, 400);
    control(&world, "clock?advance=1");
    assert_eq!(locked()["IsPasswordLocked"], false);
    assert_eq!(log_in(&world, FINN, good).status, 200);
    assert_eq!(patch(json!({"IsFrozen": true})).status, 204);
    assert_eq!(refused(&log_in(&world, FINN, good)).2, "inactive user");
    assert_eq!(locked()["IsFrozen"], true);
}

#[test]
fn what_a_user_may_not_do_is_refused() {
    let world = &*WORLD;
    let reader = Caller::new(world, READER);
    let account = reader.soql("SELECT Id FROM Account LIMIT 1").json()["records"][0]["Id"].clone();
    let path = format!("sobjects/Account/{}", account.as_str().unwrap());
    for (method, body) in [("PATCH", json!({"Name": "x"})), ("DELETE", Value::Null)] {
        let answer = reader.send(method, &path, ("accept", "*/*"), &body);
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (400, "INSUFFICIENT_ACCESS_OR_READONLY")
        );
    }
    assert_eq!(reader.post("Account", json!({"Name": "x"})).code(), "INSUFFICIENT_ACCESS_OR_READONLY");
    assert_eq!(reader.get("sobjects/Invoice__c/describe").status, 404);
    for query in [
        "SELECT Id FROM Invoice__c",
        "SELECT Id, (SELECT Id FROM Invoices__r) FROM Account",
        "SELECT Id FROM Account WHERE Id IN (SELECT Account__c FROM Invoice__c)",
    ] {
        assert_eq!(reader.soql(query).code(), "INVALID_TYPE", "{query}");
        assert_eq!(Caller::new(world, ADA).soql(&format!("{query} LIMIT 1")).status, 200, "{query}");
    }
    let freeze = reader.soql("SELECT Id FROM User LIMIT 1").json()["records"][0]["Id"].clone();
    let path = format!("sobjects/User/{}", freeze.as_str().unwrap());
    assert_eq!(reader.send("PATCH", &path, ("accept", "*/*"), &json!({"IsActive": false})).status, 400);
}

#[test]
fn each_api_has_objects_of_its_own() {
    let world = &*WORLD;
    let ada = Caller::new(world, ADA);
    let rules = "SELECT ValidationName, EntityDefinitionId, ErrorMessage FROM ValidationRule";
    let tooling = |query: &str| ada.get(&format!("tooling/query?{}", form(&[("q", query)])));
    assert_eq!(ada.soql(rules).code(), "INVALID_TYPE");
    assert_eq!(tooling(rules).json()["records"][0]["EntityDefinitionId"], "Invoice__c");
    assert_eq!(tooling("SELECT Id FROM Account").code(), "INVALID_TYPE");
    assert_eq!(ada.soql("SELECT Id FROM Account LIMIT 1").status, 200, "the Data API is back");
}

#[test]
fn rules_of_the_org_stop_a_record() {
    let world = &*WORLD;
    let ada = Caller::new(world, ADA);
    let account = ada.soql("SELECT Id FROM Account LIMIT 1").json()["records"][0]["Id"].clone();
    let stopped = ada.post("Invoice__c", json!({"Account__c": account, "Amount__c": -1}));
    assert_eq!(
        (stopped.status.as_u16(), stopped.code().as_str()),
        (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    );
    assert_eq!(stopped.json()[0]["fields"], json!(["Amount__c"]));
    let saved = ada.post("Invoice__c", json!({"Account__c": account, "Amount__c": 0}));
    assert_eq!(saved.status, 201, "{}", saved.text);
    let path = format!("sobjects/Invoice__c/{}", saved.json()["id"].as_str().unwrap());
    let worse = ada.send("PATCH", &path, ("accept", "*/*"), &json!({"Amount__c": -0.01}));
    assert_eq!(worse.code(), "FIELD_CUSTOM_VALIDATION_EXCEPTION");
    let lead = json!({"LastName": "Twice", "Company": "Twice", "Email": "twice@twice.example"});
    assert_eq!(ada.post("Lead", lead.clone()).status, 201);
    let again = ada.post("Lead", lead.clone());
    assert_eq!((again.status.as_u16(), again.code().as_str()), (400, "DUPLICATES_DETECTED"));
    let found =
        again.json()[0]["duplicateResult"]["matchResults"][0]["matchRecords"][0]["record"]["Id"].clone();
    assert!(found.as_str().unwrap().starts_with("00Q"), "{}", again.text);
    let saved = ada.send("POST", "sobjects/Lead", ("sforce-duplicate-rule-header", "allowSave=true"), &lead);
    assert_eq!(saved.status, 201);
}

#[test]
fn the_calls_of_a_day_run_out() {
    let world = world();
    let ada = Caller::new(&world, ADA);
    let left = |answer: &Answer| answer.json()["DailyApiRequests"]["Remaining"].as_u64().unwrap();
    let (one, two) = (ada.get("limits"), ada.get("limits"));
    assert_eq!(left(&one), left(&two) + 1);
    assert_eq!(
        two.header("sforce-limit-info"),
        Some(format!("api-usage={}/15000", 15_000 - left(&two)).as_str())
    );
    assert_eq!(control(&world, "limits?used=14999"), json!({"used": 14_999, "allowed": 15_000}));
    assert_eq!(left(&ada.get("limits")), 0);
    let refused = ada.get("limits");
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "REQUEST_LIMIT_EXCEEDED"));
    assert_eq!(refused.header("sforce-limit-info"), Some("api-usage=15000/15000"));
    assert_eq!(world.orgs[1].calls(), 0, "the sandbox has calls of its own");
    control(&world, "limits?used=0");
    assert_eq!(left(&ada.get("limits")), 14_999);
}

#[test]
fn any_error_can_be_asked_for() {
    let world = &*WORLD;
    let ada = Caller::new(world, ADA);
    let at = |path: &str| ask_of(world, Door::Sandbox, "GET", &format!("/demo/{path}"), &[], "");
    assert!(at("error").json().as_array().unwrap().len() > 90);
    let locked = at("error/UNABLE_TO_LOCK_ROW");
    assert_eq!((locked.status.as_u16(), locked.code().as_str()), (400, "UNABLE_TO_LOCK_ROW"));
    let busy = at("error/too_many_requests");
    assert_eq!((busy.status.as_u16(), busy.header("retry-after")), (429, Some("5")));
    assert_eq!(at("error/METHOD_NOT_ALLOWED").header("allow"), Some("HEAD, GET, PATCH, DELETE"));
    assert_eq!(at("error/rate_limit_exceeded").json()["error"], "rate_limit_exceeded");
    assert_eq!(at("error/InvalidBatch").json()["exceptionCode"], "InvalidBatch");
    assert!(at("error/INVALID_LOGIN").text.contains("<faultcode>sf:INVALID_LOGIN</faultcode>"));
    let page = at("error/maintenance");
    assert!(page.status == 503 && page.mime.starts_with("text/html") && page.text.contains("We'll be back"));
    assert_eq!(at("error/scratch-org-expired").status.as_u16(), 420);
    assert_eq!(at("error/NOTHING").status, 404);
    let asked = |wish: &str| ada.send("GET", "limits", ("x-demo-error", wish), &Value::Null).status.as_u16();
    assert_eq!((asked("SERVER_UNAVAILABLE"), asked("SERVER_UNAVAILABLE")), (503, 503));
    assert_eq!([0; 6].map(|_| asked("UNABLE_TO_LOCK_ROW 2")), [400, 400, 200, 400, 400, 200]);
}

#[test]
fn the_clock_may_lag_and_be_right_again() {
    let world = world();
    control(&world, "clock?ahead=-600");
    assert_eq!(world.clock.ahead(), -600_000);
    control(&world, "clock?advance=60");
    assert_eq!(world.clock.ahead(), -540_000);
    control(&world, "clock?ahead=0");
    assert_eq!(world.clock.ahead(), 0);
}

#[test]
fn a_header_or_a_host_that_is_wrong_has_its_own_answer() {
    let world = &*WORLD;
    let ada = Caller::new(world, ADA);
    let token = ada.bearer.strip_prefix("Bearer ").unwrap();
    let with = |name: &str, value: &str| {
        let answer =
            ask_of(world, Door::Production, "GET", "/services/data/v66.0/limits", &[(name, value)], "");
        (answer.status.as_u16(), answer.code())
    };
    let dead = || (401, "INVALID_SESSION_ID".to_owned());
    let malformed = || (401, "INVALID_AUTH_HEADER".to_owned());
    assert_eq!(with("authorization", &ada.bearer).0, 200);
    assert_eq!(with("authorisation", &ada.bearer), dead());
    assert_eq!(with("authorization", token), malformed());
    assert_eq!(with("authorization", &format!("Bearer{token}")), malformed());
    assert_eq!(with("authorization", &format!("Bearer  {token}")), dead());
    assert_eq!(with("authorization", &format!("Bearer Bearer {token}")), dead());
    let (head, tail) = token.split_at(40);
    assert_eq!(with("authorization", &format!("Bearer {head} {tail}")), dead());
    for (resource, method, status, code) in [
        ("sobjects/Account", "PUT", 405, "METHOD_NOT_ALLOWED"),
        ("nothing", "GET", 404, "NOT_FOUND"),
        ("query?q=SELECT+Id+FROM+Acount", "GET", 400, "INVALID_TYPE"),
        ("query?q=SELECT+Nmae+FROM+Account", "GET", 400, "INVALID_FIELD"),
        ("query?q=SELECT+*+FROM+Account", "GET", 400, "MALFORMED_QUERY"),
    ] {
        let answer = ada.send(method, resource, ("accept", "*/*"), &Value::Null);
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{resource}");
    }
    let composite = json!({"allOrNone": true, "compositeRequest": [
        {"method": "POST", "url": "/services/data/v66.0/sobjects/Account", "referenceId": "one", "body": {"Name": "One"}},
        {"method": "POST", "url": "/services/data/v66.0/sobjects/Contact", "referenceId": "two", "body": {"FirstName": "No"}},
        {"method": "GET", "url": "/services/data/v66.0/sobjects/Account/@{one.id}", "referenceId": "three"},
    ]});
    let answer = ada.send("POST", "composite", ("accept", "*/*"), &composite);
    let codes: Vec<Value> = answer.json()["compositeResponse"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["body"][0]["errorCode"].clone())
        .collect();
    assert_eq!(answer.status, 200);
    assert_eq!(
        codes,
        [json!("PROCESSING_HALTED"), json!("REQUIRED_FIELD_MISSING"), json!("PROCESSING_HALTED")]
    );
}
