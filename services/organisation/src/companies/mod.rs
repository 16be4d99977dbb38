//! Companies, each founded with its first account.

pub mod company;
pub mod jobs;
pub mod routes;
pub mod rows;
pub mod rules;
