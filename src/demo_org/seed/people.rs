//! Names, places and companies from `assets/demo/names.toml`, picked by numbers that are the same in each run.

use std::sync::LazyLock;

use serde::Deserialize;

use super::BASE;
use crate::demo_org::clock::Moment;

/// One part of the world.
#[derive(Deserialize)]
pub(super) struct Region {
    pub(super) country: String,
    pub(super) phone: String,
    pub(super) domain: String,
    pub(super) street: String,
    pub(super) cities: Vec<String>,
    pub(super) first: Vec<String>,
    pub(super) last: Vec<String>,
    pub(super) company: Vec<String>,
    pub(super) trade: Vec<String>,
    pub(super) legal: Vec<String>,
}

pub(super) static REGIONS: LazyLock<Vec<Region>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        region: Vec<Region>,
    }
    let text = include_str!("../../../assets/demo/names.toml");
    toml::from_str::<File>(text).expect("the names are read by a test").region
});

/// A small generator of numbers that are the same in each run (SplitMix64).
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    pub(super) fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let place = self.below(from.len() as u64) as usize;
        &from[place]
    }

    /// A moment in the two years before the base date.
    pub(super) fn past(&mut self) -> Moment {
        Moment(BASE.0 - self.below(730 * 86_400) as i64 * 1000)
    }
}

/// A name with its letters for addresses.
pub(super) struct Person {
    pub(super) region: &'static Region,
    pub(super) first: String,
    pub(super) first_ascii: String,
    pub(super) last: String,
    pub(super) last_ascii: String,
}

/// `Müller/mueller` as both; a name without a slash is its own address in lower case.
pub(super) fn split_name(entry: impl AsRef<str>) -> (String, String) {
    let entry = entry.as_ref();
    match entry.rsplit_once('/') {
        Some((name, ascii)) => (name.to_owned(), ascii.to_owned()),
        None => (entry.to_owned(), entry.to_ascii_lowercase()),
    }
}
