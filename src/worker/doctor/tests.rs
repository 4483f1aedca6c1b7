//! The check-up over a network that does as the test says: what it sends, what it leaves alone, what it tells.

use super::super::*;
use crate::{
    config::{Paths, Profile},
    http::{Observer, Outgoing, Phase, Reply, RequestBody, Sent, Timings, TransportFailure, redact::Masker},
    jobs::{Checkup, Finding, State, Subject},
    salesforce::tests::profile,
    secrets::{Slot, StoreKind, VaultState},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, Version, header};
use std::{
    fs,
    sync::Mutex,
    time::{Duration, SystemTime},
};

const CONFIG: &str = r#"
[settings]
plain_secrets = "allow"

[profiles.uat]
environment = "custom"
flow = "password"
login_url = "https://acme--uat.sandbox.my.salesforce.com"
consumer_key = "3MVG9hush"
consumer_secret = "consumer-hush"
username = "ada-hush@acme.com"
password = { command = ["echo", "password-hush"] }
security_token = "token-hush"

[profiles.pasted]
environment = "custom"
flow = "access_token"
access_token = "00D-hush"
instance_url = "https://acme.my.salesforce.com"
"#;

/// Answers by path, and notes whatever is sent.
#[derive(Clone, Default)]
struct Fake {
    seen: Arc<Mutex<Vec<String>>>,
    /// This host does not resolve.
    lost: &'static str,
    /// How far the hosts' clocks are ahead.
    ahead: Duration,
    /// No answer comes.
    hangs: bool,
}

impl Fake {
    fn answer(&self, path: &str) -> (u16, String) {
        match path {
            "/.well-known/openid-configuration" => (
                200,
                r#"{"issuer":"https://acme","token_endpoint":"https://acme/services/oauth2/token"}"#.into(),
            ),
            "/services/data" => (200, r#"[{"version":"31.0"},{"version":"66.0"}]"#.into()),
            _ => (404, String::new()),
        }
    }
}

impl Transport for Fake {
    async fn send(&self, outgoing: Outgoing, _: &dyn Observer, stop: CancellationToken) -> Sent {
        let Outgoing { spec, purpose, known, .. } = outgoing;
        let body = match &spec.body {
            RequestBody::Empty => String::new(),
            RequestBody::Bytes(body) => String::from_utf8_lossy(body).into_owned(),
        };
        self.seen.lock().unwrap().push(format!("{} {} {:?} {body}", spec.method, spec.url, spec.headers));
        if self.hangs {
            stop.cancelled().await;
        }
        let masker = Masker::new(&spec, purpose, &known);
        let (status, body) = self.answer(spec.url.path());
        let date = httpdate::fmt_http_date(SystemTime::now() + self.ahead);
        let mut headers = HeaderMap::new();
        headers.insert(header::DATE, HeaderValue::from_str(&date).unwrap());
        let reply = if spec.url.host_str() == Some(self.lost) {
            let message = "the name does not resolve".into();
            Err(TransportFailure { phase: Phase::Dns, cancelled: false, message })
        } else {
            Ok(Reply {
                status: StatusCode::from_u16(status).unwrap(),
                version: Version::HTTP_11,
                peer: None,
                headers: masker.headers(&headers),
                wire_len: body.len() as u64,
                body: masker.reply_body(Bytes::from(body)),
                incomplete: None,
                note: None,
            })
        };
        Sent {
            started: SystemTime::now(),
            request: masker.request(&spec),
            reply,
            timings: Timings::default(),
            redirects: Vec::new(),
            unmasked: None,
        }
    }
}

/// A folder with this configuration, and the stores of whoever looks at it.
struct Bench {
    home: Home,
    folder: tempfile::TempDir,
}

impl Bench {
    fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config.toml"), config).unwrap();
        let home = Home::new(&Paths {
            config_file: folder.path().join("config.toml"),
            data_dir: folder.path().join("data"),
        });
        Self { home, folder }
    }

    async fn vault(self, passphrase: &str, locked: bool) -> Self {
        self.home.stores.create_vault(&Secret::new(passphrase)).await.unwrap();
        let slot = Slot::new("uat", "password");
        self.home.stores.write(StoreKind::Vault, &slot, &Secret::new("vault-hush")).await.unwrap();
        if locked {
            self.home.stores.lock_vault();
        }
        self
    }

