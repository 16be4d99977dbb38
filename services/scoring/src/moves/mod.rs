//! Figures that are moved once they were computed, by whom the scheme allows, each time with a reason.

pub mod figure_move;
pub mod moving;
pub mod routes;
pub mod rows;
pub mod rules;
