//! Mails, from being queued to being delivered or given up.

pub mod invitation;
mod mail;
pub mod routes;
pub mod rows;
pub mod rules;
pub mod templates;

pub use mail::{Claimed, Failure, Kind, NewMail};
