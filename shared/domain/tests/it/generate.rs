//! Schemes and complete cases of them out of arbitrary bytes, for the property tests and for the fuzz target
//! (`shared/domain/fuzz`). What `Scheme::parse` accepts must be computed, whatever is given within its bounds.

use domain::Locale;
use domain::case::Case;
use domain::evaluate::{Phase, evaluate};
use domain::scheme::Scheme;
use domain::words::{diff, explain, render};
use serde_json::{Map, Value as Json, json};

/// What became of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Refused,
    Computed,
    /// Accepted, and the numbers outgrew what can be computed exactly.
    TooLarge,
}

/// Makes a scheme and a case, and computes the case if the scheme is accepted. Panics where the engine breaks its word.
pub fn try_out(bytes: &[u8]) -> Outcome {
    let mut maker = Maker { bytes, at: 0, depth: 0, inputs: Vec::new(), quarterly: false, figures: 0, has: Has::Facts };
    let text = maker.scheme();
    let scheme = match Scheme::parse(&text) {
        Ok(scheme) => scheme,
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason:\n{text}");
            for problem in problems {
                assert!(problem.line > 0 && problem.column > 0 && !problem.message.is_empty(), "{problem:?}\n{text}");
            }
            return Outcome::Refused;
        }
    };
    let mut json = maker.case();
    // No earlier score is above what a score of this scheme can be.
    if Case::from_json(&scheme, &json).is_err() {
        for person in json["employees"].as_array_mut().unwrap() {
            person["history"].as_array_mut().unwrap().iter_mut().for_each(|past| past["score"] = json!("0"));
        }
    }
    let told = |errors: &[domain::InvalidAt]| format!("{errors:?}\n{text}\n{json:#}");
    let case = Case::from_json(&scheme, &json).unwrap_or_else(|invalid| panic!("{}", told(&invalid.errors)));
    let evaluation = match evaluate(&scheme, &case, Phase::All) {
        Ok(evaluation) => evaluation,
        Err(invalid) if invalid.errors.iter().all(|error| error.code == "overflow") => return Outcome::TooLarge,
        Err(invalid) => panic!("{}", told(&invalid.errors)),
    };
    for number in case.numbers() {
        let explanation = evaluation.explanation(number).unwrap();
        for locale in [Locale::ZhCn, Locale::En] {
            assert!(!render(&explanation, &scheme, locale).contains("param."), "{text}");
        }
        let person = evaluation.person(number).unwrap();
        let known = |grade: &String| scheme.grades().iter().any(|known| known.code == *grade);
        assert!(person.grade.as_ref().is_none_or(known), "{person:?}\n{text}");
        assert!(person.score.is_none_or(|score| score.amount() >= rust_decimal::Decimal::ZERO), "{person:?}\n{text}");
    }
    assert!(!explain(&scheme, Locale::En).is_empty());
    assert_eq!(diff(&scheme, &scheme, Locale::En), "Nothing changes for people.\n");
    Outcome::Computed
}

fn coded(code: &str) -> String {
    format!("{{ code = \"{code}\", label = {{ zh = \"{code}级\", en = \"grade {code}\" }} }}")
}

/// An input of people: its name, and values that may be given for it.
struct Input {
    name: String,
    kind: &'static str,
    optional: bool,
    values: Vec<String>,
}

struct Maker<'b> {
    bytes: &'b [u8],
    at: usize,
    depth: u32,
    inputs: Vec<Input>,
    quarterly: bool,
    /// How far the figures have come: formulas mostly read what stands before them.
    figures: usize,
    has: Has,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Has {
    Facts,
    Sheet,
    Score,
    Grade,
}

