//! Pay inputs that count once they are checked, where a scheme says by whom (`checked_by`).
//!
//! What a request changes of such an input is not written into the profile: it is reported ([`reporting`]) and waits in a check
//! for those whom the scheme names, one after the other ([`deciding`]), each in a step of [`steps`]. After the last of them it
//! goes into the profile. Whose pay is reckoned meanwhile is held.
//!
//! Example: a scheme has `checked_by = ["role.executive"]` on `excess_bonus`. Finance imports a file with `total_wage` and
//! `excess_bonus`: wages are in force at once, bonuses once an executive has approved them.

pub mod check;
mod deciding;
pub mod reporting;
pub mod routes;
pub mod rows;
pub mod rules;
mod telling;
