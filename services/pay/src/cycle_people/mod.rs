//! Who takes part in a cycle, as planning tells it.

mod cycle_person;
pub mod rows;

pub use cycle_person::CyclePerson;
