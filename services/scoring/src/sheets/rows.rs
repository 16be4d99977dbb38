use std::collections::BTreeSet;

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::{SettledSheet, Values};
use platform::{Problem, Result, Task, Tx, say};
use serde_json::Value;
use uuid::Uuid;

use super::sheet::{Open, Sheet, id_of};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    cycle: Uuid,
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Text)]
    unit: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    category: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    position: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    superior: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    hired_on: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    left_on: Option<String>,
    #[diesel(sql_type = Jsonb)]
    facts: Value,
    #[diesel(sql_type = Jsonb)]
    weights: Value,
    #[diesel(sql_type = Array<Text>)]
    priorities: Vec<String>,
    #[diesel(sql_type = Jsonb)]
    inputs: Value,
    #[diesel(sql_type = Jsonb)]
    evidence: Value,
    #[diesel(sql_type = Jsonb)]
    submitted: Value,
    #[diesel(sql_type = Array<Text>)]
    missing_parts: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    open_parts: Vec<String>,
    #[diesel(sql_type = BigInt)]
    version: i64,
}

impl Row {
    fn read(self) -> Result<Sheet> {
        Ok(Sheet {
            id: self.id,
            cycle: self.cycle,
            number: self.number,
            unit: self.unit,
            name: self.name,
            category: self.category,
            position: self.position,
            superior: self.superior,
            hired_on: self.hired_on,
            left_on: self.left_on,
            facts: serde_json::from_value(self.facts)?,
            weights: serde_json::from_value(self.weights)?,
            priorities: self.priorities,
            inputs: serde_json::from_value(self.inputs)?,
            evidence: serde_json::from_value(self.evidence)?,
            submitted: serde_json::from_value(self.submitted)?,
            missing_parts: self.missing_parts,
            open_parts: self.open_parts,
            version: self.version,
        })
    }
}

const COLUMNS: &str = "id, cycle, number, unit, name, category, position, superior, hired_on::text as hired_on, left_on::text as left_on,
    facts || entered_facts as facts, weights, priorities, inputs, evidence, submitted, missing_parts, open_parts, version";

#[derive(QueryableByName)]
struct Unit {
    #[diesel(sql_type = Text)]
    unit: String,
}

/// The units whose scores and facts are a person's too.
pub fn units_of<'a>(tx: &'a mut Tx, number: &'a str) -> Task<'a, Result<Vec<String>>> {
    Box::pin(async move {
        let units: Vec<Unit> = tx
            .sql("select distinct unit from sheets where company_id = $1 and number = $2")
            .bind::<Text, _>(number)
            .load(tx.conn())
            .await?;
        Ok(units.into_iter().map(|row| row.unit).collect())
    })
}

pub async fn find(tx: &mut Tx, id: Uuid) -> Result<Option<Sheet>> {
    let rows: Vec<Row> = tx
        .sql(&format!("select {COLUMNS} from sheets where company_id = $1 and id = $2"))
        .bind::<SqlUuid, _>(id)
        .load(tx.conn())
        .await?;
    rows.into_iter().next().map(Row::read).transpose()
}

pub async fn lock(tx: &mut Tx, id: Uuid) -> Result<Sheet> {
    let rows: Vec<Row> = tx
        .sql(&format!("select {COLUMNS} from sheets where company_id = $1 and id = $2 for update"))
        .bind::<SqlUuid, _>(id)
        .load(tx.conn())
        .await?;
    rows.into_iter().next().map(Row::read).transpose()?.ok_or_else(|| Problem::not_found(say!("考核表", "sheet")))
}

