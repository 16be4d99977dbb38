//! Results that rest on another one: their unit's score, or a fact, was found in it.

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::{EmployeeNumber, Event, Notice, Notices};
use platform::clock::date_of;
use platform::openapi::EnteredValue;
use platform::{Result, Tx};
use serde::Serialize;
use serde_json::Value;
use steps::directory::rows as known;
use utoipa::ToSchema;
use uuid::Uuid;

/// Somebody whose result was computed with a value that was found in another result.
#[derive(QueryableByName, Serialize, ToSchema)]
pub struct Dependent {
    /// In which cycle: this one or another.
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    /// `person:NUMBER` or `unit:CODE`.
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    name: String,
    /// Unit code.
    #[diesel(sql_type = Text)]
    unit: String,
    #[diesel(sql_type = SqlUuid)]
    result: Uuid,
    /// The latest version of it.
    #[diesel(sql_type = BigInt)]
    version: i64,
    /// Published ones are corrected; the others are computed anew when their cycle is closed again.
    #[diesel(sql_type = Bool)]
    published: bool,
    /// The result in which the value was found.
    #[diesel(sql_type = SqlUuid)]
    rests_on: Uuid,
    /// The version that it had then.
    #[diesel(sql_type = BigInt)]
    rests_on_version: i64,
    /// Whose value it is: the person's own or their unit's.
    #[diesel(sql_type = Text)]
    value_of: String,
    /// Which value it is, such as `score` or `fact.half_year_score`.
    #[diesel(sql_type = Text)]
    path: String,
    /// As it was when the result was computed.
    #[diesel(sql_type = Jsonb)]
    #[schema(value_type = EnteredValue)]
    value: Value,
    #[diesel(sql_type = BigInt)]
    #[serde(skip)]
    all_of_them: i64,
}

impl Dependent {
    /// The place in lists.
    pub fn key(&self) -> String {
        format!("{}/{}/{}", self.cycle, self.subject, self.path)
    }
}

/// Whose results rest on some, as they stand, by cycle and subject: people and units who have the value, and the people of
/// such units. Whoever was corrected in the value since then rests on it no more.
pub async fn of_results(tx: &mut Tx, ids: &[Uuid], after: Option<&str>, limit: i64) -> Result<Vec<Dependent>> {
    Ok(tx
        .sql(
            "select r.cycle, r.kind || ':' || r.subject as subject, r.name, r.unit, r.id as result, r.version, r.publication is not null as published,
                 s.rests_on, s.rests_version as rests_on_version, s.value_of, s.path, s.value, count(*) over () as all_of_them
             from result_sources s
             join cycles c on c.company_id = $1 and c.id = s.cycle and c.state <> 'cancelled'
             join results r on r.company_id = $1 and r.cycle = s.cycle and r.kind = s.kind and r.subject = s.subject and r.version = s.version
             where s.company_id = $1 and s.rests_on = any($2)
               and not exists (select from results v where v.company_id = $1 and v.cycle = s.cycle and v.kind = s.kind and v.subject = s.subject
                   and v.version > s.version)
               and ($3::text is null or s.cycle || '/' || s.kind || ':' || s.subject || '/' || s.path > $3)
             order by s.cycle || '/' || s.kind || ':' || s.subject || '/' || s.path limit $4",
        )
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Nullable<Text>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// As many as a correction tells of at once.
pub const TOLD_AT_MOST: i64 = 500;
/// As many as a mail names.
const NAMED_AT_MOST: usize = 20;

/// Tells HR whose results rest on what was corrected: they stay as they are until somebody corrects them too.
pub async fn tell(tx: &mut Tx, cycle: Uuid, key: &str, dependents: &[Dependent]) -> Result<()> {
    let to = known::holders(tx, "hr", date_of(tx.now)).await?;
    if dependents.is_empty() || to.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = dependents.iter().take(NAMED_AT_MOST).map(|one| one.name.as_str()).collect();
    let (more_zh, more_en) = if dependents.len() > NAMED_AT_MOST { (" 等", ", …") } else { ("", "") };
    let words = [
        ("about".to_owned(), dependents.first().map_or(0, |one| one.all_of_them).to_string()),
        ("reason_zh".to_owned(), format!("{}{more_zh}", names.join("、"))),
        ("reason_en".to_owned(), format!("{}{more_en}", names.join(", "))),
    ];
    let notice = Notice {
        key: format!("dependents/{key}"),
        kind: "dependents".to_owned(),
        to: to.iter().map(|number| EmployeeNumber::from(number.as_str())).collect(),
        words: words.into(),
    };
    tx.emit(&Event::ScoringNotices(Notices { within: cycle.into(), notices: vec![notice] })).await
}
