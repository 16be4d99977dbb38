//! A plan: its states, and whom it concerns.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use platform::sql::NullableTimestamp;
use platform::web::Errors;
use platform::{Missing, Problem, Result, What, say};
use serde_json::{Value, json};
use uuid::Uuid;

use super::goals::{self, AgreedGoal, Goal};
use super::rules;
use crate::subjects::subject::{Kind, Subject};
use crate::viewer::Viewer;

platform::stored_enum! {
    /// Where a plan stands. Each step takes the state it starts from and gives the one it leads to.
    pub enum PlanState {
        Draft = "draft",
        Submitted = "submitted",
        Returned = "returned",
        Approved = "approved",
    }
}

impl PlanState {
    /// New goals: only while it is with the appraisee. What was returned stays so until it is submitted.
    pub fn edit(self) -> Result<Self> {
        match self {
            Self::Draft | Self::Returned => Ok(self),
            Self::Submitted => Err(Problem::wrong_state(say!(
                "绩效计划已提交；须先退回",
                "the plan has been submitted; it can be returned first"
            ))),
            Self::Approved => Err(Problem::wrong_state(say!(
                "绩效计划已批准；请新建版次",
                "the plan has been approved; make a new version of it"
            ))),
        }
    }

    pub fn submit(self) -> Result<Self> {
        self.edit().map(|_| Self::Submitted)
    }

    /// Entry on behalf: what was submitted may be entered anew.
    pub fn enter(self) -> Result<Self> {
        match self {
            Self::Approved => self.edit(),
            Self::Draft | Self::Returned | Self::Submitted => Ok(Self::Submitted),
        }
    }

    pub fn give_back(self) -> Result<Self> {
        self.decide().map(|()| Self::Returned)
    }

    /// What was handed in is decided about.
    fn decide(self) -> Result<()> {
        match self {
            Self::Submitted => Ok(()),
            Self::Draft | Self::Returned => {
                Err(Problem::wrong_state(say!("绩效计划尚未提交", "the plan has not been submitted")))
            }
            Self::Approved => Err(Problem::wrong_state(say!("绩效计划已批准", "the plan has been approved already"))),
        }
    }

    /// A new version beside the approved one.
    pub fn amend(self) -> Result<Self> {
        match self {
            Self::Approved => Ok(Self::Draft),
            _ => Err(Problem::wrong_state(say!(
                "只有已批准的绩效计划才能新建版次；请直接修改",
                "only an approved plan gets a new version; change this one"
            ))),
        }
    }
}

/// Whom a plan concerns.
#[derive(Clone, Copy, Debug)]
pub struct Concerned<'a> {
    /// Who writes it: the appraisee, or the head of the unit.
    pub writer: Option<&'a str>,
}

impl Concerned<'_> {
    /// Only the appraisee writes a plan, only the head that of a unit.
    /// An executive writes the plan of a unit that nobody leads.
    pub fn may_write(&self, caller: Option<&str>, executive: bool) -> Result<()> {
        if (caller.is_some() && caller == self.writer) || (executive && self.writer.is_none()) {
            return Ok(());
        }
        Err(Problem::not_permitted(say!(
            "只有被考核人本人（部门计划为部门负责人）可填写此绩效计划",
            "only the appraisee, or the head of the unit, writes this plan"
        )))
    }
}

/// What is done to a plan.
pub enum Step {
    /// New goals.
    Write(Value),
    Submit,
    /// Given back, with the reason.
    Return(String),
    /// A new edition beside the approved one, with the reason.
    Amend(Value, String),
}

/// What a step leads to beside the plan itself.
pub struct Taken {
    /// How the audit log calls it, and what it tells.
    pub action: &'static str,
    pub detail: Value,
    /// Whether the appraisee has done their part now, where that changed.
    pub drafted: Option<bool>,
}

