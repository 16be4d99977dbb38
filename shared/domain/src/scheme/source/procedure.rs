//! Steps, appeals, and what services do around the figures.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Kind, Number, Who};
use crate::Label;
use crate::period::{Form, Period};
use crate::scheme::calendar::{DatePhrase, Term};
use crate::workdays::WorkingCalendar;

/// A step of the cycle.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// What calendars call it.
    pub code: String,
    /// What people call it.
    pub label: Label,
    /// Who acts, where that is only told.
    #[serde(default)]
    #[schemars(with = "String", extend("enum" = ["employee", "superior", "unit_head", "hr", "executive", "committee", "finance", "peers"]))]
    pub role: Actor,
    /// A review or an approval of what was computed: who decides, step by step; nothing is published before they have. A spot
    /// check: who may look at units. An interview: who holds it once the result is published; absent: the superior, with
    /// those who are given a reason. An opinion: who answers what people say of their result. A confirmation: who signs the
    /// result, each of them. An announcement: who makes it. A plan: who decides about it once it was handed in, step by step;
    /// absent: the superior, or who is in charge of the unit. Settled sheets: who confirms them, step by step. A report: who
    /// writes it about each person or unit, and then who confirms it, step by step.
    #[serde(default)]
    pub by: Vec<Acting>,
    /// What each of them acts on.
    #[serde(default)]
    pub on: StageOn,
    /// Interviews: only with people whose result gives a reason for one.
    #[serde(default)]
    pub reasons_only: bool,
    /// Interviews: the result is known from the day of it, and terms of appeal run from then.
    #[serde(default)]
    pub known: bool,
    /// Confirmations: how long the signature is waited for, "3 working days"; then the result stands without it. Absent:
    /// until it is given.
    pub lapses: Option<String>,
    /// Plans, assessments, scoring and reports: its days bind, and nothing is handed in before it opens or after its last day.
    /// Confirmations: what was computed is signed before it is published, and nothing is published without.
    #[serde(default)]
    pub gate: bool,
    /// Scoring and assessments: nobody hands in a form in it as long as forms of these stages are waited for, until their last
    /// day is over. Reviews and approvals: it waits for these alone; empty: for none; absent: for all before it.
    pub after: Option<Vec<String>>,
    /// Reports: what is asked in them.
    #[serde(default)]
    pub form: Vec<FormField>,
    /// Reports, reviews and approvals: only about people of these categories, by code; empty: about all.
    #[serde(default, rename = "for")]
    pub categories: Vec<String>,
    /// Scoring: which kinds of rater rate in it, by name; empty: those whom no other stage names.
    #[serde(default)]
    pub raters: Vec<String>,
    /// The stage that begins again for whatever is sent back.
    pub back_to: Option<String>,
    /// What is done. Planning waits for `targets`, `plan`, `submit`, `approve_plan`, `settle` and `release`, scoring for `score`.
    #[serde(default)]
    #[schemars(with = "String", extend("enum" = ["targets", "plan", "submit", "approve_plan", "settle", "release", "self_assess", "score",
        "close", "review", "approve", "spot_check", "publish", "announce", "interview", "opinion", "confirm", "report", "improve"]))]
    pub does: Does,
    /// Only in these cadences, by code; empty: in all.
    #[serde(default)]
    pub cadences: Vec<String>,
    /// Only for this part of the year (half-year or quarter).
    pub part: Option<i8>,
    /// "28 of M-1", "last of Feb of Y+1", "1 of Mar of Y", "1 day after end", "7 working days after end".
    pub opens: Option<String>,
    /// When it is due, written like `opens`; absent: no day is set.
    pub due: Option<String>,
}

/// A question of a form, answered in words.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormField {
    /// What answers call it.
    pub code: String,
    /// What people read.
    pub label: Label,
    /// It may be left empty.
    #[serde(default)]
    pub optional: bool,
}

