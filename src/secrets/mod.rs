//! Secrets: a type that cannot be printed, and references to where secrets are kept.
