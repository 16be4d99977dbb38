//! The company's working days, where they differ from Monday to Friday.

pub mod routes;
pub mod rows;
pub mod rules;
pub mod working_calendar;
