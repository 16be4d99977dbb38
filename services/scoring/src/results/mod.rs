//! Results: what closing found, its publication, its correction and its explanation.

pub mod announcing;
pub mod closing;
pub mod correcting;
pub mod interviews;
pub mod labels;
pub mod routes;
pub mod rows;
