//! What publication waits for.

use basics::Label;
use events::Subject;
use platform::{Code, FieldError, Message, Problem, Result, Tx, say};

use crate::approvals::approval::DecidingStage;
use crate::approvals::rows as approvals;
use crate::approvals::rules::Board;
use crate::cycles::cycle::Cycle;
use crate::fact_checks::rows as fact_checks;
use crate::runs::rows as runs;
use crate::signatures::rows as signatures;
use crate::signatures::signature::Signature;
use crate::spot_checks::rows as spot_checks;
use crate::spot_checks::spot_check::SpotCheck;

/// So many of what is waited for are named.
const NAMED: usize = 100;

/// What was reported is checked, what was looked at is settled, what has to be signed is signed, and everybody has approved.
pub async fn check(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    check_reported(tx, cycle).await?;
    check_settled(tx, cycle).await?;
    check_signed(tx, cycle).await?;
    check_approved(tx, cycle).await
}

/// Whether nothing is waited for any more.
pub async fn is_over(tx: &mut Tx, cycle: &Cycle) -> Result<bool> {
    // Of many signatures each asks: without looking at all of them.
    let run = runs::last(tx, cycle.id).await?;
    if signatures::any_lacking(tx, cycle.id, run).await? {
        return Ok(false);
    }
    match check(tx, cycle).await {
        Ok(()) => Ok(true),
        Err(problem) if problem.code == Code::WrongState => Ok(false),
        Err(problem) => Err(problem),
    }
}

/// What was reported about whoever is published has been checked, or sent back.
async fn check_reported(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let waiting = fact_checks::unchecked(tx, cycle.id, NAMED as i64).await?;
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
    problem.errors = open.iter().take(NAMED).map(detail).collect();
    Err(problem)
}

/// What has to be signed before publication has been.
async fn check_signed(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let run = runs::last(tx, cycle.id).await?;
    let detail = |one: Signature| {
        let (number, signer) = (&one.number, one.signer());
        let detail = say!("{signer} 尚未为 {number} 的结果签字", "{signer} has not signed the result of {number}");
        FieldError::new(format!("/signatures/{}/{number}", one.stage), detail)
    };
    let lacking = signatures::lacking(tx, cycle.id, run, NAMED as i64).await?;
    let lacking: Vec<FieldError> = lacking.into_iter().map(detail).collect();
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
