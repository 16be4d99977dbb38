mod routes;
pub mod rows;

pub use routes::routes;
