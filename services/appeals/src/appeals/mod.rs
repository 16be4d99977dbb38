//! Appeals: who filed one against what, when, why, and how far it is.

mod appeal;
mod case;
pub mod filing;
pub mod routes;
pub mod rows;
pub mod rules;
mod view;

pub use appeal::{About, Appeal, AppealState, Verdict};
pub use case::Case;
pub use view::{AppealDetail, changed, detail};
