//! How far cycles have been paid, and who is missing.

mod pay_run;
pub mod routes;
mod rows;
mod rules;
