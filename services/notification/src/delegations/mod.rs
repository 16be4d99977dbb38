//! Who acts for whom, as the organisation tells it.

pub mod rows;
