//! A case as a company has it: people, units, and what was observed about them.

use std::path::Path;

use super::api::{list, text};
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::scheme::Scheme;
use super::stop::Stop;

pub struct Case {
    /// The file's name.
    pub name: String,
    pub json: Value,
}

/// Somebody or something that is appraised.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    pub kind: Kind,
    pub at: usize,
    pub given: &'a Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Person,
    Unit,
}

impl Case {
    pub fn read(file: &Path) -> Result<Self, String> {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        Self::parse(&name, &text).map_err(|error| format!("{}: {error}", file.display()))
    }

    pub fn parse(name: &str, text: &str) -> Result<Self, String> {
        let json = serde_json::from_str(text).map_err(|error| error.to_string())?;
        Ok(Self { name: name.to_owned(), json })
    }

    pub fn policy(&self) -> &str {
        text(&self.json, "/policy")
    }

    pub fn period(&self) -> &str {
        text(&self.json, "/period")
    }

    pub fn expected(&self) -> &Value {
        self.json.get("expected").unwrap_or(&Value::Null)
    }

    /// Whether it has to be refused somewhere.
    pub fn is_invalid(&self) -> bool {
        self.expected().get("invalid") == Some(&Value::Bool(true))
    }

    pub fn people(&self) -> impl Iterator<Item = Subject<'_>> {
        let all = list(&self.json, "/employees").iter().enumerate();
        all.map(|(at, given)| Subject { kind: Kind::Person, at, given })
    }

    pub fn units(&self) -> impl Iterator<Item = Subject<'_>> {
        let all = list(&self.json, "/units").iter().enumerate();
        all.map(|(at, given)| Subject { kind: Kind::Unit, at, given })
    }

    pub fn subjects(&self) -> impl Iterator<Item = Subject<'_>> {
        self.people().chain(self.units())
    }

    pub fn person(&self, number: &str) -> Option<Subject<'_>> {
        self.people().find(|person| person.code() == number)
    }

    /// The unit that somebody stands in: their own, else the one that they lead.
    pub fn unit_of<'c>(&'c self, person: &Subject<'c>) -> Option<&'c str> {
        let leads = |unit: &Subject<'_>| ["head", "co_head"].iter().any(|key| unit.text(key) == Some(person.code()));
        person.text("unit").or_else(|| self.units().find(leads).map(|unit| unit.code()))
    }

    /// Where the case has a subject, by the text that names it to the API.
    pub fn pointer_of(&self, subject: &str) -> String {
        if subject == "company" {
            return "/company".to_owned();
        }
        let found = self.subjects().find(|one| one.key() == subject);
        found.map_or_else(|| format!("?{subject}"), |one| one.pointer())
    }

    /// The first day of the period, by its form alone.
    pub fn first_day(&self) -> Option<Date> {
        let period = self.period();
        if let Some(year) = period.strip_prefix("FY") {
            return day(year, "04");
        }
        match period.split_once('-') {
            None => day(period, "01"),
            Some((year, "Q1" | "H1")) => day(year, "01"),
            Some((year, "Q2")) => day(year, "04"),
            Some((year, "Q3" | "H2")) => day(year, "07"),
            Some((year, "Q4")) => day(year, "10"),
            Some((year, month)) => day(year, month),
        }
    }
}

fn day(year: &str, month: &str) -> Option<Date> {
    let (year, month) = (year.parse().ok()?, month.parse().ok()?);
    Date::new(year, month, 1).ok()
}

/// The form that a period is written in, as schemes call it.
pub fn form(period: &str) -> Option<&'static str> {
    if period.starts_with("FY") {
        return Some("fiscal_year");
    }
    let Some((_, part)) = period.split_once('-') else { return Some("year") };
    match part.chars().next()? {
        'Q' => Some("quarter"),
        'H' => Some("half_year"),
        _ => Some("month"),
    }
}

