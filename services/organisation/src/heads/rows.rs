use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Array, Date as SqlDate, Text};
use diesel_async::RunQueryDsl;
use events::{EmployeeNumber, Headship, UnitCode};
use jiff::civil::Date;
use platform::sql::{self, ToDiesel};
use platform::{Result, Tx};
use uuid::Uuid;

use crate::schema::heads;

#[derive(Insertable, Queryable)]
#[diesel(table_name = heads)]
struct HeadRow {
    company_id: Uuid,
    unit: UnitCode,
    number: EmployeeNumber,
    office: String,
    from_on: sql::Date,
    until_on: Option<sql::Date>,
}

/// Who has led these units, oldest first.
pub async fn load(tx: &mut Tx, units: &[UnitCode]) -> Result<HashMap<UnitCode, Vec<Headship>>> {
    let found: Vec<HeadRow> = heads::table
        .filter(heads::company_id.eq(tx.company))
        .filter(heads::unit.eq_any(units))
        .order((heads::unit, heads::office, heads::from_on))
        .load(tx.conn())
        .await?;
    let mut by_unit: HashMap<UnitCode, Vec<Headship>> = HashMap::new();
    for row in found {
        let (from, until) = (row.from_on.to_jiff(), row.until_on.map(sql::Date::to_jiff));
        by_unit.entry(row.unit).or_default().push(Headship { number: row.number, office: row.office, from, until });
    }
    Ok(by_unit)
}

/// Puts these in the place of all that was known of who led a unit.
pub async fn replace(tx: &mut Tx, unit: &str, all: &[Headship]) -> Result<()> {
    let of_unit = heads::table.filter(heads::company_id.eq(tx.company)).filter(heads::unit.eq(unit));
    diesel::delete(of_unit).execute(tx.conn()).await?;
    let company = tx.company;
    let row = |one: &Headship| HeadRow {
        company_id: company,
        unit: unit.into(),
        number: one.number.clone(),
        office: one.office.clone(),
        from_on: one.from.to_diesel(),
        until_on: one.until.map(|day| day.to_diesel()),
    };
    diesel::insert_into(heads::table).values(all.iter().map(row).collect::<Vec<_>>()).execute(tx.conn()).await?;
    Ok(())
}

/// Notes from when on these units have the heads that they have now: since a head began in the unit, where nobody led
/// it before, else from today.
pub async fn note(tx: &mut Tx, units: &[UnitCode], today: Date) -> Result<()> {
    tx.sql(
        "update heads h set until_on = greatest(h.from_on, $3::date - 1)
         from units u
         where h.company_id = $1 and h.unit = any($2) and h.office = 'head' and h.until_on is null
           and u.company_id = $1 and u.code = h.unit and u.head is distinct from h.number",
    )
    .bind::<Array<Text>, _>(units)
    .bind::<SqlDate, _>(today.to_diesel())
    .execute(tx.conn())
    .await?;
    tx.sql(
        "insert into heads (company_id, unit, number, office, from_on)
         select $1, u.code, u.head, 'head',
             case when exists (select from heads h where h.company_id = $1 and h.unit = u.code and h.office = 'head')
                  then $3
                  else coalesce((select min(a.from_day) from assignments a
                                 where a.company_id = $1 and a.number = u.head and a.unit = u.code), $3) end
         from units u
         where u.company_id = $1 and u.code = any($2) and u.head is not null and not exists (
             select from heads h
             where h.company_id = $1 and h.unit = u.code and h.office = 'head' and h.number = u.head
               and h.until_on is null)
         on conflict (company_id, unit, office, from_on) do update set number = excluded.number, until_on = null",
    )
    .bind::<Array<Text>, _>(units)
    .bind::<SqlDate, _>(today.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}
