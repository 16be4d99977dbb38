//! The planning service over real PostgreSQL and Redis.

mod approvals;
mod company;
mod cycles;
mod opening;
mod plans;
mod release;
mod rows;
mod schemes;
mod store;
mod subjects;
mod targets;
mod tasks;
