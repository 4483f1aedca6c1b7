//! The rows of a setup guide: the texts of `workspace::guides` with a profile's own values and ticks in them.

use super::guide::{Row, RowKind, ValueState};
use crate::{
    config::{
        Environment, Flow, FormValue, ProfileField, ProfileForm, SecretInput, SecretKind, connected_app_note,
        default_callback,
    },
    workspace::guides::{AppKind, Guide, Step, scope_label},
};
use std::collections::HashSet;

/// Every row of a guide for a kind of app.
pub(super) fn rows(
    guide: &'static Guide,
    app: Option<AppKind>,
    form: &ProfileForm,
    done: &HashSet<&'static str>,
) -> Vec<Row> {
    let mut rows = vec![row(RowKind::About, "", &guide.about)];
    rows.extend(guide.flow.note().map(|note| row(RowKind::Warning, "", note)));
    if app == Some(AppKind::Connected) {
        rows.push(row(RowKind::Warning, "Connected apps:", connected_app_note()));
    }
    let mut part = None;
    for step in guide.steps_for(app) {
        let mut first = step_row(step, form, done);
        first.heading = (part != Some(step.part)).then(|| step.part.heading());
        part = Some(step.part);
        rows.push(first);
        rows.extend(step.fields.iter().map(|field| value_row(*field, form)));
        if step.scopes {
            rows.extend(scope_rows(guide, form));
        }
        rows.extend(step.copy.as_ref().map(|text| copy_row(text, form)));
    }
    rows
}

fn row(kind: RowKind, lead: &str, text: &str) -> Row {
    Row { heading: None, kind, lead: lead.to_owned(), text: text.to_owned(), why: None, copy: None }
}

fn step_row(step: &'static Step, form: &ProfileForm, done: &HashSet<&'static str>) -> Row {
    let id = step.id.as_str();
    let kind = match step.know {
        true => RowKind::Know,
        false => RowKind::Step { id, done: done.contains(id), counts: step.counts },
    };
    let lead = step.page.map(|page| format!("{} ›", page.find)).unwrap_or_default();
    let copy = step.page.map(|page| match my_domain(form) {
        Some(domain) => (format!("{domain}{}", page.path), "the address of the Setup page"),
        None => (page.find.clone(), "the name of the Setup page, for Quick Find"),
    });
    Row { why: step.why.clone(), copy, ..row(kind, &lead, &step.says) }
}

fn value_row(field: ProfileField, form: &ProfileForm) -> Row {
    let (text, state, copied) = value(field, form);
    let kind = RowKind::Value { field: Some(field), state };
    Row { copy: copied.map(|text| (text, field.label())), ..row(kind, field.label(), &text) }
}

/// What is shown of a field, how it stands with it, and what may be copied of it.
fn value(field: ProfileField, form: &ProfileForm) -> (String, ValueState, Option<String>) {
    let none = if form.requires(field) { ValueState::Missing } else { ValueState::Unset };
    let unset = || match none {
        ValueState::Missing => ("missing: Enter writes it".to_owned(), none, None),
        _ => ("not set".to_owned(), none, None),
    };
    match form.get(field) {
        FormValue::Text(_) if field == ProfileField::LoginUrl => login_host(form).unwrap_or_else(unset),
        FormValue::Text(text) if field == ProfileField::RedirectUri && text.trim().is_empty() => {
            callback(form)
        }
        FormValue::Text(text) if text.trim().is_empty() => unset(),
        FormValue::Text(text) => (text.clone(), ValueState::There, Some(text.clone())),
        FormValue::Flag(on) => (if *on { "yes" } else { "no" }.to_owned(), ValueState::There, None),
        FormValue::Secret(input) => secret(input, form.requires(field)),
        FormValue::Pairs(_) => (String::new(), ValueState::Unset, None),
    }
}

