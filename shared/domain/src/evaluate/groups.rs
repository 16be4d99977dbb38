//! Figures that look at many subjects at once: forced distributions, ranks, sums, shares of a sum of money.

use rust_decimal::Decimal;

use super::formulas::{At, Env, Evaluated, Fault, Read, Untraced};
use crate::case::Case;
use crate::expression::Node;
use crate::money::{Money, parts_exact, round, settle};
use crate::say;
use crate::scheme::plan::{Body, Figure, FigureRule, Setting};
use crate::scheme::source::{Gathering, PlaceRounding, RankCount, TiedPlaces, Within};
use crate::value::{Kind, Symbol, Value};

/// Where everybody stood in a distribution or a ranking.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ranking {
    /// By row: 1 + how many are better.
    pub position: Vec<u32>,
    /// By row: how many were ranked together.
    pub among: Vec<u32>,
}

/// How sums of money were shared among those who share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sharing {
    /// By row: which pool, and what was found for it.
    pub of_row: Vec<Option<(usize, Portion)>>,
    pub pools: Vec<Pool>,
}

/// What one of those who share a pool had of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portion {
    pub weight: Decimal,
    /// One of the cents left over was given to them.
    pub cent: bool,
}

/// A sum of money that some share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pool {
    pub amount: Money,
    /// The sum of the weights.
    pub weights: Decimal,
    /// How many share it.
    pub among: usize,
    /// By which declaration of the figure.
    pub declared_at: usize,
    pub owner: Owner,
}

/// Whose sum it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Company,
    /// The unit in that row.
    Unit(usize),
    Category(usize),
}

