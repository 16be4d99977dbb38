use diesel::QueryableByName;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Keeps somebody from rating a person in this cycle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRecusal {
    /// Employee number of the person appraised.
    pub number: String,
    /// Employee number of whoever is recused: who rates the person, or the caller.
    pub rater: String,
    /// Why, 1 to 4000 characters.
    pub reason: String,
}

#[derive(Serialize, QueryableByName, ToSchema)]
pub struct Recusal {
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Text)]
    pub rater: String,
    #[diesel(sql_type = Text)]
    pub reason: String,
    #[diesel(sql_type = Text)]
    pub recorded_by: String,
}
