//! Whether a plan may be handed in today: where the scheme says so, the days of its stage bind.

use basics::Label;
use domain::scheme::source::Does;
use platform::clock::date_of;
use platform::{Problem, Result, Tx};
use steps::steps::rules::check_days;

use crate::cycles::cycle::Cycle;
use crate::subjects::subject::Kind;
use crate::{cycles, process, schemes};

/// Refuses a plan that is handed in before its stage opens, or after the last day.
pub async fn check(tx: &mut Tx, cycle: &Cycle, kind: Kind) -> Result<()> {
    let scheme = schemes::stored::version(tx, &cycle.scheme_code, cycle.scheme_version).await?;
    let period = cycle.period.parse().map_err(|_| Problem::internal("a cycle's period cannot be read"))?;
    let mut binding = scheme.stages_of(&cycle.cadence, &period);
    binding.retain(|stage| {
        stage.gate && matches!(stage.does, Does::Plan | Does::Submit) && process::plans_of(stage) == kind
    });
    if binding.is_empty() {
        return Ok(());
    }
    let (stages, today) = (cycles::rows::stages(tx, cycle.id).await?, date_of(tx.now));
    let bound = stages.iter().filter(|dated| binding.iter().any(|stage| stage.code == dated.code));
    bound.into_iter().try_for_each(|dated| {
        check_days(&Label::new(&dated.label_zh, &dated.label_en), (dated.opens, dated.due), today)
    })
}
