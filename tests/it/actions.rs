//! What a resource says that its reader may do, they may do.

use std::collections::{BTreeMap, BTreeSet};

use platform::Code;
use player::api::{Api, list, text};
use serde_json::{Value, json};
use testkit::eventually;
use tests::appealing::seat;
use tests::month::{Month, Size};
use tests::system::System;

/// The operations of all services, by their ids: method and path.
fn operations() -> BTreeMap<String, (String, String)> {
    let mut operations = BTreeMap::new();
    for service in ["planning", "scoring"] {
        let file = format!("{}/../docs/openapi/{service}.json", env!("CARGO_MANIFEST_DIR"));
        let document: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                if let Some(id) = operation["operationId"].as_str() {
                    operations.insert(id.to_owned(), (method.to_uppercase(), path.clone()));
                }
            }
        }
    }
    operations
}

/// Everybody who looks at a cycle and does what it offers them.
struct Walk {
    cycle: String,
    actors: Vec<Api>,
    operations: BTreeMap<String, (String, String)>,
    /// What was done, and how it ended.
    done: BTreeMap<String, BTreeSet<&'static str>>,
}

const READS: [&str; 11] = [
    "/v1/cycles/{cycle}",
    "/v1/cycles/{cycle}/subjects",
    "/v1/cycles/{cycle}/targets",
    "/v1/cycles/{cycle}/units",
    "/v1/plans?cycle={cycle}",
    "/v1/cycles/{cycle}/scoring",
    "/v1/cycles/{cycle}/missing",
    "/v1/cycles/{cycle}/entries",
    "/v1/cycles/{cycle}/interviews",
    "/v1/cycles/{cycle}/assignments",
    "/v1/assignments",
];

impl Walk {
    fn new(cycle: &str, actors: &[&Api]) -> Self {
        let actors = actors.iter().map(|actor| (*actor).clone()).collect();
        Self { cycle: cycle.to_owned(), actors, operations: operations(), done: BTreeMap::new() }
    }

    /// What somebody can read of the cycle that says what they may do, and to which the operation's path may belong.
    async fn resources(&self, actor: &Api, path: &str) -> Vec<Value> {
        let mut found = Vec::new();
        if path.starts_with("/v1/sheets/") {
            let sheets = actor.get(&format!("/v1/sheets?cycle={}", self.cycle)).await.unwrap();
            for sheet in list(&sheets, "/items") {
                let sheet = actor.get(&format!("/v1/sheets/{}", text(sheet, "/id"))).await.unwrap();
                acting(&sheet, &mut found);
            }
            return found;
        }
        for path in READS {
            if let Ok(answer) = actor.get(&path.replace("{cycle}", &self.cycle)).await {
                acting(&answer, &mut found);
            }
        }
        let is_of_a_sheet = path.contains("/sheets/{subject}");
        let subjects: Vec<String> = found.iter().filter_map(|one| one["subject"].as_str()).map(str::to_owned).collect();
        for subject in subjects.into_iter().filter(|_| is_of_a_sheet).collect::<BTreeSet<_>>() {
            if let Ok(sheet) = actor.get(&format!("/v1/cycles/{}/sheets/{subject}", self.cycle)).await {
                acting(&sheet, &mut found);
            }
        }
        found.retain(|one| one.get("cycle").is_none_or(|cycle| *cycle == json!(self.cycle) || cycle.is_null()));
        found
    }

    /// Does each of these once for everybody to whom it is offered, once for each kind of resource. What was done
    /// before changes what is offered: each is looked up anew.
    async fn take(&mut self, actions: &[&str]) {
        for action in actions {
            for at in 0..self.actors.len() {
                let actor = self.actors[at].clone();
                let (_, path) = &self.operations[*action];
                // A cycle offers what is about its subjects; whose it is, they say themselves.
                let named = |resource: &Value| !path.contains("{subject}") || resource["subject"].is_string();
                let mut resources = self.resources(&actor, path).await.into_iter();
                let offered = resources.find(|resource| offers(resource, action) && named(resource));
                if let Some(resource) = offered {
                    self.call(&actor, action, &resource).await;
                }
            }
        }
    }

