//! From what was seen of an error to its likely causes, ranked, with evidence and a way to mend it.
//!
//! [`Facts`] say what was seen and what is known; [`Rules`] are the hints, data in `assets/hints/`; [`diagnose`] holds
//! the one against the other. Nothing here does I/O, reads the clock or knows a secret.
#![deny(clippy::disallowed_methods)]

mod facts;
mod form;
mod implied;
mod observed;
mod phrases;
mod preflight;
#[cfg(test)]
mod preflight_tests;
mod rank;
mod remedy;
mod rules;
mod signals;
mod told;
mod words;

pub use facts::{Asked, Facts, Known, Place};
pub use observed::explain_exchange;
pub use preflight::{LOOKED_AT, Spot, Warning, Written, of_request, of_token_request};
pub use rank::{ANSWER, Confidence, Hint, diagnose};
pub use remedy::{Remedy, SetupPage};
pub use rules::Rules;
pub use told::Told;
pub use words::{allowed_methods, object_of, position};

use crate::salesforce::error::ApiError;

/// One error that was seen, and what it most likely means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// Which part of an answer of several it is; empty for the answer as a whole.
    pub reference: String,
    /// Where it came from, as far as that is known or can be told.
    pub place: Option<Place>,
    /// The status of the answer, or of the part.
    pub status: Option<u16>,
    /// The error itself.
    pub error: ApiError,
    /// Its causes, the likeliest first; never none.
    pub hints: Vec<Hint>,
}

impl Explained {
    /// The causes of one error that was not in an answer's body.
    pub fn of(rules: &Rules, facts: Facts, error: ApiError) -> Self {
        let mut facts = Facts { error: error.clone(), ..facts };
        facts.infer();
        let (place, status) = (facts.place, facts.status);
        Self { reference: String::new(), place, status, hints: diagnose(rules, facts), error }
    }

    /// Whether nothing at all is known of it.
    pub fn is_unknown(&self) -> bool {
        self.hints.iter().all(|hint| hint.id == rank::UNKNOWN)
    }

    /// The likeliest cause.
    pub fn first(&self) -> &Hint {
        &self.hints[0]
    }
}

#[cfg(test)]
mod tests;
