//! Values that several give, each their own number.

use std::collections::BTreeMap;

use basics::money::{parse_plain, plain, round};
use domain::Kind;
use domain::scheme::source::Combine;
use rust_decimal::Decimal;
use serde_json::Value;

use super::rows::Fact;
use crate::duties::counting::LATE;
use crate::engine::{FactPath, Scheme};

/// What counts of what is known of one subject, by path. Where several give a number it is their sum or mean, once all
/// whom the scheme names have given theirs.
pub fn counting<'f>(
    scheme: &Scheme,
    kind: Kind,
    category: Option<&str>,
    facts: impl IntoIterator<Item = &'f Fact>,
) -> BTreeMap<&'f str, Value> {
    let mut counting = BTreeMap::new();
    let mut shares: BTreeMap<&str, BTreeMap<&str, Decimal>> = BTreeMap::new();
    let mut late: BTreeMap<&str, Decimal> = BTreeMap::new();
    for fact in facts {
        if fact.giver == LATE {
            late.extend(fact.value.as_str().and_then(parse_plain).map(|number| (fact.path.as_str(), number)));
        } else if fact.giver.is_empty() {
            counting.insert(fact.path.as_str(), fact.value.clone());
        } else if let Some(number) = fact.value.as_str().and_then(parse_plain) {
            shares.entry(&fact.path).or_default().insert(&fact.giver, number);
        }
    }
    for (path, given) in shares {
        let Some(giving) = FactPath::parse(path).and_then(|path| scheme.giving(kind, category, &path)) else {
            continue;
        };
        let Some(combine) = giving.combine else { continue };
        let numbers: Option<Vec<Decimal>> =
            giving.several().iter().map(|giver| given.get(giver.to_string().as_str()).copied()).collect();
        if let Some(number) = numbers.and_then(|numbers| combined(combine, &numbers)) {
            counting.insert(path, Value::String(plain(number)));
        }
    }
    // What was late counts beside what people counted, and also where nobody did.
    for (path, number) in late {
        let counted = counting.get(path).map_or(Some(Decimal::ZERO), |value| value.as_str().and_then(parse_plain));
        if let Some(sum) = counted.and_then(|counted| counted.checked_add(number)) {
            counting.insert(path, Value::String(plain(sum)));
        }
    }
    counting
}

/// None where the numbers are too large to add up.
fn combined(combine: Combine, numbers: &[Decimal]) -> Option<Decimal> {
    let sum = numbers.iter().try_fold(Decimal::ZERO, |sum, number| sum.checked_add(*number))?;
    match combine {
        Combine::Sum => Some(sum),
        Combine::Mean => sum.checked_div(Decimal::from(numbers.len())).map(|mean| round(mean, 10)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_numbers_of_several_then_they_add_up_or_are_averaged() {
        let numbers: Vec<Decimal> = ["1", "0", "3"].iter().filter_map(|text| parse_plain(text)).collect();
        assert_eq!(combined(Combine::Sum, &numbers), Some(Decimal::from(4)));
        assert_eq!(combined(Combine::Mean, &numbers).map(plain).as_deref(), Some("1.3333333333"));
        assert_eq!(combined(Combine::Sum, &[Decimal::MAX, Decimal::MAX]), None);
    }
}
