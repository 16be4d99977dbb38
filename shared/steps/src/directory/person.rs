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
