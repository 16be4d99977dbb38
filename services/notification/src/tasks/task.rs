use diesel::Queryable;
use jiff::civil::Date;
use platform::sql;

platform::stored_enum! {
    /// Who keeps the tasks.
    pub enum Source {
        Planning = "planning",
        Scoring = "scoring",
        Appeals = "appeals",
    }
}

/// An open task, with the cycle it belongs to and how many its assignee has in all.
#[derive(Clone, Debug, Queryable)]
pub struct OpenTask {
    pub assignee: String,
    pub label_zh: String,
    pub label_en: String,
    pub subject: String,
    pub subject_name: String,
    #[diesel(deserialize_as = sql::Date)]
    pub due: Date,
    pub scheme_zh: Option<String>,
    pub scheme_en: Option<String>,
    pub period: Option<String>,
    pub total: i64,
}
