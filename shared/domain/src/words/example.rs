//! A worked example: a small case with made-up figures, filled in within the bounds of a scheme, and computed.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};

use super::explanation::render;
use super::language::language;
use crate::Locale;
use crate::case::Case;
use crate::evaluate::{Phase, evaluate};
use crate::money::{Money, plain};
use crate::period::{Form, Period};
use crate::scheme::plan::{InputSpec, List, Plan};
use crate::scheme::source::InputKind;
use crate::scheme::{GIVEN, Scheme};
use crate::value::{Kind, Value};

/// Three people of one unit, the first of whom is explained.
const PEOPLE: [&str; 3] = ["E1", "E2", "E3"];
const UNIT: &str = "U1";
/// What is usual for numbers whose name holds these words, the first that does; there are tens of thousands of names,
/// and a month has 22 working days, a rate is below 1, a coefficient is about 1.
const USUAL: [(&str, Decimal); 22] = [
    ("应出勤", Decimal::from_parts(22, 0, 0, false, 0)),
    ("缺勤", Decimal::ONE),
    ("出勤", Decimal::from_parts(21, 0, 0, false, 0)),
    ("人数", Decimal::from_parts(20, 0, 0, false, 0)),
    ("月数", Decimal::from_parts(10, 0, 0, false, 0)),
    ("天数", Decimal::TWO),
    ("计件", Decimal::from_parts(25, 0, 0, false, 1)),
    ("产量", Decimal::from_parts(2000, 0, 0, false, 0)),
    ("（%）", Decimal::from_parts(90, 0, 0, false, 0)),
    ("系数", Decimal::ONE),
    ("完成率", Decimal::from_parts(95, 0, 0, false, 2)),
    ("提成比例", Decimal::from_parts(2, 0, 0, false, 2)),
    ("比例", Decimal::from_parts(2, 0, 0, false, 1)),
    ("率", Decimal::from_parts(9, 0, 0, false, 1)),
    ("平均数", Decimal::from_parts(3, 0, 0, false, 0)),
    ("保费收入", Decimal::from_parts(96000, 0, 0, false, 0)),
    ("保", Decimal::ONE_HUNDRED),
    ("最低", Decimal::from_parts(50000, 0, 0, false, 0)),
    ("实际", Decimal::from_parts(96000, 0, 0, false, 0)),
    ("总额", Decimal::from_parts(15000, 0, 0, false, 0)),
    ("目标", Decimal::from_parts(100_000, 0, 0, false, 0)),
    ("经费", Decimal::from_parts(15000, 0, 0, false, 0)),
];
/// What people's pay inputs are, where their names say nothing else.
const PAY: Decimal = Decimal::from_parts(5000, 0, 0, false, 0);

/// What comes of the example, and how the first person's figures came about. None where a policy asks for figures that
/// fit together in a way that nobody can guess.
pub fn example(scheme: &Scheme, locale: Locale) -> Option<String> {
    let cadences = (0..scheme.cadences().len()).collect::<Vec<_>>();
    let pays = |at: &usize| scheme.plan(*at).is_some_and(pays);
    let (paying, others): (Vec<usize>, Vec<usize>) = cadences.into_iter().partition(pays);
    paying.into_iter().chain(others).find_map(|cadence| of_cadence(scheme, cadence, locale))
}

fn pays(plan: &Plan) -> bool {
    plan.figures.iter().flat_map(|figure| figure.bodies.iter().flatten()).any(|body| body.pay)
}

fn of_cadence(scheme: &Scheme, cadence: usize, locale: Locale) -> Option<String> {
    let plan = scheme.plan(cadence)?;
    let categories = 0..scheme.source.category_count(Kind::People);
    categories.into_iter().find_map(|category| {
        let maker = Maker { scheme, plan, cadence, category, period: period(scheme.cadences().get(cadence)?.form)? };
        maker.told(locale)
    })
}

fn period(form: Form) -> Option<Period> {
    match form {
        Form::Month => "2026-10",
        Form::Quarter => "2026-Q4",
        Form::HalfYear => "2026-H2",
        Form::Year => "2026",
        Form::FiscalYear => "FY2026",
    }
    .parse()
    .ok()
}

struct Maker<'s> {
    scheme: &'s Scheme,
    plan: &'s Plan,
    cadence: usize,
    category: usize,
    period: Period,
}

