//! One binary for all tests of the engine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod conformance;
mod explanations;
mod floors;
mod generate;
mod glossary;
mod habits;
mod invalid;
mod phases;
mod policies;
mod properties;
mod rows;
mod schemes;
mod support;
mod thirteenth;
mod words;
