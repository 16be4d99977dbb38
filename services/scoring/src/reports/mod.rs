//! Reports on duties, self-reviews, talks about what is expected, analyses of a unit: somebody answers in words what a stage of
//! the scheme asks about each person or unit, and others confirm it.

pub mod opening;
pub mod report;
pub mod routes;
pub mod rows;
pub mod telling;
pub mod writing;
