//! Golden screens of the four panes.

use super::{
    bench::{boot, token_body},
    golden,
    network::{Answered, Reaction},
};
use orgdeck::{
    app::Boot,
    http::Phase,
    jobs::{Progress, SecretField},
};
use serde_json::{Value, json};

const PROFILES_FILE: &str = "/home/ada/.config/orgdeck/config.toml";

golden! {
    /// The first start.
    profiles_none(b) { b.config("") }

    /// With the file broken there is no start page: something is there, and must be mended.
    profiles_broken(b) {
        let problem = format!(
            "{PROFILES_FILE}: line 4, column 8: profiles.acme.flow is \"pasword\", which is no flow; did you mean \"password\"?"
        );
        b.begin(boot(Err(&problem)))
    }

    /// The last good profiles stay.
    profiles_broken_later(b) { b.keys("1").reread("[profiles.acme]\nflow = \"pasword\"\n") }

    /// Every state a token can be in.
    profiles_token_states(b) {
        let refused = json!({"error": "invalid_client_id", "error_description": "client identifier invalid"});
        b.token().profile("acme-prod").script(Answered::json(400, &refused)).keys("t").run();
        b.profile("scratch-asks").keys("t").types("typed-hush-5").keys("Enter").types("typed-hush-8");
        b.keys("Enter 1 Down")
    }

    /// A secret in plain text is warned of as long as it is there.
    profiles_warnings(b) {
        b.config(
            "[profiles.plain]\nenvironment = \"sandbox\"\nflow = \"password\"\nconsumer_key = \"3MVG9\"\n\
             consumer_secret = \"plain-hush-9\"\nusername = \"ada@acme.com.uat\"\npassword = \"plain-hush-10\"\n",
        )
    }

    /// More than there is room for, and names longer than the pane.
    profiles_many(b) {
        let profile = |n: usize| {
            format!(
                "[profiles.team-{n:02}-with-quite-a-long-name]\nenvironment = \"scratch\"\nflow = \"client_credentials\"\n\
                 login_url = \"https://team{n}.scratch.my.salesforce.com\"\nconsumer_key = \"k\"\nconsumer_secret = {{ ask = true }}\n"
            )
        };
        b.config(&(0..40).map(profile).collect::<String>()).keys("1 PgDn PgDn Down")
    }

    token_empty(b) { b.keys("2") }

    /// Fields are missing; the cursor explains the first of them.
    token_missing_fields(b) { b.profile("half-written").keys("2 Down Down Down Down") }

    token_asked_for(b) { b.profile("pasted").keys("2") }

    token_busy(b) {
        b.keys("2 t").wait(1200).progress(Progress::ReadingSecret(SecretField::Password))
    }

    /// The whole answer, at its first row.
    token_full(b) { b.token().keys("2 Down Down Down Down Down Down Down Down Down") }

    /// The same at its end.
    token_full_end(b) { b.token().keys("2 G") }

    token_signature_differs(b) {
        b.script(Answered::json(200, &token_body("acme-uat", "another-hush-11"))).keys("t").run();
        b.keys("2 Down Down Down Down Down Down Down Down")
    }

    /// Refused, with the likely cause and what to do.
    token_refused(b) {
        let refused = json!({"error": "invalid_grant", "error_description": "authentication failure"});
        b.script(Answered::json(400, &refused)).keys("2 t").run().wait(13_000);
        b.keys("Down Down Down Down Down Down Down Down Down Down")
    }

    token_unreachable(b) {
        b.fails(Phase::Dns, "the name test.salesforce.com does not resolve").keys("2 t").run()
    }

    request_empty(b) { b.keys("3") }

    /// A ready query: the params are the table.
    request_query(b) { b.keys("o").types("query accounts").keys("Enter") }

    /// A value being written in the table.
    request_table_written(b) {
        b.url("query").keys("a").types("q").keys("Tab").types("SELECT Id FROM {{object}} WHERE Name LIKE 'A%'");
        b.keys("Tab")
    }

    /// A switched-off row, and the cursor on the value of another.
    request_table_switches(b) {
        b.url("query").keys("]");
        for (name, value) in [("Accept", "application/json"), ("Sforce-Query-Options", "batchSize=200")] {
            b.keys("a").types(name).keys("Enter").types(value).keys("Enter");
        }
        b.keys("Space Up Right")
    }

    request_body_written(b) {
        b.keys("o").types("create a record").keys("Enter 3 Down Enter Ctrl-End")
    }

    /// JSON that is none: said at the body, and nothing was sent.
    request_body_problem(b) {
        b.token().keys("o").types("create a record").keys("Enter Down Enter Ctrl-End");
        b.types("}").keys("Esc s")
    }

    request_no_body(b) { b.url("limits").keys("] ] Down") }

    /// A variable that has no value stops the sending at its field.
    request_unresolved_variable(b) {
        b.token().url("sobjects/Account/{{acount_id}}").keys("s")
    }

    request_unresolved_param(b) {
        b.token().url("query").keys("a").types("q").keys("Enter").types("SELECT {{fields}} FROM Account");
        b.keys("Enter ] s")
    }

    request_preview(b) {
        b.keys("o").types("update a record").keys("Enter ] Down")
    }

    request_preview_with_token(b) {
        b.token().keys("o").types("query accounts").keys("Enter [")
    }

    response_empty(b) { b.keys("4") }

    /// Waiting, before the first byte.
    response_waiting(b) { b.token().url("limits").keys("s").wait(1200).progress(Progress::Sending) }

    /// Half of it is here.
    response_receiving(b) {
        let progress = Progress::Receiving { bytes: 6 * 1024 * 1024, of: Some(20 * 1024 * 1024) };
        b.token().url("limits").keys("s").wait(2345).progress(progress)
    }

    /// Nobody knows how much there is.
    response_receiving_unknown(b) {
        let progress = Progress::Receiving { bytes: 1_234_567, of: None };
        b.token().url("limits").keys("s").wait(65_000).progress(progress)
    }

    response_tree(b) { b.exchange("query", records()) }

    /// Deeper in it: the second record open, the cursor in its owner.
    response_tree_inside(b) {
        b.exchange("query", records()).keys("e Down Down Down Down Down Down Down Down Down Down Down Down")
    }

    response_tree_folded(b) { b.exchange("query", records()).keys("E") }

    response_raw(b) { b.exchange("query", records()).keys("v") }

    response_headers(b) { b.exchange("query", records()).keys("v v") }

    response_wire(b) { b.exchange("query", records()).keys("v v v") }

    response_search(b) {
        b.exchange("query", records()).keys("/").types("acme").wait(1)
    }

    response_search_kept(b) {
        b.exchange("query", records()).keys("/").types("acme").keys("Enter n").wait(1)
    }

    response_search_nothing(b) {
        b.exchange("query", records()).keys("/").types("zebra").keys("Enter").wait(1)
    }

    response_error(b) {
        let error = json!([{
            "message": "\nSELECT Id, Nmae FROM Account\n           ^\nERROR at Row:1:Column:12\nNo such column 'Nmae' on entity 'Account'.",
            "errorCode": "INVALID_FIELD"
        }]);
        b.exchange("query", Answered::json(400, &error))
    }

    response_html(b) {
        let page = "<!DOCTYPE html><html><head><title>Down</title><style>p{color:red}</style></head><body>\
                    <h1>We are down for maintenance.</h1><p>Sorry for the inconvenience.</p>\
                    <script>alert(1)</script></body></html>";
        b.exchange("limits", Answered::new(503, "text/html; charset=UTF-8", page)).keys("]")
    }

    response_xml(b) {
        let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><QueryResult><done>true</done><records type=\"Account\" \
                   url=\"/services/data/v66.0/sobjects/Account/0015800000QmJwXAAV\"><Name>Acme &amp; Sons</Name><Phone/></records>\
                   <totalSize>1</totalSize></QueryResult>";
        b.exchange("query", Answered::new(200, "application/xml", xml))
    }

    response_csv(b) {
        let csv = "Id,Name,AnnualRevenue\n0015800000QmJwXAAV,\"Acme, Inc.\",1000000\n0015800000QmJwYAAV,Übergröße,\n";
        b.exchange("jobs/query/750/results", Answered::new(200, "text/csv", csv))
    }

    response_binary(b) {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x02\0\0\0".to_vec();
        png.extend((0..=255).cycle().take(1500));
        b.exchange("sobjects/Document/015/Body", Answered::new(200, "image/png", png))
    }

    response_empty_body(b) { b.exchange("sobjects/Account/001", Answered::new(204, "", "")) }

    /// JSON that ends too early is shown as far as it goes.
    response_half_json(b) {
        let half = r#"{"totalSize": 2, "records": [{"Id": "0015800000QmJwXAAV", "Name": "Acm"#;
        b.exchange("query", Answered::new(200, "application/json", half))
    }

    /// The connection broke off: what came is kept.
    response_cut(b) {
        let answered = records();
        let half = answered.body.slice(..answered.body.len() / 2);
        let cut = Answered { body: half, ..answered };
        b.exchange("query", cut.cut("the connection closed after 512 of 2,048 bytes")).keys("]")
    }

    response_unreachable(b) {
        b.token().url("limits").fails(Phase::Dns, "the name acme--uat.sandbox.my.salesforce.com does not resolve");
        b.keys("s").run()
    }

    response_timeout(b) {
        b.token().url("limits").fails(Phase::Wait, "no answer from acme--uat.sandbox.my.salesforce.com for 60 s");
        b.keys("s").run().keys("[")
    }

    /// Stopped half-way: the half is kept.
    response_cancelled(b) {
        b.token().url("query").network.script(Reaction::Half(records()));
        b.keys("s").run_until(|app| {
            app.jobs.newest().is_some_and(|job| matches!(job.progress, Progress::Receiving { .. }))
        });
        b.keys("Esc").run()
    }

    /// Nothing hostile of a body takes effect.
    response_hostile(b) {
        let body = json!({
            "escape": "\u{1b}[2J\u{1b}]0;title\u{7}", "bidi": "abc\u{202e}txt.exe", "nul": "a\0b",
            "zero\u{200b}width": "pay\u{2060}pal", "wide": "日本語テキスト", "emoji": "👩‍👩‍👧 é"
        });
        b.exchange("query", Answered::json(200, &body)).keys("e")
    }

    /// The whole frame says PROD.
    frame_production(b) { b.profile("acme-prod").token().url("limits").keys("4") }

    frame_sandbox(b) { b.token().url("limits").keys("4") }

    frame_demo(b) {
        let demo = Boot { demo: true, ..boot(Ok(super::bench::ACME)) };
        b.begin(demo).token()
    }

    frame_zoomed(b) { b.exchange("query", records()).keys("4 z") }

    /// A name wider than its place in every row that has it.
    frame_long_names(b) {
        b.config(
            "[profiles.\"日本語のとても長いプロファイル名-with-a-tail-that-does-not-end\"]\nenvironment = \"sandbox\"\nflow = \"password\"\n\
             consumer_key = \"3MVG9aVeryLongConsumerKeyThatGoesOnAndOnAndOnAndOnForEightyFiveCharactersAsRealOnesDo\"\n\
             consumer_secret = { ask = true }\nusername = \"somebody.with.a.long.name@a-long-company-name.example.com.uat\"\n\
             password = { command = [\"pass\", \"show\", \"salesforce/a/long/path\"] }\n",
        )
    }
}

/// Two records of a query, of which there are more.
pub fn records() -> Answered {
    let record = |n: u32, name: &str, owner: Value| {
        json!({
            "attributes": {"type": "Account", "url": format!("/services/data/v66.0/sobjects/Account/00158000000000{n}AAA")},
            "Id": format!("00158000000000{n}AAA"), "Name": name, "AnnualRevenue": 1_250_000.5 * f64::from(n),
            "IsDeleted": false, "ParentId": null, "Owner": owner
        })
    };
    let owner = json!({"attributes": {"type": "User", "url": "/services/data/v66.0/sobjects/User/005"}, "Name": "Ada Lovelace"});
    let body = json!({
        "totalSize": 4812, "done": false, "nextRecordsUrl": "/services/data/v66.0/query/01g5800000Acme-2000",
        "records": [record(1, "Acme Corporation", owner.clone()), record(2, "Globex", owner), record(3, "Acme & Sons", Value::Null)]
    });
    Answered { wire: Some(412), ..Answered::json(200, &body) }
}
