//! The event loop: the terminal, and carrying effects out.
