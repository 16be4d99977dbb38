//! Computes one column after another.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use rust_decimal::Decimal;

use super::formulas::{At, Env, Evaluated, Fault, Gathered, Untraced, overflow};
use super::groups::{self, Notes, Ranking, Sharing};
use super::{Evaluation, Phase};
use crate::case::{Case, Change, NO_CATEGORY};
use crate::expression::Node;
use crate::invalid::Invalid;
use crate::money::round;
use crate::say;
use crate::scheme::Scheme;
use crate::scheme::plan::{Band, Body, Check, Figure, FigureRule, Guide, Plan, Reference, Rule, Setting, references};
use crate::value::{Kind, Value};

pub(super) fn compute<'a>(
    scheme: &'a Scheme,
    case: &'a Case,
    phase: Phase,
    wanted: &dyn Fn() -> bool,
) -> Result<Evaluation<'a>, Invalid> {
    let plan = scheme
        .plan(case.cadence)
        .ok_or_else(|| Invalid::one("/cadence", "unknown_cadence", say!("没有该考核频次", "no such cadence")))?;
    let mut run = Run {
        scheme,
        plan,
        case,
        phase,
        columns: vec![Vec::new(); plan.figures.len()],
        excluded: vec![None; case.of(Kind::People).len()],
        rankings: vec![None; plan.figures.len()],
        sharings: vec![None; plan.figures.len()],
        faults: Faults::default(),
        gathered: Gathered::default(),
        unmoved: HashMap::new(),
        first_day: scheme.first_day(&case.period),
        last_day: scheme.last_day(&case.period),
    };
    run.exclude();
    run.gather();
    run.check(true);
    run.incomplete();
    for (at, figure) in plan.figures.iter().enumerate() {
        if !wanted() {
            return Err(Invalid::one("", "stopped", say!("已无人等待此结果", "nobody waits for this any more")));
        }
        run.figure(at, figure);
    }
    run.forget_probes();
    run.check(false);
    run.check_history();
    let mut hits = Vec::with_capacity(plan.rules.len());
    for rule in &plan.rules {
        let hit = run.rule(rule, &hits);
        hits.push(hit);
    }
    let to_leaders = run.give_to_leaders(&mut hits);
    let guide_warnings = run.guides();
    let mut invalid = Invalid::default();
    run.faults.tell(&mut invalid);
    invalid.into_result(Evaluation {
        scheme,
        plan,
        case,
        columns: run.columns,
        excluded: run.excluded,
        hits,
        to_leaders,
        guide_warnings,
        rankings: run.rankings,
        sharings: run.sharings,
        gathered: run.gathered,
        unmoved: run.unmoved,
        first_day: run.first_day,
        last_day: run.last_day,
        rows: Default::default(),
        needed: OnceLock::new(),
        leaders: OnceLock::new(),
    })
}

/// The first exclusion of each person that can be told without earlier results; what cannot be told excludes nobody.
pub(super) fn standings(scheme: &Scheme, case: &Case) -> Vec<Option<String>> {
    let Some(plan) = scheme.plan(case.cadence) else { return Vec::new() };
    let env = Env {
        scheme,
        plan,
        case,
        columns: &[],
        excluded: &[],
        gathered: &Gathered::default(),
        probing: false,
        first_day: scheme.first_day(&case.period),
        last_day: scheme.last_day(&case.period),
    };
    let people = case.of(Kind::People);
    let applies = |row: usize, when: &Node| {
        let needs_history = references(when).contains(&Reference::Results);
        !needs_history && env.truth(when, At::subject(Kind::People, row), &mut Untraced).unwrap_or(false)
    };
    let of = |row: usize| {
        let category = people.category_of(row);
        let mut known = plan.exclusions.iter().filter(|one| one.when.get(category).is_some_and(Option::is_some));
        let found = known.find(|one| one.when.get(category).into_iter().flatten().any(|when| applies(row, when)));
        found.map(|exclusion| exclusion.code.clone())
    };
    (0..people.len()).map(of).collect()
}

/// What could not be computed, and whether anything that counts needed it.
#[derive(Default)]
struct Faults {
    all: Vec<Fault>,
    matter: Vec<bool>,
}

