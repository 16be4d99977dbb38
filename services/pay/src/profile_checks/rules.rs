//! What of a change is checked, and by whom: pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use basics::Label;
use domain::scheme::Scheme;
use domain::scheme::source::Acting;
use platform::{Problem, Result, say};
use steps::steps::Actor;

use super::check::{Part, Reported};
use crate::input::is_employee_number;
use crate::profiles::profile::Change;
use crate::profiles::rules::is_input_name;

/// Who checks a pay input.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// Place by place, those who do so together.
    places: Vec<Vec<Actor>>,
    /// What the scheme is called that says so.
    pub scheme: Label,
}

impl Chain {
    fn new(checked_by: &[Acting], scheme: &Label) -> Self {
        let place = |acting: &Acting| acting.who().iter().filter_map(Actor::of_group).collect();
        Self { places: checked_by.iter().map(place).collect(), scheme: scheme.clone() }
    }
}

/// Who checks pay inputs, by their names; where several schemes say so of one, the first of them counts.
#[derive(Clone, Debug, Default)]
pub struct Chains(BTreeMap<String, Chain>);

impl Chains {
    pub fn of(schemes: &[Arc<Scheme>]) -> Self {
        let mut chains = BTreeMap::new();
        for scheme in schemes {
            for (input, checked_by) in scheme.pay_checks() {
                chains.entry(input.to_owned()).or_insert_with(|| Chain::new(checked_by, scheme.label()));
            }
        }
        Self(chains)
    }

    pub fn get(&self, input: &str) -> Option<&Chain> {
        self.0.get(input)
    }

