//! The Data API apart from queries: sessions, records, describe, search, Apex.

use super::*;

#[test]
fn calls_need_a_live_token_of_this_org() {
    let path = "/services/data/v66.0/limits";
    let with = |door, header: Option<&str>| {
        let headers: Vec<(&str, &str)> = header.iter().map(|text| ("authorization", *text)).collect();
        let answer = ask(door, "GET", path, &headers, "");
        (answer.status.as_u16(), answer.code())
    };
    let bearer = format!("Bearer {}", token(Door::Production));
    let is = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(with(Door::Production, None), is(401, "INVALID_SESSION_ID"));
    assert_eq!(with(Door::Production, Some("Bearer nonsense")), is(401, "INVALID_SESSION_ID"));
    assert_eq!(with(Door::Production, Some("Bearer: x")), is(401, "INVALID_AUTH_HEADER"));
    assert_eq!(with(Door::Sandbox, Some(&bearer)), is(401, "INVALID_SESSION_ID"));
    assert_eq!(with(Door::Login, Some(&bearer)), is(400, "URL_NOT_RESET"));
    assert_eq!(with(Door::Production, Some(&format!("{bearer} "))), is(401, "INVALID_SESSION_ID"));
    let oauth_scheme = bearer.replace("Bearer", "OAuth");
    assert_eq!(ask(Door::Production, "GET", path, &[("authorization", &oauth_scheme)], "").status, 200);
}

#[test]
fn some_tokens_open_no_api() {
    let org = &WORLD.orgs[0].spec;
    let by_password = |name: &str| {
        let (user, _) = org.user(name).unwrap();
        let whole = format!("{}{}", user.password, user.security_token);
        password(Door::Login, &org.apps[0], name, &whole)
    };
    for (answer, status, code) in [
        (by_password("noapi@nordlicht.example"), 403, "API_DISABLED_FOR_ORG"),
        (by_password("expired@nordlicht.example"), 403, "INVALID_OPERATION_WITH_EXPIRED_PASSWORD"),
        (
            password(Door::Login, app(org, "Sign-on Only"), "kenji@nordlicht.example", "Harbour&Crane=7%"),
            401,
            "INVALID_SESSION_ID",
        ),
    ] {
        let bearer = format!("Bearer {}", answer.json()["access_token"].as_str().unwrap());
        let limits =
            ask(Door::Production, "GET", "/services/data/v66.0/limits", &[("authorization", &bearer)], "");
        assert_eq!((limits.status.as_u16(), limits.code().as_str()), (status, code));
    }
}

#[test]
fn versions_need_no_token() {
    let all = ask(Door::Sandbox, "GET", "/services/data/", &[], "").json();
    let newest = all.as_array().unwrap().last().unwrap();
    assert_eq!(newest, &json!({"label": "Summer '26", "url": "/services/data/v67.0", "version": "67.0"}));
    let old = call("GET", "/services/data/v20.0/limits", &Value::Null);
    assert_eq!((old.status, old.code().as_str()), (StatusCode::GONE, "UNSUPPORTED_API_VERSION"));
    assert_eq!(call("GET", "/services/data/v67.0/limits", &Value::Null).status, StatusCode::NOT_FOUND);
    assert_eq!(get("").json()["sobjects"], "/services/data/v66.0/sobjects");
}

#[test]
fn each_call_counts() {
    let used = |answer: &Answer| {
        let text = answer.header("sforce-limit-info").unwrap().to_owned();
        text.strip_prefix("api-usage=").unwrap().strip_suffix("/15000").unwrap().parse::<u64>().unwrap()
    };
    let (one, two) = (get("limits"), get("limits"));
    assert!(used(&two) > used(&one));
    assert!(two.json()["DailyApiRequests"]["Remaining"].as_u64().unwrap() < 15_000);
}

