//! Entries of lists: what happens and is recorded, such as incidents, adjustments and commendations.

pub mod entry;
pub mod routes;
pub mod rows;
pub mod view;
