//! The protocol between screen and worker: types only.
