//! Who takes part in a cycle, in which category, and who leads whom: by the company's placements, the scheme's own rules
//! and the organisation's categories.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use basics::pointer::segment;
use basics::workdays::WorkingCalendar;
use domain::case::{CaseBuilder, InputName, PersonInputs};
use domain::evaluate::standings;
use domain::period::Period;
use domain::scheme::placing::{Condition, Standpoint};
use domain::scheme::{Coded, Scheme};
use platform::web::Errors;
use platform::{Message, say};
use serde_json::{Value, json};

use super::subject::{CategoryBy, Kind, Standing, Subject};
use crate::directory::organisation::{Organisation, Person, Unit};
use crate::placements::placement::{Placement, Placements};
use crate::schemes::rules::fact_names;

/// Everything that decides who takes part.
pub struct Policy<'a> {
    pub scheme: &'a Scheme,
    pub cadence: &'a str,
    pub period: Period,
    pub parameters: &'a Value,
    pub company_facts: &'a BTreeMap<String, Value>,
    pub calendar: &'a WorkingCalendar,
    pub placements: &'a Placements,
    /// Who was chosen; none: the rules say who takes part.
    pub chosen: Option<&'a BTreeSet<(Kind, String)>>,
}

/// Somebody or something with the rule that decided.
#[derive(Clone, Debug)]
pub struct Placed {
    pub subject: Subject,
    pub rule: Option<String>,
}

/// A condition with its text.
struct Rule {
    text: String,
    condition: Condition,
}

/// The rules about one kind of subject, read.
struct Rules {
    who: Vec<Rule>,
    /// The first that holds counts.
    categories: Vec<(String, Rule)>,
    known: Vec<String>,
}

impl Rules {
    fn new(policy: &Policy<'_>, kind: Kind) -> Self {
        let scheme = policy.scheme;
        let (placements, coded): (&[Placement], &[Coded]) = match kind {
            Kind::Person => (&policy.placements.people, scheme.people_categories()),
            Kind::Unit => (&policy.placements.units, scheme.unit_categories()),
        };
        let facts = fact_names(scheme, kind.of_scheme());
        let facts: Vec<&str> = facts.iter().map(String::as_str).collect();
        // Every rule was checked when it was set; one that an older version took and this does not, never holds.
        let read = |text: &str| {
            let condition = Condition::read(text, &facts).ok()?;
            Some(Rule { text: text.to_owned(), condition })
        };
        let mut who: Vec<Rule> =
            placements.iter().filter(|one| one.category.is_none()).filter_map(|one| read(&one.rule)).collect();
        if !placements.iter().any(|one| one.category.is_none()) {
            who.extend(scheme.who(kind.of_scheme()).and_then(read));
        }
        let own = placements.iter().filter_map(|one| Some((one.category.clone()?, read(&one.rule)?)));
        let of_scheme = coded.iter().filter_map(|one| Some((one.code.clone(), read(one.when.as_deref()?)?)));
        Self {
            who,
            categories: own.chain(of_scheme).collect(),
            known: coded.iter().map(|one| one.code.clone()).collect(),
        }
    }

    /// The rule by which they take part, or by which they do not.
    fn takes_part(&self, at: &Standpoint) -> (bool, Option<String>) {
        let Some(first) = self.who.first() else { return (true, None) };
        match self.who.iter().find(|rule| rule.condition.holds(at)) {
            Some(rule) => (true, Some(rule.text.clone())),
            None => (false, Some(first.text.clone())),
        }
    }

    /// The category, how it was found, and by which rule.
    fn category(&self, at: &Standpoint) -> Option<(String, CategoryBy, Option<String>)> {
        let by_rule = self.categories.iter().find(|(_, rule)| rule.condition.holds(at));
        if let Some((category, rule)) = by_rule {
            return Some((category.clone(), CategoryBy::Rule, Some(rule.text.clone())));
        }
        let given = at.category.clone().filter(|category| self.known.contains(category));
        given.map(|category| (category, CategoryBy::Given, None))
    }
}

/// The facts of a scheme, by whose they are.
struct Facts<'a> {
    scheme: &'a Scheme,
    cadence: &'a str,
    kind: Kind,
    all: Vec<String>,
    by_category: HashMap<Option<String>, BTreeSet<String>>,
}

