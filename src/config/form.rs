//! A profile as plain texts and choices, the way a form shows it.
//!
//! Anything may be typed; [`upsert_profile`](super::upsert_profile) judges it by the same loader that reads the file.

use super::{
    fields::{FieldKind, ProfileField as F},
    profile::*,
};
use crate::secrets::{Secret, SecretRef, clean_refused};
use std::collections::BTreeMap;
use url::Url;

/// A profile being edited: a value for every [`ProfileField`](super::ProfileField).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileForm {
    values: BTreeMap<F, FormValue>,
}

/// What stands in a field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormValue {
    /// For text, lists (blanks between) and choices (the word in the file).
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// A reference to a secret.
    Secret(SecretInput),
    /// Names and values.
    Pairs(Vec<(String, String)>),
}

/// Where a secret is kept, as a form asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretInput {
    /// Where.
    pub kind: SecretKind,
    /// The variable's name, or the command as one would type it in a shell (quotes, no expansion).
    pub text: String,
    /// The plain text that the file holds already.
    plain: Option<Secret>,
}

/// Where a secret is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecretKind {
    /// Nowhere: the field is not set.
    #[default]
    None,
    /// In an environment variable.
    Env,
    /// A command prints it.
    Command,
    /// A person is asked once per run.
    Ask,
    /// In the desktop's keyring.
    Keyring,
    /// In orgdeck's vault.
    Vault,
    /// In the file, as plain text; a form can keep it, not set it.
    Plain,
}

impl SecretKind {
    /// Those that a form offers.
    pub const ALL: &'static [Self] =
        &[Self::None, Self::Ask, Self::Env, Self::Command, Self::Keyring, Self::Vault];

    /// Its name for a person.
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "not set",
            Self::Env => "environment variable",
            Self::Command => "command",
            Self::Ask => "ask each time",
            Self::Keyring => "keyring",
            Self::Vault => "vault",
            Self::Plain => "plain text in the file",
        }
    }

    /// Whether a name or a command is typed beside it.
    pub fn has_text(self) -> bool {
        matches!(self, Self::Env | Self::Command)
    }
}

impl SecretInput {
    /// Of a kind, with its text.
    pub fn new(kind: SecretKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), plain: None }
    }

    /// The kinds to choose from: plain text only where the file has it already.
    pub fn kinds(&self) -> impl Iterator<Item = SecretKind> + use<> {
        let plain = self.plain.is_some().then_some(SecretKind::Plain);
        SecretKind::ALL.iter().copied().chain(plain)
    }

    /// As plain text in the file: for what stood there before, in another field.
    pub(crate) fn plain(text: &str) -> Self {
        Self { kind: SecretKind::Plain, text: String::new(), plain: Some(Secret::new(text)) }
    }

    /// The plain text freed of blanks, line ends and quotes; `None` where there is none, or nothing to take off.
    pub(crate) fn tidied(&self) -> Option<Self> {
        let (clean, off) = clean_refused(self.plain.as_ref()?.expose());
        (!off.is_empty()).then(|| Self { plain: Some(clean), ..self.clone() })
    }

    fn of(reference: Option<&SecretRef>) -> Self {
        match reference {
            None => Self::default(),
            Some(SecretRef::Env(name)) => Self::new(SecretKind::Env, name),
            Some(SecretRef::Command(words)) => Self::new(SecretKind::Command, join_words(words)),
            Some(SecretRef::Ask) => Self::new(SecretKind::Ask, ""),
            Some(SecretRef::Keyring) => Self::new(SecretKind::Keyring, ""),
            Some(SecretRef::Vault) => Self::new(SecretKind::Vault, ""),
            Some(SecretRef::Plain(secret)) => {
                Self { kind: SecretKind::Plain, text: String::new(), plain: Some(secret.clone()) }
            }
        }
    }

    /// The reference, or what is wrong with it.
    pub(super) fn reference(&self) -> Result<Option<SecretRef>, String> {
        Ok(Some(match self.kind {
            SecretKind::None => return Ok(None),
            SecretKind::Env => SecretRef::Env(self.text.trim().to_owned()),
            SecretKind::Command => SecretRef::Command(split_words(&self.text)?),
            SecretKind::Ask => SecretRef::Ask,
            SecretKind::Keyring => SecretRef::Keyring,
            SecretKind::Vault => SecretRef::Vault,
            SecretKind::Plain => {
                SecretRef::Plain(self.plain.clone().ok_or("cannot be set as plain text here")?)
            }
        }))
    }
}

