//! A policy tried on the people of a live cycle. Nothing is written but who looked.
//!
//! [`policies`] reads what a request asks for, [`running`] goes through the cycle piece by piece, [`paying`] asks
//! the pay service what it would cost, [`rules`] counts and compares.

mod answer;
mod paying;
mod policies;
pub mod routes;
mod rows;
mod rules;
mod running;
mod simulation;
