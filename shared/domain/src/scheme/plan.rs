//! What a scheme means for one cadence: inputs with their slots, figures in the order in which they are computed.

use std::collections::HashMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::compile::Reach;
use super::source::{
    Bounds, Gathering, InputKind, Output, PlaceRounding, Purpose, RankCount, RaterPresence, TiedPlaces, Within,
};
use crate::Label;
use crate::expression::{Node, Rel, Type};
use crate::value::{Kind, Symbol, Value};

/// One cadence of a scheme, ready to compute.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    pub layouts: [Layout; 3],
    pub lists: [Vec<List>; 3],
    /// One for each category that has one.
    pub sheets: Vec<Sheet>,
    pub sheet_of: [Vec<Option<u16>>; 3],
    /// In the order of computation.
    pub figures: Vec<Figure>,
    pub exclusions: Vec<Exclusion>,
    pub rules: Vec<Rule>,
    pub guides: Vec<Guide>,
    pub checks: Vec<Check>,
    pub history: [HistoryUse; 3],
    /// Some figure ranks, sums or shares across units.
    pub company_wide: bool,
}

impl Plan {
    pub fn figure_named(&self, kind: Kind, name: &str) -> Option<u16> {
        let at = self.figures.iter().position(|figure| figure.kind == kind && &*figure.name == name)?;
        u16::try_from(at).ok()
    }

    /// The names of an item, one for each sheet that calls it otherwise.
    pub fn item_labels(&self, kind: Kind, code: &str) -> Vec<&Label> {
        let sheets = self.sheet_of[kind.index()].iter().flatten().filter_map(|at| self.sheets.get(usize::from(*at)));
        let items = sheets.flat_map(|sheet| &sheet.items).filter(|item| item.code == code);
        let mut labels: Vec<&Label> = items.map(|item| &item.label).collect();
        labels.dedup();
        labels
    }

    pub fn sheet(&self, kind: Kind, category: usize) -> Option<&Sheet> {
        let at = *self.sheet_of[kind.index()].get(category)?;
        self.sheets.get(usize::from(at?))
    }
}

/// What of its subjects' history a cadence looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct HistoryUse {
    pub score: bool,
    pub grade: bool,
    /// The mean over the months of the period is taken.
    pub months: bool,
    /// Months of the period are looked at by their grade or their score, whichever there is.
    pub either: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    pub slots: Vec<Slot>,
    pub by_path: HashMap<String, u16>,
}

/// One input of a subject.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    /// As formulas name it: `fact.target`.
    pub path: Arc<str>,
    /// Below the subject: `/facts/target`.
    pub pointer: String,
    pub spec: InputSpec,
    pub pay: bool,
}

/// What may be given for an input.
#[derive(Clone, Debug)]
pub(crate) struct InputSpec {
    /// How explanations name a column of a list.
    pub path: Arc<str>,
    pub name: String,
    pub label: Label,
    pub kind: InputKind,
    pub bounds: Bounds,
    pub choices: Vec<(String, Symbol)>,
    /// What people call the choices, in their order.
    pub labels: Vec<Label>,
    pub scale: Vec<(Symbol, Decimal)>,
    pub optional: bool,
    pub default: Value,
    pub signed: bool,
    pub many: bool,
    pub sum: Option<Decimal>,
    pub fields: Vec<InputSpec>,
}

#[derive(Clone, Debug)]
pub(crate) struct List {
    pub key: String,
    pub required: bool,
    pub max_rows: Option<usize>,
    pub columns: Vec<InputSpec>,
}

/// The sheet of one category.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    /// Index into the source's sheets.
    pub source: usize,
    pub items: Vec<Item>,
    /// The parameter that holds the weights.
    pub weights: Option<u16>,
    pub raters: Vec<Rater>,
    pub category: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Rater {
    pub name: String,
    pub presence: RaterPresence,
}

#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub code: String,
    pub label: Label,
    pub section: Option<String>,
    pub weight: Decimal,
    pub inputs: Vec<ItemInput>,
    /// It may have rows.
    pub rows: bool,
    pub stands: Stands,
}

/// Which items of a sheet take the place of which.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stands {
    /// It counts always.
    #[default]
    Alone,
    /// With rows it counts in place of the other items of its section; without them it does not.
    ForItsSection,
    /// It counts unless that item of the sheet has rows.
    Unless(u16),
}

