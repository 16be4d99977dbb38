use std::collections::{BTreeMap, HashSet};

use basics::money::{parse_plain, plain};
use basics::pointer::segment;
use domain::scheme::Scheme;
use events::Row;
use jiff::civil::Date;
use platform::say;
use platform::web::Errors;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::shape::{Item, Shape};
use crate::subjects::subject::Kind;
use crate::wording::{check_priority, check_text, check_title};

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

/// Checks a settlement against a sheet; what is wrong is added below `pointer`. Returns the weights and priorities to
/// store, both empty where the scheme's are kept.
pub fn check(
    settlement: &Settlement,
    shape: &Shape,
    pointer: &str,
    errors: &mut Errors,
) -> (BTreeMap<String, String>, Vec<String>) {
    let weights = settlement.weights.as_ref().map(|weights| check_weights(weights, shape, pointer, errors));
    let items: Vec<String> = shape.items.iter().map(|item| item.code.clone()).collect();
    let priorities = settlement.priorities.clone().unwrap_or_default();
    check_priorities(&priorities, &items, pointer, errors);
    (weights.unwrap_or_default(), priorities)
}

fn check_weights(
    weights: &BTreeMap<String, String>,
    shape: &Shape,
    pointer: &str,
    errors: &mut Errors,
) -> BTreeMap<String, String> {
    if shape.own_weights.is_none() {
        errors.add(
            format!("{pointer}/weights"),
            say!("方案不允许考核表自定权重", "the scheme lets no sheet have weights of its own"),
        );
        return BTreeMap::new();
    }
    let mut sum = Some(Decimal::ZERO);
    let mut read = BTreeMap::new();
    for (code, text) in weights {
        let pointer = format!("{pointer}/weights/{}", segment(code));
        let weight = parse_plain(text)
            .filter(|weight| (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(weight))
            .filter(|weight| weight.scale() <= WEIGHT_DECIMALS);
        match (shape.items.iter().find(|item| item.code == *code), weight) {
            (None, _) => errors.add(pointer, say!("考核表没有该指标", "the sheet has no such item")),
            (Some(item), _) if item.stands_for_section => errors.add(
                pointer,
                say!("该指标代替其所在部分，没有自己的权重", "this item stands for its section and is not weighed"),
            ),
            (_, None) => errors.add(
                pointer,
                say!(
                    "权重须为 0 到 100，最多 {WEIGHT_DECIMALS} 位小数",
                    "a weight is 0 to 100 with at most {WEIGHT_DECIMALS} decimals"
                ),
            ),
            (Some(item), Some(weight)) => check_own(item, weight, shape, pointer, errors),
        }
        sum = sum.zip(weight).map(|(sum, weight)| sum + weight);
        read.extend(weight.map(|weight| (code.clone(), plain(weight))));
    }
    for item in shape.weighed().filter(|item| !weights.contains_key(&item.code)) {
        errors.add(
            format!("{pointer}/weights/{}", segment(&item.code)),
            say!("缺少该指标的权重", "the weight of this item is missing"),
        );
    }
    let whole: Decimal = shape.weighed().map(|item| item.weight).sum();
    if let Some(sum) = sum.filter(|sum| *sum != whole) {
        errors.add(
            format!("{pointer}/weights"),
            say!("权重之和为 {}，应为 {}", "the weights add up to {}, not to {}", plain(sum), plain(whole)),
        );
    }
    read
}

/// Only items of some sections may weigh something else than the scheme says, within bounds.
fn check_own(item: &Item, weight: Decimal, shape: &Shape, pointer: String, errors: &mut Errors) {
    let Some(own) = &shape.own_weights else { return };
    if weight == item.weight {
        return;
    }
    let may_differ = own.sections.is_empty()
        || item.section.as_ref().is_some_and(|section| own.sections.iter().any(|one| one == section));
    let (from, to) = (own.from.map(|from| from.0), own.to.map(|to| to.0));
    if !may_differ {
        errors.add(
            pointer,
            say!("该指标的权重为 {}，不能更改", "the weight of this item is {} and stays so", plain(item.weight)),
        );
    } else if from.is_some_and(|from| weight < from) || to.is_some_and(|to| weight > to) {
        let (from, to) = (from.unwrap_or_default(), to.unwrap_or(Decimal::ONE_HUNDRED));
        errors.add(pointer, say!("权重须为 {} 到 {}", "the weight is {} to {}", plain(from), plain(to)));
    }
}

/// A row below an item or in a list.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "place": "post_tasks", "title": "Renew the switches", "measure": "done by the 20th", "weight": "12" }))]
pub struct NewRow {
    /// The code of an item or the key of a list.
    pub place: String,
    /// 1 to 200 characters.
    pub title: String,
    /// How it is measured; at most 4000 characters.
    #[serde(default)]
    pub measure: Option<String>,
    /// Above 0. All rows of a place sum to what they replace: the item's weight, its section's, or the list's sum.
    pub weight: String,
    /// What is to be reached; at most 4000 characters.
    #[serde(default)]
    pub target: Option<String>,
    #[serde(default)]
    pub due: Option<Date>,
    /// 1 to 99; 1 comes first.
    #[serde(default)]
    pub priority: Option<i32>,
}

const MOST_ROWS: usize = 200;

/// The scheme's cadence and the kind of subject whose rows are checked.
pub struct About<'a> {
    pub scheme: &'a Scheme,
    pub cadence: &'a str,
    pub kind: Kind,
}

