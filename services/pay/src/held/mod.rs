//! Results whose statement cannot be issued yet.
//!
//! A result whose pay inputs are missing is held. A change of the person's profile or facts makes it due, and
//! [`releasing`](crate::statements::releasing) tries again. Where one person's pay depends on others' (a pool that is
//! shared), all results of the cycle are held, and a unit is settled as a whole once everything it needs is there. Where pay
//! is approved before it is issued, all of them stay too: what waits to be approved is reckoned anew when a profile changes.

mod held_result;
pub mod rows;

pub use held_result::{Held, Reason, told};
