use diesel::QueryableByName;
use diesel::sql_types::{Array, Text};

/// Somebody, as far as steps care.
#[derive(Clone, Debug, QueryableByName)]
pub struct Person {
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Of their account, by name; empty without one.
    #[diesel(sql_type = Array<Text>)]
    pub roles: Vec<String>,
}

/// Somebody for whom another acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandsFor {
    /// Employee number.
    pub of: String,
    /// Fills in their forms.
    pub rating: bool,
    /// Decides in their place.
    pub deciding: bool,
}

impl StandsFor {
    /// By what was delegated: `rating`, `deciding` or `all`.
    pub fn new(of: String, purpose: &str) -> Self {
        Self { of, rating: purpose != "deciding", deciding: purpose != "rating" }
    }
}