/// Rows that can be stored on a sheet with these weights of its own, or everything that is wrong with them.
pub fn check_rows(
    rows: Vec<NewRow>,
    shape: &Shape,
    own: &BTreeMap<String, String>,
    about: &About<'_>,
    errors: &mut Errors,
) -> Vec<Row> {
    if rows.len() > MOST_ROWS {
        errors.add("/rows", say!("最多 {MOST_ROWS} 行", "at most {MOST_ROWS} rows"));
        return Vec::new();
    }
    let mut sums: BTreeMap<String, (usize, Option<Decimal>)> = BTreeMap::new();
    let mut checked = Vec::with_capacity(rows.len());
    for (at, row) in rows.into_iter().enumerate() {
        let pointer = format!("/rows/{at}");
        if !shape.places().any(|(place, _)| place == row.place) {
            errors.add(
                format!("{pointer}/place"),
                say!("考核表上没有可分解为多行的 {}", "the sheet has no {} that takes rows", row.place),
            );
        }
        let weight = check_row(&row, shape, about, &pointer, errors);
        let sum = sums.entry(row.place.clone()).or_insert((0, Some(Decimal::ZERO)));
        *sum = (sum.0 + 1, sum.1.zip(weight).map(|(sum, weight)| sum + weight));
        checked.push(tidy(row, weight));
    }
    for (place, (count, sum)) in sums {
        check_place(&place, count, sum, shape, own, errors);
    }
    checked
}

fn check_place(
    place: &str,
    count: usize,
    sum: Option<Decimal>,
    shape: &Shape,
    own: &BTreeMap<String, String>,
    errors: &mut Errors,
) {
    if let Some(most) = shape.list(place).and_then(|list| list.most).filter(|most| count > *most) {
        errors.add("/rows", say!("{place} 最多 {most} 行", "{place} has at most {most} rows"));
    }
    if let (Some(sum), Some(wanted)) = (sum, shape.replaced(place, own))
        && sum != wanted
    {
        errors.add(
            "/rows",
            say!(
                "{place} 各行权重之和为 {}，应为 {}",
                "the weights of {place} add up to {}, not to {}",
                plain(sum),
                plain(wanted)
            ),
        );
    }
}

fn check_row(row: &NewRow, shape: &Shape, about: &About<'_>, pointer: &str, errors: &mut Errors) -> Option<Decimal> {
    check_title(&row.title, pointer, errors);
    check_text("measure", row.measure.as_ref(), pointer, errors);
    check_text("target", row.target.as_ref(), pointer, errors);
    check_priority(row.priority, pointer, errors);
    if let Some(due) = row.due {
        errors.check_day(format!("{pointer}/due"), due);
    }
    let weight = parse_plain(&row.weight)
        .filter(|weight| *weight > Decimal::ZERO && *weight <= Decimal::ONE_THOUSAND)
        .filter(|weight| weight.scale() <= ROW_DECIMALS);
    if weight.is_none() {
        errors.add(
            format!("{pointer}/weight"),
            say!(
                "权重须大于 0，最多 {ROW_DECIMALS} 位小数",
                "a weight is above 0 and has at most {ROW_DECIMALS} decimals"
            ),
        );
        return None;
    }
    check_cells(row, shape, about, pointer, errors);
    weight
}

