use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use events::{Body, EmployeeNumber, Seat, UnitCode};
use jiff::civil::Date;
use platform::openapi::LabelView;
use platform::sql::{self, Cached, ToDiesel};
use platform::{Result, Tx};
use serde_json::Value;
use uuid::Uuid;

use super::body::{BodyRule, NewSeat};
use crate::schema::{bodies, seats};

#[derive(Insertable, Queryable)]
#[diesel(table_name = bodies)]
struct BodyRow {
    company_id: Uuid,
    code: String,
    name_zh: String,
    name_en: String,
    rule: Value,
    version: i64,
}

#[derive(Insertable, Queryable)]
#[diesel(table_name = seats)]
struct SeatRow {
    company_id: Uuid,
    body: String,
    place: i32,
    number: EmployeeNumber,
    office: String,
    in_charge: Vec<UnitCode>,
    represents: Option<String>,
    from_on: sql::Date,
    until_on: Option<sql::Date>,
}

/// All bodies of the company by code, or one, each with its rule.
pub async fn load(tx: &mut Tx, code: Option<&str>) -> Result<Vec<(Body, BodyRule)>> {
    let mut chosen = bodies::table.filter(bodies::company_id.eq(tx.company)).into_boxed();
    let mut seated = seats::table.filter(seats::company_id.eq(tx.company)).into_boxed();
    if let Some(code) = code {
        chosen = chosen.filter(bodies::code.eq(code.to_owned()));
        seated = seated.filter(seats::body.eq(code.to_owned()));
    }
    let found: Vec<BodyRow> = chosen.order(bodies::code).load(tx.conn()).await?;
    let rows: Vec<SeatRow> = seated.order((seats::body, seats::place)).load(tx.conn()).await?;
    let mut by_body: HashMap<String, Vec<Seat>> = HashMap::new();
    for row in rows {
        let seat = Seat {
            number: row.number,
            office: row.office,
            in_charge: row.in_charge,
            represents: row.represents,
            from: row.from_on.to_jiff(),
            until: row.until_on.map(sql::Date::to_jiff),
        };
        by_body.entry(row.body).or_default().push(seat);
    }
    let body = |row: BodyRow| {
        let seats = by_body.remove(&row.code).unwrap_or_default();
        let BodyRow { code, name_zh, name_en, rule, version, .. } = row;
        let rule: BodyRule = serde_json::from_value(rule)?;
        Ok((Body { code, name_zh, name_en, seats, rule: (&rule).into(), version }, rule))
    };
    found.into_iter().map(body).collect()
}

/// Founds a body; false when there is one of this code.
pub async fn insert(tx: &mut Tx, code: &str, name: &LabelView, rule: &BodyRule) -> Result<bool> {
    let row = BodyRow {
        company_id: tx.company,
        code: code.to_owned(),
        name_zh: name.zh.clone(),
        name_en: name.en.clone(),
        rule: serde_json::to_value(rule)?,
        version: 1,
    };
    let inserted =
        diesel::insert_into(bodies::table).values(row).on_conflict_do_nothing().cached().execute(tx.conn()).await?;
    Ok(inserted == 1)
}

pub async fn rename(tx: &mut Tx, code: &str, name: &LabelView, rule: &BodyRule) -> Result<()> {
    let change = (
        bodies::name_zh.eq(&name.zh),
        bodies::name_en.eq(&name.en),
        bodies::rule.eq(serde_json::to_value(rule)?),
        bodies::version.eq(bodies::version + 1_i64),
    );
    diesel::update(bodies::table.find((tx.company, code))).set(change).cached().execute(tx.conn()).await?;
    Ok(())
}

/// Seats these people in the place of all who sat there.
pub async fn seat(tx: &mut Tx, code: &str, wanted: &[NewSeat], today: Date) -> Result<()> {
    let of_body = seats::table.filter(seats::company_id.eq(tx.company)).filter(seats::body.eq(code));
    diesel::delete(of_body).execute(tx.conn()).await?;
    let company = tx.company;
    let row = |(place, seat): (i32, &NewSeat)| SeatRow {
        company_id: company,
        body: code.to_owned(),
        place,
        number: seat.number.as_str().into(),
        office: seat.office.code().to_owned(),
        in_charge: seat.in_charge.iter().map(|unit| unit.as_str().into()).collect(),
        represents: seat.represents.clone(),
        from_on: seat.from_on.unwrap_or(today).to_diesel(),
        until_on: seat.until_on.map(|day| day.to_diesel()),
    };
    let rows: Vec<SeatRow> = (0..).zip(wanted).map(row).collect();
    diesel::insert_into(seats::table).values(rows).execute(tx.conn()).await?;
    let later = bodies::version.eq(bodies::version + 1_i64);
    diesel::update(bodies::table.find((tx.company, code))).set(later).cached().execute(tx.conn()).await?;
    Ok(())
}

/// What bodies' members are called.
pub async fn names(tx: &mut Tx, found: &[(Body, BodyRule)]) -> Result<HashMap<EmployeeNumber, String>> {
    let numbers: BTreeMap<EmployeeNumber, ()> =
        found.iter().flat_map(|(body, _)| &body.seats).map(|seat| (seat.number.clone(), ())).collect();
    let numbers: Vec<EmployeeNumber> = numbers.into_keys().collect();
    let named = crate::employees::rows::names(tx, &numbers).await?;
    Ok(named.into_iter().map(|named| (named.number, named.name)).collect())
}
