use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The three kinds of subject that have inputs and figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The company as a whole.
    Company,
    /// Its units.
    Units,
    /// The people who are appraised.
    People,
}

impl Kind {
    pub(crate) const ALL: [Kind; 3] = [Kind::Company, Kind::Units, Kind::People];

    pub(crate) fn index(self) -> usize {
        match self {
            Kind::Company => 0,
            Kind::Units => 1,
            Kind::People => 2,
        }
    }

    /// Where subjects of this kind stand in a scheme.
    pub(crate) fn source_key(self) -> &'static str {
        match self {
            Kind::Company => "/company",
            Kind::Units => "/units",
            Kind::People => "/people",
        }
    }

    /// The key of a case under which subjects of this kind stand.
    pub(crate) fn case_key(self) -> &'static str {
        match self {
            Kind::Company => "company",
            Kind::Units => "units",
            Kind::People => "employees",
        }
    }
}

/// An interned text: a code of the scheme (a grade, a category, a choice).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Symbol(pub u32);

/// What one cell of a case or a column holds. Small and `Copy`: a million people are a few flat vectors.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Value {
    #[default]
    Absent,
    Number(Decimal),
    Flag(bool),
    Text(Symbol),
    Day(Date),
    /// Several numbers given for one input (stands for their mean).
    List {
        start: u32,
        len: u32,
    },
    /// Could not be computed: the index of the fault.
    Failed(u32),
}

/// The texts that a scheme knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Symbols {
    texts: Vec<Arc<str>>,
    index: HashMap<Arc<str>, u32>,
}

impl Symbols {
    pub fn intern(&mut self, text: &str) -> Symbol {
        if let Some(&at) = self.index.get(text) {
            return Symbol(at);
        }
        let at = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        let shared: Arc<str> = Arc::from(text);
        self.texts.push(Arc::clone(&shared));
        self.index.insert(shared, at);
        Symbol(at)
    }

    pub fn find(&self, text: &str) -> Option<Symbol> {
        self.index.get(text).copied().map(Symbol)
    }

    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|text| &**text)
    }

    pub fn name(&self, symbol: Symbol) -> &str {
        self.texts.get(symbol.0 as usize).map_or("?", |text| text)
    }

    pub fn text(&self, symbol: Symbol) -> Arc<str> {
        self.texts.get(symbol.0 as usize).cloned().unwrap_or_else(|| Arc::from("?"))
    }
}
