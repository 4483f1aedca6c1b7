//! The tokio task that does what takes time: tokens and calls.
