//! What is recorded as it happens: entries of lists, and notes.

use platform::Role::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::approvals::{in_session, step_for};
use crate::world::{Company, all_of, delete, pointers, shipped};

async fn company() -> Company {
    Company::scoring_by(shipped("multi-rater")).await
}

fn entry(number: &str, points: &str) -> Value {
    json!({ "subject": format!("person:{number}"), "list": "adjustments", "said": "report of the week",
        "cells": { "points": points, "reason": "saved the demonstration" } })
}

/// Everybody's superior gives everything in full.
async fn rate_everybody(company: &Company) {
    for superior in ["M001", "M002", "X001"] {
        let own = crate::world::PEOPLE.iter().filter(|(_, _, of)| *of == superior);
        let points = |number: &str| {
            [("duties", "40"), ("ability", "24"), ("ethics", "16")]
                .map(|(item, value)| crate::world::row(number, item, "superior", value))
        };
        let rated: Vec<Value> = own.flat_map(|(number, ..)| points(number)).collect();
        let client = if superior == "X001" { company.executive() } else { company.head(superior) };
        client.post(&company.at("ratings"), json!({ "ratings": rated })).await.expect(200);
        client.post(&company.at("ratings/submit"), json!({})).await.expect(200);
    }
}

#[actix_web::test]
async fn given_entries_when_closed_then_those_that_were_not_taken_back_count() {
    let company = company().await;
    rate_everybody(&company).await;
    let entries = json!({ "entries": [entry("E001", "1"), entry("E001", "1"), entry("E002", "-1")] });
    let made = company.hr().post(&company.at("entries"), entries).await.expect(201);
    assert_eq!(made.body["entries"], 3);
    let back = made.str("/ids/1").to_owned();
    delete(&company.head("M001"), &format!("/v1/entries/{back}")).await.expect(403);
    delete(&company.hr(), &format!("/v1/entries/{back}")).await.expect(204);
    delete(&company.hr(), &format!("/v1/entries/{}", Uuid::now_v7())).await.expect(404);

    company.close(company.cycle).await;

    let results = company.hr().get(&company.at("results?kind=person")).await.expect(200);
    assert_eq!(all_of(&results.body["items"], "score"), ["81", "79", "80", "80", "80"]);
    let listed = company.hr().get(&company.at("entries?subject=person:E001")).await.expect(200);
    let withdrawn: Vec<&Value> = listed.body["items"].as_array().unwrap().iter().map(|e| &e["withdrawn"]).collect();
    assert_eq!(withdrawn, [&json!(false), &json!(true)]);
    let sheet = company.head("M001").get(&company.sheet_path("E001")).await.expect(200);
    assert_eq!(sheet.body["lists"][0]["entries"].as_array().unwrap().len(), 1, "{}", sheet.body["lists"]);
    company.found_body("management_committee", &["H002"]).await;
    let committee = company.client("H002", &[Employee, CommitteeMember]);
    let review = format!("{}/decision", step_for(&company, "body:management_committee").await);
    committee.post(&review, in_session(&json!({ "verdict": "approved" }), &["H002"])).await.expect(200);
    company.publish(company.cycle).await;
    let late = json!({ "entries": [entry("E001", "1")] });
    assert_eq!(pointers(&company.hr().post(&company.at("entries"), late).await.expect(422)), ["/entries/0"]);
}

#[actix_web::test]
async fn given_entries_that_are_wrong_or_not_ones_to_make_then_all_are_told_and_none_is_kept() {
    let company = company().await;
    let other = |field: &str, value: Value| {
        let mut one = entry("E001", "1");
        one[field] = value;
        one
    };
    let entries = json!({ "entries": [
        entry("E001", "1"),
        entry("E404", "1"),
        entry("E001", "2"),
        other("list", json!("goals")),
        other("cells", json!({ "reason": "nothing" })),
        other("cells", json!({ "points": "1", "no_such": "x" })),
        other("said", json!(" ")),
    ] });
    let refused = company.hr().post(&company.at("entries"), entries).await.expect(422);
    let told = pointers(&refused);
    for expected in [
        "/entries/1/subject",
        "/entries/2/cells/points",
        "/entries/3/list",
        "/entries/4/cells/points",
        "/entries/6/said",
    ] {
        assert!(told.contains(&expected), "{expected}: {told:?}");
    }
    assert!(told.iter().any(|pointer| pointer.starts_with("/entries/5/cells/")), "{told:?}");

    let one = json!({ "entries": [entry("E001", "1")] });
    company.head("M001").post(&company.at("entries"), one.clone()).await.expect(403);
    company.client("E001", &[Employee, Hr]).post(&company.at("entries"), one).await.expect(403);
    let listed = company.hr().get(&company.at("entries")).await.expect(200);
    assert_eq!(listed.body["items"], json!([]));
    company.employee("E001").get(&company.at("entries")).await.expect(403);
}

