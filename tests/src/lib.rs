//! The whole system started in one process, and a month of appraisal driven in bulk through its API: what
//! the end-to-end tests and the benchmark share.

pub mod appealing;
pub mod month;
pub mod paying;
pub mod system;
