//! A cycle as scoring sees it, from its opening to publication.

pub mod cycle;
pub mod routes;
pub mod rows;
pub mod rules;
