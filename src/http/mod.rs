//! One HTTP exchange: what goes out, what comes back, and its masked record.
