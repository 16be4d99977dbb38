use std::collections::{BTreeMap, BTreeSet};

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text};
use diesel_async::RunQueryDsl;
use events::{Headship, Seat, Unit};
use jiff::civil::Date;
use platform::{Result, Tx};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::assignments::assignment::{Rater, RaterKind};
use crate::assignments::rows::pairs;

pub async fn keep_units(tx: &mut Tx, units: &[Unit]) -> Result<()> {
    let row = |unit: &Unit| json!({ "code": unit.code, "head": unit.head, "headships": unit.headships, "version": unit.version });
    tx.sql(
        "insert into units (company_id, code, head, headships, version)
         select distinct on (n.code) $1, n.code, n.head, n.headships, n.version
         from jsonb_to_recordset($2) as n(code text, head text, headships jsonb, version bigint)
         order by n.code, n.version desc
         on conflict (company_id, code) do update set head = excluded.head, headships = excluded.headships, version = excluded.version
         where excluded.version > units.version",
    )
    .bind::<Jsonb, _>(units.iter().map(row).collect::<Value>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A unit with those who lead it.
#[derive(QueryableByName)]
struct UnitRow {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Nullable<Text>)]
    head: Option<String>,
    #[diesel(sql_type = Jsonb)]
    headships: Value,
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

/// Those who lead units that were looked at.
#[derive(Clone, Debug, Default)]
pub struct Leads(BTreeMap<String, BTreeSet<String>>);

impl Leads {
    pub fn is_led(&self, unit: &str) -> bool {
        self.0.get(unit).is_some_and(|heads| !heads.is_empty())
    }

    pub fn leads(&self, number: &str, unit: &str) -> bool {
        self.0.get(unit).is_some_and(|heads| heads.contains(number))
    }

    /// The units that somebody leads.
    pub fn of(&self, number: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(_, heads)| heads.contains(number)).map(|(unit, _)| unit.as_str())
    }
}

/// The bodies of the company, and units as far as somebody from among its raters leads them.
pub async fn groups(tx: &mut Tx, today: Date) -> Result<(Bodies, Leads)> {
    let bodies = steps::directory::rows::bodies(tx, today).await?;
    let bodies = Bodies(bodies.into_iter().map(|body| (body.code, body.seats)).collect());
    let rows: Vec<UnitRow> = tx
        .sql(
            "select code, head, headships from units where company_id = $1
                 and code in (select rater from assignments where company_id = $1 and rater_kind = 'unit' and state in ('open', 'submitted'))
             order by code",
        )
        .load(tx.conn())
        .await?;
    let mut leads = Leads::default();
    for UnitRow { code, head, headships } in rows {
        let headships: Vec<Headship> = serde_json::from_value(headships)?;
        let today =
            headships.into_iter().filter(|held| held.from <= today && held.until.is_none_or(|until| today <= until));
        leads.0.insert(code, today.map(|held| held.number.to_string()).chain(head).collect());
    }
    Ok((bodies, leads))
}

/// Those of some people and units who are known.
pub async fn known(tx: &mut Tx, raters: &[Rater]) -> Result<BTreeSet<Rater>> {
    let (kinds, ids) = pairs(raters);
    let found: Vec<(RaterKind, String)> = tx
        .sql(
            "select n.kind, n.id from unnest($2::text[], $3::text[]) n(kind, id)
             where (n.kind = 'person' and exists (select from directory_people where company_id = $1 and number = n.id))
                or (n.kind = 'unit' and exists (select from units where company_id = $1 and code = n.id))",
        )
        .bind::<Array<Text>, _>(kinds)
        .bind::<Array<Text>, _>(ids)
        .columns::<(Text, Text)>()
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(|(kind, id)| Rater { kind, id }).collect())
}

/// How much has arrived.
#[derive(QueryableByName, Serialize, ToSchema)]
pub struct Size {
    #[diesel(sql_type = BigInt)]
    pub people: i64,
    #[diesel(sql_type = BigInt)]
    pub bodies: i64,
    #[diesel(sql_type = BigInt)]
    pub units: i64,
}

pub async fn size(tx: &mut Tx) -> Result<Size> {
    Ok(tx
        .sql(
            "select (select count(*) from directory_people where company_id = $1) as people,
                 (select count(*) from directory_bodies where company_id = $1) as bodies,
                 (select count(*) from units where company_id = $1) as units",
        )
        .get_result(tx.conn())
        .await?)
}
