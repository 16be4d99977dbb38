//! What was reckoned and waits to be approved before payroll sees it, where a cycle's scheme names who approves pay.
//!
//! Statements that were reckoned gather in the cycle's batch as drafts ([`collecting`]). Once all results of the cycle have
//! come, those whom the scheme names are asked, one after the other ([`deciding`]), each in a step of [`steps`]. After the
//! last of them a job puts the drafts into the ledger ([`issuing`]), and payroll sees them. What is reckoned later makes another
//! batch.
//!
//! Example: a scheme has `by = ["role.hr", "role.executive"]`. HR approves; then somebody's profile changes. Their draft is
//! reckoned anew, what HR approved is void, and HR is asked again.

mod batch;
pub mod collecting;
mod deciding;
pub mod issuing;
pub mod routes;
pub mod rows;
mod telling;
mod view;