/// What is noted beside the figures of a group.
#[derive(Default)]
pub(super) struct Notes {
    pub ranking: Option<Ranking>,
    pub sharing: Option<Sharing>,
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
    notes: &mut Notes,
) {
    match &variant.body.rule {
        FigureRule::Quota { within, shares, rounding, ties, .. } => {
            let members = &without_kept(env, figure, members);
            let by = |body: &Body| if let FigureRule::Quota { by, .. } = &body.rule { Some(by.clone()) } else { None };
            let (groups, keys) = ranked(env, kind, variant, members, *within, by, faults);
            let Some(cuts) = cuts(env, *shares) else {
                let pointer = env.scheme.parameters.get(usize::from(*shares)).map_or("", |parameter| &parameter.name);
                let fault = Fault::missing(format!("/parameters/{pointer}"));
                return faults.extend(members.first().map(|row| (*row as usize, fault)));
            };
            let among = |body: &Body| match &body.rule {
                FigureRule::Quota { among, .. } => among.clone(),
                _ => None,
            };
            let standing = notes.ranking.get_or_insert_with(|| blank(column.len()));
            for group in groups {
                let counted = counted(env, kind, variant, &group, &keys, among, faults);
                distribute(&group, &counted, &keys, &cuts, (*rounding, *ties), column, standing);
            }
            place_kept(env, figure, kind, variant, column, faults);
        }
        FigureRule::Rank { within, count, .. } => {
            let by = |body: &Body| if let FigureRule::Rank { by, .. } = &body.rule { Some(by.clone()) } else { None };
            let (groups, keys) = ranked(env, kind, variant, members, *within, by, faults);
            let among =
                |body: &Body| if let FigureRule::Rank { among, .. } = &body.rule { among.clone() } else { None };
            let standing = notes.ranking.get_or_insert_with(|| blank(column.len()));
            for group in groups {
                let counted = counted(env, kind, variant, &group, &keys, among, faults);
                rank(&group, &counted, &keys, *count, column, standing);
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
            let sharing =
                notes.sharing.get_or_insert_with(|| Sharing { of_row: vec![None; column.len()], pools: vec![] });
            for (at, group) in grouped(env, kind, members, *within, faults).into_iter().enumerate() {
                let owner = owner(*within, at);
                if group.is_empty() {
                    sharing.pools.extend(nobodys(env, kind, variant, owner));
                } else {
                    split(env, kind, variant, &group, owner, column, sharing, faults);
                }
            }
        }
        FigureRule::Formula(_) | FigureRule::Bands { .. } => {}
    }
}

/// Those who are ranked: all but whoever is placed by kept cut-offs.
fn without_kept(env: &Env, figure: u16, members: &[u32]) -> Vec<u32> {
    let kept =
        |row: &u32| env.case.cut_offs.contains_key(&(figure, *row)) || env.case.pins.contains_key(&(figure, *row));
    if env.case.cut_offs.is_empty() && env.case.pins.is_empty() {
        members.to_vec()
    } else {
        members.iter().copied().filter(|row| !kept(row)).collect()
    }
}

/// The best grade whose lowest score is reached, else the worst that anybody had.
fn place_kept(env: &Env, figure: u16, kind: Kind, variant: &Variant, column: &mut [Value], faults: &mut Faults) {
    let kept = env.case.cut_offs.iter().filter(|((of, _), _)| *of == figure);
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

/// Gives out grades by place. With cumulative shares c1 < c2 < … of n who are ranked, the first round(c1·n) have the
/// first grade, up to round(c2·n) the second; those who tie across an end have one grade, and use up places.
#[allow(clippy::too_many_arguments, reason = "the group, its keys, the rule and where results go")]
fn distribute(
    group: &[u32],
    counted: &[i128],
    keys: &[i128],
    cuts: &[(Symbol, Decimal)],
    (rounding, ties): (PlaceRounding, TiedPlaces),
    column: &mut [Value],
    standing: &mut Ranking,
) {
    let ends: Vec<(Symbol, usize)> =
        cuts.iter().map(|(grade, share)| (*grade, places(*share, counted.len(), rounding))).collect();
    let among = u32::try_from(counted.len()).unwrap_or(u32::MAX);
    for row in group {
        let row = *row as usize;
        let key = keys.get(row).copied().unwrap_or_default();
        let better = counted.partition_point(|other| *other > key);
        let last = counted.partition_point(|other| *other >= key).max(better + 1);
        let inside = |end: usize| match ties {
            TiedPlaces::Better => better < end,
            TiedPlaces::Worse => last <= end,
        };
        let grade = ends.iter().find(|(_, end)| inside(*end)).or(ends.last());
        if let (Some((grade, _)), Some(cell)) = (grade, column.get_mut(row)) {
            *cell = Value::Text(*grade);
        }
        stand(standing, row, better, among);
    }
}

/// How many of so many are within a share in per cent.
fn places(share: Decimal, count: usize, rounding: PlaceRounding) -> usize {
    let exact = share * Decimal::from(count) / Decimal::ONE_HUNDRED;
    let whole = match rounding {
        PlaceRounding::Nearest => round(exact, 0),
        PlaceRounding::Down => settle(exact).floor(),
        PlaceRounding::Up => settle(exact).ceil(),
    };
    usize::try_from(whole).unwrap_or(usize::MAX)
}

fn stand(standing: &mut Ranking, row: usize, better: usize, among: u32) {
    if let (Some(position), Some(of)) = (standing.position.get_mut(row), standing.among.get_mut(row)) {
        *position = u32::try_from(better + 1).unwrap_or(u32::MAX);
        *of = among;
    }
}

/// The keys of those of a group who use up places, best first.
fn counted(
    env: &Env,
    kind: Kind,
    variant: &Variant,
    group: &[u32],
    keys: &[i128],
    among: impl Fn(&Body) -> Option<Node>,
    faults: &mut Faults,
) -> Vec<i128> {
    let nodes: Vec<Option<Node>> = variant.bodies.iter().map(|body| body.as_ref().and_then(&among)).collect();
    let mut counted = Vec::with_capacity(group.len());
    for row in group {
        let row = *row as usize;
        let among = match nodes.get(env.case.of(kind).category_of(row)) {
            Some(Some(among)) => env.truth(among, At::subject(kind, row), &mut Untraced),
            _ => Ok(true),
        };
        match among {
            Ok(true) => counted.push(keys.get(row).copied().unwrap_or_default()),
            Ok(false) => {}
            Err(fault) => faults.push((row, fault)),
        }
    }
    counted
}

fn rank(
    group: &[u32],
    counted: &[i128],
    keys: &[i128],
    count: RankCount,
    column: &mut [Value],
    standing: &mut Ranking,
) {
    let among = u32::try_from(counted.len()).unwrap_or(u32::MAX);
    for row in group {
        let row = *row as usize;
        let key = keys.get(row).copied().unwrap_or_default();
        let better = counted.partition_point(|other| *other > key);
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
                sum = sum.checked_add(number).ok_or_else(|| {
                    Fault::at(Case::pointer(kind, row), "overflow", say!("总和过大", "the sum is too large"))
                })?;
            }
            (Gathering::Distinct, value) if value != Value::Absent && !distinct.contains(&value) => {
                distinct.push(value)
            }
            _ => {}
        }
    }
    Ok(Value::Number(if how == Gathering::Distinct { Decimal::from(distinct.len()) } else { sum }))
}

