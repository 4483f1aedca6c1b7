//! The whole program in a real terminal, used as a person would use it.

mod emulator;
mod headless;
mod helper;
mod pty;
