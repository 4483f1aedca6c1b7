//! The address of a page that no browser here can show: whole, to be copied or selected.

use super::page::{Line, Page, Tone};
use crate::jobs::Seat;
use url::Url;

/// The box.
#[derive(Debug)]
pub struct AddressBox {
    /// The address.
    pub url: Url,
    /// What is said.
    pub page: Page,
}

impl AddressBox {
    /// For a page, and why it was not opened.
    pub fn new(url: Url, seat: Seat) -> Self {
        let why = match seat {
            Seat::NoDisplay => "There is no display here, so no browser was opened.",
            Seat::Remote | Seat::Desktop => "You are here by SSH, so no browser was opened.",
        };
        let lines = vec![
            Line::Text(Tone::Odd, format!("{why} The page's address, sent to the clipboard as well:")),
            Line::Text(Tone::Strong, url.to_string()),
        ];
        Self { url, page: Page::new(lines) }
    }
}
