//! The fields of a profile: one table that the loader, the form and its editor in the screen share.

use super::{
    choices::Choice,
    profile::{ClientAuth, Environment, Flow, HistoryKeep, SecretField},
};

/// A field of a profile as the configuration and the profile form have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is named as its key in the file, and described by `help`")]
pub enum ProfileField {
    Name,
    Environment,
    LoginUrl,
    Flow,
    ConsumerKey,
    ConsumerSecret,
    Username,
    Password,
    SecurityToken,
    TrustedIp,
    SecurityTokenInPassword,
    AccessToken,
    InstanceUrl,
    RefreshToken,
    SubjectToken,
    SubjectTokenType,
    ActorToken,
    TokenHandler,
    RedirectUri,
    Scopes,
    Pkce,
    Prompt,
    PrivateWindow,
    PrivateKeyFile,
    JwtAudience,
    SoapApiVersion,
    ClientAuth,
    ApiVersion,
    ExpectedOrgId,
    ReadOnly,
    Colour,
    Headers,
    Variables,
    History,
    RememberTokens,
    Timeout,
    CaFile,
    Proxy,
}

/// What is typed into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A line of text; empty for none.
    Text,
    /// Words, separated by blanks.
    List,
    /// One of these words.
    OneOf {
        /// As they stand in the file.
        words: &'static [&'static str],
        /// Whether it may be empty.
        optional: bool,
    },
    /// Yes or no.
    Flag {
        /// What it is where the file says nothing.
        default: bool,
    },
    /// A reference to a secret.
    Secret(SecretField),
    /// Names and values.
    Pairs,
}

/// A row of the table.
struct Row {
    field: ProfileField,
    key: &'static str,
    label: &'static str,
    kind: FieldKind,
    help: &'static str,
}

impl ProfileField {
    /// Every field, in the order a form shows them.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.field)
    }

    /// Its key in the file, below `profiles.NAME`; the name itself has none and is called `name`.
    pub fn key(self) -> &'static str {
        self.row().key
    }

    /// Its name for a person.
    pub fn label(self) -> &'static str {
        self.row().label
    }

    /// What is typed into it.
    pub fn kind(self) -> FieldKind {
        self.row().kind
    }

    /// One line about it.
    pub fn help(self) -> &'static str {
        self.row().help
    }

    /// The field of a secret reference.
    pub fn of_secret(field: SecretField) -> Self {
        match field {
            SecretField::ConsumerSecret => Self::ConsumerSecret,
            SecretField::Password => Self::Password,
            SecretField::SecurityToken => Self::SecurityToken,
            SecretField::AccessToken => Self::AccessToken,
            SecretField::RefreshToken => Self::RefreshToken,
            SecretField::SubjectToken => Self::SubjectToken,
            SecretField::ActorToken => Self::ActorToken,
        }
    }

    fn row(self) -> &'static Row {
        TABLE.iter().find(|row| row.field == self).expect("the table has every field; a test counts them")
    }
}

impl SecretField {
    /// Every one.
    pub const ALL: &'static [Self] = &[
        Self::ConsumerSecret,
        Self::Password,
        Self::SecurityToken,
        Self::AccessToken,
        Self::RefreshToken,
        Self::SubjectToken,
        Self::ActorToken,
    ];

    /// Its key in the file.
    pub fn key(self) -> &'static str {
        ProfileField::of_secret(self).key()
    }

    /// Its name for a person, in a sentence: `consumer secret`.
    pub fn label(self) -> &'static str {
        match self {
            Self::ConsumerSecret => "consumer secret",
            Self::Password => "password",
            Self::SecurityToken => "security token",
            Self::AccessToken => "access token",
            Self::RefreshToken => "refresh token",
            Self::SubjectToken => "subject token",
            Self::ActorToken => "actor token",
        }
    }
}

/// The field of a choice that always has a value.
const fn one_of<C: Choice>() -> FieldKind {
    FieldKind::OneOf { words: C::WORDS, optional: false }
}

const OFF: FieldKind = FieldKind::Flag { default: false };
const ON: FieldKind = FieldKind::Flag { default: true };
const HISTORY: FieldKind = FieldKind::OneOf { words: HistoryKeep::WORDS, optional: true };

macro_rules! table {
    ($($field:ident, $key:literal, $label:literal, $kind:expr, $help:literal;)+) => {
        &[$(Row { field: ProfileField::$field, key: $key, label: $label, kind: $kind, help: $help }),+]
    };
}

