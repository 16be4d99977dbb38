//! Sheets: what raters and HR enter about each person, and its submission.

pub mod bulk;
pub mod entering;
pub mod recusals;
pub mod routes;
pub mod rows;
pub mod rules;
pub mod sheet;
pub mod submitting;
pub mod view;
