//! SOQL through the API.

use super::*;

fn records(query: &str) -> Vec<Value> {
    let answer = soql(query);
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    answer.json()["records"].as_array().unwrap().clone()
}

fn count(query: &str) -> u64 {
    let answer = soql(query);
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    answer.json()["totalSize"].as_u64().unwrap()
}

#[test]
fn pages_follow_each_other_to_the_end() {
    let bearer = format!("Bearer {}", token(Door::Production));
    let headers = [("authorization", bearer.as_str()), ("sforce-query-options", "batchSize=700")];
    let mut url =
        "/services/data/v66.0/query?q=SELECT+Id+FROM+Contact+WHERE+Legacy_Id__c+%3C+%27L-01000%27+LIMIT+2500"
            .to_owned();
    let mut ids = Vec::new();
    let mut pages = 0;
    loop {
        let page = ask(Door::Production, "GET", &url, &headers, "").json();
        assert_eq!(page["totalSize"], 2500);
        ids.extend(
            page["records"]
                .as_array()
                .unwrap()
                .iter()
                .map(|record| record["Id"].as_str().unwrap().to_owned()),
        );
        pages += 1;
        match page["nextRecordsUrl"].as_str() {
            Some(next) => url = next.to_owned(),
            None => break,
        }
    }
    ids.sort();
    ids.dedup();
    assert_eq!((pages, ids.len()), (4, 2500));
    let other = get("query/01ggK0zzzzzzzzzQAA-2000");
    assert_eq!(other.code(), "INVALID_QUERY_LOCATOR");
    let headers = [("authorization", bearer.as_str()), ("sforce-query-options", "batchSize=5")];
    let answer =
        ask(Door::Production, "GET", "/services/data/v66.0/query?q=SELECT+Id+FROM+Account", &headers, "");
    assert_eq!(answer.code(), "INVALID_BATCH_SIZE");
}

#[test]
fn parents_and_children_come_along() {
    let record = &records(
        "SELECT Name, Account.Owner.Profile.Name, (SELECT Subject FROM Cases) FROM Contact WHERE AccountId != null LIMIT 1",
    )[0];
    assert_eq!(record["Account"]["Owner"]["Profile"]["attributes"]["type"], "Profile");
    assert_eq!(record["Cases"], Value::Null);
    let account = &records(
        "SELECT Id, (SELECT LastName FROM Contacts ORDER BY LastName LIMIT 2) FROM Account WHERE Id IN (SELECT AccountId FROM Contact) LIMIT 1",
    )[0];
    assert_eq!(account["Contacts"]["totalSize"], account["Contacts"]["records"].as_array().unwrap().len());
    let alone = records("SELECT Account.Name FROM Contact WHERE AccountId = null LIMIT 1");
    assert_eq!(alone[0]["Account"], Value::Null);
    let task = &records("SELECT What.Name, What.Type, Who.Id FROM Task WHERE What.Type = 'Case' LIMIT 1")[0];
    assert_eq!(
        (&task["What"]["Type"], task["What"]["Name"].as_str().map(str::len)),
        (&json!("Case"), Some(8))
    );
}

#[test]
fn groups_are_counted() {
    let rows = records(
        "SELECT Industry, COUNT(Id) total, MAX(AnnualRevenue) FROM Account GROUP BY Industry HAVING COUNT(Id) > 1 ORDER BY Industry",
    );
    assert!(
        rows.len() > 5 && rows[0]["total"].as_u64() > Some(1) && rows[0]["expr0"].is_number(),
        "{rows:?}"
    );
    assert_eq!(rows[0]["attributes"], json!({"type": "AggregateResult"}));
    assert_eq!(count("SELECT COUNT() FROM User WHERE IsActive = false"), 1);
    assert_eq!(records("SELECT COUNT() FROM User").len(), 0);
    assert_eq!(records("SELECT COUNT_DISTINCT(Legacy_Id__c) n FROM Contact")[0]["n"], 4000);
}

