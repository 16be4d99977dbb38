//! Machine clients, such as payroll.

pub mod routes;
pub mod rows;
pub mod rules;
