//! Sheets: what was settled for each subject, and what its raters give.

pub mod routes;
pub mod rows;
pub mod sheet;
mod view;
