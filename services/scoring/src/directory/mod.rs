//! What scoring knows of the organisation: whom a form can be given to, and who sits in which body.

pub mod routes;
pub mod rows;
