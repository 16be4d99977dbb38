//! What comes before anybody is rated, where the scheme has stages for it: plans, rows of sheets, settling, release.

use serde_json::{Value, json};

use super::api::text;
use super::case::{Case, Rows, Subject};
use super::closing;
use super::company::{Company, all_of, broken};
use super::officers::{BOSS, EXECUTIVE, Givers, HR};
use super::opening::Cycle;
use super::scheme::Scheme;
use super::stop::{Played, Sent, Stop};

/// Puts the case's rows on the sheets; then settles and releases them.
pub async fn agree(company: &Company, case: &Case, scheme: &Scheme, cycle: &Cycle) -> Played<()> {
    let cadence = cycle.cadence.as_deref();
    let settles = scheme.does("settle", cadence);
    if settles && scheme.does("plan", cadence) {
        plans(company, case, cycle).await?;
    } else if settles {
        settle(company, cycle).await?;
    }
    for subject in case.subjects() {
        let rows = subject.rows(scheme);
        // Where plans gave rows that the case does not have, the scheme's own items stand again.
        if settles || !rows.is_empty() {
            put_rows(company, &subject, rows, cycle, settles).await?;
        }
    }
    confirm(company, cycle).await?;
    if scheme.does("release", cadence) {
        broken("release the sheets", company.of(EXECUTIVE)?.post(&cycle.path("/release"), json!({})).await)?;
    }
    Ok(())
}

/// Everybody approves who is asked about plans and sheets.
async fn confirm(company: &Company, cycle: &Cycle) -> Played<()> {
    closing::decide_all(company, &format!("/v1/planning/steps?cycle={}", cycle.id), "/v1/planning/steps").await
}

/// A plan for everybody who takes part, and those of their units, handed in by the heads; everybody approves who is asked.
async fn plans(company: &Company, case: &Case, cycle: &Cycle) -> Played<()> {
    let hr = company.of(HR)?;
    let people = super::sheets::taking_part(company, case, cycle).await?;
    let goals = json!([{ "title": "what the unit is asked for", "weight": "100" }]);
    let numbers = people.iter().filter_map(|key| key.strip_prefix("person:"));
    let plans: Vec<Value> = numbers.clone().map(|number| json!({ "number": number, "goals": goals })).collect();
    if !plans.is_empty() {
        broken("plans", hr.put(&cycle.path("/plans"), json!({ "plans": plans })).await)?;
    }
    confirm(company, cycle).await?;
    let units = all_of(&hr, &cycle.path("/units")).await?;
    let givers = Givers { case, bodies: &company.bodies };
    for unit in &units {
        let Some(plan) = unit["plan"].as_str() else { continue };
        let head = givers.of_word("", &format!("unit:{}", text(unit, "/code"))).unwrap_or_default();
        company.admit([head.clone()]).await?;
        let path = format!("/v1/plans/{plan}/submit");
        broken("submit a unit's plan", company.of(&head)?.post(&path, json!({})).await)?;
    }
    confirm(company, cycle).await?;
    settle(company, cycle).await
}

async fn settle(company: &Company, cycle: &Cycle) -> Played<()> {
    broken("settle the sheets", company.of(HR)?.post(&cycle.path("/sheets/settle"), json!({})).await).map(drop)
}

async fn put_rows(
    company: &Company,
    subject: &Subject<'_>,
    given: Vec<Rows<'_>>,
    cycle: &Cycle,
    settles: bool,
) -> Played<()> {
    let (mut rows, mut sent) = (Vec::new(), Sent::with_fields(&["weight"]));
    for Rows { place, entries, pointer, .. } in &given {
        for (index, entry) in entries.iter().enumerate() {
            let mut row = json!({ "place": place, "title": format!("目标 {}", index + 1) });
            if let Some(weight) = entry.get("weight").filter(|weight| !weight.is_null()) {
                row["weight"] = weight.clone();
            }
            rows.push(row);
            sent.add(format!("{pointer}/{index}"));
        }
    }
    let path = cycle.path(&format!("/sheets/{}/rows", subject.key()));
    let body = json!({ "rows": rows, "reason": "as the case has them" });
    let who = if settles { HR } else { BOSS };
    let done = company.of(who)?.put(&path, body).await;
    let whole = given.first().map_or_else(|| subject.pointer(), |rows| rows.pointer.clone());
    let place = |pointer: &str| place_of_row(&sent, &whole, pointer);
    done.map(drop).map_err(|problem| Stop::of(&format!("PUT {path}"), &problem, place))
}

/// What concerns all rows is of the whole list.
fn place_of_row(sent: &Sent, whole: &str, pointer: &str) -> Vec<String> {
    let places = sent.places("rows", pointer);
    if places.is_empty() { vec![whole.to_owned()] } else { places }
}
