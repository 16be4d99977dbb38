//! Formulas and conditions in words.

use rust_decimal::Decimal;

use super::language::{Comparison, Known, Language, Limit, Owner, Past, language};
use crate::expression::{Ast, parse};
use crate::money::plain;
use crate::scheme::Scheme;
use crate::scheme::codes::{Codes, Stand};
use crate::scheme::source::{
    InputKind, InputSource, ItemSource, ListSource, ParameterDefault, ParameterSource, SheetSource, Source,
};
use crate::value::Kind;
use crate::{Label, Locale};

/// Whose formula is told, where it stands, and in which language.
#[derive(Clone, Copy)]
pub(crate) struct Speaker<'s> {
    pub scheme: &'s Scheme,
    pub source: &'s Source,
    pub locale: Locale,
    pub language: &'static dyn Language,
    pub kind: Kind,
    pub item: Option<(&'s SheetSource, &'s ItemSource)>,
    pub list: Option<&'s ListSource>,
    /// For whom and when it holds: a figure may have another name in each category and cadence.
    pub categories: &'s [String],
    pub cadences: &'s [String],
    /// Values of parameters stand beside their names.
    pub values: bool,
    /// Of which kind the codes here are, where something beside them says so.
    pub codes: Codes,
}

/// How tightly a phrase holds together: what needs brackets inside what.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Bond {
    Clause,
    Or,
    And,
    Not,
    /// Words before or behind a number, which may seem to hold for what stands beside it too.
    Words,
    Sum,
    Product,
    Name,
}

type Phrase = (String, Bond);

impl<'s> Speaker<'s> {
    pub fn of(scheme: &'s Scheme, locale: Locale, kind: Kind) -> Self {
        Self {
            scheme,
            source: &scheme.source,
            locale,
            language: language(locale),
            kind,
            item: None,
            list: None,
            categories: &[],
            cadences: &[],
            values: true,
            codes: Codes::Any,
        }
    }