impl<'a> Subject<'a> {
    /// Employee number or unit code.
    pub fn code(&self) -> &'a str {
        match self.kind {
            Kind::Person => text(self.given, "/number"),
            Kind::Unit => text(self.given, "/code"),
        }
    }

    /// What the API calls it.
    pub fn key(&self) -> String {
        match self.kind {
            Kind::Person => format!("person:{}", self.code()),
            Kind::Unit => format!("unit:{}", self.code()),
        }
    }

    /// Where the case has it.
    pub fn pointer(&self) -> String {
        match self.kind {
            Kind::Person => format!("/employees/{}", self.at),
            Kind::Unit => format!("/units/{}", self.at),
        }
    }

    /// Something given, unless it is null.
    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.given.get(key).filter(|value| !value.is_null())
    }

    pub fn text(&self, key: &str) -> Option<&'a str> {
        self.get(key).and_then(Value::as_str)
    }

    pub fn entries(&self, key: &str) -> &'a [Value] {
        self.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn object(&self, key: &str) -> Option<&'a Map<String, Value>> {
        self.get(key).and_then(Value::as_object)
    }

    /// What an object of it holds, without nulls.
    pub fn values(&self, key: &str) -> impl Iterator<Item = (&'a str, &'a Value)> + use<'a> {
        self.object(key).into_iter().flatten().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.as_str(), v))
    }

    /// What was observed: item, input, value, and where the case has it.
    pub fn observed(&self) -> Vec<Observed<'a>> {
        let mut all = Vec::new();
        for (item, inputs) in self.values("items") {
            let inputs = inputs.as_object().into_iter().flatten();
            for (input, value) in inputs.filter(|(input, value)| !value.is_null() && *input != ROWS) {
                let pointer = format!("{}/items/{}/{}", self.pointer(), segment(item), segment(input));
                all.push(Observed { item, input, value, pointer });
            }
        }
        all
    }

    /// Rows that are agreed before the work: of lists like goals, and of items.
    pub fn rows(&self, scheme: &Scheme) -> Vec<Rows<'a>> {
        let mut all = Vec::new();
        if self.kind == Kind::Person {
            for key in scheme.agreed_lists().into_keys().filter(|key| self.get(key).is_some()) {
                let (entries, pointer) = (self.entries(&key), format!("{}/{key}", self.pointer()));
                all.push(Rows { place: key, of: "list", entries, pointer });
            }
        }
        for (item, inputs) in self.values("items") {
            if let Some(entries) = inputs.get(ROWS).and_then(Value::as_array) {
                let pointer = format!("{}/items/{}/{ROWS}", self.pointer(), segment(item));
                all.push(Rows { place: item.to_owned(), of: "item", entries, pointer });
            }
        }
        all
    }

    pub fn fact(&self, name: &str) -> Option<&'a Value> {
        self.object("facts").and_then(|facts| facts.get(name)).filter(|value| !value.is_null())
    }

    /// Whether a flag is set.
    pub fn is(&self, fact: &str) -> bool {
        self.fact(fact) == Some(&Value::Bool(true))
    }
}

/// The key of an item's rows.
const ROWS: &str = "rows";

/// Rows in one place of a sheet.
pub struct Rows<'a> {
    pub place: String,
    /// `list` or `item`: what the place is.
    pub of: &'static str,
    pub entries: &'a [Value],
    pub pointer: String,
}

/// A value of an input of an item.
pub struct Observed<'a> {
    pub item: &'a str,
    pub input: &'a str,
    pub value: &'a Value,
    pub pointer: String,
}

/// A key as a part of a JSON pointer.
pub fn segment(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// An identifier that is left out of a file unless it is a text.
pub fn require<'a>(value: Option<&'a str>, pointer: &str) -> Result<&'a str, Stop> {
    value.filter(|text| !text.is_empty()).ok_or_else(|| Stop::unplayable(pointer, "this has to be a text"))
}
