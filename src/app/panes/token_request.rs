//! The token pane's first rows: what the profile's flow will send, read off the fields that the flow needs.

use super::token::{RowKind, TokenRow};
use crate::{
    app::host_of,
    config::{FieldKind, FormValue, Profile, ProfileField as F},
    diagnosis::{Spot, Warning},
    secrets::SecretRef,
};

/// What the pane calls a field, and what it says of it; a field that is not here has its name in the form.
const WORDS: &[(F, &str, &str)] = &[
    (F::LoginUrl, "Host", "login host: where the token request goes"),
    (F::ConsumerKey, "Key", "consumer key (client id) of the connected app"),
    (F::ConsumerSecret, "Secret", "consumer secret of the connected app"),
    (F::Username, "User", "the username, which is not the e-mail address"),
    (F::Password, "Password", "the user's password"),
    (F::InstanceUrl, "Instance", "instance URL: where the token is good"),
    (F::AccessToken, "Token", "the access token; asked for if it is not kept"),
    (F::RefreshToken, "Refresh", "the refresh token of an earlier login to the same app"),
    (F::SubjectToken, "Subject", "the token that is given for another one"),
    (F::ActorToken, "Actor", "the signed JWT that describes the device"),
    (F::TokenHandler, "Handler", "the Apex handler that judges the token"),
    (F::RedirectUri, "Callback", "callback URL: must be registered with the app exactly so"),
    (F::PrivateKeyFile, "Key file", "PEM file of the private key; its certificate is the app's"),
    (F::JwtAudience, "Audience", "whom the assertion is for"),
    (F::SoapApiVersion, "SOAP", "API version of login()"),
    (F::PrivateWindow, "Private", "the login is in a private window of the browser"),
    (F::ClientAuth, "Sent as", "how consumer key and secret travel"),
];

/// The request's fields, each followed by what is worth a word about it.
pub(super) fn rows(profile: &Profile, warnings: &[Warning]) -> Vec<TokenRow> {
    let mut rows = fields(profile);
    for (index, warning) in warnings.iter().enumerate() {
        let Spot::Profile(field) = warning.at else { continue };
        if rows.iter().any(|row| row.kind == RowKind::Missing(field)) {
            continue; // its row says so
        }
        let after = rows.iter().rposition(|row| match row.kind {
            RowKind::Field(of) => of == field,
            RowKind::Warning(other) => warnings[other].at == warning.at,
            _ => false,
        });
        let text = match after {
            Some(_) => warning.text.clone(),
            None => format!("{}: {}", field.label(), warning.text),
        };
        let meaning = warning.remedy.as_ref().map_or_else(
            || "a warning only: the request can be sent all the same".to_owned(),
            |_| format!("Enter: {}; it can be sent as it is", warning.key),
        );
        let row = TokenRow::new(RowKind::Warning(index), "!", text, meaning);
        rows.insert(after.map_or(rows.len(), |at| at + 1), row);
    }
    rows
}

/// The flow, what it cannot do without, and what is set beside that.
fn fields(profile: &Profile) -> Vec<TokenRow> {
    let needs = profile.flow.needs();
    let about = profile.flow.note().unwrap_or("how the token is got");
    let flow = TokenRow::new(RowKind::Field(F::Flow), "Flow", profile.flow.label(), about);
    let required = needs.required.iter().map(|field| required(profile, *field));
    let optional = needs.optional.iter().filter_map(|field| optional(profile, *field));
    std::iter::once(flow).chain(required).chain(optional).collect()
}

fn required(profile: &Profile, field: F) -> TokenRow {
    if let FieldKind::Secret(secret) = field.kind() {
        let value = profile.secret(secret).map_or_else(|| "asked for".to_owned(), kept);
        return row(profile, field, value);
    }
    value(profile, field).map_or_else(|| missing(profile, field), |value| row(profile, field, value))
}

/// A row for what is set; for some also where nothing is, because that says something too.
fn optional(profile: &Profile, field: F) -> Option<TokenRow> {
    let value = match field {
        F::SecurityToken => return Some(security_token(profile)),
        F::TrustedIp | F::SecurityTokenInPassword => return None, // the security token's row tells
        F::RedirectUri => Some(profile.callback().into_owned()),
        F::ConsumerSecret if profile.consumer_secret.is_none() => {
            let meaning = "no consumer secret is sent; the app must not ask for one";
            return Some(TokenRow::new(RowKind::Field(field), "Secret", "none", meaning));
        }
        _ => value(profile, field),
    };
    value.map(|value| row(profile, field, value))
}

