//! The whole system, through the gateway, over real PostgreSQL, Redis and SMTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod actions;
mod cycle;
mod documents;
mod faults;
mod hot_paths;
mod permissions;
mod play;
mod replay;
mod simulations;
mod stories;
mod upgrade;