#[derive(Clone, Debug)]
pub(crate) struct ItemInput {
    pub spec: InputSpec,
    pub slot: u16,
    /// The input is the points of the sheet's rater of that name.
    pub rater: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub kind: Kind,
    pub name: Arc<str>,
    pub ty: Type,
    /// How it is found, by category.
    pub bodies: Vec<Option<Body>>,
    pub pay_dependent: bool,
    pub lazy: bool,
    pub item: bool,
    /// Items: something reads its score.
    pub needed: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Body {
    /// Which declaration of the source it comes from.
    pub declared_at: usize,
    pub label: Label,
    /// As the scheme writes it.
    pub text: String,
    pub rule: FigureRule,
    pub round: Option<u32>,
    pub min: Option<Node>,
    pub max: Option<Node>,
    pub pay: bool,
    pub money: bool,
    pub output: Option<Output>,
    /// Everything that it can come to.
    pub reach: Reach,
}

#[derive(Clone, Debug)]
pub(crate) enum FigureRule {
    Formula(Node),
    Bands { of: Node, rows: Vec<Band> },
    Quota { by: Node, within: Within, shares: u16, among: Option<Node>, rounding: PlaceRounding, ties: TiedPlaces },
    Rank { by: Node, within: Within, among: Option<Node>, count: RankCount },
    Gather { of: Kind, how: Gathering, value: Vec<Option<Node>> },
    Split { pool: Node, weight: Node, within: Within },
}

impl FigureRule {
    /// Found from many subjects at once, not row by row.
    pub fn looks_at_many(&self) -> bool {
        !matches!(self, FigureRule::Formula(_) | FigureRule::Bands { .. })
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Band {
    pub bound: Decimal,
    pub inclusive: bool,
    pub gives: Value,
}

#[derive(Clone, Debug)]
pub(crate) struct Exclusion {
    pub code: String,
    pub when: Vec<Option<Node>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub kind: Kind,
    pub gives: Vec<String>,
    pub purpose: Purpose,
    pub text: String,
    pub when: Vec<Option<Node>>,
    pub first_of: Option<String>,
    pub to_head: bool,
    pub own_history: bool,
    pub pay_dependent: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Guide {
    pub figure: u16,
    pub shares: u16,
    pub from_people: usize,
    pub warning: String,
    pub pay_dependent: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Check {
    pub kind: Kind,
    pub needs: Vec<Vec<Node>>,
    pub must: Vec<Option<Node>>,
    /// Below the subject.
    pub pointer: String,
    pub says: Label,
    pub everybody: bool,
    pub pay_dependent: bool,
}

/// A parameter or a fixed table.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub name: String,
    /// How explanations name it.
    pub path: Arc<str>,
    pub label: Label,
    pub fixed: bool,
    pub optional: bool,
    pub default: Option<Setting>,
    pub bounds: Bounds,
    pub sum: Option<Decimal>,
    pub sums: Vec<super::source::SumRule>,
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Setting {
    Number(Decimal),
    Table(Vec<(Symbol, Decimal)>),
    ByCategory(Vec<(Symbol, Vec<(Symbol, Decimal)>)>),
}

impl Body {
    /// All formulas of the body that are computed for the subject itself.
    pub fn own_nodes(&self) -> Vec<&Node> {
        let mut nodes: Vec<&Node> = self.min.iter().chain(&self.max).collect();
        match &self.rule {
            FigureRule::Formula(node) => nodes.push(node),
            FigureRule::Bands { of, .. } => nodes.push(of),
            FigureRule::Quota { by, among, .. } | FigureRule::Rank { by, among, .. } => {
                nodes.push(by);
                nodes.extend(among);
            }
            FigureRule::Split { pool, weight, .. } => nodes.extend([pool, weight]),
            FigureRule::Gather { .. } => {}
        }
        nodes
    }

    /// Formulas that are computed for the subjects gathered.
    pub fn gathered_nodes(&self) -> Option<(Kind, Vec<&Node>)> {
        match &self.rule {
            FigureRule::Gather { of, value, .. } => Some((*of, value.iter().flatten().collect())),
            _ => None,
        }
    }
}

/// A figure or an input that a formula reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Reference {
    Slot(Rel, u16),
    Figure(Rel, u16),
    Parameter(u16),
    /// Something that only the phase of results knows.
    Results,
}

/// What a formula reads, once each.
pub(crate) fn references(node: &Node) -> Vec<Reference> {
    let mut found = Vec::new();
    node.walk(&mut |node| {
        let reference = match node {
            Node::Slot { rel, slot, .. } => Reference::Slot(*rel, *slot),
            Node::Figure { rel, figure } => Reference::Figure(*rel, *figure),
            Node::Parameter(parameter) | Node::Entry { parameter, .. } => Reference::Parameter(*parameter),
            Node::Weight { .. }
            | Node::Local(_)
            | Node::Previous(_)
            | Node::SumRows { .. }
            | Node::CountRows { .. }
            | Node::Run { .. }
            | Node::Nth { .. }
            | Node::CountInYear { .. }
            | Node::CountMonths { .. }
            | Node::MonthsScored
            | Node::MeanOfMonths { .. } => Reference::Results,
            _ => return,
        };
        if !found.contains(&reference) {
            found.push(reference);
        }
    });
    found
}
