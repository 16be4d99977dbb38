//! What a statement holds, who may read it, and what is issued for a result.

use std::collections::BTreeSet;

use basics::money::{Money, parse_plain};
use events::{PublishedResult, Values};
use jiff::Timestamp;
use platform::{Caller, Problem, Result, Role};
use rust_decimal::Decimal;

use super::statement::{Entry, Previous, Reckoned, Statement, StatementKind};
use crate::cycles::{Cycle, schemes};
use crate::input::Cursor;

/// What is to be issued for a result: nothing for one that was issued or overtaken already, nor for one
/// without pay; zeros when a correction takes away what had been issued.
pub fn entry(reckoned: &Reckoned, previous: Option<&Previous>) -> Result<Option<Entry>> {
    if previous.is_some_and(|previous| previous.result_version >= reckoned.result.version) {
        return Ok(None);
    }
    let figures = reckoned.figures.as_ref().filter(|f| !f.components.is_empty() || f.coefficient.is_some());
    let (components, currency, coefficient) = match (figures, previous) {
        (Some(figures), _) => (figures.components.clone(), figures.currency.clone(), figures.coefficient.clone()),
        (None, Some(previous)) => (zeros(&previous.components), previous.currency.clone(), None),
        (None, None) => return Ok(None),
    };
    let difference = difference(&components, previous.map(|p| &p.components))?;
    Ok(Some(Entry {
        kind: if previous.is_some() { StatementKind::Correction } else { StatementKind::Original },
        grade: reckoned.result.grade.clone(),
        currency,
        coefficient,
        components,
        difference,
        replaces: previous.map(|p| p.id),
    }))
}

/// A statement in its place.
pub fn statement(
    cycle: &Cycle,
    result: &PublishedResult,
    entry: Entry,
    position: i64,
    issued_at: Timestamp,
) -> Result<Statement> {
    let scheme = schemes::of(cycle)?;
    Ok(Statement {
        id: Statement::id_of(cycle.id, &result.number, result.version),
        cursor: Cursor::at(position).to_string(),
        number: result.number.clone(),
        name: result.name.clone(),
        cycle: cycle.id,
        scheme: cycle.scheme_code.clone(),
        scheme_label: Some(scheme.label()),
        period: cycle.period.clone(),
        kind: entry.kind,
        currency: entry.currency,
        grade_label: entry.grade.as_deref().and_then(|grade| scheme.grade_label(grade)),
        grade: entry.grade,
        coefficient: entry.coefficient,
        component_labels: scheme.component_labels(entry.components.keys()),
        components: entry.components,
        difference: entry.difference,
        replaces: entry.replaces,
        result_version: result.version,
        issued_at,
    })
}

fn zeros(components: &Values) -> Values {
    components.keys().map(|name| (name.clone(), Money::new(Decimal::ZERO).to_string())).collect()
}

/// Component by component, what is more (or less, then negative) than before.
fn difference(now: &Values, before: Option<&Values>) -> Result<Values> {
    let Some(before) = before else { return Ok(now.clone()) };
    let names: BTreeSet<&String> = now.keys().chain(before.keys()).collect();
    names.into_iter().map(|name| Ok((name.clone(), minus(now.get(name), before.get(name))?))).collect()
}

fn minus(now: Option<&String>, before: Option<&String>) -> Result<String> {
    let difference = amount(now)?.checked_sub(amount(before)?);
    Ok(Money::new(difference.ok_or_else(|| Problem::internal("a difference of pay is too large"))?).to_string())
}

fn amount(text: Option<&String>) -> Result<Decimal> {
    let read = |text: &String| {
        parse_plain(text).ok_or_else(|| Problem::internal(format!("a component of pay is no amount: {text}")))
    };
    text.map_or(Ok(Decimal::ZERO), read)
}

