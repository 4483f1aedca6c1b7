//! From the file to a [`Config`]: one pass that reads, checks and derives.

use super::{
    address::read_address,
    choices::Choice,
    error::ConfigError,
    fields::ProfileField as F,
    host::is_generic_login,
    profile::*,
    read::{Element, Node, Section},
};
use crate::{
    fsio,
    secrets::{Secret, SecretRef},
};
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use url::Url;

/// Keys of the file itself.
pub(super) const ROOT_KEYS: &[&str] = &["settings", "profiles"];
/// Keys of `[settings]`.
pub(super) const SETTINGS_KEYS: &[&str] = &[
    "theme",
    "confirm_writes",
    "mouse",
    "plain_secrets",
    "secret_store",
    "vault_passphrase",
    "limit_warning",
    "keys",
];
/// Keys of a profile's `jwt`.
pub(super) const JWT_KEYS: &[&str] = &["private_key_file", "audience"];
/// Keys of a secret's reference.
pub(super) const SECRET_KEYS: &[&str] = &["env", "command", "ask", "keyring", "vault"];
/// Names of colours; else `#rrggbb`.
const COLOURS: &[&str] = &["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white", "grey"];

/// Reads a configuration file. One that is not there is an empty configuration.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    load_with_text(path).map(|(config, _)| config)
}

/// As [`load`], with the text that it was read from: reading the file twice could find two.
pub(crate) fn load_with_text(path: &Path) -> Result<(Config, String), ConfigError> {
    let with_path = |error: ConfigError| ConfigError { path: Some(path.into()), ..error };
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Default::default()),
        Err(error) => return Err(with_path(ConfigError::new("", format!("cannot be read: {error}")))),
    };
    let text = String::from_utf8(bytes).map_err(|error| {
        let (bytes, end) = (error.as_bytes(), error.utf8_error().valid_up_to());
        let valid = String::from_utf8_lossy(&bytes[..end]);
        with_path(ConfigError::new("", "this is not UTF-8 text").at(&valid, Some(end..end)))
    })?;
    let mut config = parse(&text).map_err(with_path)?;
    if let Some(message) = fsio::permissions_problem(path) {
        config.warnings.push(Warning { field: String::new(), line: None, message });
    }
    Ok((config, text))
}

/// Reads a configuration's text.
pub fn parse(text: &str) -> Result<Config, ConfigError> {
    let document = toml_edit::Document::parse(text).map_err(|error| not_toml(text, &error))?;
    let root = Section::new(text, document.as_table());
    root.only("", ROOT_KEYS)?;
    let mut reader = Reader { settings: Settings::default(), warnings: Vec::new() };
    if let Some(node) = root.get("", "settings") {
        reader.settings = settings(&node)?;
    }
    let mut profiles = Vec::new();
    if let Some(node) = root.get("", "profiles") {
        for node in node.section()?.nodes("profiles") {
            profiles.push(Arc::new(reader.profile(&node)?));
        }
    }
    Ok(Config { settings: reader.settings, profiles, warnings: reader.warnings })
}

fn not_toml(text: &str, error: &toml_edit::TomlError) -> ConfigError {
    let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
    ConfigError::new("", format!("this is not TOML: {message}")).at(text, error.span())
}

fn settings(node: &Node<'_>) -> Result<Settings, ConfigError> {
    let (section, path) = (node.section()?, node.path.as_str());
    section.only(path, SETTINGS_KEYS)?;
    let mut settings = Settings::default();
    if let Some(node) = section.get(path, "theme") {
        settings.theme = node.choice()?;
    }
    if let Some(node) = section.get(path, "confirm_writes") {
        settings.confirm_writes = each(&node, super::read::choice::<Environment>)?;
    }
    if let Some(node) = section.get(path, "mouse") {
        settings.mouse = node.flag()?;
    }
    if let Some(node) = section.get(path, "plain_secrets") {
        settings.plain_secrets = node.choice()?;
    }
    if let Some(node) = section.get(path, "secret_store") {
        settings.secret_store = node.choice()?;
    }
    if let Some(node) = section.get(path, "vault_passphrase") {
        settings.vault_passphrase = vault_passphrase(&node)?;
    }
    if let Some(node) = section.get(path, "limit_warning") {
        let percent = u8::try_from(node.count()?).ok().filter(|percent| *percent <= 100);
        settings.limit_warning = percent.ok_or_else(|| node.error("is in percent: 1 to 100"))?;
    }
    if let Some(node) = section.get(path, "keys") {
        for node in node.section()?.nodes(&node.path) {
            let keys = if node.is_text() { vec![node.text()?.to_owned()] } else { all_texts(&node)? };
            settings.keys.push((node.key.to_owned(), keys));
        }
    }
    Ok(settings)
}

