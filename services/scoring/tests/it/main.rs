//! The service as its callers and its neighbours see it.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod approvals;
mod closings;
mod corrections;
mod cycle;
mod duties;
mod editions;
mod entering;
mod fact_checks;
mod facts;
mod filling;
mod imports;
mod interviews;
mod late;
mod log;
mod moves;
mod opinions;
mod raters;
mod reading;
mod records;
mod redos;
mod replays;
mod reports;
mod signatures;
mod simulations;
mod spot_checks;
mod store;
mod themselves;
mod turns;
mod world;
