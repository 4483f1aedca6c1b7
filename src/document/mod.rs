//! A response body as something to look at: rows, folds, search, paths.
