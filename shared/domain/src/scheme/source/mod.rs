//! A scheme as it is written: the TOML file, key by key. What it means is worked out in [`super::compile`].

mod figures;
mod givers;
mod inputs;
mod parameters;
mod procedure;
mod rules;
mod sheets;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::literal::{Expr, Number};
use crate::Label;
use crate::period::Form;
pub use crate::value::Kind;
pub(crate) use figures::How;
pub use figures::{
    BandSource, BandsSource, FigureSource, GatherSource, Gathering, Output, PlaceRounding, QuotaSource, RankCount,
    RankSource, SplitSource, TiedPlaces, Within,
};
pub use givers::{
    Derived, Giver, OFFICES, OwnWeights, ROLES, ResultOf, RowsFrom, RowsSource, SourceCase, Sources, Who,
};
pub use inputs::{Bounds, Combine, GivenScore, InputKind, InputSource, Level, ListSource, RaterPresence};
pub use parameters::{ParameterDefault, ParameterSource, SumRule};
pub(crate) use procedure::renamed;
pub use procedure::{
    Acting, Actor, Adjust, AppealTerms, Does, Duty, FormField, GroupRule, ImprovementPlan, PayTerms, PlanTerms, Stage,
    StageOn, Workflow,
};
pub use rules::{CheckSource, ExclusionSource, GuideSource, Purpose, RuleSource};
pub use sheets::{Evidence, ItemEvidence, ItemSource, SheetSource, StandsFor};

/// A company's appraisal policy.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(title = "Steelyard scheme")]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What the scheme is called in the API and on the command line: small letters, digits and hyphens.
    pub code: String,
    /// Its name.
    pub name: Label,
    /// What it is for, in a sentence.
    #[serde(default)]
    pub about: Label,
    /// The day on which a month begins; from 2 on, it is a day of the month before (26: 26th to 25th).
    #[serde(default = "first")]
    pub month_starts_on: i8,
    /// Its kinds of cycle; at least one.
    pub cadences: Vec<Cadence>,
    /// What is known of the company as a whole.
    #[serde(default)]
    pub company: SubjectSource,
    /// Absent: the scheme knows no units.
    pub units: Option<SubjectSource>,
    /// The people who are appraised.
    #[serde(default)]
    pub people: SubjectSource,
    /// Grades, best first.
    #[serde(default)]
    pub grades: Vec<Coded>,
    /// Everything that a rule can lead to: outcomes, interviews, warnings.
    #[serde(default)]
    pub outcomes: Vec<Coded>,
    /// Further codes that figures can yield, such as levels of a score.
    #[serde(default)]
    pub codes: Vec<Coded>,
    /// What the bodies are called that the scheme names as `body.CODE`.
    #[serde(default)]
    pub bodies: Vec<Coded>,
    /// What a company may set.
    #[serde(default)]
    pub parameters: Vec<ParameterSource>,
    /// Tables of the policy that nobody may change.
    #[serde(default)]
    pub tables: Vec<ParameterSource>,
    /// What raters fill in: one sheet for each category and cadence that is rated.
    #[serde(default)]
    pub sheets: Vec<SheetSource>,
    /// The steps of a cycle, in the order in which they open.
    #[serde(default)]
    pub stages: Vec<Stage>,
    /// What people hand in by a day, beside the stages.
    #[serde(default)]
    pub duties: Vec<Duty>,
    /// Plans that are made for longer than a cycle.
    #[serde(default)]
    pub plans: Vec<PlanTerms>,
    /// What may be moved once it was computed, by whom.
    #[serde(default)]
    pub adjust: Vec<Adjust>,
    /// Absent: what is reckoned goes to payroll at once.
    pub pay: Option<PayTerms>,
    /// Absent: nobody can appeal.
    pub appeal: Option<AppealTerms>,
    /// What services do around the figures.
    #[serde(default)]
    pub workflow: Workflow,
}

