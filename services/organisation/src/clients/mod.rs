//! Machine clients, such as payroll.

pub mod client;
pub mod routes;
pub mod rows;
pub mod rules;
