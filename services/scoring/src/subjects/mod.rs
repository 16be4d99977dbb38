//! Who and what is appraised, as planning tells it.

pub mod rows;
pub mod subject;
