//! A response body as something to look at: rows, folds, search, paths.

/// A response body, indexed.
#[derive(Debug)]
pub struct Document;
