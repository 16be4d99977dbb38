//! Where people and machines sign in, and the keys by which every service checks that they did.

pub mod jobs;
pub mod routes;
pub mod rows;
pub mod rules;
