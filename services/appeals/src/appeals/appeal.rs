use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Date as SqlDate, Integer, Nullable, Text, Uuid as SqlUuid};
use events::Subject;
use jiff::civil::Date;
use platform::sql;
use platform::{Problem, Result};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

platform::stored_enum! {
    /// What an appeal is against.
    pub enum About {
        Result = "result",
        /// One value that a rater gave.
        Rating = "rating",
        /// That somebody or something was left out.
        Exclusion = "exclusion",
    }
}

platform::stored_enum! {
    /// How far an appeal is.
    pub enum AppealState {
        /// Somebody has to decide.
        Open = "open",
        /// Refused at a level that is not the last: it may be carried on.
        Answered = "answered",
        Decided = "decided",
        Withdrawn = "withdrawn",
    }
}

platform::stored_enum! {
    /// What is decided at a level.
    pub enum Verdict {
        Upheld = "upheld",
        UpheldInPart = "upheld_in_part",
        Refused = "refused",
        /// It goes to the next level undecided.
        NextLevel = "next_level",
    }
}

impl Verdict {
    /// Whether whoever appealed is right, at least in part.
    pub fn upholds(self) -> bool {
        matches!(self, Self::Upheld | Self::UpheldInPart)
    }
}

/// An appeal as it is stored.
#[derive(Clone, Debug, QueryableByName)]
pub struct Appeal {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = BigInt)]
    pub position: i64,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = Text)]
    pub about: About,
    #[diesel(sql_type = Nullable<Text>)]
    pub place: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub result_version: Option<i64>,
    #[diesel(sql_type = Text)]
    pub appellant: String,
    #[diesel(sql_type = Text)]
    pub filed_by: String,
    #[diesel(sql_type = Bool)]
    pub on_paper: bool,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = sql::NullableDate)]
    pub known_on: Option<Date>,
    #[diesel(sql_type = SqlDate, deserialize_as = sql::Date)]
    pub filed_on: Date,
    #[diesel(sql_type = Text)]
    pub grounds: String,
    #[diesel(sql_type = Text)]
    pub state: AppealState,
    #[diesel(sql_type = Nullable<Text>)]
    pub verdict: Option<Verdict>,
    #[diesel(sql_type = Integer)]
    pub level: i32,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = sql::NullableDate)]
    pub respond_by: Option<Date>,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = sql::NullableDate)]
    pub until: Option<Date>,
    #[diesel(sql_type = Nullable<Text>)]
    pub withdrawn_why: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
}

impl Appeal {
    pub fn subject(&self) -> Result<Subject> {
        format!("{}:{}", self.kind, self.subject).parse().map_err(|_| Problem::internal("no subject is stored"))
    }

    /// What its steps and documents are about.
    pub fn name(&self) -> String {
        name_of(self.id)
    }
}

const REASSESSMENT: &str = "/reassessment";
const MENDING: &str = "/mending";

impl Appeal {
    /// What the steps are about in which somebody rates again.
    pub fn name_of_reassessment(&self) -> String {
        format!("{}{REASSESSMENT}", self.name())
    }

    /// The appeal for which somebody rates again in a step.
    pub fn of_reassessment(about: &str) -> Option<Uuid> {
        Self::of_step(about.strip_suffix(REASSESSMENT)?)
    }

    /// What the steps are about in which HR puts a remedy right.
    pub fn name_of_mending(&self) -> String {
        format!("{}{MENDING}", self.name())
    }

    /// Whether HR puts a remedy right in a step.
    pub fn is_mending(about: &str) -> bool {
        about.ends_with(MENDING)
    }

    /// The appeal of which a step is a level.
    pub fn of_step(about: &str) -> Option<Uuid> {
        about.strip_prefix("appeal:")?.parse().ok()
    }
}

/// What the steps and documents of an appeal are about.
pub fn name_of(id: Uuid) -> String {
    format!("appeal:{id}")
}

/// An appeal to be filed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "cycle": "01930000-0000-7000-8000-000000000001", "about": "result",
    "grounds": "迟到两次的记录不是我的" }))]
pub struct NewAppeal {
    pub cycle: Uuid,
    /// `person:NUMBER` or `unit:CODE`; absent: oneself.
    #[serde(default)]
    pub subject: Option<String>,
    pub about: About,
    /// The rating that it is against: its path below the subject, as in a case, such as `/items/faults/superior`.
    #[serde(default)]
    pub place: Option<String>,
    /// Why, 1 to 4000 characters.
    pub grounds: String,
    /// Documents that were uploaded before; 20 at most.
    #[serde(default)]
    pub documents: Vec<Uuid>,
    /// On paper: the day on which the result was known; absent: that of its publication.
    #[serde(default)]
    pub known_on: Option<Date>,
    /// On paper: the day on which it was handed in; absent: today.
    #[serde(default)]
    pub filed_on: Option<Date>,
}
