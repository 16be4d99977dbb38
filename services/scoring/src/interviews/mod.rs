//! Interviews about published results: arranged, recorded, commented on by the person. Each is a step of [`steps`], opened
//! with the publication for whoever holds it by the scheme.

pub mod holding;
pub mod interview;
pub mod opening;
pub mod routes;
pub mod rows;
pub mod telling;
