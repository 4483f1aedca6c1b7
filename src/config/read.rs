//! Walking through a parsed TOML file without losing where each thing stands.

use super::{
    choices::Choice,
    error::{ConfigError, nearest, place},
};
use std::ops::Range;
use toml_edit::{Item, TableLike, Value};

/// A table of the file, with its path.
#[derive(Clone, Copy)]
pub(super) struct Section<'a> {
    text: &'a str,
    table: &'a dyn TableLike,
}

/// A key with its value and its path.
pub(super) struct Node<'a> {
    text: &'a str,
    /// `profiles.acme-uat.flow`.
    pub(super) path: String,
    /// The last part of the path.
    pub(super) key: &'a str,
    key_span: Option<Range<usize>>,
    item: &'a Item,
}

impl<'a> Section<'a> {
    pub(super) fn new(text: &'a str, table: &'a dyn TableLike) -> Self {
        Self { text, table }
    }

    /// The value of a key.
    pub(super) fn get(&self, path: &str, key: &'a str) -> Option<Node<'a>> {
        let item = self.table.get(key).filter(|item| !item.is_none())?;
        Some(self.node(path, key, item))
    }

    /// Every key with its value, in the file's order.
    pub(super) fn nodes(&self, path: &str) -> Vec<Node<'a>> {
        self.table.iter().map(|(key, item)| self.node(path, key, item)).collect()
    }

    fn node(&self, path: &str, key: &'a str, item: &'a Item) -> Node<'a> {
        let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        let key_span = self.table.key(key).and_then(toml_edit::Key::span);
        Node { text: self.text, path, key, key_span, item }
    }

    /// An error for the first key that is not among `known`.
    pub(super) fn only(&self, path: &str, known: &[&str]) -> Result<(), ConfigError> {
        let Some(node) = self.nodes(path).into_iter().find(|node| !known.contains(&node.key)) else {
            return Ok(());
        };
        let error = node.error_at_key("is not a key that orgdeck knows");
        Err(match nearest(node.key, known.iter().copied()) {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error.hint(format!("known here: {}", known.join(", "))),
        })
    }
}

impl<'a> Node<'a> {
    pub(super) fn error(&self, message: impl Into<String>) -> ConfigError {
        let span = self.item.span().or_else(|| self.key_span.clone());
        ConfigError::new(self.path.clone(), message).at(self.text, span)
    }

    pub(super) fn error_at_key(&self, message: impl Into<String>) -> ConfigError {
        let span = self.key_span.clone().or_else(|| self.item.span());
        ConfigError::new(self.path.clone(), message).at(self.text, span)
    }

    /// The one-based line it stands on.
    pub(super) fn line(&self) -> Option<usize> {
        let span = self.key_span.clone().or_else(|| self.item.span())?;
        Some(place(self.text, span.start).0)
    }

    fn wrong_type(&self, wanted: &str) -> ConfigError {
        self.error(format!("is {}, where {wanted} belongs", described(self.item.type_name())))
    }

    pub(super) fn text(&self) -> Result<&'a str, ConfigError> {
        self.item.as_str().ok_or_else(|| self.wrong_type("text in quotes"))
    }

    pub(super) fn is_text(&self) -> bool {
        self.item.is_str()
    }

    pub(super) fn flag(&self) -> Result<bool, ConfigError> {
        self.item.as_bool().ok_or_else(|| self.wrong_type("true or false"))
    }

    /// A whole number above zero.
    pub(super) fn count(&self) -> Result<u64, ConfigError> {
        let number = self.item.as_integer().ok_or_else(|| self.wrong_type("a whole number"))?;
        u64::try_from(number).ok().filter(|n| *n > 0).ok_or_else(|| self.error("must be more than zero"))
    }

    /// Text, or a number as it is written.
    pub(super) fn text_or_number(&self) -> Result<String, ConfigError> {
        match self.item.as_value() {
            Some(Value::Integer(number)) => Ok(number.value().to_string()),
            Some(Value::Float(number)) => Ok(format!("{:.1}", number.value())),
            _ => self.text().map(str::to_owned),
        }
    }

    pub(super) fn choice<C: Choice>(&self) -> Result<C, ConfigError> {
        choice(self.text()?).map_err(|(message, hint)| self.error(message).hint(hint))
    }

    /// The elements of an array, which must be text.
    pub(super) fn texts(&self) -> Result<Vec<(&'a str, Element<'_, 'a>)>, ConfigError> {
        let array = self.item.as_array().ok_or_else(|| self.wrong_type("a list: [\"…\", \"…\"]"))?;
        array
            .iter()
            .map(|value| {
                let element = Element { node: self, value };
                let wrong =
                    || element.error(format!("holds {}, where text belongs", described(value.type_name())));
                value.as_str().ok_or_else(wrong).map(|text| (text, element))
            })
            .collect()
    }

    pub(super) fn section(&self) -> Result<Section<'a>, ConfigError> {
        let table = self.item.as_table_like().ok_or_else(|| self.wrong_type("a table"))?;
        Ok(Section { text: self.text, table })
    }
}

/// An element of a list.
pub(super) struct Element<'n, 'a> {
    node: &'n Node<'a>,
    value: &'a Value,
}

impl Element<'_, '_> {
    pub(super) fn error(&self, message: impl Into<String>) -> ConfigError {
        let span = self.value.span();
        let error = self.node.error(message);
        if span.is_some() { error.at(self.node.text, span) } else { error }
    }
}

/// A choice by its word; else what is wrong, and what to do.
pub(super) fn choice<C: Choice>(word: &str) -> Result<C, (String, String)> {
    if let Some(at) = C::WORDS.iter().position(|known| *known == word) {
        return Ok(C::EVERY[at]);
    }
    let allowed = format!("allowed: {}", C::WORDS.join(", "));
    let hint = match nearest(word, C::WORDS.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"? {allowed}"),
        None => allowed,
    };
    Err((format!("is \"{word}\", which is no {}", C::WHAT), hint))
}

fn described(type_name: &str) -> &str {
    match type_name {
        "string" => "text",
        "integer" => "a whole number",
        "float" => "a number",
        "boolean" => "true or false",
        "datetime" => "a date",
        "array" => "a list",
        "array of tables" => "a list of tables",
        _ => "a table",
    }
}
