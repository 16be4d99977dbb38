//! Ratings: each by whoever's form it stands on, with their own token; HR names whom no line leads to.

use std::collections::{BTreeMap, BTreeSet};

use super::api::list;
use platform::{Missing, Problem, What};
use serde_json::{Value, json};

use super::case::{Rows, Subject, segment};
use super::entering::Entering;
use super::officers::{Givers, HR, rater};
use super::sheets::Assignment;
use super::stop::{Fault, Played, Sent, Stop};

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
        let knows = |subject: &Subject| self.scheme.knows(subject.kind, subject.text("category"));
        let asked = self.case.subjects().filter(|one| self.sheets.takes_part(&one.key()) && knows(one));
        for subject in asked {
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
            let asked = self.sheets.items_of(&subject, &column);
            let given = |nth: usize| -> BTreeSet<String> {
                of_column.iter().filter(|rating| rating.nth == nth).map(|rating| rating.item.clone()).collect()
            };
            // Where all have given all, forms are whole; else each says which items it is for.
            let is_even = count > 0 && given(count - 1) == given(0);
            let several = given(1);
            for nth in 0..count {
                let mut items = given(nth);
                if !there.is_empty() {
                    if is_even && nth < there.len() {
                        continue;
                    }
                    items.retain(|item| is_even || several.contains(item));
                }
                if items.is_empty() {
                    continue;
                }
                let mut body = json!({ "subject": subject, "column": column, "rater": named(&column, nth, count) });
                if !(is_even && (items == asked || asked.is_empty())) {
                    body["items"] = json!(items);
                }
                let mine = of_column.iter().filter(|rating| rating.nth == nth && items.contains(&rating.item));
                sent.add_all(mine.map(|rating| rating.pointer.clone()).collect());
                new.push(body);
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
        for (rater, (bodies, sent)) in &by_rater {
            let api = self.company.of(rater)?;
            let done = api.post(&self.cycle.path("/ratings"), json!({ "ratings": bodies })).await;
            let call = format!("ratings by {rater}");
            done.map_err(|problem| Stop::of(&call, &problem, |pointer| sent.places("ratings", pointer)))?;
        }
        // What one rater says may decide what another has to give: nobody hands in before all is entered.
        let waiting = by_rater.keys().filter(|rater| !declining.contains_key(*rater)).cloned().collect();
        self.decline(declining).await?;
        self.hand_in(waiting).await
    }

    /// Everybody hands in; whoever comes after somebody else tries again once these have.
    async fn hand_in(&self, mut waiting: Vec<String>) -> Played<()> {
        loop {
            let (mut later, mut refused) = (Vec::new(), Vec::new());
            for rater in &waiting {
                let api = self.company.of(rater)?;
                match api.post(&self.cycle.path("/ratings/submit"), json!({})).await {
                    Err(problem) if problem.missing.iter().any(|one| one.what == What::Turn) => {
                        later.push(rater.clone());
                        refused.push(problem);
                    }
                    Err(problem) => self.handed_in(rater, &problem)?,
                    Ok(_) => {}
                }
            }
            if later.is_empty() {
                return Ok(());
            }
            if later.len() == waiting.len() {
                // Whom they wait for lacks something: that is told where it is computed.
                for (rater, mut problem) in later.iter().zip(refused) {
                    problem.missing.retain(|one| one.what != What::Turn);
                    if !problem.missing.is_empty() {
                        self.handed_in(rater, &problem)?;
                    }
                }
                return Ok(());
            }
            waiting = later;
        }
    }

    /// What a form lacks that was handed in, but for those whose category nobody knows: closing tells of them.
    fn handed_in(&self, rater: &str, problem: &Problem) -> Played<()> {
        let call = format!("{rater} hands in");
        if problem.missing.is_empty() {
            return Err(Stop::broken(&call, problem));
        }
        let unknown: Vec<String> = self
            .case
            .subjects()
            .filter(|one| !self.scheme.knows(one.kind, one.text("category")))
            .map(|one| one.pointer())
            .collect();
        let fault = |missing: &Missing| {
            let text = |part: &Option<String>| part.clone().unwrap_or_default();
            let subject = match &missing.number {
                Some(number) => format!("person:{number}"),
                None => format!("unit:{}", text(&missing.unit)),
            };
            let (item, below) = (text(&missing.item), text(&missing.pointer));
            let of_list = self.scheme.agreed_lists().contains_key(&item);
            let below = match (of_list, below.is_empty()) {
                (true, _) => format!("/{item}{below}"),
                (false, true) => format!("/items/{item}/{}", text(&missing.input)),
                (false, false) => format!("/items/{item}/rows{below}"),
            };
            Fault { pointer: format!("{}{below}", self.case.pointer_of(&subject)), detail: "it is missing".to_owned() }
        };
        let of_unknown = |fault: &Fault| unknown.iter().any(|place| fault.pointer.starts_with(&format!("{place}/")));
        let faults: Vec<Fault> = problem.missing.iter().map(fault).filter(|fault| !of_unknown(fault)).collect();
        if faults.is_empty() { Ok(()) } else { Err(Stop::refused(call, faults)) }
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

/// The form on which a value stands: one for its item before those for all.
fn form_of<'a>(forms: &'a [Assignment], rating: &Rating) -> Option<&'a Assignment> {
    let for_it = || forms.iter().filter(|form| form.items.contains(&rating.item));
    let for_all = || forms.iter().filter(|form| form.items.is_empty());
    match for_it().next() {
        Some(_) => for_it().nth(rating.nth),
        None => for_all().nth(rating.nth).or_else(|| forms.first()),
    }
}
