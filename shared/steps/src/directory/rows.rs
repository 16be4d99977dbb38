use basics::workdays::WorkingCalendar;
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Date as SqlDate, Jsonb, Text};
use diesel_async::RunQueryDsl;
use events::{BodiesChanged, DelegationsChanged, EmployeesChanged, Seat, WorkingCalendarChanged};
use jiff::civil::Date;
use platform::sql::{self, ToDiesel};
use platform::{Result, Tx};
use serde_json::{Value, json};

use super::{Body, Person, StandsFor};
use crate::steps::Actor;

/// Keeps people, but for those of whom something newer is known.
pub async fn keep_people(tx: &mut Tx, changed: &EmployeesChanged) -> Result<()> {
    let row = |person: &events::Employee| {
        json!({ "number": person.number, "name": person.name, "roles": person.roles, "left_on": person.left_on,
            "version": person.version })
    };
    tx.sql(
        "insert into directory_people as t (company_id, number, name, roles, left_on, version)
         select distinct on (n.number) $1, n.number, n.name, array(select jsonb_array_elements_text(n.roles)), n.left_on, n.version
         from jsonb_to_recordset($2) as n(number text, name text, roles jsonb, left_on date, version bigint)
         order by n.number, n.version desc
         on conflict (company_id, number) do update set
             name = excluded.name, roles = excluded.roles, left_on = excluded.left_on, version = excluded.version
         where excluded.version > t.version",
    )
    .bind::<Jsonb, _>(changed.employees.iter().map(row).collect::<Value>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Keeps bodies, but for those of which something newer is known.
pub async fn keep_bodies(tx: &mut Tx, changed: &BodiesChanged) -> Result<()> {
    tx.sql(
        "insert into directory_bodies as t (company_id, code, name_zh, name_en, seats, rule, version)
         select distinct on (n.code) $1, n.code, n.name_zh, n.name_en, n.seats, n.rule, n.version
         from jsonb_to_recordset($2) as n(code text, name_zh text, name_en text, seats jsonb, rule jsonb, version bigint)
         order by n.code, n.version desc
         on conflict (company_id, code) do update set
             name_zh = excluded.name_zh, name_en = excluded.name_en, seats = excluded.seats,
             rule = excluded.rule, version = excluded.version
         where excluded.version > t.version",
    )
    .bind::<Jsonb, _>(serde_json::to_value(&changed.bodies)?)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Keeps who acts for whom, unless something newer is known.
pub async fn keep_delegations(tx: &mut Tx, changed: &DelegationsChanged) -> Result<()> {
    tx.sql(
        r#"insert into directory_delegations as t (company_id, id, delegator, delegate, purpose, from_on, until_on, revoked, version)
         select distinct on (n.id) $1, n.id, n."of", n."to", n.purpose, n."from", n.until, n.revoked, n.version
         from jsonb_to_recordset($2) as n(id uuid, "of" text, "to" text, purpose text, "from" date, until date, revoked boolean,
             version bigint)
         order by n.id, n.version desc
         on conflict (company_id, id) do update set revoked = excluded.revoked, version = excluded.version
         where excluded.version > t.version"#,
    )
    .bind::<Jsonb, _>(serde_json::to_value(&changed.delegations)?)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// For whom somebody acts on a day.
pub async fn stands_for(tx: &mut Tx, number: &str, day: Date) -> Result<Vec<StandsFor>> {
    let found: Vec<(String, String)> = tx
        .sql(
            "select distinct delegator, purpose from directory_delegations
             where company_id = $1 and delegate = $2 and not revoked and from_on <= $3 and until_on >= $3 order by delegator, purpose",
        )
        .bind::<Text, _>(number)
        .bind::<SqlDate, _>(day.to_diesel())
        .columns::<(Text, Text)>()
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(|(of, purpose)| StandsFor::new(of, &purpose)).collect())
}

/// Keeps a calendar, unless a newer one has been kept.
pub async fn keep_calendar(tx: &mut Tx, calendar: &WorkingCalendarChanged) -> Result<()> {
    let days = |days: &[Date]| days.iter().map(|day| day.to_diesel()).collect::<Vec<sql::Date>>();
    tx.sql(
        "insert into directory_calendars as t (company_id, non_working_days, working_days, version) values ($1, $2, $3, $4)
         on conflict (company_id) do update set
             non_working_days = excluded.non_working_days, working_days = excluded.working_days, version = excluded.version
         where excluded.version > t.version",
    )
    .bind::<Array<SqlDate>, _>(days(&calendar.non_working_days))
    .bind::<Array<SqlDate>, _>(days(&calendar.working_days))
    .bind::<BigInt, _>(calendar.version)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The company's working calendar; plain weekdays while it has none.
pub async fn calendar(tx: &mut Tx) -> Result<WorkingCalendar> {
    let found: Vec<(Vec<sql::Date>, Vec<sql::Date>)> = tx
        .sql("select non_working_days, working_days from directory_calendars where company_id = $1")
        .columns::<(Array<SqlDate>, Array<SqlDate>)>()
        .load(tx.conn())
        .await?;
    let days = |days: Vec<sql::Date>| days.into_iter().map(sql::Date::to_jiff).collect();
    let calendar = found.into_iter().next();
    Ok(calendar.map_or_else(WorkingCalendar::default, |(non_working, working)| WorkingCalendar {
        non_working: days(non_working),
        working: days(working),
    }))
}

/// The people with these numbers, as far as they are known.
pub async fn people(tx: &mut Tx, numbers: &[String]) -> Result<Vec<Person>> {
    Ok(tx
        .sql("select number, name, roles from directory_people where company_id = $1 and number = any($2) order by number")
        .bind::<Array<Text>, _>(numbers)
        .load(tx.conn())
        .await?)
}

/// Whether there is somebody of this number who has not left.
pub async fn is_here(tx: &mut Tx, number: &str, today: Date) -> Result<bool> {
    Ok(tx
        .sql(
            "select exists (select from directory_people
                 where company_id = $1 and number = $2 and (left_on is null or left_on >= $3))",
        )
        .bind::<Text, _>(number)
        .bind::<SqlDate, _>(today.to_diesel())
        .columns::<Bool>()
        .get_result(tx.conn())
        .await?)
}

/// Those who hold a role and have not left, by number.
pub async fn holders(tx: &mut Tx, role: &str, today: Date) -> Result<Vec<String>> {
    Ok(tx
        .sql(
            "select number from directory_people
             where company_id = $1 and $2 = any(roles) and (left_on is null or left_on >= $3) order by number",
        )
        .bind::<Text, _>(role)
        .bind::<SqlDate, _>(today.to_diesel())
        .columns::<Text>()
        .load(tx.conn())
        .await?)
}

#[derive(QueryableByName)]
struct BodyRow {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    name_zh: String,
    #[diesel(sql_type = Text)]
    name_en: String,
    #[diesel(sql_type = Jsonb)]
    seats: Value,
    #[diesel(sql_type = Jsonb)]
    rule: Value,
}

impl BodyRow {
    fn on(self, day: Date) -> Result<Body> {
        let seats: Vec<Seat> = serde_json::from_value(self.seats)?;
        let seats = seats.into_iter().filter(|seat| seat.is_held_on(day)).collect();
        let rule = serde_json::from_value(self.rule)?;
        Ok(Body { code: self.code, name_zh: self.name_zh, name_en: self.name_en, seats, rule })
    }
}

/// A body with those who sit in it on a day.
pub async fn body(tx: &mut Tx, code: &str, day: Date) -> Result<Option<Body>> {
    let rows: Vec<BodyRow> = tx
        .sql("select code, name_zh, name_en, seats, rule from directory_bodies where company_id = $1 and code = $2")
        .bind::<Text, _>(code)
        .load(tx.conn())
        .await?;
    rows.into_iter().next().map(|row| row.on(day)).transpose()
}

/// The bodies of the company, with those who sit in them on a day.
pub async fn bodies(tx: &mut Tx, day: Date) -> Result<Vec<Body>> {
    let rows: Vec<BodyRow> = tx
        .sql("select code, name_zh, name_en, seats, rule from directory_bodies where company_id = $1 order by code")
        .load(tx.conn())
        .await?;
    rows.into_iter().map(|row| row.on(day)).collect()
}

/// The bodies in which somebody sits on a day, each with their office there.
pub async fn seats(tx: &mut Tx, number: &str, day: Date) -> Result<Vec<(String, String)>> {
    let mut held = Vec::new();
    for body in bodies(tx, day).await? {
        let own = body.seats.into_iter().filter(|seat| &*seat.number == number);
        held.extend(own.map(|seat| (body.code.clone(), seat.office)));
    }
    Ok(held)
}

/// As whom somebody decides in steps on a day, beside as themselves and in their roles: the bodies and offices in which they
/// sit, and those who have delegated that to them.
pub async fn decides_as(tx: &mut Tx, number: &str, day: Date) -> Result<Vec<String>> {
    let mut actors = Vec::new();
    for (code, office) in seats(tx, number, day).await? {
        actors.push(Actor::Body { code: code.clone(), office: None });
        actors.push(Actor::Body { code, office: Some(office) });
    }
    let others = stands_for(tx, number, day).await?;
    actors.extend(others.into_iter().filter(|one| one.deciding).map(|one| Actor::Person(one.of)));
    Ok(actors.iter().map(ToString::to_string).collect())
}