/// `None` where a person is asked.
fn vault_passphrase(node: &Node<'_>) -> Result<Option<SecretRef>, ConfigError> {
    let hint = "write { env = \"NAME\" }, { command = [\"pass\", …] }, { keyring = true } or { ask = true }";
    if node.is_text() {
        return Err(node.error("is plain text beside what it protects").hint(hint));
    }
    match secret_ref(node)? {
        SecretRef::Vault => Err(node.error("cannot be in the vault that it opens").hint(hint)),
        SecretRef::Ask => Ok(None),
        reference => Ok(Some(reference)),
    }
}

/// Each element of a list, read; what is wrong with one stands at its place.
fn each<T>(
    node: &Node<'_>,
    read: impl Fn(&str) -> Result<T, (String, String)>,
) -> Result<Vec<T>, ConfigError> {
    let one = |(text, element): (&str, Element<'_, '_>)| {
        read(text).map_err(|(message, hint)| element.error(message).hint(hint))
    };
    node.texts()?.into_iter().map(one).collect()
}

fn all_texts(node: &Node<'_>) -> Result<Vec<String>, ConfigError> {
    Ok(node.texts()?.into_iter().map(|(text, _)| text.to_owned()).collect())
}

/// What reading the profiles gathers beside them.
struct Reader {
    settings: Settings,
    warnings: Vec<Warning>,
}

impl Reader {
    fn warn(&mut self, node: &Node<'_>, message: impl Into<String>) {
        self.warnings.push(Warning { field: node.path.clone(), line: node.line(), message: message.into() });
    }

    fn profile(&mut self, node: &Node<'_>) -> Result<Profile, ConfigError> {
        check_name(node.key).map_err(|message| node.error_at_key(message))?;
        let fields = Fields { section: node.section()?, path: node.path.clone() };
        fields.section.only(&fields.path, &profile_keys())?;
        let Some(flow) = fields.choice::<Flow>(F::Flow)? else {
            let allowed = format!("add flow = \"…\"; allowed: {}", Flow::WORDS.join(", "));
            return Err(node.error_at_key("has no flow").hint(allowed));
        };
        let (environment, login_url) = self.login(&fields, flow)?;
        Ok(Profile {
            id: ProfileId::new(node.key),
            environment,
            login_url,
            flow,
            consumer_key: fields.text(F::ConsumerKey)?,
            consumer_secret: self.secret(&fields, F::ConsumerSecret)?,
            username: fields.text(F::Username)?,
            password: self.secret(&fields, F::Password)?,
            security_token: self.secret(&fields, F::SecurityToken)?,
            access_token: self.secret(&fields, F::AccessToken)?,
            instance_url: self.address(&fields, F::InstanceUrl, environment)?,
            refresh_token: self.secret(&fields, F::RefreshToken)?,
            subject_token: self.secret(&fields, F::SubjectToken)?,
            subject_token_type: fields.parsed(F::SubjectTokenType, token_type)?,
            actor_token: self.secret(&fields, F::ActorToken)?,
            token_handler: fields.text(F::TokenHandler)?,
            redirect_uri: fields.parsed(F::RedirectUri, redirect_uri)?,
            scopes: fields.scopes()?,
            api_version: fields.version_choice()?,
            pkce: fields.flag(F::Pkce, true)?,
            prompt: fields.text(F::Prompt)?,
            private_window: fields.flag(F::PrivateWindow, false)?,
            jwt: fields.jwt()?,
            soap_api_version: fields.version(F::SoapApiVersion)?,
            client_auth: fields.choice(F::ClientAuth)?.unwrap_or_default(),
            trusted_ip: fields.flag(F::TrustedIp, false)?,
            security_token_in_password: fields.flag(F::SecurityTokenInPassword, false)?,
            expected_org_id: fields.parsed(F::ExpectedOrgId, org_id)?,
            read_only: fields.flag(F::ReadOnly, false)?,
            colour: fields.parsed(F::Colour, colour)?,
            history: fields.choice(F::History)?,
            remember_tokens: fields.flag(F::RememberTokens, false)?,
            headers: fields.headers()?,
            variables: fields.pairs(F::Variables, |name| {
                is_variable(name).then_some(()).ok_or("is not a variable's name: letters, digits, _ - .")
            })?,
            timeout: fields.node(F::Timeout).map(|node| node.count().map(Duration::from_secs)).transpose()?,
            ca_file: fields.parsed(F::CaFile, file)?,
            proxy: fields.proxy()?,
        })
    }

