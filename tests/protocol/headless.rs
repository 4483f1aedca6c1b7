//! The program itself, as a script runs it, against the demo orgs: what it prints and how it ends.

use super::server::{Server, Then, answer};
use orgdeck::demo_org::{self, Demo, Options};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::LazyLock,
};

/// One set of orgs for all tests of this file; tests that write, write records of their own.
static DEMO: LazyLock<Demo> = LazyLock::new(|| demo_org::start(Options::default()).unwrap());

/// The demo's profiles, with their keys where they name them.
fn demo_config() -> String {
    static KEYS: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo-keys");
        fs::create_dir_all(&folder).unwrap();
        for (name, pem) in demo_org::key_files() {
            fs::write(folder.join(name), pem).unwrap();
        }
        folder
    });
    DEMO.config_toml(&KEYS)
}

/// A configuration in a folder of its own.
struct Script {
    folder: tempfile::TempDir,
}

impl Script {
    fn demo() -> Self {
        Self::with(&demo_config())
    }

    fn with(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config.toml"), config).unwrap();
        Self { folder }
    }

    /// A profile with a token for a server of the test's own.
    fn at(server: &Server) -> Self {
        let script = Self::with(&format!(
            "[profiles.mine]\nenvironment = 'sandbox'\nflow = 'access_token'\naccess_token = '00D58000000arpq!AQ.hidden'\n\
             instance_url = 'http://{}'\n",
            server.address
        ));
        script.knows_the_org(server);
        script
    }

