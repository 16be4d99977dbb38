use std::collections::BTreeMap;

use basics::Label;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Date as SqlDate, Jsonb, Nullable, Text, Uuid as SqlUuid};
use domain::scheme::source::{FormField, Stage, StageOn, Who};
use events::Subject;
use jiff::civil::Date;
use platform::{Result, sql, stored_enum};
use serde::{Deserialize, Serialize};
use steps::steps::rules::check_days;
use steps::steps::{DecisionView, Step};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cycles::cycle::Cycle;
use crate::subjects::subject::{Appraised, Kind};

/// A stage of a cycle in which reports are written.
#[derive(Clone, Debug)]
pub struct ReportStage {
    pub code: String,
    pub label: Label,
    /// Who writes, and then who confirms, place by place.
    pub by: Vec<Vec<Who>>,
    pub form: Vec<FormField>,
    /// Whether it is about people or about units.
    pub kind: Kind,
    /// Only about these; empty: about all.
    categories: Vec<String>,
    pub due: Option<Date>,
    /// The first and the last day on which one is handed in, where they bind.
    binding: Option<(Option<Date>, Option<Date>)>,
}

impl ReportStage {
    pub fn of(cycle: &Cycle) -> Result<Vec<Self>> {
        let stages = cycle.stages_where(Stage::is_written)?.into_iter();
        let stage = |(stage, due): (Stage, Option<Date>)| {
            Ok(Self {
                by: stage.by.iter().map(|acting| acting.who().to_vec()).collect(),
                binding: if stage.gate { Some(cycle.days(&stage.code)?) } else { None },
                code: stage.code,
                label: stage.label,
                form: stage.form,
                kind: if stage.on == StageOn::Units { Kind::Unit } else { Kind::Person },
                categories: stage.categories,
                due,
            })
        };
        stages.map(stage).collect()
    }

    /// Refuses what is handed in outside its days, where these bind.
    pub fn check_days(&self, today: Date) -> Result<()> {
        self.binding.map_or(Ok(()), |days| check_days(&self.label, days, today))
    }

    pub fn named(cycle: &Cycle, code: &str) -> Result<Option<Self>> {
        Ok(Self::of(cycle)?.into_iter().find(|stage| stage.code == code))
    }

    pub fn is_about(&self, one: &Appraised) -> bool {
        let own = || one.category.as_ref().is_some_and(|own| self.categories.contains(own));
        self.kind == one.kind && (self.categories.is_empty() || own())
    }
}

stored_enum! {
    /// How far a report is.
    pub enum ReportState {
        /// It is being written.
        Draft = "draft",
        /// Somebody has to confirm it.
        HandedIn = "handed_in",
        Returned = "returned",
        Done = "done",
    }
}

/// A report about a person or a unit.
#[derive(Clone, Debug, QueryableByName)]
pub struct Report {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    #[diesel(sql_type = Text)]
    pub stage: String,
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Jsonb)]
    pub answers: serde_json::Value,
    #[diesel(sql_type = Text)]
    pub state: ReportState,
    #[diesel(sql_type = Nullable<Text>)]
    pub handed_in_by: Option<String>,
    /// When it was handed in first.
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = sql::NullableDate)]
    pub handed_in_on: Option<Date>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
}

impl Report {
    pub fn about(&self) -> String {
        about(self.id)
    }

    /// Whom or what it is about.
    pub fn key(&self) -> Subject {
        self.kind.subject(&self.subject)
    }

    pub fn answers(&self) -> Result<BTreeMap<String, String>> {
        Ok(serde_json::from_value(self.answers.clone())?)
    }
}

/// What the steps of a report are about.
pub fn about(report: Uuid) -> String {
    format!("report:{report}")
}

/// What is answered in a report.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "answers": { "done": "完成两个站点的巡检", "wishes": "参加网络安全培训" } }))]
pub struct Answers {
    /// By the code of the form's field, each 1 to 4000 characters; what is left out is not answered.
    pub answers: BTreeMap<String, String>,
}

stored_enum! {
    /// What is said of a report that was handed in.
    pub enum ReportVerdict {
        /// It is confirmed.
        Approved = "approved",
        /// Sent back to whoever wrote it, with the reason.
        Returned = "returned",
    }
}

/// A decision about a report.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "verdict": "approved", "reason": "所写属实，下月请多与销售沟通" }))]
pub struct ReportDecision {
    #[schema(inline)]
    pub verdict: ReportVerdict,
    /// Why, or what the one who confirms says of it; needed where it is sent back. 1 to 4000 characters.
    #[serde(default)]
    pub reason: Option<String>,
}

/// A question of the form.
#[derive(Serialize, ToSchema)]
struct FieldView {
    code: String,
    label_zh: String,
    label_en: String,
    optional: bool,
    answer: Option<String>,
}

/// Who writes or confirms, and what they said.
#[derive(Serialize, ToSchema)]
struct ReportStepView {
    /// 1: the writing; then those who confirm, in order.
    place: i32,
    /// `person:NUMBER`, `role:hr`.
    actors: Vec<String>,
    /// `open`, `done`, `returned` or `void`.
    state: String,
    decisions: Vec<DecisionView>,
}

/// A report as people see it.
#[derive(Serialize, ToSchema)]
pub struct ReportView {
    pub id: Uuid,
    pub cycle: Uuid,
    /// The code of the stage.
    stage: String,
    label_zh: String,
    label_en: String,
    /// What it is about: `person:NUMBER` or `unit:CODE`.
    #[schema(value_type = String)]
    subject: Subject,
    name: String,
    state: ReportState,
    fields: Vec<FieldView>,
    #[schema(value_type = Option<String>)]
    due: Option<Date>,
    /// Employee number or account.
    handed_in_by: Option<String>,
    /// When it was handed in first.
    #[schema(value_type = Option<String>)]
    handed_in_on: Option<Date>,
    /// It was handed in, or is still to be, after its day.
    late: bool,
    steps: Vec<ReportStepView>,
    /// The operations on it that the caller may call now.
    actions: Vec<&'static str>,
    /// The `ETag`.
    pub version: i64,
}

impl ReportView {
    pub fn new(
        report: Report,
        stage: &ReportStage,
        steps: Vec<(Step, Vec<DecisionView>)>,
        actions: Vec<&'static str>,
        today: Date,
    ) -> Result<Self> {
        let mut answers = report.answers()?;
        let field = |field: &FormField| FieldView {
            code: field.code.clone(),
            label_zh: field.label.zh.clone(),
            label_en: field.label.en.clone(),
            optional: field.optional,
            answer: answers.remove(&field.code),
        };
        let fields = stage.form.iter().map(field).collect();
        let step = |(step, decisions): (Step, Vec<DecisionView>)| ReportStepView {
            place: step.place,
            actors: step.actors,
            state: step.state.to_string(),
            decisions,
        };
        Ok(Self {
            id: report.id,
            cycle: report.cycle,
            subject: report.key(),
            stage: report.stage,
            label_zh: stage.label.zh.clone(),
            label_en: stage.label.en.clone(),
            name: report.name,
            state: report.state,
            fields,
            due: stage.due,
            late: stage.due.is_some_and(|due| report.handed_in_on.unwrap_or(today) > due),
            handed_in_by: report.handed_in_by,
            handed_in_on: report.handed_in_on,
            steps: steps.into_iter().map(step).collect(),
            actions,
            version: report.version,
        })
    }
}
