//! What is computed: everything that is known of the subjects of some units, in the form of a case.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use basics::money::parse_plain;
use domain::Kind as DomainKind;
use domain::case::{FigureMove, PastResult, PersonInputs, UnitInputs};
use domain::scheme::InputView;
use domain::scheme::source::InputKind;
use events::{Row, Subject};
use platform::{Problem, Result, Tx};
use serde_json::{Value, json};

use crate::assignments::assignment::{Assignment, ByPlace, at};
use crate::assignments::needs::{Desk, Desks};
use crate::assignments::rows as assignments;
use crate::cycles::cycle::Cycle;
use crate::engine::Scheme;
use crate::engine::computing::{Ground, Member, Piece};
use crate::engine::form::{Place, rows_of};
use crate::entries::entry::Entry;
use crate::entries::rows as entries;
use crate::facts::combining::counting;
use crate::facts::rows::{self as facts, Fact};
use crate::grouping::grouped;
use crate::history::past::{self, History};
use crate::history::rows as history;
use crate::moves::figure_move::Moved;
use crate::moves::rows as moves;
use crate::sheets::rows as sheets;
use crate::sheets::sheet::Sheet;
use crate::subjects::rows as subjects;
use crate::subjects::subject::{Appraised, Kind, Standing};

/// The piece that stands for the whole company.
pub const WHOLE: &str = "*";

type Items = BTreeMap<String, BTreeMap<String, Value>>;
type Lists = BTreeMap<String, Vec<BTreeMap<String, Value>>>;

/// What computations of a cycle stand on now.
pub async fn ground(tx: &mut Tx, cycle: &Cycle) -> Result<Ground> {
    let mut of_company = cycle.facts_of_company();
    of_company.extend(facts::of_company(tx, cycle.id).await?);
    Ok(cycle.ground(of_company))
}

/// The units of some pieces and their people, with what is known of them now; of facts more than the scheme uses.
pub async fn load(tx: &mut Tx, cycle: &Cycle, pieces: &[String]) -> Result<Piece> {
    let codes = if pieces.iter().any(|piece| piece == WHOLE) { None } else { Some(pieces) };
    let scheme = cycle.scheme()?;
    let about = subjects::computed(tx, cycle.id, codes).await?;
    let all_units = subjects::units(tx, cycle.id, codes).await?;
    let known = Known {
        scheme: &scheme,
        sheets: grouped(sheets::of_units(tx, cycle.id, codes).await?, Sheet::key),
        forms: grouped(assignments::submitted(tx, cycle.id, codes).await?, Assignment::key),
        facts: grouped(facts::of_units(tx, cycle.id, codes).await?, |fact| fact.kind.subject(&fact.subject)),
        entries: grouped(entries::of_units(tx, cycle.id, codes).await?, |entry| entry.kind.subject(&entry.subject)),
        moves: grouped(moves::of_units(tx, cycle.id, codes).await?, Moved::key),
        history: earlier(tx, cycle, &scheme, &about).await?,
    };
    let mut desks = Desks::of(&scheme, &cycle.parameters);
    let has_units = scheme.plain().has_units();
    let (units, people): (Vec<&Appraised>, Vec<&Appraised>) = about.iter().partition(|one| one.kind == Kind::Unit);
    let units: Vec<&Appraised> = units.into_iter().filter(|_| has_units).collect();
    let unit_of: HashMap<&str, &str> =
        people.iter().map(|person| (person.subject.as_str(), person.unit.as_str())).collect();
    let led: HashMap<&str, &Appraised> =
        all_units.iter().rev().flat_map(|unit| unit.heads().map(move |head| (head, unit))).collect();
    let appraised: HashSet<&str> = units.iter().map(|unit| unit.subject.as_str()).collect();
    let mut piece = Piece::default();
    for unit in &units {
        let gathered = known.gather(&mut desks, unit);
        // A head who stands in another piece is nobody's case here.
        let among = |head: &Option<String>| {
            let stands_in = unit_of.get(head.as_deref()?)?;
            head.clone().filter(|_| codes.is_none() || *stands_in == unit.subject)
        };
        let inputs = UnitInputs {
            code: unit.subject.clone(),
            category: scheme.category(DomainKind::Units, unit.category.as_deref()).map(str::to_owned),
            score: gathered.score,
            head: among(&unit.head),
            co_head: among(&unit.co_head),
            facts: gathered.facts,
            items: gathered.items,
            lists: gathered.lists,
            history: known.history.get(&unit.key()).cloned().unwrap_or_default(),
            weights: gathered.weights,
            moves: known.moves_of(unit),
        };
        piece.units.push(member(unit, gathered.edition, inputs));
    }
    for person in people {
        let gathered = known.gather(&mut desks, person);
        let inputs = PersonInputs {
            number: person.subject.clone(),
            unit: Some(person.unit.clone()).filter(|unit| appraised.contains(unit.as_str())),
            category: scheme.category(DomainKind::People, person.category.as_deref()).map(str::to_owned),
            hired_on: person.hired_on,
            left_on: person.left_on,
            facts: gathered.facts,
            pay: BTreeMap::new(),
            items: gathered.items,
            lists: gathered.lists,
            history: known.history_of(person, led.get(person.subject.as_str()).copied()),
            weights: gathered.weights,
            moves: known.moves_of(person),
        };
        piece.people.push(member(person, gathered.edition, inputs));
    }
    Ok(piece)
}

