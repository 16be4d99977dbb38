use std::collections::{BTreeMap, BTreeSet};

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Date as SqlDate, Jsonb, Nullable, Text};
use diesel_async::RunQueryDsl;
use domain::scheme::source::Who;
use events::{Headship, Seat, Unit};
use jiff::civil::Date;
use platform::sql::ToDiesel;
use platform::{Result, Tx};
use serde::Serialize;
use serde_json::{Value, json};
use steps::directory::StandsFor;
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

/// A body with its seats, a unit with those who lead it, or somebody for whom the caller acts.
#[derive(QueryableByName)]
struct GroupRow {
    #[diesel(sql_type = Text)]
    what: String,
    #[diesel(sql_type = Text)]
    code: String,
    /// The unit's head, or what is delegated.
    #[diesel(sql_type = Nullable<Text>)]
    more: Option<String>,
    #[diesel(sql_type = Jsonb)]
    held: Value,
}

/// What somebody may do for others and together with others.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    pub bodies: Bodies,
    pub leads: Leads,
    pub stands_for: Vec<StandsFor>,
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

/// The bodies of the company, units as far as somebody from among its raters leads them, and those for whom somebody
/// acts, at once: almost every request asks.
pub async fn groups(tx: &mut Tx, number: Option<&str>, today: Date) -> Result<Groups> {
    let rows: Vec<GroupRow> = tx
        .sql(
            "select 'body' as what, code, null as more, seats as held from directory_bodies where company_id = $1
             union all
             select 'unit', code, head, headships from units where company_id = $1
                 and (head = $2 or code in (select rater from assignments where company_id = $1 and rater_kind = 'unit' and state in ('open', 'submitted')))
             union all
             select distinct 'delegation', delegator, purpose, '[]'::jsonb from directory_delegations
             where company_id = $1 and delegate = $2 and not revoked and from_on <= $3 and until_on >= $3
             order by what, code, more",
        )
        .bind::<Nullable<Text>, _>(number)
        .bind::<SqlDate, _>(today.to_diesel())
        .load(tx.conn())
        .await?;
    let mut groups = Groups::default();
    for GroupRow { what, code, more, held } in rows {
        match what.as_str() {
            "delegation" => groups.stands_for.push(StandsFor::new(code, more.as_deref().unwrap_or_default())),
            "unit" => {
                let headships: Vec<Headship> = serde_json::from_value(held)?;
                let is_held = |held: &Headship| held.from <= today && held.until.is_none_or(|until| today <= until);
                let led = headships.into_iter().filter(is_held).map(|held| held.number.to_string());
                groups.leads.0.insert(code, led.chain(more).collect());
            }
            _ => {
                let seats: Vec<Seat> = serde_json::from_value(held)?;
                groups.bodies.0.push((code, seats.into_iter().filter(|seat| seat.is_held_on(today)).collect()));
            }
        }
    }
    Ok(groups)
}

/// Who leads the units that are named among others now, where somebody does.
pub async fn heads<'w>(tx: &mut Tx, named: impl IntoIterator<Item = &'w Who>) -> Result<BTreeMap<String, String>> {
    let code = |who: &'w Who| if let Who::Unit(code) = who { Some(code.as_str()) } else { None };
    let codes: BTreeSet<&str> = named.into_iter().filter_map(code).collect();
    if codes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let codes: Vec<&str> = codes.into_iter().collect();
    let found: Vec<(String, String)> = tx
        .sql("select code, head from units where company_id = $1 and code = any($2) and head is not null")
        .bind::<Array<Text>, _>(codes)
        .columns::<(Text, Text)>()
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().collect())
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
    #[diesel(sql_type = BigInt)]
    pub delegations: i64,
}

pub async fn size(tx: &mut Tx) -> Result<Size> {
    Ok(tx
        .sql(
            "select (select count(*) from directory_people where company_id = $1) as people,
                 (select count(*) from directory_bodies where company_id = $1) as bodies,
                 (select count(*) from units where company_id = $1) as units,
                 (select count(*) from directory_delegations where company_id = $1) as delegations",
        )
        .get_result(tx.conn())
        .await?)
}
