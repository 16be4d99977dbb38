//! What a policy would pay, from figures that scoring computed under it. Nothing is written but that profiles
//! were looked at.

pub mod routes;
mod rules;
mod simulation;
