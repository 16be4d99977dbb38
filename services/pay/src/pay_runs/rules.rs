//! What of people's pay inputs and facts is missing, wrong or of no use, before anybody is paid.

use std::collections::BTreeMap;

use domain::Kind;
use domain::case::InputName;
use domain::scheme::{InputView, Scheme};
use events::Values;
use jiff::civil::Date;
use platform::{Locale, Message, say};
use serde_json::Value;

use super::pay_run::{Finding, FindingKind, Findings};
use crate::cycle_people::CyclePerson;
use crate::cycles::Asked;
use crate::paid_facts::Facts;

/// How many findings are told.
const MOST: usize = 1000;

/// Looks through people of a cycle, one after another.
pub struct Look<'s> {
    asked: Asked<'s>,
    cadence: &'s str,
    locale: Locale,
    findings: Findings,
}

impl<'s> Look<'s> {
    pub fn new(scheme: &'s Scheme, cadence: &'s str, locale: Locale) -> Self {
        Self { asked: Asked::new(scheme, cadence), cadence, locale, findings: Findings::default() }
    }

    pub fn findings(self) -> Findings {
        self.findings
    }

    /// Looks at a person's profile, at its inputs that are still checked, and at the facts that pay entered.
    pub fn at(
        &mut self,
        person: &CyclePerson,
        profile: Option<&Values>,
        checked: Option<&BTreeMap<String, Date>>,
        facts: Option<&Facts>,
    ) {
        let (scheme, cadence) = (self.asked.scheme(), self.cadence);
        let asked = self.asked.of(person.category.as_deref());
        let mut found = Vec::new();
        let pay = |name: &str| profile.and_then(|profile| profile.get(name)).map(|text| Value::String(text.clone()));
        let fact = |name: &str| facts.and_then(|facts| facts.get(name)).cloned();
        for (part, inputs) in [("pay", &asked.pay), ("facts", &asked.facts)] {
            for input in inputs {
                let (value, name) = match part {
                    "pay" => (pay(&input.name), InputName::Pay(&input.name)),
                    _ => (fact(&input.name), InputName::Fact(&input.name)),
                };
                let check = |value: Value| scheme.check_value(cadence, Kind::People, name, &value).err();
                let waits = part == "pay" && checked.is_some_and(|checked| checked.contains_key(&input.name));
                match value.map(check) {
                    _ if waits => found.push((part, &input.name, FindingKind::Missing, still_checked(input))),
                    None if input.required => found.push((part, &input.name, FindingKind::Missing, missing(input))),
                    Some(Some(why)) => found.push((part, &input.name, FindingKind::Wrong, why)),
                    None | Some(None) => {}
                }
            }
        }
        let unused = |inputs: &[InputView], name: &str| inputs.iter().all(|input| input.name != name);
        let of_profile = profile.into_iter().flat_map(|profile| profile.keys());
        let of_facts = facts.into_iter().flat_map(|facts| facts.keys());
        let of_profile = of_profile.filter(|name| unused(&asked.pay, name)).map(|name| ("pay", name));
        let of_facts = of_facts.filter(|name| unused(&asked.facts, name)).map(|name| ("facts", name));
        for (part, name) in of_profile.chain(of_facts) {
            found.push((part, name, FindingKind::Unused, of_no_use()));
        }
        for (part, name, kind, detail) in found {
            self.findings.total += 1;
            if self.findings.items.len() < MOST {
                let (pointer, detail) = (format!("/{part}/{name}"), detail.get(self.locale).to_owned());
                self.findings.items.push(Finding::new(person, pointer, kind, detail));
            }
        }
    }
}

fn missing(input: &InputView) -> Message {
    let label = &input.label;
    say!("缺少{label}", "{label} is missing"; label)
}

fn still_checked(input: &InputView) -> Message {
    let label = &input.label;
    say!("{label}尚待核对，或须重新上报", "{label} is still being checked, or is to be reported anew"; label)
}

fn of_no_use() -> Message {
    say!("此方案不使用该项", "the scheme makes no use of it for this person")
}
