//! What pages are asked for by.

use platform::{PageQuery, Result};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// Of what is ordered by its ids.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ByIdQuery {
    /// The `next` of the page before.
    pub after: Option<Uuid>,
    /// Items at most, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

impl ByIdQuery {
    pub fn limit(&self) -> Result<i64> {
        PageQuery { after: None, limit: self.limit }.limit()
    }
}

/// Of steps.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WaitingQuery {
    /// Only what waits for somebody.
    open: Option<bool>,
    /// The `next` of the page before.
    pub after: Option<Uuid>,
    /// Items at most, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

impl WaitingQuery {
    pub fn open(&self) -> bool {
        self.open.unwrap_or_default()
    }

    pub fn limit(&self) -> Result<i64> {
        PageQuery { after: None, limit: self.limit }.limit()
    }
}
