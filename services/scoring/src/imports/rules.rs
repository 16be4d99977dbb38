use std::collections::{BTreeMap, BTreeSet};

use basics::money::{parse_plain, plain};
use domain::period::Period;
use domain::scheme::Scheme;
use events::Subject;
use platform::web::Errors;
use platform::{Message, say};
use rust_decimal::Decimal;

use super::imported::{Brought, Checked};
use crate::cycles::cycle::Cycle;
use crate::subjects::subject::Kind;

/// A scheme with the cycles of it that are neither published nor cancelled.
pub struct Known {
    pub scheme: crate::engine::Scheme,
    pub open: Vec<Cycle>,
}

/// Checks everything that is brought against the schemes that are known here.
pub fn check(brought: Vec<Brought>, known: &BTreeMap<String, Known>, errors: &mut Errors) -> Vec<Checked> {
    let mut seen = BTreeSet::new();
    let mut checked = Vec::new();
    for one in brought {
        let at = |field: &str| format!("{}/{field}", one.pointer);
        let Some(known) = known.get(&one.scheme) else {
            errors.add(at("scheme"), say!("该方案还没有开启过考核周期", "no cycle of this scheme was opened yet"));
            continue;
        };
        let scheme = known.scheme.plain();
        let Ok(period) = one.period.parse::<Period>() else {
            errors.add(at("period"), say!("不是考核周期", "this is no period"));
            continue;
        };
        let cadence = match scheme.cadence_for(&period, one.cadence.as_deref()) {
            Ok(cadence) => cadence.code.clone(),
            Err(invalid) => {
                let field = if one.cadence.is_some() { "cadence" } else { "period" };
                invalid.errors.into_iter().for_each(|error| errors.add(at(field), error.detail));
                continue;
            }
        };
        if is_open(&known.open, &cadence, &period) {
            let why = say!(
                "该期考核正在进行，或晚于正在进行的考核",
                "a cycle of this period, or of one before it, is still open"
            );
            errors.add(at("period"), why);
            continue;
        }
        if !seen.insert((one.scheme.clone(), cadence.clone(), one.period.clone(), one.subject.clone())) {
            errors.add(&one.pointer, say!("重复的结果", "this result is given twice"));
            continue;
        }
        let score = match one.score.as_deref().map(|text| score_of(scheme, one.subject.clone(), text)).transpose() {
            Ok(score) => score,
            Err(why) => {
                errors.add(at("score"), why);
                continue;
            }
        };
        let unknown_grade =
            one.grade.as_ref().filter(|grade| !scheme.grades().iter().any(|known| known.code == **grade));
        if unknown_grade.is_some() {
            errors.add(at("grade"), say!("方案没有该等级", "the scheme has no such grade"));
            continue;
        }
        let unknown =
            one.outcomes.iter().find(|outcome| !scheme.outcomes().iter().any(|known| known.code == **outcome));
        if unknown.is_some() {
            errors.add(at("outcomes"), say!("方案没有该结果应用", "the scheme has no such outcome"));
            continue;
        }
        if score.is_none() && one.grade.is_none() && one.outcomes.is_empty() {
            errors.add(&one.pointer, say!("得分和等级都没有", "it has neither a score nor a grade"));
            continue;
        }
        checked.push(Checked {
            pointer: one.pointer,
            subject: one.subject,
            scheme: one.scheme,
            cadence,
            period: one.period,
            score,
            grade: one.grade,
            outcomes: one.outcomes,
        });
    }
    checked
}

/// Whether a cycle is open that this would be no history of.
fn is_open(open: &[Cycle], cadence: &str, period: &Period) -> bool {
    open.iter().any(|cycle| {
        let Ok(own) = cycle.period() else { return false };
        if cycle.cadence == cadence {
            own.first_day() <= period.first_day()
        } else {
            own.last_day() < period.first_day()
        }
    })
}

fn score_of(scheme: &Scheme, subject: Subject, text: &str) -> Result<Decimal, Message> {
    let score = parse_plain(text).ok_or_else(|| say!("不是数值", "this is no number"))?;
    match scheme.highest_score(Kind::of(subject.kind).domain()) {
        Some(highest) if score > highest => {
            let highest = plain(highest);
            Err(say!("最高 {highest} 分", "at most {highest} points"))
        }
        _ => Ok(score),
    }
}
