use platform::say;
use std::collections::{BTreeMap, HashSet};

use basics::money::{parse_plain, plain};
use basics::pointer::segment;
use platform::web::Errors;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Items of a sheet in another order or with other weights than the scheme's.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Settlement {
    /// Item codes, the most important first; the scheme's order when left out.
    #[serde(default)]
    pub priorities: Option<Vec<String>>,
    /// Weight of every item of the sheet, in all 100; the scheme's when left out.
    #[serde(default)]
    #[schema(example = json!({ "quality": "60", "delivery": "40" }))]
    pub weights: Option<BTreeMap<String, String>>,
}

const WEIGHT_DECIMALS: u32 = 4;

/// Checks a settlement against the items of a sheet; what is wrong is added below `pointer`. Returns the
/// weights and priorities to store, both empty where the scheme's are kept.
pub fn check(
    settlement: &Settlement,
    items: &[String],
    pointer: &str,
    errors: &mut Errors,
) -> (BTreeMap<String, String>, Vec<String>) {
    let weights = settlement.weights.as_ref().map(|weights| check_weights(weights, items, pointer, errors));
    let priorities = settlement.priorities.clone().unwrap_or_default();
    check_priorities(&priorities, items, pointer, errors);
    (weights.unwrap_or_default(), priorities)
}

fn check_weights(
    weights: &BTreeMap<String, String>,
    items: &[String],
    pointer: &str,
    errors: &mut Errors,
) -> BTreeMap<String, String> {
    let mut sum = Some(Decimal::ZERO);
    let mut read = BTreeMap::new();
    for (item, text) in weights {
        let pointer = format!("{pointer}/weights/{}", segment(item));
        let weight = parse_plain(text)
            .filter(|weight| (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(weight))
            .filter(|weight| weight.scale() <= WEIGHT_DECIMALS);
        if !items.contains(item) {
            errors.add(pointer, say!("考核表没有该指标", "the sheet has no such item"));
        } else if weight.is_none() {
            errors.add(
                pointer,
                say!(
                    "权重须为 0 到 100，最多 {WEIGHT_DECIMALS} 位小数",
                    "a weight is 0 to 100 with at most {WEIGHT_DECIMALS} decimals"
                ),
            );
        }
        sum = sum.zip(weight).map(|(sum, weight)| sum + weight);
        read.extend(weight.map(|weight| (item.clone(), plain(weight))));
    }
    for item in items.iter().filter(|item| !weights.contains_key(*item)) {
        errors.add(
            format!("{pointer}/weights/{}", segment(item)),
            say!("缺少该指标的权重", "the weight of this item is missing"),
        );
    }
    if let Some(sum) = sum.filter(|sum| *sum != Decimal::ONE_HUNDRED) {
        errors.add(
            format!("{pointer}/weights"),
            say!("权重之和为 {}，应为 100", "the weights add up to {}, not to 100", plain(sum)),
        );
    }
    read
}

fn check_priorities(priorities: &[String], items: &[String], pointer: &str, errors: &mut Errors) {
    let mut seen = HashSet::new();
    for (at, item) in priorities.iter().enumerate() {
        let pointer = format!("{pointer}/priorities/{at}");
        if !items.contains(item) {
            errors.add(pointer, say!("考核表没有该指标", "the sheet has no such item"));
        } else if !seen.insert(item) {
            errors.add(pointer, say!("该指标重复", "this item is there twice"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items() -> Vec<String> {
        ["quality", "delivery"].map(str::to_owned).to_vec()
    }

    fn faults(weights: &[(&str, &str)], priorities: &[&str]) -> Vec<String> {
        let settlement = Settlement {
            priorities: Some(priorities.iter().map(|item| (*item).to_owned()).collect()),
            weights: Some(weights.iter().map(|(item, weight)| ((*item).to_owned(), (*weight).to_owned())).collect()),
        };
        let mut errors = Errors::default();
        check(&settlement, &items(), "", &mut errors);
        errors.check().err().map_or_else(Vec::new, |problem| problem.errors.into_iter().map(|e| e.pointer).collect())
    }

    #[test]
    fn weights_name_every_item_and_add_up_to_100() {
        assert!(faults(&[("quality", "60.5"), ("delivery", "39.5")], &["delivery"]).is_empty());
        assert_eq!(faults(&[("quality", "60"), ("delivery", "39.99")], &[]), ["/weights"]);
        assert_eq!(faults(&[("quality", "100")], &[]), ["/weights/delivery"]);
    }

    #[test]
    fn unknown_items_and_malformed_weights_are_named() {
        assert_eq!(
            faults(&[("quality", "much"), ("delivery", "50"), ("a/b", "50")], &["price", "quality", "quality"]),
            ["/weights/a~1b", "/weights/quality", "/priorities/0", "/priorities/2"]
        );
    }

    #[test]
    fn nothing_given_keeps_the_schemes() {
        let mut errors = Errors::default();
        let (weights, priorities) = check(&Settlement::default(), &items(), "", &mut errors);
        assert!(errors.is_empty() && weights.is_empty() && priorities.is_empty());
    }
}
