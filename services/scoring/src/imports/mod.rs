//! Results from before this system, or from elsewhere: they count as history and are never paid.

mod file;
mod imported;
pub mod routes;
mod rows;
mod rules;