impl Maker<'_> {
    fn told(&self, locale: Locale) -> Option<String> {
        let case = Case::from_json(self.scheme, &self.case()).ok()?;
        let evaluation = evaluate(self.scheme, &case, Phase::All).ok()?;
        let [first, ..] = PEOPLE;
        let person = evaluation.person(first).filter(|result| result.excluded.is_none())?;
        let language = language(locale);
        let (whose, explanation) = if person.score.is_some() || !person.pay.is_empty() || !person.outputs.is_empty() {
            (language.person(first), evaluation.explanation(first)?)
        } else {
            (language.unit(UNIT), evaluation.unit_explanation(UNIT)?)
        };
        let told = render(&explanation, self.scheme, locale);
        (!told.is_empty()).then(|| format!("{whose}\n{told}"))
    }

    fn case(&self) -> Json {
        let mut case = json!({
            "policy": self.scheme.code(),
            "cadence": self.scheme.cadences().get(self.cadence).map(|cadence| &cadence.code),
            "period": self.period.to_string(),
            "parameters": self.parameters(),
            "company": self.subject(Kind::Company, 0, 0),
            "employees": PEOPLE.iter().enumerate().map(|(at, number)| self.person(number, at)).collect::<Vec<_>>(),
        });
        if let (Some(case), true) = (case.as_object_mut(), self.scheme.has_units()) {
            case.insert("units".to_owned(), json!([self.unit()]));
        }
        case
    }

    /// What every company has to set for itself.
    fn parameters(&self) -> Json {
        let unset =
            self.scheme.source.parameters.iter().filter(|parameter| parameter.default.is_none() && !parameter.optional);
        let set = unset.map(|parameter| {
            let most = parameter.max.or(parameter.below).map_or(Decimal::ONE, |most| most.0.min(Decimal::ONE));
            (parameter.name.clone(), json!(plain(parameter.min.map_or(most, |least| least.0.max(most)))))
        });
        Json::Object(set.collect())
    }

    fn person(&self, number: &str, at: usize) -> Json {
        let mut person = self.subject(Kind::People, self.category, at);
        if let Some(person) = person.as_object_mut() {
            person.insert("number".to_owned(), json!(number));
            person.insert("hired_on".to_owned(), json!("2020-01-01"));
            if self.scheme.has_units() {
                person.insert("unit".to_owned(), json!(UNIT));
            }
        }
        person
    }

    fn unit(&self) -> Json {
        let mut unit = self.subject(Kind::Units, 0, 0);
        let units = self.scheme.source.units.as_ref();
        let head = units.and_then(|units| units.head.as_ref());
        let own = self.scheme.source.category_code(Kind::People, self.category);
        if let Some(unit) = unit.as_object_mut() {
            unit.insert("code".to_owned(), json!(UNIT));
            if head.is_some_and(|head| head.category.as_deref().is_none_or(|category| category == own)) {
                unit.insert("head".to_owned(), json!(PEOPLE[0]));
            }
        }
        unit
    }

    /// Everything that is asked of a subject of that kind and category; the later ones have less.
    fn subject(&self, kind: Kind, category: usize, at: usize) -> Json {
        let mut subject = Map::new();
        let code = self.scheme.source.category_code(kind, category);
        if !code.is_empty() {
            subject.insert("category".to_owned(), json!(code));
        }
        let cadence = self.scheme.cadences().get(self.cadence).map_or("", |cadence| &cadence.code);
        let code = Some(code).filter(|code| !code.is_empty());
        let facts: Vec<String> = self.scheme.facts(kind, cadence, code).into_iter().map(|fact| fact.name).collect();
        let pay: Vec<String> = match kind {
            Kind::People => self.scheme.pay_inputs(cadence, code).into_iter().map(|pay| pay.name).collect(),
            Kind::Units | Kind::Company => Vec::new(),
        };
        for slot in &self.plan.layouts[kind.index()].slots {
            let path: Vec<&str> = slot.path.split('.').collect();
            let (keys, asked) = match path.as_slice() {
                ["fact", name] => (vec!["facts", name], facts.iter().any(|fact| fact == name)),
                ["pay", name] => (vec!["pay", name], pay.iter().any(|pay| pay == name)),
                [name] if *name == GIVEN => (vec!["score"], true),
                _ => continue,
            };
            // A score that somebody gives is there, also where a sheet could stand for it.
            let given = &*slot.path == GIVEN && !self.scheme.score_by().is_empty();
            let spec = InputSpec { optional: slot.spec.optional && !given, ..slot.spec.clone() };
            if asked && let Some(value) = self.value(&spec, None, at, if slot.pay { PAY } else { Decimal::ONE_HUNDRED })
            {
                put(&mut subject, &keys, value);
            }
        }
        self.items(kind, category, at, &mut subject);
        for list in self.plan.lists[kind.index()].iter().filter(|list| list.required) {
            subject.insert(list.key.clone(), json!([self.row(list, at)]));
        }
        if let Some(history) = self.history(kind) {
            subject.insert("history".to_owned(), history);
        }
        Json::Object(subject)
    }

    fn items(&self, kind: Kind, category: usize, at: usize, subject: &mut Map<String, Json>) {
        let Some(sheet) = self.plan.sheet(kind, category) else { return };
        let default = sheet.weights.and_then(|at| self.scheme.parameters.get(usize::from(at)));
        let weights = self.scheme.weights_of(sheet, default.and_then(|parameter| parameter.default.as_ref()));
        for (item, weight) in sheet.items.iter().zip(weights) {
            for input in &item.inputs {
                if let Some(value) = self.value(&input.spec, Some(weight), at, Decimal::ONE_HUNDRED) {
                    put(subject, &["items", &item.code, &input.spec.name], value);
                }
            }
        }
    }

    fn row(&self, list: &List, at: usize) -> Json {
        let cells = list.columns.iter().filter_map(|column| {
            let value = column
                .sum
                .map(|sum| json!(plain(sum)))
                .or_else(|| self.value(column, None, at, Decimal::ONE_HUNDRED))?;
            Some((column.name.clone(), value))
        });
        Json::Object(cells.collect())
    }

    /// The months of a longer period, where their scores are looked at.
    fn history(&self, kind: Kind) -> Option<Json> {
        let uses = self.plan.history[kind.index()];
        if !uses.months {
            return None;
        }
        let best = self.scheme.grades().first().map(|grade| &grade.code);
        let month = |period: Period| json!({ "period": period.to_string(), "score": "85", "grade": best });
        Some(self.period.months().into_iter().map(month).collect())
    }

    /// A value within the bounds of an input, a usual one where they say nothing; none where it may be left out.
    fn value(&self, spec: &InputSpec, weight: Option<Decimal>, at: usize, usual: Decimal) -> Option<Json> {
        if spec.optional || spec.default != Value::Absent {
            return None;
        }
        match spec.kind {
            InputKind::Flag | InputKind::Record => None,
            InputKind::Choice | InputKind::Grade => {
                spec.choices.get(at).or(spec.choices.first()).map(|(code, _)| json!(code))
            }
            InputKind::Scale => {
                let mut letters: Vec<_> = spec.scale.iter().collect();
                letters.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
                let letter = letters.get(at).or(letters.first());
                letter.map(|(text, _)| json!(self.scheme.symbols.text(*text).to_string()))
            }
            InputKind::Date => Some(json!(self.day().to_string())),
            InputKind::Text => Some(json!("示例")),
            InputKind::Number | InputKind::Count | InputKind::Points => {
                let most = weight.filter(|_| spec.kind == InputKind::Points);
                Some(json!(plain(number(spec, most, at, usual))))
            }
        }
    }

    fn day(&self) -> Date {
        self.scheme.first_day(&self.period)
    }
}

