//! The screen as a person sees it: golden screens of every pane and overlay at three sizes, what keys do to
//! them, and what no sequence of keys, answers and sizes may do.
//!
//! Everything arrives as messages, as in the program: keys, resizes, and what the real worker says about a
//! network that a test has scripted. Nothing reaches into the state. To accept a changed screen after looking
//! at it: `INSTA_UPDATE=always cargo test --test all screens::`.

mod behaviour;
mod bench;
mod chaos;
mod doctor;
mod forms;
mod guide;
mod hints;
mod laws;
mod limits;
mod lockout;
mod logins;
mod network;
mod orgs;
mod overlays;
mod panes;
mod preflight;
mod stores;
mod themes;
mod tokens;
mod vaults;
mod why;

/// Golden screens: each state is made anew at every size, because sizes decide what is in sight.
macro_rules! golden {
    ($($(#[$doc:meta])* $name:ident($bench:ident) $body:block)+) => {
        /// Every state of this file, by name.
        pub const STATES: &[(&str, fn(&mut crate::screens::bench::Bench))] =
            &[$((stringify!($name), |$bench| { let _ = $body; })),+];

        $($(#[$doc])* #[test] fn $name() {
            crate::screens::laws::compare(stringify!($name), |$bench| { let _ = $body; });
        })+
    };
}
use golden;