    /// An earlier run has asked the server which org it is, so that this one does not.
    fn knows_the_org(&self, server: &Server) {
        let org = json!({
            "org_id": "00D58000000arpqEAA", "name": "Acme", "edition": "Enterprise Edition", "kind": "sandbox",
            "instance_url": format!("http://{}", server.address),
            "user_id": "005xx000001SwiUAAS", "username": "ada@acme.com.uat",
        });
        let service = format!("orgdeck:{}", self.file("config.toml").display());
        fs::create_dir(self.file("data")).unwrap();
        fs::write(self.file("data/logins.json"), json!({ service: { "mine": { "org": org } } }).to_string())
            .unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orgdeck"));
        command
            .args(arguments)
            .env_clear()
            .env("ORGDECK_CONFIG_DIR", self.folder.path())
            .env("ORGDECK_DATA_DIR", self.folder.path().join("data"))
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        Ended::from(self.command(arguments).output().unwrap())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// How a run ended.
#[derive(Debug)]
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Ended {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// The object that `--json` puts on standard error.
    fn error(&self) -> Value {
        serde_json::from_str(&self.err).unwrap_or_else(|_| panic!("{self:?}"))
    }
}

#[test]
fn a_token_is_all_that_is_printed() {
    let ended = Script::demo().run(&["token", "demo-production"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert!(ended.out.starts_with("00D") && ended.out.contains('!') && ended.out.ends_with('\n'));
    assert_eq!(ended.out.lines().count(), 1);
}

#[test]
fn a_token_as_json_is_the_response_and_what_is_known_of_it() {
    for profile in ["demo-production", "demo-nightly-sync", "demo-sandbox", "demo-sandbox-sync"] {
        let token = Script::demo().run(&["token", profile, "--json"]).json();
        assert_eq!(token["token_type"], "Bearer", "{token}");
        let known = &token["orgdeck"];
        assert_eq!((&known["profile"], &known["signature_valid"]), (&profile.into(), &true.into()));
        assert_eq!(known["expires_at"], Value::Null);
        assert!(token["id"].as_str().unwrap().contains(known["org_id"].as_str().unwrap()));
    }
}

#[test]
fn each_refusal_has_its_code_and_its_first_hint() {
    for (profile, code, hint) in [
        ("trouble-missing-security-token", "invalid_grant", "no-security-token"),
        ("trouble-sandbox-user-on-production", "invalid_grant", "sandbox-user-on-production-host"),
        ("trouble-wrong-consumer-secret", "invalid_client", "wrong-consumer-secret"),
        ("trouble-inactive-user", "invalid_grant", "user-inactive"),
        ("trouble-no-run-as-user", "invalid_grant", "no-run-as-user"),
        ("trouble-generic-host", "invalid_grant", "needs-my-domain"),
    ] {
        let ended = Script::demo().run(&["token", profile, "--json"]);
        assert_eq!((ended.code, ended.out.as_str()), (Some(4), ""), "{profile}: {ended:?}");
        let error = ended.error();
        assert_eq!(error["error"]["kind"], "oauth", "{error}");
        assert_eq!(
            (&error["error"]["code"], &error["error"]["status"]),
            (&code.into(), &400.into()),
            "{error}"
        );
        assert_eq!(error["hints"][0]["id"], hint, "{profile}: {error}");
    }
}

#[test]
fn a_query_prints_its_body() {
    let query = "q=SELECT Id, Name FROM Account WHERE Name LIKE '%a%' LIMIT 3";
    let ended = Script::demo().run(&["send", "demo-sandbox", "GET", "query", "--query", query]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert_eq!(ended.json()["records"].as_array().unwrap().len(), 3);
}

#[test]
fn a_record_is_written_read_and_deleted() {
    let script = Script::demo();
    fs::write(script.file("account.json"), r#"{"Name":"Hallo Wörld"}"#).unwrap();
    let body = format!("@{}", script.file("account.json").display());
    let created = script.run(&["send", "demo-sandbox", "POST", "sobjects/Account", "-d", &body]).json();
    let record = format!("sobjects/Account/{}", created["id"].as_str().unwrap());
    let read = script.run(&["send", "demo-sandbox", "GET", &record]).json();
    assert_eq!(read["Name"], "Hallo Wörld");
    let deleted = script.run(&["send", "demo-sandbox", "DELETE", &record, "--include"]);
    assert!(deleted.out.starts_with("HTTP/1.1 204 "), "{deleted:?}");
    let gone = script.run(&["send", "demo-sandbox", "GET", &record, "--json"]);
    assert_eq!(gone.code, Some(5));
    assert_eq!(gone.error()["error"]["status"], 404);
    assert_eq!(
        gone.json()[0]["errorCode"],
        gone.error()["error"]["code"],
        "the body is on standard output all the same"
    );
}

#[test]
fn a_ready_request_is_sent_by_its_name() {
    let ended = Script::demo().run(&["send", "demo-sandbox", "--request", "limits"]);
    assert!(ended.json()["DailyApiRequests"]["Max"].is_number());
    let unknown = Script::demo().run(&["send", "demo-sandbox", "--request", "nothing"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.err.contains("Limits"), "{}", unknown.err);
}

#[test]
fn a_write_to_production_needs_a_yes() {
    let script = Script::demo();
    let write = ["send", "demo-production", "POST", "sobjects/Account", "-d", r#"{"Name":"Guarded"}"#];
    let stopped = script.run(&write);
    assert_eq!((stopped.code, stopped.out.as_str()), (Some(8), ""));
    assert!(stopped.err.contains("PRODUCTION"), "{}", stopped.err);
    let apex = script.run(&["send", "demo-production", "GET", "tooling/executeAnonymous?anonymousBody=x"]);
    assert_eq!(apex.code, Some(8));
    assert_eq!(script.run(&[&write[..], &["--yes"]].concat()).code, Some(0));
}

#[test]
fn a_read_only_profile_sends_no_write_at_all() {
    let config =
        demo_config().replace("[profiles.demo-sandbox]", "[profiles.demo-sandbox]\nread_only = true");
    let script = Script::with(&config);
    let write = ["send", "demo-sandbox", "DELETE", "sobjects/Account/001", "--yes", "--json"];
    let stopped = script.run(&write);
    assert_eq!((stopped.code, &stopped.error()["error"]["kind"]), (Some(8), &"guard".into()));
}

#[test]
fn a_secret_that_has_to_be_typed_needs_a_person() {
    let config = demo_config();
    let line = config.lines().find(|line| line.starts_with("password")).unwrap();
    let ended =
        Script::with(&config.replace(line, "password = { ask = true }")).run(&["token", "demo-sandbox"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(9), ""));
    assert!(ended.err.contains("{ env ="), "{}", ended.err);
}

#[test]
fn what_is_wrong_with_the_configuration_is_told_with_its_place() {
    let broken = Script::with("[profiles.x]\nenvironment = 'moon'\nflow = 'password'\n")
        .run(&["profiles", "list", "--json"]);
    assert_eq!((broken.code, &broken.error()["error"]["kind"]), (Some(3), &"config".into()));
    assert!(broken.err.contains("line 2"), "{}", broken.err);
    let unknown = Script::demo().run(&["token", "demo-produktion"]);
    assert_eq!(unknown.code, Some(3));
    assert!(unknown.err.contains("demo-production"), "{}", unknown.err);
}

#[test]
fn the_token_goes_to_its_own_host_only() {
    let other = Server::start(|_| (answer("200 OK", "", b"stolen"), Then::Keep));
    let ended = Script::demo().run(&["send", "demo-sandbox", "GET", other.url("/x").as_str()]);
    assert_eq!(ended.code, Some(8));
    assert!(other.requests().is_empty());
    let own = ["send", "demo-sandbox", "GET", other.url("/x").as_str(), "-H", "Authorization: Bearer mine"]
        .map(str::to_owned);
    let own = Script::demo().run(&own.each_ref().map(String::as_str));
    assert_eq!((own.code, own.out.as_str()), (Some(0), "stolen"));
    assert!(other.requests()[0].contains("authorization: Bearer mine"));
}

#[test]
fn an_unresolved_variable_stops_the_send() {
    let server = Server::start(|_| (answer("200 OK", "", b""), Then::Keep));
    let ended = Script::at(&server).run(&["send", "mine", "GET", "/x/{{account}}"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("account") && server.requests().is_empty(), "{}", ended.err);
}

#[test]
fn the_orgs_newest_version_is_asked_for_only_where_it_is_used() {
    let server = Server::start(|request| match request.starts_with("GET /services/data ") {
        true => (answer("200 OK", "", br#"[{"version":"31.0"},{"version":"67.0"}]"#), Then::Keep),
        false => (answer("200 OK", "", b"ok"), Then::Keep),
    });
    let lines = |script: &Script, path: &str| {
        assert_eq!(script.run(&["send", "mine", "GET", path]).out, "ok");
        let first = |request: &String| request.lines().next().unwrap().to_owned();
        server.requests().iter().map(first).collect::<Vec<_>>()
    };
    let script = Script::at(&server);
    assert_eq!(lines(&script, "/services/apexrest/x"), ["GET /services/apexrest/x HTTP/1.1"]);
    assert_eq!(
        lines(&script, "limits")[1..],
        ["GET /services/data HTTP/1.1", "GET /services/data/v67.0/limits HTTP/1.1"]
    );
}

#[test]
fn the_systems_proxy_carries_https_and_never_loopback() {
    let proxy = Server::start(|_| (answer("403 Forbidden", "", b""), Then::Close));
    let server = Server::start(|_| (answer("200 OK", "", b"direct"), Then::Keep));
    let through = |script: &Script, arguments: &[&str]| {
        let address = format!("http://{}", proxy.address);
        let mut command = script.command(arguments);
        Ended::from(command.env("HTTPS_PROXY", &address).env("http_proxy", &address).output().unwrap())
    };
    assert_eq!(through(&Script::at(&server), &["send", "mine", "GET", "/x"]).out, "direct");
    assert!(proxy.requests().is_empty());
    let far = "[profiles.far]\nenvironment = 'sandbox'\nflow = 'access_token'\naccess_token = 'x'\n\
               instance_url = 'https://acme.my.salesforce.com'\n";
    let refused = through(&Script::with(far), &["send", "far", "GET", "/x"]);
    assert_eq!(refused.code, Some(6));
    assert!(refused.err.contains("the proxy did not connect"), "{}", refused.err);
    assert!(proxy.requests()[0].starts_with("CONNECT acme.my.salesforce.com:443 "));
}

#[test]
fn a_broken_network_is_exit_6_with_what_had_come() {
    let server = Server::start(|_| {
        (b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n{\"half\":".to_vec(), Then::Close)
    });
    let cut = Script::at(&server).run(&["send", "mine", "GET", "/x", "--json"]);
    assert_eq!((cut.code, cut.out.as_str()), (Some(6), "{\"half\":"));
    assert_eq!(cut.error()["error"]["description"], "the connection closed after 8 of 20,000 bytes");
}

#[test]
fn a_body_goes_to_a_file_whole() {
    let script = Script::demo();
    let file = script.file("limits.json");
    let ended = script.run(&["send", "demo-sandbox", "GET", "limits", "-o", file.to_str().unwrap()]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), ""));
    let body: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    assert!(body["DailyApiRequests"].is_object());
}

#[test]
fn what_a_server_says_cannot_act_on_the_terminal() {
    let body = b"[{\"errorCode\":\"X\",\"message\":\"a\\u001b]0;title\\u0007b\\u202Ec\"}]";
    let server = Server::start(|_| (answer("400 Bad Request", "", body), Then::Keep));
    let ended = Script::at(&server).run(&["send", "mine", "GET", "/x"]);
    assert_eq!(ended.code, Some(5));
    assert!(!ended.err.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{:?}", ended.err);
}

#[test]
fn a_reader_that_has_gone_is_no_error() {
    let server = Server::start(|_| (answer("200 OK", "", &vec![b'x'; 1 << 20]), Then::Keep));
    let script = Script::at(&server);
    let mut child = script
        .command(&["send", "mine", "GET", "/x"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{output:?}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_cancels() {
    let (told, wait) = std::sync::mpsc::channel();
    let told = std::sync::Mutex::new(told);
    let server = Server::start(move |_| {
        told.lock().unwrap().send(()).unwrap();
        (Vec::new(), Then::Hang)
    });
    let script = Script::at(&server);
    let child = script
        .command(&["send", "mine", "GET", "/x", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait.recv().unwrap();
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let ended = Ended::from(child.wait_with_output().unwrap());
    assert_eq!((ended.code, &ended.error()["error"]["kind"]), (Some(7), &"cancelled".into()));
}

#[test]
fn an_expired_token_is_renewed_where_a_new_one_can_be_had() {
    // The first token is refused, whatever is called; the next one is good.
    let server = Server::start(|request| {
        let expired = br#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#;
        match request {
            _ if request.contains("!AQ.old") => (answer("401 Unauthorized", "", expired), Then::Keep),
            _ => (answer("200 OK", "", b"fresh"), Then::Keep),
        }
    });
    let script = Script::at(&server);
    let token = script.file("token");
    // What the command prints changes from its first run to its second.
    let command = format!(
        "if [ -e {0} ]; then echo '00D58000000arpq!AQ.new'; else : > {0}; echo '00D58000000arpq!AQ.old'; fi",
        token.display()
    );
    let config = format!(
        "[profiles.mine]\nenvironment = 'sandbox'\nflow = 'access_token'\n\
         access_token = {{ command = ['/bin/sh', '-c', {command:?}] }}\ninstance_url = 'http://{}'\n",
        server.address
    );
    fs::write(script.file("config.toml"), config).unwrap();
    let ended = script.run(&["send", "mine", "POST", "/x", "-d", "{}"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), "fresh"), "{ended:?}");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn the_demo_tells_scripts_where_it_is() {
    use std::io::{BufRead, BufReader};
    let script = Script::with("");
    let mut child = script.command(&["demo", "--serve"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let told: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(told["orgs"].as_array().unwrap().len(), 2);
    child.kill().unwrap();
    child.wait().unwrap();
}