#[actix_web::test]
async fn given_entries_that_are_checked_when_recorded_then_they_count_once_approved_and_never_when_sent_back() {
    let list = "[[people.lists]]\nkey = \"adjustments\"\n";
    let scheme = shipped("multi-rater");
    assert!(scheme.contains(list));
    let checked = scheme.replace(list, &format!("{list}checked_by = [\"role.executive\"]\n"));
    let company = Company::scoring_by(&checked).await;
    rate_everybody(&company).await;
    let entries = json!({ "entries": [entry("E001", "1"), entry("E002", "-1"), entry("E003", "1")] });
    let made = company.hr().post(&company.at("entries"), entries).await.expect(201);
    let listed = company.hr().get(&company.at("entries")).await.expect(200);
    assert_eq!(all_of(&listed.body["items"], "state"), ["reported"; 3]);
    company.close(company.cycle).await;
    let scores = async || {
        let results = company.hr().get(&company.at("results?kind=person")).await.expect(200);
        all_of(&results.body["items"], "score").join(" ")
    };
    assert_eq!(scores().await, "80 80 80 80 80", "none of them counts");

    // One is taken back before anybody looked at it; of the others one is sent back, and one counts.
    delete(&company.hr(), &format!("/v1/entries/{}", made.str("/ids/2"))).await.expect(204);
    let step = company.check_for("role:executive").await;
    let shown = company.executive().get(&format!("{step}/entries")).await.expect(200);
    assert_eq!(all_of(&shown.body["items"], "state"), ["reported", "reported", "replaced"]);
    company.head("M001").get(&format!("{step}/entries")).await.expect(404);
    let back = json!({ "verdict": "returned", "reason": "not in the records",
        "values": [{ "subject": "person:E002", "path": "adjustments" }] });
    let left = company.executive().post(&format!("{step}/decision"), back).await.expect(200);
    assert_eq!((left.str("/state"), &left.body["values"]), ("open", &json!(1)));
    company.executive().post(&format!("{step}/decision"), json!({ "verdict": "approved" })).await.expect(200);

    company.close(company.cycle).await;
    assert_eq!(scores().await, "81 80 80 80 80");
    let listed = company.hr().get(&company.at("entries")).await.expect(200);
    assert_eq!(all_of(&listed.body["items"], "state"), ["approved", "returned", "replaced"]);
}

