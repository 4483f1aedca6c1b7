//! The buffer behind a masked text field.

use super::{Cleaned, Secret, clean_pasted};
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

/// A line of secret text being typed: a screen shows as many bullets as it has characters, never the text.
/// Memory it has used is wiped, also when it grows.
#[derive(Default)]
pub struct Masked {
    text: Zeroizing<String>,
    /// Byte offset, always between characters.
    cursor: usize,
}

impl Masked {
    /// Empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many characters there are.
    pub fn len(&self) -> usize {
        self.text.chars().count()
    }

    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// How many characters are before the cursor.
    pub fn cursor(&self) -> usize {
        self.text[..self.cursor].chars().count()
    }

    /// Types a character. Control characters are not typed.
    pub fn insert(&mut self, c: char) {
        if !c.is_control() {
            let mut bytes = Zeroizing::new([0; 4]);
            self.insert_str(c.encode_utf8(&mut *bytes));
        }
    }

    /// Pastes a text, cleaned; says what was taken off it.
    pub fn paste(&mut self, text: &str) -> Vec<Cleaned> {
        let (secret, cleaned) = clean_pasted(text);
        self.insert_str(secret.expose());
        cleaned
    }

    /// Deletes the character before the cursor.
    pub fn backspace(&mut self) {
        let before = self.before();
        self.remove(before, self.cursor);
    }

    /// Deletes the character after the cursor.
    pub fn delete(&mut self) {
        self.remove(self.cursor, self.after());
    }

    /// Deletes everything before the cursor.
    pub fn delete_to_start(&mut self) {
        self.remove(0, self.cursor);
    }

    /// Deletes everything after the cursor.
    pub fn delete_to_end(&mut self) {
        self.remove(self.cursor, self.text.len());
    }

    /// Deletes everything.
    pub fn clear(&mut self) {
        self.text.zeroize();
        self.cursor = 0;
    }

    /// Moves the cursor one character back.
    pub fn left(&mut self) {
        self.cursor = self.before();
    }

    /// Moves the cursor one character on.
    pub fn right(&mut self) {
        self.cursor = self.after();
    }

    /// Moves the cursor to the beginning.
    pub fn home(&mut self) {
        self.cursor = 0;
    }

    /// Moves the cursor to the end.
    pub fn end(&mut self) {
        self.cursor = self.text.len();
    }

    /// The text, for a person who asked to see what is being typed.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Takes the text out and leaves the buffer empty.
    pub fn take(&mut self) -> Secret {
        self.cursor = 0;
        Secret::new(std::mem::take(&mut *self.text))
    }

    fn before(&self) -> usize {
        self.text[..self.cursor].char_indices().next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        self.cursor + self.text[self.cursor..].chars().next().map_or(0, char::len_utf8)
    }

    fn insert_str(&mut self, text: &str) {
        self.make_room(text.len());
        self.text.insert_str(self.cursor, text);
        self.cursor += text.len();
    }

    /// A `String` that grows by itself leaves its old memory as it was.
    fn make_room(&mut self, more: usize) {
        let needed = self.text.len() + more;
        if needed > self.text.capacity() {
            let mut larger = Zeroizing::new(String::with_capacity(needed.max(128) * 2));
            larger.push_str(&self.text);
            self.text = larger;
        }
    }

    fn remove(&mut self, from: usize, to: usize) {
        let mut kept = Zeroizing::new(String::with_capacity(self.text.capacity()));
        kept.push_str(&self.text[..from]);
        kept.push_str(&self.text[to..]);
        self.text = kept;
        self.cursor = from;
    }
}

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Masked(••••)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn typing_works_as_in_any_line() {
        let mut field = Masked::new();
        for c in "gehäim".chars() {
            field.insert(c);
        }
        field.insert('\n');
        assert_eq!((field.len(), field.cursor()), (6, 6));
        field.left();
        field.left();
        field.backspace();
        field.insert('e');
        assert_eq!(field.cursor(), 4);
        field.delete();
        field.insert('i');
        assert_eq!(field.take().expose(), "geheim");
        assert!(field.is_empty());
    }

    #[test]
    fn pasting_cleans_and_says_so() {
        let mut field = Masked::new();
        assert_eq!(field.paste("Bearer 00D!x\n"), vec![Cleaned::LineEnds, Cleaned::Bearer]);
        assert_eq!(field.take().expose(), "00D!x");
    }

    #[test]
    fn it_is_never_printed() {
        let mut field = Masked::new();
        field.paste("hunter2");
        assert_eq!(format!("{field:?}"), "Masked(••••)");
    }

    proptest! {
        #[test]
        fn it_edits_as_a_vector_of_characters_would(keys in prop::collection::vec((0u8..9, any::<char>()), 0..60)) {
            let (mut field, mut model, mut at) = (Masked::new(), Vec::<char>::new(), 0usize);
            for (key, c) in keys {
                match key {
                    0 | 1 => {
                        field.insert(c);
                        if !c.is_control() { model.insert(at, c); at += 1; }
                    }
                    2 => { field.backspace(); if at > 0 { at -= 1; model.remove(at); } }
                    3 => { field.delete(); if at < model.len() { model.remove(at); } }
                    4 => { field.left(); at = at.saturating_sub(1); }
                    5 => { field.right(); at = (at + 1).min(model.len()); }
                    6 => { field.home(); at = 0; }
                    7 => { field.end(); at = model.len(); }
                    _ => { field.delete_to_start(); model.drain(..at); at = 0; }
                }
                prop_assert_eq!((field.len(), field.cursor()), (model.len(), at));
            }
            let typed = field.take();
            prop_assert_eq!(typed.expose(), model.into_iter().collect::<String>());
        }
    }
}
