//! The engine alone: a million people of one scheme, evaluated on one core.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use domain::case::{Case, CaseBuilder, PersonInputs, UnitInputs};
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
        let began = Instant::now();
        fill(&mut builder);
        let case = builder.build().expect("a valid case");
        Figure::new("case").with("scheme", code).rate(PEOPLE, began.elapsed()).print();
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

/// A decimal as a case has it.
fn text(number: impl Into<Decimal>) -> Value {
    number.into().to_string().into()
}

/// The people of a scheme, and their units before them, as services hand them over.
fn people(builder: &mut CaseBuilder<'_>, unit: impl Fn(&mut UnitInputs), each: impl Fn(&mut PersonInputs, usize)) {
    for person in 0..PEOPLE {
        let code = format!("U{:07}", person / PEOPLE_PER_UNIT);
        if person % PEOPLE_PER_UNIT == 0 {
            let score = Some(Decimal::from(70 + person / PEOPLE_PER_UNIT % 30));
            let mut inputs = UnitInputs { code: code.clone(), score, ..UnitInputs::default() };
            unit(&mut inputs);
            builder.unit(&inputs);
        }
        let mut inputs = PersonInputs {
            number: format!("E{person:07}"),
            unit: Some(code),
            category: Some("staff".to_owned()),
            ..PersonInputs::default()
        };
        each(&mut inputs, person);
        builder.person(&inputs);
    }
}

fn rate(person: &mut PersonInputs, item: &str, input: &str, value: Value) {
    person.items.entry(item.to_owned()).or_default().insert(input.to_owned(), value);
}

fn monthly(builder: &mut CaseBuilder<'_>) {
    let unit = |unit: &mut UnitInputs| {
        unit.category = Some("department".to_owned());
        unit.facts.insert("average_forms".to_owned(), "20.4".into());
    };
    people(builder, unit, |inputs, person| {
        for (place, (item, most)) in
            [("response", 22), ("satisfaction", 100), ("reports", 4), ("proposals", 6)].into_iter().enumerate()
        {
            rate(inputs, item, "value", text((person + place) % (most + 1)));
        }
        let rated = [
            ("evaluation", "superior", 6),
            ("faults", "superior", 6),
            ("cooperation", "superior", 5),
            ("conduct", "hr", 2),
        ];
        for (place, (item, rater, most)) in rated.into_iter().enumerate() {
            rate(inputs, item, rater, text(points(person, place, most)));
        }
        for (place, item) in ["execution", "potential", "appearance"].into_iter().enumerate() {
            rate(inputs, item, "superior", ["A", "B", "C", "D", "E"][(person + place) % 5].into());
        }
        rate(inputs, "attendance", "actual", text(15 + person % 7));
        rate(inputs, "attendance", "expected", text(21));
        inputs.pay.insert("base_salary".to_owned(), text(5_000 + person % 9_000));
    });
}

fn annual(builder: &mut CaseBuilder<'_>) {
    people(
        builder,
        |_| (),
        |inputs, person| {
            inputs.pay.insert("bonus_base".to_owned(), text(10_000 + person % 20_000));
            let goal = |(place, weight): (usize, i64)| {
                let superior = (person * 31 + place * 17) % 131;
                BTreeMap::from([("weight".to_owned(), text(weight)), ("superior".to_owned(), text(superior))])
            };
            let goals = [40, 35, 25].into_iter().enumerate().map(goal).collect();
            inputs.lists.insert("goals".to_owned(), goals);
        },
    );
}
