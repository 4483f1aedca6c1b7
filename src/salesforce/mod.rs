//! The field: OAuth flows, sessions, ids, REST requests and errors. No I/O.