impl Faults {
    /// Notes a fault; one that only a lazy figure met does not matter yet.
    fn note(&mut self, fault: Fault, lazy: bool) -> u32 {
        if let Fault::Inherited(of) = fault {
            if let Some(matters) = self.matter.get_mut(of as usize) {
                *matters |= !lazy;
            }
            return of;
        }
        self.all.push(fault);
        self.matter.push(!lazy);
        u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX)
    }

    fn tell(&self, invalid: &mut Invalid) {
        let matter = || self.all.iter().zip(&self.matter).filter(|(_, matters)| **matters).map(|(fault, _)| fault);
        matter().filter(|fault| !fault.is_vague()).for_each(|fault| fault.tell(invalid));
        // That something is absent follows from what is told of the same subject to be missing.
        let mut vague = Invalid::default();
        matter().filter(|fault| fault.is_vague()).for_each(|fault| fault.tell(&mut vague));
        let told: BTreeSet<String> = invalid.errors.iter().map(|error| subject_of(&error.pointer)).collect();
        invalid.errors.extend(vague.errors.into_iter().filter(|error| !told.contains(&error.pointer)));
    }
}

/// The pointer of the subject below which something stands: `/employees/3` of `/employees/3/facts/late`.
fn subject_of(pointer: &str) -> String {
    pointer.split('/').take(3).collect::<Vec<_>>().join("/")
}

struct Run<'a> {
    scheme: &'a Scheme,
    plan: &'a Plan,
    case: &'a Case,
    phase: Phase,
    columns: Vec<Vec<Value>>,
    excluded: Vec<Option<u16>>,
    rankings: Vec<Option<Ranking>>,
    sharings: Vec<Option<Sharing>>,
    faults: Faults,
    gathered: Gathered,
    /// Of figures that were moved what they were before each move, by figure and row.
    unmoved: HashMap<(u16, u32), Vec<Value>>,
    first_day: jiff::civil::Date,
    last_day: jiff::civil::Date,
}