#[test]
fn each_filter_divides_the_records() {
    let all = count("SELECT COUNT() FROM Invoice__c");
    for filter in [
        "Status__c = 'Paid'",
        "Status__c IN ('Paid', 'Sent')",
        "Name LIKE 'INV-000_1%'",
        "Amount__c >= 20000.5",
        "Paid__c = true",
        "Issued_On__c < 2025-12-01",
        "CreatedDate > 2025-06-01T00:00:00+02:00",
        "CreatedDate = LAST_N_YEARS:3",
        "Contact__c = null",
        "CALENDAR_MONTH(Issued_On__c) = 11",
        "Account__r.Industry = 'Energy'",
        "Account__c IN (SELECT Id FROM Account WHERE Active__c = true)",
        "(Status__c = 'Paid' OR Status__c = 'Draft') AND Currency__c != 'EUR'",
    ] {
        let (with, without) = (
            count(&format!("SELECT COUNT() FROM Invoice__c WHERE {filter}")),
            count(&format!("SELECT COUNT() FROM Invoice__c WHERE NOT ({filter})")),
        );
        assert_eq!(with + without, all, "{filter}");
    }
    let accounts = count("SELECT COUNT() FROM Account");
    let (with, without) = (
        count("SELECT COUNT() FROM Account WHERE Segments__c INCLUDES ('Export', 'Enterprise;Mid-Market')"),
        count("SELECT COUNT() FROM Account WHERE Segments__c EXCLUDES ('Export', 'Enterprise;Mid-Market')"),
    );
    assert!(with > 0 && with + without == accounts);
}

#[test]
fn scopes_narrow_the_records() {
    let mine = count("SELECT COUNT() FROM Opportunity USING SCOPE mine");
    assert_eq!(mine, count("SELECT COUNT() FROM Opportunity WHERE Owner.Username = 'ada@nordlicht.example'"));
    assert!(mine > 0 && mine < count("SELECT COUNT() FROM Opportunity USING SCOPE everything"));
    assert_eq!(soql("SELECT Id FROM Opportunity USING SCOPE team").code(), "INVALID_QUERY_SCOPE");
}

