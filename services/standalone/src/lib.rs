//! The `steelyard` command: every service in one process over a PostgreSQL and a Redis of its own, the
//! demonstration, and the tools that need no server.

pub mod demonstration;
pub mod mailbox;
pub mod replay;
pub mod second_act;
pub mod servers;
pub mod services;
mod story;
pub mod tools;
pub mod up;