    /// Where the speaker stands.
    pub fn stand(&self) -> Stand<'s> {
        let Speaker { source, kind, item, list, categories, cadences, .. } = *self;
        Stand { source, kind, item, list, categories, cadences, steps: 0 }
    }

    /// The name of a code of that kind; the part behind a colon stands for itself.
    pub fn code(&self, codes: Codes, code: &str) -> String {
        let bare = code.split_once(':').map_or(code, |(bare, _)| bare);
        self.stand().label(codes, bare).map_or(code, |label| self.label(label)).to_owned()
    }

    pub fn codes(&self, codes: Codes, all: &[String]) -> String {
        self.language.list(&all.iter().map(|code| self.code(codes, code)).collect::<Vec<_>>())
    }

    fn among(&self, codes: Codes) -> Speaker<'s> {
        Speaker { codes, ..*self }
    }

    pub fn label<'l>(&self, label: &'l Label) -> &'l str {
        self.language.label(label)
    }

    /// An expression in words; as it stands where it cannot be read.
    pub fn phrase(&self, text: &str) -> String {
        parse(text).map_or_else(|_| text.trim().to_owned(), |ast| self.whole(&ast).0)
    }

    /// As [`Self::phrase`], in brackets unless it holds together as a name does.
    pub fn bracketed(&self, text: &str) -> String {
        let Ok(ast) = parse(text) else { return text.trim().to_owned() };
        let (text, bond) = self.whole(&ast);
        if bond == Bond::Name { text } else { self.language.brackets(&text) }
    }

    fn whole(&self, ast: &Ast) -> Phrase {
        let codes = self.stand().codes_of(ast);
        let codes = if codes == Codes::Any { Codes::Grades } else { codes };
        let (text, bond) = self.among(codes).say(ast);
        (self.each_table_once(text), bond)
    }

    /// A table is spelled out where it is named first.
    fn each_table_once(&self, text: String) -> String {
        let tables = self.source.parameters.iter().chain(&self.source.tables).filter(|_| self.values);
        tables.filter_map(|table| self.spelled(&table.name)).fold(text, |text, spelled| {
            let behind = text.find(&spelled).map(|at| at + spelled.len());
            match behind.and_then(|at| Some((text.get(..at)?, text.get(at..)?))) {
                Some((before, rest)) => format!("{before}{}", rest.replace(&spelled, "")),
                None => text,
            }
        })
    }

    fn within(&self, ast: &Ast, least: Bond) -> String {
        let (text, bond) = self.say(ast);
        if bond >= least { text } else { self.language.brackets(&text) }
    }

    fn say(&self, ast: &Ast) -> Phrase {
        match ast {
            Ast::Number(number) => (minus(&plain(*number)), Bond::Name),
            Ast::Flag(flag) => (self.language.truth(*flag).to_owned(), Bond::Name),
            Ast::Text(code) => (self.code(self.codes, code), Bond::Name),
            Ast::List(all) => (self.listed(all), Bond::Name),
            Ast::Path(path) if self.is_record(path) => (self.language.is_given(&self.path(path)), Bond::Not),
            Ast::Path(path) => (self.path(path), Bond::Name),
            Ast::Entry(path, key) => (self.entry(path, key), Bond::Name),
            Ast::And(all) => (self.joined(all, Bond::Not, self.language.and()), Bond::And),
            Ast::Or(all) => (self.joined(all, Bond::Not, self.language.or()), Bond::Or),
            Ast::Otherwise(all) => self.otherwise(all),
            Ast::Call(name, args) => self.call(name, args),
        }
    }

    fn path(&self, path: &[String]) -> String {
        self.name(&path.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// A record by itself is a condition: that it is there.
    fn is_record(&self, path: &[String]) -> bool {
        let [fact, name] = path else { return false };
        let facts = self.source.subject(self.kind).map_or(&[][..], |subject| &subject.facts);
        fact == "fact" && facts.iter().any(|fact| fact.name == *name && fact.kind == InputKind::Record)
    }

    fn joined(&self, all: &[Ast], least: Bond, between: &str) -> String {
        all.iter().map(|one| self.within(one, least)).collect::<Vec<_>>().join(between)
    }

    fn listed(&self, all: &[Ast]) -> String {
        self.joined(all, Bond::Clause, self.language.comma())
    }

    fn otherwise(&self, all: &[Ast]) -> Phrase {
        let Some((first, rest)) = all.split_first() else { return (String::new(), Bond::Name) };
        let rest: Vec<String> = rest.iter().map(|one| self.within(one, Bond::Sum)).collect();
        (self.language.otherwise(&self.within(first, Bond::Sum), &rest), Bond::Name)
    }

    fn call(&self, name: &str, args: &[Ast]) -> Phrase {
        match (name, args) {
            ("+", [a, b]) => (format!("{} + {}", self.within(a, Bond::Sum), self.within(b, Bond::Sum)), Bond::Sum),
            ("-", [a, b]) => (format!("{} − {}", self.within(a, Bond::Sum), self.within(b, Bond::Product)), Bond::Sum),
            ("*", [a, b]) => {
                // "a × (1 ÷ 3)": fractions that do not end are cut off where the scheme divides, not elsewhere.
                let divides = matches!(b, Ast::Call(name, args) if name == "/" && args.len() == 2);
                let right = self.within(b, if divides { Bond::Name } else { Bond::Product });
                (format!("{} × {right}", self.within(a, Bond::Product)), Bond::Product)
            }
            ("/", [a, b]) => (self.quotient(a, b), Bond::Product),
            ("-", [one]) => (format!("−{}", self.within(one, Bond::Name)), Bond::Name),
            ("!", [one]) => (self.not(one), Bond::Not),
            ("==" | "!=" | "<" | "<=" | ">" | ">=", [a, b]) => (self.comparison(name, a, b), Bond::Not),
            ("contains", [Ast::List(entries), one]) => {
                let among = self.among(self.stand().codes_of(one));
                (self.language.is_one_of(&among.within(one, Bond::Words), &among.listed(entries)), Bond::Not)
            }
            ("run" | "nth" | "nth_ever" | "in_year" | "months", [condition]) => {
                (self.language.of_history(past(name), &self.say(condition).0), Bond::Name)
            }
            ("choose", _) => (self.choose(args), Bond::Clause),
            ("min", _) => self.extreme(Limit::AtMost, args),
            ("max", _) => self.extreme(Limit::AtLeast, args),
            ("sum" | "rows", [Ast::Path(list), of]) => (self.of_rows(name, &list.join("."), of), Bond::Name),
            _ => self.function(name, args),
        }
    }

    fn quotient(&self, a: &Ast, b: &Ast) -> String {
        format!("{} ÷ {}", self.within(a, Bond::Product), self.within(b, Bond::Name))
    }

    fn not(&self, one: &Ast) -> String {
        match one {
            Ast::Call(name, args) if name == "known" && args.len() == 1 => {
                self.language.is_not_given(&self.listed(args))
            }
            Ast::Path(path) if self.is_record(path) => self.language.is_not_given(&self.path(path)),
            _ => self.language.not(&self.say(one).0),
        }
    }

    fn comparison(&self, name: &str, a: &Ast, b: &Ast) -> String {
        if let (Ast::Call(call, condition), Ast::Number(number)) = (a, b)
            && let ([condition], "==") = (condition.as_slice(), name)
            && matches!(call.as_str(), "run" | "nth" | "nth_ever")
        {
            return self.language.at_time(past(call), &self.within(condition, Bond::And), *number);
        }
        let stand = self.stand();
        let among = self.among(match stand.codes_of(a) {
            Codes::Any => stand.codes_of(b),
            codes => codes,
        });
        let comparison = match name {
            "==" => Comparison::Is,
            "!=" => Comparison::IsNot,
            "<" => Comparison::Below,
            "<=" => Comparison::AtMost,
            ">" => Comparison::Above,
            _ => Comparison::AtLeast,
        };
        self.language.compared(comparison, &among.within(a, Bond::Words), &among.within(b, Bond::Words))
    }

    fn choose(&self, args: &[Ast]) -> String {
        let Some((last, cases)) = args.split_last() else { return String::new() };
        let mut parts = Vec::new();
        for case in cases.chunks(2) {
            let [when, then] = case else { continue };
            let (when, then) = (self.among(Codes::Any).say(when).0, self.within(then, Bond::Or));
            parts.push(self.language.when_then(&when, &then));
        }
        parts.push(self.language.else_then(&self.within(last, Bond::Or)));
        parts.join(self.language.semicolon())
    }

    fn of_rows(&self, name: &str, key: &str, of: &Ast) -> String {
        let list = self.stand().list_named(key);
        let label = list.map_or(key, |list| self.label(&list.label));
        let of = Speaker { list, ..*self }.say(of).0;
        if name == "sum" { self.language.sum_of_rows(label, &of) } else { self.language.rows_for_which(label, &of) }
    }

    /// The least or the greatest of several. Fixed numbers among them are bounds of the others.
    fn extreme(&self, limit: Limit, args: &[Ast]) -> Phrase {
        if let Some((core, bound)) = limited_where_set(args) {
            let bound = self.language.limited_where_set(limit, &self.within(bound, Bond::Sum));
            return (format!("{}{}{bound}", self.within(core, Bond::Words), self.language.pause()), Bond::Clause);
        }
        let mut bounds = Vec::new();
        if let Some(core) = bounded(limit, args, &mut bounds) {
            return self.excess(core, &bounds).unwrap_or_else(|| {
                let said = bounds.iter().map(|(limit, bound)| {
                    let bound = self.language.limited(*limit, &self.within(bound, Bond::Sum));
                    format!("{}{bound}", self.language.pause())
                });
                (format!("{}{}", self.within(core, Bond::Words), said.collect::<String>()), Bond::Clause)
            });
        }
        let all: Vec<String> = args.iter().map(|one| self.within(one, Bond::Product)).collect();
        (self.language.extreme(limit, &all), Bond::Words)
    }

    /// `max(a - b, 0)`, where both have names.
    fn excess(&self, core: &Ast, bounds: &[(Limit, &Ast)]) -> Option<Phrase> {
        let (Ast::Call(name, args), [(Limit::AtLeast, Ast::Number(bound))]) = (core, bounds) else { return None };
        let ("-", [a, b], true) = (name.as_str(), args.as_slice(), bound.is_zero()) else { return None };
        let ((left, Bond::Name), (right, Bond::Name)) = (self.say(a), self.say(b)) else { return None };
        let said = match a {
            Ast::Number(_) => self.language.shortfall(&left, &right),
            _ => self.language.excess(&left, &right),
        };
        Some((said, Bond::Words))
    }

    /// What is rounded: in brackets, unless it is a name, or in words that close.
    fn rounded_core(&self, ast: &Ast) -> String {
        let (text, bond) = self.say(ast);
        let plain = bond == Bond::Name || (bond == Bond::Words && !self.language.rounds_words_in_brackets());
        if plain { text } else { self.language.brackets(&text) }
    }

    fn function(&self, name: &str, args: &[Ast]) -> Phrase {
        let language = self.language;
        let section = |at: usize| args.get(at).map(|one| self.among(Codes::Sections(self.kind)).say(one).0);
        let rater = |at: usize| args.get(at).map(|one| self.among(Codes::Raters(self.kind)).say(one).0);
        // Chinese closes with what it is; in English the words come first.
        let closed = if language.closes() { Bond::Name } else { Bond::Words };
        match (name, args) {
            ("floor", [Ast::Call(divide, parts)]) if divide == "/" && fixed_step(parts).is_some() => {
                let (number, step) = (parts.first(), fixed_step(parts).unwrap_or_default());
                let number = number.map(|one| self.within(one, Bond::Words)).unwrap_or_default();
                (language.for_every_full(&number, &plain(step)), Bond::Words)
            }
            ("floor", [one]) => (language.rounded_down(&self.rounded_core(one)), Bond::Words),
            ("ceil", [one]) => (language.rounded_up(&self.rounded_core(one)), Bond::Words),
            ("abs", [Ast::Call(minus, parts)]) if minus == "-" && parts.len() == 2 => {
                let parts: Vec<String> = parts.iter().map(|one| self.within(one, Bond::Product)).collect();
                let [a, b] = parts.as_slice() else { return (String::new(), closed) };
                (language.difference(a, b), closed)
            }
            ("abs", [one]) => (language.size(&self.within(one, Bond::Name)), closed),
            ("round", [one, places]) => {
                (language.rounded(&self.rounded_core(one), &self.within(places, Bond::Name)), Bond::Words)
            }
            ("ratio", [a, b, otherwise]) => {
                let otherwise = self.within(otherwise, Bond::Name);
                let quotient = format!("{} ÷ {}", self.within(a, Bond::Name), self.within(b, Bond::Name));
                (language.unless_by_zero(&quotient, &otherwise), Bond::Product)
            }
            ("known", _) => (language.is_given(&self.listed(args)), Bond::Not),
            ("total", _) => (language.total(section(0).as_deref()), closed),
            ("points", _) => (language.points(&rater(0).unwrap_or_default(), section(1).as_deref()), closed),
            ("rated", _) => (language.rated(&rater(0).unwrap_or_default(), section(1).as_deref()), Bond::Not),
            ("mix", _) => (language.mix(&self.listed(args)), closed),
            ("months_scored", _) => (language.months_scored().to_owned(), closed),
            ("mean_of_months", []) => (language.mean_of_months(None), closed),
            ("mean_of_months", _) => (language.mean_of_months(Some(&self.listed(args))), closed),
            _ => (format!("{name}({})", self.listed(args)), Bond::Name),
        }
    }

    fn entry(&self, path: &[String], key: &Ast) -> String {
        let [_, name] = path else {
            return format!("{}[{}]", path.join("."), self.say(key).0);
        };
        let key = self.among(self.scheme.keys_of(name)).say(key).0;
        let spelled = if self.values { self.spelled(name) } else { None }.unwrap_or_default();
        self.language.entry(&self.parameter_label(name), &key, &spelled)
    }

    fn name(&self, path: &[&str]) -> String {
        if let [name] = path
            && let Some(local) = self.local(name)
        {
            return local;
        }
        let known = |known: Known| self.language.known(known).to_owned();
        match path {
            ["category"] => known(Known::Category(self.kind)),
            ["given"] => known(Known::ScoreGiven),
            ["hired_on"] => known(Known::HiredOn),
            ["left_on"] => known(Known::LeftOn),
            ["period", "first_day"] => known(Known::FirstDay),
            ["period", "last_day"] => known(Known::LastDay),
            ["previous", "score"] => known(Known::PreviousScore),
            ["previous", "grade"] => known(Known::PreviousGrade),
            ["param" | "table", name] => self.parameter(name),
            ["param" | "table", name, key] => {
                self.entry(&["param".to_owned(), (*name).to_owned()], &Ast::Text((*key).to_owned()))
            }
            ["unit", rest @ ..] => self.whose(Kind::Units, Owner::Unit, rest),
            ["head", rest @ ..] => self.whose(Kind::People, Owner::Head, rest),
            ["company", rest @ ..] => self.whose(Kind::Company, Owner::Company, rest),
            rest => self.own(rest).unwrap_or_else(|| rest.join(".")),
        }
    }

    /// Something of the unit, its head or the company: whose it is goes without saying where its name says it.
    fn whose(&self, kind: Kind, owner: Owner, path: &[&str]) -> String {
        let other = Speaker { kind, item: None, list: None, categories: &[], ..*self };
        let name = other.name(path);
        if self.language.says_whose(owner, &name) && !self.has_own(&name) {
            self.language.the(&name)
        } else {
            self.language.whose(owner, &name)
        }
    }

    /// Whether the speaker's own kind has something of that name too.
    fn has_own(&self, name: &str) -> bool {
        let Some(subject) = self.source.subject(self.kind) else { return false };
        let figures = subject.figures.iter().map(|figure| &figure.label);
        let facts = subject.facts.iter().chain(&subject.pay).map(|input| &input.label);
        figures.chain(facts).any(|label| self.label(label) == name)
    }

    fn local(&self, name: &str) -> Option<String> {
        if let Some((sheet, item)) = self.item {
            if name == "weight" {
                return Some(self.language.known(Known::Weight).to_owned());
            }
            let input = item.inputs.iter().chain(&sheet.inputs).find(|input| input.name == name);
            let rater = || sheet.raters.iter().find(|rater| rater.name == name);
            return input
                .map(|input| self.label(&input.label).to_owned())
                .or_else(|| rater().map(|rater| self.language.points_by(self.label(&rater.label))));
        }
        let column = self.list?.columns.iter().find(|column| column.name == name)?;
        Some(self.label(&column.label).to_owned())
    }

    fn own(&self, path: &[&str]) -> Option<String> {
        let subject = self.source.subject(self.kind)?;
        let input = |inputs: &'s [InputSource], name: &str| inputs.iter().find(|input| input.name == name);
        match path {
            ["fact", name] => input(&subject.facts, name).map(|fact| self.label(&fact.label).to_owned()),
            ["pay", name] => input(&subject.pay, name).map(|pay| self.label(&pay.label).to_owned()),
            ["fact", name, field] => {
                let fact = input(&subject.facts, name)?;
                let field = input(&fact.fields, field)?;
                Some(self.language.part_of(self.label(&fact.label), self.label(&field.label)))
            }
            ["item", code] => {
                self.stand().item_named(code).map(|(_, item)| self.language.points_on(self.label(&item.label)))
            }
            ["item", code, name] => {
                let (sheet, item) = self.stand().item_named(code)?;
                let inside = Speaker { item: Some((sheet, item)), ..*self }.local(name)?;
                Some(self.language.part_of(self.label(&item.label), &inside))
            }
            [name] => self.stand().figure_named(name).map(|figure| self.label(&figure.label).to_owned()),
            _ => None,
        }
    }

    fn written(&self, name: &str) -> Option<&'s ParameterSource> {
        self.source.parameters.iter().chain(&self.source.tables).find(|parameter| parameter.name == name)
    }

    fn parameter_label(&self, name: &str) -> String {
        self.written(name).map_or_else(|| name.to_owned(), |parameter| self.label(&parameter.label).to_owned())
    }

    fn parameter(&self, name: &str) -> String {
        let label = self.parameter_label(name);
        let named = self.language.named(&label);
        if !self.values {
            return named;
        }
        match self.written(name).and_then(|parameter| parameter.default.as_ref()) {
            Some(ParameterDefault::Number(number)) => format!("{}{}", plain(number.0), self.language.aside(&label)),
            Some(_) => format!("{named}{}", self.spelled(name).unwrap_or_default()),
            None => self.language.set_by_company(&label),
        }
    }

    /// The entries of a table in the order of their kind, each with its name.
    pub fn table_entries(&self, name: &str) -> Vec<(String, String)> {
        let Some(ParameterDefault::Table(entries)) = self.written(name).and_then(|table| table.default.as_ref()) else {
            return Vec::new();
        };
        let codes = self.scheme.keys_of(name);
        let mut entries: Vec<_> = entries.iter().collect();
        entries.sort_by_key(|(code, _)| self.stand().order(codes, code));
        entries.iter().map(|(code, number)| (self.code(codes, code), plain(number.0))).collect()
    }

    /// A table as it stands behind its name.
    fn spelled(&self, name: &str) -> Option<String> {
        let entries = self.table_entries(name);
        let told: Vec<String> = entries.iter().map(|(name, value)| format!("{name} {value}")).collect();
        (!told.is_empty()).then(|| self.language.aside(&self.language.list(&told)))
    }
}

