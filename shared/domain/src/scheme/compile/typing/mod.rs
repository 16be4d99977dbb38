//! Gives every part of a formula its type, and every name in it its meaning.

mod history;
mod names;
mod sheets;

use rust_decimal::Decimal;

use super::Compiler;
use crate::expression::{Ast, Base, Comparison, Node, Operator, Type, habits, no_operator};
use crate::message::Message;
use crate::say;
use crate::scheme::document::meant;
use crate::value::{Kind, Symbol, Value};

/// Where a formula stands: whose it is, and which names besides the common ones it may use.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub kind: Kind,
    pub category: usize,
    pub names: Names,
}

#[derive(Clone, Debug)]
pub(crate) enum Names {
    Common,
    Item {
        sheet: u16,
        item: u16,
    },
    Row {
        list: usize,
    },
    Past,
    /// A month of the period.
    Month,
}

impl Scope {
    pub fn of(kind: Kind, category: usize) -> Self {
        Self { kind, category, names: Names::Common }
    }

    fn with(&self, names: Names) -> Self {
        Self { names, ..self.clone() }
    }
}

/// Why a formula makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// What is wrong was told where it is wrong.
    Told,
    Because(Message),
    /// A name that nothing has.
    Unknown {
        name: String,
        message: Message,
    },
}

impl From<Message> for Refused {
    fn from(message: Message) -> Self {
        Refused::Because(message)
    }
}

impl Refused {
    /// A name that is not among those there are, with the one that was probably meant.
    fn unknown<'n>(name: &str, message: Message, known: impl IntoIterator<Item = &'n str>) -> Self {
        Refused::Unknown { name: name.to_owned(), message: message.and(&meant(name, known)) }
    }
}

type Typed = Result<(Node, Type), Refused>;

/// Functions, and how each is written.
const FUNCTIONS: [(&str, &str); 24] = [
    ("min", "min(a, b, …)"),
    ("max", "max(a, b, …)"),
    ("floor", "floor(a)"),
    ("ceil", "ceil(a)"),
    ("abs", "abs(a)"),
    ("round", "round(a, places)"),
    ("choose", "choose(condition, value, …, otherwise)"),
    ("ratio", "ratio(a, b, otherwise)"),
    ("known", "known(a)"),
    ("total", "total() or total(\"SECTION\")"),
    ("points", "points(\"RATER\") or points(\"RATER\", \"SECTION\")"),
    ("rated", "rated(\"RATER\") or rated(\"RATER\", \"SECTION\")"),
    ("mix", "mix(param.NAME)"),
    ("sum", "sum(LIST, a)"),
    ("rows", "rows(LIST, condition)"),
    ("run", "run(condition)"),
    ("nth", "nth(condition)"),
    ("nth_ever", "nth_ever(condition)"),
    ("in_year", "in_year(condition)"),
    ("months", "months(condition)"),
    ("months_scored", "months_scored()"),
    ("mean_of_months", "mean_of_months() or mean_of_months(at least)"),
    ("contains", "a in [b, c]"),
    ("!", "!condition"),
];

