//! Signatures: over results by those whom the scheme names, and over what is announced by everybody who has read it. What
//! was signed is kept to the letter, under its SHA-256.

pub mod announcing;
pub mod opening;
pub mod routes;
pub mod rows;
pub mod signature;
pub mod signing;
pub mod telling;
