//! Of which kind a code is. The same code may stand for a grade, a class of shops and a shift: it is only ever read
//! within its kind, which follows from the expression that it stands beside.

use super::source::{
    Coded, Expr, FigureSource, How, InputKind, InputSource, ItemSource, ListSource, ParameterDefault, SheetSource,
    Source, SubjectSource,
};
use crate::Label;
use crate::expression::{Ast, parse};
use crate::value::Kind;

/// Among which codes one is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Codes {
    /// Nothing says of which kind it is.
    #[default]
    Any,
    /// Grades, and the further codes that figures can yield.
    Grades,
    Outcomes,
    Categories(Kind),
    Items(Kind),
    Sections(Kind),
    Raters(Kind),
    Choices(ChoicesAt),
    /// Letters of a scale that stand for themselves.
    Letters,
}

/// Where the choices of an input are declared, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChoicesAt {
    Fact { kind: Kind, fact: usize, field: Option<usize> },
    Item { sheet: usize, item: usize, input: usize },
    Sheet { sheet: usize, input: usize },
    Rater { sheet: usize, rater: usize },
    Column { kind: Kind, list: usize, column: usize },
}

impl ChoicesAt {
    fn of(self, source: &Source) -> Option<&InputSource> {
        match self {
            ChoicesAt::Fact { kind, fact, field } => {
                let fact = source.subject(kind)?.facts.get(fact)?;
                field.map_or(Some(fact), |field| fact.fields.get(field))
            }
            ChoicesAt::Item { sheet, item, input } => source.sheets.get(sheet)?.items.get(item)?.inputs.get(input),
            ChoicesAt::Sheet { sheet, input } => source.sheets.get(sheet)?.inputs.get(input),
            ChoicesAt::Rater { sheet, rater } => source.sheets.get(sheet)?.raters.get(rater),
            ChoicesAt::Column { kind, list, column } => source.subject(kind)?.lists.get(list)?.columns.get(column),
        }
    }
}

/// Codes of an input, by what may be given for it.
fn of_input(input: &InputSource, at: ChoicesAt) -> Codes {
    match input.kind {
        InputKind::Grade => Codes::Grades,
        InputKind::Choice => Codes::Choices(at),
        InputKind::Scale if input.choices.is_empty() => Codes::Letters,
        InputKind::Scale => Codes::Choices(at),
        _ => Codes::Any,
    }
}

/// Formulas name figures, which have formulas of their own; more steps than this lead nowhere.
const MOST_STEPS: u8 = 16;

impl Codes {
    fn or(self, other: impl FnOnce() -> Codes) -> Codes {
        if self == Codes::Any { other() } else { self }
    }
}

/// Where an expression stands: whose it is, and for whom and when it holds.
#[derive(Clone, Copy)]
pub(crate) struct Stand<'s> {
    pub source: &'s Source,
    pub kind: Kind,
    pub item: Option<(&'s SheetSource, &'s ItemSource)>,
    pub list: Option<&'s ListSource>,
    /// A figure may be another one in each category and cadence.
    pub categories: &'s [String],
    pub cadences: &'s [String],
    /// How many figures were looked through on the way here.
    pub steps: u8,
}

impl<'s> Stand<'s> {
    pub fn of(source: &'s Source, kind: Kind) -> Self {
        Self { source, kind, item: None, list: None, categories: &[], cadences: &[], steps: 0 }
    }

    /// The kind of the codes that an expression yields.
    pub fn codes_of(&self, ast: &Ast) -> Codes {
        match ast {
            Ast::Path(path) => self.codes_of_name(&path.iter().map(String::as_str).collect::<Vec<_>>()),
            Ast::Otherwise(all) => self.first_codes(all),
            Ast::Call(name, args) if name == "choose" => {
                let values = args.iter().enumerate().filter(|(at, _)| at % 2 == 1 || at + 1 == args.len());
                values.map(|(_, value)| self.codes_of(value)).fold(Codes::Any, |found, next| found.or(|| next))
            }
            _ => Codes::Any,
        }
    }

