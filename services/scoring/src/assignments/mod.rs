//! Assignments: who rates whom, on what, and what they gave. A rater's whole form is one of them.

pub mod acting;
pub mod assigning;
pub mod assignment;
pub mod bulk;
pub mod entering;
pub mod lapsing;
pub mod needs;
pub mod routes;
pub mod rows;
pub mod submitting;
pub mod turns;
pub mod view;
