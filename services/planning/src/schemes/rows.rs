use std::collections::HashMap;

use basics::Label;
use diesel::dsl::{auto_type, max};
use diesel::sql_types::{Array, Text};
use diesel::{ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::RunQueryDsl;
use platform::sql::{Timestamp, ToDiesel};
use platform::{Problem, Result, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::schema::{cycles, schemes};

/// A version of a scheme. Once a cycle has been opened with it, it stays as it is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SchemeVersion {
    pub code: String,
    pub version: i32,
    pub name_zh: String,
    pub name_en: String,
    /// Employee number or account name.
    pub uploaded_by: String,
    pub uploaded_at: jiff::Timestamp,
    /// Cycles that were opened with this version.
    pub cycles: i64,
    /// The TOML text; only when one version is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// How many cycles were opened with a version of a scheme.
#[auto_type]
fn cycles_opened() -> _ {
    cycles::table
        .filter(cycles::company_id.eq(schemes::company_id))
        .filter(cycles::scheme_code.eq(schemes::code))
        .filter(cycles::scheme_version.eq(schemes::version))
        .count()
        .single_value()
        .assume_not_null()
}

/// What a list tells of a version: all but its source.
#[auto_type]
fn listed() -> _ {
    (
        schemes::code,
        schemes::version,
        schemes::name_zh,
        schemes::name_en,
        schemes::uploaded_by,
        schemes::uploaded_at,
        cycles_opened(),
    )
}

type Listed = (String, i32, String, String, String, Timestamp, i64);

fn without_source(listed: Listed) -> SchemeVersion {
    let (code, version, name_zh, name_en, uploaded_by, uploaded_at, cycles) = listed;
    let uploaded_at = uploaded_at.to_jiff();
    SchemeVersion { code, version, name_zh, name_en, uploaded_by, uploaded_at, cycles, source: None }
}

/// The latest version of each scheme, by code.
pub async fn latest(tx: &mut Tx) -> Result<Vec<SchemeVersion>> {
    let of_company = schemes::table.filter(schemes::company_id.eq(tx.company)).select(listed());
    let latest = of_company.distinct_on(schemes::code).order((schemes::code, schemes::version.desc()));
    let latest: Vec<Listed> = latest.load(tx.conn()).await?;
    Ok(latest.into_iter().map(without_source).collect())
}

/// All versions of a scheme, newest first.
pub async fn versions(tx: &mut Tx, code: &str) -> Result<Vec<SchemeVersion>> {
    let of_scheme = schemes::table.filter(schemes::company_id.eq(tx.company)).filter(schemes::code.eq(code));
    let versions: Vec<Listed> = of_scheme.select(listed()).order(schemes::version.desc()).load(tx.conn()).await?;
    Ok(versions.into_iter().map(without_source).collect())
}

/// One version with its source, the latest one unless a version is named.
pub async fn version(tx: &mut Tx, code: &str, version: Option<i32>) -> Result<Option<SchemeVersion>> {
    let mut of_scheme = schemes::table
        .filter(schemes::company_id.eq(tx.company))
        .filter(schemes::code.eq(code))
        .select((listed(), schemes::source))
        .into_boxed();
    if let Some(version) = version {
        of_scheme = of_scheme.filter(schemes::version.eq(version));
    }
    let found: Option<(Listed, String)> = of_scheme.order(schemes::version.desc()).first(tx.conn()).await.optional()?;
    Ok(found.map(|(listed, source)| SchemeVersion { source: Some(source), ..without_source(listed) }))
}

/// What a new version holds.
pub struct NewVersion<'a> {
    pub code: &'a str,
    pub name_zh: &'a str,
    pub name_en: &'a str,
    pub source: &'a str,
}

/// A template as the first version that it becomes once a cycle is opened with it; nobody has uploaded it.
pub fn of_template(new: NewVersion<'_>, now: jiff::Timestamp) -> SchemeVersion {
    SchemeVersion {
        code: new.code.to_owned(),
        version: 1,
        name_zh: new.name_zh.to_owned(),
        name_en: new.name_en.to_owned(),
        uploaded_by: String::new(),
        uploaded_at: now,
        cycles: 0,
        source: Some(new.source.to_owned()),
    }
}

/// Stores a scheme as the next version of its code.
pub async fn add(tx: &mut Tx, new: NewVersion<'_>) -> Result<SchemeVersion> {
    let (company, now, author) = (tx.company, tx.now, tx.actor.name.clone());
    // Two uploads of one code take their numbers one after the other.
    tx.sql("select pg_advisory_xact_lock(hashtextextended('scheme ' || $1::text || $2, 0))")
        .bind::<Text, _>(new.code)
        .execute(tx.conn())
        .await?;
    let of_scheme = schemes::table.filter(schemes::company_id.eq(company)).filter(schemes::code.eq(new.code));
    let latest: Option<i32> = of_scheme.select(max(schemes::version)).get_result(tx.conn()).await?;
    let row = (
        schemes::company_id.eq(company),
        schemes::code.eq(new.code),
        schemes::version.eq(latest.unwrap_or(0) + 1),
        schemes::name_zh.eq(new.name_zh),
        schemes::name_en.eq(new.name_en),
        schemes::source.eq(new.source),
        schemes::uploaded_by.eq(author),
        schemes::uploaded_at.eq(now.to_diesel()),
    );
    diesel::insert_into(schemes::table).values(row).execute(tx.conn()).await?;
    version(tx, new.code, None).await?.ok_or_else(|| Problem::internal("a stored scheme is gone"))
}

/// What schemes are called, by code: as their latest versions say.
pub async fn labels(tx: &mut Tx, codes: &[&str]) -> Result<HashMap<String, Label>> {
    let named: Vec<(String, String, String)> = tx
        .sql(
            "select distinct on (code) code, name_zh, name_en from schemes
             where company_id = $1 and code = any($2) order by code, version desc",
        )
        .bind::<Array<Text>, _>(codes.to_vec())
        .columns::<(Text, Text, Text)>()
        .load(tx.conn())
        .await?;
    Ok(named.into_iter().map(|(code, zh, en)| (code, Label::new(&zh, &en))).collect())
}
