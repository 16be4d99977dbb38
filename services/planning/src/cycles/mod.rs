pub mod cycle;
mod ending;
mod moving;
mod opening;
mod release;
mod routes;
pub mod rows;
pub mod rules;

pub use routes::routes;

use platform::{PageQuery, Problem, Result, say};
use uuid::Uuid;

/// The id to start a page after.
pub fn after(page: &PageQuery) -> Result<Option<Uuid>> {
    let not_a_place = |_| Problem::field("/after", say!("这不是分页返回的 `next`", "this is not the `next` of a page"));
    page.after.as_deref().map(|text| text.parse().map_err(not_a_place)).transpose()
}