impl Stage {
    /// People write reports in it.
    pub fn is_written(&self) -> bool {
        self.does == Does::Report && !self.by.is_empty()
    }

    /// Who acts in it, one after the other or each for themselves.
    pub fn who(&self) -> impl Iterator<Item = &Who> {
        self.by.iter().flat_map(Acting::who)
    }

    /// The last day on which a signature is waited for that is asked on a day.
    pub fn lapses_on(&self, asked_on: Date, calendar: &WorkingCalendar) -> Option<Date> {
        Some(Term::parse(self.lapses.as_deref()?)?.after(asked_on, calendar))
    }

    /// People fill in forms about somebody in it.
    pub fn rates(&self) -> bool {
        matches!(self.does, Does::SelfAssess | Does::Score)
    }

    /// People say what they think of their result as soon as it is computed, before it is published.
    pub fn hears_early(&self) -> bool {
        self.does == Does::Opinion && self.after.is_some()
    }

    /// Somebody decides in it about what was computed, before it is published.
    pub fn decides(&self) -> bool {
        !self.by.is_empty() && matches!(self.does, Does::Review | Does::Approve)
    }
}

/// What is acted on in a stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageOn {
    /// Everything that was computed.
    #[default]
    Cycle,
    /// Each unit with its people, by itself.
    Units,
    /// Each person.
    People,
}

/// Something that people hand in by a day: a plan, a summary, a form. One that has the code of a report is done by handing in
/// that report.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// What lists call it.
    pub code: String,
    /// What people call it.
    pub label: Label,
    /// Only of people of these categories, by code; empty: of all.
    #[serde(default, rename = "for")]
    pub categories: Vec<String>,
    /// Only in these cadences, by code; empty: in all.
    #[serde(default)]
    pub cadences: Vec<String>,
    /// Its day, written like the days of stages; absent: days are named while the cycle runs, as often as it falls due.
    pub due: Option<String>,
    /// Where each that is late counts one, as `item.CODE.INPUT`, unless whoever scores strikes it; absent: it is only told.
    pub counts: Option<String>,
}

impl Duty {
    /// Its day in a period, where the scheme says one.
    pub fn due_in(&self, period: &Period, calendar: &WorkingCalendar) -> Option<Date> {
        Some(DatePhrase::parse(self.due.as_deref()?)?.date(period, period.last_day(), calendar))
    }
}

/// Plans that are made for longer than a cycle: what was approved serves each cycle of the time that they are for.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanTerms {
    /// Whose plans they are: `people` or `units`.
    pub on: StageOn,
    /// For how long one is made.
    pub every: Form,
    /// Who decides about one, step by step; absent: the superior, or who is in charge of the unit.
    #[serde(default)]
    pub by: Vec<Acting>,
    /// In how many months, from the first day of each period of the scheme's first cadence, an approved plan may be changed;
    /// absent: at any time.
    pub changed_within_months: Option<u8>,
}

impl PlanTerms {
    /// The period of the plan that serves a cycle of a period.
    pub fn period_of(&self, period: &Period) -> Option<Period> {
        Period::with(self.every, period.first_day())
    }
}

/// A figure that some may move once it was computed, each time with a reason.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Adjust {
    /// The name of the figure: a number that is no pay, or a grade.
    pub figure: String,
    /// Whose figure it is: `people` or `units`.
    #[serde(default = "people")]
    pub of: Kind,
    /// Who may move it, any of them; never who gave something that it stands on.
    pub by: Vec<Who>,
    /// By how much a number is moved at most, up or down, all in all; absent: as far as its bounds go.
    pub up_to: Option<Number>,
    /// Only in these cadences, by code; empty: in all.
    #[serde(default)]
    pub cadences: Vec<String>,
}

fn people() -> Kind {
    Kind::People
}

/// Who approves what is paid, before payroll sees it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PayTerms {
    /// Who approves, one after the other; several in a nested list do so together.
    pub by: Vec<Acting>,
}