    /// Everything that a check-up finds.
    async fn examine(&self, fake: &Fake, checkup: Checkup) -> Vec<(Subject, Finding)> {
        let (commands, mut events) = spawn(fake.clone(), Bodies::PassedOn, self.home.clone());
        commands.send(Command::Start(JobId(1), Job::Examine(Box::new(checkup)))).await.unwrap();
        let (mut found, mut announced) = (Vec::new(), Vec::new());
        loop {
            match events.recv().await.unwrap() {
                Event::Examining(_, subjects) => announced = subjects,
                Event::Examined(_, subject, findings) => {
                    assert!(announced.contains(&subject), "{subject} was announced");
                    announced.retain(|waits| *waits != subject);
                    found.extend(findings.into_iter().map(|finding| (subject.clone(), finding)));
                }
                Event::Ended(_, result) => {
                    assert!(matches!(result, Ok(Outcome::Done)), "{result:?}");
                    assert_eq!(announced, [], "everything announced was looked at");
                    return found;
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

/// The finding about that, of a subject whose name has this in it.
#[track_caller]
fn of<'a>(found: &'a [(Subject, Finding)], subject: &str, about: &str) -> &'a Finding {
    let is_it = |(s, f): &&(Subject, Finding)| s.to_string().contains(subject) && f.about == about;
    &found.iter().find(is_it).unwrap_or_else(|| panic!("{subject}, {about}: {found:#?}")).1
}

#[cfg(unix)]
#[tokio::test]
async fn nothing_secret_is_sent_or_told() {
    let (fake, bench) = (Fake::default(), Bench::new(CONFIG));
    let found = bench.examine(&fake, Checkup::default()).await;
    let seen = fake.seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 3, "two questions to the login host, one to the instance: {seen:#?}");
    for request in &seen {
        assert!(request.starts_with("GET https://"), "{request}");
        for word in ["hush", "authorization", "cookie", "client_id"] {
            assert!(!request.to_lowercase().contains(word), "{word} in {request}");
        }
    }
    assert!(!format!("{found:?}").contains("hush"), "{found:#?}");
    assert_eq!(of(&found, "profile uat", "password").state, State::Ok);
    assert_eq!(of(&found, "profile uat", "consumer_secret").state, State::Ok);
    assert_eq!(of(&found, "acme--uat", "login host").state, State::Ok);
    assert_eq!(of(&found, "host acme.my", "API").state, State::Ok);
    assert_eq!(of(&found, "host acme.my", "clock").state, State::Ok);
}

#[tokio::test]
async fn offline_asks_no_host() {
    let (fake, bench) = (Fake::default(), Bench::new(CONFIG));
    let found = bench.examine(&fake, Checkup { offline: true, ..Checkup::default() }).await;
    assert_eq!(*fake.seen.lock().unwrap(), Vec::<String>::new());
    assert!(!found.iter().any(|(subject, _)| matches!(subject, Subject::Host(_))));
}

#[tokio::test]
async fn a_lost_host_is_told_with_the_field_that_mends_it_and_holds_no_other_up() {
    let fake = Fake { lost: "acme--uat.sandbox.my.salesforce.com", ..Fake::default() };
    let found = Bench::new(CONFIG).examine(&fake, Checkup::default()).await;
    let lost = of(&found, "acme--uat", "connection");
    assert_eq!(lost.state, State::Broken);
    assert!(lost.seen.starts_with("DNS: ") && lost.mend.is_some(), "{lost:?}");
    assert_eq!(of(&found, "host acme.my", "API").state, State::Ok);
}

#[tokio::test]
async fn a_clock_that_is_off_is_a_warning() {
    let fake = Fake { ahead: Duration::from_secs(600), ..Fake::default() };
    let found = Bench::new(CONFIG).examine(&fake, Checkup::default()).await;
    let clock = of(&found, "acme--uat", "clock");
    assert!(clock.state == State::Warning && clock.seen.contains("behind"), "{clock:?}");
}

#[tokio::test]
async fn a_broken_configuration_is_told_with_its_place_and_the_rest_is_looked_at() {
    let bench = Bench::new("[profiles.uat]\nflow = \"pasword\"\n");
    let last_good = vec![Arc::new(Profile { ..profile(crate::config::Flow::Password) })];
    let found = bench.examine(&Fake::default(), Checkup { last_good, ..Checkup::default() }).await;
    let file = of(&found, "configuration", "file");
    assert_eq!(file.state, State::Broken);
    assert!(file.seen.contains("line 2, column 8") && file.fix.is_some(), "{file:?}");
    assert_eq!(of(&found, "secret stores", "vault").state, State::Ok);
    assert!(found.iter().any(|(subject, _)| matches!(subject, Subject::Profile(_))), "the last good ones");
    assert!(found.iter().any(|(subject, _)| matches!(subject, Subject::Host(_))));
}

#[tokio::test]
async fn a_name_that_is_no_profile_is_told() {
    let profiles =
        vec!["uat".into(), "uta".into()].into_iter().map(|name: String| crate::config::ProfileId::new(name));
    let checkup = Checkup { profiles: profiles.collect(), offline: true, ..Checkup::default() };
    let found = Bench::new(CONFIG).examine(&Fake::default(), checkup).await;
    let unknown = of(&found, "configuration", "profile");
    assert!(
        unknown.seen.contains("uta") && unknown.fix.as_ref().unwrap().contains("uat, pasted"),
        "{unknown:?}"
    );
    assert!(!found.iter().any(|(subject, _)| subject.to_string() == "profile pasted"));
}

fn in_vault(settings: &str) -> String {
    format!(
        "[settings]\n{settings}\n[profiles.uat]\nenvironment = \"sandbox\"\nflow = \"password\"\npassword = {{ vault = true }}\n"
    )
}

#[tokio::test]
async fn a_locked_vault_is_left_locked_and_said_to_be() {
    let bench = Bench::new(&in_vault("")).vault("open sesame", true).await;
    let checkup = || Checkup { offline: true, ..Checkup::default() };
    let found = bench.examine(&Fake::default(), checkup()).await;
    for (subject, about) in [("secret stores", "vault"), ("profile uat", "password")] {
        let locked = of(&found, subject, about);
        assert!(locked.state == State::Warning && locked.fix.is_some(), "{locked:?}");
    }
    assert_eq!(bench.home.stores.vault_state(), VaultState::Locked);
}

#[cfg(unix)]
#[tokio::test]
async fn where_the_settings_have_the_passphrase_it_is_tried_apart() {
    let passphrase =
        |word: &str| in_vault(&format!("vault_passphrase = {{ command = [\"echo\", \"{word}\"] }}"));
    let bench = Bench::new(&passphrase("sesame")).vault("sesame", true).await;
    let checkup = || Checkup { offline: true, ..Checkup::default() };
    let found = bench.examine(&Fake::default(), checkup()).await;
    assert_eq!(of(&found, "secret stores", "vault").state, State::Ok);
    assert_eq!(of(&found, "profile uat", "password").seen, "is in the vault");
    assert!(!format!("{found:?}").contains("vault-hush"));
    assert_eq!(bench.home.stores.vault_state(), VaultState::Locked, "this run's own stays locked");
    fs::write(bench.folder.path().join("config.toml"), passphrase("wrong")).unwrap();
    let found = bench.examine(&Fake::default(), checkup()).await;
    assert_eq!(of(&found, "secret stores", "vault").state, State::Broken);
}

#[tokio::test]
async fn a_damaged_vault_is_broken_without_its_passphrase() {
    let bench = Bench::new(&in_vault("")).vault("open sesame", true).await;
    fs::write(bench.home.stores.vault_file(), b"age-encryption.org/v1\n-> scr").unwrap();
    let found = bench.examine(&Fake::default(), Checkup { offline: true, ..Checkup::default() }).await;
    let vault = of(&found, "secret stores", "vault");
    assert!(vault.state == State::Broken && vault.seen.contains("is cut off"), "{vault:?}");
    assert_eq!(of(&found, "profile uat", "password").state, State::Broken);
}

#[cfg(unix)]
#[tokio::test]
async fn who_else_can_open_what_is_private_is_told_with_the_command() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new(CONFIG);
    let checkup = || Checkup { offline: true, ..Checkup::default() };
    let file = bench.folder.path().join("config.toml");
    let mode = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode));
    fs::set_permissions(bench.folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    mode(0o644).unwrap();
    let found = bench.examine(&Fake::default(), checkup()).await;
    let wide = of(&found, "configuration", "permissions");
    assert!(
        wide.state == State::Warning && wide.fix.as_ref().unwrap().starts_with("run `chmod 600 "),
        "{wide:?}"
    );
    mode(0o600).unwrap();
    let found = bench.examine(&Fake::default(), checkup()).await;
    assert_eq!(of(&found, "configuration", "permissions").state, State::Ok);
}

#[tokio::test]
async fn a_check_up_can_be_stopped() {
    let bench = Bench::new(CONFIG);
    let (commands, mut events) =
        spawn(Fake { hangs: true, ..Fake::default() }, Bodies::PassedOn, bench.home.clone());
    commands.send(Command::Start(JobId(1), Job::Examine(Box::default()))).await.unwrap();
    while !matches!(events.recv().await.unwrap(), Event::Examined(_, Subject::Surroundings, _)) {}
    commands.send(Command::Cancel(JobId(1))).await.unwrap();
    loop {
        if let Event::Ended(_, result) = events.recv().await.unwrap() {
            assert!(matches!(result, Ok(Outcome::Cancelled(None))), "{result:?}");
            return;
        }
    }
}
