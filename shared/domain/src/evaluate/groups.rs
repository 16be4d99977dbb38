//! Figures that look at many subjects at once: forced distributions, ranks, sums, shares of a sum of money.

use rust_decimal::Decimal;

use crate::case::Case;
use crate::expression::Node;
use crate::expression::eval::{At, Env, Evaluated, Fault, Read, Untraced};
use crate::money::{Money, round, settle, split_exact};
use crate::scheme::plan::{Body, Figure, FigureRule, Setting};
use crate::scheme::source::{Gathering, RankCount, Within};
use crate::value::{Kind, Symbol, Value};

/// Where everybody stood in a distribution or a ranking.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ranking {
    /// By row: 1 + how many are better.
    pub position: Vec<u32>,
    /// By row: how many were ranked together.
    pub among: Vec<u32>,
}

/// Categories whose bodies come from one declaration, so that their subjects are ranked together.
pub(super) struct Variant<'a> {
    pub categories: Vec<usize>,
    pub bodies: &'a [Option<Body>],
    pub body: &'a Body,
}

pub(super) fn variants(figure: &Figure) -> Vec<Variant<'_>> {
    let mut found: Vec<Variant> = Vec::new();
    for (category, body) in figure.bodies.iter().enumerate() {
        let Some(body) = body.as_ref().filter(|body| body.rule.looks_at_many()) else { continue };
        match found.iter_mut().find(|variant| variant.body.declared_at == body.declared_at) {
            Some(variant) => variant.categories.push(category),
            None => found.push(Variant { categories: vec![category], bodies: &figure.bodies, body }),
        }
    }
    found
}

/// Rows of the subjects concerned: of these categories, and not excluded.
pub(super) fn members(env: &Env, kind: Kind, categories: &[usize]) -> Vec<u32> {
    let subjects = env.case.of(kind);
    let rows = (0_u32..).take(subjects.len());
    rows.filter(|row| {
        let row = *row as usize;
        let counted = kind != Kind::People || env.excluded.get(row).copied().flatten().is_none();
        counted && categories.contains(&subjects.category_of(row))
    })
    .collect()
}

type Faults = Vec<(usize, Box<Fault>)>;

#[allow(clippy::too_many_arguments, reason = "the figure, its members and where results go")]
pub(super) fn compute(
    env: &Env,
    figure: u16,
    kind: Kind,
    variant: &Variant,
    members: &[u32],
    column: &mut [Value],
    faults: &mut Faults,
    ranking: &mut Option<Ranking>,
) {
    match &variant.body.rule {
        FigureRule::Quota { within, shares, .. } => {
            let members = &without_kept(env, figure, kind, members);
            let by = |body: &Body| if let FigureRule::Quota { by, .. } = &body.rule { Some(by.clone()) } else { None };
            let (groups, keys) = ranked(env, kind, variant, members, *within, by, faults);
            let Some(cuts) = cuts(env, *shares) else {
                let pointer = env.scheme.parameters.get(usize::from(*shares)).map_or("", |parameter| &parameter.name);
                let fault = Fault::missing(format!("/parameters/{pointer}"));
                return faults.extend(members.first().map(|row| (*row as usize, fault)));
            };
            let standing = ranking.get_or_insert_with(|| blank(column.len()));
            for group in groups {
                distribute(&group, &keys, &cuts, column, standing);
            }
            place_kept(env, figure, kind, variant, column, faults);
        }
        FigureRule::Rank { within, count, .. } => {
            let by = |body: &Body| if let FigureRule::Rank { by, .. } = &body.rule { Some(by.clone()) } else { None };
            let (groups, keys) = ranked(env, kind, variant, members, *within, by, faults);
            let standing = ranking.get_or_insert_with(|| blank(column.len()));
            for group in groups {
                rank(env, kind, variant, &group, &keys, *count, column, faults, standing);
            }
        }
        FigureRule::Gather { of, how, .. } => {
            for row in members {
                let row = *row as usize;
                let body = variant.bodies.get(env.case.of(kind).category_of(row)).and_then(Option::as_ref);
                let value = body.map(|body| gather(env, kind, body, *of, *how, row));
                store(value, row, column, faults);
            }
        }
        FigureRule::Split { within, .. } => {
            for group in grouped(env, kind, members, *within, faults) {
                split(env, kind, variant, &group, column, faults);
            }
        }
        FigureRule::Formula(_) | FigureRule::Bands { .. } => {}
    }
}

