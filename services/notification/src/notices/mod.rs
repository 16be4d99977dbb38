//! What a service decided about somebody, told by mail at once.

pub mod telling;
