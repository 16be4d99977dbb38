//! From a company to an open cycle: calendar, pay profiles, scheme, cycle, and what was found in earlier periods.

use std::collections::BTreeMap;

use super::api::{list, text};
use futures_util::future::join_all;
use serde_json::{Map, Value, json};

use super::case::Case;
use super::company::{Company, LONG_AGO, broken, eventually};
use super::officers::{self, HR};
use super::scheme::Scheme;
use super::stop::{Played, Sent, Stop};

/// An open cycle.
pub struct Cycle {
    pub id: String,
    pub cadence: Option<String>,
}

impl Cycle {
    pub fn path(&self, rest: &str) -> String {
        format!("/v1/cycles/{}{rest}", self.id)
    }
}

/// The schemes that come with the product, by code; asked once for all cases.
pub async fn templates(company: &Company) -> Played<BTreeMap<String, String>> {
    let answer = broken("the templates", company.import.get("/v1/scheme-templates").await)?;
    let items = list(&answer, "/items").iter();
    Ok(items.map(|one| (text(one, "/code").to_owned(), text(one, "/source").to_owned())).collect())
}

/// Stores the case's scheme in the company.
pub async fn scheme(company: &Company, case: &Case, templates: &BTreeMap<String, String>) -> Played<Scheme> {
    let Some(source) = templates.get(case.policy()) else {
        return Err(Stop::unplayable("/policy", "no such scheme comes with the product"));
    };
    let stored = broken("a scheme", company.import.post("/v1/schemes", json!({ "source": source })).await)?;
    let path = format!("/v1/schemes/{}/versions/{}", text(&stored, "/code"), stored["version"]);
    let version = broken("its version", company.import.get(&path).await)?;
    Scheme::new(version, source).map_err(Stop::Broken)
}

/// Holidays, and weekend days that are worked.
pub async fn calendar(company: &Company, case: &Case) -> Played<()> {
    let days = |key: &str| case.json.get(key).filter(|days| !days.is_null()).cloned().unwrap_or_else(|| json!([]));
    let body = json!({ "non_working_days": days("non_working_days"), "working_days": days("working_days") });
    if body["non_working_days"] == json!([]) && body["working_days"] == json!([]) {
        return Ok(());
    }
    let path = "/v1/working-calendar";
    let done = company.import.replace(path, "", body).await;
    done.map(drop).map_err(|problem| Stop::of("the working calendar", &problem, |pointer| vec![pointer.to_owned()]))
}

/// What people are paid by, as finance enters it.
pub async fn pay(company: &Company, case: &Case) -> Played<()> {
    let entering = case.people().filter(|person| person.values("pay").next().is_some()).map(async |person| {
        let inputs: Map<String, Value> =
            person.values("pay").map(|(name, value)| (name.to_owned(), value.clone())).collect();
        let body = json!({ "inputs": inputs, "effective_on": LONG_AGO });
        let path = format!("/v1/pay-profiles/{}", person.code());
        let done = company.import.put_version(&path, "\"0\"", body).await;
        let place = |pointer: &str| {
            let below = pointer.strip_prefix("/inputs").unwrap_or_default();
            vec![format!("{}/pay{below}", person.pointer())]
        };
        done.map_err(|problem| Stop::of(&format!("PUT {path}"), &problem, place))
    });
    for done in join_all(entering).await {
        done?;
    }
    Ok(())
}

/// Waits until everybody has arrived where cycles are opened and scored.
pub async fn arrived(company: &Company, case: &Case) -> Played<()> {
    let people = officers::all(case, &company.bodies).len() + case.people().count();
    let bodies = company.bodies.len() + 1;
    let has = |answer: &Value, keys: &[&str], count: usize| {
        let found = keys.iter().find_map(|key| answer.get(key).and_then(Value::as_u64));
        found.is_none_or(|found| found as usize >= count)
    };
    for path in ["/v1/planning/directory", "/v1/scoring/directory"] {
        eventually(30, "everybody arrives", async || {
            let answer = broken(path, company.import.get(path).await)?;
            Ok((has(&answer, &["employees", "people"], people) && has(&answer, &["bodies"], bodies)).then_some(()))
        })
        .await?;
    }
    Ok(())
}

/// Opens the cycle for exactly the people and units of the case.
pub async fn open(company: &Company, case: &Case, scheme: &Scheme) -> Played<Cycle> {
    let mut subjects = Vec::new();
    let mut sent = Sent::default();
    for subject in case.subjects() {
        subjects.push(subject.key());
        sent.add(subject.pointer());
    }
    let mut body = json!({
        "scheme": scheme.code(), "version": scheme.version(), "period": case.period(), "subjects": subjects,
    });
    for key in ["cadence", "parameters"] {
        if let Some(value) = case.json.get(key).filter(|value| !value.is_null()) {
            body[key] = value.clone();
        }
    }
    if let Some(day) = case.first_day() {
        body["as_of"] = json!(day.to_string());
    }
    let place = |pointer: &str| place_of_opening(case, &sent, pointer);
    let opened = company.of(HR)?.post("/v1/cycles", body).await;
    let cycle = opened.map_err(|problem| Stop::of("POST /v1/cycles", &problem, place))?;
    let cadence = Some(text(&cycle, "/cadence")).filter(|text| !text.is_empty()).map(str::to_owned);
    Ok(Cycle { id: text(&cycle, "/id").to_owned(), cadence })
}

fn place_of_opening(case: &Case, sent: &Sent, pointer: &str) -> Vec<String> {
    if let Some(rest) = pointer.strip_prefix("/subjects/") {
        let (subject, below) = rest.split_once('/').unwrap_or((rest, ""));
        let below = if below.is_empty() { String::new() } else { format!("/{below}") };
        return match subject.parse::<usize>() {
            Ok(_) => sent.places("subjects", pointer),
            Err(_) => vec![format!("{}{below}", case.pointer_of(subject))],
        };
    }
    match pointer {
        "/scheme" | "/version" => vec!["/policy".to_owned()],
        "/as_of" => vec!["/period".to_owned()],
        "/cadence" | "/period" => vec![pointer.to_owned()],
        other if other.starts_with("/parameters") => vec![other.to_owned()],
        _ => Vec::new(),
    }
}

/// What was found in earlier periods, before there was this system.
pub async fn history(company: &Company, case: &Case, scheme: &Scheme, cycle: &Cycle) -> Played<()> {
    let (mut results, mut sent) = (Vec::new(), Sent::with_fields(&["period", "score", "grade"]));
    for subject in case.subjects() {
        for (index, past) in subject.entries("history").iter().enumerate() {
            let mut entry = json!({ "subject": subject.key(), "scheme": scheme.code() });
            if let Some(cadence) = scheme.cadence_of(text(past, "/period"), cycle.cadence.as_deref()) {
                entry["cadence"] = json!(cadence);
            }
            for (key, value) in past.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
                entry[key] = value.clone();
            }
            results.push(entry);
            sent.add(format!("{}/history/{index}", subject.pointer()));
        }
    }
    if results.is_empty() {
        return Ok(());
    }
    let done = company.of(HR)?.post("/v1/imports?kind=results", json!({ "results": results })).await;
    let place = |pointer: &str| sent.places("results", pointer);
    done.map(drop).map_err(|problem| Stop::of("import of earlier results", &problem, place))
}
