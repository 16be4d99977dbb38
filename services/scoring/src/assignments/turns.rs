//! When a form may be handed in: after those that stand before it, and within the days of its stage where these bind.

use basics::Label;
use domain::scheme::source::{Does, Stage};
use jiff::civil::Date;
use platform::{Missing, Result, What};
use steps::steps::rules::check_days;

use super::assignment::{Assignment, FormState, Rater};
use crate::cycles::cycle::Cycle;
use crate::subjects::subject::Kind;

/// A stage in which forms are filled in.
struct Rating {
    code: String,
    label: Label,
    own: bool,
    raters: Vec<String>,
    after: Vec<String>,
    gate: bool,
    /// The first and the last.
    days: (Option<Date>, Option<Date>),
}

/// The stages of a cycle in which forms are filled in.
pub struct Turns {
    stages: Vec<Rating>,
}

impl Turns {
    pub fn of(cycle: &Cycle) -> Result<Self> {
        let stage = |(stage, _): (Stage, Option<Date>)| {
            Ok(Rating {
                own: stage.does == Does::SelfAssess,
                raters: stage.raters,
                after: stage.after.unwrap_or_default(),
                gate: stage.gate,
                days: cycle.days(&stage.code)?,
                code: stage.code,
                label: stage.label,
            })
        };
        Ok(Self { stages: cycle.stages_where(Stage::rates)?.into_iter().map(stage).collect::<Result<_>>()? })
    }

    /// Nothing of it binds anybody.
    pub fn is_free(&self) -> bool {
        self.stages.iter().all(|stage| stage.after.is_empty() && !stage.gate)
    }

    fn is_in(&self, form: &Assignment, stage: &Rating) -> bool {
        let own = form.kind == Kind::Person && form.rater() == Rater::person(&form.subject);
        let has_own = self.stages.iter().any(|stage| stage.own);
        if stage.own {
            return own;
        }
        if stage.raters.is_empty() {
            let named = self.stages.iter().any(|other| other.raters.contains(&form.rater_column));
            let elsewhere = named || (own && has_own);
            return !elsewhere;
        }
        stage.raters.contains(&form.rater_column)
    }

    /// The form that has to be handed in before this one, among those of which this is true.
    pub fn before<'f>(
        &self,
        form: &Assignment,
        of_subject: &'f [Assignment],
        today: Date,
        counts: impl Fn(&Assignment) -> bool,
    ) -> Option<&'f Assignment> {
        let after = self.stages.iter().filter(|stage| self.is_in(form, stage)).flat_map(|stage| &stage.after);
        let over = |stage: &&Rating| stage.days.1.is_some_and(|due| today > due);
        let before: Vec<&Rating> = after
            .filter_map(|code| self.stages.iter().find(|stage| stage.code == *code))
            .filter(|stage| !over(stage))
            .collect();
        let waited = |other: &&Assignment| {
            other.state == FormState::Open && !other.optional && other.edition == form.edition && other.id != form.id
        };
        let mut waited = of_subject.iter().filter(waited).filter(|other| counts(other));
        waited.find(|other| before.iter().any(|stage| self.is_in(other, stage)))
    }

    /// What lacks where another form comes first.
    pub fn lacking(other: &Assignment) -> Missing {
        Missing { what: What::Turn, part: Some(other.rater_column.clone()), ..Missing::default() }
    }

    /// Refuses what comes before a stage whose days bind opens, or after its last day.
    pub fn check_days(&self, form: &Assignment, today: Date) -> Result<()> {
        let binding = self.stages.iter().filter(|stage| stage.gate && self.is_in(form, stage));
        binding.into_iter().try_for_each(|stage| check_days(&stage.label, stage.days, today))
    }
}