use FieldKind::{List, Pairs, Secret, Text};
const TABLE: &[Row] = table! {
    Name, "name", "Name", Text, "what you call this profile";
    Environment, "environment", "Environment", one_of::<Environment>(), "production marks the whole screen, and writes ask first";
    LoginUrl, "login_url", "Login host", Text, "empty: as the environment has it; a My Domain host works for every flow";
    Flow, "flow", "Flow", one_of::<Flow>(), "how to get an access token";
    ConsumerKey, "consumer_key", "Consumer key", Text, "of the connected app or External Client App (client_id)";
    ConsumerSecret, "consumer_secret", "Consumer secret", Secret(SecretField::ConsumerSecret), "of the same app (client_secret)";
    Username, "username", "Username", Text, "not the e-mail address; a sandbox's ends in .name-of-the-sandbox";
    Password, "password", "Password", Secret(SecretField::Password), "without the security token";
    SecurityToken, "security_token", "Security token", Secret(SecretField::SecurityToken), "appended to the password when it is sent; not needed from a trusted IP address";
    TrustedIp, "trusted_ip", "Trusted IP", OFF, "the org trusts this network: no security token is needed";
    SecurityTokenInPassword, "security_token_in_password", "Token in password", OFF, "the password already ends in the security token";
    AccessToken, "access_token", "Access token", Secret(SecretField::AccessToken), "a token got elsewhere";
    InstanceUrl, "instance_url", "Instance URL", Text, "where that token is good: https://NAME.my.salesforce.com";
    RefreshToken, "refresh_token", "Refresh token", Secret(SecretField::RefreshToken), "of an earlier login to the same app";
    SubjectToken, "subject_token", "Subject token", Secret(SecretField::SubjectToken), "the token that is given for another one";
    SubjectTokenType, "subject_token_type", "Its type", Text, "empty: access_token; or id_token, jwt, saml2, refresh_token, or a whole URN";
    ActorToken, "actor_token", "Actor token", Secret(SecretField::ActorToken), "a signed JWT that describes the device";
    TokenHandler, "token_handler", "Token handler", Text, "developer name of the Apex handler; empty: the app's default one";
    RedirectUri, "redirect_uri", "Callback URL", Text, "exactly as it is registered with the app; empty: http://localhost:1717/OauthRedirect";
    Scopes, "scopes", "Scopes", List, "empty: all that the app has; else for example: api refresh_token";
    Pkce, "pkce", "PKCE", ON, "prove that the code is exchanged by who asked for it";
    Prompt, "prompt", "Prompt", Text, "empty: login, so that the browser's open session is not taken by mistake; none: that session will do";
    PrivateWindow, "private_window", "Private window", OFF, "log in in a private window of the browser";
    PrivateKeyFile, "jwt.private_key_file", "Private key file", Text, "PEM; its certificate is uploaded to the app";
    JwtAudience, "jwt.audience", "Audience", Text, "of the assertion; empty: login.salesforce.com, test.salesforce.com or the site, as the org has it";
    SoapApiVersion, "soap_api_version", "SOAP API version", Text, "64.0 at most";
    ClientAuth, "client_auth", "Key and secret", one_of::<ClientAuth>(), "sent in the body, or as Basic in a header";
    ApiVersion, "api_version", "API version", Text, "latest asks the org; or a number such as 66.0";
    ExpectedOrgId, "expected_org_id", "Expected org id", Text, "a token of another org is refused";
    ReadOnly, "read_only", "Read only", OFF, "no write is sent";
    Colour, "colour", "Colour", Text, "of the frame: a colour's name or #rrggbb";
    Headers, "headers", "Headers", Pairs, "sent with each request";
    Variables, "variables", "Variables", Pairs, "for {{name}} in requests; no secrets";
    History, "history", "History", HISTORY, "full, headers or off; empty: headers only for production";
    RememberTokens, "remember_tokens", "Remember tokens", OFF, "keep tokens after the end of the program, in the secret store";
    Timeout, "timeout", "Timeout", Text, "of one exchange, in seconds";
    CaFile, "ca_file", "CA file", Text, "PEM file with further certificate authorities";
    Proxy, "proxy", "Proxy", Text, "for this profile alone; empty: the system's";
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_each_field_once() {
        let mut fields: Vec<_> = ProfileField::all().collect();
        fields.sort_unstable();
        let numbers: Vec<usize> = fields.iter().map(|field| *field as usize).collect();
        assert_eq!(numbers, (0..=ProfileField::Proxy as usize).collect::<Vec<_>>());
    }
}