    /// Those that somebody checks.
    pub fn inputs(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Everybody whom they name, and those who stand in.
    pub fn actors(&self) -> BTreeSet<Actor> {
        let named = self.0.values().flat_map(|chain| chain.places.iter().flatten().cloned());
        named.chain(stand_ins()).collect()
    }

    /// Takes out of changes what is checked: the inputs of the profiles stay as they were in that. What was said of an input as
    /// it is in force is checked as well, where something else of it is not through.
    pub fn part(&self, changes: Vec<Change>, otherwise: &[(&str, &str, Option<&str>)]) -> (Vec<Change>, Vec<Reported>) {
        let mut reported = Vec::new();
        let mut left = Vec::new();
        for mut change in changes {
            for input in self.0.keys() {
                let before = change.before.as_ref().and_then(|before| before.get(input)).cloned();
                let value = match &before {
                    Some(before) => change.inputs.insert(input.clone(), before.clone()),
                    None => change.inputs.remove(input),
                };
                if before != value {
                    reported.push(Reported { number: change.number.clone(), input: input.clone(), before, value });
                }
            }
            if change.inputs != change.before.clone().unwrap_or_default() {
                left.push(change);
            }
        }
        let known: BTreeSet<(String, String)> =
            reported.iter().map(|one: &Reported| (one.number.to_string(), one.input.clone())).collect();
        let is_new = |(number, input, _): &&(&str, &str, Option<&str>)| {
            !known.contains(&((*number).to_owned(), (*input).to_owned()))
        };
        reported.extend(otherwise.iter().filter(is_new).map(|(number, input, value)| {
            let value = value.map(str::to_owned);
            Reported { number: (*number).into(), input: (*input).to_owned(), before: value.clone(), value }
        }));
        (left, reported)
    }
}

/// Who checks in their order where those who were named are nobody else than who reports, or whom it is about.
fn stand_ins() -> [Actor; 3] {
    ["hr", "executive", "finance"].map(|role| Actor::Role(role.to_owned()))
}

/// Parts what is reported by who checks it. Nobody checks what they reported or what is about themselves: where a role or a
/// body has nobody else, HR does, and where they have nobody else either, an executive or finance. What is about one of those who check
/// stands by itself, so that the others of them check it.
pub fn parts(
    reported: Vec<Reported>,
    chains: &Chains,
    holders: &BTreeMap<Actor, Vec<String>>,
    by: Option<&str>,
) -> BTreeMap<Part, Vec<Reported>> {
    let mut parts: BTreeMap<Part, Vec<Reported>> = BTreeMap::new();
    for one in reported {
        let Some(chain) = chains.get(&one.input) else { continue };
        let of = |actor: &Actor| holders.get(actor).map_or(&[][..], Vec::as_slice);
        let nobody_else = |actor: &Actor| {
            let mut all = of(actor).iter().peekable();
            all.peek().is_some() && all.all(|holder| Some(holder.as_str()) == by || *holder == *one.number)
        };
        let who = |actor: &Actor| {
            let mut others = std::iter::once(actor.clone()).chain(stand_ins());
            others.find(|one| !nobody_else(one)).unwrap_or_else(|| actor.clone())
        };
        let place = |actors: &Vec<Actor>| {
            let actors: BTreeSet<Actor> = actors.iter().map(who).collect();
            actors.into_iter().collect::<Vec<_>>()
        };
        let mut places: Vec<Vec<Actor>> = chain.places.iter().map(place).collect();
        // Where somebody stands in at two places, one after the other, once is enough.
        places.dedup();
        let concerns = places.iter().flatten().any(|actor| of(actor).iter().any(|holder| *holder == *one.number));
        let about = concerns.then(|| one.number.clone());
        let scheme = (chain.scheme.zh.clone(), chain.scheme.en.clone());
        parts.entry(Part { places, scheme, about }).or_default().push(one);
    }
    parts
}

/// The `after` of a list of inputs: the number and the name of one.
pub fn place(after: &str) -> Result<(&str, &str)> {
    let place = after.split_once('/').filter(|(number, input)| is_employee_number(number) && is_input_name(input));
    place.ok_or_else(|| Problem::field("/after", say!("这不是分页返回的 `next`", "this is not the `next` of a page")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(name: &str) -> Actor {
        Actor::Role(name.to_owned())
    }

    fn chains(places: &[&[&str]]) -> Chains {
        let places = places.iter().map(|place| place.iter().map(|name| role(name)).collect()).collect();
        let chain = Chain { places, scheme: Label::new("甲", "s") };
        Chains(BTreeMap::from([("bonus".to_owned(), chain)]))
    }

    fn values(pairs: &[(&str, &str)]) -> events::Values {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn reported(number: &str) -> Reported {
        Reported { number: number.into(), input: "bonus".into(), before: None, value: Some("1.00".into()) }
    }

    fn places_of(by: &str, number: &str, held: &[(&str, &[&str])]) -> (Vec<Vec<String>>, bool) {
        let holders = held.iter().map(|(name, all)| (role(name), all.iter().map(|one| (*one).to_owned()).collect()));
        let parts = parts(vec![reported(number)], &chains(&[&["executive"]]), &holders.collect(), Some(by));
        let (part, _) = parts.into_iter().next().unwrap();
        let places = part.places.iter().map(|place| place.iter().map(ToString::to_string).collect()).collect();
        (places, part.about.is_some())
    }

    #[test]
    fn what_is_checked_is_taken_out_of_a_change_and_the_rest_stays() {
        let change = |before: Option<&[(&str, &str)]>, inputs: &[(&str, &str)]| Change {
            pointer: String::new(),
            number: "E1".into(),
            before: before.map(values),
            inputs: values(inputs),
            version: 2,
        };
        let chains = chains(&[&["executive"]]);
        let both = change(Some(&[("wage", "1.00"), ("bonus", "2.00")]), &[("wage", "3.00"), ("bonus", "4.00")]);
        let (left, waits) = chains.part(vec![both], &[]);
        assert_eq!(left[0].inputs, values(&[("wage", "3.00"), ("bonus", "2.00")]));
        assert_eq!((waits[0].before.as_deref(), waits[0].value.as_deref()), (Some("2.00"), Some("4.00")));

        let taken_away = change(Some(&[("wage", "1.00"), ("bonus", "2.00")]), &[("wage", "1.00")]);
        let (left, waits) = chains.part(vec![taken_away], &[]);
        assert_eq!((left, waits[0].value.as_deref()), (Vec::new(), None));

        let (left, waits) = chains.part(vec![change(None, &[("bonus", "4.00")])], &[]);
        assert_eq!((left, waits.len()), (Vec::new(), 1), "nobody has an empty profile for it");
        let (left, waits) = chains.part(vec![change(None, &[("wage", "4.00")])], &[]);
        assert_eq!((left.len(), waits), (1, Vec::new()));
        let (_, waits) = chains.part(Vec::new(), &[("E1", "bonus", Some("2.00"))]);
        assert_eq!((waits[0].before.as_deref(), waits[0].value.as_deref()), (Some("2.00"), Some("2.00")));
    }

    #[test]
    fn nobody_checks_what_they_reported_or_what_is_about_themselves() {
        let plain = |name: &str| vec![vec![format!("role:{name}")]];
        assert_eq!(places_of("F1", "E1", &[("executive", &["G1"])]), (plain("executive"), false));
        assert_eq!(places_of("F1", "E1", &[]), (plain("executive"), false), "somebody may come to hold it");
        assert_eq!(places_of("G1", "E1", &[("executive", &["G1"])]), (plain("hr"), false));
        assert_eq!(places_of("F1", "G1", &[("executive", &["G1"]), ("hr", &["H1"])]), (plain("hr"), false));
        let alone: &[(&str, &[&str])] = &[("executive", &["G1", "G2"]), ("hr", &["H1"])];
        assert_eq!(places_of("H1", "G1", alone), (plain("executive"), true), "the other executive checks it");
        assert_eq!(places_of("H1", "G1", &[("executive", &["G1"]), ("hr", &["H1"])]), (plain("finance"), false));
    }
}
