//! What it would cost: asked of the pay service, which knows what people earn (docs/decisions/0011).

use basics::pointer::below;
use std::collections::BTreeMap;

use events::Values;
use platform::peer::OnBehalf;
use platform::{Code, FieldError, Message, Platform, Problem, Result, say};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::policies::Policy;
use crate::engine::computing::{Findings, Found, Piece};
use crate::engine::trying::LeftOut;
use crate::subjects::subject::Kind;

fn silent() -> Message {
    say!(
        "薪酬服务没有应答；请重试，或发送 \"cost\": false 以不计算成本",
        "the pay service does not answer; try again, or send \"cost\": false to do without what it costs"
    )
}

fn nowhere() -> Message {
    say!(
        "本系统没有配置薪酬服务的地址；请发送 \"cost\": false 以不计算成本",
        "this installation does not say where the pay service is; send \"cost\": false to do without what it costs"
    )
}

/// The pay service, asked with the caller's own token.
pub struct Pay {
    url: String,
    caller: OnBehalf,
}

/// What one person would be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid {
    /// ISO 4217.
    pub currency: String,
    /// Money by component.
    pub components: Values,
}

/// What everybody would be paid.
#[derive(Default)]
pub struct Payments {
    pub by_number: BTreeMap<String, Paid>,
    pub lacking: Vec<LeftOut>,
    pub warnings: Vec<String>,
}

#[derive(Serialize)]
struct Asked<'a> {
    scheme: &'a str,
    cadence: &'a str,
    period: &'a str,
    parameters: &'a Value,
    company_carried: &'a Values,
    units: Vec<AskedUnit<'a>>,
}

#[derive(Serialize)]
struct AskedUnit<'a> {
    code: &'a str,
    category: Option<String>,
    carried: Values,
    people: Vec<AskedPerson<'a>>,
}

#[derive(Serialize)]
struct AskedPerson<'a> {
    number: &'a str,
    category: Option<String>,
    carried: &'a Values,
}

#[derive(Deserialize)]
struct Answer {
    currency: String,
    people: Vec<AnsweredPerson>,
    lacking: Vec<Lacking>,
    warnings: Vec<String>,
}

#[derive(Deserialize)]
struct AnsweredPerson {
    number: String,
    components: Values,
}

#[derive(Deserialize)]
struct Lacking {
    number: String,
    missing: Vec<String>,
    problem: Option<String>,
}

impl Pay {
    /// Fails where nobody has said where the pay service is.
    pub fn new(platform: &Platform, caller: OnBehalf) -> Result<Self> {
        let url = platform.config.pay_url.as_deref().ok_or_else(|| Problem::new(Code::Unavailable, nowhere()))?;
        Ok(Self { url: format!("{}/v1/pay-simulations", url.trim_end_matches('/')), caller })
    }

    /// What the people of a piece would be paid under a policy.
    pub async fn ask(&self, policy: &Policy, piece: &Piece, found: &Findings) -> Result<Payments> {
        let units = asked_units(policy, piece, found);
        if units.is_empty() || !policy.pays() {
            return Ok(unpaid(found));
        }
        let asked = Asked {
            scheme: policy.scheme.plain().source(),
            cadence: policy.scheme.cadence(),
            period: &policy.cycle.period,
            parameters: &policy.cycle.parameters,
            company_carried: &found.company_carried,
            units,
        };
        let answer: Result<Answer> = self.caller.post(&self.url, &asked, silent()).await;
        Ok(payments(answer.map_err(|problem| policy.located(problem))?, piece))
    }
}

/// Under a policy that pays nothing everybody gets nothing.
fn unpaid(found: &Findings) -> Payments {
    let nothing = || Paid { currency: String::new(), components: Values::new() };
    Payments {
        by_number: appraised(found).map(|person| (person.subject.clone(), nothing())).collect(),
        ..Payments::default()
    }
}

/// People who are appraised.
fn appraised(found: &Findings) -> impl Iterator<Item = &Found> {
    found.subjects.iter().filter(|one| one.kind == Kind::Person && one.excluded.is_none())
}

fn asked_units<'a>(policy: &Policy, piece: &'a Piece, found: &'a Findings) -> Vec<AskedUnit<'a>> {
    let carried_units: BTreeMap<&str, &Values> = found
        .subjects
        .iter()
        .filter(|one| one.kind == Kind::Unit)
        .map(|unit| (unit.subject.as_str(), &unit.carried))
        .collect();
    let carried: BTreeMap<&str, &Values> =
        appraised(found).map(|person| (person.subject.as_str(), &person.carried)).collect();
    let mut people: BTreeMap<&str, Vec<AskedPerson<'_>>> = BTreeMap::new();
    for member in &piece.people {
        let number = member.inputs.number.as_str();
        let Some(carried) = carried.get(number) else { continue };
        let category =
            policy.scheme.category(domain::Kind::People, member.inputs.category.as_deref()).map(str::to_owned);
        people.entry(&member.unit).or_default().push(AskedPerson { number, category, carried });
    }
    let asked = people.into_iter().map(|(code, people)| {
        let unit = piece.units.iter().find(|unit| unit.inputs.code == code);
        let category =
            unit.and_then(|unit| policy.scheme.category(domain::Kind::Units, unit.inputs.category.as_deref()));
        let carried = carried_units.get(code).map(|carried| (*carried).clone()).unwrap_or_default();
        AskedUnit { people, code, category: category.map(str::to_owned), carried }
    });
    asked.collect()
}

fn payments(answer: Answer, piece: &Piece) -> Payments {
    let currency = answer.currency;
    let paid =
        |person: AnsweredPerson| (person.number, Paid { currency: currency.clone(), components: person.components });
    let by_number = answer.people.into_iter().map(paid).collect();
    let mut lacking: BTreeMap<String, Lacking> =
        answer.lacking.into_iter().map(|lacking| (lacking.number.clone(), lacking)).collect();
    let told = piece.people.iter().filter_map(|member| {
        let lacking = lacking.remove(&member.inputs.number)?;
        let missing = lacking.missing.iter().map(|name| {
            let pointer = below("/pay", name);
            FieldError::new(pointer, say!("薪酬档案缺少此项", "the pay profile lacks this"))
        });
        let problem = lacking.problem.map(|problem| FieldError::new("/pay", Message::same(problem)));
        Some(LeftOut {
            kind: Kind::Person,
            subject: member.inputs.number.clone(),
            name: member.name.clone(),
            unit: member.unit.clone(),
            errors: missing.chain(problem).collect(),
        })
    });
    Payments { by_number, lacking: told.collect(), warnings: answer.warnings }
}
