//! Work items: who has to do what by when. They follow the states of targets, plans and sheets in the same
//! transaction; a job tells the other services about them in batches.

mod routes;
pub mod rows;
mod telling;

pub use routes::routes;
pub use telling::tell;