/// The sheets of these people, locked in the order of their numbers.
pub async fn lock_many(tx: &mut Tx, cycle: Uuid, numbers: &[String]) -> Result<Vec<Sheet>> {
    let rows: Vec<Row> = tx.sql(&format!(
        "select {COLUMNS} from sheets where company_id = $1 and cycle = $2 and number = any($3) order by number for update"
    ))
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(numbers)
    .load(tx.conn())
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// All sheets of some units, or of the whole cycle, a page at a time.
pub async fn of_units(tx: &mut Tx, cycle: Uuid, units: Option<&[String]>) -> Result<Vec<Sheet>> {
    let rows: Vec<Row> = tx.sql(&format!(
        "select {COLUMNS} from sheets where company_id = $1 and cycle = $2 and ($3::text[] is null or unit = any($3)) order by unit, number"
    ))
    .bind::<SqlUuid, _>(cycle)
    .bind::<Nullable<Array<Text>>, _>(units)
    .load(tx.conn())
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// The first sheets of a cycle that lack something.
pub async fn incomplete(tx: &mut Tx, cycle: Uuid, limit: i64) -> Result<Vec<Sheet>> {
    let rows: Vec<Row> = tx.sql(&format!(
        "select {COLUMNS} from sheets where company_id = $1 and cycle = $2 and not complete order by number limit $3"
    ))
    .bind::<SqlUuid, _>(cycle)
    .bind::<BigInt, _>(limit)
    .load(tx.conn())
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Which sheets a list shows.
#[derive(Default)]
pub struct Filter {
    pub cycle: Option<Uuid>,
    pub unit: Option<String>,
    pub state: Option<&'static str>,
    pub mine: Option<&'static str>,
    /// Everybody's; else only those the person is concerned with.
    pub all: bool,
    /// The caller's employee number.
    pub number: Option<String>,
    pub after: Option<(Uuid, String)>,
}

pub async fn list(tx: &mut Tx, filter: &Filter, limit: i64) -> Result<Vec<Sheet>> {
    let (after_cycle, after_number) = filter.after.clone().unzip();
    let rows: Vec<Row> = tx.sql(&format!(
        "select {COLUMNS} from sheets s
         where company_id = $1 and ($2::uuid is null or cycle = $2) and ($3::text is null or unit = $3)
           and ($4::text is null or case $4 when 'complete' then complete
                when 'ready' then not complete and cardinality(missing_parts) = 0 else cardinality(missing_parts) > 0 end)
           and ($5 or number = $6 or superior = $6
                or exists (select from units u where u.company_id = $1 and u.cycle = s.cycle and u.code = s.unit and u.head = $6))
           and ($7::text is null or case $7 when 'rater' then superior = $6 else number = $6 end)
           and ($8::uuid is null or (cycle, number) > ($8, $9))
         order by cycle, number limit $10"
    ))
    .bind::<Nullable<SqlUuid>, _>(filter.cycle)
    .bind::<Nullable<Text>, _>(&filter.unit)
    .bind::<Nullable<Text>, _>(filter.state)
    .bind::<Bool, _>(filter.all)
    .bind::<Nullable<Text>, _>(&filter.number)
    .bind::<Nullable<Text>, _>(filter.mine)
    .bind::<Nullable<SqlUuid>, _>(after_cycle)
    .bind::<Nullable<Text>, _>(after_number)
    .bind::<BigInt, _>(limit)
    .load(tx.conn())
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Stores settled sheets; what was entered already stays. `open` says what each of them still needs.
pub async fn settle(tx: &mut Tx, cycle: Uuid, unit: &str, sheets: &[SettledSheet], open: &[Open]) -> Result<()> {
    let text = |of: fn(&SettledSheet) -> Option<String>| sheets.iter().map(of).collect::<Vec<_>>();
    let json = |of: fn(&SettledSheet) -> &Values| {
        sheets.iter().map(|s| serde_json::to_value(of(s))).collect::<Result<Vec<_>, _>>()
    };
    let lists =
        |of: fn(&Open) -> &Vec<String>| open.iter().map(|o| serde_json::to_value(of(o))).collect::<Result<Vec<_>, _>>();
    let priorities = sheets.iter().map(|s| serde_json::to_value(&s.priorities)).collect::<Result<Vec<_>, _>>()?;
    tx.sql(
        "insert into sheets (company_id, cycle, number, id, unit, name, category, position, superior, hired_on, left_on, facts, weights,
                             priorities, settled_version, missing_parts, open_parts)
         select $1, $2, n.number, n.id, $3, n.name, n.category, n.position, n.superior, n.hired_on::date, n.left_on::date, n.facts, n.weights,
                array(select jsonb_array_elements_text(n.priorities)), n.version,
                array(select jsonb_array_elements_text(n.missing)), array(select jsonb_array_elements_text(n.open))
         from unnest($4::text[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
                     $12::jsonb[], $13::jsonb[], $14::jsonb[], $15::bigint[], $16::jsonb[], $17::jsonb[])
              n(number, id, name, category, position, superior, hired_on, left_on, facts, weights, priorities, version, missing, open)
         on conflict (company_id, cycle, number) do update
         set unit = excluded.unit, name = excluded.name, category = excluded.category, position = excluded.position,
             superior = excluded.superior, hired_on = excluded.hired_on, left_on = excluded.left_on, facts = excluded.facts,
             weights = excluded.weights, priorities = excluded.priorities, settled_version = excluded.settled_version,
             version = sheets.version + 1
         where excluded.settled_version > sheets.settled_version",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(unit)
    .bind::<Array<Text>, _>(sheets.iter().map(|s| s.number.as_str()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(sheets.iter().map(|s| id_of(cycle, &s.number)).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(sheets.iter().map(|s| s.name.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(text(|s| s.category.clone()))
    .bind::<Array<Nullable<Text>>, _>(text(|s| s.position.clone()))
    .bind::<Array<Nullable<Text>>, _>(text(|s| s.superior.clone().map(String::from)))
    .bind::<Array<Nullable<Text>>, _>(text(|s| s.hired_on.map(|d| d.to_string())))
    .bind::<Array<Nullable<Text>>, _>(text(|s| s.left_on.map(|d| d.to_string())))
    .bind::<Array<Jsonb>, _>(json(|s| &s.facts)?)
    .bind::<Array<Jsonb>, _>(json(|s| &s.weights)?)
    .bind::<Array<Jsonb>, _>(priorities)
    .bind::<Array<BigInt>, _>(sheets.iter().map(|s| s.version).collect::<Vec<_>>())
    .bind::<Array<Jsonb>, _>(lists(|o| &o.missing_parts)?)
    .bind::<Array<Jsonb>, _>(lists(|o| &o.open_parts)?)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn count(tx: &mut Tx, cycle: Uuid) -> Result<i64> {
    let found: crate::cycles::rows::Number = tx
        .sql("select count(*) as number from sheets where company_id = $1 and cycle = $2")
        .bind::<SqlUuid, _>(cycle)
        .get_result(tx.conn())
        .await?;
    Ok(found.number)
}

/// From how many new rows on the server is made to look at its tables at once.
const MANY: i64 = 1000;

/// Lets the server know of many new sheets, so that it plans what follows for as many.
pub async fn refresh_statistics(tx: &mut Tx, new_rows: i64) -> Result<()> {
    if new_rows >= MANY {
        tx.sql_of_all("select refresh_statistics()").execute(tx.conn()).await?;
    }
    Ok(())
}

/// Writes back what was entered, submitted or returned.
pub async fn store(tx: &mut Tx, cycle: Uuid, sheets: &[Sheet]) -> Result<()> {
    for chunk in sheets.chunks(1000) {
        store_chunk(tx, cycle, chunk).await?;
    }
    Ok(())
}

async fn store_chunk(tx: &mut Tx, cycle: Uuid, sheets: &[Sheet]) -> Result<()> {
    let json = |of: &dyn Fn(&Sheet) -> serde_json::Result<Value>| {
        sheets.iter().map(of).collect::<serde_json::Result<Vec<Value>>>()
    };
    tx.sql(
        "update sheets s set inputs = n.inputs, evidence = n.evidence, submitted = n.submitted,
             missing_parts = array(select jsonb_array_elements_text(n.missing)),
             open_parts = array(select jsonb_array_elements_text(n.open)), version = s.version + 1
         from unnest($3::text[], $4::jsonb[], $5::jsonb[], $6::jsonb[], $7::jsonb[], $8::jsonb[])
              n(number, inputs, evidence, submitted, missing, open)
         where s.company_id = $1 and s.cycle = $2 and s.number = n.number",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(sheets.iter().map(|s| s.number.as_str()).collect::<Vec<_>>())
    .bind::<Array<Jsonb>, _>(json(&|s| serde_json::to_value(&s.inputs))?)
    .bind::<Array<Jsonb>, _>(json(&|s| serde_json::to_value(&s.evidence))?)
    .bind::<Array<Jsonb>, _>(json(&|s| serde_json::to_value(&s.submitted))?)
    .bind::<Array<Jsonb>, _>(json(&|s| serde_json::to_value(&s.missing_parts))?)
    .bind::<Array<Jsonb>, _>(json(&|s| serde_json::to_value(&s.open_parts))?)
    .execute(tx.conn())
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Pair {
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Text)]
    rater: String,
}

/// Who may not rate whom in a cycle: pairs of appraisee and rater.
pub async fn recusals(tx: &mut Tx, cycle: Uuid) -> Result<BTreeSet<(String, String)>> {
    let pairs: Vec<Pair> = tx
        .sql("select number, rater from recusals where company_id = $1 and cycle = $2")
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?;
    Ok(pairs.into_iter().map(|p| (p.number, p.rater)).collect())
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

/// Whether a person stands above another in the reporting line as stored, or heads their unit.
pub async fn is_above(tx: &mut Tx, cycle: Uuid, number: &str, above: &str) -> Result<bool> {
    let answer: Found = tx
        .sql(
            "with recursive line(number, steps) as (
             select superior, 1 from sheets where company_id = $1 and cycle = $2 and number = $3
             union
             select s.superior, steps + 1 from line l
             join sheets s on s.company_id = $1 and s.cycle = $2 and s.number = l.number where steps < 50)
         select exists (select from line where number = $4)
             or exists (select from sheets s join units u on u.company_id = $1 and u.cycle = $2 and u.code = s.unit
                        where s.company_id = $1 and s.cycle = $2 and s.number = $3 and u.head = $4) as found",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(number)
        .bind::<Text, _>(above)
        .get_result(tx.conn())
        .await?;
    Ok(answer.found)
}

/// A page of sheets that still have a part which may be the caller's to submit, locked.
pub async fn lock_page_to_submit(
    tx: &mut Tx,
    cycle: Uuid,
    viewer: &crate::viewer::Viewer,
    after: &str,
    limit: i64,
) -> Result<Vec<Sheet>> {
    let rows: Vec<Row> = tx
        .sql(&format!(
            "select {COLUMNS} from sheets
         where company_id = $1 and cycle = $2 and number > $3 and cardinality(open_parts) > 0
           and ($4 or superior = $5 or number = $5)
         order by number limit $6 for update"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(after)
        .bind::<Bool, _>(viewer.hr || viewer.executive)
        .bind::<Nullable<Text>, _>(&viewer.number)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?;
    rows.into_iter().map(Row::read).collect()
}

#[derive(QueryableByName)]
struct Person {
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Nullable<Text>)]
    category: Option<String>,
}

/// Everybody who has a sheet in a cycle, with their category.
pub async fn numbers(tx: &mut Tx, cycle: Uuid) -> Result<Vec<(String, Option<String>)>> {
    let found: Vec<Person> = tx
        .sql("select number, category from sheets where company_id = $1 and cycle = $2 order by number")
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(|row| (row.number, row.category)).collect())
}