#[actix_web::test]
async fn given_notes_then_their_author_reads_their_own_raters_and_hr_all_but_about_themselves() {
    let company = Company::scoring().await;
    let note = |subject: &str, day: &str, text: &str| json!({ "subject": subject, "about": "good", "happened_on": day, "text": text });
    let (head, executive) = (company.head("M001"), company.executive());
    head.post("/v1/notes", note("person:E001", "2026-09-20", "stayed all night")).await.expect(201);
    executive.post("/v1/notes", note("person:E001", "2026-09-02", "helped a customer")).await.expect(201);

    let read = async |client: &testkit::Client, more: &str| {
        let list = client.get(&format!("/v1/notes?subject=person:E001{more}")).await.expect(200);
        let mut texts: Vec<String> = all_of(&list.body["items"], "text").into_iter().map(str::to_owned).collect();
        texts.sort();
        texts
    };
    let other = company.head("M002");
    other.post("/v1/notes", note("person:E001", "2026-09-21", "lent a hand")).await.expect(201);
    assert_eq!(read(&other, "").await, ["lent a hand"], "their own, as they do not rate them");
    assert_eq!(read(&head, "").await, ["helped a customer", "lent a hand", "stayed all night"]);
    assert_eq!(read(&company.hr(), "").await, ["helped a customer", "lent a hand", "stayed all night"]);
    assert_eq!(read(&company.hr(), "&from=2026-09-10").await, ["lent a hand", "stayed all night"]);
    assert_eq!(read(&company.hr(), "&until=2026-09-10").await, ["helped a customer"]);
    assert!(read(&company.client("E001", &[Employee, Hr]), "").await.is_empty(), "not about oneself");
    company.employee("E001").get("/v1/notes?subject=person:E001").await.expect(403);
    head.post("/v1/notes", note("person:M001", "2026-09-20", "I did well")).await.expect(403);
    company.employee("E002").post("/v1/notes", note("person:E001", "2026-09-20", "did well")).await.expect(403);
    for (note, pointer) in [
        (note("person:E001", "2026-09-29", "tomorrow"), "/happened_on"),
        (note("person:E001", "2026-09-20", " "), "/text"),
        (note("E001", "2026-09-20", "well"), "/subject"),
    ] {
        assert_eq!(pointers(&head.post("/v1/notes", note).await.expect(422)), [pointer]);
    }
}

#[actix_web::test]
async fn given_a_note_of_the_period_then_it_is_evidence_and_one_of_another_period_or_person_is_refused() {
    let company = Company::scoring().await;
    company.world.clock.move_to("2026-10-20T01:00:00Z".parse().unwrap());
    let head = company.head("M001");
    let noted = async |subject: &str, day: &str| {
        let note = json!({ "subject": subject, "about": "good", "happened_on": day, "text": "stayed all night" });
        head.post("/v1/notes", note).await.expect(201).body["id"].clone()
    };
    let (within, before, of_another) = (
        noted("person:E001", "2026-10-05").await,
        noted("person:E001", "2026-09-30").await,
        noted("person:E002", "2026-10-05").await,
    );
    let rating = |note: &Value| {
        json!({ "ratings": [{ "number": "E001", "item": "faults", "input": "superior", "value": "5.5",
            "evidence": "the core switch", "note": note }] })
    };

    for note in [&before, &of_another, &json!(uuid::Uuid::now_v7())] {
        let refused = head.post(&company.at("ratings"), rating(note)).await.expect(422);
        assert_eq!(crate::world::pointers(&refused), ["/ratings/0/note"], "{note}");
    }
    head.post(&company.at("ratings"), rating(&within)).await.expect(200);

    let sheet = head.get(&company.sheet_path("E001")).await.expect(200);
    assert!(sheet.text.contains("the core switch\\n2026-10-05 stayed all night"), "{}", sheet.text);
}

async fn uploaded(client: &testkit::Client, name: &str) -> String {
    let pdf = [("content-type", "application/pdf")];
    let path = format!("/v1/scoring/documents?name={name}.pdf");
    let kept = client.send("POST", &path, &pdf, b"%PDF-1.7 report".to_vec()).await.expect(201);
    kept.str("/id").to_owned()
}

