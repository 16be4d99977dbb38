//! Companies, each founded with its first account.

pub mod routes;
pub mod rows;
pub mod rules;