/// A plan with whom it concerns.
#[derive(QueryableByName, Clone, Debug)]
pub struct Plan {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// None: it is no cycle's, until one of its scheme and period is opened.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub cycle: Option<Uuid>,
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    /// Employee number or unit code.
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub scheme: String,
    #[diesel(sql_type = Text)]
    pub period: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub unit: Option<String>,
    /// A person's superior; who is in charge of a unit.
    #[diesel(sql_type = Nullable<Text>)]
    pub superior: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub head: Option<String>,
    /// Who is in charge of the unit.
    #[diesel(sql_type = Nullable<Text>)]
    pub leader: Option<String>,
    #[diesel(sql_type = Integer)]
    pub edition: i32,
    #[diesel(sql_type = Text)]
    pub state: PlanState,
    #[diesel(sql_type = Bool)]
    pub settled: bool,
    /// Whether the cycle lets it be changed.
    #[diesel(sql_type = Bool)]
    pub is_open: bool,
    /// It is what the plans of a unit's people are together; goals of its own may stand in it.
    #[diesel(sql_type = Bool)]
    pub collects: bool,
    /// Plans of the unit's people are not approved that it collects.
    #[diesel(sql_type = Bool)]
    pub lacks: bool,
    #[diesel(sql_type = Jsonb)]
    pub goals: Value,
    /// What was agreed on in interviews once it had been handed in.
    #[diesel(sql_type = Jsonb)]
    pub agreed: Value,
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub submitted_by: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = NullableTimestamp)]
    pub submitted_at: Option<jiff::Timestamp>,
    #[diesel(sql_type = Nullable<Text>)]
    pub decided_by: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = NullableTimestamp)]
    pub decided_at: Option<jiff::Timestamp>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
}

