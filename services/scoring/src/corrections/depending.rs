//! Results that rest on another one: their unit's score, or a fact, was found in it.

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Uuid as SqlUuid};
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
    /// The result in which the value was found.
    #[diesel(sql_type = SqlUuid)]
    rests_on: Uuid,
    /// The version that it had then.
    #[diesel(sql_type = BigInt)]
    rests_on_version: i64,
    /// Whose value it is: the person's own or their unit's.
    #[diesel(sql_type = Text)]
    value_of: String,
    /// Which value, such as `score` or `fact.half_year_score`.
    #[diesel(sql_type = Text)]
    path: String,
    #[diesel(sql_type = Jsonb)]
    #[schema(value_type = EnteredValue)]
    value: Value,
}

impl Dependent {
    /// The place in lists.
    pub fn key(&self) -> String {
        format!("{}/{}", self.cycle, self.subject)
    }
}

/// Whose results rest on some, by cycle and subject: people and units who have the value, and the people of such units.
pub async fn of_results(tx: &mut Tx, ids: &[Uuid], after: Option<&str>, limit: i64) -> Result<Vec<Dependent>> {
    Ok(tx
        .sql(
            "select * from (
                 select distinct on (r.cycle, r.kind, r.subject) r.cycle, r.kind || ':' || r.subject as subject, r.name, r.unit, r.id as result, r.version,
                     f.rests_on, f.rests_version as rests_on_version, f.kind || ':' || f.subject as value_of, f.path, f.value
                 from facts f
                 join cycles c on c.company_id = $1 and c.id = f.cycle and c.state <> 'cancelled'
                 join results r on r.company_id = $1 and r.cycle = f.cycle
                     and ((r.kind = f.kind and r.subject = f.subject) or (f.kind = 'unit' and r.kind = 'person' and r.unit = f.subject))
                 where f.company_id = $1 and f.rests_on = any($2) and f.latest
                 order by r.cycle, r.kind, r.subject, r.version desc) d
             where $3::text is null or d.cycle || '/' || d.subject > $3
             order by d.cycle || '/' || d.subject limit $4",
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
        ("about".to_owned(), dependents.len().to_string()),
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
