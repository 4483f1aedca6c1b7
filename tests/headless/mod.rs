//! The commands for scripts: what they print where, and how they end.

mod bad_hosts;
mod bad_server;
pub mod command;
mod config;
mod doctor;
mod explain;
mod limits;
mod preflight;
mod profiles;
mod secrets;
mod send;
mod token;
mod trouble;
mod vault;