impl<'a> Run<'a> {
    fn env(&self) -> Env<'_> {
        Env {
            scheme: self.scheme,
            plan: self.plan,
            case: self.case,
            columns: &self.columns,
            excluded: &self.excluded,
            gathered: &self.gathered,
            probing: self.phase == Phase::Results,
            first_day: self.first_day,
            last_day: self.last_day,
        }
    }

    fn counts(&self, kind: Kind, row: usize) -> bool {
        kind != Kind::People || self.excluded.get(row).copied().flatten().is_none()
    }

    /// The first exclusion that applies to each person.
    fn exclude(&mut self) {
        if self.phase == Phase::Pay {
            for (row, exclusion) in &self.case.carried.excluded {
                if let Some(cell) = self.excluded.get_mut(*row as usize) {
                    *cell = Some(*exclusion);
                }
            }
            return self.need_categories();
        }
        let people = self.case.of(Kind::People);
        for row in 0..people.len() {
            let category = people.category_of(row);
            match self.exclusion_of(row, category) {
                Ok(found) => {
                    if let Some(cell) = self.excluded.get_mut(row) {
                        *cell = found;
                    }
                }
                Err(fault) => {
                    self.faults.note(*fault, false);
                }
            }
        }
        self.need_categories();
    }

    /// A rater who rated some items of somebody must have rated all of them, and rows of a list are whole.
    fn incomplete(&mut self) {
        for (kind, row, pointer, detail) in &self.case.incomplete {
            if self.counts(*kind, *row) {
                self.faults.note(*Fault::at(pointer, "missing", detail.clone()), false);
            }
        }
    }

    /// Only whoever is excluded may be without a category.
    fn need_categories(&mut self) {
        let people = self.case.of(Kind::People);
        let without = |row: &usize| people.category_of(*row) == NO_CATEGORY && self.counts(Kind::People, *row);
        for row in (0..people.len()).filter(without).collect::<Vec<_>>() {
            self.faults.note(*Fault::missing(format!("{}/category", Case::pointer(Kind::People, row))), false);
        }
    }

    /// Sorts people into their units, where some figure gathers them.
    fn gather(&mut self) {
        let gathers = |body: &Body| matches!(body.rule, FigureRule::Gather { .. });
        if !self.plan.figures.iter().flat_map(|figure| figure.bodies.iter().flatten()).any(gathers) {
            return;
        }
        let people = self.case.of(Kind::People);
        let units = self.case.of(Kind::Units).len();
        let mut gathered = Gathered { people_of_unit: vec![Vec::new(); units], ..Gathered::default() };
        gathered.units = (0_u32..).take(units).collect();
        gathered.people = (0_u32..).take(people.len()).filter(|row| self.counts(Kind::People, *row as usize)).collect();
        for row in &gathered.people {
            let unit = people.unit_of(*row as usize);
            if let Some(members) = unit.and_then(|unit| gathered.people_of_unit.get_mut(unit)) {
                members.push(*row);
            }
        }
        self.gathered = gathered;
    }

    /// Somebody without a category can only be excluded for a reason that holds in every category.
    fn exclusion_of(&self, row: usize, category: usize) -> Evaluated<Option<u16>> {
        let env = self.env();
        for (at, exclusion) in (0_u16..).zip(&self.plan.exclusions) {
            let when = match category {
                NO_CATEGORY => exclusion.when.iter().find(|_| exclusion.when.iter().all(Option::is_some)),
                _ => exclusion.when.get(category),
            };
            if let Some(Some(when)) = when
                && env.truth(when, At::subject(Kind::People, row), &mut Untraced)?
            {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    fn figure(&mut self, at: usize, figure: &'a Figure) {
        let rows = self.case.of(figure.kind).len();
        if self.phase == Phase::Results && figure.pay_dependent {
            return self.probe(at, figure, rows);
        }
        if !self.phase.computes(figure.pay_dependent) {
            let key = (figure.kind, u16::try_from(at).unwrap_or(u16::MAX));
            let carried = self.case.carried.columns.get(&key).filter(|_| self.phase == Phase::Pay);
            let mut column = carried.cloned().unwrap_or_default();
            if !column.is_empty() {
                column.resize(rows, Value::Absent);
            }
            self.put(at, column);
            return;
        }
        if figure.item && !figure.needed {
            return;
        }
        let mut column = self.row_by_row(figure, rows);
        if figure.bodies.iter().flatten().any(|body| body.rule.looks_at_many()) {
            self.grouped(at, figure, &mut column);
        }
        for ((_, row), value) in self.case.pins.iter().filter(|((of, _), _)| usize::from(*of) == at) {
            if let Some(cell) = column.get_mut(*row as usize) {
                *cell = *value;
            }
        }
        self.move_some(at, figure, &mut column);
        self.put(at, column);
    }

    /// Moves those whose figure somebody moved after it was computed; what is kept from an earlier ranking was moved then.
    fn move_some(&mut self, at: usize, figure: &'a Figure, column: &mut [Value]) {
        let case = self.case;
        let mut faults = Vec::new();
        for (key, moves) in
            case.moves.iter().filter(|(key, _)| usize::from(key.0) == at && !case.pins.contains_key(key))
        {
            let row = key.1 as usize;
            let body = figure.bodies.get(case.of(figure.kind).category_of(row)).and_then(Option::as_ref);
            let (Some(body), Some(cell)) = (body, column.get_mut(row)) else { continue };
            for one in moves {
                if matches!(*cell, Value::Absent | Value::Failed(_)) {
                    break;
                }
                self.unmoved.entry(*key).or_default().push(*cell);
                match (one.change, *cell) {
                    (Change::By(points), Value::Number(number)) => {
                        let at = At::subject(figure.kind, row);
                        let moved = number.checked_add(points).ok_or_else(|| overflow(at));
                        match moved.and_then(|number| finish(&self.env(), body, number, at)) {
                            Ok(number) => *cell = Value::Number(number),
                            Err(fault) => faults.push((row, fault)),
                        }
                    }
                    (Change::To(value), _) => *cell = value,
                    (Change::By(_), _) => {}
                }
            }
        }
        self.note_all(faults, figure.lazy, column);
    }

    /// Looks for what pay will miss of facts and parameters while it can still be given; what is found is not kept.
    fn probe(&mut self, at: usize, figure: &'a Figure, rows: usize) {
        let subjects = self.case.of(figure.kind);
        let mut column = vec![Value::Number(Decimal::ZERO); rows];
        let mut faults = Vec::new();
        let env = self.env();
        for (row, cell) in column.iter_mut().enumerate().filter(|(row, _)| self.counts(figure.kind, *row)) {
            let Some(Some(body)) = figure.bodies.get(subjects.category_of(row)) else { continue };
            let subject = At::subject(figure.kind, row);
            let found = match &body.rule {
                FigureRule::Split { pool, weight, .. } => [pool, weight]
                    .into_iter()
                    .try_fold(Value::Absent, |_, node| env.value(node, subject, &mut Untraced)),
                FigureRule::Formula(_) | FigureRule::Bands { .. } => compute_body(&env, body, subject),
                FigureRule::Quota { .. } | FigureRule::Rank { .. } | FigureRule::Gather { .. } => continue,
            };
            match found {
                Ok(value) if value != Value::Absent => *cell = value,
                Err(fault) if matches!(*fault, Fault::At { code: "missing", .. }) => faults.push(*fault),
                _ => {}
            }
        }
        for fault in faults {
            self.faults.note(fault, figure.lazy);
        }
        self.put(at, column);
    }

    fn forget_probes(&mut self) {
        if self.phase == Phase::Results {
            let dependent = self.columns.iter_mut().zip(&self.plan.figures).filter(|(_, figure)| figure.pay_dependent);
            dependent.for_each(|(column, _)| column.clear());
        }
    }

    fn put(&mut self, at: usize, column: Vec<Value>) {
        if let Some(slot) = self.columns.get_mut(at) {
            *slot = column;
        }
    }

    fn row_by_row(&mut self, figure: &'a Figure, rows: usize) -> Vec<Value> {
        let mut column = Vec::with_capacity(rows);
        let mut faults = Vec::new();
        let env = self.env();
        let subjects = self.case.of(figure.kind);
        for row in 0..rows {
            let body = figure.bodies.get(subjects.category_of(row)).and_then(Option::as_ref);
            let value = match body.filter(|_| self.counts(figure.kind, row)) {
                None => Value::Absent,
                Some(body) => compute_body(&env, body, At::subject(figure.kind, row)).unwrap_or_else(|fault| {
                    faults.push((row, fault));
                    Value::Absent
                }),
            };
            column.push(value);
        }
        self.note_all(faults, figure.lazy, &mut column);
        column
    }

    fn note_all(&mut self, faults: Vec<(usize, Box<Fault>)>, lazy: bool, column: &mut [Value]) {
        for (row, fault) in faults {
            let at = self.faults.note(*fault, lazy);
            if let Some(cell) = column.get_mut(row) {
                *cell = Value::Failed(at);
            }
        }
    }

    /// Figures that look at many subjects at once; each variant (by category) is a group of its own.
    fn grouped(&mut self, at: usize, figure: &'a Figure, column: &mut [Value]) {
        let mut faults = Vec::new();
        let mut notes = Notes::default();
        let env = self.env();
        for variant in groups::variants(figure) {
            let members: Vec<u32> = groups::members(&env, figure.kind, &variant.categories);
            groups::compute(
                &env,
                u16::try_from(at).unwrap_or(u16::MAX),
                figure.kind,
                &variant,
                &members,
                column,
                &mut faults,
                &mut notes,
            );
        }
        for (row, cell) in column.iter_mut().enumerate() {
            let category = self.case.of(figure.kind).category_of(row);
            let body = figure.bodies.get(category).and_then(Option::as_ref);
            let body = body.filter(|body| body.rule.looks_at_many());
            if let (Some(body), Value::Number(number)) = (body, *cell) {
                match finish(&env, body, number, At::subject(figure.kind, row)) {
                    Ok(number) => *cell = Value::Number(number),
                    Err(fault) => faults.push((row, fault)),
                }
            }
        }
        self.note_all(faults, figure.lazy, column);
        if let (Some(ranking), Some(sharing)) = (self.rankings.get_mut(at), self.sharings.get_mut(at)) {
            (*ranking, *sharing) = (notes.ranking, notes.sharing);
        }
    }

    fn check(&mut self, everybody: bool) {
        let checks = self.plan.checks.iter().filter(|check| check.everybody == everybody);
        for check in checks {
            if !self.phase.computes(check.pay_dependent) {
                continue;
            }
            let subjects = self.case.of(check.kind);
            for row in 0..subjects.len() {
                if !everybody && !self.counts(check.kind, row) {
                    continue;
                }
                for fault in self.complaints(check, row, subjects.category_of(row)) {
                    self.faults.note(fault, false);
                }
            }
        }
    }

    fn complaints(&self, check: &Check, row: usize, category: usize) -> Vec<Fault> {
        let env = self.env();
        let at = At::subject(check.kind, row);
        let mut found = Vec::new();
        for need in check.needs.get(category).into_iter().flatten() {
            if let Err(fault) = env.value(need, at, &mut Untraced) {
                found.push(*fault);
            }
        }
        if let Some(Some(must)) = check.must.get(category) {
            match env.truth(must, at, &mut Untraced) {
                Ok(true) => {}
                Ok(false) => {
                    let pointer = format!("{}{}", Case::pointer(check.kind, row), check.pointer);
                    found.push(*Fault::at(pointer, "not_allowed", check.says.clone()));
                }
                Err(fault) => found.push(*fault),
            }
        }
        found
    }

    /// Entries of the history have what the policy looks at.
    fn check_history(&mut self) {
        if self.phase == Phase::Pay {
            return;
        }
        for kind in [Kind::Units, Kind::People] {
            let uses = self.plan.history[kind.index()];
            if !(uses.score || uses.grade || uses.either) {
                continue;
            }
            let subjects = self.case.of(kind);
            let months = if uses.either { self.case.period.months() } else { Vec::new() };
            for row in (0..subjects.len()).filter(|row| self.counts(kind, *row)).collect::<Vec<_>>() {
                for past in subjects.history.of(row).iter().filter(|past| past.period.form() == self.case.period.form())
                {
                    let missing =
                        [(uses.score && past.score.is_none(), "score"), (uses.grade && past.grade.is_none(), "grade")];
                    for (_, name) in missing.iter().filter(|(missing, _)| *missing) {
                        let pointer = format!("{}/history/{}/{name}", Case::pointer(kind, row), past.given_at);
                        self.faults.note(*Fault::missing(pointer), false);
                    }
                }
                let looked_at = subjects.history.of(row).iter().filter(|past| months.contains(&past.period));
                for past in looked_at.filter(|past| past.score.is_none() && past.grade.is_none()) {
                    let pointer = format!("{}/history/{}", Case::pointer(kind, row), past.given_at);
                    self.faults.note(
                        *Fault::at(pointer, "missing", say!("缺少得分或等级", "score or grade is missing")),
                        false,
                    );
                }
            }
        }
    }

    /// For which rows a rule applies; of the rules of one group only the first does.
    fn rule(&mut self, rule: &Rule, before: &[Vec<bool>]) -> Vec<bool> {
        let subjects = self.case.of(rule.kind);
        let mut hits = vec![false; subjects.len()];
        // By whose history a rule goes is told apart further down.
        if rule.own_history || !self.phase.computes(rule.pay_dependent) {
            return hits;
        }
        let earlier: Vec<&Vec<bool>> = self.earlier_of_group(rule, before);
        let mut faults = Vec::new();
        let env = self.env();
        for (row, hit) in hits.iter_mut().enumerate() {
            let Some(Some(when)) = rule.when.get(subjects.category_of(row)) else { continue };
            let decided = earlier.iter().any(|hits| hits.get(row) == Some(&true));
            if decided || !self.counts(rule.kind, row) {
                continue;
            }
            match env.truth(when, At::subject(rule.kind, row), &mut Untraced) {
                Ok(applies) => *hit = applies,
                Err(fault) if matches!(*fault, Fault::Inherited(_)) => {}
                Err(fault) => faults.push((row, fault)),
            }
        }
        self.note_all(faults, false, &mut []);
        hits
    }

    /// Who gets what as the leader of a unit: of each rule, the unit and the person. Rules that go by the person's own
    /// history apply here first.
    fn give_to_leaders(&mut self, hits: &mut [Vec<bool>]) -> Vec<Vec<(usize, usize)>> {
        let plan = self.plan;
        let units = self.case.of(Kind::Units);
        let mut all = vec![Vec::new(); plan.rules.len()];
        for ((rule, hits), got) in plan.rules.iter().zip(hits).zip(&mut all).filter(|((rule, _), _)| rule.to_head) {
            for (unit, hit) in hits.iter_mut().enumerate() {
                let applies =
                    |run: &mut Self, person| if rule.own_history { run.applies_to(rule, unit, person) } else { *hit };
                let reached: Vec<usize> = units.leaders_of(unit).filter(|person| applies(self, *person)).collect();
                *hit |= !reached.is_empty();
                got.extend(reached.into_iter().map(|person| (unit, person)));
            }
        }
        all
    }

    /// Whether a rule applies to who leads a unit.
    fn applies_to(&mut self, rule: &Rule, unit: usize, person: usize) -> bool {
        let category = self.case.of(Kind::Units).category_of(unit);
        let Some(Some(when)) = rule.when.get(category).filter(|_| self.phase.computes(rule.pay_dependent)) else {
            return false;
        };
        match self.env().truth(when, leader_at(self.case, unit, person), &mut Untraced) {
            Ok(applies) => applies,
            Err(fault) if matches!(*fault, Fault::Inherited(_)) => false,
            Err(fault) => {
                self.faults.note(*fault, false);
                false
            }
        }
    }

    fn earlier_of_group<'h>(&self, rule: &Rule, before: &'h [Vec<bool>]) -> Vec<&'h Vec<bool>> {
        let Some(group) = &rule.first_of else { return Vec::new() };
        let same = |other: &Rule| other.kind == rule.kind && other.first_of.as_ref() == Some(group);
        before.iter().zip(&self.plan.rules).filter(|(_, other)| same(other)).map(|(hits, _)| hits).collect()
    }

    fn guides(&self) -> Vec<String> {
        let guides = self.plan.guides.iter().filter(|guide| self.phase.computes(guide.pay_dependent));
        guides.flat_map(|guide| self.guide(guide)).collect()
    }

    /// Grades of which there are more than the guide suggests.
    fn guide(&self, guide: &Guide) -> Vec<String> {
        let people = (0..self.case.of(Kind::People).len()).filter(|row| self.counts(Kind::People, *row));
        let column = self.columns.get(usize::from(guide.figure)).map_or(&[][..], |column| column);
        let graded: Vec<Value> =
            people.filter_map(|row| column.get(row).copied()).filter(|v| *v != Value::Absent).collect();
        let shares = match self.case.settings.get(usize::from(guide.shares)) {
            Some(Some(Setting::Table(shares))) if graded.len() >= guide.from_people => shares.as_slice(),
            _ => &[],
        };
        let all = Decimal::from(graded.len());
        let above = |grade: Value, share: Decimal| {
            let count = Decimal::from(graded.iter().filter(|value| **value == grade).count());
            count * Decimal::ONE_HUNDRED > share * all
        };
        let above = shares.iter().filter(|(grade, share)| above(Value::Text(*grade), *share));
        above.map(|(grade, _)| guide.warning.replace("{grade}", &self.scheme.symbols.text(*grade))).collect()
    }
}

