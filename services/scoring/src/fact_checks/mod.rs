//! Values that no rater gives, checked and approved after they were reported: who decides, in the order of the scheme, each
//! a step of [`steps`]. Only what is through counts.

pub mod deciding;
pub mod fact_check;
pub mod opening;
pub mod routes;
pub mod rows;
pub mod telling;
