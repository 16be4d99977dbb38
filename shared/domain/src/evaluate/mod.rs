//! What follows from a case: figures are computed column by column, in the order of their dependence.

mod carried;
mod columns;
mod cut_offs;
mod explain;
pub(crate) mod explanation;
mod formulas;
mod groups;
mod pools;
mod results;
mod stored;

use std::collections::HashMap;
use std::sync::OnceLock;

use jiff::civil::Date;

pub use cut_offs::Placing;
pub use explanation::{ExplainedValue, Explanation, MovedFrom, Operand, ShareOfPool, Step};
pub use pools::Pool;
pub(crate) use results::printed;
pub use results::{OutputValue, PersonResult, UnitResult};

pub use stored::in_stored_form;

use crate::case::Case;
use crate::invalid::Invalid;
use crate::scheme::Scheme;
use crate::scheme::plan::Plan;
use crate::value::{Kind, Value};
use formulas::Env;

/// How much is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    All,
    /// Everything that does not depend on a pay input: scoring knows no pay profiles.
    Results,
    /// Only what depends on a pay input; the rest was carried over: pay knows no ratings.
    Pay,
}

impl Phase {
    fn computes(self, pay_dependent: bool) -> bool {
        match self {
            Phase::All => true,
            Phase::Results => !pay_dependent,
            Phase::Pay => pay_dependent,
        }
    }
}

/// The results of a case, as columns; [`Evaluation::people`] and its kin read them row by row.
pub struct Evaluation<'a> {
    scheme: &'a Scheme,
    plan: &'a Plan,
    case: &'a Case,
    /// By figure of the plan, then by row.
    columns: Vec<Vec<Value>>,
    /// People: which exclusion applies.
    excluded: Vec<Option<u16>>,
    /// By rule of the plan, then by row.
    hits: Vec<Vec<bool>>,
    /// By rule of the plan: the unit, and who gets it as its leader.
    to_leaders: Vec<Vec<(usize, usize)>>,
    guide_warnings: Vec<String>,
    rankings: Vec<Option<groups::Ranking>>,
    sharings: Vec<Option<groups::Sharing>>,
    gathered: formulas::Gathered,
    /// Of figures that were moved what they were before each move, by figure and row.
    unmoved: HashMap<(u16, u32), Vec<Value>>,
    first_day: Date,
    last_day: Date,
    /// Rows by number or code, once somebody asks.
    rows: [OnceLock<HashMap<&'a str, usize>>; 3],
    needed: OnceLock<carried::Needed>,
    /// By a person's row: what they get as the leader of a unit, as indices of the rule and the unit.
    leaders: OnceLock<HashMap<usize, Vec<(usize, usize)>>>,
}

/// Computes a case. Pure and deterministic; either everything is computed, or the errors are told.
pub fn evaluate<'a>(scheme: &'a Scheme, case: &'a Case, phase: Phase) -> Result<Evaluation<'a>, Invalid> {
    columns::compute(scheme, case, phase, &|| true)
}

/// As [`evaluate`], as long as somebody wants it: that is asked again and again, and no is the error `stopped`.
pub fn evaluate_while<'a>(
    scheme: &'a Scheme,
    case: &'a Case,
    phase: Phase,
    wanted: &dyn Fn() -> bool,
) -> Result<Evaluation<'a>, Invalid> {
    columns::compute(scheme, case, phase, wanted)
}

/// Why each person of a case is not appraised, as far as that can be told before there are results: by facts and dates,
/// not by earlier results. In the order of the case.
pub fn standings(scheme: &Scheme, case: &Case) -> Vec<Option<String>> {
    columns::standings(scheme, case)
}

impl<'a> Evaluation<'a> {
    fn env(&self) -> Env<'_> {
        Env {
            scheme: self.scheme,
            plan: self.plan,
            case: self.case,
            columns: &self.columns,
            excluded: &self.excluded,
            gathered: &self.gathered,
            probing: false,
            first_day: self.first_day,
            last_day: self.last_day,
        }
    }

    fn cell(&self, figure: u16, row: usize) -> Value {
        self.columns.get(usize::from(figure)).and_then(|column| column.get(row)).copied().unwrap_or_default()
    }

    fn row(&self, kind: Kind, id: &str) -> Option<usize> {
        let rows = self.rows[kind.index()].get_or_init(|| {
            let ids = self.case.of(kind).ids.iter().enumerate();
            ids.map(|(row, id)| (&**id, row)).collect()
        });
        rows.get(id).copied()
    }

    pub fn case(&self) -> &'a Case {
        self.case
    }
}
