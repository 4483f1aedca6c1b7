//! HTTP and the headless subcommands, over real connections on loopback.

mod network;
mod server;
