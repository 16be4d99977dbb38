//! What people say of their published result, and what they are answered.

pub mod opinion;
pub mod routes;
pub mod rows;
pub mod stating;
pub mod telling;