const ROW_DECIMALS: u32 = 8;

/// What a list's columns say that no rater gives.
fn check_cells(row: &NewRow, shape: &Shape, about: &About<'_>, pointer: &str, errors: &mut Errors) {
    let Some(list) = shape.list(&row.place) else { return };
    for column in &list.agreed {
        let cell = match column.as_str() {
            "weight" => Some(row.weight.clone()),
            "title" => Some(row.title.clone()),
            "measure" => row.measure.clone(),
            "target" => row.target.clone(),
            "due" => row.due.map(|due| due.to_string()),
            _ => None,
        };
        let Some(cell) = cell else { continue };
        let kind = about.kind.of_scheme();
        if let Err(why) = about.scheme.check_cell(about.cadence, kind, &list.key, column, &Value::String(cell)) {
            errors.add(format!("{pointer}/{column}"), why);
        }
    }
}

fn tidy(row: NewRow, weight: Option<Decimal>) -> Row {
    let some = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    Row {
        place: row.place,
        title: row.title.trim().to_owned(),
        measure: some(row.measure),
        weight: weight.map_or(row.weight, plain),
        target: some(row.target),
        due: row.due,
        priority: row.priority,
    }
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
    use domain::scheme::source::OwnWeights;

    use super::*;

    fn shape() -> Shape {
        let item = |code: &str| Item {
            code: code.to_owned(),
            section: None,
            weight: Decimal::from(50),
            rows: None,
            stands_for_section: false,
        };
        let own_weights = Some(OwnWeights { sections: Vec::new(), from: None, to: None });
        Shape { items: vec![item("quality"), item("delivery")], lists: Vec::new(), own_weights }
    }

    fn faults(shape: &Shape, weights: &[(&str, &str)], priorities: &[&str]) -> Vec<String> {
        let settlement = Settlement {
            priorities: Some(priorities.iter().map(|item| (*item).to_owned()).collect()),
            weights: Some(weights.iter().map(|(item, weight)| ((*item).to_owned(), (*weight).to_owned())).collect()),
        };
        let mut errors = Errors::default();
        check(&settlement, shape, "", &mut errors);
        errors.check().err().map_or_else(Vec::new, |problem| problem.errors.into_iter().map(|e| e.pointer).collect())
    }

    #[test]
    fn weights_name_every_item_and_add_up_to_100() {
        let shape = shape();
        assert!(faults(&shape, &[("quality", "60.5"), ("delivery", "39.5")], &["delivery"]).is_empty());
        assert_eq!(faults(&shape, &[("quality", "60"), ("delivery", "39.99")], &[]), ["/weights"]);
        assert_eq!(faults(&shape, &[("quality", "100")], &[]), ["/weights/delivery"]);
    }

    #[test]
    fn unknown_items_and_malformed_weights_are_named() {
        assert_eq!(
            faults(
                &shape(),
                &[("quality", "much"), ("delivery", "50"), ("a/b", "50")],
                &["price", "quality", "quality"]
            ),
            ["/weights/a~1b", "/weights/quality", "/priorities/0", "/priorities/2"]
        );
    }

    #[test]
    fn own_weights_are_refused_where_the_scheme_has_none_and_kept_in_bounds() {
        let strict = Shape { own_weights: None, ..shape() };
        assert_eq!(faults(&strict, &[("quality", "60"), ("delivery", "40")], &[]), ["/weights"]);
        let sections = Shape {
            own_weights: Some(OwnWeights { sections: vec!["post".to_owned()], from: None, to: None }),
            ..shape()
        };
        assert_eq!(
            faults(&sections, &[("quality", "60"), ("delivery", "40")], &[]),
            ["/weights/delivery", "/weights/quality"]
        );
        assert!(faults(&sections, &[("quality", "50"), ("delivery", "50")], &[]).is_empty());
    }

    #[test]
    fn nothing_given_keeps_the_schemes() {
        let mut errors = Errors::default();
        let (weights, priorities) = check(&Settlement::default(), &shape(), "", &mut errors);
        assert!(errors.is_empty() && weights.is_empty() && priorities.is_empty());
    }
}
