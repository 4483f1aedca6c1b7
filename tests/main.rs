//! All integration tests, in one binary: each test binary would link every dependency again.

mod architecture;
