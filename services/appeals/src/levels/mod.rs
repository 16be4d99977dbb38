//! Levels of an appeal, each a step: opened, decided, sent on, missed, ended.

pub mod assignees;
pub mod deciding;
pub mod ending;
pub mod opening;
pub mod overdue;
pub mod panels;
pub mod routes;
pub mod rules;
pub mod telling;
