use diesel::QueryableByName;
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use platform::sql::ToDiesel;
use platform::web::Errors;
use platform::{Problem, Result, Tx, say};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::sheet::Sheet;
use crate::viewer::Viewer;

/// Keeps somebody from rating a person in this cycle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRecusal {
    /// Employee number of the person appraised.
    pub number: String,
    /// Employee number of whoever is recused: the person's superior, or the caller.
    pub rater: String,
    /// Why, 1 to 4000 characters.
    pub reason: String,
}

#[derive(Serialize, QueryableByName, ToSchema)]
pub struct Recusal {
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Text)]
    pub rater: String,
    #[diesel(sql_type = Text)]
    pub reason: String,
    #[diesel(sql_type = Text)]
    pub recorded_by: String,
}

pub async fn insert(tx: &mut Tx, cycle: Uuid, recusal: &NewRecusal, by: &str, now: Timestamp) -> Result<()> {
    tx.sql(
        "insert into recusals (company_id, cycle, number, rater, reason, recorded_by, recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (company_id, cycle, number, rater) do update set reason = excluded.reason",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(&recusal.number)
    .bind::<Text, _>(&recusal.rater)
    .bind::<Text, _>(&recusal.reason)
    .bind::<Text, _>(by)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether somebody may be recused from rating a person. Nobody chooses who rates them, and a recusal is of somebody
/// who rates the person: their superior, or HR, who knows best of themself.
pub fn check(viewer: &Viewer, recusal: &NewRecusal, sheet: Option<&Sheet>) -> Result<()> {
    check_not_about(viewer, &recusal.number)?;
    let mut errors = Errors::default();
    match sheet {
        None => errors.add("/number", say!("该员工在本周期没有考核表", "this person has no sheet in the cycle")),
        Some(sheet) => {
            let rates = sheet.superior.as_deref() == Some(&recusal.rater) || viewer.is(&recusal.rater);
            if !rates || recusal.rater == recusal.number {
                errors.add(
                    "/rater",
                    say!(
                        "此人既不是该员工的上级，也不是您本人，无须回避",
                        "this is neither the person's superior nor the caller, so they rate nothing here"
                    ),
                );
            }
        }
    }
    errors.check()
}

/// Whoever it is about, and whoever it keeps from rating, leaves it to others to take it back.
pub fn check_withdrawal(viewer: &Viewer, number: &str, rater: &str) -> Result<()> {
    check_not_about(viewer, number)?;
    if viewer.is(rater) {
        return Err(Problem::not_permitted(say!("不能撤销对自己的回避", "nobody takes back a recusal of themselves")));
    }
    Ok(())
}

fn check_not_about(viewer: &Viewer, number: &str) -> Result<()> {
    if viewer.is(number) {
        return Err(Problem::not_permitted(say!("不能决定由谁为自己评分", "nobody decides who rates them")));
    }
    Ok(())
}

/// Takes a recusal back; what it said.
pub async fn delete(tx: &mut Tx, cycle: Uuid, number: &str, rater: &str) -> Result<Recusal> {
    let gone: Vec<Recusal> = tx
        .sql(
            "delete from recusals where company_id = $1 and cycle = $2 and number = $3 and rater = $4
         returning number, rater, reason, recorded_by",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(number)
        .bind::<Text, _>(rater)
        .load(tx.conn())
        .await?;
    gone.into_iter().next().ok_or_else(|| Problem::not_found(say!("回避记录", "recusal")))
}

pub async fn list(tx: &mut Tx, cycle: Uuid) -> Result<Vec<Recusal>> {
    Ok(tx.sql(
        "select number, rater, reason, recorded_by from recusals where company_id = $1 and cycle = $2 order by number, rater",
    )
    .bind::<SqlUuid, _>(cycle)
    .load(tx.conn())
    .await?)
}