#[test]
fn a_record_lives_and_dies() {
    let made = call(
        "POST",
        "/services/data/v66.0/sobjects/contact",
        &json!({"FirstName": "Zoë", "LastName": "Ångström"}),
    );
    assert_eq!(made.status, StatusCode::CREATED);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), Some(format!("/services/data/v66.0/sobjects/Contact/{id}").as_str()));
    let path = format!("/services/data/v66.0/sobjects/Contact/{id}");
    let read = get(&format!("sobjects/Contact/{}?fields=Name,Owner.Username", &id[..15])).json();
    assert_eq!(
        (&read["Name"], &read["Owner"]["Username"]),
        (&json!("Zoë Ångström"), &json!("ada@nordlicht.example"))
    );
    let changed =
        call("POST", &format!("{path}?_HttpMethod=PATCH"), &json!({"LastName": "Öberg", "Phone": ""}));
    assert_eq!((changed.status, changed.text.as_str()), (StatusCode::NO_CONTENT, ""));
    assert_eq!(get(&format!("sobjects/Contact/{id}")).json()["Name"], "Zoë Öberg");
    assert_eq!(call("DELETE", &path, &Value::Null).status, StatusCode::NO_CONTENT);
    let gone = call("GET", &path, &Value::Null);
    assert_eq!((gone.status, gone.code().as_str()), (StatusCode::NOT_FOUND, "ENTITY_IS_DELETED"));
    let query = form(&[("q", &format!("SELECT Id, IsDeleted FROM Contact WHERE Id = '{id}'"))]);
    assert_eq!(get(&format!("query?{query}")).json()["totalSize"], 0);
    assert_eq!(get(&format!("queryAll?{query}")).json()["records"][0]["IsDeleted"], true);
}

#[test]
fn an_unchanged_record_is_not_sent_again() {
    let bearer = format!("Bearer {}", token(Door::Production));
    let path = "/services/data/v66.0/sobjects/Account/001gK000000000AQAQ";
    let first = ask(Door::Production, "GET", path, &[("authorization", &bearer)], "");
    let date = first.header("last-modified").unwrap().to_owned();
    let headers = [("authorization", bearer.as_str()), ("if-modified-since", &date)];
    assert_eq!(ask(Door::Production, "GET", path, &headers, "").status, StatusCode::NOT_MODIFIED);
}

