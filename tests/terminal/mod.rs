//! The whole program in a real terminal, used as a person would use it.

mod demo;
pub mod desk;
mod doctor;
mod editor;
mod emulator;
mod endings;
mod helper;
mod hints;
mod logins;
pub mod pty;
mod start;
mod stores;
mod vault;
mod visitor;
