//! Why a case went no further.

use platform::{Code, Problem};

/// Something that a door found wrong, where the case has it.
#[derive(Clone, Debug)]
pub struct Fault {
    /// JSON pointer into the case; `?` before one of the API's that the player cannot find there.
    pub pointer: String,
    pub detail: String,
}

#[derive(Debug)]
pub enum Stop {
    /// The case is refused.
    Refused { by: String, faults: Vec<Fault> },
    /// It could not be played to its end.
    Broken(String),
}

pub type Played<T> = Result<T, Stop>;

impl Stop {
    /// The player itself refuses it: there is no door that this could be brought to.
    pub fn unplayable(pointer: impl Into<String>, detail: &str) -> Self {
        Self::refused("the player", vec![Fault { pointer: pointer.into(), detail: detail.to_owned() }])
    }

    pub fn refused(by: impl Into<String>, faults: Vec<Fault>) -> Self {
        Self::Refused { by: by.into(), faults }
    }

    /// An answer that no case should get.
    pub fn broken(call: &str, problem: &Problem) -> Self {
        Self::Broken(format!("{call}: {problem}"))
    }

    /// A problem that the API answered, with its pointers where the case has them.
    pub fn of(call: &str, problem: &Problem, place: impl Fn(&str) -> Vec<String>) -> Self {
        let is_ours = matches!(problem.code, Code::Internal | Code::Unavailable | Code::NotPermitted);
        if is_ours || problem.errors.is_empty() {
            return Self::broken(call, problem);
        }
        let faults = problem.errors.iter().flat_map(|error| {
            let mut places = place(&error.pointer);
            if places.is_empty() {
                places.push(format!("?{}", error.pointer));
            }
            places.into_iter().map(|pointer| Fault { pointer, detail: error.detail.en.clone() })
        });
        Self::refused(call, faults.collect())
    }

    /// In one line, for whoever reads what was played.
    pub fn told(&self) -> String {
        match self {
            Self::Broken(why) => why.lines().collect::<Vec<_>>().join("; "),
            Self::Refused { by, faults } => {
                let told: Vec<String> =
                    faults.iter().take(4).map(|fault| format!("{} ({})", fault.pointer, fault.detail)).collect();
                format!("{by}: refused at {}", told.join(", "))
            }
        }
    }
}

/// Entries that were sent, each with where the case has it: `/facts/3/value` is the place of entry 3.
#[derive(Default)]
pub struct Sent {
    places: Vec<Vec<String>>,
    /// Fields that entries have in the case, too.
    own_fields: &'static [&'static str],
}

impl Sent {
    pub fn with_fields(own_fields: &'static [&'static str]) -> Self {
        Self { own_fields, ..Self::default() }
    }

    pub fn add(&mut self, place: impl Into<String>) {
        self.places.push(vec![place.into()]);
    }

    pub fn add_all(&mut self, places: Vec<String>) {
        self.places.push(places);
    }

    /// Where the case has what an answer points at: below `/{list}/N/field` the rest is kept.
    pub fn places(&self, list: &str, pointer: &str) -> Vec<String> {
        let Some(below) = pointer.strip_prefix('/').and_then(|rest| rest.strip_prefix(list)) else { return Vec::new() };
        let mut parts = below.split('/').skip(1);
        let Some(places) = parts.next().and_then(|at| at.parse::<usize>().ok()).and_then(|at| self.places.get(at))
        else {
            return Vec::new();
        };
        // What is wrapped in a field of the entry is the case's own; fields that the case has itself stay.
        let field = parts.next().filter(|field| self.own_fields.contains(field));
        let field = field.map(|field| format!("/{field}")).unwrap_or_default();
        let rest: String = parts.map(|part| format!("/{part}")).collect();
        places.iter().map(|place| format!("{place}{field}{rest}")).collect()
    }
}