/// A statement is its person's, and those's who run pay.
pub fn may_read<P>(caller: &Caller<P>, number: &str) -> bool {
    caller.is(number) || caller.has_any(&[Role::Finance, Role::Hr])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::statement::Figures;
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    fn reckoned(version: i64, components: Option<&[(&str, &str)]>) -> Reckoned {
        let result = PublishedResult {
            number: "E001".into(),
            name: "王芳".into(),
            category: Some("staff".into()),
            version,
            excluded: components.is_none().then(|| "left".to_owned()),
            score: None,
            grade: Some("A2".into()),
            coefficient: None,
            outcomes: Vec::new(),
            interview: Vec::new(),
            involved: Vec::new(),
            carried: Values::new(),
        };
        let figures = components.map(|components| Figures {
            currency: "CNY".into(),
            components: values(components),
            coefficient: None,
            explanation: None,
        });
        Reckoned { result, figures }
    }

    fn previous(version: i64, components: &[(&str, &str)]) -> Previous {
        let id = Statement::id_of(Uuid::nil(), "E001", version);
        Previous { id, result_version: version, currency: "CNY".into(), components: values(components) }
    }

    #[test]
    fn the_first_statement_is_an_original_whose_difference_is_all_of_it() {
        let entry = entry(&reckoned(1, Some(&[("performance_pay", "2400.00")])), None).unwrap().unwrap();
        assert_eq!((entry.kind, entry.replaces), (StatementKind::Original, None));
        assert_eq!(entry.difference, values(&[("performance_pay", "2400.00")]));
    }

    #[test]
    fn a_correction_holds_the_difference_to_what_was_issued() {
        let before = previous(1, &[("performance_pay", "2400.00"), ("gone", "10.00")]);
        let entry = entry(&reckoned(2, Some(&[("performance_pay", "2160.00"), ("new", "0.10")])), Some(&before));
        let entry = entry.unwrap().unwrap();
        assert_eq!((entry.kind, entry.replaces), (StatementKind::Correction, Some(before.id)));
        let expected = [("performance_pay", "-240.00"), ("gone", "-10.00"), ("new", "0.10")];
        assert_eq!(entry.difference, values(&expected));
    }

    #[test]
    fn a_result_that_was_issued_or_overtaken_issues_nothing() {
        let before = previous(2, &[("performance_pay", "1.00")]);
        for version in [1, 2] {
            assert_eq!(entry(&reckoned(version, Some(&[("performance_pay", "5.00")])), Some(&before)).unwrap(), None);
        }
    }

    #[test]
    fn an_exclusion_takes_back_what_was_issued_and_else_issues_nothing() {
        assert_eq!(entry(&reckoned(1, None), None).unwrap(), None);
        let before = previous(1, &[("performance_pay", "2400.00")]);
        let entry = entry(&reckoned(2, None), Some(&before)).unwrap().unwrap();
        assert_eq!(entry.components, values(&[("performance_pay", "0.00")]));
        assert_eq!(entry.difference, values(&[("performance_pay", "-2400.00")]));
    }

    #[test]
    fn a_result_without_pay_issues_nothing() {
        assert_eq!(entry(&reckoned(1, Some(&[])), None).unwrap(), None);
    }

    proptest! {
        #[test]
        fn differences_add_up_to_the_last_statement(amounts in prop::collection::vec(-1_000_000_i64..1_000_000, 1..8)) {
            let mut before: Option<Previous> = None;
            let mut sum = Decimal::ZERO;
            let mut last = Decimal::ZERO;
            for (index, cents) in amounts.into_iter().enumerate() {
                let version = index as i64 + 1;
                last = Decimal::new(cents, 2);
                let now = reckoned(version, Some(&[("pay", &last.to_string())]));
                let issued = entry(&now, before.as_ref()).unwrap().unwrap();
                sum += amount(issued.difference.get("pay")).unwrap();
                before = Some(Previous {
                    id: Statement::id_of(Uuid::nil(), "E001", version),
                    result_version: version,
                    currency: issued.currency,
                    components: issued.components,
                });
            }
            prop_assert_eq!(sum, last);
        }
    }
}
