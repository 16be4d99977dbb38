//! Goals that somebody agreed on in an interview enter the plan of the next period.

use events::{GoalsAgreed, SubjectKind};
use platform::clock::date_of;
use platform::{Result, Tx};
use serde_json::{Value, json};

use super::goals::{AgreedGoal, Goal};
use super::plan::{Plan, PlanState};
use super::rows;
use crate::approvals::telling;
use crate::directory;
use crate::subjects::placing;
use crate::subjects::subject::Kind;

/// Puts the goals into a draft, or begins one of them. A plan that was handed in or approved stays as it is; they are kept
/// beside it, and whoever wrote it is told to take them into a new version.
pub async fn take(tx: &mut Tx, agreed: &GoalsAgreed) -> Result<()> {
    if agreed.subject.kind != SubjectKind::Person || agreed.goals.is_empty() {
        return Ok(());
    }
    let number = &agreed.subject.id;
    match rows::of_period(tx, &agreed.scheme, Kind::Person, number, &agreed.period).await? {
        Some(mut plan) if matches!(plan.state, PlanState::Draft | PlanState::Returned) => {
            let mut goals: Vec<Goal> = serde_json::from_value(plan.goals.clone())?;
            goals = if goals.is_empty() { weighed(agreed) } else { beside(goals, agreed) };
            plan.goals = serde_json::to_value(goals)?;
            rows::store(tx, &mut plan).await?;
            note(tx, &plan, agreed).await
        }
        Some(plan) => keep(tx, plan, agreed).await,
        None => begin(tx, agreed).await,
    }
}

async fn keep(tx: &mut Tx, mut plan: Plan, agreed: &GoalsAgreed) -> Result<()> {
    let mut all: Vec<AgreedGoal> = serde_json::from_value(plan.agreed.clone())?;
    for goal in &agreed.goals {
        if !all.iter().any(|known| known.title == goal.title) {
            all.push(AgreedGoal { title: goal.title.clone(), measure: goal.measure.clone() });
        }
    }
    plan.agreed = serde_json::to_value(all)?;
    rows::keep_agreed(tx, plan.id, &plan.agreed).await?;
    if !plan.agreed()?.is_empty() {
        telling::agreed(tx, &plan, agreed.interview).await?;
    }
    note(tx, &plan, agreed).await
}

/// A draft that is no cycle's yet.
async fn begin(tx: &mut Tx, agreed: &GoalsAgreed) -> Result<()> {
    let organisation = directory::rows::organisation(tx, date_of(tx.now)).await?;
    let Some(person) = organisation.people.get(&agreed.subject.id) else { return Ok(()) };
    let subject = placing::person_subject(person, &organisation);
    let plan = Plan::standing(subject, agreed.scheme.clone(), agreed.period.clone(), &weighed(agreed))?;
    if rows::insert(tx, &plan).await? { note(tx, &plan, agreed).await } else { Ok(()) }
}

async fn note(tx: &mut Tx, plan: &Plan, agreed: &GoalsAgreed) -> Result<()> {
    let detail: Value =
        json!({ "number": agreed.subject.id, "interview": agreed.interview, "goals": agreed.goals.len() });
    tx.audit("plans.goals-agreed", &plan.id.to_string(), detail).await
}

/// The goals with equal weights that add up to 100.
fn weighed(agreed: &GoalsAgreed) -> Vec<Goal> {
    let count = agreed.goals.len();
    let share = 100 / count.max(1);
    let weight = |at: usize| if at == 0 { 100 - share * (count - 1) } else { share };
    agreed.goals.iter().enumerate().map(|(at, goal)| goal_of(goal, weight(at).to_string())).collect()
}

/// Beside goals that somebody has weighed: what the new ones weigh is theirs to say before they hand in the plan.
fn beside(mut goals: Vec<Goal>, agreed: &GoalsAgreed) -> Vec<Goal> {
    for goal in &agreed.goals {
        if !goals.iter().any(|known| known.title == goal.title) {
            goals.push(goal_of(goal, "0".to_owned()));
        }
    }
    goals
}

fn goal_of(goal: &events::Goal, weight: String) -> Goal {
    Goal { title: goal.title.clone(), measure: goal.measure.clone(), weight, target: None, priority: None }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn agreed(titles: &[&str]) -> GoalsAgreed {
        GoalsAgreed {
            cycle: Uuid::nil(),
            interview: Uuid::nil(),
            scheme: "small".to_owned(),
            period: "2026-11".to_owned(),
            subject: events::Subject::person("E1"),
            goals: titles.iter().map(|title| events::Goal { title: (*title).to_owned(), measure: None }).collect(),
        }
    }

    #[test]
    fn given_goals_for_an_empty_plan_then_their_weights_add_up() {
        let weights =
            |titles: &[&str]| -> Vec<String> { weighed(&agreed(titles)).into_iter().map(|goal| goal.weight).collect() };
        assert_eq!(weights(&["a"]), ["100"]);
        assert_eq!(weights(&["a", "b", "c"]), ["34", "33", "33"]);
    }

    #[test]
    fn given_goals_beside_others_then_each_is_there_once_and_has_no_weight_yet() {
        let known = goal_of(&events::Goal { title: "a".to_owned(), measure: None }, "100".to_owned());
        let goals = beside(vec![known], &agreed(&["a", "b"]));
        let told: Vec<(&str, &str)> = goals.iter().map(|goal| (goal.title.as_str(), goal.weight.as_str())).collect();
        assert_eq!(told, [("a", "100"), ("b", "0")]);
    }
}