impl ProfileForm {
    /// A form for a new profile.
    pub fn blank() -> Self {
        let values = F::all()
            .map(|field| {
                let value = match field.kind() {
                    FieldKind::Text | FieldKind::List => FormValue::Text(String::new()),
                    FieldKind::OneOf { words, optional } => {
                        FormValue::Text(if optional { "" } else { words[0] }.to_owned())
                    }
                    FieldKind::Flag { default } => FormValue::Flag(default),
                    FieldKind::Secret(_) => FormValue::Secret(SecretInput::default()),
                    FieldKind::Pairs => FormValue::Pairs(Vec::new()),
                };
                (field, value)
            })
            .collect();
        let mut form = Self { values };
        form.set_text(F::ApiVersion, "latest");
        form
    }

    /// The form of a profile.
    pub fn of(profile: &Profile) -> Self {
        let mut form = Self::blank();
        for field in F::all() {
            form.set(field, value_of(profile, field));
        }
        form
    }

    /// What stands in a field.
    pub fn get(&self, field: F) -> &FormValue {
        self.values.get(&field).expect("a form has every field from the start")
    }

    /// Puts a value into a field; of another kind than the field's, it is judged wrong when saved.
    pub fn set(&mut self, field: F, value: FormValue) {
        self.values.insert(field, value);
    }

    /// The text of a field; empty for a field that has no text.
    pub fn text(&self, field: F) -> &str {
        match self.get(field) {
            FormValue::Text(text) => text,
            _ => "",
        }
    }

    /// Puts a text into a field.
    pub fn set_text(&mut self, field: F, text: impl Into<String>) {
        self.set(field, FormValue::Text(text.into()));
    }

    /// The flow that is chosen.
    pub fn flow(&self) -> Option<Flow> {
        Flow::parse(self.text(F::Flow))
    }

    /// The environment that is chosen.
    pub fn environment(&self) -> Option<Environment> {
        Environment::parse(self.text(F::Environment))
    }

    /// Whether a form should show the field: every flow's fields, and of the others only those that the chosen
    /// flow uses.
    pub fn shows(&self, field: F) -> bool {
        let is_of_some_flow = Flow::ALL.iter().any(|flow| flow.needs().uses(field));
        !is_of_some_flow || self.flow().is_none_or(|flow| flow.needs().uses(field))
    }

    /// Whether the chosen flow cannot do without the field.
    pub fn requires(&self, field: F) -> bool {
        field == F::Name || self.flow().is_some_and(|flow| flow.needs().required.contains(&field))
    }
}

impl Profile {
    /// What its form has in a field.
    pub fn value(&self, field: F) -> FormValue {
        value_of(self, field)
    }
}

