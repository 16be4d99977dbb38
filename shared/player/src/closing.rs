//! From closing to pay: what is missing, what was found, what is paid.

use std::collections::BTreeMap;

use super::api::{list, text};
use serde_json::{Value, json};

use super::case::Case;
use super::company::{Company, all_of, broken, eventually};
use super::officers::{self, EXECUTIVE, HR};
use super::opening::Cycle;
use super::stop::{Fault, Played, Stop};

/// Company and cycle in which a case was played.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    pub company: String,
    pub cycle: String,
}

/// Everything that came out, in the form of `expected`.
#[derive(Default)]
pub struct Outcome {
    /// Where it can be looked up.
    pub trace: Trace,
    pub people: BTreeMap<String, Value>,
    pub units: BTreeMap<String, Value>,
    /// Components of pay by employee number.
    pub pay: BTreeMap<String, Value>,
    pub calendar: Vec<Value>,
    pub appeal: Value,
    pub warnings: Vec<String>,
}

/// Until when an appeal is answered, as the cycle's calendar has it.
pub async fn appeal(company: &Company, case: &Case, cycle: &Cycle) -> Played<Value> {
    let Some(appeal) = case.json.get("appeal").filter(|appeal| !appeal.is_null()) else { return Ok(Value::Null) };
    let (known, filed) = (text(appeal, "/known_on"), text(appeal, "/filed_on"));
    let path = cycle.path(&format!("/appeal-window?known_on={known}&filed_on={filed}"));
    let place = |pointer: &str| vec![format!("/appeal{pointer}")];
    company.of(HR)?.get(&path).await.map_err(|problem| Stop::of("the appeal window", &problem, place))
}

/// The stages that the scheme dates.
pub async fn calendar(company: &Company, cycle: &Cycle) -> Played<Vec<Value>> {
    let answer = broken("the calendar", company.of(HR)?.get(&cycle.path("/calendar")).await)?;
    let dated = list(&answer, "/items").iter().filter(|stage| {
        let by = text(stage, "/dated_by");
        (by.is_empty() || by == "scheme") && stage.get("opens").is_some_and(|opens| !opens.is_null())
    });
    let stage = |one: &Value| json!({ "stage": text(one, "/code"), "opens": one["opens"], "due": one["due"] });
    Ok(dated.map(stage).collect())
}

/// Closes the cycle; what is missing is a refusal.
pub async fn close(company: &Company, case: &Case, cycle: &Cycle) -> Played<()> {
    let hr = company.of(HR)?;
    let answer = hr.post(&cycle.path("/close"), json!({})).await;
    answer.map_err(|problem| Stop::of("close", &problem, |_| Vec::new()))?;
    let state = eventually(60, "the cycle is computed", async || {
        let closing = broken("closing", hr.get(&cycle.path("/closing")).await)?;
        let state = text(&closing, "/state").to_owned();
        Ok((!["computing", "closing"].contains(&state.as_str())).then_some(state))
    })
    .await?;
    let missing = all_of(&hr, &cycle.path("/missing")).await?;
    let mut faults = Vec::new();
    for one in &missing {
        let place = case.pointer_of(&super::sheets::subject_of(one));
        for error in list(one, "/errors") {
            let pointer = text(error, "/pointer");
            // What concerns all is told beside somebody.
            let is_whole =
                ["/parameters", "/company", "/units/", "/employees/"].iter().any(|of| pointer.starts_with(of));
            let pointer = if is_whole { pointer.to_owned() } else { format!("{place}{pointer}") };
            faults.push(Fault { pointer, detail: text(error, "/detail").to_owned() });
        }
    }
    match faults.is_empty() {
        false => Err(Stop::refused("closing", faults)),
        true if state == "open" || state == "scoring" => {
            Err(Stop::Broken(format!("the cycle is {state} after closing, and nothing is missing")))
        }
        true => Ok(()),
    }
}

