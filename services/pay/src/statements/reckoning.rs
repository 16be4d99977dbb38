//! From published results and pay profiles to money: the engine's pay phase, asked with the cycle's own scheme.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use basics::{Label, Locale};
use domain::case::{Case, CaseBuilder, PersonInputs, UnitInputs};
use domain::evaluate::{ExplainedValue, Explanation, Phase, evaluate_while};
use domain::period::Period;
use domain::scheme::{InputView, Scheme};
use domain::{Invalid, Kind, words};
use events::{EmployeeNumber, PublishedResult, ResultUnit, Values};
use jiff::civil::Date;
use platform::aside::Wanted;
use platform::{Code, Problem, Result, say};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::statement::{Figures, Reckoned};
use crate::cycles::schemes::FACT;
use crate::cycles::{Asked, Cycle, schemes};
use crate::held::{Held, Reason};
use crate::paid_facts::Facts;

/// Published results that are reckoned together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Published {
    pub company_carried: Values,
    pub units: Vec<PublishedUnit>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PublishedUnit {
    pub unit: ResultUnit,
    pub results: Vec<PublishedResult>,
}

impl Published {
    pub fn results(&self) -> impl Iterator<Item = &PublishedResult> {
        self.units.iter().flat_map(|unit| &unit.results)
    }

    /// Results by the figures of the company and of units that they were published with: these are reckoned together.
    pub fn alike(held: Vec<Held>) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for held in held {
            match groups.iter_mut().find(|group| group.fits(&held)) {
                Some(group) => group.add(held),
                None => {
                    let mut group = Self::default();
                    group.add(held);
                    groups.push(group);
                }
            }
        }
        groups
    }

    /// Whether a held result was published with the same figures of the company and of its unit.
    fn fits(&self, held: &Held) -> bool {
        self.company_carried == held.company_carried
            && self.units.iter().all(|unit| unit.unit.code != held.unit.code || unit.unit == held.unit)
    }

    /// Adds a held result.
    pub fn add(&mut self, held: Held) {
        self.company_carried = held.company_carried;
        match self.units.iter_mut().find(|unit| unit.unit.code == held.unit.code) {
            Some(unit) => unit.results.push(held.result),
            None => self.units.push(PublishedUnit { unit: held.unit, results: vec![held.result] }),
        }
    }
}

/// All that a reckoning stands on beside its policy; kept with the statements that come of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Basis {
    #[serde(flatten)]
    pub published: Published,
    /// Pay inputs that the policy asks for, by employee number.
    pub pay: BTreeMap<EmployeeNumber, Values>,
    /// Facts that only pay knows and that the policy asks for, by employee number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<EmployeeNumber, Facts>,
}

impl Basis {
    /// Results, and what the policy asks for out of their people's profiles and the facts that pay entered.
    pub fn new(
        policy: &Policy,
        published: Published,
        profiles: &HashMap<EmployeeNumber, Values>,
        entered: &HashMap<EmployeeNumber, Facts>,
    ) -> Self {
        let mut asked = Asked::new(&policy.scheme, &policy.cadence);
        let (mut pay, mut facts) = (BTreeMap::new(), BTreeMap::new());
        for result in published.results() {
            let asked = asked.of(result.category.as_deref());
            if let Some(profile) = profiles.get(&result.number) {
                pay.insert(result.number.clone(), those_of(&asked.pay, profile));
            }
            if let Some(entered) = entered.get(&result.number) {
                facts.insert(result.number.clone(), those_of(&asked.facts, entered));
            }
        }
        Self { published, pay, facts }
    }
}

/// What of a person's values is asked for.
fn those_of<V: Clone>(asked: &[InputView], values: &BTreeMap<String, V>) -> BTreeMap<String, V> {
    asked.iter().filter_map(|input| Some((input.name.clone(), values.get(&input.name)?.clone()))).collect()
}

/// A result whose pay cannot be reckoned.
#[derive(Clone, Debug, PartialEq)]
pub struct Withheld {
    pub held: Held,
    pub reason: Reason,
}

/// What came of a reckoning.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reckoning {
    pub reckoned: Vec<Reckoned>,
    pub withheld: Vec<Withheld>,
    /// What the scheme warns of, once pay is known.
    pub warnings: Vec<String>,
}

/// By what pay is reckoned: a scheme, for one period of one of its cadences.
#[derive(Clone, Debug)]
pub struct Policy {
    pub scheme: Arc<Scheme>,
    pub cadence: String,
    pub period: Period,
    /// Overrides of the scheme's parameters, as in a case.
    pub parameters: Value,
}

impl Policy {
    /// What a cycle was opened with.
    pub fn of(cycle: &Cycle) -> Result<Self> {
        Ok(Self {
            scheme: schemes::of(cycle)?.scheme.clone(),
            cadence: cycle.cadence.clone(),
            period: cycle.period.parse().map_err(Problem::internal)?,
            parameters: cycle.parameters.clone(),
        })
    }

