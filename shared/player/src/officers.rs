//! Those of the company who are not appraised: they rate, give figures, decide and pay.

use serde_json::Value;

use super::case::{Case, Kind};

/// The unit of all officers.
pub const OFFICE: &str = "PLAY-OFFICE";
/// The unit of people who have none.
pub const NONE: &str = "PLAY-NONE";

pub const TOP: &str = "PLAY-TOP";
pub const BOSS: &str = "PLAY-BOSS";
pub const HR: &str = "PLAY-HR";
pub const FINANCE: &str = "PLAY-FIN";
pub const EXECUTIVE: &str = "PLAY-EXEC";
/// In charge of all units, by a seat in a body.
pub const LEADER: &str = "PLAY-LEAD";
/// Heads every unit for which the case names nobody.
pub const HEAD: &str = "PLAY-HEAD";
/// The body in which the leader sits.
pub const LEADERS: &str = "play_leaders";

const ALWAYS: [(&str, &str); 7] =
    [(TOP, ""), (BOSS, TOP), (HR, TOP), (FINANCE, TOP), (EXECUTIVE, ""), (LEADER, TOP), (HEAD, TOP)];

/// Everybody who is needed for a case, with their superior.
pub fn all(case: &Case, bodies: &[String]) -> Vec<(String, &'static str)> {
    let always = ALWAYS.map(|(number, superior)| (number.to_owned(), superior));
    let members = (0..bodies.len()).map(|at| (member(at), TOP));
    let raters = (0..raters(case)).map(|at| (rater(at), BOSS));
    always.into_iter().chain(members).chain(raters).collect()
}

/// The member of a body of the scheme.
pub fn member(at: usize) -> String {
    format!("PLAY-BODY{}", at + 1)
}

/// Somebody whom HR names to rate.
pub fn rater(at: usize) -> String {
    format!("PLAY-R{}", at + 1)
}

/// As many raters as the longest list of ratings has values, and one at least where anybody is rated.
fn raters(case: &Case) -> usize {
    let observed = case.subjects().flat_map(|subject| subject.observed());
    observed.map(|one| one.value.as_array().map_or(1, Vec::len)).max().unwrap_or_default()
}

/// What an officer's account is called; nobody of the case has such a number.
pub fn username(number: &str) -> Option<String> {
    number.starts_with("PLAY-").then(|| number.to_lowercase())
}

/// Roles that an account is granted.
pub fn roles(number: &str) -> Vec<&'static str> {
    match number {
        HR => vec!["hr"],
        FINANCE => vec!["finance"],
        EXECUTIVE => vec!["executive"],
        LEADER => vec!["committee_member"],
        member if member.starts_with("PLAY-BODY") => vec!["committee_member"],
        _ => Vec::new(),
    }
}

/// Who decides for an actor as steps name them: `person:NUMBER`, `role:ROLE`, `body:CODE`, `body:CODE/OFFICE`.
pub fn actor(name: &str, bodies: &[String]) -> String {
    let (kind, id) = name.split_once(':').unwrap_or_default();
    let code = id.split('/').next().unwrap_or_default();
    match (kind, id) {
        ("person", number) => number.to_owned(),
        ("body", _) => bodies.iter().position(|body| body == code).map_or_else(|| HR.to_owned(), member),
        ("role", "finance") => FINANCE.to_owned(),
        ("role", "executive") => EXECUTIVE.to_owned(),
        _ => HR.to_owned(),
    }
}

/// Who gives what somebody of this description may give, about a subject.
pub struct Givers<'a> {
    pub case: &'a Case,
    pub bodies: &'a [String],
}

impl Givers<'_> {
    /// The first of the possible givers whom the company has; HR where nobody is named.
    pub fn first(&self, subject: &str, by: &[Value]) -> String {
        by.iter().find_map(|one| self.resolve(subject, one)).unwrap_or_else(|| HR.to_owned())
    }

    fn resolve(&self, subject: &str, one: &Value) -> Option<String> {
        match one {
            Value::String(word) => self.of_word(subject, word),
            Value::Array(alternatives) => alternatives.iter().find_map(|one| self.resolve(subject, one)),
            Value::Object(case) => {
                let holds = case.get("when").and_then(Value::as_str).is_none_or(|when| self.holds(subject, when));
                let who = case.get("who").or_else(|| case.get("from")).filter(|_| holds)?;
                self.resolve(subject, who)
            }
            _ => None,
        }
    }

    /// Conditions of the kind `category == 'x'`.
    fn holds(&self, subject: &str, when: &str) -> bool {
        let wanted = when.strip_prefix("category").map(|rest| rest.trim_matches(|c: char| " ='\"".contains(c)));
        let found = self.case.subjects().find(|one| one.key() == subject);
        wanted.is_some() && found.and_then(|one| one.text("category")) == wanted
    }

    /// Whoever a rater or giver is, as schemes and assignments write them.
    pub fn of_word(&self, subject: &str, word: &str) -> Option<String> {
        let (kind, rest) = word.split_once([':', '.']).unwrap_or((word, ""));
        let code = rest.split('/').next().unwrap_or_default();
        match (kind, rest) {
            ("person", _) => Some(rest.to_owned()),
            ("body", LEADERS) => Some(LEADER.to_owned()),
            ("body", _) => {
                let code = code.split('.').next().unwrap_or_default();
                self.bodies.iter().position(|body| body == code).map(member)
            }
            ("unit", _) => Some(self.head_of(code)),
            ("role", "hr") => Some(HR.to_owned()),
            ("role", "finance") => Some(FINANCE.to_owned()),
            ("role", "executive") => Some(EXECUTIVE.to_owned()),
            ("superior", "superior") => Some(TOP.to_owned()),
            ("superior", _) => Some(BOSS.to_owned()),
            ("self", _) => subject.strip_prefix("person:").map(str::to_owned),
            ("leader", _) => Some(LEADER.to_owned()),
            ("head", _) => Some(self.head_over(subject)),
            _ => None,
        }
    }

    /// The head of the unit that the subject is or belongs to.
    fn head_over(&self, subject: &str) -> String {
        let found = self.case.subjects().find(|one| one.key() == subject);
        let unit =
            found.and_then(|one| if one.kind == Kind::Unit { Some(one.code()) } else { self.case.unit_of(&one) });
        let head = self.head_of(unit.unwrap_or(NONE));
        // Nobody gives anything about themselves.
        if found.is_some_and(|one| one.kind == Kind::Person && one.code() == head) { BOSS.to_owned() } else { head }
    }

    fn head_of(&self, unit: &str) -> String {
        let found = self.case.units().find(|one| one.code() == unit);
        let named = found.and_then(|unit| unit.text("head")).filter(|head| self.case.person(head).is_some());
        named.unwrap_or(HEAD).to_owned()
    }
}