/// What finance is told of pay profiles before anything is published.
pub async fn findings(company: &Company, case: &Case, cycle: &Cycle) -> Played<()> {
    let path = cycle.path("/pay-run");
    let look = async || {
        let run = broken("the pay run", company.import.get(&path).await)?;
        let faults = list(&run, "/findings").iter().map(|one| Fault {
            pointer: format!("{}{}", case.pointer_of(&super::sheets::subject_of(one)), text(one, "/pointer")),
            detail: text(one, "/detail").to_owned(),
        });
        Ok(Some(faults.collect::<Vec<Fault>>()).filter(|faults| !faults.is_empty()))
    };
    match eventually(5, "findings of pay", look).await {
        Ok(faults) => Err(Stop::refused("the pay run", faults)),
        Err(_) => Ok(()),
    }
}

/// Everybody who has to check what was reported does, one after the other.
pub async fn check_facts(company: &Company, cycle: &Cycle) -> Played<()> {
    let path = cycle.path("/fact-checks?open=true");
    loop {
        let asked = all_of(&company.of(HR)?, &path).await?;
        if asked.is_empty() {
            return Ok(());
        }
        for step in &asked {
            for actor in list(step, "/waiting").iter().filter_map(Value::as_str) {
                let number = officers::actor(actor, &company.bodies);
                company.admit([number.clone()]).await?;
                let path = format!("/v1/fact-checks/{}/decision", text(step, "/id"));
                let approved = company.of(&number)?.post(&path, json!({ "verdict": "approved" })).await;
                broken(&format!("check of values by {actor}"), approved)?;
            }
        }
    }
}

/// What is handed in by a day was, as far as the case knows: HR enters it, on its day or today.
pub async fn do_duties(company: &Company, cycle: &Cycle) -> Played<()> {
    let hr = company.of(HR)?;
    for duty in all_of(&hr, &format!("/v1/duties?cycle={}", cycle.id)).await? {
        if duty["done_on"].is_null() {
            let done = if duty["late"] == true { json!({ "on": duty["due"] }) } else { json!({}) };
            broken("a duty", hr.post(&format!("/v1/duties/{}/done", text(&duty, "/id")), done).await)?;
        }
    }
    Ok(())
}

/// Everybody who has to approve what was computed does, one after the other.
pub async fn approve(company: &Company, cycle: &Cycle) -> Played<()> {
    decide_all(company, &cycle.path("/approvals?open=true"), "/v1/scoring/steps").await
}

/// Everybody approves who is asked in the steps of a list, until there are none.
pub async fn decide_all(company: &Company, path: &str, steps: &str) -> Played<()> {
    loop {
        let asked = all_of(&company.of(HR)?, path).await?;
        if asked.is_empty() {
            return Ok(());
        }
        for step in &asked {
            for actor in list(step, "/waiting").iter().filter_map(Value::as_str) {
                let path = format!("{steps}/{}/decision", text(step, "/id"));
                let (number, decision) = approval(company, step, actor).await?;
                broken(&format!("approval by {actor}"), company.of(&number)?.post(&path, decision).await)?;
            }
        }
    }
}

/// Who approves for an actor of a step, who can sign in then, and with what.
async fn approval(company: &Company, step: &Value, actor: &str) -> Played<(String, Value)> {
    let number = officers::actor(actor, &company.bodies);
    company.admit([number.clone()]).await?;
    let mut decision = json!({ "verdict": "approved" });
    if actor.starts_with("body:") && !actor.contains('/') {
        decision["session"] =
            json!({ "held_on": text(step, "/opened_on"), "present": [number], "minutes": "as played" });
    }
    Ok((number, decision))
}

/// Publishes, pays, and reads everything that came out.
pub async fn publish(company: &Company, case: &Case, cycle: &Cycle) -> Played<Outcome> {
    let hr = company.of(HR)?;
    company.admit([EXECUTIVE.to_owned()]).await?;
    broken("publish", company.of(EXECUTIVE)?.post(&cycle.path("/publish"), json!({})).await)?;
    let trace = Trace { company: company.code.clone(), cycle: cycle.id.clone() };
    let mut outcome = Outcome { trace, calendar: calendar(company, cycle).await?, ..Outcome::default() };
    for (kind, found) in [("person", &mut outcome.people), ("unit", &mut outcome.units)] {
        for result in all_of(&hr, &cycle.path(&format!("/results?kind={kind}"))).await? {
            let subject = super::sheets::subject_of(&result);
            let code = subject.split_once(':').map_or(subject.as_str(), |(_, code)| code);
            found.insert(code.to_owned(), flat(&result));
        }
    }
    outcome.pay = pay(company, case, cycle).await?;
    outcome.warnings = warnings(company, cycle).await?;
    Ok(outcome)
}

