//! Publication of whatever is computed and not yet published.

use basics::Label;
use diesel::sql_types::{BigInt, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::Subject;
use platform::sql::{Lock, ToDiesel};
use platform::{Clock, FieldError, Message, Problem, Result, Tx, say};
use serde::Serialize;
use serde_json::json;
use steps::steps::StepState;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::approvals::approval::DecidingStage;
use crate::approvals::rows as approvals;
use crate::approvals::rules::Board;
use crate::cycles::cycle::{Cycle, State};
use crate::cycles::rows as cycles;
use crate::fact_checks::rows as fact_checks;
use crate::history::rows as history;
use crate::runs::{rows as runs, telling};
use crate::signatures::rows as signatures;
use crate::spot_checks::rows as spot_checks;
use crate::spot_checks::spot_check::SpotCheck;

/// A cycle some of whose results are published now.
#[derive(Serialize, ToSchema)]
pub struct Publication {
    pub cycle: Uuid,
    pub period: String,
    pub state: State,
    /// 1, and one more for those who were late.
    pub publication: i32,
    /// People with a result in it.
    pub results: i64,
    /// RFC 3339.
    pub published_at: String,
}

/// Publishes what is computed; the publication, and the cycle's version.
pub async fn publish(tx: &mut Tx, clock: &Clock, id: Uuid) -> Result<(Publication, i64)> {
    let cycle = cycles::get(tx, id, Lock::Update).await?;
    let state = cycle.state.publish()?;
    check_figures(tx, &cycle).await?;
    check_reported(tx, &cycle).await?;
    check_settled(tx, &cycle).await?;
    check_signed(tx, &cycle).await?;
    check_approved(tx, &cycle).await?;
    history::lock(tx, clock).await?;
    let (now, by) = (tx.now, tx.actor.name.clone());
    let (no, version) = cycles::publish(tx, id).await?;
    let results: i64 = tx
        .sql(
            "with marked as (
                 update results set publication = $3 where company_id = $1 and cycle = $2 and publication is null returning kind, unit),
             units as (
                 insert into announcements (company_id, cycle, publication, unit) select distinct $1, $2, $3, unit from marked returning unit)
             select count(*) from marked where kind = 'person'",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<Integer, _>(no)
        .columns::<BigInt>()
        .get_result(tx.conn())
        .await?;
    tx.sql(
        "insert into publications (company_id, cycle, no, made_by, made_at, results) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Integer, _>(no)
    .bind::<Text, _>(by)
    .bind::<Timestamptz, _>(now.to_diesel())
    .bind::<BigInt, _>(results)
    .execute(tx.conn())
    .await?;
    let detail = json!({ "period": cycle.period, "publication": no, "results": results });
    tx.audit("results.published", &id.to_string(), detail).await?;
    telling::follow(tx, id).await?;
    let published_at = now.to_string();
    Ok((Publication { cycle: id, period: cycle.period, state, publication: no, results, published_at }, version))
}

/// Pay stands on the figures of the company: every piece found the same, or nothing is published.
async fn check_figures(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    if cycle.publications > 0 {
        return Ok(());
    }
    let found = runs::carried(tx, cycle.id).await?;
    let whole = match found.as_slice() {
        [] => !cycle.scheme()?.carries_of_company(),
        found => found.iter().all(|found| *found == cycle.company_carried),
    };
    if whole {
        return Ok(());
    }
    Err(Problem::wrong_state(say!(
        "结果中缺少计算薪酬所需的公司数据：请重新结算后公布",
        "figures of the company that pay stands on are missing from the results; close the cycle again"
    )))
}

/// What was reported about whoever is published has been checked, or sent back.
async fn check_reported(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let waiting = fact_checks::unchecked(tx, cycle.id, 100).await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let detail = |(subject, path): &(Subject, String)| {
        FieldError::new(
            format!("/facts/{subject}/{path}"),
            say!("{subject} 的 {path} 尚未核对", "{path} of {subject} is not checked yet"),
        )
    };
    let mut problem = Problem::wrong_state(say!("上报的数据尚未核对完毕", "what was reported is not checked yet"));
    problem.errors = waiting.iter().map(detail).collect();
    Err(problem)
}

/// What a spot check recommends has been answered and settled.
async fn check_settled(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let open = spot_checks::open(tx, cycle.id).await?;
    if open.is_empty() {
        return Ok(());
    }
    let detail = |one: &SpotCheck| {
        let unit = &one.unit;
        FieldError::new(
            format!("/spot_checks/{unit}"),
            say!("{unit} 的抽查尚未了结", "the spot check of {unit} is not settled"),
        )
    };
    let mut problem = Problem::wrong_state(say!("抽查尚未了结", "spot checks are not settled"));
    problem.errors = open.iter().take(100).map(detail).collect();
    Err(problem)
}

/// What has to be signed before publication has been.
async fn check_signed(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let run = runs::last(tx, cycle.id).await?;
    let asked = signatures::of_run(tx, cycle.id, run).await?;
    let lacking: Vec<FieldError> = asked
        .iter()
        .filter(|one| !matches!(one.state, StepState::Done | StepState::Missed))
        .take(100)
        .map(|one| {
            let (number, signer) = (&one.number, one.signer());
            let detail = say!("{signer} 尚未为 {number} 的结果签字", "{signer} has not signed the result of {number}");
            FieldError::new(format!("/signatures/{}/{number}", one.stage), detail)
        })
        .collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let mut problem = Problem::wrong_state(say!("结果尚未全部签字", "not every result is signed"));
    problem.errors = lacking;
    Err(problem)
}

/// Whoever has to approve has approved; else who is waited for is told.
async fn check_approved(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let stages = DecidingStage::of(cycle)?;
    if stages.is_empty() {
        return Ok(());
    }
    let run = runs::last(tx, cycle.id).await?;
    let (units, approvals) = (approvals::units(tx, cycle.id).await?, approvals::of_run(tx, cycle.id, run).await?);
    let lacking = Board::of(&stages, &units, &approvals);
    let mut errors = Vec::new();
    for (stage, units) in lacking.lacking() {
        let Label { zh, en } = stage.label.clone();
        let what = Message { zh, en };
        let detail = if units.is_empty() {
            say!("尚未通过：{what}", "not approved: {what}"; what)
        } else {
            let some = units.iter().take(10).copied().collect::<Vec<_>>().join(", ");
            let count = units.len();
            say!("尚未通过：{what}（{count} 个部门：{some}）", "not approved: {what} ({count} units: {some})"; what)
        };
        errors.push(FieldError::new(format!("/stages/{}", stage.code), detail));
    }
    if errors.is_empty() {
        return Ok(());
    }
    let mut problem = Problem::wrong_state(say!("结果尚未获得批准", "the results are not approved"));
    problem.errors = errors;
    Err(problem)
}
