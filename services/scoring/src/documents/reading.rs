//! Who reads a document: whoever reads what it was handed in with.

use events::Subject;
use platform::sql::Lock;
use platform::{Result, Tx};
use steps::documents::Document;
use steps::steps::rows as step_rows;
use uuid::Uuid;

use crate::approvals::deciding::acts_as;
use crate::assignments::entering::is_concerned;
use crate::assignments::rows as assignments;
use crate::entries::entry::Entry;
use crate::entries::rows as entries;
use crate::fact_checks::rows as fact_checks;
use crate::notes::reading::reads_all;
use crate::notes::rows as notes;
use crate::results::published;
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
    let Some(entry) = entries::find(tx, id).await? else { return Ok(None) };
    Ok(reads_entry(tx, &viewer, &entry).await?.then(|| entry.about()))
}

/// Who runs the appraisal, leads or rates the subject, checks the entry; the subject once the result is published.
async fn reads_entry(tx: &mut Tx, viewer: &Viewer, entry: &Entry) -> Result<bool> {
    let about = entry.about();
    if viewer.is_subject(&about) {
        return Ok(!published::subjects(tx, entry.cycle, &[about]).await?.is_empty());
    }
    let subject = subjects::get(tx, entry.cycle, &about).await?;
    let forms = assignments::of_subjects(tx, entry.cycle, &[about]).await?;
    if is_concerned(viewer, &subject, &forms) {
        return Ok(true);
    }
    let Some(report) = entry.report else { return Ok(false) };
    for check in fact_checks::of_reports(tx, &[report]).await? {
        let step = step_rows::get(tx, check.step, Lock::None).await?;
        if step.actors().iter().any(|actor| acts_as(viewer, actor)) {
            return Ok(true);
        }
    }
    Ok(false)
}
