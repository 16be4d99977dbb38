//! News of stages: whoever has work in one is told when its days are moved.

pub mod telling;
