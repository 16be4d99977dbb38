//! Who decides about plans that were handed in and about sheets that HR has settled: step by step, as the scheme says.

pub mod approval;
pub mod asking;
pub mod chain;
pub mod deciding;
pub mod following;
mod routes;
pub mod rows;
pub mod telling;
pub mod view;

pub use routes::routes;
pub use telling::follow_day;
