//! Units of a computed cycle that a body looks at: what it recommends is answered by the unit's head, and nothing is
//! published before the body has settled it.

pub mod checking;
pub mod routes;
pub mod rows;
pub mod spot_check;
pub mod telling;