impl Maker<'_> {
    /// A number below the limit; 0 when the bytes have run out.
    fn next(&mut self, limit: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(byte) % limit.max(1)
    }

    fn of<'t>(&mut self, all: &[&'t str]) -> &'t str {
        all[self.next(all.len())]
    }

    fn scheme(&mut self) -> String {
        self.quarterly = self.next(4) == 0;
        let form = if self.quarterly { "quarter" } else { "month" };
        let label = "label = { zh = \"名\", en = \"name\" }";
        let mut text = format!(
            "code = \"made\"\nname = {{ zh = \"名\", en = \"name\" }}\n\
             cadences = [{{ code = \"c\", form = \"{form}\", {label} }}]\n\
             grades = [{}, {}, {}]\n\
             outcomes = [{{ code = \"o\", {label} }}]\n",
            coded("A"),
            coded("B"),
            coded("C")
        );
        let (low, high) = (self.next(4), self.next(3));
        text += &format!("[[parameters]]\nname = \"rate\"\n{label}\ndefault = {}\n", low + 1);
        text += ["", "above = 0\n", "min = 1\nmax = 9\n"][high];
        text +=
            &format!("[[parameters]]\nname = \"shares\"\n{label}\ndefault = {{ A = 20, B = 50, C = 30 }}\nsum = 100\n");
        let table = self.of(&["A = 1, B = \"0.5\", C = 0", "A = 1, B = 2, C = 3", "A = 1, B = 1"]);
        text += &format!("[[tables]]\nname = \"share\"\n{label}\ndefault = {{ {table} }}\n");
        text += &format!("[units]\nscore = {{ max = 100 }}\n[[units.facts]]\nname = \"budget\"\n{label}\nmax = 5000\n");
        text += &format!("[people]\n[[people.pay]]\nname = \"base\"\n{label}\nmax = 9999\n");
        for at in 0..3 {
            text += &self.fact(&format!("f{at}"), label);
        }
        text += &self.sheet(label);
        self.has = Has::Sheet;
        for at in 0..4 {
            let formula = self.number(0);
            self.figures += 1;
            text += &format!("[[people.figures]]\nname = \"g{at}\"\n{label}\nformula = '{formula}'\n");
            text += ["", "min = 0\n", "max = 50\n", "round = 1\n", "min = 1\nmax = 99\n", "min = 0\nround = 2\n"]
                [self.next(6)];
        }
        let score = self.number(1);
        text += &format!("[[people.figures]]\nname = \"score\"\n{label}\nformula = '{score}'\nmin = 0\n");
        text += ["", "max = 100\n", "max = 100\nround = 2\n"][self.next(3)];
        self.has = Has::Score;
        text += &format!("[[people.figures]]\nname = \"grade\"\n{label}\n{}\n", self.grade());
        self.has = Has::Grade;
        let pay = self.of(&[
            "pay.base * g0",
            "max(pay.base, 10) / param.rate",
            "pay.base * table.share[grade]",
            "g1 - pay.base",
        ]);
        text += &format!("[[people.figures]]\nname = \"paid\"\n{label}\nformula = '{pay}'\n");
        text += &self.shared(label);
        // Nothing stands in a scheme unread.
        text += &format!("[[people.figures]]\nname = \"read\"\n{label}\nformula = 'param.rate + table.share[\"A\"]'\n");
        text += &format!(
            "[[people.figures]]\nname = \"row\"\n{label}\nquota = {{ by = \"score\", within = \"company\", shares = \"param.shares\" }}\n"
        );
        let when = format!("{} || score >= 1", self.condition(0));
        text += &format!("[[people.rules]]\ngives = [\"o\"]\nwhen = '{when}'\n");
        if self.next(3) == 0 {
            let when = self.flag();
            text += &format!("[[people.exclusions]]\ncode = \"x\"\n{label}\nwhen = '{when}'\n");
        }
        text
    }

    fn fact(&mut self, name: &str, label: &str) -> String {
        let (kind, more, values): (&str, &str, &[&str]) = match self.next(9) {
            0 => ("number", "max = 100", &["0", "0.01", "33.3", "100"]),
            1 => ("number", "above = 0\nmax = 20", &["0.01", "7", "20"]),
            2 => ("number", "min = 2\nbelow = 9", &["2", "3.5", "8.99"]),
            3 => ("number", "signed = true\nmin = -5\nmax = 5", &["-5", "0", "4.5"]),
            4 => ("count", "max = 12", &["0", "1", "12"]),
            5 => ("number", "one_of = [1, 2, 4]", &["1", "2", "4"]),
            6 => ("flag", "", &["true", "false"]),
            7 => ("grade", "", &["A", "B", "C"]),
            _ => ("scale", "scale = { x = 0, y = 3 }", &["x", "y"]),
        };
        let optional = self.next(4) == 0 && kind != "flag";
        let input = Input {
            name: name.to_owned(),
            kind,
            optional,
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        self.inputs.push(input);
        format!("[[people.facts]]\nname = \"{name}\"\n{label}\nkind = \"{kind}\"\noptional = {optional}\n{more}\n")
    }

    fn sheet(&mut self, label: &str) -> String {
        let score = self.number(2);
        let weights = [[60, 40], [100, 0], [50, 50]][self.next(3)];
        let raters = format!(
            "raters = [{{ name = \"boss\", {label} }}, {{ name = \"peer\", {label}, presence = \"all_or_none\" }}]"
        );
        format!(
            "[[sheets]]\n{raters}\n[[sheets.items]]\ncode = \"i0\"\n{label}\nweight = {}\nraters = [\"boss\", \"peer\"]\n\
             [[sheets.items]]\ncode = \"i1\"\n{label}\nweight = {}\nraters = [\"boss\"]\nscore = '{score}'\n",
            weights[0], weights[1]
        )
    }

    fn grade(&mut self) -> String {
        match self.next(4) {
            0 => {
                let places = match self.next(3) {
                    0 => String::new(),
                    1 => ", rounding = \"down\", ties = \"worse\"".to_owned(),
                    _ => format!(", rounding = \"up\", among = '{}'", self.condition(1)),
                };
                format!("quota = {{ by = \"score\", within = \"unit\", shares = \"param.shares\"{places} }}")
            }
            1 => {
                let (first, second) = (self.next(120), self.next(90));
                format!(
                    "bands = {{ of = \"score\", rows = [{{ grade = \"A\", from = {first} }}, {{ grade = \"B\", above = {second} }}, {{ grade = \"C\", from = 0 }}] }}"
                )
            }
            2 => format!("formula = '{}'", self.letter(0)),
            _ => {
                let (when, first) = (self.condition(1), self.letter(1));
                format!("formula = 'choose({when}, {first}, score > 3, \"A\", score > 2, \"B\", \"C\")'")
            }
        }
    }

    fn shared(&mut self, label: &str) -> String {
        let (within, pool) = match self.next(3) {
            0 => ("unit", "unit.fact.budget"),
            1 => ("unit", "100.01"),
            _ => ("company", "100.01"),
        };
        let weight = self.of(&["score", "g1", "pay.base", "1"]);
        format!(
            "[[people.figures]]\nname = \"shared\"\n{label}\npay = true\nsplit = {{ pool = '{pool}', weight = '{weight}', within = \"{within}\" }}\n\
             [[people.figures]]\nname = \"place\"\n{label}\noutput = \"own\"\nrank = {{ by = \"score\", within = \"{within}\" }}\n"
        )
    }

    /// A fact of one of these kinds, with what stands in where it may be absent; else that alone.
    fn fact_of(&mut self, kinds: &[&str], otherwise: &str) -> String {
        let fitting: Vec<usize> = (0..self.inputs.len()).filter(|at| kinds.contains(&self.inputs[*at].kind)).collect();
        let pick = self.next(fitting.len());
        match fitting.get(pick).map(|at| &self.inputs[*at]) {
            None => otherwise.to_owned(),
            Some(input) if input.optional => format!("(fact.{} ?? {otherwise})", input.name),
            Some(input) => format!("fact.{}", input.name),
        }
    }

    fn flag(&mut self) -> String {
        self.fact_of(&["flag"], "(unit.given > 20)")
    }

    /// An expression that may be a number.
    fn number(&mut self, depth: u32) -> String {
        self.depth += 1;
        let deep = depth >= 4 || self.depth > 400;
        let pick = if deep { self.next(8) } else { self.next(26) };
        let sub = |maker: &mut Self| maker.number(depth + 1);
        match pick {
            0 => self.of(&["0", "1", "2.5", "100"]).to_owned(),
            1 => self.fact_of(&["number", "count", "scale"], "3"),
            2 if self.figures > 0 => format!("g{}", self.next(self.figures)),
            2 => self.fact_of(&["number", "count", "scale"], "1"),
            3 => "param.rate".to_owned(),
            4 => "unit.given".to_owned(),
            5 if self.has >= Has::Sheet => self.of(&["total()", "item.i0", "points(\"boss\")"]).to_owned(),
            5 if self.quarterly => self
                .of(&["mean_of_months()", "mean_of_months(2)", "months_scored()", "months(known(score) && score < 60)"])
                .to_owned(),
            5 => "unit.fact.budget".to_owned(),
            6 => self.of(&["(previous.score ?? 50)", "unit.fact.budget", "g3"]).to_owned(),
            7 => "7".to_owned(),
            8 | 9 => format!("({} + {})", sub(self), sub(self)),
            10 => format!("({} - {})", sub(self), sub(self)),
            11 | 12 => format!("({} * {})", sub(self), sub(self)),
            13 if self.next(8) == 0 => format!("({} / {})", sub(self), sub(self)),
            13 => "(100 / param.rate)".to_owned(),
            14 => format!("({} / {})", sub(self), self.of(&["2", "0.5", "(1 + unit.given)", "max(1, g0)"])),
            15 => format!("ratio({}, {}, {})", sub(self), sub(self), sub(self)),
            16 => format!("min({}, {})", sub(self), sub(self)),
            17 => format!("max({}, {})", sub(self), sub(self)),
            18 => format!("{}({})", self.of(&["floor", "ceil", "abs", "-"]), sub(self)),
            19 => format!("round({}, {})", sub(self), self.next(4)),
            20 => format!("choose({}, {}, {})", self.condition(depth + 1), sub(self), sub(self)),
            21 => {
                let by = sub(self);
                format!("choose({by} != 0, {} / {by}, 0)", sub(self))
            }
            22 => format!("table.share[{}]", self.letter(depth + 1)),
            23 if self.has >= Has::Score => {
                format!("{}({})", self.of(&["run", "nth", "nth_ever", "in_year"]), self.past())
            }
            24 if self.has >= Has::Score => "score".to_owned(),
            _ => format!("({} + {})", sub(self), sub(self)),
        }
    }

    /// A condition on single periods.
    fn past(&mut self) -> String {
        match (self.has, self.next(4)) {
            (Has::Grade, 0) => format!("grade == \"{}\"", self.of(&["A", "B", "C"])),
            (Has::Grade, 1) => "!(grade in [\"A\", \"C\"]) && score > 10".to_owned(),
            (_, 2) => "score * param.rate >= 60 || false".to_owned(),
            _ => format!("score < {}", self.next(120)),
        }
    }

    fn condition(&mut self, depth: u32) -> String {
        let deep = depth >= 4 || self.depth > 400;
        let pick = if deep { self.next(4) } else { self.next(10) };
        match pick {
            0 => self.flag(),
            1 => format!("{} {} {}", self.number(4), self.of(&[">", ">=", "<", "==", "!="]), self.next(120)),
            2 if self.has == Has::Grade => format!("grade == \"{}\"", self.of(&["A", "B", "C"])),
            3 if self.has >= Has::Score => "score >= 60".to_owned(),
            2 | 3 => self
                .of(&["known(fact.f0)", "rated(\"peer\")", "known(previous.score)", "previous.grade == \"A\""])
                .to_owned(),
            4 => format!("{} {} {}", self.number(depth + 1), self.of(&[">", ">=", "<", "=="]), self.number(depth + 1)),
            5 => format!("({} && {})", self.condition(depth + 1), self.condition(depth + 1)),
            6 => format!("({} || {})", self.condition(depth + 1), self.condition(depth + 1)),
            7 => format!("!({})", self.condition(depth + 1)),
            8 => format!("{} in [\"A\", \"C\"]", self.letter(depth + 1)),
            _ => format!("{} != \"B\"", self.letter(depth + 1)),
        }
    }

    fn letter(&mut self, depth: u32) -> String {
        if depth >= 4 || self.next(3) == 0 {
            let fact = self.fact_of(&["grade"], "\"B\"");
            return self.of(&["\"A\"", "\"B\"", "\"C\"", &fact]).to_owned();
        }
        format!("choose({}, {}, {})", self.condition(depth + 1), self.letter(depth + 1), self.letter(depth + 1))
    }

    /// A complete case, everything in bounds.
    fn case(&mut self) -> Json {
        let period = if self.quarterly { "2026-Q3" } else { "2026-08" };
        let unit = |code: &str, score: usize| json!({ "code": code, "score": score.to_string(), "facts": { "budget": "4999.99" } });
        let units = [unit("U1", self.next(101)), unit("U2", self.next(101))];
        let people: Vec<Json> = (0..3 + self.next(3)).map(|at| self.person(at)).collect();
        json!({ "policy": "made", "period": period, "units": units, "employees": people })
    }

    fn person(&mut self, at: usize) -> Json {
        let mut facts = Map::new();
        for which in 0..self.inputs.len() {
            let (skip, pick) = (self.next(3) == 0, self.next(4));
            let input = &self.inputs[which];
            if skip && input.optional {
                continue;
            }
            let value = &input.values[pick % input.values.len()];
            let value = if input.kind == "flag" { json!(value == "true") } else { json!(value) };
            facts.insert(input.name.clone(), value);
        }
        let history: Vec<Json> = ["2026-04", "2026-05", "2026-06", "2026-07"]
            .into_iter()
            .chain(self.quarterly.then_some(["2026-08", "2026-09", "2026-Q1", "2026-Q2"]).into_iter().flatten())
            .map(|period| json!({ "period": period, "score": self.next(51).to_string(), "grade": self.of(&["A", "B", "C"]) }))
            .collect();
        let mut items = json!({ "i0": { "boss": "30" }, "i1": { "boss": "0" } });
        if self.next(2) == 0 {
            items["i0"]["peer"] = json!("50");
        }
        json!({
            "number": format!("E{at}"), "unit": self.of(&["U1", "U2"]), "facts": facts, "pay": { "base": "8888.88" },
            "items": items, "history": history,
        })
    }
}
