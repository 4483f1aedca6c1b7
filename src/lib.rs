//! orgdeck: a full-screen terminal workbench for Salesforce APIs.
//!
//! Keys and network answers become messages, [`app::App::update`] turns a message into a new state and
//! a list of effects, [`runtime`] carries the effects out, and [`ui`] draws what is there. The modules
//! import each other downwards only; a test holds the arrows (see `ARCHITECTURE.md`):
//!
//! ```text
//! cli, runtime → ui → app → jobs → workspace → salesforce → http → config → secrets → fsio
//! cli, runtime → worker → jobs → document        cli → demo_org
//! worker → history → salesforce, fsio
//! document, format, fsio and demo_org import nothing of this crate
//! ```
#![forbid(unsafe_code)]

pub mod app;
pub mod cli;
pub mod config;
#[cfg(feature = "demo")]
pub mod demo_org;
pub mod diagnosis;
pub mod document;
pub mod format;
pub mod fsio;
pub mod history;
pub mod http;
pub mod jobs;
pub mod runtime;
pub mod salesforce;
pub mod secrets;
pub mod ui;
pub mod worker;
pub mod workspace;
