//! The engine alone: a million people of one scheme, evaluated on one core.

use std::time::{Duration, Instant};

use domain::case::{Case, CaseBuilder, InputId};
use domain::evaluate::{Phase, evaluate};
use domain::scheme::Scheme;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::figure::Figure;

const PEOPLE: usize = 1_000_000;
const PEOPLE_PER_UNIT: usize = 100;

pub fn measure() {
    for (code, period, fill) in [
        ("monthly-kpi", "2026-10", monthly as fn(&mut CaseBuilder<'_>)),
        ("annual-ranking", "FY2002", annual as fn(&mut CaseBuilder<'_>)),
    ] {
        let source = Scheme::shipped().iter().find(|(shipped, _)| *shipped == code).map(|(_, source)| *source);
        let scheme = Scheme::parse(source.expect("a shipped scheme")).expect("it parses");
        let mut builder =
            CaseBuilder::new(&scheme, period.parse().expect("a period"), None, &Value::Null).expect("a case");
        fill(&mut builder);
        let case = builder.build().expect("a valid case");
        let plain = evaluated(&scheme, &case, false);
        Figure::new("engine").with("scheme", code).with("explanations", false).rate(PEOPLE, plain).print();
        let explained = evaluated(&scheme, &case, true);
        Figure::new("engine").with("scheme", code).with("explanations", true).rate(PEOPLE, explained).print();
    }
}

fn evaluated(scheme: &Scheme, case: &Case, explain: bool) -> Duration {
    let began = Instant::now();
    let evaluation = evaluate(scheme, case, Phase::All).expect("it evaluates");
    if explain {
        let explained = (0..PEOPLE).filter(|row| evaluation.explanation_at(*row).is_some()).count();
        assert_eq!(explained, PEOPLE);
    }
    let took = began.elapsed();
    assert_eq!(evaluation.people().filter(|person| person.score.is_some()).count(), PEOPLE);
    took
}

/// Points from `least` upwards in half steps, different from person to person.
fn points(person: usize, salt: usize, most: usize) -> Decimal {
    Decimal::new(((person * 7 + salt * 13) % (most * 2 + 1)) as i64 * 5, 1)
}

fn input(builder: &CaseBuilder<'_>, path: &str) -> InputId {
    builder.person_input(path).expect(path)
}

fn people(
    builder: &mut CaseBuilder<'_>,
    unit_category: Option<&str>,
    mut each: impl FnMut(&mut CaseBuilder<'_>, usize),
) {
    let given = builder.unit_input("given").expect("units have a score");
    let average = builder.unit_input("fact.average_forms");
    let mut unit = 0;
    for person in 0..PEOPLE {
        if person % PEOPLE_PER_UNIT == 0 {
            unit = builder.bulk_unit(&format!("U{person:07}"), unit_category);
            builder.set_unit(given, Decimal::from(70 + person / PEOPLE_PER_UNIT % 30));
            if let Some(average) = average {
                builder.set_unit(average, Decimal::new(204, 1));
            }
        }
        builder.bulk_person(&format!("E{person:07}"), Some(unit), Some("staff"));
        each(builder, person);
    }
}

fn monthly(builder: &mut CaseBuilder<'_>) {
    let numbers: Vec<(InputId, usize)> = ["response", "satisfaction", "reports", "proposals"]
        .iter()
        .zip([22, 100, 4, 6])
        .map(|(item, most)| (input(builder, &format!("item.{item}.value")), most))
        .collect();
    let rated: Vec<(InputId, usize)> =
        [("evaluation.superior", 6), ("faults.superior", 6), ("cooperation.superior", 5), ("conduct.hr", 2)]
            .iter()
            .map(|(item, most)| (input(builder, &format!("item.{item}")), *most))
            .collect();
    let letters: Vec<InputId> = ["execution", "potential", "appearance"]
        .iter()
        .map(|item| input(builder, &format!("item.{item}.superior")))
        .collect();
    let (actual, expected) = (input(builder, "item.attendance.actual"), input(builder, "item.attendance.expected"));
    let salary = input(builder, "pay.base_salary");
    people(builder, Some("department"), |builder, person| {
        for (place, (id, most)) in numbers.iter().enumerate() {
            builder.set(*id, Decimal::from((person + place) % (most + 1)));
        }
        for (place, (id, most)) in rated.iter().enumerate() {
            builder.set(*id, points(person, place, *most));
        }
        for (place, id) in letters.iter().enumerate() {
            builder.set_code(*id, ["A", "B", "C", "D", "E"][(person + place) % 5]);
        }
        builder.set(actual, Decimal::from(15 + person % 7)).set(expected, Decimal::from(21));
        builder.set(salary, Decimal::from(5_000 + person % 9_000));
    });
}

fn annual(builder: &mut CaseBuilder<'_>) {
    let base = input(builder, "pay.bonus_base");
    people(builder, None, |builder, person| {
        builder.set(base, Decimal::from(10_000 + person % 20_000));
        for (place, weight) in [40, 35, 25].into_iter().enumerate() {
            let superior = Decimal::from((person * 31 + place * 17) % 131);
            builder.row("goals", &[Some(Decimal::from(weight)), None, Some(superior)]);
        }
    });
}