/// A unit, seen with the earlier results of who leads it where they were given.
pub(super) fn leader_at(case: &Case, unit: usize, person: usize) -> At<'static> {
    let own = case.of(Kind::People).has_history(person);
    At { history: own.then_some((Kind::People, person)), ..At::subject(Kind::Units, unit) }
}

/// What a body yields for one subject.
pub(super) fn compute_body(env: &Env, body: &Body, at: At) -> Evaluated<Value> {
    match &body.rule {
        FigureRule::Formula(node) => match env.value(node, at, &mut Untraced)? {
            Value::Number(number) => finish(env, body, number, at).map(Value::Number),
            value => Ok(value),
        },
        FigureRule::Bands { of, rows } => {
            let number = env.number(of, at, &mut Untraced)?;
            Ok(band(rows, number))
        }
        _ => Ok(Value::Absent),
    }
}

/// The first band whose lower bound is reached.
pub(super) fn band(rows: &[Band], number: Decimal) -> Value {
    let number = crate::money::settle(number);
    let reached = rows.iter().find(|row| if row.inclusive { number >= row.bound } else { number > row.bound });
    reached.map_or(Value::Absent, |row| row.gives)
}

/// Cuts a number off at its bounds, then rounds it.
pub(super) fn finish(env: &Env, body: &Body, number: Decimal, at: At) -> Evaluated<Decimal> {
    let mut number = number;
    if let Some(max) = &body.max {
        number = number.min(env.number(max, at, &mut Untraced)?);
    }
    if let Some(min) = &body.min {
        number = number.max(env.number(min, at, &mut Untraced)?);
    }
    Ok(body.round.map_or(number, |places| round(number, places)))
}
