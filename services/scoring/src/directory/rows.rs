use std::collections::BTreeSet;

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Jsonb, Text};
use diesel_async::RunQueryDsl;
use events::{Body, Employee, Seat};
use jiff::civil::Date;
use platform::{Result, Tx};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

pub async fn keep_people(tx: &mut Tx, employees: &[Employee], today: Date) -> Result<()> {
    let row = |person: &Employee| {
        let unit =
            person.assignment_on(today).or_else(|| person.assignments.as_slice().first()).map(|at| at.unit.to_string());
        json!({ "number": person.number, "name": person.name, "unit": unit, "version": person.version })
    };
    tx.sql(
        "insert into people (company_id, number, name, unit, version)
         select distinct on (n.number) $1, n.number, n.name, n.unit, n.version
         from jsonb_to_recordset($2) as n(number text, name text, unit text, version bigint)
         order by n.number, n.version desc
         on conflict (company_id, number) do update set name = excluded.name, unit = excluded.unit, version = excluded.version
         where excluded.version > people.version",
    )
    .bind::<Jsonb, _>(employees.iter().map(row).collect::<Value>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn keep_bodies(tx: &mut Tx, bodies: &[Body]) -> Result<()> {
    tx.sql(
        "insert into bodies (company_id, code, name_zh, name_en, seats, version)
         select distinct on (n.code) $1, n.code, n.name_zh, n.name_en, n.seats, n.version
         from jsonb_to_recordset($2) as n(code text, name_zh text, name_en text, seats jsonb, version bigint)
         order by n.code, n.version desc
         on conflict (company_id, code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en,
             seats = excluded.seats, version = excluded.version
         where excluded.version > bodies.version",
    )
    .bind::<Jsonb, _>(serde_json::to_value(bodies)?)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A body with its seats.
#[derive(QueryableByName)]
struct BodyRow {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Jsonb)]
    seats: Value,
}

/// The bodies of the company, each with those who sit in it on a day.
#[derive(Clone, Debug, Default)]
pub struct Bodies(Vec<(String, Vec<Seat>)>);

impl Bodies {
    pub fn has(&self, code: &str) -> bool {
        self.0.iter().any(|(known, _)| known == code)
    }

    pub fn seats(&self, code: &str) -> &[Seat] {
        self.0.iter().find(|(known, _)| known == code).map_or(&[], |(_, seats)| seats)
    }

    /// The bodies in which somebody sits, and their offices there: `LG`, `LG/leader`.
    pub fn of(&self, number: &str) -> Vec<String> {
        let seats = self.0.iter().flat_map(|(code, seats)| seats.iter().map(move |seat| (code, seat)));
        let own = seats.filter(|(_, seat)| &*seat.number == number);
        own.flat_map(|(code, seat)| [code.clone(), format!("{code}/{}", seat.office)]).collect()
    }

    /// Whether somebody sits in a body, in an office of it where one is named.
    pub fn holds(&self, code: &str, office: Option<&str>, number: &str) -> bool {
        self.seats(code).iter().any(|seat| &*seat.number == number && office.is_none_or(|office| seat.office == office))
    }
}

pub async fn bodies(tx: &mut Tx, today: Date) -> Result<Bodies> {
    let rows: Vec<BodyRow> =
        tx.sql("select code, seats from bodies where company_id = $1 order by code").load(tx.conn()).await?;
    let seated = |row: BodyRow| {
        let seats: Vec<Seat> = serde_json::from_value(row.seats)?;
        Ok((row.code, seats.into_iter().filter(|seat| seat.is_held_on(today)).collect()))
    };
    rows.into_iter().map(seated).collect::<Result<_>>().map(Bodies)
}

/// Those of some numbers who are known.
pub async fn people(tx: &mut Tx, numbers: &[String]) -> Result<BTreeSet<String>> {
    let found: Vec<String> = tx
        .sql("select number from people where company_id = $1 and number = any($2)")
        .bind::<Array<Text>, _>(numbers)
        .columns::<Text>()
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().collect())
}

/// How much has arrived.
#[derive(QueryableByName, Serialize, ToSchema)]
pub struct Size {
    #[diesel(sql_type = BigInt)]
    pub people: i64,
    #[diesel(sql_type = BigInt)]
    pub bodies: i64,
}

pub async fn size(tx: &mut Tx) -> Result<Size> {
    Ok(tx
        .sql(
            "select (select count(*) from people where company_id = $1) as people,
                 (select count(*) from bodies where company_id = $1) as bodies",
        )
        .get_result(tx.conn())
        .await?)
}
