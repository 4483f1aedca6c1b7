//! All integration tests, in one binary: each test binary would link every dependency again.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

mod architecture;
mod browser;
mod docs;
mod headless;
mod hints;
mod home;
mod keyring;
mod protocol;
mod screens;
mod terminal;
mod web;