    /// Withholds those who have a pay input that the scheme asks for and has checked, and that is not through: `checked` has these
    /// by number, with the day from which each would be in force.
    pub fn part(
        &self,
        published: Published,
        checked: &HashMap<EmployeeNumber, BTreeMap<String, Date>>,
    ) -> (Published, Vec<Withheld>) {
        if checked.is_empty() {
            return (published, Vec::new());
        }
        let mut asked = Asked::new(&self.scheme, &self.cadence);
        let is_checked: BTreeSet<&str> = self.scheme.pay_checks().map(|(input, _)| input).collect();
        let mut withheld = Vec::new();
        let company_carried = published.company_carried;
        let mut part = |PublishedUnit { unit, results }: PublishedUnit| {
            let mut kept = Vec::with_capacity(results.len());
            for result in results {
                let waiting = checked.get(&result.number).filter(|_| result.excluded.is_none());
                let of_category = asked.of(result.category.as_deref()).pay.iter();
                let mut of_category = of_category.filter(|input| is_checked.contains(input.name.as_str()));
                let input = of_category.find_map(|input| Some((input, waiting?.get(&input.name)?)));
                match input {
                    None => kept.push(result),
                    Some((input, day)) => {
                        let label = &input.label;
                        let problem = Some(say!(
                            "{label}（自 {day} 起）尚待核对，或须重新上报",
                            "{label} (from {day} on) is still being checked, or is to be reported anew";
                            label
                        ));
                        let reason = Reason { problem, ..Reason::default() };
                        let (company_carried, unit) = (company_carried.clone(), unit.clone());
                        withheld.push(Withheld { held: Held { company_carried, unit, result }, reason });
                    }
                }
            }
            PublishedUnit { unit, results: kept }
        };
        let units = published.units.into_iter().map(&mut part).collect();
        (Published { company_carried, units }, withheld)
    }

    /// A person's category as the scheme sees it: where it knows none, nobody has one.
    fn category<'r>(&self, result: &'r PublishedResult) -> Option<&'r str> {
        result.category.as_deref().filter(|_| !self.scheme.people_categories().is_empty())
    }
}

/// How much is told of everybody's pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    Amounts,
    /// With how they came about.
    Explained,
}

/// Reckons everybody's pay from what was published and the pay inputs. Whoever lacks an input is withheld, and
/// so is whoever the engine refuses; the others are reckoned without them.
pub fn reckon(policy: &Policy, basis: Basis, detail: Detail) -> Result<Reckoning> {
    reckon_while(policy, basis, detail, &Wanted::default())
}

/// As [`reckon`], as long as somebody waits for it.
pub fn reckon_while(policy: &Policy, basis: Basis, detail: Detail, wanted: &Wanted) -> Result<Reckoning> {
    let Basis { published, pay, facts } = basis;
    let entered = Entered { pay, facts };
    let (mut people, mut done) = appraised(published.units);
    let mut withheld = Vec::new();
    loop {
        match figures(policy, &published.company_carried, &people, &entered, detail, wanted) {
            _ if !wanted.still() => {
                return Err(Problem::new(
                    Code::Unavailable,
                    say!("已无人等待此结果", "nobody waits for this any more"),
                ));
            }
            Ok((figures, warnings)) => {
                let reckoned = people.into_iter().zip(figures);
                done.extend(reckoned.map(|((_, result), figures)| Reckoned { result, figures: Some(figures) }));
                return Ok(Reckoning { reckoned: done, withheld, warnings });
            }
            Err(invalid) => {
                let reasons = reasons(&invalid, people.len(), &policy.scheme, &policy.cadence);
                let (kept, refused) = part(people, reasons);
                people = kept;
                withheld.extend(refused.into_iter().map(|((unit, result), reason)| {
                    let company_carried = published.company_carried.clone();
                    Withheld { held: Held { company_carried, unit: (*unit).clone(), result }, reason }
                }));
            }
        }
    }
}

/// What was entered where pay is run, by employee number.
struct Entered {
    pay: BTreeMap<EmployeeNumber, Values>,
    facts: BTreeMap<EmployeeNumber, Facts>,
}

/// A person's result and the unit it was published with.
type Person = (Arc<ResultUnit>, PublishedResult);

/// Those who are appraised, and those who are excluded, for whom there is nothing to reckon.
fn appraised(units: Vec<PublishedUnit>) -> (Vec<Person>, Vec<Reckoned>) {
    let (mut people, mut excluded) = (Vec::new(), Vec::new());
    for PublishedUnit { unit, results } in units {
        let unit = Arc::new(unit);
        for result in results {
            match result.excluded {
                None => people.push((unit.clone(), result)),
                Some(_) => excluded.push(Reckoned { result, figures: None }),
            }
        }
    }
    (people, excluded)
}

