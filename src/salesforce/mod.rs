//! The field: OAuth flows, sessions, ids, REST requests and errors. No I/O.

mod session;

pub use session::{Lifetime, OrgId, Session, SignatureCheck, TokenField, UserId};