    async fn call(&mut self, actor: &Api, action: &str, resource: &Value) {
        let (method, template) = self.operations.get(action).unwrap_or_else(|| panic!("no operation {action}"));
        let id = match (template.split('/').nth(2), action) {
            (Some("cycles"), _) => self.cycle.clone(),
            _ => text(resource, "/id").to_owned(),
        };
        let path = template
            .replace("{id}", &id)
            .replace("{subject}", text(resource, "/subject"))
            .replace("{code}", text(resource, "/code"));
        assert!(!path.contains('{'), "{path}");
        let body = body(action, resource);
        let version = resource["version"].as_i64().map(|version| format!("\"{version}\""));
        let outcome = match (method.as_str(), version) {
            ("DELETE", _) => actor.delete(&path).await,
            ("PUT", Some(version)) if action != "enter_plans" => actor.put_version(&path, &version, body).await,
            ("PUT", _) => actor.put(&path, body).await,
            _ => actor.post(&path, body).await,
        };
        let outcome = match outcome {
            Ok(_) => "done",
            Err(problem) if problem.code == Code::ValidationFailed => "asked for more",
            Err(problem) => panic!("{action} is offered and refused: {problem:?}\n{resource:#}"),
        };
        self.done.entry(action.to_owned()).or_default().insert(outcome);
    }
}

fn offers(resource: &Value, action: &str) -> bool {
    list(resource, "/actions").iter().any(|offered| *offered == action)
}