/// A number with the sign that formulas are told with.
pub(super) fn minus(number: &str) -> String {
    number.replace('-', "−")
}

fn past(name: &str) -> Past {
    match name {
        "run" => Past::InARow,
        "nth_ever" => Past::TimesEver,
        "months" => Past::MonthsOfThePeriod,
        _ => Past::TimesInTheYear,
    }
}

fn fixed(ast: &Ast) -> bool {
    match ast {
        Ast::Number(_) => true,
        Ast::Path(path) => matches!(path.first().map(String::as_str), Some("param" | "table")),
        _ => false,
    }
}

/// The number by which the first of two parts is divided, where it is a fixed one that no per cent are meant by.
fn fixed_step(parts: &[Ast]) -> Option<Decimal> {
    match parts {
        [_, Ast::Number(step)] if *step > Decimal::ONE_HUNDRED => Some(*step),
        _ => None,
    }
}

/// `min(a, param.cap ?? a)`: a bound that holds where somebody has set it.
fn limited_where_set(args: &[Ast]) -> Option<(&Ast, &Ast)> {
    let of = |core: &'_ Ast, other: &'_ Ast| match other {
        Ast::Otherwise(all) => matches!(all.as_slice(), [bound, rest] if fixed(bound) && rest == core),
        _ => false,
    };
    let (core, other) = match args {
        [core, other] if of(core, other) => (core, other),
        [other, core] if of(core, other) => (core, other),
        _ => return None,
    };
    let Ast::Otherwise(all) = other else { return None };
    Some((core, all.first()?))
}

/// The one number that bounds hold for, with the bounds, the inner ones first: `min(max(a, 0), 100)`. None where several
/// numbers are compared.
fn bounded<'a>(limit: Limit, args: &'a [Ast], bounds: &mut Vec<(Limit, &'a Ast)>) -> Option<&'a Ast> {
    let (core, bound) = match args {
        [core, bound] if fixed(bound) && !fixed(core) => (core, bound),
        [bound, core] if fixed(bound) && !fixed(core) => (core, bound),
        _ => return None,
    };
    let core = match core {
        Ast::Call(inner, args) if inner == "min" => bounded(Limit::AtMost, args, bounds)?,
        Ast::Call(inner, args) if inner == "max" => bounded(Limit::AtLeast, args, bounds)?,
        core => core,
    };
    bounds.push((limit, bound));
    Some(core)
}