fn member<Inputs>(about: &Appraised, edition: i32, inputs: Inputs) -> Member<Inputs> {
    let (name, unit) = (about.name.clone(), about.unit.clone());
    Member { name, unit, superior: about.superior.clone(), edition, inputs }
}

/// Earlier results, as far as the cadence looks at them.
async fn earlier(tx: &mut Tx, cycle: &Cycle, scheme: &Scheme, about: &[Appraised]) -> Result<History> {
    let mut history = History::new();
    let period = cycle.period()?;
    let last_day = period.last_day();
    for (kind, of) in [(Kind::Person, DomainKind::People), (Kind::Unit, DomainKind::Units)] {
        let needs = scheme.history_needs(of);
        let wanted: Vec<Subject> = about.iter().filter(|one| one.kind == kind).map(Appraised::key).collect();
        if wanted.is_empty() || !(needs.score || needs.grade || needs.months_of_period) {
            continue;
        }
        let monthly = scheme
            .plain()
            .cadences()
            .iter()
            .filter(|cadence| needs.months_of_period && cadence.form == domain::period::Form::Month);
        let mut cadences: Vec<String> = monthly.map(|cadence| cadence.code.clone()).collect();
        cadences.push(cycle.cadence.clone());
        let found = history::of_subjects(tx, &cycle.scheme_code, &cadences, cycle.id, &wanted).await?;
        history.extend(past::before(found, &period, last_day, &scheme.grades()));
    }
    Ok(history)
}

/// Everything that is known of the subjects of some units.
struct Known<'s> {
    scheme: &'s Scheme,
    sheets: HashMap<Subject, Vec<Sheet>>,
    forms: HashMap<Subject, Vec<Assignment>>,
    facts: HashMap<Subject, Vec<Fact>>,
    entries: HashMap<Subject, Vec<Entry>>,
    moves: HashMap<Subject, Vec<Moved>>,
    history: History,
}

/// What was gathered of one subject.
struct Gathered {
    edition: i32,
    score: Option<rust_decimal::Decimal>,
    facts: BTreeMap<String, Value>,
    items: Items,
    lists: Lists,
    weights: Option<BTreeMap<String, rust_decimal::Decimal>>,
}

impl Known<'_> {
    fn gather(&self, desks: &mut Desks<'_>, about: &Appraised) -> Gathered {
        let key = about.key();
        let sheet = self.sheets.get(&key).and_then(|sheets| sheets.first());
        let forms = self.forms.get(&key).map(Vec::as_slice).unwrap_or_default();
        let entered = self.facts.get(&key).map(Vec::as_slice).unwrap_or_default();
        let recorded = self.entries.get(&key).map(Vec::as_slice).unwrap_or_default();
        let desk = desks.desk(about, sheet);
        let mut facts = about.facts();
        let mut score = None;
        let mut of_items: BTreeMap<(&str, &str), Value> = BTreeMap::new();
        for (path, value) in counting(self.scheme, about.kind.domain(), about.category.as_deref(), entered) {
            match path.split('.').collect::<Vec<_>>().as_slice() {
                ["fact", name] => drop(facts.insert((*name).to_owned(), value)),
                ["score"] => score = value.as_str().and_then(parse_plain),
                ["item", item, input] => drop(of_items.insert((*item, *input), value)),
                _ => {}
            }
        }
        let given = forms.iter().map(|form| (form.rater_column.as_str(), form.given())).collect();
        let filled = Filled { desk: &desk, given, of_items };
        let weights = sheet.map(Sheet::weights).filter(|weights| !weights.is_empty());
        let mut lists = filled.lists();
        for entry in recorded {
            let cells = entry.cells.as_object().map(|cells| cells.clone().into_iter().collect()).unwrap_or_default();
            lists.entry(entry.list.clone()).or_default().push(cells);
        }
        Gathered {
            edition: sheet.map_or(1, |sheet| sheet.edition),
            score,
            facts,
            items: if about.standing == Standing::In { filled.items() } else { Items::new() },
            lists,
            weights,
        }
    }

    fn moves_of(&self, about: &Appraised) -> Vec<FigureMove> {
        self.moves.get(&about.key()).into_iter().flatten().map(Moved::told).collect()
    }

    /// A head's own history is what they received; of one who began to lead in the time that is looked at there is none,
    /// of one who led before it the unit's stands.
    fn history_of(&self, person: &Appraised, led: Option<&Appraised>) -> Option<Vec<PastResult>> {
        if let Some(own) = self.history.get(&person.key()) {
            return Some(own.clone());
        }
        let unit = led?;
        let since = unit.head_since?;
        let first = self.history.get(&unit.key())?.iter().map(|past| past.period.first_day()).min()?;
        (since > first).then(Vec::new)
    }
}

