//! The service as its neighbours and its clients see it. Each test has a database of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod company;
mod documents;
mod filing;
mod levels;
mod panels;
mod remedies;
mod store;
