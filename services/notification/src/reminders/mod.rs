//! One digest a working day for whoever has open tasks: due soon, due today, overdue. Superiors hear of
//! what is long overdue among their people, if the company wants it.

mod digest;
pub mod queueing;
pub mod routes;
pub mod rows;
mod rules;
