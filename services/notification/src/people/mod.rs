//! Whom mail goes to.

pub mod rows;