    pub fn first_codes(&self, all: &[Ast]) -> Codes {
        all.iter().fold(Codes::Any, |found, one| found.or(|| self.codes_of(one)))
    }

    /// The kind of the codes of an input or a figure, as formulas name it.
    pub fn codes_of_name(&self, path: &[&str]) -> Codes {
        if let [name] = path
            && let Some(local) = self.codes_of_local(name)
        {
            return local;
        }
        match path {
            ["category"] => Codes::Categories(self.kind),
            ["previous", "grade"] => Codes::Grades,
            ["unit", rest @ ..] if self.kind == Kind::People => self.seen_from(Kind::Units).codes_of_name(rest),
            ["head", rest @ ..] if self.kind == Kind::Units => self.seen_from(Kind::People).codes_of_name(rest),
            ["company", rest @ ..] => self.seen_from(Kind::Company).codes_of_name(rest),
            ["fact", name, rest @ ..] => self.codes_of_fact(name, rest).unwrap_or_default(),
            ["item", code, name] => {
                let Some((sheet, item)) = self.item_named(code) else { return Codes::Any };
                Stand { item: Some((sheet, item)), ..*self }.codes_of_local(name).unwrap_or_default()
            }
            [name] => self.codes_of_figure(name).unwrap_or_default(),
            _ => Codes::Any,
        }
    }