impl<'a> Facts<'a> {
    fn new(policy: &Policy<'a>, kind: Kind) -> Self {
        let facts = policy.scheme.facts(kind.of_scheme(), policy.cadence, None);
        Self {
            scheme: policy.scheme,
            cadence: policy.cadence,
            kind,
            all: facts.into_iter().map(|fact| fact.name).collect(),
            by_category: HashMap::new(),
        }
    }

    /// Every declared fact that somebody has: as a case has it, or why it cannot be read.
    fn read(&self, facts: &BTreeMap<String, String>) -> BTreeMap<String, Result<Value, Message>> {
        let declared = self.all.iter().filter_map(|name| Some((name, facts.get(name)?)));
        let read = |name: &str, fact: &str| {
            let written = Value::String(fact.to_owned());
            self.scheme.check_value(self.cadence, self.kind.of_scheme(), InputName::Fact(name), &written)
        };
        declared.map(|(name, fact)| (name.clone(), read(name, fact))).collect()
    }

    /// Whether subjects of a category are asked for a fact.
    fn is_asked(&mut self, category: Option<&str>, name: &str) -> bool {
        let (scheme, cadence, kind) = (self.scheme, self.cadence, self.kind.of_scheme());
        let asked = self.by_category.entry(category.map(str::to_owned)).or_insert_with_key(|category| {
            scheme.facts(kind, cadence, category.as_deref()).into_iter().map(|fact| fact.name).collect()
        });
        asked.contains(name)
    }

    /// The facts in one way of writing; what cannot be read and is asked of the category is told.
    fn frozen(
        &mut self,
        subject: &str,
        category: Option<&str>,
        written: &BTreeMap<String, String>,
        read: &BTreeMap<String, Result<Value, Message>>,
        errors: &mut Errors,
    ) -> Value {
        let mut frozen = serde_json::Map::new();
        for (name, value) in read {
            let before = written.get(name).map(String::as_str).unwrap_or_default();
            match value {
                Ok(value) => drop(frozen.insert(name.clone(), Value::String(self::written(value)))),
                Err(wanted) if self.is_asked(category, name) => {
                    let pointer =
                        format!("/subjects/{}/facts/{}", segment(&self.kind.id(subject).to_string()), segment(name));
                    errors.add_with(pointer, || {
                        say!("{subject}，{name} = {before}：{wanted}", "{subject}, {name} = {before}: {wanted}"; wanted)
                    });
                }
                Err(_) => drop(frozen.insert(name.clone(), Value::String(before.to_owned()))),
            }
        }
        Value::Object(frozen)
    }
}

/// A value as the text that events and rows carry.
pub fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(entries) => entries.iter().map(written).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}

/// The company's facts as a case has them, out of the texts that a cycle carries.
pub fn company_facts(scheme: &Scheme, cadence: &str, carried: &Value) -> BTreeMap<String, Value> {
    let read = |(name, fact): (&String, &Value)| {
        let read = scheme.check_value(cadence, domain::Kind::Company, InputName::Fact(name), fact);
        Some((name.clone(), read.ok()?))
    };
    carried.as_object().into_iter().flatten().filter_map(read).collect()
}

fn known(read: &BTreeMap<String, Result<Value, Message>>) -> BTreeMap<String, Value> {
    read.iter().filter_map(|(name, value)| Some((name.clone(), value.as_ref().ok()?.clone()))).collect()
}

