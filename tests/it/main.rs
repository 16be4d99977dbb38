//! The whole system, through the gateway, over real PostgreSQL, Redis and SMTP.

mod cycle;
mod documents;
mod faults;
mod permissions;