    /// Environment and login host, each derived from the other where it is not given.
    fn login(&mut self, fields: &Fields<'_>, flow: Flow) -> Result<(Environment, Option<Url>), ConfigError> {
        let given = fields.choice::<Environment>(F::Environment)?;
        let url = self.address(fields, F::LoginUrl, given.unwrap_or(Environment::Custom))?;
        let environment = given.unwrap_or(match url.as_ref().and_then(Url::host_str) {
            None | Some("login.salesforce.com") => Environment::Production,
            Some("test.salesforce.com") => Environment::Sandbox,
            Some(_) => Environment::Custom,
        });
        if let (Some(node), true) =
            (fields.node(F::LoginUrl), flow.needs_my_domain() && url.as_ref().is_some_and(is_generic_login))
        {
            let message =
                format!("{} works at a My Domain host only, https://NAME.my.salesforce.com", flow.label());
            self.warn(&node, message);
        }
        let derived = || {
            let host = environment.login_host().filter(|_| !flow.needs_my_domain())?;
            Some(Url::parse(host).expect("a constant, read by a test"))
        };
        Ok((environment, url.or_else(derived)))
    }

    fn address(
        &mut self,
        fields: &Fields<'_>,
        field: F,
        environment: Environment,
    ) -> Result<Option<Url>, ConfigError> {
        let Some(node) = fields.filled(field)? else { return Ok(None) };
        let address = read_address(node.text()?, environment).map_err(|message| node.error(message))?;
        if let Some(converted) = address.converted {
            self.warn(&node, converted);
        }
        Ok(Some(address.url))
    }

    fn secret(&mut self, fields: &Fields<'_>, field: F) -> Result<Option<SecretRef>, ConfigError> {
        let Some(node) = fields.node(field) else { return Ok(None) };
        if !node.is_text() {
            return secret_ref(&node).map(Some);
        }
        let text = node.text()?;
        if text.is_empty() {
            return Ok(None);
        }
        if self.settings.plain_secrets == PlainSecrets::Warn {
            self.warn(
                &node,
                "is plain text in this file; refer to it instead: { keyring = true }, { vault = true }, { env = \"NAME\" } \
                 or { command = [\"pass\", …] }",
            );
        }
        Ok(Some(SecretRef::Plain(Secret::new(text))))
    }
}

/// The fields of one profile in the file.
struct Fields<'a> {
    section: Section<'a>,
    path: String,
}

