//! Whom mail goes to.

mod person;
pub mod rows;

pub use person::Person;