fn value_of(profile: &Profile, field: F) -> FormValue {
    let text = |text: &Option<String>| FormValue::Text(text.clone().unwrap_or_default());
    let url = |url: Option<&Url>| {
        FormValue::Text(url.map(|url| url.as_str().trim_end_matches('/').to_owned()).unwrap_or_default())
    };
    let file = |path: &Option<std::path::PathBuf>| {
        FormValue::Text(path.as_ref().map(|path| path.display().to_string()).unwrap_or_default())
    };
    let word = |word: &str| FormValue::Text(word.to_owned());
    let secret = |field| FormValue::Secret(SecretInput::of(profile.secret(field)));
    match field {
        F::Name => word(profile.id.as_str()),
        F::Environment => word(profile.environment.name()),
        F::LoginUrl => url(profile.login_url.as_ref().filter(|url| !is_derived(profile, url))),
        F::Flow => word(profile.flow.name()),
        F::ConsumerKey => text(&profile.consumer_key),
        F::ConsumerSecret => secret(SecretField::ConsumerSecret),
        F::Username => text(&profile.username),
        F::Password => secret(SecretField::Password),
        F::SecurityToken => secret(SecretField::SecurityToken),
        F::TrustedIp => FormValue::Flag(profile.trusted_ip),
        F::SecurityTokenInPassword => FormValue::Flag(profile.security_token_in_password),
        F::AccessToken => secret(SecretField::AccessToken),
        F::InstanceUrl => url(profile.instance_url.as_ref()),
        F::RefreshToken => secret(SecretField::RefreshToken),
        F::SubjectToken => secret(SecretField::SubjectToken),
        F::SubjectTokenType => text(&profile.subject_token_type),
        F::ActorToken => secret(SecretField::ActorToken),
        F::TokenHandler => text(&profile.token_handler),
        F::RedirectUri => text(&profile.redirect_uri),
        F::Scopes => FormValue::Text(profile.scopes.join(" ")),
        F::Pkce => FormValue::Flag(profile.pkce),
        F::Prompt => text(&profile.prompt),
        F::PrivateWindow => FormValue::Flag(profile.private_window),
        F::PrivateKeyFile => file(&profile.jwt.private_key_file),
        F::JwtAudience => text(&profile.jwt.audience),
        F::SoapApiVersion => {
            FormValue::Text(profile.soap_api_version.map(ApiVersion::number).unwrap_or_default())
        }
        F::ClientAuth => word(profile.client_auth.name()),
        F::ApiVersion => match profile.api_version {
            VersionChoice::Latest => word("latest"),
            VersionChoice::Pinned(version) => FormValue::Text(version.number()),
        },
        F::ExpectedOrgId => text(&profile.expected_org_id),
        F::ReadOnly => FormValue::Flag(profile.read_only),
        F::Colour => text(&profile.colour),
        F::Headers => FormValue::Pairs(profile.headers.clone()),
        F::Variables => FormValue::Pairs(profile.variables.clone()),
        F::History => word(profile.history.map_or("", HistoryKeep::name)),
        F::RememberTokens => FormValue::Flag(profile.remember_tokens),
        F::Timeout => FormValue::Text(profile.timeout.map(|t| t.as_secs().to_string()).unwrap_or_default()),
        F::CaFile => file(&profile.ca_file),
        F::Proxy => url(profile.proxy.as_ref()),
    }
}

/// Whether a login host is the one that the environment has anyway.
fn is_derived(profile: &Profile, url: &Url) -> bool {
    profile.environment.login_host().is_some_and(|host| url.as_str().trim_end_matches('/') == host)
}

/// Words as one would type them in a shell.
fn join_words(words: &[String]) -> String {
    let quoted = |word: &String| {
        let plain =
            !word.is_empty() && word.chars().all(|c| !c.is_whitespace() && !matches!(c, '\'' | '"' | '\\'));
        if plain { word.clone() } else { format!("'{}'", word.replace('\'', "'\\''")) }
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// The words of a command line: blanks separate, quotes and `\` keep together; nothing is expanded.
pub(crate) fn split_words(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some('"') | None, '\\') => {
                word.get_or_insert_default().push(chars.next().ok_or("ends in a backslash")?);
            }
            (Some(_), _) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, _) if c.is_whitespace() => words.extend(word.take()),
            (None, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    if quote.is_some() { Err("has a quote that is not closed".to_owned()) } else { Ok(words) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_command_is_split_as_a_shell_would() {
        let words = |line| split_words(line).unwrap();
        assert_eq!(words("op read  'op://My Vault/uat'"), ["op", "read", "op://My Vault/uat"]);
        assert_eq!(words(r#"a "b \" c" d\ e ''"#), ["a", "b \" c", "d e", ""]);
        assert_eq!(split_words("pass 'x").unwrap_err(), "has a quote that is not closed");
    }

    #[test]
    fn a_form_shows_what_the_flow_uses() {
        let mut form = ProfileForm::blank();
        form.set_text(F::Flow, "client_credentials");
        assert!(form.shows(F::ConsumerSecret) && form.shows(F::Variables) && form.shows(F::Name));
        assert!(!form.shows(F::Password) && !form.shows(F::AccessToken) && !form.shows(F::PrivateKeyFile));
        assert!(form.requires(F::LoginUrl) && !form.requires(F::Scopes));
    }

    proptest! {
        #[test]
        fn words_survive_join_and_split(words in prop::collection::vec("(?s)[a-z'\"\\\\ \n$]{0,8}", 0..5)) {
            prop_assert_eq!(split_words(&join_words(&words)).unwrap(), words);
        }
    }
}