#[test]
fn what_cannot_be_saved_says_why() {
    let post =
        |object: &str, body: Value| call("POST", &format!("/services/data/v66.0/sobjects/{object}"), &body);
    for (object, body, code, fields) in [
        ("Account", json!({}), "REQUIRED_FIELD_MISSING", json!(["Name"])),
        ("Account", json!({"Name": "x", "Nope": 1}), "INVALID_FIELD", Value::Null),
        ("Account", json!({"Name": "x".repeat(256)}), "STRING_TOO_LONG", json!(["Name"])),
        (
            "Account",
            json!({"Name": "x", "CreatedDate": "2026-01-01"}),
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            json!(["CreatedDate"]),
        ),
        ("Account", json!({"Name": "x", "ParentId": "nonsense"}), "MALFORMED_ID", json!(["ParentId"])),
        (
            "Account",
            json!({"Name": "x", "ParentId": "003gK0000000001QAA"}),
            "MALFORMED_ID",
            json!(["ParentId"]),
        ),
        (
            "Account",
            json!({"Name": "x", "ParentId": "001gK0zzzzzzzzz"}),
            "INVALID_CROSS_REFERENCE_KEY",
            json!(["ParentId"]),
        ),
        (
            "Account",
            json!({"Name": "x", "NumberOfEmployees": "many"}),
            "JSON_PARSER_ERROR",
            json!(["NumberOfEmployees"]),
        ),
        ("Account", json!({"Name": "x", "Active__c": null}), "JSON_PARSER_ERROR", json!(["Active__c"])),
        ("Account", json!({"Name": "x", "ERP_Id__c": "ERP-000001"}), "DUPLICATE_VALUE", Value::Null),
        ("Account", json!({"Name": "x", "Id": "001gK0000000001QAA"}), "INVALID_FIELD", json!(["Id"])),
        ("Contact", json!({"LastName": "x", "Email": "no"}), "INVALID_EMAIL_ADDRESS", json!(["Email"])),
        (
            "Invoice__c",
            json!({"Account__c": "001gK0000000001QAA", "Currency__c": "XXX"}),
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            json!(["Currency__c"]),
        ),
        (
            "Invoice__c",
            json!({"Account__c": "001gK0000000001QAA", "Amount__c": 1e20}),
            "NUMBER_OUTSIDE_VALID_RANGE",
            json!(["Amount__c"]),
        ),
    ] {
        let answer = post(object, body);
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, code), "{}", answer.text);
        assert_eq!(answer.json()[0]["fields"], fields, "{}", answer.text);
    }
    assert_eq!(post("Nothing__c", json!({})).code(), "NOT_FOUND");
    assert_eq!(
        call("PUT", "/services/data/v66.0/sobjects/Account", &json!({})).status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[test]
fn bodies_that_are_no_json_are_refused_with_their_place() {
    let bearer = format!("Bearer {}", token(Door::Production));
    let send = |mime: &str, body: &str| {
        let headers = [("authorization", bearer.as_str()), ("content-type", mime)];
        ask(Door::Production, "POST", "/services/data/v66.0/sobjects/Account", &headers, body)
    };
    let broken = send("application/json", "{\"Name\":\"x\",\n}");
    assert_eq!(broken.code(), "JSON_PARSER_ERROR");
    assert!(broken.text.contains("[line:2, column:1]"), "{}", broken.text);
    assert_eq!(send("application/json", "").code(), "JSON_PARSER_ERROR");
    assert_eq!(send("application/json", "[]").code(), "JSON_PARSER_ERROR");
    assert_eq!(send("application/xml", "<Account><Name>").code(), "XML_PARSER_ERROR");
    assert_eq!(send("text/csv", "Name").status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[test]
fn an_account_is_made_and_read_in_xml() {
    let bearer = format!("Bearer {}", token(Door::Production));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/xml"),
        ("accept", "application/xml"),
    ];
    let body = "<Account><Name>Tom &amp; Söhne</Name><NumberOfEmployees>12</NumberOfEmployees><Active__c>true</Active__c></Account>";
    let made = ask(Door::Production, "POST", "/services/data/v66.0/sobjects/Account", &headers, body);
    assert_eq!((made.status, made.mime), (StatusCode::CREATED, "application/xml;charset=UTF-8"));
    let id = made.text.split("<id>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let read = get(&format!("sobjects/Account/{id}.xml")).text;
    assert!(
        read.contains("<Name>Tom &amp; Söhne</Name>") && read.contains("<Active__c>true</Active__c>"),
        "{read}"
    );
    let missing = ask(Door::Production, "GET", "/services/data/v66.0/nothing", &headers, "").text;
    assert!(missing.contains("<Errors><Error><message>The requested resource does not exist</message><errorCode>NOT_FOUND</errorCode></Error></Errors>"), "{missing}");
}

#[test]
fn external_ids_find_make_and_may_be_ambiguous() {
    let patch =
        |path: &str, body: Value| call("PATCH", &format!("/services/data/v66.0/sobjects/{path}"), &body);
    let path = "Account/ERP_Id__c/ERP-777001";
    let made = patch(path, json!({"Name": "New"}));
    assert_eq!((made.status, &made.json()["created"]), (StatusCode::CREATED, &json!(true)));
    let changed = patch(path, json!({"Name": "Newer"}));
    assert_eq!((changed.status, &changed.json()["created"]), (StatusCode::OK, &json!(false)));
    assert_eq!(get(&format!("sobjects/{path}")).json()["Name"], "Newer");
    let several = patch("Contact/Legacy_Id__c/L-00017", json!({"LastName": "x"}));
    assert_eq!((several.status, several.json().as_array().unwrap().len()), (StatusCode::MULTIPLE_CHOICES, 5));
    assert_eq!(patch("Account/Phone/1", json!({})).status, StatusCode::NOT_FOUND);
    let related = call(
        "POST",
        "/services/data/v66.0/sobjects/Contact",
        &json!({"LastName": "x", "Account": {"ERP_Id__c": "ERP-777001"}}),
    );
    let id = related.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(get(&format!("sobjects/Contact/{id}?fields=Account.Name")).json()["Account"]["Name"], "Newer");
}

#[test]
fn describe_tells_what_the_schema_knows() {
    let global = get("sobjects").json();
    let names: Vec<&str> =
        global["sobjects"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"Account") && names.contains(&"Invoice__c"));
    let invoice = get("sobjects/Invoice__c/describe").json();
    let field = |name: &str| {
        invoice["fields"].as_array().unwrap().iter().find(|field| field["name"] == name).unwrap().clone()
    };
    assert_eq!(field("Account__c")["relationshipName"], "Account__r");
    assert_eq!(field("Account__c")["referenceTo"], json!(["Account"]));
    assert_eq!(field("External_Id__c")["externalId"], true);
    assert_eq!(field("Status__c")["picklistValues"][0]["value"], "Draft");
    let account = get("sobjects/Account/describe").json();
    let children = account["childRelationships"].as_array().unwrap();
    assert!(children.iter().any(|child| child["relationshipName"] == "Invoices__r"));
}

#[test]
fn apex_rest_and_anonymous_apex() {
    let list = call("GET", "/services/apexrest/AccountService?limit=3", &Value::Null);
    assert_eq!(list.json().as_array().unwrap().len(), 3);
    let made = call("POST", "/services/apexrest/AccountService", &json!({"name": "From Apex"}));
    assert_eq!(made.json()["name"], "From Apex");
    let broken = call("POST", "/services/apexrest/AccountService", &json!({}));
    assert_eq!((broken.status.as_u16(), broken.code().as_str()), (500, "APEX_ERROR"));
    assert_eq!(call("GET", "/services/apexrest/Nope", &Value::Null).status, StatusCode::NOT_FOUND);
    let ran = get(&format!("tooling/executeAnonymous?{}", form(&[("anonymousBody", "System.debug(1);")])));
    assert_eq!(ran.json()["success"], true);
    let classes = get(&format!(
        "tooling/query?{}",
        form(&[("q", "SELECT Name FROM ApexClass WHERE Name = 'AccountService'")])
    ));
    assert_eq!(classes.json()["totalSize"], 1);
}

#[test]
fn a_search_finds_words_in_several_objects() {
    let find = |sosl: &str| get(&format!("search?{}", form(&[("q", sosl)])));
    let found =
        find("FIND {nordwind} IN NAME FIELDS RETURNING Account(Id, Name LIMIT 2), Lead LIMIT 2").json();
    let records = found["searchRecords"].as_array().unwrap();
    assert_eq!(records.len(), 2);
    assert!(records.iter().all(|record| record["Name"].as_str().unwrap().starts_with("Nordwind")));
    let nothing = find("FIND {nordwind} IN EMAIL FIELDS RETURNING Account(Id), Lead(Id)").json();
    assert_eq!(nothing["searchRecords"], json!([]));
    assert_eq!(find("FIND {x}").code(), "INVALID_SEARCH");
    assert_eq!(find("FIND nordwind").code(), "MALFORMED_SEARCH");
    let body = json!({"q": "d'andre", "in": "ALL", "sobjects": [{"name": "Contact", "fields": ["FirstName"], "limit": 1}]});
    let answer = call("POST", "/services/data/v66.0/parameterizedSearch", &body).json();
    assert_eq!(answer["searchRecords"][0]["FirstName"], "D'Andre");
}

#[test]
fn relationships_are_paths_too() {
    let owner = get("sobjects/Account/001gK0000000001QAA/Owner?fields=Name").json();
    assert_eq!(owner["attributes"]["type"], "User");
    let made = call(
        "POST",
        "/services/data/v66.0/sobjects/Contact",
        &json!({"LastName": "Child", "AccountId": "001gK0000000007QAA"}),
    );
    assert_eq!(made.status, StatusCode::CREATED);
    let children = get("sobjects/Account/001gK0000000007QAA/Contacts").json();
    assert!(children["records"].as_array().unwrap().iter().any(|contact| contact["LastName"] == "Child"));
    assert_eq!(get("sobjects/Account/001gK0000000007QAA/Kids").code(), "NOT_FOUND");
}
