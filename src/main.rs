//! The `orgdeck` program.
fn main() {}
