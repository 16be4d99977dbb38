//! Notes of behaviour, each with its day. A cycle reads those of its period.

pub mod reading;
pub mod routes;
pub mod rows;
