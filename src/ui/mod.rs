//! Drawing only: reads the state, decides nothing.
