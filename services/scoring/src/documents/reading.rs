//! Who reads a document: whoever reads what it was handed in with.

use std::collections::BTreeSet;

use events::Subject;
use platform::{Code, Result, Tx};
use steps::documents::Document;
use steps::steps::rows as step_rows;
use uuid::Uuid;

use crate::approvals::deciding::acts_as;
use crate::assignments::entering::is_concerned;
use crate::assignments::rows as assignments;
use crate::entries::rows as entries;
use crate::fact_checks::rows as fact_checks;
use crate::facts::rows as facts;
use crate::notes::reading::reads_all;
use crate::notes::rows as notes;
use crate::results::rows as results;
use crate::results::{published, reading};
use crate::subjects::rows as subjects;
use crate::viewer::Viewer;

/// Whom a document is about, where it was handed in with something that the viewer may read.
pub async fn readable(tx: &mut Tx, viewer: &Viewer, document: &Document) -> Result<Option<Subject>> {
    let Some((what, id)) = document.about.as_deref().and_then(|about| about.split_once(':')) else { return Ok(None) };
    let Ok(id) = id.parse::<Uuid>() else { return Ok(None) };
    let viewer = viewer.clone().seated(tx).await?;
    if what == "note" {
        let found = notes::by_ids(tx, &[id]).await?.remove(&id);
        let Some(note) = found else { return Ok(None) };
        let about = note.kind.subject(&note.subject);
        let reads = note.made_by == viewer.name || reads_all(tx, &viewer, viewer.sees_all(), &about).await?;
        return Ok(reads.then_some(about));
    }
    match what {
        "facts" => {
            let resting = facts::resting_on(tx, document.id).await?;
            let Some((cycle, about, report)) = resting.first() else { return Ok(None) };
            let is_about_one = resting.iter().all(|(_, other, _)| other == about);
            // What is about several is nobody's of them: only who runs the appraisal or checks the values reads it.
            let reads = match is_about_one {
                true => reads_values(tx, &viewer, *cycle, about, *report).await?,
                false => {
                    let reports: BTreeSet<Uuid> = resting.iter().filter_map(|(.., report)| *report).collect();
                    viewer.sees_all() || checks(tx, &viewer, &reports.into_iter().collect::<Vec<_>>()).await?
                }
            };
            Ok(reads.then(|| about.clone()))
        }
        "correction" => {
            for result in results::resting_on(tx, document.id).await? {
                match reading::readable(tx, &viewer, result).await {
                    Ok(versions) => {
                        let about = versions.first().map(|version| version.kind.subject(&version.of));
                        return Ok(about);
                    }
                    Err(problem) if problem.code == Code::NotFound => {}
                    Err(problem) => return Err(problem),
                }
            }
            Ok(None)
        }
        _ => {
            let Some(entry) = entries::find(tx, id).await? else { return Ok(None) };
            let reads = reads_values(tx, &viewer, entry.cycle, &entry.about(), entry.report).await?;
            Ok(reads.then(|| entry.about()))
        }
    }
}

/// Who runs the appraisal, leads or rates the subject, checks what was reported; the subject once the result is published.
async fn reads_values(
    tx: &mut Tx,
    viewer: &Viewer,
    cycle: Uuid,
    about: &Subject,
    report: Option<Uuid>,
) -> Result<bool> {
    if viewer.is_subject(about) {
        return Ok(!published::subjects(tx, cycle, std::slice::from_ref(about)).await?.is_empty());
    }
    if viewer.sees_all() {
        return Ok(true);
    }
    let about = std::slice::from_ref(about);
    let forms = assignments::of_subjects(tx, cycle, about).await?;
    let subject = subjects::named(tx, cycle, about).await?.into_iter().next();
    if subject.is_some_and(|subject| is_concerned(viewer, &subject, &forms)) {
        return Ok(true);
    }
    let Some(report) = report else { return Ok(false) };
    checks(tx, viewer, &[report]).await
}

/// Whether the caller is asked to check some of what was reported.
async fn checks(tx: &mut Tx, viewer: &Viewer, reports: &[Uuid]) -> Result<bool> {
    let asked: Vec<Uuid> = fact_checks::of_reports(tx, reports).await?.iter().map(|check| check.step).collect();
    let steps = step_rows::many(tx, &asked).await?;
    Ok(steps.iter().any(|step| step.actors().iter().any(|actor| acts_as(viewer, actor))))
}