impl Plan {
    pub fn concerned(&self) -> Concerned<'_> {
        match self.kind {
            Kind::Person => Concerned { writer: Some(&self.subject) },
            Kind::Unit => Concerned { writer: self.head.as_deref() },
        }
    }

    /// Operations by their ids that somebody may call on it now, as far as the plan decides.
    pub fn actions(&self, by: &Viewer) -> Vec<&'static str> {
        if !self.is_open {
            return Vec::new();
        }
        let writes = by.writes_plans && self.concerned().may_write(by.number.as_deref(), by.executive).is_ok();
        let all = [
            ("put_plan", writes && self.state.edit().is_ok()),
            ("submit_plan", writes && !self.lacks && self.state.submit().is_ok()),
            ("amend_plan", writes && self.state.amend().is_ok()),
        ];
        all.into_iter().filter(|(_, may)| *may).map(|(action, _)| action).collect()
    }

    /// A draft that is no cycle's yet.
    pub fn standing(subject: Subject, scheme: String, period: String, goals: &[Goal]) -> Result<Self> {
        let superior = subject.decides_about_plans().map(str::to_owned);
        Ok(Self {
            id: Uuid::now_v7(),
            cycle: None,
            kind: subject.kind,
            subject: subject.subject,
            scheme,
            period,
            name: subject.name,
            unit: subject.unit,
            superior,
            head: subject.head,
            leader: subject.leader,
            edition: 1,
            state: PlanState::Draft,
            settled: false,
            is_open: true,
            collects: false,
            lacks: false,
            goals: serde_json::to_value(goals)?,
            agreed: json!([]),
            reason: None,
            submitted_by: None,
            submitted_at: None,
            decided_by: None,
            decided_at: None,
            version: 1,
        })
    }

    /// Takes a step, if who takes it may and the plan's state allows it.
    pub fn take(&mut self, step: Step, by: &Viewer, now: jiff::Timestamp) -> Result<Taken> {
        let (number, state) = (by.number.as_deref(), self.state);
        let is_written = matches!(step, Step::Write(_));
        let (state, action) = match step {
            Step::Write(goals) => {
                self.concerned().may_write(number, by.executive)?;
                self.goals = goals;
                (state.edit()?, "plans.written")
            }
            Step::Submit => {
                self.concerned().may_write(number, by.executive)?;
                let state = state.submit()?;
                self.must_have_goals()?;
                (self.submitted_by, self.submitted_at) = (Some(by.name.clone()), Some(now));
                (self.decided_by, self.decided_at) = (None, None);
                (state, "plans.submitted")
            }
            Step::Return(reason) => {
                let state = state.give_back()?;
                self.reason = Some(rules::reason(&reason)?.to_owned());
                (self.decided_by, self.decided_at) = (Some(by.name.clone()), Some(now));
                (state, "plans.returned")
            }
            Step::Amend(goals, reason) => {
                self.concerned().may_write(number, by.executive)?;
                let state = state.amend()?;
                self.reason = Some(rules::reason(&reason)?.to_owned());
                (self.edition, self.goals) = (self.edition + 1, goals);
                (self.submitted_by, self.submitted_at, self.decided_by, self.decided_at) = (None, None, None, None);
                (state, "plans.amended")
            }
        };
        self.state = state;
        let told = json!({ "subject": self.kind.id(&self.subject), "edition": self.edition, "reason": self.reason });
        Ok(Taken {
            action,
            detail: if is_written { json!({ "goals": self.goals }) } else { told },
            drafted: (!is_written).then_some(matches!(state, PlanState::Submitted | PlanState::Approved)),
        })
    }

    fn must_have_goals(&self) -> Result<()> {
        if self.goals()?.is_empty() {
            if self.collects {
                return Ok(());
            }
            let missing = vec![match self.kind {
                Kind::Person => Missing::of_person(What::Goals, &self.subject),
                Kind::Unit => Missing::of_unit(What::Goals, &self.subject),
            }];
            return Err(Problem::incomplete(say!("绩效计划没有目标", "the plan has no goals"), missing));
        }
        let mut errors = Errors::default();
        goals::check(self.goals()?, "/goals", &mut errors);
        errors.check()
    }

    /// Goals that were agreed on and are not in it.
    pub fn agreed(&self) -> Result<Vec<AgreedGoal>> {
        let agreed: Vec<AgreedGoal> = serde_json::from_value(self.agreed.clone())?;
        let goals = self.goals()?;
        Ok(agreed.into_iter().filter(|one| !goals.iter().any(|goal| goal.title == one.title)).collect())
    }

    pub fn goals(&self) -> Result<Vec<Goal>> {
        Ok(serde_json::from_value(self.goals.clone())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONCERNED: Concerned<'_> = Concerned { writer: Some("E1") };

    #[test]
    fn a_plan_passes_from_draft_to_submitted_and_back() {
        let submitted = PlanState::Draft.submit().unwrap();
        let returned = submitted.give_back().unwrap();
        assert_eq!(returned.edit().unwrap(), PlanState::Returned);
        assert_eq!(returned.submit().unwrap(), PlanState::Submitted);
    }

    #[test]
    fn what_is_not_with_the_appraisee_cannot_be_edited() {
        assert!(PlanState::Submitted.edit().is_err());
        assert!(PlanState::Approved.edit().is_err());
        assert!(PlanState::Approved.submit().is_err());
        assert!(PlanState::Submitted.submit().is_err());
    }

    #[test]
    fn only_what_was_submitted_is_decided() {
        for state in [PlanState::Draft, PlanState::Returned, PlanState::Approved] {
            assert!(state.give_back().is_err(), "{state:?}");
        }
    }

    #[test]
    fn a_change_after_approval_is_a_new_version() {
        assert_eq!(PlanState::Approved.amend().unwrap(), PlanState::Draft);
        assert!(PlanState::Draft.amend().is_err());
        assert!(PlanState::Approved.enter().is_err());
    }

    #[test]
    fn only_the_appraisee_writes() {
        assert!(CONCERNED.may_write(Some("E1"), false).is_ok());
        assert!(CONCERNED.may_write(Some("E2"), true).is_err());
        assert!(CONCERNED.may_write(None, false).is_err());
        let nobodys = Concerned { writer: None };
        assert!(nobodys.may_write(Some("E2"), true).is_ok() && nobodys.may_write(Some("E2"), false).is_err());
    }
}