/// Places people: all of the organisation, or only those of these numbers.
pub fn people(
    policy: &Policy<'_>,
    organisation: &Organisation,
    only: Option<&BTreeSet<String>>,
    errors: &mut Errors,
) -> Vec<Placed> {
    let rules = Rules::new(policy, Kind::Person);
    let mut facts = Facts::new(policy, Kind::Person);
    let (first, last) = (policy.scheme.first_day(&policy.period), policy.scheme.last_day(&policy.period));
    let mut placed = Vec::new();
    let mut inputs = Vec::new();
    let wanted = |person: &&Person| match (policy.chosen, only) {
        (Some(chosen), _) => chosen.contains(&(Kind::Person, person.number.clone())),
        (None, Some(only)) => only.contains(&person.number),
        (None, None) => true,
    };
    for person in organisation.people.values().filter(wanted) {
        let read = facts.read(&person.facts);
        let at = standpoint(person, organisation, &read);
        let mut subject = person_subject(person, organisation);
        let category = rules.category(&at);
        let rule = if policy.chosen.is_some() {
            let own = || person.category.clone().map(|own| (own, CategoryBy::Given, None));
            let category = if rules.known.is_empty() { None } else { category.or_else(own) };
            category.and_then(|category| put(&mut subject, category))
        } else {
            let (takes_part, who) = rules.takes_part(&at);
            match category {
                _ if !person.is_employed_within(first, last) => out(&mut subject, "not_employed"),
                _ if person.unit.is_none() => out(&mut subject, "no_unit"),
                _ if !takes_part => out(&mut subject, "not_covered").or(who),
                _ if rules.known.is_empty() => who,
                Some(category) => put(&mut subject, category).or(who),
                None => out(&mut subject, "no_category"),
            }
        };
        if subject.standing == Standing::In {
            subject.facts = facts.frozen(&person.number, subject.category.as_deref(), &person.facts, &read, errors);
            inputs.push((placed.len(), person_inputs(&subject, &rules, known(&read))));
        }
        placed.push(Placed { subject, rule });
    }
    exclude(policy, &mut placed, inputs);
    placed
}

fn put(subject: &mut Subject, (category, by, rule): (String, CategoryBy, Option<String>)) -> Option<String> {
    subject.category = Some(category);
    subject.category_by = Some(by);
    rule
}

fn out(subject: &mut Subject, why: &str) -> Option<String> {
    subject.standing = Standing::Out;
    subject.why = Some(why.to_owned());
    None
}

fn standpoint(
    person: &Person,
    organisation: &Organisation,
    read: &BTreeMap<String, Result<Value, Message>>,
) -> Standpoint {
    let unit = person.unit.as_ref().and_then(|unit| organisation.units.get(unit));
    Standpoint {
        position: person.position.clone(),
        unit: person.unit.clone(),
        unit_category: unit.and_then(|unit| unit.category.clone()),
        category: person.category.clone(),
        hired_on: person.hired_on,
        is_head: organisation.is_head(&person.number),
        has_reports: organisation.has_reports(&person.number),
        dotted: person.dotted.is_some(),
        facts: known(read),
    }
}

/// A person as the organisation has them, in no category yet.
pub fn person_subject(person: &Person, organisation: &Organisation) -> Subject {
    let lead = organisation.lead(person.unit.as_deref());
    Subject {
        kind: Kind::Person,
        subject: person.number.clone(),
        name: person.name.clone(),
        unit: person.unit.clone(),
        position: person.position.clone(),
        category: None,
        category_by: None,
        own_category: person.category.clone(),
        superior: person.superior.clone(),
        superior_above: organisation.above(person.superior.as_deref()),
        head: lead.head,
        co_head: lead.co_head,
        head_since: None,
        leader: lead.leader,
        dotted: person.dotted.clone(),
        hired_on: person.hired_on,
        left_on: person.left_on,
        facts: json!({}),
        standing: Standing::In,
        why: None,
        decided_by: None,
        published: false,
        version: 1,
    }
}

/// A unit as the organisation has it, in no category yet.
pub fn unit_subject(unit: &Unit, organisation: &Organisation) -> Subject {
    let lead = organisation.lead(Some(&unit.code));
    Subject {
        kind: Kind::Unit,
        subject: unit.code.clone(),
        name: unit.name.clone(),
        unit: Some(unit.code.clone()),
        position: None,
        category: None,
        category_by: None,
        own_category: unit.category.clone(),
        superior: None,
        superior_above: None,
        head: lead.head,
        co_head: lead.co_head,
        head_since: lead.head_since,
        leader: lead.leader,
        dotted: None,
        hired_on: None,
        left_on: None,
        facts: json!({}),
        standing: Standing::In,
        why: None,
        decided_by: None,
        published: false,
        version: 1,
    }
}