/// Those who are ranked: all but whoever is placed by kept cut-offs.
fn without_kept(env: &Env, figure: u16, kind: Kind, members: &[u32]) -> Vec<u32> {
    let kept = |row: &u32| kind == Kind::People && env.case.cut_offs.contains_key(&(figure, *row));
    if env.case.cut_offs.is_empty() {
        members.to_vec()
    } else {
        members.iter().copied().filter(|row| !kept(row)).collect()
    }
}

/// The best grade whose lowest score is reached, else the worst that anybody had.
fn place_kept(env: &Env, figure: u16, kind: Kind, variant: &Variant, column: &mut [Value], faults: &mut Faults) {
    let kept = env.case.cut_offs.iter().filter(|((of, _), _)| *of == figure && kind == Kind::People);
    for ((_, row), cut_offs) in kept {
        let row = *row as usize;
        let body = variant.bodies.get(env.case.of(kind).category_of(row)).and_then(Option::as_ref);
        let ours = body.filter(|body| body.declared_at == variant.body.declared_at);
        let Some(FigureRule::Quota { by, .. }) = ours.map(|body| &body.rule) else { continue };
        match env.number(by, At::subject(kind, row), &mut Untraced) {
            Ok(score) => {
                let reached = cut_offs.iter().find(|(_, from)| settle(score) >= settle(*from)).or(cut_offs.last());
                if let (Some((grade, _)), Some(cell)) = (reached, column.get_mut(row)) {
                    *cell = Value::Text(*grade);
                }
            }
            Err(fault) => faults.push((row, fault)),
        }
    }
}

fn blank(rows: usize) -> Ranking {
    Ranking { position: vec![0; rows], among: vec![0; rows] }
}

fn store(value: Option<Evaluated<Value>>, row: usize, column: &mut [Value], faults: &mut Faults) {
    match (value, column.get_mut(row)) {
        (Some(Ok(value)), Some(cell)) => *cell = value,
        (Some(Err(fault)), _) => faults.push((row, fault)),
        _ => {}
    }
}

/// Members by group, each group in the order of its rows.
fn grouped(env: &Env, kind: Kind, members: &[u32], within: Within, faults: &mut Faults) -> Vec<Vec<u32>> {
    let subjects = env.case.of(kind);
    let count = match within {
        Within::Company => 1,
        Within::Category => env.scheme.source.category_count(kind),
        Within::Unit => env.case.of(Kind::Units).len(),
    };
    let mut groups: Vec<Vec<u32>> = vec![Vec::new(); count];
    for member in members {
        let row = *member as usize;
        let group = match within {
            Within::Company => Some(0),
            Within::Category => Some(subjects.category_of(row)),
            Within::Unit if kind == Kind::Units => Some(row),
            Within::Unit => subjects.unit_of(row),
        };
        match group.and_then(|group| groups.get_mut(group)) {
            Some(group) => group.push(*member),
            None => faults.push((row, Fault::missing(format!("{}/unit", Case::pointer(kind, row))))),
        }
    }
    groups
}

/// Groups best first, and each row's number as a whole number of one scale.
fn ranked(
    env: &Env,
    kind: Kind,
    variant: &Variant,
    members: &[u32],
    within: Within,
    by: impl Fn(&Body) -> Option<Node>,
    faults: &mut Faults,
) -> (Vec<Vec<u32>>, Vec<i128>) {
    let nodes: Vec<Option<Node>> = variant.bodies.iter().map(|body| body.as_ref().and_then(&by)).collect();
    let subjects = env.case.of(kind);
    let mut numbers = vec![Decimal::ZERO; subjects.len()];
    let mut whole = Vec::with_capacity(members.len());
    for member in members {
        let row = *member as usize;
        let Some(Some(node)) = nodes.get(subjects.category_of(row)) else { continue };
        match env.number(node, At::subject(kind, row), &mut Untraced) {
            Ok(number) => {
                if let Some(cell) = numbers.get_mut(row) {
                    *cell = settle(number);
                }
                whole.push(*member);
            }
            Err(fault) => faults.push((row, fault)),
        }
    }
    let keys = keys(&numbers);
    let key = |row: &u32| keys.get(*row as usize).copied().unwrap_or_default();
    let mut groups = grouped(env, kind, &whole, within, faults);
    for group in &mut groups {
        group.sort_by_key(|row| std::cmp::Reverse(key(row)));
    }
    (groups, keys)
}

