use diesel::QueryableByName;
use diesel::sql_types::{Binary, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use jiff::Timestamp;
use platform::sql;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What is said of a file that is uploaded.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UploadQuery {
    /// What the file is called, 1 to 200 characters.
    pub name: String,
}

/// A document to be kept.
#[derive(Clone, Debug)]
pub struct NewDocument {
    pub name: String,
    pub media_type: &'static str,
    pub sha256: String,
    pub bytes: Vec<u8>,
}

/// What is known of a document beside what is in it.
#[derive(Clone, Debug, QueryableByName, Serialize, ToSchema)]
pub struct DocumentView {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub media_type: String,
    /// Bytes.
    #[diesel(sql_type = Integer)]
    pub size: i32,
    /// Of its bytes, in hexadecimal.
    #[diesel(sql_type = Text)]
    pub sha256: String,
    /// Who handed it in.
    #[diesel(sql_type = Text)]
    pub by: String,
    #[diesel(sql_type = Timestamptz, deserialize_as = sql::Timestamp)]
    pub at: Timestamp,
}

/// A document as it is stored.
#[derive(Clone, Debug, QueryableByName)]
pub struct Document {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    pub about: Option<String>,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub by: String,
    #[diesel(sql_type = Binary)]
    pub bytes: Vec<u8>,
}
