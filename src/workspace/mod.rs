//! Requests as they are written: drafts, variables, the ready requests.
