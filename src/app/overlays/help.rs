//! What the keys do, generated from the keymap: the focused place first.

use crate::app::{
    Action,
    keymap::{Keymap, Where},
    panes::{moved, scrolled},
};

/// The help's lines and its scroll.
#[derive(Debug)]
pub struct Help {
    /// What it explains.
    pub title: String,
    /// The lines.
    pub lines: Vec<HelpLine>,
    /// The first line on the screen.
    pub first: usize,
}

/// One line of the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HelpLine {
    /// A place's name.
    Heading(&'static str),
    /// Keys, what they do, and the action's name in the configuration.
    Keys(String, &'static str, &'static str),
    /// A sentence.
    Text(&'static str),
}

impl Help {
    /// The help for a chain of places; the other places follow.
    pub fn new(keymap: &Keymap, title: &str, about: &[&'static str], chain: &[Where]) -> Self {
        let mut places: Vec<Where> = chain.to_vec();
        for binding in keymap.bindings() {
            if !places.contains(&binding.at) {
                places.push(binding.at);
            }
        }
        let mut lines: Vec<HelpLine> = about.iter().map(|text| HelpLine::Text(text)).collect();
        for place in places {
            let mut rows =
                keymap.bindings().iter().filter(|b| b.at == place && !b.keys.is_empty()).peekable();
            if rows.peek().is_none() {
                continue;
            }
            if !lines.is_empty() {
                lines.push(HelpLine::Text(""));
            }
            lines.push(HelpLine::Heading(place.heading()));
            lines.extend(rows.map(|b| {
                let keys = b.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
                HelpLine::Keys(keys, b.says, b.name)
            }));
        }
        Self { title: title.to_owned(), lines, first: 0 }
    }

    /// Scrolls. False if the action is no movement.
    pub fn handle(&mut self, action: &Action, height: usize) -> bool {
        let last = self.lines.len().saturating_sub(height);
        match moved(self.first, last + 1, height, action) {
            Some(first) => {
                self.first = first;
                true
            }
            None => false,
        }
    }

    /// Keeps the scroll within the lines.
    pub fn settle(&mut self, height: usize) {
        self.first = scrolled(self.first, self.first, self.lines.len(), height.max(1));
    }
}
