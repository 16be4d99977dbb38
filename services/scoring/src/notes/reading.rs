use events::Subject;
use platform::{Result, Tx};

use super::rows;
use crate::viewer::Viewer;

/// Whether somebody reads every note about a subject: whoever looks after the appraisal or rates the subject, who is never
/// themselves the subject.
pub async fn reads_all(tx: &mut Tx, viewer: &Viewer, looks_after: bool, subject: &Subject) -> Result<bool> {
    if viewer.is_subject(subject) {
        return Ok(false);
    }
    let raters: Vec<String> = viewer.raters().iter().map(ToString::to_string).collect();
    Ok(looks_after || rows::is_rated_by(tx, subject, &raters).await?)
}