impl Compiler<'_> {
    pub fn typed(&mut self, ast: &Ast, scope: &Scope) -> Typed {
        match ast {
            Ast::Number(number) => Ok((Node::Constant(Value::Number(*number)), Type::NUMBER)),
            Ast::Flag(flag) => Ok((Node::Constant(Value::Flag(*flag)), Type::FLAG)),
            Ast::Text(text) => {
                let symbol = self.code(text)?;
                Ok((Node::Constant(Value::Text(symbol)), Type::TEXT))
            }
            Ast::List(_) => Err(say!("列表只能写在 `in` 之后", "a list stands only after `in`").into()),
            Ast::Path(path) => {
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                self.name(&path, scope)
            }
            Ast::Entry(path, key) => self.entry(path, key, scope),
            Ast::And(all) => Ok((Node::And(self.flags(all, scope)?), Type::FLAG)),
            Ast::Or(all) => Ok((Node::Or(self.flags(all, scope)?), Type::FLAG)),
            Ast::Otherwise(all) => self.otherwise(all, scope),
            Ast::Call(name, args) => self.call(name, args, scope),
        }
    }

    fn code(&self, text: &str) -> Result<Symbol, Refused> {
        self.symbols.find(text).ok_or_else(|| {
            let message = say!("{text:?} 不是本方案的代码", "{text:?} is no code of this scheme");
            Refused::unknown(text, message, self.symbols.all())
        })
    }

    fn number_of(&mut self, ast: &Ast, scope: &Scope) -> Typed {
        let (node, ty) = self.typed(ast, scope)?;
        match ty {
            Type { base: Base::Number, optional: false, .. } => Ok((node, ty)),
            Type { base: Base::Number, .. } => {
                Err(say!("可能缺失：请用 ?? 写明缺失时的取值", "may be absent: say what then with ??").into())
            }
            other => {
                let found = other.describe();
                Err(say!("应为数值，而不是{found}", "a number is wanted, not {found}"; found).into())
            }
        }
    }

    fn numbers(&mut self, all: &[Ast], scope: &Scope) -> Result<Vec<Node>, Refused> {
        all.iter().map(|ast| self.number_of(ast, scope).map(|(node, _)| node)).collect()
    }

    fn flag(&mut self, ast: &Ast, scope: &Scope) -> Result<Node, Refused> {
        let (node, ty) = self.typed(ast, scope)?;
        if ty.base == Base::Flag {
            Ok(node)
        } else {
            let found = ty.describe();
            Err(say!("应为条件，而不是{found}", "a condition is wanted, not {found}"; found).into())
        }
    }

    fn flags(&mut self, all: &[Ast], scope: &Scope) -> Result<Vec<Node>, Refused> {
        all.iter().map(|ast| self.flag(ast, scope)).collect()
    }

    fn otherwise(&mut self, all: &[Ast], scope: &Scope) -> Typed {
        let mut nodes = Vec::new();
        let mut result: Option<Type> = None;
        for ast in all {
            let (node, ty) = self.typed(ast, scope)?;
            if result.is_some_and(|before| before.base != ty.base) {
                return Err(say!("?? 两边的类型须相同", "both sides of ?? must be of one type").into());
            }
            nodes.push(node);
            result = Some(ty);
        }
        result.map(|ty| (Node::Otherwise(nodes), ty)).ok_or_else(|| say!("?? 之前没有内容", "nothing before ??").into())
    }

    fn call(&mut self, name: &str, args: &[Ast], scope: &Scope) -> Typed {
        match (name, args) {
            ("+" | "-" | "*" | "/", [left, right]) => self.arithmetic(name, left, right, scope),
            ("-", [one]) => {
                let (node, ty) = self.number_of(one, scope)?;
                Ok((Node::Negative(Box::new(node)), ty))
            }
            ("!", [one]) => Ok((Node::Not(Box::new(self.flag(one, scope)?)), Type::FLAG)),
            ("==" | "!=" | "<" | "<=" | ">" | ">=", [left, right]) => self.comparison(name, left, right, scope),
            ("contains", [Ast::List(entries), one]) => self.among(one, entries, scope),
            ("min", all) if all.len() > 1 => Ok((Node::Least(self.numbers(all, scope)?), Type::NUMBER)),
            ("max", all) if all.len() > 1 => Ok((Node::Greatest(self.numbers(all, scope)?), Type::NUMBER)),
            ("floor", [one]) => Ok((Node::Floor(Box::new(self.number_of(one, scope)?.0)), Type::NUMBER)),
            ("ceil", [one]) => Ok((Node::Ceiling(Box::new(self.number_of(one, scope)?.0)), Type::NUMBER)),
            ("abs", [one]) => Ok((Node::Magnitude(Box::new(self.number_of(one, scope)?.0)), Type::NUMBER)),
            ("round", [one, Ast::Number(places)]) => {
                let places = u32::try_from(*places).ok().filter(|places| *places <= 10);
                let places = places.ok_or_else(|| say!("round 保留 0 到 10 位小数", "round keeps 0 to 10 decimals"))?;
                Ok((Node::Round(Box::new(self.number_of(one, scope)?.0), places), Type::NUMBER))
            }
            ("choose", args) => self.choose(args, scope),
            ("ratio", [over, under, otherwise]) => {
                let three = (
                    self.number_of(over, scope)?.0,
                    self.number_of(under, scope)?.0,
                    self.number_of(otherwise, scope)?.0,
                );
                Ok((Node::Ratio(Box::new(three)), Type::NUMBER))
            }
            ("known", [one]) => Ok((Node::Known(Box::new(self.typed(one, scope)?.0)), Type::FLAG)),
            ("total" | "points" | "rated" | "mix", args) => self.of_sheet(name, args, scope),
            ("sum" | "rows", [Ast::Path(list), of]) => self.of_rows(name, list, of, scope),
            ("run" | "nth" | "nth_ever" | "in_year", [condition]) => self.of_history(name, condition, scope),
            ("months", [condition]) => {
                self.of_months(scope)?;
                self.of_single_periods(scope)?;
                let of = Box::new(self.of_the_past(condition, scope, Names::Month)?);
                Ok((Node::CountMonths { of }, Type::NUMBER))
            }
            ("months_scored", []) => self.of_months(scope).map(|()| (Node::MonthsScored, Type::NUMBER)),
            ("mean_of_months", [] | [_]) => {
                self.of_months(scope)?;
                let least = args.first().map(|least| self.number_of(least, scope)).transpose()?;
                let least = least.map(|(least, _)| Box::new(least));
                Ok((Node::MeanOfMonths { least }, Type::NUMBER))
            }
            _ => match FUNCTIONS.iter().find(|(known, _)| *known == name) {
                Some((_, usage)) => {
                    let zh = habits::in_chinese(usage);
                    Err(say!("请写作 {zh}", "write {usage}").into())
                }
                None if !name.starts_with(char::is_alphabetic) => Err(no_operator(name).into()),
                None => {
                    if let Some(message) = of_spreadsheets(name) {
                        return Err(message.into());
                    }
                    let known = FUNCTIONS.iter().map(|(known, _)| *known);
                    Err(Refused::unknown(name, say!("没有函数 {name}", "there is no function {name}"), known))
                }
            },
        }
    }

    fn arithmetic(&mut self, name: &str, left: &Ast, right: &Ast, scope: &Scope) -> Typed {
        let (left, _) = self.number_of(left, scope)?;
        let (right, _) = self.number_of(right, scope)?;
        let operator = match name {
            "+" => Operator::Add,
            "-" => Operator::Subtract,
            "*" => Operator::Multiply,
            _ => Operator::Divide,
        };
        if let (Operator::Divide, Some(places)) = (operator, power_of_ten(&right)) {
            return Ok((Node::Shifted(Box::new(left), places), Type::NUMBER));
        }
        Ok((Node::Arithmetic(operator, Box::new((left, right))), Type::NUMBER))
    }

    fn comparison(&mut self, name: &str, left: &Ast, right: &Ast, scope: &Scope) -> Typed {
        if is_ordering(name) && [left, right].into_iter().any(orders) {
            return Err(habits::chained().into());
        }
        let (left, left_type) = self.typed(left, scope)?;
        let (right, right_type) = self.typed(right, scope)?;
        let comparison = match name {
            "==" => Comparison::Equal,
            "!=" => Comparison::Unequal,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::More,
            _ => Comparison::MoreOrEqual,
        };
        let ordered = matches!(left_type.base, Base::Number | Base::Day);
        let equality = matches!(comparison, Comparison::Equal | Comparison::Unequal);
        if left_type.base != right_type.base || !(ordered || equality) {
            let (left, right) = (left_type.describe(), right_type.describe());
            let message = say!("{left}不能与{right}用 {name} 比较", "{left} cannot be compared with {right} by {name}"; left, right);
            return Err(message.into());
        }
        Ok((Node::Compare(comparison, Box::new((left, right))), Type::FLAG))
    }

    fn among(&mut self, one: &Ast, entries: &[Ast], scope: &Scope) -> Typed {
        let (node, ty) = self.typed(one, scope)?;
        let node = Box::new(node);
        match ty.base {
            Base::Text => {
                let codes = entries.iter().map(|entry| match entry {
                    Ast::Text(text) => self.code(text),
                    _ => Err(say!("列表中应为文本", "texts are wanted in the list").into()),
                });
                Ok((Node::AmongTexts(node, codes.collect::<Result<_, _>>()?), Type::FLAG))
            }
            Base::Number => {
                let numbers = entries.iter().map(|entry| match entry {
                    Ast::Number(number) => Ok(*number),
                    _ => Err(Refused::from(say!("列表中应为数值", "numbers are wanted in the list"))),
                });
                Ok((Node::AmongNumbers(node, numbers.collect::<Result<_, _>>()?), Type::FLAG))
            }
            _ => {
                let found = ty.describe();
                Err(say!("不能在列表中查找{found}", "{found} is not looked for in a list"; found).into())
            }
        }
    }

    fn choose(&mut self, args: &[Ast], scope: &Scope) -> Typed {
        let Some((last, cases)) =
            args.split_last().filter(|(_, cases)| !cases.is_empty() && cases.len().is_multiple_of(2))
        else {
            return Err(
                say!("请写作 choose(条件, 取值, …, 其余取值)", "write choose(condition, value, …, otherwise)").into()
            );
        };
        let (last, mut ty) = self.typed(last, scope)?;
        let mut chosen = Vec::new();
        for case in cases.chunks(2) {
            let [when, then] = case else { continue };
            let when = self.flag(when, scope)?;
            let (then, then_type) = self.typed(then, scope)?;
            if then_type.base != ty.base {
                return Err(say!("choose 的各个取值类型须相同", "all values of choose must be of one type").into());
            }
            ty.optional |= then_type.optional;
            chosen.push((when, then));
        }
        Ok((Node::Choose(chosen, Box::new(last)), ty))
    }
}

fn is_ordering(name: &str) -> bool {
    matches!(name, "<" | "<=" | ">" | ">=")
}

/// Whether something compares by size, and so is no number itself.
fn orders(ast: &Ast) -> bool {
    matches!(ast, Ast::Call(name, _) if is_ordering(name))
}

/// A function as spreadsheets have it: one of ours in capitals, or one for which there is another way here.
fn of_spreadsheets(name: &str) -> Option<Message> {
    let lower = name.to_ascii_lowercase();
    let own = FUNCTIONS.iter().find(|(known, _)| *known == lower && *known != name);
    own.map(|(_, usage)| habits::write_instead(usage, name)).or_else(|| habits::function(name))
}

/// How many zeros a constant 10, 100, … has.
fn power_of_ten(node: &Node) -> Option<u32> {
    let Node::Constant(Value::Number(number)) = node else { return None };
    (1..=9).find(|places| *number == Decimal::from(10_u64.pow(*places)))
}