/// The objects of an answer that say what may be done with them.
fn acting(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Object(fields) => {
            if fields.get("actions").is_some_and(Value::is_array) {
                found.push(value.clone());
            }
            fields.values().for_each(|value| acting(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| acting(item, found)),
        _ => {}
    }
}

/// What is sent along: as little as the operation takes.
fn body(action: &str, resource: &Value) -> Value {
    let goals = json!([{ "title": "what the department's target asks", "weight": "100" }]);
    let why = "looked through once more";
    match action {
        "enter_plans" => json!({ "plans": [{ "number": "E000000000", "goals": goals }] }),
        "put_plan" => json!({ "goals": goals }),
        "decide_plan" => json!({ "verdict": "approved" }),
        "amend_plan" => json!({ "goals": goals, "reason": why }),
        "put_rows" => {
            let row = |place: &Value| {
                let weight = place["sum"].as_str().unwrap_or("10");
                json!({ "place": place["place"], "title": "renew the switches", "weight": weight })
            };
            json!({ "rows": list(resource, "/places").iter().map(row).collect::<Vec<_>>() })
        }
        "put_sheet_ratings" => json!({ "ratings": [nothing(resource)] }),
        "put_assignment_values" => {
            let item = match text(resource, "/column") {
                "hr" => "conduct",
                "superior" | "peer" | "self" => "execution",
                other => panic!("who is {other}"),
            };
            json!({ "ratings": [{ "item": item, "input": resource["column"], "value": null }] })
        }
        "create_assignments" => {
            json!({ "assignments": [{ "subject": "person:E000000000", "column": "superior", "rater": "person:G001" }] })
        }
        "replace_all_assignments" => json!({ "from": "person:F001", "rater": "person:G001", "reason": why }),
        "replace_assignment" => json!({ "rater": "role:executive", "reason": why }),
        "arrange_interview" => json!({ "at": "2026-10-09T02:00:00Z", "place": "room 3" }),
        "record_interview" => json!({ "held_on": "2026-09-28", "notes": "what was agreed" }),
        "put_subject" | "cancel_cycle" | "return_sheet" | "leave_out" | "decline_assignment" => {
            json!({ "reason": why })
        }
        _ => json!({}),
    }
}

/// Takes away the value of the first input of a sheet that is the reader's.
fn nothing(sheet: &Value) -> Value {
    for item in list(sheet, "/items") {
        let row = list(item, "/rows").first();
        let inputs = row.map_or_else(|| list(item, "/inputs"), |row| list(row, "/inputs"));
        if let Some(input) = inputs.iter().find(|input| input["mine"] == true) {
            let row = row.map(|_| 0);
            return json!({ "item": item["code"], "row": row, "input": input["name"], "value": null });
        }
    }
    panic!("nothing on the sheet is the reader's: {sheet:#}");
}

#[actix_web::test]
async fn given_a_month_when_everybody_does_what_they_are_offered_then_nothing_of_it_is_refused() {
    let system = System::start().await;
    let mut month = Month::found(&system, "acme", Size { units: 1, people_per_unit: 2 }).await;
    month.open().await;
    let person = month.sign_in(&system, "e1").await;
    let (hr, executive, head) = (month.hr.clone(), month.executive.clone(), month.head(0).clone());
    let target = json!({ "to": { "unit": "U0000" }, "title": "fewer complaints" });
    executive.post(&format!("/v1/cycles/{}/targets", month.cycle), target).await.unwrap();
    let mut walk = Walk::new(&month.cycle, &[&person, &head, &hr, &executive]);

    walk.take(&["enter_plans", "put_subject", "delete_target", "settle_sheets", "put_rows"]).await;
    walk.take(&["put_plan", "submit_plan", "decide_plan", "amend_plan"]).await;
    walk.take(&["submit_plan", "decide_plan"]).await;
    let goals = json!([{ "title": "what the department's target asks", "weight": "100" }]);
    let plans = json!({ "plans": [{ "number": "E000000001", "goals": goals }] });
    hr.put(&format!("/v1/cycles/{}/plans", month.cycle), plans).await.unwrap();
    head.post(&format!("/v1/cycles/{}/units/U0000/plans/approve", month.cycle), json!({})).await.unwrap();
    walk.take(&["submit_plan", "decide_plan"]).await;
    walk.take(&["settle_sheets"]).await;
    month.confirm_sheets().await;
    walk.take(&["release_cycle", "put_subject"]).await;
    month.score().await;
    let low = json!({ "subject": "unit:U0000", "path": "score", "value": "0" });
    executive.post(&format!("/v1/cycles/{}/facts", month.cycle), json!({ "facts": [low] })).await.unwrap();
    walk.take(&["return_sheet", "submit_assignment", "return_sheet", "submit_sheet", "return_sheet"]).await;
    walk.take(&["put_assignment_values", "put_sheet_ratings", "replace_assignment", "create_assignments"]).await;
    walk.take(&["replace_all_assignments", "close_cycle"]).await;
    month.closed().await;
    let offered = |list: &Value, action: &str| list["items"].as_array().unwrap().iter().any(|one| offers(one, action));
    let missing = hr.get(&format!("/v1/cycles/{}/missing", month.cycle)).await.unwrap();
    assert!(offered(&missing, "leave_out"), "the form that was emptied is missing: {missing}");
    walk.take(&["leave_out", "close_cycle"]).await;
    month.closed().await;
    walk.take(&["publish_results"]).await;
    eventually("planning knows of the publication", async || {
        let cycle = hr.get(&format!("/v1/cycles/{}", month.cycle)).await.ok()?;
        (text(&cycle, "/state") == "published").then_some(())
    })
    .await;
    walk.take(&["arrange_interview", "record_interview", "take_in", "put_subject", "close_cycle"]).await;

    // Peers may decline, entries may be taken back, and a cycle that has published nothing may be cancelled.
    seat(&hr, "management_committee", &[("G001", None)]).await;
    let body = json!({ "scheme": "multi-rater", "period": "2026-10" });
    let opened = eventually("the body is known", async || hr.post("/v1/cycles", body.clone()).await.ok()).await;
    let second = text(&opened, "/id").to_owned();
    let ready = async || {
        let scoring = hr.get(&format!("/v1/cycles/{second}/scoring")).await.ok()?;
        (scoring["sheets"].as_u64()? >= 2).then_some(())
    };
    eventually("the sheets arrive", ready).await;
    let peer = json!({ "subject": "person:E000000001", "column": "peer", "rater": "person:E000000000" });
    hr.post(&format!("/v1/cycles/{second}/assignments"), json!({ "assignments": [peer] })).await.unwrap();
    let entry = json!({ "subject": "person:E000000001", "list": "adjustments", "cells": { "points": "1", "reason": "saved the day" } });
    hr.post(&format!("/v1/cycles/{second}/entries"), json!({ "entries": [entry] })).await.unwrap();
    let done = std::mem::take(&mut walk.done);
    let mut walk = Walk { done, ..Walk::new(&second, &[&person, &head, &hr, &executive]) };
    walk.take(&["decline_assignment", "withdraw_entry", "cancel_cycle"]).await;

    let done: BTreeSet<&str> =
        walk.done.iter().filter(|(_, ends)| ends.contains("done")).map(|(action, _)| action.as_str()).collect();
    let offered = [
        "amend_plan",
        "arrange_interview",
        "cancel_cycle",
        "close_cycle",
        "decide_plan",
        "decline_assignment",
        "delete_target",
        "enter_plans",
        "leave_out",
        "publish_results",
        "put_assignment_values",
        "put_plan",
        "put_sheet_ratings",
        "put_subject",
        "record_interview",
        "release_cycle",
        "replace_all_assignments",
        "replace_assignment",
        "return_sheet",
        "settle_sheets",
        "submit_assignment",
        "submit_plan",
        "submit_sheet",
        "take_in",
        "withdraw_entry",
    ];
    let lacking: Vec<_> = offered.iter().filter(|action| !done.contains(*action)).collect();
    assert!(lacking.is_empty(), "never offered and done: {lacking:?}\n{:#?}", walk.done);
    system.stop().await;
}