impl Source {
    /// All bodies of the company that the scheme names, by code.
    pub(crate) fn named_bodies(&self) -> BTreeSet<String> {
        let levels = self.appeal.as_ref().map(AppealTerms::levels).unwrap_or_default();
        let mut all: Vec<&Who> = levels.iter().flatten().collect();
        all.extend(self.stages.iter().flat_map(|stage| &stage.by).flat_map(Acting::who));
        all.extend(self.plans.iter().flat_map(|plans| &plans.by).flat_map(Acting::who));
        all.extend(self.adjust.iter().flat_map(|adjust| &adjust.by));
        all.extend(self.pay.iter().flat_map(|terms| &terms.by).flat_map(Acting::who));
        for sheet in &self.sheets {
            all.extend(sheet.items.iter().flat_map(|item| item.given_by.values()));
            let inputs = sheet.items.iter().flat_map(|item| &item.inputs).chain(&sheet.inputs);
            all.extend(inputs.clone().flat_map(|input| &input.by).flat_map(Giver::who));
            all.extend(inputs.flat_map(|input| &input.checked_by).flat_map(Acting::who));
            for rater in &sheet.raters {
                match &rater.from {
                    Some(Sources::One(who)) => all.push(who),
                    Some(Sources::FirstOf(cases)) => all.extend(cases.iter().map(|case| &case.from)),
                    None => {}
                }
            }
        }
        for subject in Kind::ALL.into_iter().filter_map(|kind| self.subject(kind)) {
            all.extend(subject.facts.iter().flat_map(|fact| &fact.by).flat_map(Giver::who));
            all.extend(subject.facts.iter().flat_map(|fact| &fact.checked_by).flat_map(Acting::who));
            all.extend(subject.pay.iter().flat_map(|pay| &pay.checked_by).flat_map(Acting::who));
            all.extend(subject.lists.iter().flat_map(|list| &list.by).flat_map(Giver::who));
            all.extend(subject.lists.iter().flat_map(|list| &list.checked_by).flat_map(Acting::who));
            all.extend(subject.score.iter().flat_map(|score| &score.by).flat_map(Giver::who));
            all.extend(subject.score.iter().flat_map(|score| &score.checked_by).flat_map(Acting::who));
        }
        let code = |who: &&Who| if let Who::Body { code, .. } = who { Some(code.clone()) } else { None };
        all.iter().filter_map(code).collect()
    }
}

fn first() -> i8 {
    1
}

/// Something that has a code: a grade, a category, an outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coded {
    /// What formulas, cases and results call it.
    pub code: String,
    /// What people call it.
    pub label: Label,
    /// Categories: whom or which units it is for, a condition as `who` has it; the first category that fits counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Sections, grades and letters: what whoever rates is told about it. Left empty it is still to be written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guidance: Option<Label>,
}

/// A kind of cycle.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cadence {
    /// Such as `monthly`; what cases and cycles name.
    pub code: String,
    /// What people call it.
    pub label: Label,
    /// How its periods are written.
    pub form: Form,
    /// It has to be named: the form of the period alone does not choose it.
    #[serde(default)]
    pub named: bool,
}

/// What one kind of subject (the company, units, people) gives and gets.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubjectSource {
    /// Kinds of people or units that the policy treats differently; none: all are alike.
    #[serde(default)]
    pub categories: Vec<Coded>,
    /// Who takes part: a condition over `position`, `unit`, `unit_category`, `category` (the organisation's), `hired_on`,
    /// `is_head`, `has_reports`, `dotted` and `fact.NAME`; absent: everybody whom a category fits.
    pub who: Option<String>,
    /// Units: a score that is given from outside.
    pub score: Option<GivenScore>,
    /// Units: who leads them.
    pub head: Option<HeadSource>,
    /// What is known besides ratings and pay.
    #[serde(default)]
    pub facts: Vec<InputSource>,
    /// People: what the pay profile gives.
    #[serde(default)]
    pub pay: Vec<InputSource>,
    /// Rows of inputs: goals, incidents, adjustments.
    #[serde(default)]
    pub lists: Vec<ListSource>,
    /// People: who is not appraised; the first that applies counts.
    #[serde(default)]
    pub exclusions: Vec<ExclusionSource>,
    /// What is computed.
    #[serde(default)]
    pub figures: Vec<FigureSource>,
    /// What the figures lead to.
    #[serde(default)]
    pub rules: Vec<RuleSource>,
    /// People: advisory distributions.
    #[serde(default)]
    pub guides: Vec<GuideSource>,
    /// What inputs must be besides their own bounds.
    #[serde(default)]
    pub checks: Vec<CheckSource>,
}

/// Who leads a unit.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeadSource {
    /// The category that the head must have; they must then be of the unit as well.
    pub category: Option<String>,
    /// Two may lead a unit (`co_head` in a case): what goes to the head goes to both.
    #[serde(default)]
    pub co_head: bool,
}
