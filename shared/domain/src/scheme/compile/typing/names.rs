//! What names mean: inputs, figures, parameters, and what a formula knows where it stands.

use super::{Names, Refused, Scope, Typed};
use crate::expression::{Ast, Base, Field, Local, Node, Rel, Type};
use crate::say;
use crate::scheme::compile::Compiler;
use crate::scheme::plan::{InputSpec, ItemInput, Setting, Sheet, Stands};
use crate::scheme::source::{InputKind, Number};
use crate::value::{Kind, Symbol, Value};
use rust_decimal::Decimal;

impl Compiler<'_> {
    /// What a dotted name means.
    pub(super) fn name(&mut self, path: &[&str], scope: &Scope) -> Typed {
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

    pub(super) fn local(&mut self, name: &str, scope: &Scope) -> Option<(Node, Type)> {
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

    pub(super) fn item_local(&mut self, name: &str, sheet: u16, item: u16) -> Option<(Node, Type)> {
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
    pub(super) fn of(&mut self, rel: Rel, path: &[&str], scope: &Scope) -> Typed {
        let kind = rel.target(scope.kind);
        if self.source.subject(kind).is_none() {
            return Err(say!("本方案没有部门", "this scheme knows no units").into());
        }
        let name = path.join(".");
        if let ["item", code, ..] = path {
            self.must_count_always(kind, code, scope)?;
        }
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
    pub(super) fn is_code(&self, name: &str) -> bool {
        let subjects = Kind::ALL.into_iter().filter_map(|kind| self.source.subject(kind));
        let mut choices = subjects.clone().flat_map(|subject| &subject.facts).flat_map(|fact| &fact.choices);
        let mut categories = subjects.flat_map(|subject| &subject.categories);
        let mut codes = self.source.grades.iter().chain(&self.source.codes);
        codes.any(|one| one.code == name)
            || categories.any(|one| one.code == name)
            || choices.any(|one| one.code == name)
    }

    /// A formula that names single items would miss those that stand in their place for somebody.
    fn must_count_always(&self, kind: Kind, code: &str, scope: &Scope) -> Result<(), Refused> {
        let sheets = self.plan.sheets.iter();
        let on = |sheet: &&Sheet| self.source.sheets.get(sheet.source).is_some_and(|source| source.on == kind);
        let mut items = sheets.filter(on).flat_map(|sheet| &sheet.items);
        let gives_way = items.any(|item| item.code == code && item.stands != Stands::Alone);
        if gives_way && self.strict && !matches!(scope.names, Names::Item { .. }) {
            return Err(say!(
                "指标 {code} 所在的考核维度可由细目取代，公式不能单独引用它",
                "rows may take the place of the section of item {code}, so that no formula can name it alone"
            )
            .into());
        }
        Ok(())
    }

    /// Inputs and figures that a formula may name.
    pub(super) fn named(&self, kind: Kind) -> Vec<&str> {
        let inputs = self.plan.layouts[kind.index()].slots.iter().map(|slot| &*slot.path);
        let figures = self.source.subject(kind).map_or(&[][..], |subject| &subject.figures);
        inputs.chain(figures.iter().map(|figure| figure.name.as_str())).collect()
    }

    pub(super) fn slot(&mut self, rel: Rel, slot: u16, path: &[&str], scope: &Scope) -> Typed {
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
    pub(super) fn is_asked(&self, path: &[&str], scope: &Scope) -> bool {
        let ["fact", name, ..] = path else { return true };
        let facts = self.source.subject(scope.kind).map_or(&[][..], |subject| &subject.facts);
        facts.iter().find(|fact| fact.name == *name).is_none_or(|fact| {
            self.in_cadence(&fact.cadences) && self.for_category(scope.kind, &fact.categories, scope.category)
        })
    }

    /// Whether the figure exists for every subject that may be meant.
    pub(super) fn covered(&self, rel: Rel, kind: Kind, figure: u16, scope: &Scope) -> Result<bool, Refused> {
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

    pub(super) fn parameter_at(&self, name: &str) -> Result<u16, Refused> {
        self.parameter(name).ok_or_else(|| {
            let message = say!("没有参数或表 {name}", "there is no parameter and no table {name}");
            Refused::unknown(name, message, self.parameters.iter().map(|parameter| parameter.name.as_str()))
        })
    }

    pub(super) fn parameter_number(&mut self, name: &str) -> Typed {
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

    pub(super) fn entry(&mut self, path: &[String], key: &Ast, scope: &Scope) -> Typed {
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

    pub(super) fn entry_of(&mut self, name: &str, key: Node, known: Option<Symbol>) -> Typed {
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