impl<'a> Fields<'a> {
    fn node(&self, field: F) -> Option<Node<'a>> {
        self.section.get(&self.path, field.key())
    }

    /// The field, unless it is an empty text, which counts as not being there.
    fn filled(&self, field: F) -> Result<Option<Node<'a>>, ConfigError> {
        let Some(node) = self.node(field) else { return Ok(None) };
        Ok(if node.text()?.trim().is_empty() { None } else { Some(node) })
    }

    fn text(&self, field: F) -> Result<Option<String>, ConfigError> {
        self.parsed(field, |text| Ok(text.to_owned()))
    }

    fn parsed<T>(
        &self,
        field: F,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(node) = self.filled(field)? else { return Ok(None) };
        parse(node.text()?.trim()).map(Some).map_err(|message| node.error(message))
    }

    fn flag(&self, field: F, default: bool) -> Result<bool, ConfigError> {
        self.node(field).map_or(Ok(default), |node| node.flag())
    }

    fn choice<C: Choice>(&self, field: F) -> Result<Option<C>, ConfigError> {
        self.filled(field)?.map(|node| node.choice()).transpose()
    }

    fn version_choice(&self) -> Result<VersionChoice, ConfigError> {
        match self.node(F::ApiVersion) {
            Some(node) if node.text_or_number()? == "latest" => Ok(VersionChoice::Latest),
            _ => Ok(self.version(F::ApiVersion)?.map_or(VersionChoice::Latest, VersionChoice::Pinned)),
        }
    }

    fn version(&self, field: F) -> Result<Option<ApiVersion>, ConfigError> {
        let Some(node) = self.node(field) else { return Ok(None) };
        let text = node.text_or_number()?;
        if text.is_empty() {
            return Ok(None);
        }
        let wrong = || {
            let latest = if field == F::ApiVersion { "\"latest\" or " } else { "" };
            node.error(format!("is \"{text}\", which is no API version"))
                .hint(format!("write {latest}a number such as \"66.0\""))
        };
        ApiVersion::parse(&text).map(Some).ok_or_else(wrong)
    }

    fn scopes(&self) -> Result<Vec<String>, ConfigError> {
        let Some(node) = self.node(F::Scopes) else { return Ok(Vec::new()) };
        let mut scopes: Vec<String> = Vec::new();
        for (scope, element) in node.texts()? {
            if scope.is_empty() || scope.contains(|c: char| c.is_whitespace() || c == ',') {
                return Err(element
                    .error("holds something that is not one scope")
                    .hint("one scope an element: [\"api\", \"web\"]"));
            }
            if scopes.iter().any(|other| other == scope) {
                return Err(element.error(format!("holds {scope} twice")));
            }
            scopes.push(scope.to_owned());
        }
        Ok(scopes)
    }

    fn jwt(&self) -> Result<Jwt, ConfigError> {
        let Some(node) = self.section.get(&self.path, "jwt") else { return Ok(Jwt::default()) };
        let fields = Fields { section: node.section()?, path: node.path.clone() };
        fields.section.only(&fields.path, JWT_KEYS)?;
        Ok(Jwt {
            private_key_file: fields.inner(F::PrivateKeyFile, file)?,
            audience: fields.inner(F::JwtAudience, |text| Ok(text.to_owned()))?,
        })
    }

    /// A field whose key has a table in front: `jwt.audience`, where these are the fields of `jwt`.
    fn inner<T>(
        &self,
        field: F,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        let key = field.key().rsplit('.').next().unwrap_or_default();
        let Some(node) = self.section.get(&self.path, key) else { return Ok(None) };
        let text = node.text()?.trim();
        if text.is_empty() { Ok(None) } else { parse(text).map(Some).map_err(|message| node.error(message)) }
    }

    fn pairs(
        &self,
        field: F,
        check: impl Fn(&str) -> Result<(), &'static str>,
    ) -> Result<Vec<(String, String)>, ConfigError> {
        let Some(node) = self.node(field) else { return Ok(Vec::new()) };
        let pair = |node: Node<'_>| {
            check(node.key).map_err(|message| node.error_at_key(message))?;
            Ok((node.key.to_owned(), node.text()?.to_owned()))
        };
        node.section()?.nodes(&node.path).into_iter().map(pair).collect()
    }

    fn headers(&self) -> Result<Vec<(String, String)>, ConfigError> {
        let headers = self.pairs(F::Headers, |name| {
            http::HeaderName::from_bytes(name.as_bytes()).map(drop).map_err(|_| "is not a header's name")
        })?;
        for (i, (name, value)) in headers.iter().enumerate() {
            let Some(node) = self.pair(F::Headers, name) else { continue };
            if headers[..i].iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
                return Err(node.error_at_key("is there twice; the case of a header's name does not matter"));
            }
            if value.contains(['\r', '\n']) {
                return Err(node.error("has a line end in it, which would begin another header"));
            }
            if is_secret_header(name) {
                let hint =
                    "orgdeck sends the token by itself; for another one, set the header in the request";
                return Err(node.error_at_key("is a secret, and this file holds none").hint(hint));
            }
        }
        Ok(headers)
    }

    fn proxy(&self) -> Result<Option<Url>, ConfigError> {
        let Some(node) = self.filled(F::Proxy)? else { return Ok(None) };
        let text = node.text()?.trim();
        let text = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let url = Url::parse(&text).map_err(|error| node.error(format!("is not a URL ({error})")))?;
        if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") || url.host_str().is_none() {
            return Err(node
                .error("is not a proxy's URL")
                .hint("http://, https://, socks5:// or socks5h:// and a host"));
        }
        if url.password().is_some() {
            let hint = "leave proxy out and set HTTPS_PROXY in the environment";
            return Err(node.error("holds a password, and this file holds no secrets").hint(hint));
        }
        Ok(Some(url))
    }

    fn pair(&self, field: F, name: &'a str) -> Option<Node<'a>> {
        let node = self.node(field)?;
        node.section().ok()?.get(&node.path, name)
    }
}

