//! A Chromium of our own, without a window, driven over WebDriver as far as these tests need it.
//!
//! Each look waits for what it looks for, with the browser's own deadline. Six commands of JSON over HTTP are all there
//! is to it; a client library would bring two dozen crates. Source: W3C, WebDriver.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{home::Home, terminal::pty::PATIENCE, web::Web};

/// What every element is named by. Source: W3C, WebDriver, 12.1.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

pub struct Chromium {
    web: Web,
    driver: Child,
    /// The address of the session.
    session: String,
    _home: Home,
}

impl Chromium {
    /// A browser that nobody has used before.
    pub fn start() -> Self {
        let home = Home::new();
        // It takes a free port by itself, but gives up if that is taken for its other address meanwhile.
        let (driver, port) = (0..10).find_map(|_| drive(&home)).expect("chromedriver listens on some port");
        let session = format!("http://127.0.0.1:{port}/session");
        let mut chromium = Self { web: Web::new(), driver, session, _home: home };
        chromium.begin();
        chromium
    }

    fn begin(&mut self) {
        // All it is shown comes from this machine, and in a container there is neither its sandbox nor much shared
        // memory. By the pipe it learns of its driver's end, and ends too.
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--no-first-run",
            "--no-proxy-server",
            "--disable-background-networking",
            "--disable-component-update",
            "--remote-debugging-pipe",
        ];
        let capabilities = json!({
            "goog:chromeOptions": { "args": arguments },
            "timeouts": { "implicit": PATIENCE.as_millis() as u64 },
        });
        let session = self.command("", json!({ "capabilities": { "alwaysMatch": capabilities } }));
        let id = session["sessionId"].as_str().expect("a session");
        self.session = format!("{}/{id}", self.session);
    }

    pub fn open(&self, address: &str) -> &Self {
        self.command("/url", json!({ "url": address }));
        self
    }

    /// Waits for an element with that text.
    #[track_caller]
    pub fn see(&self, text: &str) -> &Self {
        self.element("xpath", &format!("//*[contains(normalize-space(text()), \"{text}\")]"));
        self
    }

    #[track_caller]
    pub fn text(&self, id: &str, text: &str) -> &Self {
        let element = self.element("css selector", &format!("#{id}"));
        self.command(&format!("/element/{element}/clear"), json!({}));
        self.command(&format!("/element/{element}/value"), json!({ "text": text }));
        self
    }

    #[track_caller]
    pub fn click(&self, id: &str) -> &Self {
        let element = self.element("css selector", &format!("#{id}"));
        self.command(&format!("/element/{element}/click"), json!({}));
        self
    }

    /// Where it is.
    pub fn address(&self) -> String {
        let found = self.web.ask(Method::GET, &format!("{}/url", self.session), &[], "");
        let found: Value = serde_json::from_str(&found.expect("the driver answers").text).unwrap();
        found["value"].as_str().expect("an address").to_owned()
    }

    #[track_caller]
    fn element(&self, using: &str, value: &str) -> String {
        let found = self.command("/element", json!({ "using": using, "value": value }));
        found[ELEMENT].as_str().expect("an element").to_owned()
    }

    #[track_caller]
    fn command(&self, path: &str, body: Value) -> Value {
        let answer = self.web.ask(Method::POST, &format!("{}{path}", self.session), &[], &body.to_string());
        let answer = answer.expect("the driver answers");
        let mut told: Value = serde_json::from_str(&answer.text).expect("WebDriver speaks JSON");
        if !answer.status.is_success() {
            let seen = self.source();
            panic!("{path} {body}: {}\nthe page: {seen}", told["value"]["message"]);
        }
        told["value"].take()
    }

    fn source(&self) -> String {
        let page = self.web.ask(Method::GET, &format!("{}/source", self.session), &[], "");
        page.map_or_else(|error| error.to_string(), |page| page.text)
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        _ = self.web.ask(Method::DELETE, &self.session, &[], ""); // else it ends with its driver
        _ = self.driver.kill();
        _ = self.driver.wait();
    }
}

/// Starts the driver; it and its port, unless it ends at once.
fn drive(home: &Home) -> Option<(Child, u16)> {
    let mut driver = Command::new("chromedriver")
        .args(["--port=0", "--log-level=SEVERE"])
        .env_clear()
        .envs(home.environment())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver is installed: .ci/run does it");
    let said = BufReader::new(driver.stdout.take().expect("piped"));
    let mut lines = Vec::new();
    for line in said.lines().map_while(Result::ok) {
        if let Some(port) = port_of(&line) {
            return Some((driver, port));
        }
        lines.push(line);
    }
    let ended = driver.wait();
    eprintln!("chromedriver: {ended:?}\n{}", lines.join("\n")); // shown if the test fails in the end
    None
}

/// "ChromeDriver was started successfully on port 39817."
fn port_of(line: &str) -> Option<u16> {
    line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok()
}
