//! Whose numbers there are, as far as the organisation has told.

pub mod rows;
