use diesel::pg::Pg;
use diesel::{Queryable, Selectable};
use jiff::civil::Date;
use platform::sql;
use serde_json::Value;
use uuid::Uuid;

use crate::schema::cycles;

/// A cycle with the scheme it was opened with.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = cycles, check_for_backend(Pg))]
pub struct Cycle {
    pub id: Uuid,
    pub scheme_code: String,
    pub scheme_source: String,
    pub cadence: String,
    pub period: String,
    /// The day whose pay profiles count.
    #[diesel(deserialize_as = sql::Date)]
    pub last_day: Date,
    pub parameters: Value,
    /// How many results it has; none until all of the first publication have been published.
    pub results_published: Option<i64>,
    /// How many results each publication brought that is complete, by its number.
    pub publications: Value,
    /// The last publication of which results have come.
    pub publication_begun: i32,
    /// The figures of the company that its results were published with; none until that was told.
    pub company_carried: Option<Value>,
    /// Why it was cancelled: then nothing of it is paid.
    pub cancelled: Option<String>,
}

impl Cycle {
    /// Whether so many results are all that have been published, and no publication is still coming.
    pub fn has_all(&self, there: i64) -> bool {
        let is_told =
            self.publication_begun == 0 || self.publications.get(self.publication_begun.to_string()).is_some();
        is_told && self.results_published.is_some_and(|published| there >= published)
    }
}
