//! A list to choose from, with a fuzzy filter: palette, profile switcher, ready requests, menus, start page.

use crate::app::{
    Action,
    field::Field,
    panes::{moved, scrolled},
};
use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};

/// One choice.
#[derive(Clone, Debug)]
pub struct Item {
    /// What is searched and shown first.
    pub label: String,
    /// What is shown behind it.
    pub detail: String,
    /// A word in front: an environment's tag, a method, a status.
    pub tag: String,
    /// The key that does the same.
    pub key: String,
    /// What choosing it does.
    pub action: Action,
}

impl Item {
    /// A choice with nothing but its label.
    pub fn new(label: impl Into<String>, action: Action) -> Self {
        Self { label: label.into(), detail: String::new(), tag: String::new(), key: String::new(), action }
    }

    /// The same with a detail.
    pub fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// The same with a tag.
    pub fn tag(self, tag: impl Into<String>) -> Self {
        Self { tag: tag.into(), ..self }
    }

    /// The same with a key.
    pub fn key(self, key: impl Into<String>) -> Self {
        Self { key: key.into(), ..self }
    }
}

/// The list, its filter, and the choice so far.
#[derive(Debug)]
pub struct Picker {
    /// The box's title.
    pub title: String,
    /// What is said when nothing matches or there is nothing.
    pub empty: &'static str,
    /// The filter as written; `None` for a short menu.
    pub filter: Option<Field>,
    /// Lines above the list.
    pub intro: Vec<String>,
    /// It cannot be closed: there is nothing behind it.
    pub stays: bool,
    items: Vec<Item>,
    shown: Vec<usize>,
    /// The chosen row among those shown.
    pub cursor: usize,
    /// The first row on the screen.
    pub first: usize,
}

impl Picker {
    /// A list with a filter.
    pub fn filtered(title: impl Into<String>, items: Vec<Item>) -> Self {
        Self { filter: Some(Field::line("")), ..Self::menu(title, items) }
    }

    /// A short menu.
    pub fn menu(title: impl Into<String>, items: Vec<Item>) -> Self {
        Self {
            title: title.into(),
            empty: "nothing matches",
            filter: None,
            intro: Vec::new(),
            stays: false,
            shown: (0..items.len()).collect(),
            items,
            cursor: 0,
            first: 0,
        }
    }

    /// The same with another cursor.
    pub fn at(self, cursor: usize) -> Self {
        Self { cursor, ..self }
    }

    /// Whether letters filter.
    pub fn filters(&self) -> bool {
        self.filter.is_some()
    }

    /// The rows that match, best first.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &Item> {
        self.shown.iter().map(|i| &self.items[*i])
    }

    /// How many rows match.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// How many rows there are without the filter; the box keeps its height while one types.
    pub fn total(&self) -> usize {
        self.items.len()
    }

    /// Whether nothing matches.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// What the chosen row does.
    pub fn chosen(&self) -> Option<&Action> {
        self.shown.get(self.cursor).map(|i| &self.items[*i].action)
    }

    /// Moves the choice. False if the action is no movement.
    pub fn handle(&mut self, action: &Action, page: usize) -> bool {
        let at = moved(self.cursor, self.shown.len(), page, action);
        self.cursor = at.unwrap_or(self.cursor);
        at.is_some()
    }

    /// Matches anew after the filter was changed.
    pub fn refilter(&mut self) {
        let Some(filter) = &self.filter else { return };
        let pattern = Pattern::parse(&filter.text(), CaseMatching::Smart, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, usize)> = Vec::new();
        for (i, item) in self.items.iter().enumerate() {
            let text = format!("{} {} {}", item.label, item.tag, item.detail);
            if let Some(score) = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher) {
                scored.push((score, i));
            }
        }
        // Stable: equal scores keep the list's own order.
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        self.shown = scored.into_iter().map(|(_, i)| i).collect();
        self.cursor = 0;
    }

    /// Keeps the choice on the screen.
    pub fn settle(&mut self, height: usize) {
        self.cursor = self.cursor.min(self.shown.len().saturating_sub(1));
        self.first = scrolled(self.first, self.cursor, self.shown.len(), height);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picker(filter: &str) -> Picker {
        let items = ["switch to another profile", "send the request", "search"];
        let mut picker =
            Picker::filtered("t", items.into_iter().map(|l| Item::new(l, Action::Send)).collect());
        picker.filter = Some(Field::line(filter));
        picker.refilter();
        picker
    }

    #[test]
    fn a_few_letters_find_it() {
        let found: Vec<_> = picker("sndrq").rows().map(|i| i.label.clone()).collect();
        assert_eq!(found, ["send the request"]);
    }

    #[test]
    fn nothing_typed_shows_all_in_order() {
        assert_eq!(picker("").rows().next().map(|i| i.label.as_str()), Some("switch to another profile"));
        assert_eq!(picker("").len(), 3);
    }

    #[test]
    fn nothing_found_chooses_nothing() {
        assert_eq!(picker("qqq").chosen(), None);
    }
}
