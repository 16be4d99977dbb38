//! Ratings: each by whoever's form it stands on, with their own token; HR names whom no line leads to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use standalone::api::list;

use super::case::{Rows, Subject, segment};
use super::entering::Entering;
use super::officers::{Givers, HR, rater};
use super::sheets::Assignment;
use super::stop::{Played, Sent, Stop};

const EVIDENCE: &str = "as noted";
/// Columns whose raters are people named one by one.
const NAMED: [&str; 2] = ["peer", "subordinate"];

/// A value for a form.
struct Rating {
    subject: String,
    column: String,
    /// Which of the column's raters gives it.
    nth: usize,
    body: Value,
    item: String,
    pointer: String,
}

impl Entering<'_> {
    /// Gives and hands in every rating of the case.
    pub async fn ratings(&self) -> Played<()> {
        let mut ratings = Vec::new();
        for subject in self.case.subjects() {
            let key = subject.key();
            for one in subject.observed() {
                let Some(column) = self.sheets.column(&key, one.item, one.input).flatten() else { continue };
                let values = one.value.as_array().map_or(std::slice::from_ref(one.value), Vec::as_slice);
                for (nth, value) in values.iter().enumerate() {
                    let body = json!({ "subject": key, "item": one.item, "input": one.input, "value": value });
                    let pointer =
                        if one.value.is_array() { format!("{}/{nth}", one.pointer) } else { one.pointer.clone() };
                    let (subject, column, item) = (key.clone(), column.clone(), one.item.to_owned());
                    ratings.push(Rating { subject, column, nth, body, item, pointer });
                }
            }
            self.ratings_of_rows(&subject, &mut ratings);
        }
        let forms = self.forms(&ratings).await?;
        self.give(ratings, &forms).await
    }

    fn ratings_of_rows(&self, subject: &Subject, ratings: &mut Vec<Rating>) {
        let key = subject.key();
        for Rows { place, of, entries, pointer } in subject.rows(self.scheme) {
            for (row, cells) in entries.iter().enumerate() {
                let cells = cells.as_object().into_iter().flatten();
                // The weight is the row's own.
                for (input, value) in cells.filter(|(input, value)| !value.is_null() && *input != "weight") {
                    let column = match of {
                        "list" => self.sheets.column_of_list(&key, &place, input),
                        _ => self.sheets.column(&key, &place, input),
                    };
                    // Unknown: whoever rates is told so.
                    let column = column.flatten().unwrap_or_else(|| "superior".to_owned());
                    let body = json!({ "subject": key, of: place, "row": row, "input": input, "value": value });
                    let pointer = format!("{pointer}/{row}/{}", segment(input));
                    ratings.push(Rating { subject: key.clone(), column, nth: 0, body, item: place.clone(), pointer });
                }
            }
        }
    }

    /// Who has which form: by subject and column, in the order of the values.
    async fn forms(&self, ratings: &[Rating]) -> Played<BTreeMap<(String, String), Vec<Assignment>>> {
        let mut wanted: BTreeMap<(String, String), Vec<&Rating>> = BTreeMap::new();
        for rating in ratings {
            wanted.entry((rating.subject.clone(), rating.column.clone())).or_default().push(rating);
        }
        let (mut new, mut sent, mut whose) = (Vec::new(), Sent::default(), Vec::new());
        let mut forms = BTreeMap::new();
        for ((subject, column), of_column) in wanted {
            let there = self.sheets.assignments(&subject, &column);
            let count = of_column.iter().map(|rating| rating.nth + 1).max().unwrap_or(1);
            let by_items = there.iter().any(|one| !one.items.is_empty());
            for nth in if by_items { count } else { there.len() }..count {
                let mine: Vec<&&Rating> = of_column.iter().filter(|rating| rating.nth == nth).collect();
                let mut body = json!({ "subject": subject, "column": column, "rater": named(&column, nth, count) });
                let items: BTreeSet<&str> = mine.iter().map(|rating| rating.item.as_str()).collect();
                let all: BTreeSet<&str> = of_column.iter().map(|rating| rating.item.as_str()).collect();
                if items != all {
                    body["items"] = json!(items);
                }
                new.push(body);
                sent.add_all(mine.iter().map(|rating| rating.pointer.clone()).collect());
                whose.push((subject.clone(), column.clone()));
            }
            forms.insert((subject, column), there);
        }
        if new.is_empty() {
            return Ok(forms);
        }
        let done = self.company.of(HR)?.post(&self.cycle.path("/assignments"), json!({ "assignments": new })).await;
        let place = |pointer: &str| sent.places("assignments", pointer);
        let made = done.map_err(|problem| Stop::of("assignments", &problem, place))?;
        for (at, key) in whose.into_iter().enumerate() {
            let form = list(&made, "/items").get(at).map(Assignment::from);
            let body = new.get(at).map(Assignment::from);
            let mut form = form.or(body.clone()).ok_or_else(|| Stop::Broken("no assignment was made".to_owned()))?;
            if form.rater.is_empty() {
                form.rater = body.map(|body| body.rater).unwrap_or_default();
            }
            forms.entry(key).or_default().push(form);
        }
        Ok(forms)
    }

    async fn give(&self, ratings: Vec<Rating>, forms: &BTreeMap<(String, String), Vec<Assignment>>) -> Played<()> {
        let givers = Givers { case: self.case, bodies: &self.company.bodies };
        let mut by_rater: BTreeMap<String, (Vec<Value>, Sent)> = BTreeMap::new();
        for mut rating in ratings {
            let of_column = forms.get(&(rating.subject.clone(), rating.column.clone()));
            let form = of_column.and_then(|forms| form_of(forms, &rating));
            let rater = form.and_then(|form| givers.of_word(&rating.subject, &form.rater));
            rating.body["evidence"] = json!(EVIDENCE);
            let (bodies, sent) = by_rater.entry(rater.unwrap_or_else(|| HR.to_owned())).or_default();
            bodies.push(rating.body);
            sent.add(rating.pointer);
        }
        let declining = self.declining();
        self.company.admit(by_rater.keys().cloned().chain(declining.keys().cloned())).await?;
        for (rater, (bodies, sent)) in by_rater {
            let api = self.company.of(&rater)?;
            let done = api.post(&self.cycle.path("/ratings"), json!({ "ratings": bodies })).await;
            let call = format!("ratings by {rater}");
            done.map_err(|problem| Stop::of(&call, &problem, |pointer| sent.places("ratings", pointer)))?;
            if declining.contains_key(&rater) {
                continue;
            }
            // What a form lacks is told again at closing.
            if let Err(problem) = api.post(&self.cycle.path("/ratings/submit"), json!({})).await {
                self.told(&format!("{rater} hands in"), &problem);
            }
        }
        self.decline(declining).await
    }

    #[allow(clippy::print_stderr, reason = "what whoever looks for a fault wants to know")]
    fn told(&self, what: &str, problem: &platform::Problem) {
        if std::env::var_os("STEELYARD_PLAY_TELL").is_some() {
            eprintln!("{}: {what}: {problem}", self.case.name);
        }
    }

    /// People who decline to rate, with their forms.
    fn declining(&self) -> BTreeMap<String, Vec<(Assignment, String)>> {
        let mut declining: BTreeMap<String, Vec<(Assignment, String)>> = BTreeMap::new();
        for person in self.case.people() {
            for (fact, column) in self.scheme.declined().iter().filter(|(fact, _)| person.is(fact)) {
                let pointer = format!("{}/facts/{fact}", person.pointer());
                for form in self.sheets.assignments(&person.key(), column) {
                    declining.entry(person.code().to_owned()).or_default().push((form, pointer.clone()));
                }
            }
        }
        declining
    }

    async fn decline(&self, declining: BTreeMap<String, Vec<(Assignment, String)>>) -> Played<()> {
        for (number, forms) in declining {
            let api = self.company.of(&number)?;
            for (form, pointer) in forms {
                let path = format!("/v1/assignments/{}", form.id);
                let done = api.post(&format!("{path}/decline"), json!({ "reason": "I leave it to others" })).await;
                done.map_err(|problem| Stop::of("decline", &problem, |_| vec![pointer.clone()]))?;
            }
        }
        Ok(())
    }
}

/// Whom HR names: people one by one; who else is alone is rated by HR itself.
fn named(column: &str, nth: usize, count: usize) -> String {
    if count == 1 && !NAMED.contains(&column) { "role:hr".to_owned() } else { format!("person:{}", rater(nth)) }
}

/// The form on which a value stands.
fn form_of<'a>(forms: &'a [Assignment], rating: &Rating) -> Option<&'a Assignment> {
    let has_item = |form: &&Assignment| form.items.is_empty() || form.items.contains(&rating.item);
    forms.iter().filter(has_item).nth(rating.nth).or_else(|| forms.get(rating.nth)).or_else(|| forms.first())
}
