//! Gives every name in a formula its meaning, and every part its type.

use rust_decimal::Decimal;

use super::ast::{Ast, no_operator};
use super::habits;
use super::node::{Base, Comparison, Field, Local, Node, Operator, Rel, Type};
use crate::message::Message;
use crate::period::Form;
use crate::say;
use crate::scheme::compile::Compiler;
use crate::scheme::document::{meant, sum_told};
use crate::scheme::plan::Setting;
use crate::scheme::plan::{InputSpec, ItemInput};
use crate::scheme::source::{InputKind, Number};
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

    /// What a dotted name means.
    fn name(&mut self, path: &[&str], scope: &Scope) -> Typed {
        if let [name] = path
            && let Some(local) = self.local(name, scope)
        {
            return Ok(local);
        }
        match path {
            ["category"] if scope.kind != Kind::Company => Ok((Node::Category, Type::TEXT)),
            ["period", "first_day"] => Ok((Node::PeriodDay { last: false }, Type::DAY)),
            ["period", "last_day"] => Ok((Node::PeriodDay { last: true }, Type::DAY)),
            ["previous", "score" | "grade"] if scope.kind == Kind::Company => {
                Err(say!("公司没有历史记录", "the company has no history").into())
            }
            ["previous", "score"] => Ok((Node::Previous(Field::Score), Type::NUMBER.optional(true))),
            ["previous", "grade"] => Ok((Node::Previous(Field::Grade), Type::TEXT.optional(true))),
            ["param" | "table", name] => self.parameter_number(name),
            ["param" | "table", name, key] => {
                let symbol = self.code(key)?;
                self.entry_of(name, Node::Constant(Value::Text(symbol)), Some(symbol))
            }
            ["unit", rest @ ..] if scope.kind == Kind::People => self.of(Rel::Unit, rest, scope),
            ["head", rest @ ..] if scope.kind == Kind::Units => self.of(Rel::Head, rest, scope),
            ["company", rest @ ..] if scope.kind != Kind::Company => self.of(Rel::Company, rest, scope),
            rest => self.of(Rel::Own, rest, scope),
        }
    }

    fn local(&mut self, name: &str, scope: &Scope) -> Option<(Node, Type)> {
        match &scope.names {
            Names::Common => None,
            Names::Item { sheet, item } => self.item_local(name, *sheet, *item),
            Names::Row { list: place } => {
                let list = self.plan.lists[scope.kind.index()].get(*place)?;
                let at = list.columns.iter().position(|column| column.name == name)?;
                let column = list.columns.get(at).filter(|column| column.kind != InputKind::Text)?;
                let (list, at) = (u16::try_from(*place).ok()?, u16::try_from(at).ok()?);
                let optional = column.optional && column.default == Value::Absent;
                Some(column.read(Node::Local(Local::Column { list, at, optional })))
            }
            Names::Past => match name {
                "score" => Some((Node::Local(Local::Past(Field::Score)), Type::NUMBER)),
                "grade" => Some((Node::Local(Local::Past(Field::Grade)), Type::TEXT)),
                _ => None,
            },
            Names::Month => match name {
                "score" => Some((Node::Local(Local::Month(Field::Score)), Type::NUMBER.optional(true))),
                "grade" => Some((Node::Local(Local::Month(Field::Grade)), Type::TEXT.optional(true))),
                _ => None,
            },
        }
    }

    fn item_local(&mut self, name: &str, sheet: u16, item: u16) -> Option<(Node, Type)> {
        if name == "weight" {
            return Some((Node::Weight { sheet, item }, Type::NUMBER));
        }
        let declared = self.plan.sheets.get(usize::from(sheet))?.items.get(usize::from(item))?;
        let usable = |input: &&ItemInput| input.spec.name == name && input.spec.kind != InputKind::Text;
        let input = declared.inputs.iter().find(usable)?;
        let (slot, spec) = (input.slot, &input.spec);
        Some(spec.read(Node::Slot { rel: Rel::Own, slot, required: spec.required() }))
    }

    /// An input or a figure of the subject, its unit, its head or the company.
    fn of(&mut self, rel: Rel, path: &[&str], scope: &Scope) -> Typed {
        let kind = rel.target(scope.kind);
        if self.source.subject(kind).is_none() {
            return Err(say!("本方案没有部门", "this scheme knows no units").into());
        }
        let name = path.join(".");
        if let Some(slot) = self.plan.layouts[kind.index()].by_path.get(&name).copied() {
            return self.slot(rel, slot, path, scope);
        }
        if !self.has_figure(kind, &name) {
            let full = self
                .named(kind)
                .into_iter()
                .find(|known| known.rsplit_once('.').is_some_and(|(_, last)| last.eq_ignore_ascii_case(&name)));
            if let Some(full) = full {
                let message = say!(
                    "{name} 既不是输入项也不是计算项；是否指 {full}？",
                    "{name} is neither an input nor a figure; did you mean {full}?"
                );
                return Err(Refused::Unknown { name, message });
            }
            if rel == Rel::Own && self.is_code(&name) {
                let message = say!("代码要加引号：\"{name}\"", "a code stands in quotation marks: \"{name}\"");
                return Err(Refused::Unknown { name, message });
            }
            let elsewhere = self.source.subject(kind).is_some_and(|s| s.figures.iter().any(|f| f.name == name));
            let message = match elsewhere {
                true => say!(
                    "{name} 是其他考核频次的计算项，{} 中没有",
                    "{name} is a figure of other cadences than {}",
                    self.cadence_code()
                ),
                false => say!("{name} 既不是输入项也不是计算项", "{name} is neither an input nor a figure"),
            };
            return Err(Refused::unknown(&name, message, self.named(kind)));
        }
        let figure = self.figure(kind, &name).ok_or(Refused::Told)?;
        let optional = !self.covered(rel, kind, figure, scope)?;
        let ty = self.plan.figures.get(usize::from(figure)).map_or(Type::NUMBER, |figure| figure.ty);
        Ok((Node::Figure { rel, figure }, ty.optional(ty.optional || optional)))
    }

    /// Whether people know this as a grade, a category, a choice or another code.
    fn is_code(&self, name: &str) -> bool {
        let subjects = Kind::ALL.into_iter().filter_map(|kind| self.source.subject(kind));
        let mut choices = subjects.clone().flat_map(|subject| &subject.facts).flat_map(|fact| &fact.choices);
        let mut categories = subjects.flat_map(|subject| &subject.categories);
        let mut codes = self.source.grades.iter().chain(&self.source.codes);
        codes.any(|one| one.code == name)
            || categories.any(|one| one.code == name)
            || choices.any(|one| one.code == name)
    }

    /// Inputs and figures that a formula may name.
    fn named(&self, kind: Kind) -> Vec<&str> {
        let inputs = self.plan.layouts[kind.index()].slots.iter().map(|slot| &*slot.path);
        let figures = self.source.subject(kind).map_or(&[][..], |subject| &subject.figures);
        inputs.chain(figures.iter().map(|figure| figure.name.as_str())).collect()
    }

    fn slot(&mut self, rel: Rel, slot: u16, path: &[&str], scope: &Scope) -> Typed {
        let kind = rel.target(scope.kind);
        let shared = self.plan.layouts[kind.index()].slots.get(usize::from(slot)).map(|slot| slot.spec.clone());
        let mut spec = shared.ok_or_else(|| say!("没有该输入项", "no such input"))?;
        if let (Rel::Own, ["item", code, input]) = (rel, path) {
            let (sheet, item) = self
                .item_of(kind, scope.category, code)
                .ok_or_else(|| say!("该类别没有指标 {code}", "this category has no item {code}"))?;
            let sheet = self.plan.sheets.get(usize::from(sheet));
            let item = sheet.and_then(|sheet| sheet.items.get(usize::from(item)));
            let own = item.and_then(|item| item.inputs.iter().find(|i| i.spec.name == *input));
            spec = own
                .map(|own| own.spec.clone())
                .ok_or_else(|| say!("指标 {code} 没有输入项 {input}", "item {code} has no input {input}"))?;
        }
        if spec.kind == InputKind::Text {
            return Err(say!("{} 是文本，公式不能使用", "{} is a text that no formula can use", path.join(".")).into());
        }
        if self.strict && rel == Rel::Own && spec.required() && !self.is_asked(path, scope) {
            let name = path.join(".");
            return Err(say!(
                "这里用到 {name}，但并非所有人都要填写：请检查它的 `for` 和 `cadences`",
                "{name} is read here, but is not asked of everybody here: see its `for` and `cadences`"
            )
            .into());
        }
        Ok(spec.read(Node::Slot { rel, slot, required: spec.required() }))
    }

    /// Whether a fact is asked of this category and in this cadence.
    fn is_asked(&self, path: &[&str], scope: &Scope) -> bool {
        let ["fact", name, ..] = path else { return true };
        let facts = self.source.subject(scope.kind).map_or(&[][..], |subject| &subject.facts);
        facts.iter().find(|fact| fact.name == *name).is_none_or(|fact| {
            self.in_cadence(&fact.cadences) && self.for_category(scope.kind, &fact.categories, scope.category)
        })
    }

    /// Whether the figure exists for every subject that may be meant.
    fn covered(&self, rel: Rel, kind: Kind, figure: u16, scope: &Scope) -> Result<bool, Refused> {
        let Some(figure) = self.plan.figures.get(usize::from(figure)) else { return Ok(false) };
        let has = |category: usize| figure.bodies.get(category).is_some_and(Option::is_some);
        match rel {
            Rel::Own if has(scope.category) => Ok(true),
            Rel::Own => Err(say!(
                "{} 没有为 {:?} 定义",
                "{} is not defined for {:?}",
                figure.name,
                self.source.category_code(kind, scope.category)
            )
            .into()),
            Rel::Head => {
                let head = self.source.units.as_ref().and_then(|units| units.head.as_ref());
                let wanted = head.and_then(|head| head.category.as_deref());
                let mut all = 0..figure.bodies.len();
                Ok(all.all(|at| has(at) || wanted.is_some_and(|wanted| wanted != self.source.category_code(kind, at))))
            }
            Rel::Unit | Rel::Company => Ok((0..figure.bodies.len()).all(has)),
        }
    }

    fn parameter_at(&self, name: &str) -> Result<u16, Refused> {
        self.parameter(name).ok_or_else(|| {
            let message = say!("没有参数或表 {name}", "there is no parameter and no table {name}");
            Refused::unknown(name, message, self.parameters.iter().map(|parameter| parameter.name.as_str()))
        })
    }

    fn parameter_number(&mut self, name: &str) -> Typed {
        let at = self.parameter_at(name)?;
        let parameter = self.parameters.get(usize::from(at)).ok_or_else(|| say!("没有该参数", "no such parameter"))?;
        match &parameter.default {
            Some(Setting::Table(_) | Setting::ByCategory(_)) => {
                Err(say!("{name} 是表：请指明其中一项，{name}[键]", "{name} is a table: name an entry, {name}[key]")
                    .into())
            }
            Some(Setting::Number(_)) | None => Ok((Node::Parameter(at), Type::NUMBER.optional(parameter.optional))),
        }
    }

    fn entry(&mut self, path: &[String], key: &Ast, scope: &Scope) -> Typed {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let ["param" | "table", name] = path.as_slice() else {
            return Err(say!("只有表才有项：table.名称[键]", "only a table has entries: table.name[key]").into());
        };
        let (key, ty) = self.typed(key, scope)?;
        if ty.base != Base::Text || ty.optional {
            let found = ty.describe();
            return Err(
                say!("表的键应为文本，而不是{found}", "the key of a table is a text, not {found}"; found).into()
            );
        }
        self.entry_of(name, key, None)
    }

    fn entry_of(&mut self, name: &str, key: Node, known: Option<Symbol>) -> Typed {
        let at = self.parameter_at(name)?;
        let parameter = self.parameters.get(usize::from(at)).ok_or_else(|| say!("没有该表", "no such table"))?;
        let Some(Setting::Table(entries)) = &parameter.default else {
            return Err(say!("{name} 不是数值表", "{name} is no table of numbers").into());
        };
        if known.is_some_and(|known| !entries.iter().any(|(entry, _)| *entry == known)) {
            let entry = known.map_or(String::new(), |known| self.symbols.text(known).to_string());
            let texts: Vec<_> = entries.iter().map(|(entry, _)| self.symbols.text(*entry)).collect();
            let message = say!("{name} 没有项 {entry}", "{name} has no entry {entry}");
            return Err(Refused::unknown(&entry, message, texts.iter().map(|text| &**text)));
        }
        Ok((Node::Entry { parameter: at, key: Box::new(key) }, Type::NUMBER))
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

    /// total([section]), points(rater[, section]), rated(rater[, section]), mix(param.weights)
    fn of_sheet(&mut self, name: &str, args: &[Ast], scope: &Scope) -> Typed {
        let sheet = self.plan.sheet_of[scope.kind.index()].get(scope.category).copied().flatten();
        let sheet = sheet.ok_or_else(|| say!("这里没有考核表", "there is no sheet here"))?;
        match (name, args) {
            ("total", []) => self.total(sheet, None, scope),
            ("total", [Ast::Text(section)]) => self.total(sheet, Some(section), scope),
            ("points", [Ast::Text(rater)]) => self.points(sheet, rater, None, scope),
            ("points", [Ast::Text(rater), Ast::Text(section)]) => self.points(sheet, rater, Some(section), scope),
            ("rated", [Ast::Text(rater)]) => Ok((self.rated(sheet, rater, None)?, Type::FLAG)),
            ("rated", [Ast::Text(rater), Ast::Text(section)]) => {
                Ok((self.rated(sheet, rater, Some(section))?, Type::FLAG))
            }
            ("mix", [Ast::Path(weights)]) => match weights.as_slice() {
                [param, weights] if param == "param" || param == "table" => self.mix(sheet, weights, scope),
                _ => Err(say!("请写作 mix(param.名称)", "write mix(param.NAME)").into()),
            },
            _ => Err(say!("{name} 不能这样用", "{name} is not used like this").into()),
        }
    }

    fn items_of(&self, sheet: u16, section: Option<&str>) -> Result<Vec<u16>, Refused> {
        let sheet = self.plan.sheets.get(usize::from(sheet)).ok_or_else(|| say!("没有该考核表", "no such sheet"))?;
        let wanted =
            |item: &crate::scheme::plan::Item| section.is_none_or(|section| item.section.as_deref() == Some(section));
        let found: Vec<u16> = (0_u16..).zip(&sheet.items).filter(|(_, item)| wanted(item)).map(|(at, _)| at).collect();
        if found.is_empty() {
            let name = section.unwrap_or_default();
            let known = sheet.items.iter().filter_map(|item| item.section.as_deref());
            return Err(Refused::unknown(
                name,
                say!("考核表没有考核维度 {name}", "the sheet has no section {name}"),
                known,
            ));
        }
        Ok(found)
    }

    fn total(&mut self, sheet: u16, section: Option<&str>, scope: &Scope) -> Typed {
        let mut parts = Vec::new();
        for item in self.items_of(sheet, section)? {
            let sheet = self.plan.sheets.get(usize::from(sheet));
            let code = sheet.and_then(|sheet| sheet.items.get(usize::from(item))).map(|item| item.code.clone());
            let name = format!("item.{}", code.unwrap_or_default());
            let figure = self.figure(scope.kind, &name).ok_or(Refused::Told)?;
            parts.push(Node::Figure { rel: Rel::Own, figure });
        }
        Ok((Node::Total(parts), Type::NUMBER))
    }

    fn points(&mut self, sheet: u16, rater: &str, section: Option<&str>, scope: &Scope) -> Typed {
        let items = self.items_of(sheet, section)?;
        let parts: Vec<Node> =
            items.into_iter().filter_map(|item| self.rater_points(sheet, item, rater, scope)).collect();
        if parts.is_empty() { Err(self.no_rater(sheet, rater)) } else { Ok((Node::Total(parts), Type::NUMBER)) }
    }

    fn rated(&self, sheet: u16, rater: &str, section: Option<&str>) -> Result<Node, Refused> {
        let sheet_at = sheet;
        let items = self.items_of(sheet, section)?;
        let sheet = self.plan.sheets.get(usize::from(sheet)).ok_or_else(|| say!("没有该考核表", "no such sheet"))?;
        let inputs =
            items.into_iter().filter_map(|item| sheet.items.get(usize::from(item))).flat_map(|item| &item.inputs);
        let slots: Vec<Node> = inputs
            .filter(|input| input.rater && input.spec.name == rater)
            .map(|input| Node::Slot { rel: Rel::Own, slot: input.slot, required: false })
            .collect();
        if slots.is_empty() { Err(self.no_rater(sheet_at, rater)) } else { Ok(Node::AnyGiven(slots)) }
    }

    fn no_rater(&self, sheet: u16, rater: &str) -> Refused {
        let sheet = self.plan.sheets.get(usize::from(sheet));
        let known = sheet.into_iter().flat_map(|sheet| &sheet.raters).map(|rater| rater.name.as_str());
        Refused::unknown(rater, say!("考核表没有评分人 {rater}", "the sheet has no rater {rater}"), known)
    }

    fn mix(&mut self, sheet: u16, weights: &str, scope: &Scope) -> Typed {
        let declared = self.plan.sheets.get(usize::from(sheet)).ok_or_else(|| say!("没有该考核表", "no such sheet"))?;
        let names: Vec<String> = declared.raters.iter().map(|rater| rater.name.clone()).collect();
        if self.strict {
            self.weighs_raters(weights, &names)?;
        }
        let mut raters = Vec::new();
        for rater in names {
            let symbol = self.code(&rater)?;
            let (weight, _) = self.entry_of(weights, Node::Constant(Value::Text(symbol)), Some(symbol))?;
            let rated = self.rated(sheet, &rater, None)?;
            let (total, _) = self.points(sheet, &rater, None, scope)?;
            raters.push((weight, rated, total));
        }
        Ok((Node::Mix(raters), Type::NUMBER))
    }

    /// A table of weights by rater sums to 1, whoever sets it, and weighs nobody else.
    fn weighs_raters(&self, weights: &str, raters: &[String]) -> Result<(), Refused> {
        let at = self.parameter_at(weights)?;
        let parameter = self.parameters.get(usize::from(at)).ok_or_else(|| say!("没有该参数", "no such parameter"))?;
        let Some(Setting::Table(entries)) = &parameter.default else {
            return Err(say!("{weights} 不是按评分人的权重表", "{weights} is no table of weights by rater").into());
        };
        for (key, _) in entries {
            let key = self.symbols.text(*key);
            if !raters.iter().any(|rater| **rater == *key) {
                let message = say!(
                    "{weights} 中的 {key} 不是考核表的评分人",
                    "{weights} weighs {key}, who is no rater of the sheet"
                );
                return Err(Refused::unknown(&key, message, raters.iter().map(String::as_str)));
            }
        }
        let sum = entries.iter().try_fold(Decimal::ZERO, |sum, (_, weight)| sum.checked_add(*weight));
        if sum != Some(Decimal::ONE) {
            let sum = sum_told(sum);
            return Err(
                say!("{weights} 的权重之和为 {sum}，应为 1", "the weights of {weights} sum to {sum}, not to 1"; sum)
                    .into(),
            );
        }
        if !parameter.fixed && parameter.sum != Some(Decimal::ONE) {
            return Err(say!(
                "{weights} 可由公司设置：请加上 sum = 1",
                "a company may set {weights}: declare it with sum = 1"
            )
            .into());
        }
        Ok(())
    }

    fn of_rows(&mut self, name: &str, list: &[String], of: &Ast, scope: &Scope) -> Typed {
        let key = list.join(".");
        let found = self.plan.lists[scope.kind.index()].iter().position(|list| list.key == key);
        let lists = &self.plan.lists[scope.kind.index()];
        let at = found.ok_or_else(|| {
            Refused::unknown(
                &key,
                say!("没有列表 {key}", "there is no list {key}"),
                lists.iter().map(|list| list.key.as_str()),
            )
        })?;
        let inner = scope.with(Names::Row { list: at });
        let list = u16::try_from(at).map_err(|_| say!("列表过多", "too many lists"))?;
        if name == "sum" {
            let of = Box::new(self.number_of(of, &inner)?.0);
            return Ok((Node::SumRows { list, of }, Type::NUMBER));
        }
        let of = Box::new(self.flag(of, &inner)?);
        Ok((Node::CountRows { list, of }, Type::NUMBER))
    }

    /// Only a period that has months is looked at by its months.
    fn of_months(&self, scope: &Scope) -> Result<(), Refused> {
        with_history(scope)?;
        match self.form() {
            Form::Month => Err(say!(
                "月度期间不含各月：此函数用于更长的期间",
                "a month has no months of its own: this is for longer periods"
            )
            .into()),
            _ => Ok(()),
        }
    }

    /// The same condition twice: for entries of the history, and for the present period.
    fn of_history(&mut self, name: &str, condition: &Ast, scope: &Scope) -> Typed {
        with_history(scope)?;
        self.of_single_periods(scope)?;
        let past = Box::new(self.of_the_past(condition, scope, Names::Past)?);
        let present = Box::new(self.flag(condition, scope)?);
        let node = match name {
            "run" => Node::Run { past, present },
            "nth" | "nth_ever" => Node::Nth { past, present, ever: name == "nth_ever" },
            _ => Node::CountInYear { past, present },
        };
        Ok((node, Type::NUMBER))
    }

    /// A condition on an earlier period, of which only its result is known.
    fn of_the_past(&mut self, condition: &Ast, scope: &Scope, names: Names) -> Result<Node, Refused> {
        let past = self.flag(condition, &scope.with(names))?;
        if self.strict && !of_any_period(&past) {
            let message = say!(
                "往期只有得分和等级：run、nth、nth_ever、in_year 和 months 中不能引用事实数据和其他计算项",
                "of earlier periods, score and grade are known: name no fact and no other figure in run, nth, nth_ever, in_year and months"
            );
            return Err(message.into());
        }
        Ok(past)
    }

    fn of_single_periods(&self, scope: &Scope) -> Result<(), Refused> {
        match scope.names {
            Names::Past | Names::Month => Err(say!(
                "run、nth、nth_ever、in_year 和 months 逐期判断，不能互相嵌套",
                "run, nth, nth_ever, in_year and months look at single periods: one cannot stand within another"
            )
            .into()),
            Names::Common | Names::Item { .. } | Names::Row { .. } => Ok(()),
        }
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

/// Whether a condition looks at nothing that only the present period has.
fn of_any_period(past: &Node) -> bool {
    let mut sound = true;
    past.walk(&mut |node| {
        sound &= !matches!(
            node,
            Node::Slot { .. }
                | Node::Figure { .. }
                | Node::Weight { .. }
                | Node::Previous(_)
                | Node::PeriodDay { .. }
                | Node::SumRows { .. }
                | Node::CountRows { .. }
                | Node::CountMonths { .. }
                | Node::MonthsScored
                | Node::MeanOfMonths { .. }
        );
    });
    sound
}

fn with_history(scope: &Scope) -> Result<(), Refused> {
    if scope.kind == Kind::Company {
        Err(say!("公司没有历史记录", "the company has no history").into())
    } else {
        Ok(())
    }
}

/// How many zeros a constant 10, 100, … has.
fn power_of_ten(node: &Node) -> Option<u32> {
    let Node::Constant(Value::Number(number)) = node else { return None };
    (1..=9).find(|places| *number == Decimal::from(10_u64.pow(*places)))
}

impl InputSpec {
    /// The value that stands somewhere, and its type: a letter of a scale is read as its number.
    fn read(&self, at: Node) -> (Node, Type) {
        let node = if self.kind == InputKind::Scale { Node::Scaled(Box::new(at), self.scale.clone()) } else { at };
        (node, self.ty())
    }
}

impl From<Number> for Decimal {
    fn from(number: Number) -> Self {
        number.0
    }
}