fn person_inputs(subject: &Subject, rules: &Rules, facts: BTreeMap<String, Value>) -> PersonInputs {
    PersonInputs {
        number: subject.subject.clone(),
        category: subject.category.clone().filter(|category| rules.known.contains(category)),
        hired_on: subject.hired_on,
        left_on: subject.left_on,
        facts,
        ..PersonInputs::default()
    }
}

/// Excludes whom the scheme leaves out by facts and dates. A case that cannot be built excludes nobody.
fn exclude(policy: &Policy<'_>, placed: &mut [Placed], inputs: Vec<(usize, PersonInputs)>) {
    if policy.scheme.exclusions().next().is_none() {
        return;
    }
    let builder = CaseBuilder::new(policy.scheme, policy.period, Some(policy.cadence), policy.parameters);
    let Ok(mut builder) = builder else { return };
    builder.calendar(policy.calendar.clone()).company_facts(policy.company_facts);
    for (_, person) in &inputs {
        builder.person(person);
    }
    let Ok(case) = builder.build() else { return };
    for ((at, _), excluded) in inputs.iter().zip(standings(policy.scheme, &case)) {
        if let (Some(code), Some(placed)) = (excluded, placed.get_mut(*at)) {
            placed.subject.standing = Standing::Excluded;
            placed.subject.why = Some(code);
        }
    }
}

/// Places units: those that hold people who take part or are excluded, those that are chosen, and those that the scheme
/// appraises without anybody in them.
pub fn units(policy: &Policy<'_>, organisation: &Organisation, people: &[Placed], errors: &mut Errors) -> Vec<Placed> {
    let held: BTreeSet<&str> = people
        .iter()
        .filter(|one| one.subject.standing != Standing::Out)
        .filter_map(|one| one.subject.unit.as_deref())
        .collect();
    let rules = Rules::new(policy, Kind::Unit);
    let mut facts = Facts::new(policy, Kind::Unit);
    let appraises = policy.scheme.has_units() && policy.scheme.appraises_units(policy.cadence);
    let mut placed = Vec::new();
    for unit in organisation.units.values() {
        let is_chosen = policy.chosen.map(|chosen| chosen.contains(&(Kind::Unit, unit.code.clone())));
        let is_held = held.contains(unit.code.as_str());
        let wanted = is_held || is_chosen.unwrap_or(appraises);
        if !wanted {
            continue;
        }
        let read = facts.read(&unit.facts);
        let mut subject = unit_subject(unit, organisation);
        let rule = place_unit(policy, &rules, unit, is_chosen, known(&read), &mut subject);
        if subject.standing == Standing::In {
            subject.facts = facts.frozen(&unit.code, subject.category.as_deref(), &unit.facts, &read, errors);
        } else {
            let declared = unit.facts.iter().filter(|(name, _)| read.contains_key(*name));
            subject.facts = json!(declared.collect::<BTreeMap<_, _>>());
        }
        if is_held || is_chosen == Some(true) || subject.standing == Standing::In {
            placed.push(Placed { subject, rule });
        }
    }
    placed
}

fn place_unit(
    policy: &Policy<'_>,
    rules: &Rules,
    unit: &Unit,
    is_chosen: Option<bool>,
    facts: BTreeMap<String, Value>,
    subject: &mut Subject,
) -> Option<String> {
    let at = Standpoint {
        unit: Some(unit.code.clone()),
        unit_category: unit.category.clone(),
        category: unit.category.clone(),
        facts,
        ..Standpoint::default()
    };
    if !policy.scheme.has_units() {
        return out(subject, "no_units");
    }
    let category = rules.category(&at);
    if let Some(is_chosen) = is_chosen {
        if !is_chosen {
            return out(subject, "not_chosen");
        }
        let own = || unit.category.clone().map(|own| (own, CategoryBy::Given, None));
        let category = if rules.known.is_empty() { None } else { category.or_else(own) };
        return category.and_then(|category| put(subject, category));
    }
    let (takes_part, who) = rules.takes_part(&at);
    match category {
        _ if !takes_part => out(subject, "not_covered").or(who),
        _ if rules.known.is_empty() => who,
        Some(category) => put(subject, category).or(who),
        None if rules.known.len() == 1 && unit.category.is_none() => who,
        None => out(subject, "no_category"),
    }
}
