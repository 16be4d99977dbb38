//! Whence rows come: from the goals of an approved plan, or from a set kept for a subject, a position or a category.

use std::collections::{BTreeMap, HashMap};

use basics::money::{parse_plain, plain};
use domain::period::Period;
use domain::scheme::Scheme;
use domain::scheme::source::{RowsFrom, StageOn};
use events::Row;
use platform::{Result, Tx};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::rows;
use super::shape::{Shape, Shapes};
use crate::cycles::cycle::Cycle;
use crate::plans::goals::Goal;
use crate::subjects::subject::{Kind, Subject};
use crate::targets::rows::Target;
use crate::{row_sets, targets};

/// Plans and sets that give rows in a cycle.
#[derive(Default)]
pub struct Sources {
    scheme: String,
    plans: HashMap<(String, Kind, String), Vec<Goal>>,
    sets: HashMap<(String, String), Vec<Row>>,
    /// What was handed down, which goals may serve.
    targets: HashMap<Uuid, Target>,
}

impl Sources {
    pub async fn load(tx: &mut Tx, cycle: &Cycle, scheme: &Scheme, shapes: &Shapes<'_>) -> Result<Self> {
        let (from_plans, schemes) = shapes.schemes_of_plans();
        let mut sources = Self { scheme: cycle.scheme_code.clone(), ..Self::default() };
        if from_plans {
            for plan in rows::approved_goals(tx, cycle, &schemes, &longer(cycle, scheme)).await? {
                let goals = serde_json::from_value(plan.goals)?;
                sources.plans.insert((plan.scheme, plan.kind, plan.subject), goals);
            }
            sources.targets = targets::rows::of_cycle(tx, cycle.id).await?;
        }
        sources.sets = row_sets::rows::of(tx, &cycle.scheme_code).await?;
        Ok(sources)
    }

    /// The rows of a subject's sheet: those of an approved plan, else those there were before, else those of a set.
    pub fn rows(&self, shape: &Shape, subject: &Subject, own: &BTreeMap<String, String>, before: &[Row]) -> Vec<Row> {
        let mut rows = Vec::new();
        for (place, source) in shape.places() {
            let total = shape.replaced(place, own);
            let planned = (source.from == RowsFrom::Plan).then(|| {
                let scheme = source.scheme.clone().unwrap_or_else(|| self.scheme.clone());
                let of_unit = source.of.as_deref() == Some("unit");
                let (kind, whose) = match &subject.unit {
                    Some(unit) if of_unit => (Kind::Unit, unit.clone()),
                    _ => (subject.kind, subject.subject.clone()),
                };
                self.plans.get(&(scheme, kind, whose))
            });
            if let Some(goals) = planned.flatten().filter(|goals| !goals.is_empty()) {
                let aim = |goal: &Goal| goal.target.and_then(|target| self.targets.get(&target));
                rows.extend(goals.iter().map(|goal| of_goal(place, goal, aim(goal), total)));
                continue;
            }
            let kept: Vec<Row> = before.iter().filter(|row| row.place == place).cloned().collect();
            if kept.is_empty() {
                rows.extend(self.of_set(place, subject, total));
            } else {
                rows.extend(kept);
            }
        }
        rows
    }

    /// A set whose weights are not what they would replace is none of this subject's.
    fn of_set(&self, place: &str, subject: &Subject, total: Option<Decimal>) -> Vec<Row> {
        let holders = [
            Some(format!("subject:{}", subject.id())),
            subject.position.as_ref().map(|position| format!("position:{position}")),
            subject.category.as_ref().map(|category| format!("category:{category}")),
        ];
        let mut sets = holders.into_iter().flatten().filter_map(|holder| self.sets.get(&(place.to_owned(), holder)));
        let fits = |rows: &&Vec<Row>| total.is_none_or(|total| sum(rows) == Some(total));
        sets.find(fits).cloned().unwrap_or_default()
    }
}

/// The periods of plans that are made for longer than a cycle and serve this one, by whose they are.
fn longer(cycle: &Cycle, scheme: &Scheme) -> Vec<(Kind, String)> {
    let Ok(period) = cycle.period.parse::<Period>() else { return Vec::new() };
    let of = |(kind, on)| Some((kind, scheme.plan_terms(on)?.period_of(&period)?.to_string()));
    [(Kind::Person, StageOn::People), (Kind::Unit, StageOn::Units)].into_iter().filter_map(of).collect()
}

/// What the weights of rows add up to.
pub fn sum(rows: &[Row]) -> Option<Decimal> {
    rows.iter().map(|row| parse_plain(&row.weight)).sum()
}

/// A goal has its share of what the rows replace, and what it has to reach from the target that it serves.
fn of_goal(place: &str, goal: &Goal, aim: Option<&Target>, total: Option<Decimal>) -> Row {
    let share = parse_plain(&goal.weight).unwrap_or_default();
    let weight = total.map_or(share, |total| share * total / Decimal::ONE_HUNDRED);
    Row {
        place: place.to_owned(),
        title: goal.title.clone(),
        measure: goal.measure.clone(),
        weight: plain(weight),
        target: aim.map(|aim| aim.amount.clone().unwrap_or_else(|| aim.title.clone())),
        due: aim.and_then(|aim| aim.due),
        priority: goal.priority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_that_serves_a_target_has_to_reach_what_that_says() {
        let id = Uuid::now_v7();
        let goal = Goal {
            title: "Sales".to_owned(),
            measure: None,
            weight: "100".to_owned(),
            target: Some(id),
            priority: Some(2),
        };
        let due = "2026-10-31".parse().ok();
        let aim = Target {
            id,
            cycle: Uuid::now_v7(),
            unit: None,
            employee: Some("E1".into()),
            title: "Sell more".to_owned(),
            measure: None,
            amount: Some("1200000".to_owned()),
            due,
            author: "H1".to_owned(),
            created_at: jiff::Timestamp::UNIX_EPOCH,
        };
        let row = of_goal("post", &goal, Some(&aim), None);
        assert_eq!((row.target.as_deref(), row.due, row.priority), (Some("1200000"), due, Some(2)));
        let row = of_goal("post", &goal, Some(&Target { amount: None, due: None, ..aim }), None);
        assert_eq!((row.target.as_deref(), row.due), (Some("Sell more"), None));
    }

    #[test]
    fn goals_share_what_their_rows_replace() {
        let goal = |weight: &str| Goal {
            title: "Uptime".to_owned(),
            measure: None,
            weight: weight.to_owned(),
            target: None,
            priority: None,
        };
        let rows = ["33.3", "66.7"].map(|weight| of_goal("post", &goal(weight), None, Some(Decimal::from(60))));
        assert_eq!(rows.iter().map(|row| row.weight.as_str()).collect::<Vec<_>>(), ["19.98", "40.02"]);
        assert_eq!(sum(&rows), Some(Decimal::from(60)));
    }
}
