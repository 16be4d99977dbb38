//! Tasks: who has to do what by when. They follow the states of targets, plans and sheets in the same transaction; a job
//! tells them in batches to notification, which keeps those of all services.

pub mod rows;
mod telling;

pub use telling::tell;
