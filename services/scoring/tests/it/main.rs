//! The service as its callers and its neighbours see it.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod closings;
mod cycle;
mod log;
mod replays;
mod simulations;
mod store;
mod themselves;
mod world;
