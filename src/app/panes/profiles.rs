//! The profiles pane: a list; the cursor is not yet the choice, `Enter` is.

use super::{Handled, moved, scrolled};
use crate::app::Action;

/// The pane's state.
#[derive(Debug, Default)]
pub struct ProfilesPane {
    /// The row of the cursor.
    pub cursor: usize,
    /// The first row on the screen.
    pub first: usize,
}

impl ProfilesPane {
    /// Carries out what concerns this pane alone.
    pub fn handle(&mut self, action: &Action, len: usize, page: usize) -> Handled {
        match moved(self.cursor, len, page, action) {
            Some(at) => {
                self.cursor = at;
                Handled::Yes
            }
            None => Handled::No,
        }
    }

    /// Keeps cursor and scroll within the list.
    pub fn settle(&mut self, len: usize, height: usize) {
        self.cursor = self.cursor.min(len.saturating_sub(1));
        self.first = scrolled(self.first, self.cursor, len, height);
    }
}
