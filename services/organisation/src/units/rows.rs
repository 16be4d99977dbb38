use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date as SqlDate, Nullable, Text};
use diesel_async::RunQueryDsl;
use events::{Unit, UnitCode};
use jiff::civil::Date;
use platform::sql::{Cached, ToDiesel};
use platform::{Result, Tx, page};

use super::unit::UnitRow;
use crate::heads;
use crate::schema::units;

/// These units, or all.
pub async fn load(tx: &mut Tx, codes: Option<&[UnitCode]>) -> Result<Vec<Unit>> {
    let mut chosen = units::table.filter(units::company_id.eq(tx.company)).select(UnitRow::as_select()).into_boxed();
    if let Some(codes) = codes {
        chosen = chosen.filter(units::code.eq_any(codes));
    }
    let found: Vec<UnitRow> = chosen.order(units::code).load(tx.conn()).await?;
    let found: Vec<Unit> = found.into_iter().map(Unit::try_from).collect::<Result<_>>()?;
    let codes: Vec<UnitCode> = found.iter().map(|unit| unit.code.clone()).collect();
    let mut headships = heads::rows::load(tx, &codes).await?;
    let with_heads = |unit: Unit| Unit { headships: headships.remove(&unit.code).unwrap_or_default(), ..unit };
    Ok(found.into_iter().map(with_heads).collect())
}

pub async fn page(tx: &mut Tx, after: Option<&str>, limit: i64) -> Result<Vec<UnitRow>> {
    let all = units::table.filter(units::company_id.eq(tx.company)).select(UnitRow::as_select());
    Ok(page!(all, units::code, after, limit).load(tx.conn()).await?)
}

pub async fn by_code(tx: &mut Tx, code: &str) -> Result<Option<UnitRow>> {
    let unit = units::table.find((tx.company, code)).select(UnitRow::as_select());
    Ok(unit.first(tx.conn()).await.optional()?)
}

/// Inserts units or puts in their newer version.
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
    let unit = diesel::update(units::table.find((tx.company, code)));
    let appointed = (units::appointed_head.eq(head), units::version.eq(units::version + 1_i64));
    unit.set(appointed).cached().execute(tx.conn()).await?;
    Ok(())
}

/// Sets every unit's head: who is appointed, else the member whose superior is not a member, the lowest number
/// when there are several. Returns the units that got another head. Superiors and members meet in a group, not in a
/// join, because the planner takes few members for granted and would compare each with each.
pub async fn derive_heads(tx: &mut Tx, today: Date) -> Result<Vec<UnitCode>> {
    let changed = tx
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
        .columns::<Text>()
        .load(tx.conn())
        .await?;
    Ok(changed)
}