/// When a result may be contested, by when that is answered, and who decides.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppealTerms {
    /// "7 days", "2 working days" after the result was known; absent: always.
    pub file_within: Option<String>,
    /// After the day of filing; absent: no day is set.
    pub answer_within: Option<String>,
    /// Who decides, level by level; empty: HR.
    #[serde(default)]
    pub levels: Vec<Acting>,
    /// What the last level decides is final: nothing more is filed about the same result.
    #[serde(default, rename = "final")]
    pub is_final: bool,
    /// How a body that decides is made up; absent: any way.
    #[serde(default)]
    pub group: Option<GroupRule>,
}

impl AppealTerms {
    /// Who decides, level by level, as they are called now.
    pub fn levels(&self) -> Vec<Vec<Who>> {
        if self.levels.is_empty() {
            return vec![vec![Who::Role("hr".to_owned())]];
        }
        self.levels.iter().map(|level| level.who().iter().map(current).collect()).collect()
    }
}

/// Who decides in a step of a stage, or at a level of an appeal. Several in a nested list decide together; whoever stands
/// beside a body sits in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Acting {
    /// Somebody alone.
    One(Who),
    /// Several together.
    Together(Vec<Who>),
}

impl Acting {
    pub fn who(&self) -> &[Who] {
        match self {
            Self::One(who) => std::slice::from_ref(who),
            Self::Together(all) => all,
        }
    }
}

/// What schemes of older versions called those who decide.
const OLDER: [(&str, &str); 8] = [
    ("superior_of_superior", "superior.superior"),
    ("unit_head", "head"),
    ("hr", "role.hr"),
    ("executive", "role.executive"),
    ("committee", "role.committee_member"),
    ("finance", "role.finance"),
    ("leading_group", "body.leading_group"),
    ("party_committee", "body.party_committee"),
];

/// Whom a code of an older version means.
pub(crate) fn renamed(code: &str) -> Option<&'static str> {
    OLDER.iter().find(|(older, _)| *older == code).map(|(_, now)| *now)
}

fn current(who: &Who) -> Who {
    match who {
        Who::Unknown(code) => renamed(code).map_or_else(|| who.clone(), Who::from),
        who => who.clone(),
    }
}

/// Who may sit in a deciding group.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupRule {
    /// Members at least.
    pub min: u8,
    /// Members at most.
    pub max: u8,
    /// Their number is odd.
    #[serde(default)]
    pub odd: bool,
    /// How many of them at least speak for somebody, by whom: `{ staff = 1 }`.
    #[serde(default)]
    pub representatives: BTreeMap<String, u8>,
}

/// What the services need to know besides figures.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    /// Years that records are kept from their making.
    pub keep_years: Option<u16>,
    /// Years that they are kept after somebody leaves.
    pub keep_years_after_leaving: Option<u16>,
    /// Every look at a record needs a purpose.
    #[serde(default)]
    pub purpose_needed: bool,
    /// People rate themselves first; it is shown to raters.
    #[serde(default)]
    pub self_assessment: bool,
    /// Whoever rates must have been trained.
    #[serde(default)]
    pub raters_trained: bool,
    /// Behaviour dated outside the period is no evidence.
    #[serde(default)]
    pub evidence_inside_period: bool,
    /// Approvals that a result needs before it is published, as older versions wrote them; stages say it now.
    #[serde(default)]
    #[schemars(skip)]
    pub approvals: Vec<Actor>,
    /// Who may adjust scores, as older versions wrote it; `adjust` says it now.
    #[serde(default)]
    #[schemars(skip)]
    pub adjustable_by: Vec<Actor>,
    /// A plan that a result starts.
    pub improvement_plan: Option<ImprovementPlan>,
}

