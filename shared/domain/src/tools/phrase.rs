//! Formulas and conditions in words.

use rust_decimal::Decimal;

use crate::expression::{Ast, parse};
use crate::locale::{Label, Locale};
use crate::money::plain;
use crate::scheme::Scheme;
use crate::scheme::codes::{Codes, Stand};
use crate::scheme::source::{FigureSource, InputSource, ItemSource, ListSource, ParameterDefault, SheetSource, Source};
use crate::value::Kind;

/// Whose formula is told, where it stands, and in which language.
#[derive(Clone, Copy)]
pub(crate) struct Speaker<'s> {
    pub scheme: &'s Scheme,
    pub source: &'s Source,
    pub locale: Locale,
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
        all.iter().map(|code| self.code(codes, code)).collect::<Vec<_>>().join(self.two("、", ", "))
    }

    fn among(&self, codes: Codes) -> Speaker<'s> {
        Speaker { codes, ..*self }
    }

    pub fn two<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        if self.zh() { zh } else { en }
    }

    pub fn zh(&self) -> bool {
        self.locale == Locale::ZhCn
    }

    pub fn label<'l>(&self, label: &'l Label) -> &'l str {
        label.get(self.locale)
    }

    /// An expression in words; as it stands where it cannot be read.
    pub fn phrase(&self, text: &str) -> String {
        parse(text).map_or_else(|_| text.trim().to_owned(), |ast| self.whole(&ast).0)
    }

    /// As [`Self::phrase`], in brackets unless it holds together as a name does.
    pub fn bracketed(&self, text: &str) -> String {
        let Ok(ast) = parse(text) else { return text.trim().to_owned() };
        let (text, bond) = self.whole(&ast);
        if bond == Bond::Name { text } else { self.brackets(&text) }
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

    fn brackets(&self, text: &str) -> String {
        format!("{}{text}{}", self.two("（", "("), self.two("）", ")"))
    }

    fn within(&self, ast: &Ast, least: Bond) -> String {
        let (text, bond) = self.say(ast);
        if bond >= least { text } else { self.brackets(&text) }
    }

    fn say(&self, ast: &Ast) -> Phrase {
        match ast {
            Ast::Number(number) => (plain(*number).replace('-', "−"), Bond::Name),
            Ast::Flag(flag) => (
                self.two(if *flag { "是" } else { "否" }, if *flag { "always" } else { "never" }).to_owned(),
                Bond::Name,
            ),
            Ast::Text(code) => (self.code(self.codes, code), Bond::Name),
            Ast::List(all) => (self.listed(all), Bond::Name),
            Ast::Path(path) => (self.name(&path.iter().map(String::as_str).collect::<Vec<_>>()), Bond::Name),
            Ast::Entry(path, key) => (self.entry(path, key), Bond::Name),
            Ast::And(all) => (self.joined(all, Bond::Not, self.two("，且", " and ")), Bond::And),
            Ast::Or(all) => (self.joined(all, Bond::Not, self.two("，或", " or ")), Bond::Or),
            Ast::Otherwise(all) => self.otherwise(all),
            Ast::Call(name, args) => self.call(name, args),
        }
    }

    fn joined(&self, all: &[Ast], least: Bond, between: &str) -> String {
        all.iter().map(|one| self.within(one, least)).collect::<Vec<_>>().join(between)
    }

    fn listed(&self, all: &[Ast]) -> String {
        self.joined(all, Bond::Clause, self.two("、", ", "))
    }

    fn otherwise(&self, all: &[Ast]) -> Phrase {
        let Some((first, rest)) = all.split_first() else { return (String::new(), Bond::Name) };
        let rest = self.joined(rest, Bond::Sum, self.two("，再没有时为", ", or where there is none either "));
        let first = self.within(first, Bond::Sum);
        let text = if self.zh() {
            format!("{first}（没有时为{rest}）")
        } else {
            format!("{first} (where there is none: {rest})")
        };
        (text, Bond::Name)
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
            ("/", [a, b]) => {
                (format!("{} ÷ {}", self.within(a, Bond::Product), self.within(b, Bond::Name)), Bond::Product)
            }
            ("-", [one]) => (format!("−{}", self.within(one, Bond::Name)), Bond::Name),
            ("!", [one]) => self.not(one),
            ("==" | "!=" | "<" | "<=" | ">" | ">=", [a, b]) => (self.comparison(name, a, b), Bond::Not),
            ("contains", [Ast::List(entries), one]) => {
                let among = self.among(self.stand().codes_of(one));
                let (one, entries) = (among.within(one, Bond::Words), among.listed(entries));
                let text =
                    if self.zh() { format!("{one}为{entries}之一") } else { format!("{one} is one of {entries}") };
                (text, Bond::Not)
            }
            ("run" | "nth" | "nth_ever" | "in_year" | "months", [condition]) => {
                (self.of_history(name, condition), Bond::Name)
            }
            ("choose", _) => (self.choose(args), Bond::Clause),
            ("min" | "max", _) => self.extreme(name, args),
            ("sum" | "rows", [Ast::Path(list), of]) => (self.of_rows(name, &list.join("."), of), Bond::Name),
            _ => self.function(name, args),
        }
    }

    fn not(&self, one: &Ast) -> Phrase {
        match one {
            Ast::Call(name, args) if name == "known" && args.len() == 1 => {
                let what = self.listed(args);
                let text = if self.zh() { format!("没有{what}") } else { format!("there is no {what}") };
                (text, Bond::Not)
            }
            _ => {
                let one = self.within(one, Bond::Name);
                (if self.zh() { format!("非“{one}”") } else { format!("not “{one}”") }, Bond::Not)
            }
        }
    }

    fn comparison(&self, name: &str, a: &Ast, b: &Ast) -> String {
        if let (Ast::Call(call, condition), Ast::Number(number)) = (a, b)
            && let ([condition], "==") = (condition.as_slice(), name)
            && matches!(call.as_str(), "run" | "nth" | "nth_ever")
        {
            return self.at_time(call, condition, *number);
        }
        let stand = self.stand();
        let among = self.among(match stand.codes_of(a) {
            Codes::Any => stand.codes_of(b),
            codes => codes,
        });
        let (a, b) = (among.within(a, Bond::Words), among.within(b, Bond::Words));
        let between = match (name, self.zh()) {
            ("==", true) => "为",
            ("!=", true) => "不为",
            ("<", true) => "低于",
            ("<=", true) => "不超过",
            (">", true) => "超过",
            (_, true) => "达到",
            ("==", false) => " is ",
            ("!=", false) => " is not ",
            ("<", false) => " is below ",
            ("<=", false) => " is at most ",
            (">", false) => " is above ",
            (_, false) => " is at least ",
        };
        format!("{a}{between}{b}")
    }

    /// "In the third period running": said of the very period in which it becomes true.
    fn at_time(&self, call: &str, condition: &Ast, number: Decimal) -> String {
        let condition = self.within(condition, Bond::And);
        match (call, self.zh()) {
            ("run", true) => format!("连续第{number}期：{condition}"),
            ("run", false) => format!("{condition} in the {} period running", ordinal(number)),
            ("nth_ever", true) => format!("累计第{number}次：{condition}"),
            ("nth_ever", false) => format!("{condition} for the {} time in all, whatever the year", ordinal(number)),
            (_, true) => format!("本年度第{number}次：{condition}"),
            (_, false) => format!("{condition} for the {} time in the year", ordinal(number)),
        }
    }

    fn of_history(&self, name: &str, condition: &Ast) -> String {
        let condition = self.say(condition).0;
        match (name, self.zh()) {
            ("run", true) => format!("“{condition}”连续的期数"),
            ("run", false) => format!("the number of periods in a row in which {condition}"),
            ("nth_ever", true) => format!("累计“{condition}”的次数"),
            ("nth_ever", false) => format!("the number of times in all that {condition}"),
            ("months", true) => format!("期内“{condition}”的月数"),
            ("months", false) => format!("the number of the period's months in which {condition}"),
            (_, true) => format!("本年度“{condition}”的次数"),
            (_, false) => format!("the number of times in the year that {condition}"),
        }
    }

    fn choose(&self, args: &[Ast]) -> String {
        let Some((last, cases)) = args.split_last() else { return String::new() };
        let mut parts = Vec::new();
        for case in cases.chunks(2) {
            let [when, then] = case else { continue };
            let (when, then) = (self.among(Codes::Any).say(when).0, self.within(then, Bond::Or));
            parts.push(if self.zh() { format!("若{when}，为{then}") } else { format!("if {when}: {then}") });
        }
        let last = self.within(last, Bond::Or);
        parts.push(if self.zh() { format!("否则为{last}") } else { format!("otherwise {last}") });
        parts.join(self.two("；", "; "))
    }

    fn of_rows(&self, name: &str, key: &str, of: &Ast) -> String {
        let list = self.stand().list_named(key);
        let label = list.map_or(key, |list| self.label(&list.label));
        let of = Speaker { list, ..*self }.say(of).0;
        match (name, self.zh()) {
            ("sum", true) => format!("各条{label}的合计（每条：{of}）"),
            ("sum", false) => format!("the sum over all {label} (of each: {of})"),
            (_, true) => format!("满足“{of}”的{label}条数"),
            (_, false) => format!("the number of {label} for which {of}"),
        }
    }

    /// The least or the greatest of several. Fixed numbers among them are bounds of the others.
    fn extreme(&self, name: &str, args: &[Ast]) -> Phrase {
        let mut bounds = Vec::new();
        let core = bounded(name, args, &mut bounds);
        if let Some(core) = core {
            let said = bounds.iter().map(|(name, bound)| {
                let bound = self.within(bound, Bond::Sum);
                match (*name, self.zh()) {
                    ("min", true) => format!("，不超过{bound}"),
                    (_, true) => format!("，不低于{bound}"),
                    ("min", false) => format!(", at most {bound}"),
                    (_, false) => format!(", at least {bound}"),
                }
            });
            return (format!("{}{}", self.within(core, Bond::Words), said.collect::<String>()), Bond::Clause);
        }
        let all: Vec<String> = args.iter().map(|one| self.within(one, Bond::Product)).collect();
        let text = match (name, all.as_slice(), self.zh()) {
            ("min", [a, b], true) => format!("{a}与{b}中的较小者"),
            (_, [a, b], true) => format!("{a}与{b}中的较大者"),
            ("min", [a, b], false) => format!("the lesser of {a} and {b}"),
            (_, [a, b], false) => format!("the greater of {a} and {b}"),
            ("min", all, true) => format!("{}中的最小者", all.join("、")),
            (_, all, true) => format!("{}中的最大者", all.join("、")),
            ("min", all, false) => format!("the least of {}", all.join(", ")),
            (_, all, false) => format!("the greatest of {}", all.join(", ")),
        };
        (text, Bond::Words)
    }

    fn function(&self, name: &str, args: &[Ast]) -> Phrase {
        let all = self.listed(args);
        let first = args.first().map(|one| self.within(one, Bond::Name)).unwrap_or_default();
        let second = args.get(1).map(|one| self.within(one, Bond::Name)).unwrap_or_default();
        let third = args.get(2).map(|one| self.within(one, Bond::Name)).unwrap_or_default();
        let rater = self.named(args.first(), Codes::Raters(self.kind));
        let section = |at: usize| self.named(args.get(at), Codes::Sections(self.kind));
        // Chinese closes with what it is; in English the words come first.
        let closed = if self.zh() { Bond::Name } else { Bond::Words };
        match (name, args.len(), self.zh()) {
            ("floor", _, true) => (format!("{first}向下取整"), Bond::Words),
            ("floor", _, false) => (format!("{first} rounded down to a whole number"), Bond::Words),
            ("ceil", _, true) => (format!("{first}向上取整"), Bond::Words),
            ("ceil", _, false) => (format!("{first} rounded up to a whole number"), Bond::Words),
            ("abs", _, true) => (format!("{first}的绝对值"), closed),
            ("abs", _, false) => (format!("the size of {first}"), closed),
            ("round", _, true) => (format!("{first}四舍五入到{second}位小数"), Bond::Words),
            ("round", _, false) => (format!("{first} rounded to {second} decimals"), Bond::Words),
            ("ratio", _, true) => (format!("{first} ÷ {second}（除数为0时为{third}）"), Bond::Product),
            ("ratio", _, false) => {
                (format!("{first} ÷ {second} ({third} where that would divide by 0)"), Bond::Product)
            }
            ("known", _, true) => (format!("有{all}"), Bond::Not),
            ("known", _, false) => (format!("there is a {all}"), Bond::Not),
            ("total", 0, true) => ("各项得分之和".to_owned(), closed),
            ("total", 0, false) => ("the sum of the items' points".to_owned(), closed),
            ("total", _, true) => (format!("“{}”各项得分之和", section(0)), closed),
            ("total", _, false) => (format!("the sum of the points of “{}”", section(0)), closed),
            ("points", 1, true) => (format!("{rater}所评各项之和"), closed),
            ("points", 1, false) => (format!("the sum of the points by {rater}"), closed),
            ("points", _, true) => (format!("{rater}所评“{}”各项之和", section(1)), closed),
            ("points", _, false) => (format!("the sum of the points by {rater} on “{}”", section(1)), closed),
            ("rated", 1, true) => (format!("{rater}已评分"), Bond::Not),
            ("rated", 1, false) => (format!("{rater} gave points"), Bond::Not),
            ("rated", _, true) => (format!("{rater}已评“{}”", section(1)), Bond::Not),
            ("rated", _, false) => (format!("{rater} gave points on “{}”", section(1)), Bond::Not),
            ("mix", _, true) => (format!("各评价主体总分按{all}的加权平均（只计已评分者）"), closed),
            ("mix", _, false) => (format!("the mean of the raters' totals by {all}, of those who gave points"), closed),
            ("months_scored", _, true) => ("期内有得分的月数".to_owned(), closed),
            ("months_scored", _, false) => ("the number of the period's months that have a score".to_owned(), closed),
            ("mean_of_months", 0, true) => ("期内各月得分的平均".to_owned(), closed),
            ("mean_of_months", 0, false) => ("the mean of the scores of the period's months".to_owned(), closed),
            ("mean_of_months", _, true) => (format!("期内有得分各月的平均（至少{all}个月）"), closed),
            ("mean_of_months", _, false) => {
                let text = "the mean of the scores of the period's months that have one";
                (format!("{text} (at least {all} months)"), closed)
            }
            _ => (format!("{name}({all})"), Bond::Name),
        }
    }

    /// What an argument names, such as a rater.
    fn named(&self, ast: Option<&Ast>, codes: Codes) -> String {
        ast.map(|ast| self.among(codes).say(ast).0).unwrap_or_default()
    }

    fn entry(&self, path: &[String], key: &Ast) -> String {
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        let [_, name] = names.as_slice() else {
            return format!("{}[{}]", path.join("."), self.say(key).0);
        };
        let key = self.among(self.scheme.keys_of(name)).say(key).0;
        let label = self.parameter_label(name);
        let spelled = if self.values { self.spelled(name) } else { None }.unwrap_or_default();
        if self.zh() {
            format!("{key}对应的{label}{spelled}")
        } else {
            format!("the {label} for the {key}{spelled}")
        }
    }

    fn name(&self, path: &[&str]) -> String {
        if let [name] = path
            && let Some(local) = self.local(name)
        {
            return local;
        }
        match path {
            ["category"] if self.kind == Kind::Units => self.two("单位类别", "category").to_owned(),
            ["category"] => self.two("人员类别", "category").to_owned(),
            ["given"] => self.two("给定分数", "score given").to_owned(),
            ["hired_on"] => self.two("入职日期", "date of hiring").to_owned(),
            ["left_on"] => self.two("离职日期", "date of leaving").to_owned(),
            ["period", "first_day"] => self.two("考核期首日", "first day of the period").to_owned(),
            ["period", "last_day"] => self.two("考核期末日", "last day of the period").to_owned(),
            ["previous", "score"] => self.two("上期得分", "score of the period before").to_owned(),
            ["previous", "grade"] => self.two("上期等级", "grade of the period before").to_owned(),
            ["param" | "table", name] => self.parameter(name),
            ["param" | "table", name, key] => {
                self.entry(&["param".to_owned(), (*name).to_owned()], &Ast::Text((*key).to_owned()))
            }
            ["unit", rest @ ..] => self.whose(Kind::Units, rest, "单位的", "the unit's "),
            ["head", rest @ ..] => self.whose(Kind::People, rest, "负责人的", "the head's "),
            ["company", rest @ ..] => self.whose(Kind::Company, rest, "公司的", "the company's "),
            rest => self.own(rest).unwrap_or_else(|| rest.join(".")),
        }
    }

    fn whose(&self, kind: Kind, path: &[&str], zh: &str, en: &str) -> String {
        let other = Speaker { kind, item: None, list: None, categories: &[], ..*self };
        format!("{}{}", self.two(zh, en), other.name(path))
    }

    fn local(&self, name: &str) -> Option<String> {
        if let Some((sheet, item)) = self.item {
            if name == "weight" {
                return Some(self.two("权重", "weight").to_owned());
            }
            let mut inputs = item.inputs.iter().chain(&sheet.inputs).chain(&sheet.raters);
            let found = inputs.find(|input| input.name == name)?;
            let points = !item.inputs.iter().chain(&sheet.inputs).any(|input| input.name == name);
            let label = self.label(&found.label);
            return Some(match (points, self.zh()) {
                (true, true) => format!("{label}评分"),
                (true, false) => format!("{label} points"),
                (false, _) => label.to_owned(),
            });
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
                Some(format!("{}{}{}", self.label(&fact.label), self.two("·", ": "), self.label(&field.label)))
            }
            ["item", code] => self.stand().item_named(code).map(|(_, item)| {
                let label = self.label(&item.label);
                if self.zh() { format!("{label}得分") } else { format!("points on {label}") }
            }),
            ["item", code, name] => {
                let (sheet, item) = self.stand().item_named(code)?;
                let inside = Speaker { item: Some((sheet, item)), ..*self }.local(name)?;
                Some(format!("{}{}{inside}", self.label(&item.label), self.two("·", ": ")))
            }
            [name] => {
                self.stand().figure_named(name).map(|figure: &'s FigureSource| self.label(&figure.label).to_owned())
            }
            _ => None,
        }
    }

    fn written(&self, name: &str) -> Option<&'s crate::scheme::source::ParameterSource> {
        self.source.parameters.iter().chain(&self.source.tables).find(|parameter| parameter.name == name)
    }

    fn parameter_label(&self, name: &str) -> String {
        self.written(name).map_or_else(|| name.to_owned(), |parameter| self.label(&parameter.label).to_owned())
    }

    fn parameter(&self, name: &str) -> String {
        let label = self.parameter_label(name);
        if !self.values {
            return format!("“{label}”");
        }
        let value = match self.written(name).and_then(|parameter| parameter.default.as_ref()) {
            Some(ParameterDefault::Number(number)) => plain(number.0),
            Some(_) => return format!("“{label}”{}", self.spelled(name).unwrap_or_default()),
            None => self.two("由公司设定的值", "what the company sets").to_owned(),
        };
        if self.zh() { format!("{value}（{label}）") } else { format!("{value} ({label})") }
    }

    /// The entries of a table, each with its name.
    pub fn parameter_table(&self, name: &str) -> Option<String> {
        let Some(ParameterDefault::Table(entries)) = &self.written(name)?.default else { return None };
        let codes = self.scheme.keys_of(name);
        let mut entries: Vec<_> = entries.iter().collect();
        entries.sort_by_key(|(code, _)| self.stand().order(codes, code));
        let told = entries.iter().map(|(code, number)| format!("{} {}", self.code(codes, code), plain(number.0)));
        Some(told.collect::<Vec<_>>().join(self.two("、", ", ")))
    }

    /// A table as it stands behind its name.
    fn spelled(&self, name: &str) -> Option<String> {
        let table = self.parameter_table(name)?;
        Some(if self.zh() { format!("（{table}）") } else { format!(" ({table})") })
    }
}

/// The one number that bounds hold for, with the bounds, the inner ones first: `min(max(a, 0), 100)`. None where several
/// numbers are compared.
fn bounded<'a>(name: &'a str, args: &'a [Ast], bounds: &mut Vec<(&'a str, &'a Ast)>) -> Option<&'a Ast> {
    let fixed = |ast: &Ast| match ast {
        Ast::Number(_) => true,
        Ast::Path(path) => matches!(path.first().map(String::as_str), Some("param" | "table")),
        _ => false,
    };
    let (core, bound) = match args {
        [core, bound] if fixed(bound) && !fixed(core) => (core, bound),
        [bound, core] if fixed(bound) && !fixed(core) => (core, bound),
        _ => return None,
    };
    let core = match core {
        Ast::Call(inner, args) if matches!(inner.as_str(), "min" | "max") => bounded(inner, args, bounds)?,
        core => core,
    };
    bounds.push((name, bound));
    Some(core)
}

fn ordinal(number: Decimal) -> String {
    let number = plain(number);
    let teen = number.ends_with("11") || number.ends_with("12") || number.ends_with("13");
    let ending = match number.chars().next_back() {
        Some('1') if !teen => "st",
        Some('2') if !teen => "nd",
        Some('3') if !teen => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}
