//! Gives every name in a formula its meaning, and every part its type.

use rust_decimal::Decimal;

use super::ast::Ast;
use super::node::{Base, Comparison, Field, Local, Node, Operator, Rel, Type};
use crate::scheme::compile::Compiler;
use crate::scheme::plan::Setting;
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
    Item { sheet: u16, item: u16 },
    Row { list: usize },
    Past,
}

impl Scope {
    pub fn of(kind: Kind, category: usize) -> Self {
        Self { kind, category, names: Names::Common }
    }

    fn with(&self, names: Names) -> Self {
        Self { names, ..self.clone() }
    }
}

/// What is wrong was told where it is wrong.
pub(crate) const TOLD: &str = "";

type Typed = Result<(Node, Type), String>;

impl Compiler<'_> {
    pub fn typed(&mut self, ast: &Ast, scope: &Scope) -> Typed {
        match ast {
            Ast::Number(number) => {
                let ty = Type { nonzero: !number.is_zero(), ..Type::NUMBER };
                Ok((Node::Constant(Value::Number(*number)), ty))
            }
            Ast::Flag(flag) => Ok((Node::Constant(Value::Flag(*flag)), Type::FLAG)),
            Ast::Text(text) => {
                let symbol = self.code(text)?;
                Ok((Node::Constant(Value::Text(symbol)), Type::TEXT))
            }
            Ast::List(_) => Err("a list stands only after `in`".to_owned()),
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

    fn code(&self, text: &str) -> Result<Symbol, String> {
        self.symbols.find(text).ok_or_else(|| format!("{text:?} is no code of this scheme"))
    }

    fn number_of(&mut self, ast: &Ast, scope: &Scope) -> Typed {
        let (node, ty) = self.typed(ast, scope)?;
        match ty {
            Type { base: Base::Number, optional: false, .. } => Ok((node, ty)),
            Type { base: Base::Number, .. } => Err("may be absent: say what then with ??".to_owned()),
            other => Err(format!("a number is wanted, not {}", other.describe())),
        }
    }

    fn numbers(&mut self, all: &[Ast], scope: &Scope) -> Result<Vec<Node>, String> {
        all.iter().map(|ast| self.number_of(ast, scope).map(|(node, _)| node)).collect()
    }

    fn flag(&mut self, ast: &Ast, scope: &Scope) -> Result<Node, String> {
        let (node, ty) = self.typed(ast, scope)?;
        if ty.base == Base::Flag { Ok(node) } else { Err(format!("a condition is wanted, not {}", ty.describe())) }
    }

    fn flags(&mut self, all: &[Ast], scope: &Scope) -> Result<Vec<Node>, String> {
        all.iter().map(|ast| self.flag(ast, scope)).collect()
    }

    fn otherwise(&mut self, all: &[Ast], scope: &Scope) -> Typed {
        let mut nodes = Vec::new();
        let mut result: Option<Type> = None;
        for ast in all {
            let (node, ty) = self.typed(ast, scope)?;
            if result.is_some_and(|before| before.base != ty.base) {
                return Err("both sides of ?? must be of one type".to_owned());
            }
            nodes.push(node);
            result = Some(Type { nonzero: false, ..ty });
        }
        result.map(|ty| (Node::Otherwise(nodes), ty)).ok_or_else(|| "nothing before ??".to_owned())
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
                let column = list.columns.get(at)?;
                let ty = column.ty();
                let (list, at) = (u16::try_from(*place).ok()?, u16::try_from(at).ok()?);
                Some((Node::Local(Local::Column { list, at, optional: column.optional }), ty))
            }
            Names::Past => match name {
                "score" => Some((Node::Local(Local::Past(Field::Score)), Type::NUMBER)),
                "grade" => Some((Node::Local(Local::Past(Field::Grade)), Type::TEXT)),
                _ => None,
            },
        }
    }

    fn item_local(&mut self, name: &str, sheet: u16, item: u16) -> Option<(Node, Type)> {
        if name == "weight" {
            return Some((Node::Weight { sheet, item }, Type::NUMBER));
        }
        let declared = self.plan.sheets.get(usize::from(sheet))?.items.get(usize::from(item))?;
        let input = declared.inputs.iter().find(|input| input.spec.name == name)?;
        let (slot, spec) = (input.slot, &input.spec);
        let node = Node::Slot { rel: Rel::Own, slot, required: spec.required() };
        let node = if spec.kind == InputKind::Scale { Node::Scaled(Box::new(node), spec.scale.clone()) } else { node };
        Some((node, spec.ty()))
    }

    /// An input or a figure of the subject, its unit, its head or the company.
    fn of(&mut self, rel: Rel, path: &[&str], scope: &Scope) -> Typed {
        let kind = rel.target(scope.kind);
        if self.source.subject(kind).is_none() {
            return Err("this scheme knows no units".to_owned());
        }
        let name = path.join(".");
        if let Some(slot) = self.plan.layouts[kind.index()].by_path.get(&name).copied() {
            return self.slot(rel, slot, path, scope);
        }
        if !self.has_figure(kind, &name) {
            let near = self.nearest(kind, &name).map_or(String::new(), |near| format!("; did you mean {near}?"));
            return Err(format!("{name} is neither an input nor a figure{near}"));
        }
        let figure = self.figure(kind, &name).ok_or(TOLD)?;
        let optional = !self.covered(rel, kind, figure, scope)?;
        let ty = self.plan.figures.get(usize::from(figure)).map_or(Type::NUMBER, |figure| figure.ty);
        Ok((Node::Figure { rel, figure }, ty.optional(ty.optional || optional)))
    }

    /// The known name that looks most like a misspelt one.
    fn nearest(&self, kind: Kind, name: &str) -> Option<String> {
        let inputs = self.plan.layouts[kind.index()].slots.iter().map(|slot| slot.path.to_string());
        let figures = self.source.subject(kind).map_or(&[][..], |subject| &subject.figures);
        let known = inputs.chain(figures.iter().map(|figure| figure.name.clone()));
        let measured = known.map(|known| (distance(&known, name), known));
        let (distance, known) = measured.min()?;
        (distance <= 1 + name.len() / 4).then_some(known)
    }

    fn slot(&mut self, rel: Rel, slot: u16, path: &[&str], scope: &Scope) -> Typed {
        let kind = rel.target(scope.kind);
        let shared = self.plan.layouts[kind.index()].slots.get(usize::from(slot)).map(|slot| slot.spec.clone());
        let mut spec = shared.ok_or("no such input")?;
        if let (Rel::Own, ["item", code, input]) = (rel, path) {
            let (sheet, item) =
                self.item_of(kind, scope.category, code).ok_or(format!("this category has no item {code}"))?;
            let sheet = self.plan.sheets.get(usize::from(sheet));
            let item = sheet.and_then(|sheet| sheet.items.get(usize::from(item)));
            let own = item.and_then(|item| item.inputs.iter().find(|i| i.spec.name == *input));
            spec = own.map(|own| own.spec.clone()).ok_or(format!("item {code} has no input {input}"))?;
        }
        let node = Node::Slot { rel, slot, required: spec.required() };
        let node = if spec.kind == InputKind::Scale { Node::Scaled(Box::new(node), spec.scale.clone()) } else { node };
        Ok((node, spec.ty()))
    }

    /// Whether the figure exists for every subject that may be meant.
    fn covered(&self, rel: Rel, kind: Kind, figure: u16, scope: &Scope) -> Result<bool, String> {
        let Some(figure) = self.plan.figures.get(usize::from(figure)) else { return Ok(false) };
        let has = |category: usize| figure.bodies.get(category).is_some_and(Option::is_some);
        match rel {
            Rel::Own if has(scope.category) => Ok(true),
            Rel::Own => {
                Err(format!("{} is not defined for {:?}", figure.name, self.source.category_code(kind, scope.category)))
            }
            Rel::Head => {
                let head = self.source.units.as_ref().and_then(|units| units.head.as_ref());
                let wanted = head.and_then(|head| head.category.as_deref());
                let mut all = 0..figure.bodies.len();
                Ok(all.all(|at| has(at) || wanted.is_some_and(|wanted| wanted != self.source.category_code(kind, at))))
            }
            Rel::Unit | Rel::Company => Ok((0..figure.bodies.len()).all(has)),
        }
    }

    fn parameter_number(&mut self, name: &str) -> Typed {
        let at = self.parameter(name).ok_or_else(|| format!("there is no parameter {name}"))?;
        let parameter = self.parameters.get(usize::from(at)).ok_or("no such parameter")?;
        match &parameter.default {
            Some(Setting::Table(_) | Setting::ByCategory(_)) => {
                Err(format!("{name} is a table: name an entry, {name}[key]"))
            }
            Some(Setting::Number(_)) | None => {
                let ty = Type { nonzero: parameter.bounds.excludes_zero(), ..Type::NUMBER };
                Ok((Node::Parameter(at), ty))
            }
        }
    }

    fn entry(&mut self, path: &[String], key: &Ast, scope: &Scope) -> Typed {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let ["param" | "table", name] = path.as_slice() else {
            return Err("only a table has entries: table.name[key]".to_owned());
        };
        let (key, ty) = self.typed(key, scope)?;
        if ty.base != Base::Text || ty.optional {
            return Err(format!("the key of a table is a text, not {}", ty.describe()));
        }
        self.entry_of(name, key, None)
    }

    fn entry_of(&mut self, name: &str, key: Node, known: Option<Symbol>) -> Typed {
        let at = self.parameter(name).ok_or_else(|| format!("there is no table {name}"))?;
        let parameter = self.parameters.get(usize::from(at)).ok_or("no such table")?;
        let Some(Setting::Table(entries)) = &parameter.default else {
            return Err(format!("{name} is no table of numbers"));
        };
        if known.is_some_and(|known| !entries.iter().any(|(entry, _)| *entry == known)) {
            return Err(format!("{name} has no such entry"));
        }
        let bounded = parameter.bounds.excludes_zero();
        let fixed = parameter.fixed && entries.iter().all(|(_, number)| !number.is_zero());
        let ty = Type { nonzero: bounded || fixed, ..Type::NUMBER };
        Ok((Node::Entry { parameter: at, key: Box::new(key) }, ty))
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
                let places = places.ok_or("round keeps 0 to 10 decimals")?;
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
            ("run" | "nth" | "in_year", [condition]) => self.of_history(name, condition, scope),
            ("mean_of_months", []) => Ok((Node::MeanOfMonths, Type::NUMBER)),
            _ => Err(format!("there is no function {name} with {} arguments", args.len())),
        }
    }

    fn arithmetic(&mut self, name: &str, left: &Ast, right: &Ast, scope: &Scope) -> Typed {
        let (left, left_type) = self.number_of(left, scope)?;
        let (right, right_type) = self.number_of(right, scope)?;
        let both = left_type.nonzero && right_type.nonzero;
        let (operator, nonzero) = match name {
            "+" => (Operator::Add, false),
            "-" => (Operator::Subtract, false),
            "*" => (Operator::Multiply, both),
            _ if !right_type.nonzero => {
                return Err("the divisor may be 0: use ratio(a, b, otherwise), or declare it above 0".to_owned());
            }
            _ => (Operator::Divide, both),
        };
        if let (Operator::Divide, Some(places)) = (operator, power_of_ten(&right)) {
            return Ok((Node::Shifted(Box::new(left), places), Type { nonzero, ..Type::NUMBER }));
        }
        Ok((Node::Arithmetic(operator, Box::new((left, right))), Type { nonzero, ..Type::NUMBER }))
    }

    fn comparison(&mut self, name: &str, left: &Ast, right: &Ast, scope: &Scope) -> Typed {
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
            return Err(format!(
                "{} cannot be compared with {} by {name}",
                left_type.describe(),
                right_type.describe()
            ));
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
                    _ => Err("texts are wanted in the list".to_owned()),
                });
                Ok((Node::AmongTexts(node, codes.collect::<Result<_, _>>()?), Type::FLAG))
            }
            Base::Number => {
                let numbers = entries.iter().map(|entry| match entry {
                    Ast::Number(number) => Ok(*number),
                    _ => Err("numbers are wanted in the list".to_owned()),
                });
                Ok((Node::AmongNumbers(node, numbers.collect::<Result<Vec<Decimal>, _>>()?), Type::FLAG))
            }
            _ => Err(format!("{} is not looked for in a list", ty.describe())),
        }
    }

    fn choose(&mut self, args: &[Ast], scope: &Scope) -> Typed {
        let Some((last, cases)) =
            args.split_last().filter(|(_, cases)| !cases.is_empty() && cases.len().is_multiple_of(2))
        else {
            return Err("choose(condition, value, …, otherwise)".to_owned());
        };
        let (last, mut ty) = self.typed(last, scope)?;
        let mut chosen = Vec::new();
        for case in cases.chunks(2) {
            let [when, then] = case else { continue };
            let when = self.flag(when, scope)?;
            let (then, then_type) = self.typed(then, scope)?;
            if then_type.base != ty.base {
                return Err("all values of choose must be of one type".to_owned());
            }
            ty.optional |= then_type.optional;
            ty.nonzero &= then_type.nonzero;
            chosen.push((when, then));
        }
        Ok((Node::Choose(chosen, Box::new(last)), ty))
    }

    /// total([section]), points(rater[, section]), rated(rater[, section]), mix(param.weights)
    fn of_sheet(&mut self, name: &str, args: &[Ast], scope: &Scope) -> Typed {
        let sheet = self.plan.sheet_of[scope.kind.index()].get(scope.category).copied().flatten();
        let sheet = sheet.ok_or("there is no sheet here")?;
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
                _ => Err("mix(param.weights)".to_owned()),
            },
            _ => Err(format!("{name} is not used like this")),
        }
    }

    fn items_of(&self, sheet: u16, section: Option<&str>) -> Result<Vec<u16>, String> {
        let sheet = self.plan.sheets.get(usize::from(sheet)).ok_or("no such sheet")?;
        let wanted =
            |item: &crate::scheme::plan::Item| section.is_none_or(|section| item.section.as_deref() == Some(section));
        let found: Vec<u16> = (0_u16..).zip(&sheet.items).filter(|(_, item)| wanted(item)).map(|(at, _)| at).collect();
        if found.is_empty() { Err("the sheet has no such section".to_owned()) } else { Ok(found) }
    }

    fn total(&mut self, sheet: u16, section: Option<&str>, scope: &Scope) -> Typed {
        let mut parts = Vec::new();
        for item in self.items_of(sheet, section)? {
            let sheet = self.plan.sheets.get(usize::from(sheet));
            let code = sheet.and_then(|sheet| sheet.items.get(usize::from(item))).map(|item| item.code.clone());
            let name = format!("item.{}", code.unwrap_or_default());
            let figure = self.figure(scope.kind, &name).ok_or(TOLD)?;
            parts.push(Node::Figure { rel: Rel::Own, figure });
        }
        Ok((Node::Total(parts), Type::NUMBER))
    }

    fn points(&mut self, sheet: u16, rater: &str, section: Option<&str>, scope: &Scope) -> Typed {
        let items = self.items_of(sheet, section)?;
        let parts: Vec<Node> =
            items.into_iter().filter_map(|item| self.rater_points(sheet, item, rater, scope)).collect();
        if parts.is_empty() {
            Err(format!("the sheet has no rater {rater}"))
        } else {
            Ok((Node::Total(parts), Type::NUMBER))
        }
    }

    fn rated(&self, sheet: u16, rater: &str, section: Option<&str>) -> Result<Node, String> {
        let items = self.items_of(sheet, section)?;
        let sheet = self.plan.sheets.get(usize::from(sheet)).ok_or("no such sheet")?;
        let inputs =
            items.into_iter().filter_map(|item| sheet.items.get(usize::from(item))).flat_map(|item| &item.inputs);
        let slots: Vec<Node> = inputs
            .filter(|input| input.rater && input.spec.name == rater)
            .map(|input| Node::Slot { rel: Rel::Own, slot: input.slot, required: false })
            .collect();
        if slots.is_empty() { Err(format!("the sheet has no rater {rater}")) } else { Ok(Node::AnyGiven(slots)) }
    }

    fn mix(&mut self, sheet: u16, weights: &str, scope: &Scope) -> Typed {
        let declared = self.plan.sheets.get(usize::from(sheet)).ok_or("no such sheet")?;
        let names: Vec<String> = declared.raters.iter().map(|rater| rater.name.clone()).collect();
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

    fn of_rows(&mut self, name: &str, list: &[String], of: &Ast, scope: &Scope) -> Typed {
        let key = list.join(".");
        let found = self.plan.lists[scope.kind.index()].iter().position(|list| list.key == key);
        let at = found.ok_or_else(|| format!("there is no list {key}"))?;
        let inner = scope.with(Names::Row { list: at });
        let list = u16::try_from(at).map_err(|_| "too many lists")?;
        if name == "sum" {
            let of = Box::new(self.number_of(of, &inner)?.0);
            return Ok((Node::SumRows { list, of }, Type::NUMBER));
        }
        let of = Box::new(self.flag(of, &inner)?);
        Ok((Node::CountRows { list, of }, Type::NUMBER))
    }

    /// The same condition twice: for entries of the history, and for the present period.
    fn of_history(&mut self, name: &str, condition: &Ast, scope: &Scope) -> Typed {
        let past = Box::new(self.flag(condition, &scope.with(Names::Past))?);
        let present = Box::new(self.flag(condition, scope)?);
        let node = match name {
            "run" => Node::Run { past, present },
            "nth" => Node::Nth { past, present },
            _ => Node::CountInYear { past, present },
        };
        Ok((node, Type::NUMBER))
    }
}

/// How many letters must be added, left out or replaced to make one name out of another.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, letter) in from.chars().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(&to) {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = *cell;
            left = replaced.min(left + 1).min(*cell + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// How many zeros a constant 10, 100, … has.
fn power_of_ten(node: &Node) -> Option<u32> {
    let Node::Constant(Value::Number(number)) = node else { return None };
    (1..=9).find(|places| *number == Decimal::from(10_u64.pow(*places)))
}

impl From<Number> for Decimal {
    fn from(number: Number) -> Self {
        number.0
    }
}
