//! Edits of the file's text: only what changed is touched; comments, order and the way things are written stay.
//!
//! Each edit takes the text and gives the new text, which the loader has already accepted: nobody can write a file
//! that could not be read again. A comment above a key or a profile goes where that goes.

use super::{
    error::ConfigError,
    fields::{FieldKind, ProfileField as F},
    form::{FormValue, ProfileForm},
    load::{check_name, parse},
    profile::{Config, ProfileId},
};
use crate::secrets::SecretRef;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Key, RawString, Table, TableLike, Value};

/// Which way a profile moves in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Towards the first.
    Up,
    /// Towards the last.
    Down,
}

/// Saves a form: into the profile `old`, which it may rename, or as a new profile at the end.
pub fn upsert_profile(
    text: &str,
    old: Option<&ProfileId>,
    form: &ProfileForm,
) -> Result<String, ConfigError> {
    let config = parse(text)?;
    let before = match old {
        Some(id) => ProfileForm::of(find(&config, id)?),
        None => ProfileForm::blank(),
    };
    let name = form.text(F::Name).trim().to_owned();
    check_name(&name).map_err(|message| ConfigError::new("name", message))?;
    let is_new_name = old.is_none_or(|id| id.as_str() != name);
    if is_new_name && config.profile(&ProfileId::new(name.as_str())).is_some() {
        return Err(ConfigError::new("name", format!("is taken: there is a profile {name} already")));
    }
    let changed: Vec<F> = F::all()
        .filter(|field| *field != F::Name && is_changed(*field, &before, form, old.is_none()))
        .collect();
    if changed.is_empty() && !is_new_name {
        return Ok(text.to_owned());
    }
    edit(text, |profiles| {
        match old {
            Some(id) if is_new_name => reorder(profiles, |list| rename(list, id.as_str(), &name)),
            Some(_) => {}
            None => insert_table(profiles, &name),
        }
        let profile = profiles.get_mut(&name).and_then(Item::as_table_like_mut);
        let profile = profile.expect("it was found by the loader, or has just been put in");
        changed.into_iter().try_for_each(|field| write(profile, field, form, &name))
    })
}

/// Copies a profile, with everything in it, to right behind it.
pub fn duplicate_profile(text: &str, id: &ProfileId, name: &str) -> Result<String, ConfigError> {
    let config = parse(text)?;
    find(&config, id)?;
    check_name(name).map_err(|message| ConfigError::new("name", message))?;
    if config.profile(&ProfileId::new(name)).is_some() {
        return Err(ConfigError::new("name", format!("is taken: there is a profile {name} already")));
    }
    edit(text, |profiles| {
        reorder(profiles, |list| {
            let at = position(list, id.as_str());
            let mut copy = list[at].1.clone();
            set_lead(&mut copy, "\n".to_owned(), String::new());
            visit(&mut copy, &mut |table| table.set_position(None)); // printed behind the table before it
            list.insert(at + 1, (Key::new(name), copy));
        });
        Ok(())
    })
}

/// Takes a profile out, with everything in it and the comment right above it.
pub fn delete_profile(text: &str, id: &ProfileId) -> Result<String, ConfigError> {
    find(&parse(text)?, id)?;
    let mut left = String::new();
    let edited = edit(text, |profiles| {
        reorder(profiles, |list| {
            let at = position(list, id.as_str());
            let (_, mut deleted) = list.remove(at);
            left = lead(&mut deleted).map(|(lead, _)| lead).unwrap_or_default();
            // What stands above that comment belongs to the file: the next profile takes it over.
            if let Some((_, next)) = list.get_mut(at)
                && let Some((next_lead, attached)) = lead(next)
            {
                let taken = std::mem::take(&mut left);
                set_lead(
                    next,
                    if taken.contains('#') { taken + next_lead.trim_start() } else { taken },
                    attached,
                );
            }
        });
        Ok(())
    })?;
    if !left.contains('#') {
        return Ok(edited);
    }
    Ok(edited + &left)
}

/// Moves a profile past its neighbour; at the end of the list nothing happens.
pub fn move_profile(text: &str, id: &ProfileId, direction: Direction) -> Result<String, ConfigError> {
    find(&parse(text)?, id)?;
    edit(text, |profiles| {
        reorder(profiles, |list| {
            let at = position(list, id.as_str());
            let first = match direction {
                Direction::Up => at.checked_sub(1),
                Direction::Down => (at + 1 < list.len()).then_some(at),
            };
            if let Some(first) = first {
                swap_neighbours(list, first);
            }
        });
        Ok(())
    })
}

fn find<'a>(config: &'a Config, id: &ProfileId) -> Result<&'a super::Profile, ConfigError> {
    let gone = || {
        let field = format!("profiles.{id}");
        ConfigError::new(field, "is not in the file any more").hint("it was changed meanwhile; reload it")
    };
    config.profile(id).map(|profile| &**profile).ok_or_else(gone)
}

