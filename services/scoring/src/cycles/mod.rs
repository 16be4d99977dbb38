//! A cycle from the arrival of its settled sheets to publication.

pub mod completeness;
pub mod cycle;
pub mod routes;
pub mod rows;
pub mod rules;
