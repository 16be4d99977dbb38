use diesel::pg::Pg;
use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper};
use diesel_async::RunQueryDsl;
use platform::sql::Cached;
use platform::{Result, Tx};
use serde_json::Value;
use uuid::Uuid;

use super::cycle::Name;
use super::{Cycle, Stage};
use crate::schema::cycles;

#[derive(Insertable)]
#[diesel(table_name = cycles)]
struct NewCycle<'a> {
    company_id: Uuid,
    cycle: Uuid,
    name_zh: &'a str,
    name_en: &'a str,
    period: &'a str,
    grades: Value,
    name: Option<&'a str>,
    stages: Value,
}

/// Keeps a cycle; one that is there already stays as it is.
pub async fn keep(tx: &mut Tx, id: Uuid, cycle: &Cycle) -> Result<()> {
    let row = NewCycle {
        company_id: tx.company,
        cycle: id,
        name_zh: &cycle.scheme.zh,
        name_en: &cycle.scheme.en,
        period: &cycle.period,
        grades: serde_json::to_value(&cycle.grades)?,
        name: cycle.name.as_deref(),
        stages: serde_json::to_value(&cycle.stages)?,
    };
    diesel::insert_into(cycles::table).values(row).on_conflict_do_nothing().cached().execute(tx.conn()).await?;
    Ok(())
}

/// Notes that a cycle was cancelled; false when it is not known.
pub async fn cancel(tx: &mut Tx, id: Uuid) -> Result<bool> {
    let cycle = cycles::table.find((tx.company, id));
    Ok(diesel::update(cycle).set(cycles::cancelled.eq(true)).cached().execute(tx.conn()).await? == 1)
}

/// The stages of a cycle, in their order; none where it is not known.
pub async fn stages(tx: &mut Tx, id: Uuid) -> Result<Option<Vec<Stage>>> {
    Ok(find(tx, id).await?.map(|cycle| cycle.stages))
}

/// Keeps the days that the stages of a cycle have now.
pub async fn set_stages(tx: &mut Tx, id: Uuid, stages: &[Stage]) -> Result<()> {
    let cycle = cycles::table.find((tx.company, id));
    let stages = serde_json::to_value(stages)?;
    diesel::update(cycle).set(cycles::stages.eq(stages)).cached().execute(tx.conn()).await?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = cycles, check_for_backend(Pg))]
struct Row {
    name_zh: String,
    name_en: String,
    period: String,
    grades: Value,
    name: Option<String>,
    stages: Value,
    cancelled: bool,
}

pub async fn find(tx: &mut Tx, id: Uuid) -> Result<Option<Cycle>> {
    let query = cycles::table.find((tx.company, id)).select(Row::as_select());
    query.first(tx.conn()).await.optional()?.map(Row::read).transpose()
}

impl Row {
    fn read(self) -> Result<Cycle> {
        let scheme = Name { zh: self.name_zh, en: self.name_en };
        let grades = serde_json::from_value(self.grades)?;
        let stages = serde_json::from_value(self.stages)?;
        Ok(Cycle { scheme, period: self.period, grades, name: self.name, stages, cancelled: self.cancelled })
    }
}