/// The figures of these people, in their order, and what the scheme warns of.
fn figures(
    policy: &Policy,
    company_carried: &Values,
    people: &[Person],
    entered: &Entered,
    detail: Detail,
    wanted: &Wanted,
) -> Result<(Vec<Figures>, Vec<String>), Invalid> {
    let case = case(policy, company_carried, people, entered)?;
    let evaluation = evaluate_while(&policy.scheme, &case, Phase::Pay, &|| wanted.still())?;
    let figures = evaluation.people().enumerate().zip(people).map(|((row, person), (unit, result))| {
        let carried = [(Kind::People, &result.carried), (Kind::Units, &unit.carried), (Kind::Company, company_carried)];
        let explanation = if detail == Detail::Explained { evaluation.explanation_at(row) } else { None };
        Figures {
            currency: CURRENCY.to_owned(),
            components: person.pay.iter().map(|(name, money)| (name.clone(), money.to_string())).collect(),
            coefficient: result.coefficient.clone().or_else(|| person.coefficient.map(|share| share.to_string())),
            explanation: explanation.and_then(|explanation| serde_json::to_string(&of_pay(explanation, carried)).ok()),
        }
    });
    Ok((figures.collect(), evaluation.warnings()))
}

/// Where pay begins: how the figures that were published came about is told with the result, not here.
fn of_pay<'a>(mut explanation: Explanation<'a>, carried: [(Kind, &Values); 3]) -> Explanation<'a> {
    for step in &mut explanation.steps {
        if carried.iter().any(|(kind, values)| *kind == step.kind && values.contains_key(&*step.figure)) {
            step.as_given();
        }
    }
    explanation.steps.retain(|step| step.value != ExplainedValue::Absent);
    explanation
}

fn case(policy: &Policy, company_carried: &Values, people: &[Person], entered: &Entered) -> Result<Case, Invalid> {
    let scheme = &*policy.scheme;
    let mut case = CaseBuilder::new(scheme, policy.period, Some(&policy.cadence), &policy.parameters)?;
    case.carried_company(company_carried);
    let units = people.chunk_by(|a, b| a.0.code == b.0.code).filter_map(<[Person]>::first);
    for (unit, _) in units.filter(|_| scheme.has_units()) {
        let category = unit.category.clone().filter(|_| !scheme.unit_categories().is_empty());
        case.unit(&UnitInputs { code: unit.code.to_string(), category, ..UnitInputs::default() });
        case.carried_unit(&unit.code, &unit.carried);
    }
    for (unit, result) in people {
        let inputs = entered.pay.get(&result.number).into_iter().flatten();
        case.person(&PersonInputs {
            number: result.number.to_string(),
            unit: scheme.has_units().then(|| unit.code.to_string()),
            category: policy.category(result).map(str::to_owned),
            facts: entered.facts.get(&result.number).cloned().unwrap_or_default(),
            pay: inputs.map(|(name, value)| (name.clone(), Value::String(value.clone()))).collect(),
            ..PersonInputs::default()
        });
    }
    for (_, result) in people {
        case.carried_person(&result.number, &result.carried);
    }
    case.build()
}

/// What the engine complains of, person by person; a complaint that is nobody's holds up everybody.
fn reasons(invalid: &Invalid, people: usize, scheme: &Scheme, cadence: &str) -> BTreeMap<usize, Reason> {
    let facts = schemes::paid_facts(scheme, cadence);
    let mut reasons: BTreeMap<usize, Reason> = BTreeMap::new();
    for error in &invalid.errors {
        let mut steps = error.pointer.trim_start_matches("#/").trim_start_matches('/').split('/');
        let (kind, row, part, name) = (steps.next(), steps.next(), steps.next(), steps.next());
        let row = row.and_then(|row| row.parse().ok()).filter(|row| kind == Some("employees") && *row < people);
        let rows = row.map_or(0..people, |row: usize| row..row + 1);
        for row in rows {
            let reason = reasons.entry(row).or_default();
            let entered = match (part, name) {
                (Some("pay"), Some(name)) => Some((name.to_owned(), scheme.pay_label(name))),
                (Some("facts"), Some(name)) => facts.get(name).map(|label| (format!("{FACT}{name}"), Some(label))),
                _ => None,
            };
            match entered {
                Some((name, _)) if error.code == "missing" => {
                    if !reason.missing.contains(&name) {
                        reason.missing.push(name);
                    }
                }
                Some((name, label)) => {
                    let label = label.cloned().unwrap_or_else(|| Label::new(&name, &name));
                    let detail = &error.detail;
                    reason.problem = Some(say!("{label}：{detail}", "{label}: {detail}"; label, detail));
                }
                None => reason.problem = Some(error.placed()),
            }
        }
    }
    if reasons.is_empty() {
        let unknown = Reason { problem: Some(invalid.summary()), ..Reason::default() };
        return (0..people).map(|row| (row, unknown.clone())).collect();
    }
    reasons
}

