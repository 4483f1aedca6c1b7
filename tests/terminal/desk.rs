//! A person with a workbench whose profiles log in by browser, and demo orgs of their own.

use std::{
    fs::{self, Permissions},
    net::{Ipv4Addr, Ipv6Addr, TcpListener},
    os::unix::fs::PermissionsExt,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
        mpsc,
    },
};

use orgdeck::demo_org::{self, Demo, Options};

use super::pty::{Launch, PATIENCE, Pty};
use crate::home::Home;

/// A user of the demo production org, and the password.
pub const ADA: (&str, &str) = ("ada@nordlicht.example", "Fjord-2026+lantern");
/// Another one.
pub const KENJI: (&str, &str) = ("kenji@nordlicht.example", "Harbour&Crane=7%");

/// The app of the web server flow, without a secret.
const BROWSER_LOGIN: &str =
    "3MVG9nordlichtBrowserLogin.q0AtV6OMuZL4hR0m01XSTe9rFglJBWwjCII7igqI4ik6ElrTFlSrFq7JPi";
/// The app of the user-agent flow.
const IMPLICIT: &str =
    "3MVG9nordlichtImplicit.In6TZ7Y4iSrgTAcUosCqKigRDIngLemkmTwZ6CD1aEQiy9KdeS7feW3L5nhg4g";

pub struct Desk {
    pub demo: Demo,
    pub home: Arc<Home>,
    /// Where the workbench listens for the end of a login.
    pub port: u16,
}

impl Desk {
    /// With the profile `mine` for Ada at the demo production org, by the web server flow. Nobody has allowed that app
    /// access yet.
    pub fn new(prompt: &str) -> Self {
        Self::with("authorization_code", BROWSER_LOGIN, prompt)
    }

    /// The same by the user-agent flow.
    pub fn user_agent() -> Self {
        Self::with("user_agent", IMPLICIT, "login")
    }

    /// The first one, with PKCE off, which its app wants.
    pub fn without_pkce() -> Self {
        let desk = Self::new("login");
        let file = desk.home.config().join("config.toml");
        let config = fs::read_to_string(&file).expect("our own file");
        desk.home.write_config(&format!("{config}pkce = false\n"));
        desk
    }

    fn with(flow: &str, consumer_key: &str, prompt: &str) -> Self {
        let demo = demo_org::start(Options::default()).expect("the demo orgs are served");
        let (home, port) = (Arc::new(Home::new()), free_port());
        home.write_config(&format!(
            "[profiles.mine]\nenvironment = 'production'\nlogin_url = '{}'\nflow = '{flow}'\n\
             consumer_key = '{consumer_key}'\nusername = '{}'\n\
             redirect_uri = 'http://localhost:{port}/OauthRedirect'\nprompt = '{prompt}'\n",
            demo.login_url(),
            ADA.0,
        ));
        Self { demo, home, port }
    }

    /// The workbench, which has begun a login, over SSH: there is no browser for it to open.
    pub fn over_ssh(&self) -> Pty {
        self.begin(self.workbench().env("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22"))
    }

    /// The workbench, which has begun a login, and the address that it has given to the browser.
    pub fn at_a_desktop(&self) -> (Pty, String) {
        let (script, address) = (self.home.path().join("browser"), self.home.path().join("address"));
        let made = Command::new("mkfifo").arg(&address).status().expect("mkfifo is on every Unix");
        assert!(made.success());
        // Written whole to a pipe that only we read.
        fs::write(&script, "#!/bin/sh\nprintf '%s' \"$1\" >\"$HOME/address\"\n").expect("our own folder");
        fs::set_permissions(&script, Permissions::from_mode(0o700)).expect("our own file");
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || tell.send(fs::read_to_string(address)));
        let term = self.begin(self.workbench().env("BROWSER", script.to_str().expect("a plain path")));
        let address = told.recv_timeout(PATIENCE).expect("the workbench opens a browser");
        (term, address.expect("an address is text"))
    }

    fn workbench(&self) -> Launch {
        Launch::orgdeck::<[&str; 0]>([]).home(&self.home)
    }

    fn begin(&self, launch: Launch) -> Pty {
        let mut term = launch.start();
        term.see("no token").keys("t").see("Log in: mine");
        term.see(&format!("Waiting on http://localhost:{}", self.port));
        term
    }
}

/// A port that nobody listens on, another one each time; below those that the system itself gives to connections.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let free = |port: &u16| {
        let taken = |error: &std::io::Error| error.kind() == std::io::ErrorKind::AddrInUse;
        let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, *port));
        let v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, *port));
        v4.is_ok() && !v6.as_ref().is_err_and(taken) // there may be no IPv6 here
    };
    let start = (std::process::id() % 1_000) as u16 * 10; // two runs at once begin far apart
    let ports = std::iter::repeat_with(|| 20_000 + (start + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000);
    ports.take(1_000).find(free).expect("one of many ports is free")
}
