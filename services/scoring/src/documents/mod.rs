//! Documents that entries and notes rest on.

pub mod handing_in;
pub mod reading;
pub mod routes;