fn secret_ref(node: &Node<'_>) -> Result<SecretRef, ConfigError> {
    let (section, path) = (node.section()?, node.path.as_str());
    section.only(path, SECRET_KEYS)?;
    let nodes = section.nodes(path);
    let [kept] = nodes.as_slice() else {
        return Err(node.error(format!("must have exactly one of {}", SECRET_KEYS.join(", "))));
    };
    let store = match kept.key {
        "env" => {
            let name = kept.text()?;
            let wrong = name.is_empty() || name.contains(['=', '\0']) || name.contains(char::is_whitespace);
            let error = || kept.error("is not an environment variable's name");
            return if wrong { Err(error()) } else { Ok(SecretRef::Env(name.to_owned())) };
        }
        "command" => {
            let words = all_texts(kept)?;
            let wrong = words.first().is_none_or(|program| program.trim().is_empty());
            let error = || kept.error("has no program").hint("command = [\"pass\", \"show\", \"sf/uat\"]");
            return if wrong { Err(error()) } else { Ok(SecretRef::Command(words)) };
        }
        "ask" => SecretRef::Ask,
        "keyring" => SecretRef::Keyring,
        _ => SecretRef::Vault,
    };
    if kept.flag()? { Ok(store) } else { Err(kept.error("can only be true; leave the field out instead")) }
}

/// The keys of a profile; `jwt` stands for what is in it.
pub(super) fn profile_keys() -> Vec<&'static str> {
    F::all()
        .filter(|field| *field != F::Name)
        .map(|field| field.key().split('.').next().unwrap_or_default())
        .collect()
}

/// Why a name cannot be a profile's.
pub(super) fn check_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        Err("is empty; a profile needs a name")
    } else if name.trim() != name || name.chars().any(char::is_control) {
        Err("is not a profile's name: blanks around it or control characters in it")
    } else if name.starts_with('-') {
        Err("begins with -, which a command line takes for an option")
    } else if name.chars().count() > 64 {
        Err("is longer than 64 characters")
    } else {
        Ok(())
    }
}

fn redirect_uri(text: &str) -> Result<String, String> {
    let url = Url::parse(text).map_err(|error| format!("is not a URL ({error})"))?;
    if url.fragment().is_some() { Err("has a # in it".to_owned()) } else { Ok(text.to_owned()) }
}

/// A kind of token by its last word, or as a whole URN.
fn token_type(text: &str) -> Result<String, String> {
    let is_word = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if is_word || text.starts_with("urn:") {
        Ok(text.to_owned())
    } else {
        Err("is not a kind of token: access_token, id_token, jwt, saml2, refresh_token, or a URN".to_owned())
    }
}

fn org_id(text: &str) -> Result<String, String> {
    let is_id = text.starts_with("00D")
        && matches!(text.len(), 15 | 18)
        && text.chars().all(|c| c.is_ascii_alphanumeric());
    if is_id {
        Ok(text.to_owned())
    } else {
        Err("is not an org's id: 15 or 18 characters that begin with 00D".to_owned())
    }
}

fn colour(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix('#').unwrap_or_default();
    let is_rgb = digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit());
    if is_rgb || COLOURS.contains(&text) {
        Ok(text.to_owned())
    } else {
        Err(format!("is \"{text}\", which is no colour; write #rrggbb or one of {}", COLOURS.join(", ")))
    }
}

/// A file's path: absolute, or from the home folder. A relative one would depend on where orgdeck is started.
fn file(text: &str) -> Result<PathBuf, String> {
    let path = match text.strip_prefix("~/") {
        Some(rest) => {
            directories::BaseDirs::new().ok_or("there is no home folder for ~/")?.home_dir().join(rest)
        }
        None => PathBuf::from(text),
    };
    if path.is_absolute() {
        Ok(path)
    } else {
        Err("is not an absolute path; begin it with / or ~/".to_owned())
    }
}

/// Letters, digits, `_`, `-`, `.`; not beginning with a digit.
fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

fn is_secret_header(name: &str) -> bool {
    ["authorization", "x-sfdc-session", "cookie"].iter().any(|secret| name.eq_ignore_ascii_case(secret))
}
