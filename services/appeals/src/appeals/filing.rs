//! Filing an appeal, in the transaction of a request.

use events::{Subject, SubjectKind};
use platform::clock::date_of;
use platform::sql::Lock;
use platform::{Problem, Result, Tx, say};
use serde_json::json;
use steps::directory::rows as directory;
use steps::documents::rows as documents;
use uuid::Uuid;

use super::appeal::{NewAppeal, name_of};
use super::rows::{self, Filed};
use super::{Appeal, AppealState, Case, rules};
use crate::cycles::{PublishedResult, rows as cycles};
use crate::levels::{opening, telling};
use crate::remedies::rows as remedies;
use crate::viewer::Viewer;

/// Files an appeal and opens its first level.
pub async fn file(tx: &mut Tx, viewer: &Viewer, new: &NewAppeal) -> Result<Uuid> {
    let today = date_of(tx.now);
    let subject = subject(viewer, new.subject.as_deref())?;
    let cycle = cycles::get(tx, new.cycle).await?;
    let about = cycles::appraised(tx, cycle.cycle, &subject).await?;
    let about = about
        .ok_or_else(|| Problem::field("/subject", say!("本周期没有该考核对象", "the cycle has no such subject")))?;
    let own = rules::is_own(viewer, &about)?;
    rules::check_request(new, !own, today)?;
    if cycle.cancelled {
        return Err(Problem::wrong_state(say!("考核周期已取消", "the cycle has been cancelled")));
    }
    let terms = cycle.terms()?;
    let appellant = about
        .appellant()
        .map(str::to_owned)
        .ok_or_else(|| Problem::wrong_state(say!("该部门没有负责人", "nobody leads this unit")))?;
    let earlier = rows::about_for_update(tx, cycle.cycle, &subject).await?;
    let results = cycles::results(tx, cycle.cycle, &subject).await?;
    let result = results.first();
    let settled = settled(tx, &earlier).await?;
    rules::check_first(&earlier, &terms, result.map(|result| result.version), &settled)?;
    rules::check_against(new, &about, result, &terms)?;
    let published_on = result.map(|result| result.known_on);
    if new.known_on.is_some_and(|known_on| published_on.is_none_or(|published| known_on < published)) {
        return Err(Problem::field("/known_on", say!("不能早于结果公布之日", "not before the result was published")));
    }
    // Whoever is told in a talk knows it from then on; until they are, no term runs.
    let told = |result: &PublishedResult| match (cycle.told && subject.kind == SubjectKind::Person, &result.excluded) {
        (true, None) => result.told_on.map(|told_on| told_on.max(result.known_on)),
        _ => Some(result.known_on),
    };
    let told_on = result.and_then(told);
    let known_on = new.known_on.or(told_on);
    let filed_on = new.filed_on.unwrap_or(today);
    let calendar = directory::calendar(tx).await?;
    let respond_by = rules::respond_by(&terms, known_on, filed_on, &calendar)?;
    let id = Uuid::now_v7();
    let filed = Filed {
        id,
        cycle: cycle.cycle,
        subject: &subject,
        about: new.about,
        place: new.place.as_deref(),
        result_version: result.map(|result| result.version),
        appellant: &appellant,
        on_paper: !own,
        known_on,
        filed_on,
        grounds: new.grounds.trim(),
        respond_by,
    };
    rows::insert(tx, &filed).await?;
    hand_in(tx, id, &new.documents).await?;
    let detail = json!({ "cycle": cycle.cycle, "subject": subject, "about": new.about, "on_paper": !own });
    tx.audit("appeals.filed", &id.to_string(), detail).await?;
    let case = Case::get(tx, id, Lock::Update).await?;
    opening::open(tx, &case, 1, respond_by, None).await?;
    if !own {
        telling::entered_from_paper(tx, &case).await?;
    }
    Ok(id)
}

fn subject(viewer: &Viewer, written: Option<&str>) -> Result<Subject> {
    let Some(written) = written else { return Ok(Subject::person(viewer.number()?)) };
    written.parse().map_err(|_| {
        Problem::field("/subject", say!("应为 person:工号 或 unit:部门代码", "person:NUMBER or unit:CODE is wanted"))
    })
}

/// Versions of the result that were decided about, and those that the decisions made.
async fn settled(tx: &mut Tx, earlier: &[Appeal]) -> Result<Vec<i64>> {
    let mut versions = Vec::new();
    for appeal in earlier.iter().filter(|appeal| appeal.state == AppealState::Decided) {
        versions.extend(appeal.result_version);
        versions.extend(remedies::all(tx, appeal.id).await?.into_iter().filter_map(|remedy| remedy.done_version));
    }
    Ok(versions)
}

/// Hands in documents with an appeal; all of them are the caller's, and new.
pub async fn hand_in(tx: &mut Tx, id: Uuid, ids: &[Uuid]) -> Result<()> {
    if ids.is_empty() || documents::hand_in(tx, ids, &name_of(id)).await? == ids.len() {
        return Ok(());
    }
    Err(Problem::field(
        "/documents",
        say!("只能附上自己上传且尚未使用的文件", "only documents that you uploaded and have not used yet"),
    ))
}
