//! Mails, from being queued to being delivered or given up.

pub mod routes;
pub mod rows;
pub mod rules;
pub mod templates;