/// Parts people into those without and those with a reason to withhold them.
fn part(people: Vec<Person>, mut reasons: BTreeMap<usize, Reason>) -> (Vec<Person>, Vec<(Person, Reason)>) {
    let (mut kept, mut refused) = (Vec::new(), Vec::new());
    for (row, person) in people.into_iter().enumerate() {
        match reasons.remove(&row) {
            None => kept.push(person),
            Some(reason) => refused.push((person, reason)),
        }
    }
    (kept, refused)
}

/// A stored explanation beside the scheme it was reckoned by: as text in a language, and as a tree.
pub fn render(cycle: &Cycle, stored: &str, locale: Locale) -> Result<(String, Value)> {
    let read = schemes::of(cycle)?;
    let explanation: Explanation<'_> = serde_json::from_str(stored)?;
    Ok((words::render(&explanation, &read.scheme, locale), words::tree(&explanation, &read.scheme)))
}

/// The currency of amounts where nobody says another.
pub const CURRENCY: &str = "CNY";

#[cfg(test)]
mod tests {
    use platform::Message;

    use super::*;

    fn invalid(pointers: &[&str]) -> Invalid {
        let mut invalid = Invalid::default();
        for pointer in pointers {
            invalid.add(*pointer, "missing", Message::same("something is missing"));
        }
        invalid
    }

    fn scheme() -> Scheme {
        let toml = r#"
code = "paid"
name = { zh = "绩效", en = "paid" }
cadences = [{ code = "monthly", form = "month", label = { zh = "月度", en = "monthly" } }]
[[people.pay]]
name = "base_salary"
label = { zh = "基本工资", en = "base salary" }
[[people.figures]]
name = "bonus"
label = { zh = "奖金", en = "bonus" }
formula = "pay.base_salary"
pay = true
"#;
        Scheme::parse(toml).unwrap()
    }

    #[test]
    fn a_pay_input_that_is_refused_is_told_by_its_name_in_both_languages() {
        let mut refused = Invalid::default();
        refused.add("/employees/0/pay/base_salary", "out_of_bounds", say!("-5 为负数", "-5 is negative"));
        let reasons = reasons(&refused, 1, &scheme(), "monthly");
        let expected = say!("基本工资：-5 为负数", "base salary: -5 is negative");
        assert_eq!(reasons.get(&0).and_then(|reason| reason.problem.clone()), Some(expected));
    }

    #[test]
    fn a_missing_pay_input_is_the_reason_of_that_person_alone() {
        let scheme = scheme();
        let pointers = ["/employees/1/pay/base_salary", "/employees/1/pay/bonus_base", "/employees/1/pay/base_salary"];
        let reasons = reasons(&invalid(&pointers), 3, &scheme, "monthly");
        let expected = Reason { missing: vec!["base_salary".into(), "bonus_base".into()], problem: None };
        assert_eq!(reasons, BTreeMap::from([(1, expected)]));
    }

    #[test]
    fn what_is_nobodys_fault_holds_up_everybody() {
        let scheme = scheme();
        for pointer in ["/units/0/carried/pool", "/company", "", "/employees/7/pay/base_salary"] {
            let reasons = reasons(&invalid(&[pointer]), 2, &scheme, "monthly");
            assert_eq!(reasons.len(), 2, "{pointer}");
            assert!(reasons.values().all(|reason| reason.problem.is_some() || !reason.missing.is_empty()), "{pointer}");
        }
        assert_eq!(reasons(&Invalid::default(), 2, &scheme, "monthly").len(), 2);
    }

    #[test]
    fn a_refused_person_is_withheld_and_the_others_keep_their_order() {
        let unit = Arc::new(ResultUnit {
            code: "NET".into(),
            name: "NET".into(),
            category: None,
            carried: Values::new(),
            result: None,
        });
        let person = |number: &str| {
            let result = serde_json::json!({
                "number": number, "name": number, "category": null, "version": 1, "excluded": null, "score": null,
                "grade": null, "coefficient": null, "outcomes": [], "interview": [], "carried": {}
            });
            (unit.clone(), serde_json::from_value(result).unwrap())
        };
        let people: Vec<Person> = ["E1", "E2", "E3"].into_iter().map(person).collect();
        let (kept, refused) = part(people, BTreeMap::from([(1, Reason::default())]));
        let numbers: Vec<&str> = kept.iter().map(|(_, result)| result.number.as_str()).collect();
        assert_eq!((numbers, refused.len()), (vec!["E1", "E3"], 1));
    }
}