/// Edits the profiles of the text, and has the loader judge what came of it.
fn edit(
    text: &str,
    change: impl FnOnce(&mut dyn TableLike) -> Result<(), ConfigError>,
) -> Result<String, ConfigError> {
    let mut document: DocumentMut = text.parse().expect("the loader has read the same text before");
    let profiles = document.entry("profiles").or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    change(profiles.as_table_like_mut().expect("the loader has found a table, or it has just been made"))?;
    let edited = with_line_ends_of(text, document.to_string());
    // The place would be one in a text that nobody has seen.
    parse(&edited).map_err(|error| ConfigError { line: None, column: None, ..error })?;
    Ok(edited)
}

/// The writer ends every line in `\n`; a file that has `\r\n` throughout keeps it.
fn with_line_ends_of(original: &str, edited: String) -> String {
    let windows = original.matches("\r\n").count();
    if windows == 0 || windows != original.matches('\n').count() {
        return edited;
    }
    edited.replace("\r\n", "\n").replace('\n', "\r\n")
}

type Entries = Vec<(Key, Item)>;

/// Takes the entries out, changes the list, puts them back.
fn reorder(table: &mut dyn TableLike, change: impl FnOnce(&mut Entries)) {
    let keys: Vec<Key> = table.iter().filter_map(|(name, _)| table.key(name).cloned()).collect();
    let mut list: Entries =
        keys.into_iter().filter_map(|key| table.remove(key.get()).map(|item| (key, item))).collect();
    change(&mut list);
    for (key, item) in list {
        table.entry_format(&key).or_insert(item);
    }
}

fn position(list: &Entries, name: &str) -> usize {
    list.iter().position(|(key, _)| key.get() == name).expect("the loader has found it")
}

fn rename(list: &mut Entries, old: &str, new: &str) {
    let at = position(list, old);
    let key = &list[at].0;
    let renamed =
        Key::new(new).with_leaf_decor(key.leaf_decor().clone()).with_dotted_decor(key.dotted_decor().clone());
    list[at].0 = renamed;
}

fn insert_table(profiles: &mut dyn TableLike, name: &str) {
    let is_inline = profiles.iter().next().is_some_and(|(_, item)| item.is_inline_table());
    let item = if is_inline { Item::Value(InlineTable::new().into()) } else { Item::Table(Table::new()) };
    profiles.insert(name, item);
}

fn swap_neighbours(list: &mut Entries, first: usize) {
    let (head, tail) = list.split_at_mut(first + 1);
    let (upper, lower) = (&mut head[first].1, &mut tail[0].1);
    if let (Some((up, up_attached)), Some((low, low_attached))) = (lead(upper), lead(lower)) {
        set_lead(upper, low, up_attached);
        set_lead(lower, up, low_attached);
    }
    let (upper_at, lower_at) = (positions(upper), positions(lower));
    let mut places: Vec<isize> = upper_at.iter().chain(&lower_at).copied().collect();
    places.sort_unstable();
    place(lower, &lower_at, &places);
    place(upper, &upper_at, &places[lower_at.len()..]);
    list.swap(first, first + 1);
}

/// Every table with a header, parents first.
fn visit(item: &mut Item, act: &mut dyn FnMut(&mut Table)) {
    let Item::Table(table) = item else { return };
    if !table.is_implicit() && !table.is_dotted() {
        act(table);
    }
    for (_, child) in table.iter_mut() {
        visit(child, act);
    }
}

/// Where the headers stand among all headers of the file, in rising order.
fn positions(item: &mut Item) -> Vec<isize> {
    let mut positions = Vec::new();
    visit(item, &mut |table| positions.extend(table.position()));
    positions.sort_unstable();
    positions
}

/// Moves the headers from their places to others, in the same order.
fn place(item: &mut Item, from: &[isize], to: &[isize]) {
    visit(item, &mut |table| {
        let at = table.position().and_then(|old| from.binary_search(&old).ok());
        table.set_position(at.and_then(|at| to.get(at).copied()));
    });
}

/// What stands above the first header: all up to the last blank line, and the comment right above it.
fn lead(item: &mut Item) -> Option<(String, String)> {
    let mut found = None;
    visit(item, &mut |table| {
        let prefix = table.decor().prefix().and_then(RawString::as_str).unwrap_or_default();
        found.get_or_insert_with(|| split_lead(prefix));
    });
    found
}

fn set_lead(item: &mut Item, lead: String, attached: String) {
    let mut prefix = Some(lead + &attached);
    visit(item, &mut |table| {
        if let Some(prefix) = prefix.take() {
            table.decor_mut().set_prefix(prefix);
        }
    });
}

fn split_lead(prefix: &str) -> (String, String) {
    let attached: usize =
        prefix.split_inclusive('\n').rev().take_while(|line| !line.trim().is_empty()).map(str::len).sum();
    let (lead, attached) = prefix.split_at(prefix.len() - attached);
    (lead.to_owned(), attached.to_owned())
}

