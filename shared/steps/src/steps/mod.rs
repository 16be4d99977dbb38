//! Steps: who acts, until when, what they decided, and in which session.

mod actor;
pub mod deciding;
mod panel;
pub mod rows;
pub mod rules;
mod step;
mod view;

pub use actor::{Actor, Standpoint};
pub use panel::{Member, NewSession, Session, Votes};
pub use step::{Decision, NewDecision, NewStep, Step, StepState};
pub use view::{DecisionView, SessionView};
