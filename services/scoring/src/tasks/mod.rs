//! What people and groups have to do while a cycle is scored, kept in step with their forms and told to notification.

pub mod following;
pub mod telling;
