//! The whole program in a real terminal, used as a person would use it.

mod demo;
mod editor;
mod emulator;
mod endings;
mod helper;
mod pty;
mod start;
mod vault;
