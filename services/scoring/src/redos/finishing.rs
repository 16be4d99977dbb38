//! Everybody who rates anew has: the result is corrected by what they gave, for the appeal.

use events::Subject;
use platform::{Clock, Result, Tx};

use super::{Redo, rows};
use crate::assignments::assignment::{Assignment, FormState};
use crate::assignments::needs::Desks;
use crate::assignments::rows as assignments;
use crate::corrections::correcting::{self, Because, Change};
use crate::cycles::cycle::Cycle;
use crate::runs::loading::given_by;
use crate::sheets::rows as sheets;
use crate::subjects::rows as subjects;
use crate::viewer::Viewer;

/// Corrects those of these subjects of whom everything was rated anew.
pub async fn finish(tx: &mut Tx, cycle: &Cycle, wanted: &[Subject]) -> Result<()> {
    for redo in rows::lock_open(tx, cycle.id, wanted).await? {
        let Some(edition) = redo.edition else { continue };
        let forms = assignments::of_subjects(tx, cycle.id, &[redo.key()]).await?;
        let forms: Vec<Assignment> = forms.into_iter().filter(|form| form.edition == edition).collect();
        if is_complete(&redo, &forms)? {
            correct(tx, cycle, &redo, edition, &forms).await?;
        }
    }
    Ok(())
}

fn is_complete(redo: &Redo, forms: &[Assignment]) -> Result<bool> {
    let waits = forms.iter().any(|form| form.state == FormState::Open && !form.optional);
    let given =
        |column: &str| forms.iter().any(|form| form.state == FormState::Submitted && form.rater_column == column);
    Ok(!waits && redo.raters()?.iter().all(|rater| given(&rater.column)))
}

async fn correct(tx: &mut Tx, cycle: &Cycle, redo: &Redo, edition: i32, forms: &[Assignment]) -> Result<()> {
    let scheme = cycle.scheme()?;
    let about = subjects::get(tx, cycle.id, &redo.key()).await?;
    let sheet = sheets::lock_many(tx, cycle.id, &[redo.key()]).await?.into_iter().next();
    let desk = Desks::of(&scheme, &cycle.parameters).desk(&about, sheet.as_ref());
    let raters = redo.raters()?;
    let columns: Vec<&str> = raters.iter().map(|rater| rater.column.as_str()).collect();
    let submitted: Vec<&Assignment> = forms.iter().filter(|form| form.state == FormState::Submitted).collect();
    let change = |(path, value)| Change { subject: redo.key().to_string(), path, value };
    let changes: Vec<Change> = given_by(&desk, &submitted, &columns).into_iter().map(change).collect();
    let clock = Clock::starting_at(tx.now);
    let mut correction = correcting::prepare(tx, &Viewer::default(), Some(&clock), cycle.id, &changes).await?;
    correction.redone(&redo.key(), edition);
    rows::done(tx, redo).await?;
    let because =
        Because { reason: &redo.reason, document: None, documents: &[], documented: None, appeal: Some(redo.appeal) };
    correcting::keep(tx, &correction, &because).await.map(drop)
}
