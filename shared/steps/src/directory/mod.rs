//! Who there is, as the organisation tells it: people and their roles, bodies and who sits in them, who
//! acts for whom, the working calendar.

mod body;
mod person;
pub mod rows;

pub use body::Body;
pub use person::{Person, StandsFor};
