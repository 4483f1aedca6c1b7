//! Profiles and settings: from the file as written to values that may be used.