/// A result with its own outputs beside the common ones.
fn flat(result: &Value) -> Value {
    let mut flat = json!({});
    for key in ["excluded", "score", "grade", "coefficient", "outcomes", "interview", "scores"] {
        flat[key] = result.get(key).map_or(Value::Null, codes);
    }
    for (key, value) in result.get("outputs").and_then(Value::as_object).into_iter().flatten() {
        flat[key.as_str()] = value.clone();
    }
    flat
}

/// Codes alone, where a list has labels beside them.
fn codes(value: &Value) -> Value {
    let Some(items) = value.as_array() else { return value.clone() };
    items.iter().map(|item| item.get("code").unwrap_or(item).clone()).collect()
}

/// The statements of everybody who is to be paid.
async fn pay(company: &Company, case: &Case, cycle: &Cycle) -> Played<BTreeMap<String, Value>> {
    let expected = case.expected().get("employees").and_then(Value::as_object);
    let is_paid = |of: &&Value| of.get("pay").and_then(Value::as_object).is_some_and(|pay| !pay.is_empty());
    let wanted = expected.into_iter().flatten().filter(|(_, of)| is_paid(of)).count();
    let told = expected.into_iter().flatten().any(|(_, of)| of.get("pay").is_some());
    if !told {
        return Ok(BTreeMap::new());
    }
    if wanted > 0 {
        let path = cycle.path("/pay-run");
        let look = async || {
            approve_pay(company, cycle).await?;
            let run = broken("the pay run", company.import.get(&path).await)?;
            let paid = run.get("people").and_then(Value::as_u64).unwrap_or_default() as usize;
            Ok((paid >= wanted).then_some(()))
        };
        if let Err(stop) = eventually(20, "everybody's statement", look).await {
            let run = broken("the pay run", company.import.get(&path).await)?;
            let why = format!("{}; missing {}; findings {}", stop.told(), run["missing"], run["findings"]);
            return Err(Stop::Broken(why));
        }
    }
    let payroll = company.payroll().await?;
    let feed = broken("the feed", payroll.get_text("/v1/payroll/statements", "application/x-ndjson").await)?;
    let statements = feed.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    Ok(statements.map(|one| (text(&one, "/number").to_owned(), one["components"].clone())).collect())
}

/// Everybody who has to approve what is paid does, as far as they are asked.
async fn approve_pay(company: &Company, cycle: &Cycle) -> Played<()> {
    for batch in all_of(&company.import, &format!("/v1/batches?cycle={}&state=open", cycle.id)).await? {
        for step in list(&batch, "/steps").iter().filter(|step| step["state"] == "open") {
            for actor in list(step, "/waiting").iter().filter_map(Value::as_str) {
                let path = format!("/v1/pay/steps/{}/decision", text(step, "/id"));
                let (number, mut decision) = approval(company, step, actor).await?;
                decision["version"] = batch["version"].clone();
                broken(&format!("approval of pay by {actor}"), company.of(&number)?.post(&path, decision).await)?;
            }
        }
    }
    Ok(())
}

/// Warnings of scoring and of pay.
async fn warnings(company: &Company, cycle: &Cycle) -> Played<Vec<String>> {
    let scoring = broken("warnings", company.of(HR)?.get(&cycle.path("/warnings")).await)?;
    let pay = broken("the pay run", company.import.get(&cycle.path("/pay-run")).await)?;
    let told = ["/items", "/warnings"].into_iter().flat_map(|at| list(&scoring, at)).chain(list(&pay, "/warnings"));
    let mut all: Vec<String> =
        told.filter_map(|one| one.as_str().or_else(|| one.get("code")?.as_str())).map(str::to_owned).collect();
    all.sort();
    all.dedup();
    Ok(all)
}
