use basics::money::{parse_plain, plain};
use platform::say;
use platform::web::Errors;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::wording::{check_priority, check_text, check_title};

/// One goal of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// 1 to 200 characters.
    pub title: String,
    /// How it is measured; at most 4000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    /// Share of the whole plan in per cent, above 0; all goals' weights add up to 100.
    #[schema(pattern = r"^\d{1,3}(\.\d{1,4})?$", example = "40")]
    pub weight: String,
    /// The target that it serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Uuid>,
    /// 1 to 99; 1 comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<i32>,
}

/// A goal that was agreed on in an interview, for which nobody has said a weight yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgreedGoal {
    pub title: String,
    /// How it is measured.
    #[serde(default)]
    pub measure: Option<String>,
}

const MOST_GOALS: usize = 50;
const WEIGHT_DECIMALS: u32 = 4;

/// Goals in a form in which they can be stored, or everything that is wrong with them below `pointer`.
pub fn check(goals: Vec<Goal>, pointer: &str, errors: &mut Errors) -> Vec<Goal> {
    if goals.is_empty() || goals.len() > MOST_GOALS {
        errors.add(pointer, say!("绩效计划须有 1 到 {MOST_GOALS} 个目标", "a plan has 1 to {MOST_GOALS} goals"));
        return goals;
    }
    let weights: Vec<Option<Decimal>> =
        goals.iter().enumerate().map(|(at, goal)| check_goal(goal, &format!("{pointer}/{at}"), errors)).collect();
    if let Some(sum) = weights.iter().copied().sum::<Option<Decimal>>()
        && sum != Decimal::ONE_HUNDRED
    {
        errors.add(pointer, say!("权重之和为 {}，应为 100", "the weights add up to {}, not to 100", plain(sum)));
    }
    goals.into_iter().zip(weights).map(|(goal, weight)| tidy(goal, weight)).collect()
}

fn check_goal(goal: &Goal, pointer: &str, errors: &mut Errors) -> Option<Decimal> {
    check_title(&goal.title, pointer, errors);
    check_text("measure", goal.measure.as_ref(), pointer, errors);
    check_priority(goal.priority, pointer, errors);
    let weight = weight(&goal.weight);
    if weight.is_none() {
        errors.add(
            format!("{pointer}/weight"),
            say!(
                "权重须大于 0、不超过 100，最多 {WEIGHT_DECIMALS} 位小数",
                "a weight is above 0, at most 100, with at most {WEIGHT_DECIMALS} decimals"
            ),
        );
    }
    weight
}

/// A share in per cent as somebody wrote it.
pub fn weight(text: &str) -> Option<Decimal> {
    parse_plain(text)
        .filter(|weight| *weight > Decimal::ZERO && *weight <= Decimal::ONE_HUNDRED)
        .filter(|weight| weight.scale() <= WEIGHT_DECIMALS)
}

fn tidy(goal: Goal, weight: Option<Decimal>) -> Goal {
    Goal {
        title: goal.title.trim().to_owned(),
        measure: goal.measure.filter(|measure| !measure.trim().is_empty()),
        weight: weight.map_or(goal.weight, plain),
        target: goal.target,
        priority: goal.priority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goals(weights: &[&str]) -> Vec<Goal> {
        let goal = |weight: &&str| Goal {
            title: " Uptime ".to_owned(),
            measure: None,
            weight: (*weight).to_owned(),
            target: None,
            priority: None,
        };
        weights.iter().map(goal).collect()
    }

    fn faults(goals: Vec<Goal>) -> Vec<String> {
        let mut errors = Errors::default();
        check(goals, "/goals", &mut errors);
        errors.check().err().map_or_else(Vec::new, |problem| problem.errors.into_iter().map(|e| e.pointer).collect())
    }

    #[test]
    fn weights_that_add_up_to_100_are_taken() {
        let mut errors = Errors::default();
        let checked = check(goals(&["33.3", "66.70"]), "/goals", &mut errors);
        assert!(errors.is_empty());
        assert_eq!((checked[0].title.as_str(), checked[1].weight.as_str()), ("Uptime", "66.7"));
    }

    #[test]
    fn weights_must_add_up_to_exactly_100() {
        assert_eq!(faults(goals(&["33.33", "66.66"])), ["/goals"]);
        assert_eq!(faults(goals(&["100", "0.0001"])), ["/goals"]);
    }

    #[test]
    fn each_bad_weight_is_named() {
        assert_eq!(
            faults(goals(&["0", "-5", "1e2", "100.5", "50.00001", ""])),
            (0..6).map(|at| format!("/goals/{at}/weight")).collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_plan_without_goals_is_none() {
        assert_eq!(faults(goals(&[])), ["/goals"]);
    }
}