/// What the name of a number lets expect, or nine tenths of the most, for those behind less; 2 of what is counted.
fn number(spec: &InputSpec, most: Option<Decimal>, at: usize, otherwise: Decimal) -> Decimal {
    let bounds = &spec.bounds;
    if let Some(only) = bounds.one_of.as_ref().and_then(|all| all.first()) {
        return only.0;
    }
    let most = [most, bounds.max.map(|max| max.0), bounds.below.map(|below| below.0)].into_iter().flatten().min();
    let part = Decimal::new(9 - i64::try_from(at).unwrap_or_default(), 1);
    let usual = USUAL.iter().find(|(words, _)| spec.label.zh.contains(words)).map(|(_, usual)| *usual);
    let wanted = match (usual, most, spec.kind) {
        (Some(usual), most, _) if most.is_none_or(|most| usual <= most) => usual,
        (_, Some(most), _) => most * part,
        (_, None, InputKind::Count) => Decimal::TWO,
        (_, None, _) => otherwise,
    };
    let least = [bounds.min.map(|min| min.0), bounds.above.map(|above| above.0 + Decimal::ONE)];
    let wanted = least.into_iter().flatten().fold(wanted, Decimal::max);
    let step = if spec.kind == InputKind::Count { Some(Decimal::ONE) } else { bounds.step.map(|step| step.0) };
    match step.filter(|step| !step.is_zero()) {
        Some(step) => (wanted / step).floor() * step,
        None => Money::new(wanted).amount(),
    }
}

fn put(object: &mut Map<String, Json>, keys: &[&str], value: Json) {
    match keys {
        [] => {}
        [key] => {
            object.insert((*key).to_owned(), value);
        }
        [key, rest @ ..] => {
            let inner = object.entry((*key).to_owned()).or_insert_with(|| Json::Object(Map::new()));
            if let Some(inner) = inner.as_object_mut() {
                put(inner, rest, value);
            }
        }
    }
}
