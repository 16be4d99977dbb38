//! Reviews and approvals of what was computed: who has to decide before it is published, in the order of the scheme's
//! stages, each of them a step of [`steps`]. Computing again begins all of them anew.

pub mod approval;
pub mod deciding;
pub mod ending;
pub mod naming;
pub mod opening;
pub mod routes;
pub mod rows;
pub mod rules;
pub mod telling;
pub mod view;