    pub fn seen_from(&self, kind: Kind) -> Stand<'s> {
        Stand { kind, item: None, list: None, categories: &[], ..*self }
    }

    fn codes_of_local(&self, name: &str) -> Option<Codes> {
        if let Some((sheet, item)) = self.item {
            let sheet_at = self.source.sheets.iter().position(|one| std::ptr::eq(one, sheet))?;
            let item_at = sheet.items.iter().position(|one| std::ptr::eq(one, item))?;
            let own = item.inputs.iter().enumerate().find(|(_, input)| input.name == name);
            if let Some((input, declared)) = own {
                return Some(of_input(declared, ChoicesAt::Item { sheet: sheet_at, item: item_at, input }));
            }
            if let Some((input, declared)) = sheet.inputs.iter().enumerate().find(|(_, input)| input.name == name) {
                return Some(of_input(declared, ChoicesAt::Sheet { sheet: sheet_at, input }));
            }
            let mut raters = sheet.raters.iter().enumerate();
            let (rater, declared) = raters.find(|(_, rater)| rater.name == name)?;
            return Some(of_input(declared, ChoicesAt::Rater { sheet: sheet_at, rater }));
        }
        let list = self.list?;
        let lists = &self.source.subject(self.kind)?.lists;
        let list_at = lists.iter().position(|one| std::ptr::eq(one, list))?;
        let (column, declared) = list.columns.iter().enumerate().find(|(_, column)| column.name == name)?;
        Some(of_input(declared, ChoicesAt::Column { kind: self.kind, list: list_at, column }))
    }

    fn codes_of_fact(&self, name: &str, field: &[&str]) -> Option<Codes> {
        let kind = self.kind;
        let facts = &self.source.subject(kind)?.facts;
        let (fact, declared) = facts.iter().enumerate().find(|(_, fact)| fact.name == name)?;
        let [field] = field else { return Some(of_input(declared, ChoicesAt::Fact { kind, fact, field: None })) };
        let (field, declared) = declared.fields.iter().enumerate().find(|(_, one)| one.name == *field)?;
        Some(of_input(declared, ChoicesAt::Fact { kind, fact, field: Some(field) }))
    }

    fn codes_of_figure(&self, name: &str) -> Option<Codes> {
        let figure = self.figure_named(name)?;
        let formula = match figure.how()? {
            How::Bands(_) | How::Quota(_) => return Some(Codes::Grades),
            How::Formula(formula) if self.steps < MOST_STEPS => formula,
            _ => return None,
        };
        let inside = Stand { steps: self.steps + 1, item: None, list: None, ..*self };
        let found = parse(&formula.text).map_or(Codes::Any, |ast| inside.codes_of(&ast));
        // What a formula writes itself is a grade or one of the scheme's further codes.
        Some(found.or(|| Codes::Grades))
    }

    pub fn coded(&self, codes: Codes) -> Vec<(&'s str, &'s Label)> {
        let source = self.source;
        let plainly = |coded: &'s [Coded]| coded.iter().map(|one| (one.code.as_str(), &one.label));
        match codes {
            Codes::Any | Codes::Letters => Vec::new(),
            Codes::Grades => plainly(&source.grades).chain(plainly(&source.codes)).collect(),
            Codes::Outcomes => plainly(&source.outcomes).collect(),
            Codes::Categories(kind) => {
                source.subject(kind).map_or(Vec::new(), |subject| plainly(&subject.categories).collect())
            }
            Codes::Choices(at) => at.of(source).map_or(Vec::new(), |input| plainly(&input.choices).collect()),
            Codes::Items(kind) => {
                self.sheets(kind).flat_map(|sheet| &sheet.items).map(|one| (one.code.as_str(), &one.label)).collect()
            }
            Codes::Sections(kind) => self.sheets(kind).flat_map(|sheet| plainly(&sheet.sections)).collect(),
            Codes::Raters(kind) => {
                self.sheets(kind).flat_map(|sheet| &sheet.raters).map(|one| (one.name.as_str(), &one.label)).collect()
            }
        }
    }

    /// Sheets of a kind, those of the stand's cadence and category first.
    pub fn sheets(&self, kind: Kind) -> impl Iterator<Item = &'s SheetSource> + use<'s> {
        let all = self.source.sheets.iter().filter(move |sheet| sheet.on == kind);
        let (categories, cadences) = (self.categories, self.cadences);
        let here = move |sheet: &&SheetSource| meet(&sheet.cadences, cadences) && meet(&sheet.categories, categories);
        all.clone().filter(here).chain(all.filter(move |sheet| !here(sheet)))
    }

    /// The names of a code of that kind.
    pub fn label(&self, codes: Codes, code: &str) -> Option<&'s Label> {
        self.coded(codes).into_iter().find(|(known, _)| *known == code).map(|(_, label)| label)
    }

    /// The place of a code among those of its kind, as the scheme declares them.
    pub fn order(&self, codes: Codes, code: &str) -> usize {
        self.coded(codes).iter().position(|(known, _)| *known == code).unwrap_or(usize::MAX)
    }

    pub fn figure_named(&self, name: &str) -> Option<&'s FigureSource> {
        let mut all = self.subject()?.figures.iter().filter(|figure| figure.name == name);
        let here = all
            .clone()
            .find(|figure| meet(&figure.cadences, self.cadences) && meet(&figure.categories, self.categories));
        here.or_else(|| all.next())
    }
}

/// Whether two scopes have something in common; an empty one is everything.
pub(crate) fn meet(these: &[String], those: &[String]) -> bool {
    these.is_empty() || those.is_empty() || these.iter().any(|one| those.contains(one))
}

/// The kind of the keys of each table, by its name: what it is read by somewhere in the scheme.
pub(crate) fn keys_of_tables(stand: Stand<'_>) -> Vec<(String, Codes)> {
    let source = stand.source;
    let mut found = Vec::new();
    for sheet in &source.sheets {
        found.extend(sheet.weights.as_deref().map(|name| (bare(name), Codes::Items(sheet.on))));
    }
    for kind in Kind::ALL {
        let Some(subject) = source.subject(kind) else { continue };
        let quotas = subject.figures.iter().filter_map(|figure| figure.quota.as_ref()).map(|quota| &quota.shares);
        let shares = quotas.chain(subject.guides.iter().map(|guide| &guide.shares));
        found.extend(shares.map(|name| (bare(name), Codes::Grades)));
    }
    each_expression(stand, &mut |stand, expr| {
        if let Ok(ast) = parse(&expr.text) {
            keys_in(stand, &ast, &mut found);
        }
    });
    let tables = source.parameters.iter().chain(&source.tables);
    let tables = tables.filter(|table| !matches!(table.default, Some(ParameterDefault::Number(_))));
    let codes = |name: &str| found.iter().find(|(known, codes)| known == name && *codes != Codes::Any);
    tables.map(|table| (table.name.clone(), codes(&table.name).map_or(Codes::Any, |(_, codes)| *codes))).collect()
}