/// The forms of a subject, put together as a case has them.
struct Filled<'a> {
    desk: &'a Desk<'a>,
    /// What was given, by the kind of rater.
    given: Vec<(&'a str, ByPlace<Value>)>,
    of_items: BTreeMap<(&'a str, &'a str), Value>,
}

impl Filled<'_> {
    fn items(&self) -> Items {
        let mut items = Items::new();
        for item in self.desk.form.items().iter().filter(|item| !self.desk.off.contains(&item.code)) {
            let place = Place::Item(item);
            let rows = rows_of(&self.desk.rows, &item.code);
            let mut values = self.values(place, None);
            if !rows.is_empty() {
                let row = |(no, row): (usize, &&Row)| {
                    let mut cells = self.values(place, Some(no));
                    cells.insert("weight".to_owned(), json!(row.weight));
                    json!(cells)
                };
                values.insert("rows".to_owned(), rows.iter().enumerate().map(row).collect());
            }
            if !values.is_empty() {
                items.insert(item.code.clone(), values);
            }
        }
        items
    }

    fn lists(&self) -> Lists {
        let mut lists = Lists::new();
        for list in &self.desk.form.lists {
            let rows = rows_of(&self.desk.rows, &list.key);
            let declared: BTreeSet<&str> = list.columns.iter().map(|column| column.name.as_str()).collect();
            let row = |(no, row): (usize, &&Row)| {
                let mut cells = self.values(Place::List(list), Some(no));
                let said = [
                    ("title", Some(json!(row.title))),
                    ("weight", Some(json!(row.weight))),
                    ("measure", row.measure.as_ref().map(|measure| json!(measure))),
                    ("target", row.target.as_ref().map(|target| json!(target))),
                    ("due", row.due.map(|due| json!(due))),
                ];
                for (name, value) in said.into_iter().filter(|(name, _)| declared.contains(name)) {
                    cells.extend(value.map(|value| (name.to_owned(), value)));
                }
                cells
            };
            if !rows.is_empty() {
                lists.insert(list.key.clone(), rows.iter().enumerate().map(row).collect());
            }
        }
        lists
    }

    /// What is given in a place, or in a row of it.
    fn values(&self, place: Place<'_>, row: Option<usize>) -> BTreeMap<String, Value> {
        let value = |input: &InputView| Some((input.name.clone(), self.value(place, row, input)?));
        place.inputs().iter().filter_map(value).collect()
    }

    fn value(&self, place: Place<'_>, row: Option<usize>, input: &InputView) -> Option<Value> {
        let Some(column) = &input.column else {
            let of_item = self.of_items.get(&(place.code(), input.name.as_str()));
            return of_item.filter(|_| row.is_none()).cloned();
        };
        let of_column = self.given.iter().filter(|(name, _)| name == column);
        let given: Vec<Value> =
            of_column.filter_map(|(_, given)| at(given, place.code(), row, &input.name).cloned()).collect();
        let rater = self.desk.form.rater(column)?;
        if !rater.many {
            return given.into_iter().next();
        }
        // Fewer raters than the scheme asks for are none.
        if given.is_empty() || rater.at_least.is_some_and(|least| given.len() < least) {
            return None;
        }
        match input.kind {
            InputKind::Flag => Some(Value::Bool(given.contains(&Value::Bool(true)))),
            _ if input.many => Some(Value::Array(given)),
            _ => given.into_iter().next(),
        }
    }
}

/// What raters of some kinds gave about a subject, by the paths that corrections have; null where they gave nothing.
pub fn given_by(desk: &Desk<'_>, forms: &[&Assignment], columns: &[&str]) -> Vec<(String, Value)> {
    let given = forms.iter().map(|form| (form.rater_column.as_str(), form.given())).collect();
    let filled = Filled { desk, given, of_items: BTreeMap::new() };
    let mut all = Vec::new();
    let items = desk.form.items().iter().filter(|item| !desk.off.contains(&item.code)).map(Place::Item);
    for place in items.chain(desk.form.lists.iter().map(Place::List)) {
        let of_columns = |input: &&InputView| input.column.as_deref().is_some_and(|column| columns.contains(&column));
        for input in place.inputs().iter().filter(of_columns) {
            for row in desk.rows_in(place) {
                let (code, name) = (place.code(), &input.name);
                let path = match (place, row) {
                    (Place::Item(_), None) => format!("/items/{code}/{name}"),
                    (Place::Item(_), Some(row)) => format!("/items/{code}/rows/{row}/{name}"),
                    (Place::List(_), row) => format!("/{code}/{}/{name}", row.unwrap_or_default()),
                };
                all.push((path, filled.value(place, row, input).unwrap_or(Value::Null)));
            }
        }
    }
    all
}

/// The inputs of subjects as they are kept with their results.
pub fn kept<Inputs: serde::Serialize>(inputs: &Inputs) -> Result<String> {
    serde_json::to_string(inputs).map_err(Problem::internal)
}
