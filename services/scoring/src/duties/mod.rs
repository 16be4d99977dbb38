//! Dated duties that are no stages: a plan by the 13th, a report each week, a summary five days after an event. Each that is
//! late counts where the scheme says, unless whoever scores strikes it.

pub mod counting;
pub mod doing;
pub mod duty;
pub mod naming;
pub mod routes;
pub mod rows;
pub mod telling;
