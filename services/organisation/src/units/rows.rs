use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Date as SqlDate, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::Unit;
use jiff::civil::Date;
use platform::sql::ToDiesel;
use platform::{Result, Tx};
use serde_json::Value;
use uuid::Uuid;

#[derive(Clone, Debug, QueryableByName)]
pub struct UnitRow {
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub parent: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub category: Option<String>,
    #[diesel(sql_type = Jsonb)]
    pub facts: Value,
    #[diesel(sql_type = Nullable<Text>)]
    pub head: Option<String>,
    #[diesel(sql_type = Bool)]
    pub head_appointed: bool,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
}

impl UnitRow {
    pub fn unit(self) -> Result<Unit> {
        Ok(Unit {
            code: self.code,
            name: self.name,
            parent: self.parent,
            category: self.category,
            head: self.head,
            facts: serde_json::from_value(self.facts)?,
            version: self.version,
        })
    }
}

/// These units, or all.
pub async fn load(tx: &mut Tx, codes: Option<&[String]>) -> Result<Vec<Unit>> {
    let rows: Vec<UnitRow> = tx
        .sql(
            "select code, name, parent, category, facts, head, appointed_head is not null as head_appointed, version
         from units where company_id = $1 and ($2::text[] is null or code = any($2)) order by code",
        )
        .bind::<Nullable<Array<Text>>, _>(codes)
        .load(tx.conn())
        .await?;
    rows.into_iter().map(UnitRow::unit).collect()
}

pub async fn page(tx: &mut Tx, after: Option<&str>, limit: i64) -> Result<Vec<UnitRow>> {
    Ok(tx
        .sql(
            "select code, name, parent, category, facts, head, appointed_head is not null as head_appointed, version
         from units where company_id = $1 and ($2::text is null or code > $2) order by code limit $3",
        )
        .bind::<Nullable<Text>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

pub async fn by_code(tx: &mut Tx, code: &str) -> Result<Option<UnitRow>> {
    let found: Vec<UnitRow> = tx
        .sql(
            "select code, name, parent, category, facts, head, appointed_head is not null as head_appointed, version
         from units where company_id = $1 and code = $2",
        )
        .bind::<Text, _>(code)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next())
}

pub async fn save(tx: &mut Tx, units: &[Unit]) -> Result<()> {
    let facts: Vec<String> = units.iter().map(|unit| serde_json::to_string(&unit.facts)).collect::<Result<_, _>>()?;
    tx.sql(
        "insert into units as u (company_id, code, name, parent, category, facts, version)
         select $1, t.code, t.name, t.parent, t.category, t.facts::jsonb, t.version
         from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
              as t (code, name, parent, category, facts, version)
         on conflict (company_id, code) do update set
             name = excluded.name, parent = excluded.parent, category = excluded.category, facts = excluded.facts,
             version = excluded.version
         where u.version < excluded.version",
    )
    .bind::<Array<Text>, _>(units.iter().map(|u| u.code.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(units.iter().map(|u| u.name.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(units.iter().map(|u| u.parent.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(units.iter().map(|u| u.category.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(facts)
    .bind::<Array<BigInt>, _>(units.iter().map(|u| u.version).collect::<Vec<_>>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Appoints a head by hand, or goes back to the derived one; the head itself is set by [`derive_heads`].
pub async fn appoint(tx: &mut Tx, code: &str, head: Option<&str>) -> Result<()> {
    tx.sql("update units set appointed_head = $3, version = version + 1 where company_id = $1 and code = $2")
        .bind::<Text, _>(code)
        .bind::<Nullable<Text>, _>(head)
        .execute(tx.conn())
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Code {
    #[diesel(sql_type = Text)]
    code: String,
}

/// Sets every unit's head: who is appointed, else the member whose superior is not a member, the lowest number
/// when there are several. Returns the units that got another head. Superiors and members meet in a group, not in a
/// join, because the planner takes few members for granted and would compare each with each.
pub async fn derive_heads(tx: &mut Tx, today: Date) -> Result<Vec<String>> {
    let changed: Vec<Code> = tx
        .sql(
            "with members as (
             select distinct on (a.number) a.number, a.unit, a.superior
             from assignments a
             join employees e on e.company_id = a.company_id and e.number = a.number
             where a.company_id = $1 and a.from_day <= $2 and (e.left_on is null or e.left_on >= $2)
             order by a.number, a.from_day desc
         ), reports as (
             select number as person, unit, null as reporter from members
             union all
             select superior, unit, number from members where superior is not null
         ), led_from_outside as (
             select unit, min(reporter collate \"C\") as head from reports
             group by person, unit having bool_and(reporter is not null)
             union all
             select unit, min(number collate \"C\") from members where superior is null group by unit
         ), derived as (
             select unit, min(head) as head from led_from_outside group by unit
         ), wanted as (
             select u.code, coalesce(u.appointed_head, d.head) as head
             from units u left join derived d on d.unit = u.code where u.company_id = $1
         )
         update units u set head = w.head, version = u.version + 1
         from wanted w where u.company_id = $1 and u.code = w.code and u.head is distinct from w.head
         returning u.code",
        )
        .bind::<SqlDate, _>(today.to_diesel())
        .load(tx.conn())
        .await?;
    Ok(changed.into_iter().map(|row| row.code).collect())
}

#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// A company whose heads were last derived before today, held until the transaction ends.
pub async fn due_company(tx: &mut Tx, today: Date) -> Result<Option<Uuid>> {
    let due: Vec<Due> = tx
        .sql_of_all("select id from companies where heads_on < $1 order by heads_on limit 1 for update skip locked")
        .bind::<SqlDate, _>(today.to_diesel())
        .load(tx.conn())
        .await?;
    Ok(due.into_iter().next().map(|due| due.id))
}

pub async fn heads_derived(tx: &mut Tx, today: Date) -> Result<()> {
    tx.sql("update companies set heads_on = $2 where id = $1")
        .bind::<SqlDate, _>(today.to_diesel())
        .execute(tx.conn())
        .await?;
    Ok(())
}
