//! People's accounts and what they are granted.

pub mod account;
pub mod own;
pub mod routes;
pub mod rows;
pub mod rules;
