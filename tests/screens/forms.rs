//! TODO
pub const STATES: &[(&str, fn(&mut super::bench::Bench))] = &[];