fn bare(name: &str) -> String {
    name.split_once('.').map_or(name, |(_, name)| name).to_owned()
}

fn keys_in(stand: Stand<'_>, ast: &Ast, found: &mut Vec<(String, Codes)>) {
    match ast {
        Ast::Entry(path, key) => {
            if let [_, name] = path.as_slice() {
                found.push((name.clone(), stand.codes_of(key)));
            }
            keys_in(stand, key, found);
        }
        Ast::Call(name, args) => {
            if let ("mix", [Ast::Path(path)]) = (name.as_str(), args.as_slice())
                && let [_, weights] = path.as_slice()
            {
                found.push((weights.clone(), Codes::Raters(stand.kind)));
            }
            let list = match (name.as_str(), args.as_slice()) {
                ("sum" | "rows", [Ast::Path(list), _]) => stand.list_named(&list.join(".")),
                _ => None,
            };
            let inside = Stand { list: list.or(stand.list), ..stand };
            args.iter().for_each(|one| keys_in(inside, one, found));
        }
        Ast::And(all) | Ast::Or(all) | Ast::Otherwise(all) | Ast::List(all) => {
            all.iter().for_each(|one| keys_in(stand, one, found));
        }
        Ast::Number(_) | Ast::Flag(_) | Ast::Text(_) | Ast::Path(_) => {}
    }
}

impl<'s> Stand<'s> {
    pub fn item_named(&self, code: &str) -> Option<(&'s SheetSource, &'s ItemSource)> {
        let items = self.sheets(self.kind).flat_map(|sheet| sheet.items.iter().map(move |item| (sheet, item)));
        items.into_iter().find(|(_, item)| item.code == code)
    }

    pub fn list_named(&self, key: &str) -> Option<&'s ListSource> {
        self.subject()?.lists.iter().find(|list| list.key == key)
    }

    pub fn subject(&self) -> Option<&'s SubjectSource> {
        self.source.subject(self.kind)
    }
}

/// Every expression of a scheme, with a stand who stands where it does.
fn each_expression<'s>(stand: Stand<'s>, each: &mut dyn FnMut(Stand<'s>, &'s Expr)) {
    let source = stand.source;
    for sheet in &source.sheets {
        let of_sheet = Stand { kind: sheet.on, categories: &sheet.categories, cadences: &sheet.cadences, ..stand };
        for item in &sheet.items {
            let of_item = Stand { item: Some((sheet, item)), ..of_sheet };
            let counts = sheet.raters.iter().filter_map(|rater| rater.counts.as_ref());
            item.score.iter().chain(counts).for_each(|expr| each(of_item, expr));
        }
    }
    for kind in Kind::ALL {
        let Some(subject) = source.subject(kind) else { continue };
        let of = |categories: &'s [String], cadences: &'s [String]| Stand { kind, categories, cadences, ..stand };
        for figure in &subject.figures {
            let here = of(&figure.categories, &figure.cadences);
            figure.own_expressions().for_each(|expr| each(here, expr));
            if let Some(gather) = &figure.gather {
                let there = Stand { kind: gather.of, categories: &gather.categories, ..here };
                gather.value.iter().for_each(|expr| each(there, expr));
            }
        }
        for rule in &subject.rules {
            each(of(&rule.categories, &rule.cadences), &rule.when);
        }
        for exclusion in &subject.exclusions {
            each(of(&exclusion.categories, &exclusion.cadences), &exclusion.when);
        }
        for check in &subject.checks {
            let here = of(&check.categories, &check.cadences);
            check.needs.iter().chain(&check.must).for_each(|expr| each(here, expr));
        }
    }
}
