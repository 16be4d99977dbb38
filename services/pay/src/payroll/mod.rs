//! The payroll feed: the ledger as machine clients pull it, and what they have acknowledged.

mod acknowledgement;
mod feed;
pub mod routes;
mod rows;
