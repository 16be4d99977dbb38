//! The planning service over real PostgreSQL and Redis.

mod company;
mod cycles;
mod plans;
mod release;
mod schemes;
mod store;
mod targets;
mod tasks;
