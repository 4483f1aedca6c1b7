//! HTTP and the headless subcommands, over real connections on loopback.

#[cfg(feature = "demo")]
mod headless;
mod network;
mod server;
mod tls;
