//! Computing a cycle, again and again until everybody's result is published.

pub mod beginning;
pub mod closing;
pub mod loading;
pub mod routes;
pub mod rows;
pub mod telling;