/// Decimals as whole numbers of one scale, which compare fast.
fn keys(numbers: &[Decimal]) -> Vec<i128> {
    let scale = numbers.iter().map(Decimal::scale).max().unwrap_or(0);
    let key = |number: &Decimal| {
        let factor = 10_i128.checked_pow(scale - number.scale());
        factor.and_then(|factor| number.mantissa().checked_mul(factor))
    };
    let exact: Option<Vec<i128>> = numbers.iter().map(key).collect();
    exact.unwrap_or_else(|| {
        let mut order: Vec<&Decimal> = numbers.iter().collect();
        order.sort();
        order.dedup();
        let place = |number: &Decimal| order.binary_search(&number).unwrap_or_default();
        numbers.iter().map(|number| i128::try_from(place(number)).unwrap_or_default()).collect()
    })
}

/// Grades (or other codes), best first, with their cumulative shares in per cent.
fn cuts(env: &Env, shares: u16) -> Option<Vec<(Symbol, Decimal)>> {
    let Some(Some(Setting::Table(table))) = env.case.settings.get(usize::from(shares)) else { return None };
    let mut cumulative = Decimal::ZERO;
    let mut cuts = Vec::new();
    let source = &env.scheme.source;
    for grade in source.grades.iter().chain(&source.codes) {
        let symbol = env.scheme.symbols.find(&grade.code)?;
        if let Some((_, share)) = table.iter().find(|(key, _)| *key == symbol) {
            cumulative = cumulative.checked_add(*share)?;
            cuts.push((symbol, cumulative));
        }
    }
    Some(cuts)
}

/// Gives out grades by place: up to round(c·n) people, and those who tie with the last of them.
fn distribute(group: &[u32], keys: &[i128], cuts: &[(Symbol, Decimal)], column: &mut [Value], standing: &mut Ranking) {
    let count = Decimal::from(group.len());
    let places = |share: Decimal| round(share * count / Decimal::ONE_HUNDRED, 0);
    let ends: Vec<(Symbol, usize)> =
        cuts.iter().map(|(grade, share)| (*grade, usize::try_from(places(*share)).unwrap_or(usize::MAX))).collect();
    let among = u32::try_from(group.len()).unwrap_or(u32::MAX);
    let mut first_of_tie = 0;
    let mut last_key = None;
    for (place, row) in group.iter().enumerate() {
        let row = *row as usize;
        let key = keys.get(row).copied();
        if key != last_key {
            first_of_tie = place;
            last_key = key;
        }
        let grade = ends.iter().find(|(_, end)| first_of_tie < *end).or(ends.last());
        if let (Some((grade, _)), Some(cell)) = (grade, column.get_mut(row)) {
            *cell = Value::Text(*grade);
        }
        stand(standing, row, first_of_tie, among);
    }
}

fn stand(standing: &mut Ranking, row: usize, better: usize, among: u32) {
    if let (Some(position), Some(of)) = (standing.position.get_mut(row), standing.among.get_mut(row)) {
        *position = u32::try_from(better + 1).unwrap_or(u32::MAX);
        *of = among;
    }
}

