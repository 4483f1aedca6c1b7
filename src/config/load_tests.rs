//! What the loader takes, what it refuses, and in which words.

use super::{
    load::{load, parse},
    *,
};
use crate::{
    config::ProfileField as F,
    secrets::{Secret, SecretRef, SecretStore},
};

fn profile(text: &str) -> Profile {
    Profile::clone(&parse(text).unwrap().profiles[0])
}

fn error(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn the_login_host_and_the_environment_follow_from_each_other() {
    let login = |lines: &str| {
        let profile = profile(&format!("[profiles.x]\n{lines}"));
        (profile.environment, profile.login_url.map(String::from))
    };
    let at = |host: &str| Some(format!("https://{host}/"));
    assert_eq!(
        login("flow = 'password'\nenvironment = 'scratch'"),
        (Environment::Scratch, at("test.salesforce.com"))
    );
    assert_eq!(login("flow = 'password'"), (Environment::Production, at("login.salesforce.com")));
    assert_eq!(
        login("flow = 'password'\nlogin_url = 'test.salesforce.com/ '"),
        (Environment::Sandbox, at("test.salesforce.com"))
    );
    assert_eq!(login("flow = 'client_credentials'"), (Environment::Production, None));
    assert_eq!(
        login("flow = 'password'\nlogin_url = 'https://acme.lightning.force.com/lightning/page/home'"),
        (Environment::Custom, at("acme.my.salesforce.com"))
    );
    assert_eq!(
        login("flow = 'headless_code'\nenvironment = 'site'\nlogin_url = 'https://acme.my.site.com/shop/'"),
        (Environment::Site, Some("https://acme.my.site.com/shop".to_owned()))
    );
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let cases = [
        ("[profiles.x\n", "line 1, column 12: this is not TOML"),
        ("a = 1", "line 1, column 1: a is not a key that orgdeck knows; known here: settings, profiles"),
        (
            "[settings]\ntheme = 'drak'",
            "line 2, column 9: settings.theme is \"drak\", which is no theme; did you mean \"dark\"? allowed: dark, light, high-contrast, mono",
        ),
        (
            "[settings]\nconfirm_writes = ['prod']",
            "line 2, column 19: settings.confirm_writes is \"prod\", which is no environment",
        ),
        (
            "[profiles.x]\n",
            "profiles.x has no flow; add flow = \"…\"; allowed: authorization_code, client_credentials",
        ),
        (
            "[profiles.x]\nflow = 'passwrd'",
            "line 2, column 8: profiles.x.flow is \"passwrd\", which is no flow; did you mean \"password\"?",
        ),
        (
            "[profiles.x]\nflow = 'password'\nusrname = 'a'",
            "line 3, column 1: profiles.x.usrname is not a key that orgdeck knows; did you mean username?",
        ),
        (
            "[profiles.x]\nflow = 3",
            "line 2, column 8: profiles.x.flow is a whole number, where text in quotes belongs",
        ),
        (
            "[profiles.x]\nflow = 'password'\nflow = 'device'",
            "line 3, column 1: this is not TOML: duplicate key",
        ),
        (
            "[profiles.x]\nflow = 'password'\nlogin_url = 'http://acme.my.salesforce.com'",
            "line 3, column 13: profiles.x.login_url begins with http://",
        ),
        (
            "[profiles.x]\nflow = 'password'\nlogin_url = 'https://c.vf.force.com/apex/Invoice'",
            "login_url c.vf.force.com shows pages and gives no tokens, and does not tell the org's My Domain",
        ),
        (
            "[profiles.x]\nflow = 'password'\napi_version = 'sixty'",
            "profiles.x.api_version is \"sixty\", which is no API version; write \"latest\" or a number such as \"66.0\"",
        ),
        (
            "[profiles.x]\nflow = 'password'\n[profiles.x.headers]\n'X Y' = 'a'",
            "line 4, column 1: profiles.x.headers.X Y is not a header's name",
        ),
        (
            "[profiles.x]\nflow = 'password'\n[profiles.x.headers]\nAccept = 'a'\naccept = 'b'",
            "line 5, column 1: profiles.x.headers.accept is there twice",
        ),
        (
            "[profiles.x]\nflow = 'password'\n[profiles.x.headers]\nauthorization = 'Bearer hunter2'",
            "line 4, column 1: profiles.x.headers.authorization is a secret, and this file holds none",
        ),
        (
            "[profiles.x]\nflow = 'password'\nproxy = 'http://ada:hunter2@proxy'",
            "line 3, column 9: profiles.x.proxy holds a password, and this file holds no secrets",
        ),
        (
            "[profiles.x]\nflow = 'password'\nscopes = ['api web']",
            "line 3, column 11: profiles.x.scopes holds something that is not one scope",
        ),
        (
            "[profiles.x]\nflow = 'password'\npassword = { env = 'A', ask = true }",
            "profiles.x.password must have exactly one of env, command",
        ),
        (
            "[profiles.x]\nflow = 'password'\npassword = { evn = 'A' }",
            "profiles.x.password.evn is not a key that orgdeck knows; did you mean env?",
        ),
        (
            "[profiles.x]\nflow = 'password'\npassword = { ask = false }",
            "profiles.x.password.ask can only be true",
        ),
        (
            "[profiles.x]\nflow = 'password'\ncolour = 'pink'",
            "profiles.x.colour is \"pink\", which is no colour",
        ),
        (
            "[profiles.x]\nflow = 'token_exchange'\nsubject_token_type = 'id token'",
            "line 3, column 22: profiles.x.subject_token_type is not a kind of token",
        ),
        (
            "[profiles.x]\nflow = 'jwt_bearer'\n[profiles.x.jwt]\naudiance = 'x'",
            "profiles.x.jwt.audiance is not a key that orgdeck knows; did you mean audience?",
        ),
        ("[profiles.x]\nflow = 'password'\ntimeout = 0", "profiles.x.timeout must be more than zero"),
        (
            "[profiles.x]\nflow = 'password'\nexpected_org_id = '001'",
            "profiles.x.expected_org_id is not an org's id",
        ),
        ("[profiles.' x']\nflow = 'password'", "profiles. x is not a profile's name"),
        ("profiles = 3", "line 1, column 12: profiles is a whole number, where a table belongs"),
    ];
    for (text, expected) in cases {
        let message = error(text);
        assert!(!message.contains("hunter2"), "{message}");
        assert!(message.contains(expected), "{text}\n  said: {message}\n  not:  {expected}");
    }
}

#[test]
fn secrets_are_references_and_plain_text_is_warned_about() {
    let text = "[profiles.x]\nflow = 'password'\npassword = 'hunter2'\nconsumer_secret = { env = 'A' }\n\
                security_token = { command = ['pass', 'show', 'uat'] }\naccess_token = { ask = true }\n";
    let config = parse(text).unwrap();
    let profile = &config.profiles[0];
    assert_eq!(profile.password, Some(SecretRef::Plain(Secret::new("hunter2"))));
    assert_eq!(profile.consumer_secret, Some(SecretRef::Env("A".into())));
    assert_eq!(
        profile.security_token,
        Some(SecretRef::Command(["pass", "show", "uat"].map(str::to_owned).to_vec()))
    );
    assert_eq!(profile.access_token, Some(SecretRef::Ask));
    let [warning] = config.warnings.as_slice() else { panic!("{:?}", config.warnings) };
    assert_eq!((warning.field.as_str(), warning.line), ("profiles.x.password", Some(3)));
    assert!(!format!("{config:?}").contains("hunter2"));
    let allowed = format!("{text}\n[settings]\nplain_secrets = 'allow'\n");
    assert!(parse(&allowed).unwrap().warnings.is_empty());
}

#[test]
fn where_secrets_are_kept_is_a_setting() {
    let settings = |line: &str| parse(&format!("[settings]\n{line}\n")).map(|config| config.settings);
    assert_eq!(settings("").unwrap().secret_store, SecretStore::Auto);
    assert_eq!(settings("secret_store = 'session'").unwrap().secret_store, SecretStore::Session);
    let env = settings("vault_passphrase = { env = 'VAULT' }").unwrap().vault_passphrase;
    assert_eq!(env, Some(SecretRef::Env("VAULT".into())));
    assert_eq!(settings("vault_passphrase = { ask = true }").unwrap().vault_passphrase, None);
    for (line, what) in [
        ("secret_store = 'valut'", "did you mean \"vault\"?"),
        ("vault_passphrase = 'hunter2'", "is plain text beside what it protects"),
        ("vault_passphrase = { vault = true }", "cannot be in the vault that it opens"),
    ] {
        let error = settings(line).unwrap_err().to_string();
        assert!(error.contains(what) && !error.contains("hunter2"), "{error}");
    }
}

#[test]
fn a_limit_is_warned_of_from_a_percentage_on() {
    let settings = |line: &str| parse(&format!("[settings]\n{line}\n")).map(|config| config.settings);
    assert_eq!(settings("").unwrap().limit_warning, 80);
    assert_eq!(settings("limit_warning = 100").unwrap().limit_warning, 100);
    for (line, says) in [
        ("limit_warning = 101", "settings.limit_warning is in percent: 1 to 100"),
        ("limit_warning = 0", "must be more than zero"),
        ("limit_warning = 400", "is in percent: 1 to 100"),
        ("limit_warning = '80 %'", "where a whole number belongs"),
    ] {
        let error = settings(line).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn the_stores_are_told_each_variable_that_holds_a_secret() {
    let text = "[settings]\nsecret_store = 'vault'\nvault_passphrase = { env = 'VAULT' }\n\
                [profiles.a]\nflow = 'password'\npassword = { env = 'B' }\nconsumer_secret = { env = 'A' }\n\
                [profiles.b]\nflow = 'password'\npassword = { env = 'B' }\naccess_token = { ask = true }\n";
    let told = parse(text).unwrap().told();
    assert_eq!(told.withheld, ["A", "B", "VAULT"]);
    assert_eq!((told.store, told.passphrase), (SecretStore::Vault, Some(SecretRef::Env("VAULT".into()))));
}

#[test]
fn an_error_never_shows_a_secret() {
    for text in [
        "[profiles.x]\nflow = 'password'\npassword = 'hunter2\n",
        "[profiles.x]\nflow = 'password'\npassword = { hunter2 }\n",
        "[profiles.x]\nflow = 'password'\npassword = ['hunter2']\n",
    ] {
        assert!(!error(text).contains("hunter2"), "{}", error(text));
    }
}

#[test]
fn the_file_s_order_stays() {
    let text =
        "[profiles.b]\nflow='device'\n[profiles.a]\nflow='device'\n[profiles.a.variables]\nz='1'\na='2'\n";
    let config = parse(text).unwrap();
    let names: Vec<_> = config.profiles.iter().map(|p| p.id.as_str()).collect();
    assert_eq!(names, ["b", "a"]);
    let names: Vec<_> = config.profiles[1].variables.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["z", "a"]);
}

#[test]
fn a_missing_file_is_an_empty_configuration_and_another_failure_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    assert!(load(&path).unwrap().profiles.is_empty());
    std::fs::write(&path, b"[settings]\n# \xff\n").unwrap();
    let message = load(&path).unwrap_err().to_string();
    assert!(message.contains("config.toml: line 2, column 3: this is not UTF-8 text"), "{message}");
    let message = load(folder.path()).unwrap_err().to_string();
    assert!(message.contains("cannot be read"), "{message}");
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_warned_about() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(load(&path).unwrap().warnings[0].message.contains("chmod 600"));
}

#[test]
fn whether_a_flow_lacks_something_or_needs_a_person_is_told() {
    let text = "[profiles.x]\nflow='password'\nconsumer_key='3MVG9'\npassword={ask=true}\n\
                security_token={ask=true}\naccess_token={ask=true}\n";
    let profile = profile(text);
    assert_eq!(profile.missing(), [F::ConsumerSecret, F::Username]);
    assert_eq!(profile.needs_person(|_| false), [SecretField::Password, SecretField::SecurityToken]);
    assert_eq!(profile.needs_person(|f| f == SecretField::Password), [SecretField::SecurityToken]);
    let trusted = Profile { trusted_ip: true, ..profile };
    assert_eq!(trusted.needs_person(|_| false), [SecretField::Password]);
}

#[test]
fn a_callback_is_there_also_where_the_profile_has_none() {
    let callback = |lines: &str| profile(&format!("[profiles.x]\n{lines}")).callback().into_owned();
    assert_eq!(callback("flow = 'authorization_code'"), "http://localhost:1717/OauthRedirect");
    let own = "redirect_uri = 'https://acme.example/cb/'";
    assert_eq!(callback(&format!("flow = 'user_agent'\n{own}")), "https://acme.example/cb/");
    let site = "flow = 'headless_code'\nlogin_url = 'https://acme.my.site.com/shop/'";
    assert_eq!(callback(site), "https://acme.my.site.com/shop/services/oauth2/echo");
    assert_eq!(callback(&format!("{site}\n{own}")), "https://acme.example/cb/");
}

#[test]
fn what_an_assertion_needs_stands_in_a_table_of_its_own() {
    let jwt = |lines: &str| profile(&format!("[profiles.x]\nflow = 'jwt_bearer'\n{lines}")).jwt;
    let both = jwt("jwt = { private_key_file = '/k.pem', audience = ' https://test.salesforce.com ' }");
    assert_eq!(both.private_key_file.as_deref(), Some(std::path::Path::new("/k.pem")));
    assert_eq!(both.audience.as_deref(), Some("https://test.salesforce.com"));
    assert_eq!(jwt("jwt.audience = ''"), Jwt::default());
}
