//! Who reads a result.

use platform::sql::Lock;
use platform::{Problem, Result, Tx, say};
use serde_json::json;
use uuid::Uuid;

use super::rows::ResultRow;
use super::{readers, rows};
use crate::approvals::rows as approvals;
use crate::cycles::rows as cycles;
use crate::opinions::opinion::OpinionStage;
use crate::opinions::rows as opinions;
use crate::spot_checks::rows as spot_checks;
use crate::subjects::rows as subjects;
use crate::viewer::Viewer;

/// The versions of a result, newest first, if the caller may read them; reading somebody else's is recorded.
///
/// Before publication only those who run the appraisal know of it, and whoever has to approve it, and the appraisee where the
/// scheme has them heard before; then the appraisee, their line, auditors, and whoever decides about an appeal against it,
/// while they do.
pub async fn readable(tx: &mut Tx, viewer: &Viewer, id: Uuid) -> Result<Vec<ResultRow>> {
    let versions = rows::versions(tx, id).await?;
    let Some(result) = versions.first() else { return Err(Problem::not_found(say!("考核结果", "result"))) };
    let is_own = result.number.as_deref().is_some_and(|number| viewer.is(number));
    let runs = (viewer.hr || viewer.executive) && !is_own;
    let is_published = versions.iter().any(|version| version.published);
    let runs = runs || (!is_own && !is_published && approves(tx, viewer, result).await?);
    let runs = runs || (is_own && !result.published && is_told_before(tx, result.cycle).await?);
    let allowed = runs || (is_published && (is_own || may_read(tx, viewer, result).await?));
    if !allowed {
        return Err(Problem::not_found(say!("考核结果", "result")));
    }
    if !is_own {
        tx.audit("results.read", &id.to_string(), json!({ "number": result.of, "period": result.period })).await?;
    }
    // What is not published yet is not there for those who only read what is.
    Ok(versions.into_iter().filter(|version| runs || version.published).collect())
}

/// Whether people are heard about what was computed in a cycle, which is not published.
pub async fn is_told_before(tx: &mut Tx, cycle: Uuid) -> Result<bool> {
    OpinionStage::hears_now(&cycles::get(tx, cycle, Lock::None).await?)
}

/// Whether a step about the result or an opinion of it waits for the caller, or they look at its unit.
async fn approves(tx: &mut Tx, viewer: &Viewer, result: &ResultRow) -> Result<bool> {
    let actors = viewer.clone().seated(tx).await?.actors();
    Ok(approvals::wait_for(tx, result, &actors).await?
        || opinions::wait_for(tx, result.cycle, &result.of, &actors).await?
        || spot_checks::wait_for(tx, result.cycle, &result.unit, &actors, viewer.number.as_deref()).await?)
}

async fn may_read(tx: &mut Tx, viewer: &Viewer, result: &ResultRow) -> Result<bool> {
    if viewer.auditor {
        return Ok(true);
    }
    let Some(number) = viewer.number.as_deref() else { return Ok(false) };
    let subject = result.kind.subject(&result.of);
    Ok(subjects::is_above(tx, result.cycle, &subject, number).await?
        || readers::decides(tx, result.cycle, &subject, Some(number)).await?)
}
