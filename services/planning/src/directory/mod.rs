pub mod organisation;
mod routes;
pub mod rows;

pub use routes::routes;
