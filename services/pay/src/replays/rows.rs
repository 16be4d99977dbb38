use events::EmployeeNumber;
use std::collections::HashMap;

use diesel::dsl::count_star;
use diesel::pg::Pg;
use diesel::sql_types::{Array, BigInt, Text, Uuid as SqlUuid};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use platform::replay::Closed;
use platform::{Result, Tx};
use uuid::Uuid;

use crate::schema::{reckonings, statements};
use crate::statements::rows::{Issued, IssuedColumns};
use crate::statements::{Previous, Statement};

/// Cycles with statements, or with what statements were reckoned from, of every company.
pub async fn paid(tx: &mut Tx) -> Result<Vec<Closed>> {
    Ok(tx.sql_of_all(
        "select c.company_id as company, c.id as cycle, c.scheme_code as scheme, c.period
         from cycles c left join (select company_id, cycle, min(position) as first from statements group by company_id, cycle) s
              on s.company_id = c.company_id and s.cycle = c.id
         where s.first is not null or exists (select from reckonings r where r.company_id = c.company_id and r.cycle = c.id)
         order by c.company_id, s.first, c.id",
    )
    .load(tx.conn())
    .await?)
}

/// What some statements were reckoned from.
#[derive(Queryable, Selectable)]
#[diesel(table_name = reckonings, check_for_backend(Pg))]
pub struct Kept {
    pub id: Uuid,
    pub basis: String,
}

/// The next of what was kept of a cycle.
pub async fn kept_after(tx: &mut Tx, cycle: Uuid, after: Uuid) -> Result<Option<Kept>> {
    let found = reckonings::table
        .filter(reckonings::company_id.eq(tx.company))
        .filter(reckonings::cycle.eq(cycle))
        .filter(reckonings::id.gt(after))
        .order(reckonings::id)
        .select(Kept::as_select())
        .first(tx.conn())
        .await;
    Ok(found.optional()?)
}

/// A statement as it is stored.
#[derive(Queryable, Selectable)]
#[diesel(table_name = statements, check_for_backend(Pg))]
pub struct Stored {
    pub position: i64,
    pub number: EmployeeNumber,
    pub result_version: i64,
    pub document: String,
    pub explanation: Option<String>,
}

impl Stored {
    pub fn who(&self) -> String {
        who(&self.number, self.result_version)
    }

    /// The document has it to the digit; the column does not.
    pub fn issued_at(&self) -> Result<Timestamp> {
        Ok(serde_json::from_str::<Statement>(&self.document)?.issued_at)
    }
}

/// How a statement is named where something is told of it.
pub fn who(number: &str, result_version: i64) -> String {
    format!("statement of {number} for version {result_version}")
}

/// The statements of one reckoning.
pub async fn statements_of(tx: &mut Tx, reckoning: Uuid) -> Result<Vec<Stored>> {
    Ok(statements::table
        .filter(statements::company_id.eq(tx.company))
        .filter(statements::reckoning.eq(reckoning))
        .order(statements::position)
        .select(Stored::as_select())
        .load(tx.conn())
        .await?)
}

/// All statements of people for a cycle by number, each person's in the order of result versions.
pub async fn issued(tx: &mut Tx, cycle: Uuid, numbers: &[&str]) -> Result<HashMap<EmployeeNumber, Vec<Previous>>> {
    let rows: Vec<Issued> = tx
        .sql(
            "select s.number, s.id, s.result_version, d.document ->> 'currency', d.document -> 'components'
             from statements s cross join lateral (select s.document::jsonb as document) d
             where s.company_id = $1 and s.cycle = $2 and s.number = any($3) order by s.number, s.result_version",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(numbers)
        .columns::<IssuedColumns>()
        .load(tx.conn())
        .await?;
    let mut issued: HashMap<EmployeeNumber, Vec<Previous>> = HashMap::new();
    for row in rows {
        let (number, previous) = row.read()?;
        issued.entry(number).or_default().push(previous);
    }
    Ok(issued)
}

/// How many statements of a cycle are stored.
pub async fn count(tx: &mut Tx, cycle: Uuid) -> Result<i64> {
    Ok(statements::table
        .select(count_star())
        .filter(statements::company_id.eq(tx.company))
        .filter(statements::cycle.eq(cycle))
        .first(tx.conn())
        .await?)
}

/// How many of them were issued before what they stand on was kept.
pub async fn count_without_basis(tx: &mut Tx, cycle: Uuid) -> Result<i64> {
    Ok(statements::table
        .select(count_star())
        .filter(statements::company_id.eq(tx.company))
        .filter(statements::cycle.eq(cycle))
        .filter(statements::reckoning.is_null())
        .first(tx.conn())
        .await?)
}

/// A place in the feed without one right before it.
#[derive(Queryable)]
pub struct Gap {
    pub position: i64,
    /// The last place that is taken before it; 0 when none is.
    pub before: i64,
}

/// The gaps in the company's feed right before statements of a cycle.
pub async fn gaps(tx: &mut Tx, cycle: Uuid) -> Result<Vec<Gap>> {
    Ok(tx
        .sql(
            "select s.position, coalesce((select max(b.position) from statements b
                    where b.company_id = $1 and b.position < s.position), 0)
             from statements s where s.company_id = $1 and s.cycle = $2 and s.position > 1
               and not exists (select from statements b where b.company_id = $1 and b.position = s.position - 1)
             order by s.position",
        )
        .bind::<SqlUuid, _>(cycle)
        .columns::<(BigInt, BigInt)>()
        .load(tx.conn())
        .await?)
}

/// Where the company's feed ends: the last place, and the cycle of its statement.
pub async fn feed_end(tx: &mut Tx) -> Result<Option<(i64, Uuid)>> {
    let last = statements::table
        .select((statements::position, statements::cycle))
        .filter(statements::company_id.eq(tx.company))
        .order(statements::position.desc())
        .first(tx.conn())
        .await;
    Ok(last.optional()?)
}