/// The login host as it is written, or as the environment has it.
fn login_host(form: &ProfileForm) -> Option<(String, ValueState, Option<String>)> {
    let written = form.text(ProfileField::LoginUrl).trim();
    let mine_only = form.flow().is_some_and(Flow::needs_my_domain);
    let generic = written.contains("//login.salesforce.com") || written.contains("//test.salesforce.com");
    match written {
        "" => {
            let host = form.environment().and_then(Environment::login_host).filter(|_| !mine_only)?;
            let text = format!("{host} (from the environment)");
            Some((text, ValueState::There, Some(host.to_owned())))
        }
        _ if generic && mine_only => {
            Some((format!("{written} does not serve this flow"), ValueState::Odd, None))
        }
        _ => Some((written.to_owned(), ValueState::There, Some(written.to_owned()))),
    }
}

/// The callback URL that the flow has by itself.
fn callback(form: &ProfileForm) -> (String, ValueState, Option<String>) {
    let site = Some(form.text(ProfileField::LoginUrl).trim()).filter(|url| !url.is_empty());
    let flow = form.flow().unwrap_or(Flow::AuthorizationCode);
    let url = default_callback(flow, site).into_owned();
    (format!("{url} (where the profile says nothing)"), ValueState::There, Some(url))
}

/// Where a secret is, never what it is.
fn secret(input: &SecretInput, required: bool) -> (String, ValueState, Option<String>) {
    let text = match input.kind {
        SecretKind::None if required => "not kept: asked for when needed".to_owned(),
        SecretKind::None => return ("not set".to_owned(), ValueState::Unset, None),
        kind if kind.has_text() => format!("•••• {}: {}", kind.label(), input.text),
        kind => format!("•••• {}", kind.label()),
    };
    (text, ValueState::There, None)
}

/// The scopes that the profile asks for; where it names none, those that the flow needs.
fn scope_rows(guide: &Guide, form: &ProfileForm) -> Vec<Row> {
    let asked: Vec<&str> = form.text(ProfileField::Scopes).split_whitespace().collect();
    let names = if asked.is_empty() { guide.scopes.iter().map(String::as_str).collect() } else { asked };
    let field = guide.flow.needs().uses(ProfileField::Scopes).then_some(ProfileField::Scopes);
    names
        .into_iter()
        .map(|name| match scope_label(name) {
            Some(scope) => {
                let kind = RowKind::Value { field, state: ValueState::There };
                let why = scope.before.as_ref().map(|before| format!("In older releases: {before}."));
                let copy = Some((scope.label.clone(), "the scope's name in Setup"));
                Row { why, copy, ..row(kind, name, &scope.label) }
            }
            None => {
                let kind = RowKind::Value { field, state: ValueState::Odd };
                row(kind, name, "no scope that is known here: is it spelled so?")
            }
        })
        .collect()
}

fn copy_row(text: &str, form: &ProfileForm) -> Row {
    let login = my_domain(form).unwrap_or_else(|| {
        let host = form.environment().and_then(Environment::login_host);
        host.unwrap_or("https://login.salesforce.com").to_owned()
    });
    let text = text.replace("{login}", &login);
    let kind = RowKind::Value { field: None, state: ValueState::There };
    Row { copy: Some((text.clone(), "the text")), ..row(kind, "", &text) }
}

/// The org's own host, where the profile has it.
fn my_domain(form: &ProfileForm) -> Option<String> {
    let field = match form.flow() {
        Some(Flow::AccessToken) => ProfileField::InstanceUrl,
        _ => ProfileField::LoginUrl,
    };
    let url = form.text(field).trim().trim_end_matches('/');
    let own = url.contains(".my.salesforce.")
        || url.contains(".my-salesforce.")
        || url.contains(".my.sfcrmproducts.");
    let site = form.environment() == Some(Environment::Site) || url.contains(".my.site.com");
    (own || (site && !url.is_empty())).then(|| url.to_owned())
}