/// What is set in a field; `None` where it is as it is without being set.
fn value(profile: &Profile, field: F) -> Option<String> {
    if field == F::LoginUrl {
        return profile.login_url.as_ref().map(host_of); // also where the environment has it
    }
    match (profile.value(field), field.kind()) {
        (FormValue::Secret(_), FieldKind::Secret(secret)) => profile.secret(secret).map(kept),
        (FormValue::Text(text), FieldKind::OneOf { words, .. }) => (text != words[0]).then_some(text),
        (FormValue::Text(text), _) => Some(text).filter(|text| !text.is_empty()),
        (FormValue::Flag(on), FieldKind::Flag { default }) => {
            (on != default).then(|| if on { "yes" } else { "no" }.to_owned())
        }
        _ => None,
    }
}

fn row(profile: &Profile, field: F, value: String) -> TokenRow {
    let (label, meaning) = words(profile, field);
    TokenRow::new(RowKind::Field(field), label, value, meaning)
}

fn missing(profile: &Profile, field: F) -> TokenRow {
    let (label, meaning) = words(profile, field);
    TokenRow::new(RowKind::Missing(field), label, "missing", format!("{meaning}; Enter sets it"))
}

fn words(profile: &Profile, field: F) -> (&'static str, &'static str) {
    if field == F::Password && profile.flow.needs().uses(F::SecurityToken) {
        return ("Password", "sent with the security token appended");
    }
    let known = WORDS.iter().find(|(known, ..)| *known == field);
    known.map_or((field.label(), field.help()), |(_, label, meaning)| (label, meaning))
}

fn security_token(profile: &Profile) -> TokenRow {
    let (value, meaning) = if profile.trusted_ip {
        ("not needed".to_owned(), "the org trusts this IP address, so none is appended")
    } else if profile.security_token_in_password {
        ("in the password".to_owned(), "the password already ends with it")
    } else {
        match &profile.security_token {
            Some(reference) => (kept(reference), "appended to the password when sent"),
            None => {
                let says = "without it Salesforce refuses the login, unless it trusts your IP address";
                return TokenRow::new(RowKind::Missing(F::SecurityToken), "Sec.token", "missing", says);
            }
        }
    };
    TokenRow::new(RowKind::Field(F::SecurityToken), "Sec.token", value, meaning)
}

/// Where a secret is, never what it is.
fn kept(reference: &SecretRef) -> String {
    match reference {
        SecretRef::Env(name) => format!("•••• ${name}"),
        SecretRef::Command(words) => {
            format!("•••• {}", words.first().map_or("command", String::as_str))
        }
        SecretRef::Ask => "asked for".into(),
        SecretRef::Keyring => "•••• keyring".into(),
        SecretRef::Vault => "•••• vault".into(),
        SecretRef::Plain(_) => "•••• plain text".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Flow, salesforce::tests::profile};

    #[test]
    fn a_label_leaves_room_for_its_value() {
        for flow in Flow::ALL {
            for row in fields(&profile(*flow)) {
                assert!(row.label.chars().count() < 10, "{flow:?}: {}", row.label);
            }
        }
    }

    #[test]
    fn what_is_needed_is_there_or_named_as_missing_and_what_is_not_set_is_left_out() {
        let shown = |profile: &Profile| -> Vec<(String, String)> {
            fields(profile).into_iter().skip(1).map(|row| (row.label, row.value)).collect()
        };
        let pair = |label: &str, value: &str| (label.to_owned(), value.to_owned());
        assert_eq!(
            shown(&profile(Flow::JwtBearer)),
            [
                pair("Host", "login.salesforce.com"),
                pair("Key", "3MVG9key"),
                pair("User", "ada@acme.com"),
                pair("Key file", "missing")
            ]
        );
        let public = Profile {
            consumer_secret: None,
            pkce: false,
            scopes: vec!["api".into(), "web".into()],
            username: None,
            ..profile(Flow::AuthorizationCode)
        };
        assert_eq!(
            shown(&public),
            [
                pair("Host", "login.salesforce.com"),
                pair("Key", "3MVG9key"),
                pair("Secret", "none"),
                pair("Callback", "http://localhost:1717/OauthRedirect"),
                pair("Scopes", "api web"),
                pair("PKCE", "no"),
            ]
        );
    }
}
