//! Every policy that comes with the product: its own cases, multiplied to 100 000 people, and the checking of schemes.

use std::path::Path;
use std::time::{Duration, Instant};

use domain::case::Case;
use domain::evaluate::{Phase, evaluate};
use domain::scheme::Scheme;
use serde_json::{Value, json};

use crate::figure::Figure;

const PEOPLE: usize = 100_000;
const CHECKS: u32 = 20;

pub fn measure() {
    for (code, source) in Scheme::shipped() {
        let scheme = Scheme::parse(source).expect("it parses");
        for cadence in scheme.cadences() {
            let Some(case) = case_of(&scheme, &cadence.code) else { continue };
            let (plain, count) = evaluated(&scheme, &case, false);
            let (explained, _) = evaluated(&scheme, &case, true);
            for (with, took) in [(false, plain), (true, explained)] {
                let figure = Figure::new("policy").with("scheme", *code).with("cadence", cadence.code.as_str());
                figure.with("explanations", with).rate(count, took).print();
            }
        }
    }
    check();
}

/// How long it takes to read a scheme and to say that nothing is wrong with it.
fn check() {
    let riverside = include_str!("../../schemes/riverside-clinic.toml");
    let all = Scheme::shipped().iter().map(|(code, source)| (*code, *source)).chain([("riverside-clinic", riverside)]);
    for (code, source) in all {
        let began = Instant::now();
        for _ in 0..CHECKS {
            Scheme::parse(source).expect("it parses");
        }
        let each = began.elapsed() / CHECKS;
        let micros = u64::try_from(each.as_micros()).unwrap_or(u64::MAX);
        Figure::new("check").with("scheme", code).with("bytes", source.len()).with("microseconds", micros).print();
    }
}

/// The better of two: the first one also asks the system for memory.
fn evaluated(scheme: &Scheme, case: &Case, explain: bool) -> (Duration, usize) {
    let people = case.numbers().count();
    let once = || {
        let began = Instant::now();
        let evaluation = evaluate(scheme, case, Phase::All).expect("it evaluates");
        if explain {
            let explained = (0..people).filter(|row| evaluation.explanation_at(*row).is_some()).count();
            assert_eq!(explained, people);
        }
        began.elapsed()
    };
    (once().min(once()), people)
}

/// The largest valid case of a cadence among the conformance cases, copied until there are enough people.
fn case_of(scheme: &Scheme, cadence: &str) -> Option<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let files = std::fs::read_dir(folder).expect("the cases are there").map(|entry| entry.expect("a file").path());
    let cases = files
        .map(|path| serde_json::from_slice::<Value>(&std::fs::read(path).expect("a case")).expect("a case is JSON"));
    let people = |case: &Value| case["employees"].as_array().map_or(0, Vec::len);
    let fitting = cases.filter(|case| {
        let period = case["period"].as_str().and_then(|period| period.parse().ok());
        let named = case["cadence"].as_str();
        let found = period.and_then(|period| scheme.cadence_for(&period, named).ok());
        case["policy"] == scheme.code()
            && case["expected"]["invalid"].is_null()
            && found.is_some_and(|c| c.code == cadence)
    });
    let original = fitting.filter(|case| people(case) > 0).max_by_key(people)?;
    let copies = PEOPLE.div_ceil(people(&original));
    let mut case = original.clone();
    for kind in ["units", "employees"] {
        let all = original[kind].as_array().cloned().unwrap_or_default();
        let copied = (0..copies).flat_map(|copy| all.iter().map(move |subject| renamed(subject, copy)));
        case[kind] = copied.collect();
    }
    case.as_object_mut()?.remove("expected");
    Some(Case::from_json(scheme, &case).expect("copies of a valid case are one"))
}

fn renamed(subject: &Value, copy: usize) -> Value {
    let mut subject = subject.clone();
    for key in ["number", "unit", "code", "head"] {
        let name = subject.get(key).and_then(Value::as_str).map(|name| format!("{name}-{copy}"));
        if let Some(name) = name {
            subject[key] = json!(name);
        }
    }
    subject
}