fn is_changed(field: F, before: &ProfileForm, after: &ProfileForm, is_new: bool) -> bool {
    let differs = |field| match (before.get(field), after.get(field)) {
        (FormValue::Text(before), FormValue::Text(after)) => before.trim() != after.trim(),
        (before, after) => before != after,
    };
    differs(field)
        || (is_new && matches!(field, F::Environment | F::Flow))
        // The form shows an empty login host for the environment's own; with another environment it is another.
        || (field == F::LoginUrl && after.text(field).trim().is_empty() && differs(F::Environment))
}

/// Writes one field into its profile's table.
fn write(profile: &mut dyn TableLike, field: F, form: &ProfileForm, name: &str) -> Result<(), ConfigError> {
    let wrong = |message: String| ConfigError::new(format!("profiles.{name}.{}", field.key()), message);
    match form.get(field) {
        FormValue::Text(text) => match (text.trim(), field) {
            ("", _) => remove(profile, field.key()),
            (text, F::Timeout) => {
                let seconds: i64 =
                    text.parse().map_err(|_| wrong("is not a number of seconds".to_owned()))?;
                set(profile, field.key(), seconds.into());
            }
            (text, _) if field.kind() == FieldKind::List => {
                set(profile, field.key(), text.split_whitespace().collect::<Array>().into());
            }
            (text, _) => match field.key().split_once('.') {
                Some((table, key)) => set(table_of(profile, table), key, text.into()),
                None => set(profile, field.key(), text.into()),
            },
        },
        FormValue::Flag(on) => set(profile, field.key(), (*on).into()),
        FormValue::Secret(input) => match input.reference().map_err(wrong)? {
            None => drop(profile.remove(field.key())),
            Some(reference) => set(profile, field.key(), secret_value(&reference)),
        },
        FormValue::Pairs(pairs) => write_pairs(profile, field.key(), pairs).map_err(wrong)?,
    }
    Ok(())
}

/// Puts a value in; one that is there already is replaced, with its spacing and its comment kept.
fn set(table: &mut dyn TableLike, key: &str, mut value: Value) {
    match table.get_mut(key) {
        Some(Item::Value(old)) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        _ => drop(table.insert(key, Item::Value(value))),
    }
}

/// The table below a key, made if it is not there.
fn table_of<'a>(parent: &'a mut dyn TableLike, key: &str) -> &'a mut dyn TableLike {
    if parent.get(key).is_none_or(|item| !item.is_table_like()) {
        parent.insert(key, Item::Table(Table::new()));
    }
    parent.get_mut(key).and_then(Item::as_table_like_mut).expect("it has just been made")
}

/// Takes a key out; one with a table in front, and the table with its last key.
fn remove(profile: &mut dyn TableLike, key: &str) {
    let Some((table, inner)) = key.split_once('.') else { return drop(profile.remove(key)) };
    if let Some(inside) = profile.get_mut(table).and_then(Item::as_table_like_mut) {
        inside.remove(inner);
        if inside.is_empty() {
            profile.remove(table);
        }
    }
}

fn secret_value(reference: &SecretRef) -> Value {
    let (key, value): (&str, Value) = match reference {
        SecretRef::Plain(secret) => return secret.expose().into(),
        SecretRef::Env(name) => ("env", name.as_str().into()),
        SecretRef::Command(words) => ("command", words.iter().map(String::as_str).collect::<Array>().into()),
        SecretRef::Ask => ("ask", true.into()),
        SecretRef::Keyring => ("keyring", true.into()),
        SecretRef::Vault => ("vault", true.into()),
    };
    let mut table = InlineTable::new();
    table.insert(key, value);
    table.into()
}

fn write_pairs(profile: &mut dyn TableLike, key: &str, pairs: &[(String, String)]) -> Result<(), String> {
    if let Some((name, _)) = pairs
        .iter()
        .enumerate()
        .find(|(i, (name, _))| pairs[..*i].iter().any(|(n, _)| n == name))
        .map(|(_, p)| p)
    {
        return Err(format!("has {name} twice"));
    }
    if pairs.is_empty() {
        profile.remove(key);
        return Ok(());
    }
    let table = table_of(profile, key);
    let gone: Vec<String> = table
        .iter()
        .map(|(name, _)| name.to_owned())
        .filter(|name| pairs.iter().all(|(kept, _)| kept != name))
        .collect();
    for name in gone {
        table.remove(&name);
    }
    for (name, value) in pairs {
        if table.get(name).and_then(Item::as_str) != Some(value) {
            set(table, name, value.as_str().into());
        }
    }
    reorder(table, |list| list.sort_by_key(|(key, _)| pairs.iter().position(|(name, _)| name == key.get())));
    Ok(())
}