/// A plan that somebody follows after a poor result.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImprovementPlan {
    /// The outcome that starts one.
    pub on: String,
    /// How long it lasts.
    pub months: u8,
    /// Items at most; absent: any number.
    pub max_items: Option<u8>,
    /// The overall mark from which it is passed.
    pub pass_from: Number,
    /// The lowest mark.
    pub scale_from: Number,
    /// The highest mark.
    pub scale_to: Number,
    /// Marks are multiples of this.
    pub scale_step: Number,
    /// The outcome when it is passed.
    pub passed: String,
    /// The outcome when it is not.
    pub failed: String,
    /// The outcome when the person declines it; absent: that of `failed`.
    pub declined: Option<String>,
}

/// What is done in a stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Does {
    /// Nothing that a service waits for.
    #[default]
    Nothing,
    Targets,
    Plan,
    Submit,
    ApprovePlan,
    Settle,
    /// The settled sheets are handed over to those who score.
    Release,
    SelfAssess,
    Score,
    /// Everything is computed, by HR.
    Close,
    Review,
    Approve,
    /// Units that some body names are looked at; what it recommends is answered before anything is published.
    SpotCheck,
    Publish,
    Announce,
    Interview,
    /// People say what they think of their result, and are answered.
    Opinion,
    /// Results are signed.
    Confirm,
    Report,
    Improve,
}

impl Does {
    const ALL: [(Does, &'static str); 19] = [
        (Does::Targets, "targets"),
        (Does::Plan, "plan"),
        (Does::Submit, "submit"),
        (Does::ApprovePlan, "approve_plan"),
        (Does::Settle, "settle"),
        (Does::Release, "release"),
        (Does::SelfAssess, "self_assess"),
        (Does::Score, "score"),
        (Does::Close, "close"),
        (Does::Review, "review"),
        (Does::Approve, "approve"),
        (Does::SpotCheck, "spot_check"),
        (Does::Publish, "publish"),
        (Does::Announce, "announce"),
        (Does::Interview, "interview"),
        (Does::Opinion, "opinion"),
        (Does::Confirm, "confirm"),
        (Does::Report, "report"),
        (Does::Improve, "improve"),
    ];
}

/// Who acts in a cycle or decides about a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Actor {
    /// Nobody in particular.
    #[default]
    Nobody,
    Employee,
    Superior,
    SuperiorOfSuperior,
    UnitHead,
    Hr,
    Executive,
    Committee,
    Finance,
    Peers,
    LeadingGroup,
    PartyCommittee,
}

impl Actor {
    const ALL: [(Actor, &'static str); 11] = [
        (Actor::Employee, "employee"),
        (Actor::Superior, "superior"),
        (Actor::SuperiorOfSuperior, "superior_of_superior"),
        (Actor::UnitHead, "unit_head"),
        (Actor::Hr, "hr"),
        (Actor::Executive, "executive"),
        (Actor::Committee, "committee"),
        (Actor::Finance, "finance"),
        (Actor::Peers, "peers"),
        (Actor::LeadingGroup, "leading_group"),
        (Actor::PartyCommittee, "party_committee"),
    ];
}

/// The value of a code; what an older version allowed and nobody knows any more stands for nothing.
fn of_code<T: Copy + Default>(all: &[(T, &str)], code: &str) -> T {
    all.iter().find(|(_, known)| *known == code).map(|(value, _)| *value).unwrap_or_default()
}

fn code_of<T: Copy + PartialEq>(all: &[(T, &str)], value: T) -> String {
    all.iter().find(|(known, _)| *known == value).map(|(_, code)| (*code).to_owned()).unwrap_or_default()
}

impl From<String> for Does {
    fn from(code: String) -> Self {
        of_code(&Self::ALL, &code)
    }
}

impl From<Does> for String {
    fn from(does: Does) -> Self {
        code_of(&Does::ALL, does)
    }
}

impl From<String> for Actor {
    fn from(code: String) -> Self {
        of_code(&Self::ALL, &code)
    }
}

impl From<Actor> for String {
    fn from(actor: Actor) -> Self {
        code_of(&Actor::ALL, actor)
    }
}
