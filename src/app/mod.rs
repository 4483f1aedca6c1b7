//! State and decisions: what a message changes. No I/O, no clock, no drawing.
