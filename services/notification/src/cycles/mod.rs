//! What mails call a cycle.

pub mod rows;
pub mod rules;