#[test]
fn values_never_become_sql() {
    assert_eq!(count(r"SELECT COUNT() FROM Account WHERE Name = '\'; DROP TABLE Account; --'"), 0);
    assert_eq!(count(r"SELECT COUNT() FROM Account WHERE Name LIKE '%\%%'"), 0);
    assert!(count(r#"SELECT COUNT() FROM Account WHERE Name LIKE '%"Big Sky"%'"#) > 0);
}

#[test]
fn fields_of_all_kinds() {
    let all = &records("SELECT FIELDS(ALL) FROM Account LIMIT 1")[0];
    assert!(
        all["BillingAddress"]["city"].is_string()
            && all["Active__c"].is_boolean()
            && all["ERP_Id__c"].is_string()
    );
    let custom = &records("SELECT FIELDS(CUSTOM), Name FROM Account LIMIT 1")[0];
    assert_eq!(custom.as_object().unwrap().len(), 6);
    assert_eq!(soql("SELECT FIELDS(ALL) FROM Account").code(), "MALFORMED_QUERY");
}

#[test]
fn mistakes_are_named() {
    for (query, code, text) in [
        ("SELECT Foo FROM Account", "INVALID_FIELD", "No such column 'Foo' on entity 'Account'"),
        ("SELECT Id FROM Accounts", "INVALID_TYPE", "sObject type 'Accounts' is not supported"),
        ("SELECT Id, Foo.Name FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Foo'"),
        ("SELECT Id, (SELECT Id FROM Kids) FROM Account", "INVALID_TYPE", "relationship 'Kids'"),
        ("SELECT Id FORM Account", "MALFORMED_QUERY", "ERROR at Row:1:Column:16"),
        (
            "SELECT Id FROM Account WHERE CreatedDate > '2026-01-01'",
            "INVALID_FIELD",
            "must be of type dateTime and should not be",
        ),
        (
            "SELECT Id FROM Account WHERE Name = 5",
            "INVALID_FIELD",
            "must be of type string and should be enclosed",
        ),
        ("SELECT Id FROM Account WHERE Id = 'abc'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: abc"),
        (
            "SELECT Id FROM Account WHERE AnnualRevenue LIKE '1%'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid operator",
        ),
        ("SELECT Id FROM Account WHERE Description LIKE 'a%'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM Account ORDER BY Segments__c", "INVALID_FIELD", "can not be sorted"),
        (
            "SELECT Name, COUNT(Id) FROM Account",
            "MALFORMED_QUERY",
            "Field must be grouped or aggregated: Name",
        ),
        ("SELECT Id n FROM Account", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
        ("SELECT Id, Id FROM Account", "INVALID_FIELD", "duplicate field selected: Id"),
        (
            "SELECT Id FROM Account OFFSET 2001",
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Maximum SOQL offset allowed is 2000",
        ),
        ("SELECT Id FROM Account WHERE Id IN (SELECT Name FROM Contact)", "MALFORMED_QUERY", "must be an ID"),
    ] {
        let answer = soql(query);
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, code), "{query}: {}", answer.text);
        assert!(answer.json()[0]["message"].as_str().unwrap().contains(text), "{query}: {}", answer.text);
    }
    assert_eq!(get("query").code(), "MALFORMED_QUERY");
}

#[test]
fn a_plan_is_explained() {
    let explain =
        |query: &str| get(&format!("query?{}", form(&[("explain", query)]))).json()["plans"][0].clone();
    let by_index = explain("SELECT Id FROM Contact WHERE AccountId = '001gK0000000001QAA'");
    assert_eq!(
        (&by_index["leadingOperationType"], &by_index["fields"]),
        (&json!("Index"), &json!(["AccountId"]))
    );
    assert_eq!(explain("SELECT Id FROM Contact WHERE Title = 'CFO'")["leadingOperationType"], "TableScan");
}

use proptest::prelude::*;

const TERMS: [&str; 16] = [
    "Id",
    "Name",
    "Owner.Name",
    "Parent.Parent.Owner.Profile.Name",
    "BillingAddress",
    "Industry",
    "CreatedDate",
    "AnnualRevenue",
    "Segments__c",
    "Active__c",
    "toLabel(Type)",
    "FORMAT(AnnualRevenue)",
    "CALENDAR_YEAR(CreatedDate)",
    "DAY_ONLY(CreatedDate)",
    "COUNT(Id)",
    "MAX(Owner.Name)",
];

const ITEMS: [&str; 5] = [
    "FIELDS(ALL)",
    "(SELECT LastName, Account.Name, (SELECT Id FROM Cases) FROM Contacts WHERE Email != null LIMIT 2)",
    "(SELECT Who.Name, What.Type FROM Tasks)",
    "COUNT()",
    "AVG(NumberOfEmployees) n",
];

const RIGHT: [&str; 12] = [
    "= 'x'",
    "!= null",
    "< 5",
    ">= TODAY",
    "= LAST_N_MONTHS:3",
    "> 2025-01-01",
    "<= 2025-01-01T00:00:00Z",
    "LIKE 'a_%'",
    "IN ('a', 'b', null)",
    "NOT IN (SELECT AccountId FROM Contact WHERE Account.Name LIKE 'N%')",
    "INCLUDES ('Export;Enterprise')",
    "= true",
];

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(words).prop_map(str::to_owned)
}

fn conditions() -> impl Strategy<Value = String> {
    let single = (one_of(&TERMS), one_of(&RIGHT)).prop_map(|(term, right)| format!("{term} {right}"));
    single.prop_recursive(3, 8, 3, |inner| {
        (prop::collection::vec(inner, 1..3), one_of(&[" AND ", " OR "]), any::<bool>()).prop_map(
            |(parts, between, not)| format!("{}({})", if not { "NOT " } else { "" }, parts.join(&between)),
        )
    })
}

proptest! {
    #[test]
    fn no_query_becomes_sql_that_sqlite_refuses(
        select in prop::collection::vec(prop_oneof![3 => one_of(&TERMS), 1 => one_of(&ITEMS)], 1..4),
        filter in prop::option::of(conditions()),
        group in prop::collection::vec(one_of(&TERMS), 0..3),
        having in prop::option::of(conditions()),
        order in prop::collection::vec(one_of(&TERMS), 0..3),
    ) {
        let mut query = format!("SELECT {} FROM Account", select.join(", "));
        let filter = filter.map(|filter| format!(" WHERE {filter}")).unwrap_or_default();
        let having = having.map(|having| format!(" HAVING {having}")).unwrap_or_default();
        query.push_str(&filter);
        if !group.is_empty() {
            query.push_str(&format!(" GROUP BY {}{having}", group.join(", ")));
        }
        if !order.is_empty() {
            query.push_str(&format!(" ORDER BY {} DESC NULLS LAST", order.join(", ")));
        }
        query.push_str(" LIMIT 20");
        let answer = soql(&query);
        prop_assert!(answer.status == 200 || answer.status == 400, "{query}: {}", answer.text);
    }
}
