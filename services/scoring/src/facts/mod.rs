//! Facts: every value that no rater gives, with everything that stood there before.

pub mod asking;
pub mod combining;
pub mod deriving;
pub mod entering;
pub mod file;
pub mod lateness;
pub mod routes;
pub mod rows;
pub mod view;
