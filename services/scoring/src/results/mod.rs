//! Results: what computing found, its publication and its explanation.

pub mod announcing;
pub mod involved;
pub mod labels;
pub mod published;
pub mod publishing;
pub mod ranking;
pub mod readers;
pub mod reading;
pub mod routes;
pub mod rows;
pub mod short;
pub mod sources;
pub mod summing_up;
pub mod waiting;
