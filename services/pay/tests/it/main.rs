//! The service as its neighbours and its clients see it. Each test has a database of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod batches;
mod feed;
mod ledger;
mod paid_facts;
mod pay_runs;
mod profile_checks;
mod profiles;
mod replays;
mod simulations;
mod stage;
mod statements;
mod store;