#[actix_web::test]
async fn given_a_document_when_an_entry_or_a_note_rests_on_it_then_whoever_reads_that_downloads_it() {
    let company = company().await;
    let (report, other) = (uploaded(&company.hr(), "report").await, uploaded(&company.head("M001"), "slip").await);
    let path = format!("/v1/scoring/documents/{report}");
    company.head("M001").get(&path).await.expect(404);
    let with = |document: &str| {
        let mut entry = entry("E001", "1");
        entry["document"] = json!(document);
        json!({ "entries": [entry] })
    };
    // Only one's own document, and only once.
    let refused = company.hr().post(&company.at("entries"), with(&other)).await.expect(422);
    assert_eq!(pointers(&refused), ["/entries/0/document"]);
    company.hr().post(&company.at("entries"), with(&report)).await.expect(201);
    company.hr().post(&company.at("entries"), with(&report)).await.expect(422);
    let listed = company.hr().get(&company.at("entries?subject=person:E001")).await.expect(200);
    assert_eq!(listed.str("/items/0/document"), report);
    let sheet = company.head("M001").get(&company.sheet_path("E001")).await.expect(200);
    assert_eq!(sheet.str("/lists/0/entries/0/document"), report);
    for client in [company.hr(), company.head("M001"), company.auditor()] {
        let file = client.get(&path).await.expect(200);
        assert_eq!(
            (file.bytes.as_slice(), file.header("content-type")),
            (b"%PDF-1.7 report".as_slice(), Some("application/octet-stream"))
        );
        assert!(file.header("content-disposition").unwrap().starts_with("attachment; "));
    }
    // Others have no part in it, and whom it is about reads it once the result is published.
    for client in [company.head("M002"), company.employee("E002"), company.employee("E001")] {
        client.get(&path).await.expect(404);
    }
    let note = json!({ "subject": "person:E001", "about": "slip", "happened_on": "2026-01-05", "text": "caught in time",
        "document": other });
    company.head("M001").post("/v1/notes", note).await.expect(201);
    let notes = company.hr().get("/v1/notes?subject=person:E001").await.expect(200);
    assert_eq!(notes.str("/items/0/document"), other);
    let path = format!("/v1/scoring/documents/{other}");
    company.hr().get(&path).await.expect(200);
    company.employee("E001").get(&path).await.expect(404);
    company.head("M002").get(&path).await.expect(404);
}

#[actix_web::test]
async fn given_documents_behind_values_and_a_correction_then_whoever_reads_these_downloads_them() {
    let company = Company::scoring().await;
    let hr = company.hr();
    let (count, ruling) = (uploaded(&hr, "count").await, uploaded(&hr, "ruling").await);
    let value = crate::world::fact("person:E001", "item.reports.value", &json!("1"));
    let with = |document: &str| json!({ "facts": [value], "document": document, "said": "the month's list" });
    hr.post(&company.at("facts"), with(&count)).await.expect(200);
    let again = hr.post(&company.at("facts"), with(&count)).await.expect(422);
    assert_eq!(pointers(&again), ["/document"], "each is used once");
    let facts = hr.get(&company.at("facts?subject=person:E001&path=item.reports.value")).await.expect(200);
    assert_eq!(facts.str("/items/0/document"), count);
    let path = format!("/v1/scoring/documents/{count}");
    company.head("M001").get(&path).await.expect(200);
    company.head("M002").get(&path).await.expect(404);
    company.employee("E001").get(&path).await.expect(404);

    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    company.publish(company.cycle).await;
    company.employee("E001").get(&path).await.expect(200);
    let changes = json!([{ "subject": "person:E001", "path": "/items/reports/value", "value": "2" }]);
    let correction =
        json!({ "cycle": company.cycle, "reason": "found out later", "documents": [ruling], "changes": changes });
    hr.post("/v1/corrections", correction.clone()).await.expect(201);
    assert_eq!(pointers(&hr.post("/v1/corrections", correction).await.expect(422)), ["/documents/0"]);
    let corrected = company.employee("E001").get(&company.result_path("E001")).await.expect(200);
    assert_eq!(corrected.body["documents"], json!([ruling]));
    let path = format!("/v1/scoring/documents/{ruling}");
    company.employee("E001").get(&path).await.expect(200);
    company.head("M001").get(&path).await.expect(200);
    company.employee("E002").get(&path).await.expect(404);
    // What is about several is nobody's of them.
    let both = uploaded(&hr, "both").await;
    let change =
        |number: &str| json!({ "subject": format!("person:{number}"), "path": "/items/reports/value", "value": "3" });
    let correction = json!({ "cycle": company.cycle, "reason": "found out later", "documents": [both],
        "changes": [change("E001"), change("E002")] });
    assert_eq!(pointers(&hr.post("/v1/corrections", correction).await.expect(422)), ["/documents"]);
    let other = Company::scoring().await;
    let list = uploaded(&other.hr(), "list").await;
    let values = ["E001", "E003"]
        .map(|number| crate::world::fact(&format!("person:{number}"), "item.reports.value", &json!("1")));
    other.hr().post(&other.at("facts"), json!({ "facts": values, "document": list })).await.expect(200);
    other.head("M001").get(&format!("/v1/scoring/documents/{list}")).await.expect(404);
    other.executive().get(&format!("/v1/scoring/documents/{list}")).await.expect(200);
}
