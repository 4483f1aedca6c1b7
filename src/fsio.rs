//! Atomic writes and file permissions.