/// Whose pool the group in that place shares.
fn owner(within: Within, at: usize) -> Owner {
    match within {
        Within::Company => Owner::Company,
        Within::Unit => Owner::Unit(at),
        Within::Category => Owner::Category(at),
    }
}

/// The pool that nobody is there to share: asked of the unit or the company itself, whose sum it is.
fn nobodys(env: &Env, kind: Kind, variant: &Variant, owner: Owner) -> Option<Pool> {
    let body = match owner {
        Owner::Category(category) => variant
            .bodies
            .get(category)
            .and_then(Option::as_ref)
            .filter(|body| body.declared_at == variant.body.declared_at)?,
        Owner::Company | Owner::Unit(_) => variant.body,
    };
    let FigureRule::Split { pool, .. } = &body.rule else { return None };
    let mut of_category = false;
    pool.walk(&mut |node| of_category |= matches!(node, Node::Category));
    let at = match owner {
        Owner::Unit(_) if kind == Kind::Units => return None,
        Owner::Unit(row) => At::subject(Kind::Units, row),
        Owner::Company | Owner::Category(_) => At::subject(Kind::Company, 0),
    };
    let amount = if of_category { None } else { env.number(pool, at, &mut Untraced).ok() }?;
    let declared_at = body.declared_at;
    Some(Pool { amount: Money::new(amount), weights: Decimal::ZERO, among: 0, declared_at, owner })
}

#[allow(clippy::too_many_arguments, reason = "the group, whose pool it is and where results go")]
fn split(
    env: &Env,
    kind: Kind,
    variant: &Variant,
    group: &[u32],
    owner: Owner,
    column: &mut [Value],
    sharing: &mut Sharing,
    faults: &mut Faults,
) {
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
    let too_large = || {
        Fault::at(Case::pointer(kind, *first), "overflow", say!("总额无法精确分摊", "the sum cannot be shared exactly"))
    };
    let amount = Money::new(pool.unwrap_or_default());
    let sum = weights.iter().try_fold(Decimal::ZERO, |sum, weight| sum.checked_add(*weight));
    let (Some(sum), Some(parts)) = (sum, parts_exact(amount, &weights)) else {
        return faults.push((*first, too_large()));
    };
    let at = sharing.pools.len();
    let declared_at = variant.body.declared_at;
    sharing.pools.push(Pool { amount, weights: sum, among: order.len(), declared_at, owner });
    for ((row, part), weight) in order.iter().zip(parts).zip(weights) {
        if let (Some(cell), Some(noted)) = (column.get_mut(*row), sharing.of_row.get_mut(*row)) {
            *cell = Value::Number(part.amount.amount());
            *noted = Some((at, Portion { weight, cent: part.cent }));
        }
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