#[allow(clippy::too_many_arguments, reason = "the group, its keys and where results go")]
fn rank(
    env: &Env,
    kind: Kind,
    variant: &Variant,
    group: &[u32],
    keys: &[i128],
    count: RankCount,
    column: &mut [Value],
    faults: &mut Faults,
    standing: &mut Ranking,
) {
    let key = |row: usize| keys.get(row).copied().unwrap_or_default();
    let mut counted = Vec::with_capacity(group.len());
    for row in group {
        let row = *row as usize;
        let body = variant.bodies.get(env.case.of(kind).category_of(row)).and_then(Option::as_ref);
        let among = match body.map(|body| &body.rule) {
            Some(FigureRule::Rank { among: Some(among), .. }) => {
                env.truth(among, At::subject(kind, row), &mut Untraced)
            }
            _ => Ok(true),
        };
        match among {
            Ok(true) => counted.push(key(row)),
            Ok(false) => {}
            Err(fault) => faults.push((row, fault)),
        }
    }
    let among = u32::try_from(counted.len()).unwrap_or(u32::MAX);
    for row in group {
        let row = *row as usize;
        let better = counted.partition_point(|other| *other > key(row));
        let value = match count {
            RankCount::Better => better + 1,
            RankCount::NotBetter => counted.len() - better,
        };
        if let Some(cell) = column.get_mut(row) {
            *cell = Value::Number(Decimal::from(value));
        }
        stand(standing, row, better, among);
    }
}

fn gather(env: &Env, kind: Kind, body: &Body, of: Kind, how: Gathering, row: usize) -> Evaluated<Value> {
    let FigureRule::Gather { value: nodes, .. } = &body.rule else { return Ok(Value::Absent) };
    let subjects = env.case.of(of);
    let members = env.gathered.members(kind, of, row);
    let mut sum = Decimal::ZERO;
    let mut distinct: Vec<Value> = Vec::new();
    for member in members.iter().map(|member| *member as usize) {
        let Some(Some(node)) = nodes.get(subjects.category_of(member)) else { continue };
        match (how, env.value(node, At::subject(of, member), &mut Untraced)?) {
            (Gathering::Count, Value::Flag(false) | Value::Absent) => {}
            (Gathering::Count, _) => sum += Decimal::ONE,
            (Gathering::Sum, Value::Number(number)) => {
                sum = sum
                    .checked_add(number)
                    .ok_or_else(|| Fault::at(Case::pointer(kind, row), "overflow", "the sum is too large"))?;
            }
            (Gathering::Distinct, value) if value != Value::Absent && !distinct.contains(&value) => {
                distinct.push(value)
            }
            _ => {}
        }
    }
    Ok(Value::Number(if how == Gathering::Distinct { Decimal::from(distinct.len()) } else { sum }))
}

fn split(env: &Env, kind: Kind, variant: &Variant, group: &[u32], column: &mut [Value], faults: &mut Faults) {
    let subjects = env.case.of(kind);
    let mut order: Vec<usize> = group.iter().map(|row| *row as usize).collect();
    order.sort_by(|a, b| subjects.id(*a).cmp(subjects.id(*b)));
    let mut weights = Vec::with_capacity(order.len());
    let mut pool = None;
    for row in &order {
        let body = variant.bodies.get(subjects.category_of(*row)).and_then(Option::as_ref);
        let Some(FigureRule::Split { pool: whole, weight, .. }) = body.map(|body| &body.rule) else { continue };
        let at = At::subject(kind, *row);
        let found = env.number(weight, at, &mut Untraced).and_then(|weight| {
            let whole = if pool.is_none() { Some(env.number(whole, at, &mut Untraced)?) } else { pool };
            Ok((weight, whole))
        });
        match found {
            Ok((weight, whole)) => {
                weights.push(weight);
                pool = whole;
            }
            Err(fault) => return faults.push((*row, fault)),
        }
    }
    let Some(first) = order.first() else { return };
    match split_exact(Money::new(pool.unwrap_or_default()), &weights) {
        Some(shares) => {
            for (row, share) in order.iter().zip(shares) {
                if let Some(cell) = column.get_mut(*row) {
                    *cell = Value::Number(share.amount());
                }
            }
        }
        None => faults
            .push((*first, Fault::at(Case::pointer(kind, *first), "overflow", "the sum cannot be shared exactly"))),
    }
}

/// The shares of a distribution, for its explanation.
pub(super) fn shares_read(env: &Env, shares: u16) -> Vec<Read> {
    match env.case.settings.get(usize::from(shares)) {
        Some(Some(Setting::Table(table))) => {
            let read = |(key, value): &(Symbol, Decimal)| Read::Parameter {
                parameter: shares,
                key: Some(*key),
                value: *value,
            };
            table.iter().map(read).collect()
        }
        _ => Vec::new(),
    }
}
