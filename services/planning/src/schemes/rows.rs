use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use platform::sql::{Timestamp, ToDiesel};
use platform::{Problem, Result, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A version of a scheme. Once a cycle has been opened with it, it stays as it is.
#[derive(QueryableByName, Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SchemeVersion {
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Integer)]
    pub version: i32,
    #[diesel(sql_type = Text)]
    pub name_zh: String,
    #[diesel(sql_type = Text)]
    pub name_en: String,
    /// Employee number or account name.
    #[diesel(sql_type = Text)]
    pub uploaded_by: String,
    #[diesel(sql_type = Timestamptz, deserialize_as = Timestamp)]
    pub uploaded_at: jiff::Timestamp,
    /// Cycles that were opened with this version.
    #[diesel(sql_type = BigInt)]
    pub cycles: i64,
    /// The TOML text; only when one version is read.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

const CYCLES: &str = "(select count(*) from cycles c where c.company_id = s.company_id and c.scheme_code = s.code
    and c.scheme_version = s.version) as cycles";

/// The latest version of each scheme, by code.
pub async fn latest(tx: &mut Tx) -> Result<Vec<SchemeVersion>> {
    let query = format!(
        "select distinct on (s.code) s.code, s.version, s.name_zh, s.name_en, s.uploaded_by, s.uploaded_at, {CYCLES},
             null::text as source
         from schemes s where s.company_id = $1 order by s.code, s.version desc"
    );
    Ok(tx.sql(&query).load(tx.conn()).await?)
}

/// All versions of a scheme, newest first.
pub async fn versions(tx: &mut Tx, code: &str) -> Result<Vec<SchemeVersion>> {
    let query = format!(
        "select s.code, s.version, s.name_zh, s.name_en, s.uploaded_by, s.uploaded_at, {CYCLES}, null::text as source
         from schemes s where s.company_id = $1 and s.code = $2 order by s.version desc"
    );
    Ok(tx.sql(&query).bind::<Text, _>(code).load(tx.conn()).await?)
}

/// One version with its source, the latest one unless a version is named.
pub async fn version(tx: &mut Tx, code: &str, version: Option<i32>) -> Result<Option<SchemeVersion>> {
    let query = format!(
        "select s.code, s.version, s.name_zh, s.name_en, s.uploaded_by, s.uploaded_at, {CYCLES}, s.source
         from schemes s where s.company_id = $1 and s.code = $2 and ($3::int is null or s.version = $3)
         order by s.version desc limit 1"
    );
    let found: Vec<SchemeVersion> =
        tx.sql(&query).bind::<Text, _>(code).bind::<Nullable<Integer>, _>(version).load(tx.conn()).await?;
    Ok(found.into_iter().next())
}

/// What a new version holds.
pub struct NewVersion<'a> {
    pub code: &'a str,
    pub name_zh: &'a str,
    pub name_en: &'a str,
    pub source: &'a str,
}

/// Stores a scheme as the next version of its code.
pub async fn add(tx: &mut Tx, new: NewVersion<'_>) -> Result<SchemeVersion> {
    let (now, author) = (tx.now, tx.actor.name.clone());
    // Two uploads of one code take their numbers one after the other.
    tx.sql("select pg_advisory_xact_lock(hashtextextended('scheme ' || $1::text || $2, 0))")
        .bind::<Text, _>(new.code)
        .execute(tx.conn())
        .await?;
    tx.sql(
        "insert into schemes (company_id, code, version, name_zh, name_en, source, uploaded_by, uploaded_at)
         select $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5, $6, $7
         from schemes where company_id = $1 and code = $2",
    )
    .bind::<Text, _>(new.code)
    .bind::<Text, _>(new.name_zh)
    .bind::<Text, _>(new.name_en)
    .bind::<Text, _>(new.source)
    .bind::<Text, _>(author)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    version(tx, new.code, None).await?.ok_or_else(|| Problem::internal("a stored scheme is gone"))
}
