//! What an appeal's decision asks for, done as a correction.

use events::{AppealDecided, Event, RemedyRefused};
use platform::bus::Handled;
use platform::sql::Lock;
use platform::{Clock, Code, Message, Problem, Result, Tx, say};
use uuid::Uuid;

use super::correcting::{self, Because, Change};
use crate::cycles::cycle::State;
use crate::cycles::rows as cycles;
use crate::viewer::Viewer;

/// Corrects the results that a decision is about; what cannot be done as it is written is told back.
pub async fn follow(tx: &mut Tx, decided: &AppealDecided) -> Result<Handled> {
    let Some(cycle) = cycles::find(tx, decided.cycle, Lock::Share).await? else {
        return Ok(Handled::NotYet);
    };
    if cycle.state == State::Cancelled || cycle.publications == 0 {
        let why = say!("该考核周期没有已发布的结果可更正", "the cycle has no published result that could be corrected");
        return refuse(tx, (decided.appeal, decided.attempt), why).await;
    }
    if let Some(first) = decided.by.first() {
        tx.actor.name = first.to_string();
    }
    let change = |change: &events::RemedyChange| Change {
        subject: change.subject.to_string(),
        path: change.path.clone(),
        value: change.value.clone(),
    };
    let changes: Vec<Change> = decided.changes.iter().map(change).collect();
    let clock = Clock::starting_at(tx.now);
    match correcting::prepare(tx, &Viewer::default(), Some(&clock), decided.cycle, &changes).await {
        Ok(correction) => {
            let because = Because {
                reason: &decided.reason,
                document: None,
                documents: &[],
                documented: None,
                appeal: Some(decided.appeal),
            };
            correcting::keep(tx, &correction, &because).await?;
            Ok(Handled::Done)
        }
        Err(problem) => match problem.code {
            // The results are just being published.
            Code::WrongState => Ok(Handled::NotYet),
            Code::ValidationFailed | Code::NotFound => {
                refuse(tx, (decided.appeal, decided.attempt), told(&problem)).await
            }
            _ => Err(problem),
        },
    }
}

fn told(problem: &Problem) -> Message {
    match problem.errors.first() {
        Some(error) => {
            let (pointer, detail) = (&error.pointer, &error.detail);
            say!("{pointer}：{detail}", "{pointer}: {detail}"; detail)
        }
        None => problem.detail.clone(),
    }
}

/// Tells an appeal that a remedy of it cannot be done as it is written.
pub async fn refuse(tx: &mut Tx, (appeal, attempt): (Uuid, i32), why: Message) -> Result<Handled> {
    tx.emit(&Event::RemedyRefused(RemedyRefused { appeal, attempt, why_zh: why.zh, why_en: why.en })).await?;
    Ok(Handled::Done)
}
