use rust_decimal::Decimal;

use crate::Message;
use crate::period::Period;
use crate::say;
use crate::value::{Kind, Symbol, Value};

/// Whose input or figure is meant, seen from the subject being computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Rel {
    Own,
    /// The person's unit.
    Unit,
    /// The person who leads the unit.
    Head,
    Company,
}

impl Rel {
    pub fn target(self, own: Kind) -> Kind {
        match self {
            Rel::Own => own,
            Rel::Unit => Kind::Units,
            Rel::Head => Kind::People,
            Rel::Company => Kind::Company,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Score,
    Grade,
}

/// A name that only holds inside an item, a row of a list or an entry of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Local {
    Column {
        list: u16,
        at: u16,
        optional: bool,
    },
    Past(Field),
    /// Of a month of the period; it may have the one without the other.
    Month(Field),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
}

/// A formula with every name resolved to a slot, a column or a parameter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Constant(Value),
    Slot {
        rel: Rel,
        slot: u16,
        required: bool,
    },
    Figure {
        rel: Rel,
        figure: u16,
    },
    Parameter(u16),
    /// An entry of a parameter's table.
    Entry {
        parameter: u16,
        key: Box<Node>,
    },
    /// What an item of a sheet comes to; nothing where other rows stand in its place.
    OnSheet {
        sheet: u16,
        item: u16,
        of: Box<Node>,
    },
    /// The weight of an item of the subject's sheet.
    Weight {
        sheet: u16,
        item: u16,
    },
    Local(Local),
    Previous(Field),
    Category,
    PeriodDay {
        last: bool,
    },
    Arithmetic(Operator, Box<(Node, Node)>),
    Negative(Box<Node>),
    /// Divided by a power of ten, which only moves the point.
    Shifted(Box<Node>, u32),
    Compare(Comparison, Box<(Node, Node)>),
    AmongTexts(Box<Node>, Vec<Symbol>),
    AmongNumbers(Box<Node>, Vec<Decimal>),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Otherwise(Vec<Node>),
    Choose(Vec<(Node, Node)>, Box<Node>),
    Ratio(Box<(Node, Node, Node)>),
    Least(Vec<Node>),
    Greatest(Vec<Node>),
    Floor(Box<Node>),
    Ceiling(Box<Node>),
    Magnitude(Box<Node>),
    Round(Box<Node>, u32),
    Known(Box<Node>),
    /// A text that stands for a number.
    Scaled(Box<Node>, Vec<(Symbol, Decimal)>),
    Total(Vec<Node>),
    /// Whether any of these inputs was given.
    AnyGiven(Vec<Node>),
    /// The weighted mean of the totals of those raters who rated: (weight, rated, total).
    Mix(Vec<(Node, Node, Node)>),
    SumRows {
        list: u16,
        of: Box<Node>,
    },
    CountRows {
        list: u16,
        of: Box<Node>,
    },
    Run {
        past: Box<Node>,
        present: Box<Node>,
    },
    Nth {
        past: Box<Node>,
        present: Box<Node>,
        /// Over all of the history, not only the year's.
        ever: bool,
    },
    CountInYear {
        past: Box<Node>,
        present: Box<Node>,
    },
    /// How many months of the period meet a condition.
    CountMonths {
        of: Box<Node>,
    },
    /// How many months of the period have a score.
    MonthsScored,
    /// The mean of the scores of the period's months: of all of them, or of those there are if they are this many.
    MeanOfMonths {
        least: Option<Box<Node>>,
    },
}

/// What a formula yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Type {
    pub base: Base,
    pub optional: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    Number,
    Flag,
    Text,
    Day,
}

impl Type {
    pub const NUMBER: Type = Type::of(Base::Number);
    pub const FLAG: Type = Type::of(Base::Flag);
    pub const TEXT: Type = Type::of(Base::Text);
    pub const DAY: Type = Type::of(Base::Day);

    pub const fn of(base: Base) -> Self {
        Self { base, optional: false }
    }

    pub const fn optional(self, optional: bool) -> Self {
        Self { optional, ..self }
    }

    pub fn describe(self) -> Message {
        match (self.base, self.optional) {
            (Base::Number, false) => say!("数值", "a number"),
            (Base::Number, true) => say!("可能缺失的数值", "a number that may be absent"),
            (Base::Flag, false) => say!("true 或 false", "true or false"),
            (Base::Flag, true) => say!("true、false 或缺失", "true, false or absent"),
            (Base::Text, false) => say!("文本", "a text"),
            (Base::Text, true) => say!("可能缺失的文本", "a text that may be absent"),
            (Base::Day, false) => say!("日期", "a date"),
            (Base::Day, true) => say!("可能缺失的日期", "a date that may be absent"),
        }
    }
}

impl Node {
    /// Visits the node and everything below it.
    pub fn walk(&self, visit: &mut impl FnMut(&Node)) {
        visit(self);
        self.children(&mut |child| child.walk(visit));
    }

    fn children(&self, each: &mut dyn FnMut(&Node)) {
        match self {
            Node::Constant(_)
            | Node::Slot { .. }
            | Node::Figure { .. }
            | Node::Parameter(_)
            | Node::Weight { .. }
            | Node::Local(_)
            | Node::Previous(_)
            | Node::Category
            | Node::PeriodDay { .. }
            | Node::MonthsScored
            | Node::MeanOfMonths { least: None } => {}
            Node::Entry { key: a, .. }
            | Node::OnSheet { of: a, .. }
            | Node::Negative(a)
            | Node::Shifted(a, _)
            | Node::AmongTexts(a, _)
            | Node::AmongNumbers(a, _)
            | Node::Not(a)
            | Node::Floor(a)
            | Node::Ceiling(a)
            | Node::Magnitude(a)
            | Node::Round(a, _)
            | Node::Known(a)
            | Node::Scaled(a, _)
            | Node::SumRows { of: a, .. }
            | Node::CountRows { of: a, .. }
            | Node::CountMonths { of: a }
            | Node::MeanOfMonths { least: Some(a) } => each(a),
            Node::Arithmetic(_, pair) | Node::Compare(_, pair) => {
                each(&pair.0);
                each(&pair.1);
            }
            Node::And(all)
            | Node::Or(all)
            | Node::Otherwise(all)
            | Node::Least(all)
            | Node::Greatest(all)
            | Node::Total(all)
            | Node::AnyGiven(all) => all.iter().for_each(each),
            Node::Choose(cases, last) => {
                for (when, then) in cases {
                    each(when);
                    each(then);
                }
                each(last);
            }
            Node::Ratio(three) => {
                each(&three.0);
                each(&three.1);
                each(&three.2);
            }
            Node::Mix(raters) => {
                for (weight, rated, total) in raters {
                    each(weight);
                    each(rated);
                    each(total);
                }
            }
            Node::Run { past, present } | Node::Nth { past, present, .. } | Node::CountInYear { past, present } => {
                each(past);
                each(present);
            }
        }
    }
}

/// One entry of a subject's history.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Past {
    pub period: Period,
    /// Its place in the list as given.
    pub given_at: u32,
    pub score: Option<Decimal>,
    pub grade: Option<Symbol>,
}

impl Past {
    /// What is known of it, or nothing.
    pub fn known(&self, field: Field) -> Value {
        match field {
            Field::Score => self.score.map_or(Value::Absent, Value::Number),
            Field::Grade => self.grade.map_or(Value::Absent, Value::Text),
        }
    }
}
