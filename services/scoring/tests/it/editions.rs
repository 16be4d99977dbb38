//! Sheets that are settled anew after they were handed out.

use events::Row;
use serde_json::{Value, json};
use testkit::eventually;

use crate::world::{Company, PEOPLE, all_of, edition, measured, row, settled};

fn work(title: &str, weight: &str) -> Row {
    Row {
        place: "post_tasks".into(),
        title: title.into(),
        measure: None,
        weight: weight.into(),
        target: None,
        due: None,
        priority: Some(1),
    }
}

/// E001's sheet in its second edition, with two tasks in place of the post's own items; the id of the new sheet.
async fn redone(company: &Company) -> String {
    let rows = vec![work("new exchange", "25"), work("training", "15")];
    company.world.publish(&settled(company.cycle, vec![edition("E001", 2, rows)])).await;
    let hr = company.hr();
    let list = format!("/v1/sheets?cycle={}&q=E001", company.cycle);
    eventually("the second edition is there", async || {
        let list = hr.get(&list).await;
        (list.body["items"][0]["edition"] == 2).then(|| list.str("/items/0/id").to_owned())
    })
    .await
}

fn rated(row: usize, value: &str) -> Value {
    json!({ "item": "post_tasks", "row": row, "input": "superior", "value": value, "evidence": "as planned" })
}

#[actix_web::test]
async fn given_a_second_edition_then_it_counts_in_place_of_the_first_and_the_old_forms_are_void() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;

    let id = redone(&company).await;

    let forms = company.hr().get(&company.at("assignments?subject=person:E001")).await.expect(200);
    let mut told: Vec<(i64, &str)> = forms.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["edition"].as_i64().unwrap(), f["state"].as_str().unwrap()))
        .collect();
    told.sort_unstable();
    assert_eq!(told, [(1, "void"), (1, "void"), (2, "open"), (2, "open")]);
    let head = company.head("M001");
    let old = head.get(&company.sheet_path("E001")).await.expect(200);
    assert_eq!((&old.body["counts"], &old.body["edition"]), (&json!(false), &json!(1)));
    let change = json!({ "ratings": [{ "item": "cooperation", "input": "superior", "value": "1" }] });
    let late = head.put(&format!("{}/ratings", company.sheet_path("E001")), old.etag.as_deref(), change).await;
    late.expect(409);
    let new = head.get(&format!("/v1/sheets/{id}")).await.expect(200);
    let item =
        |code: &str| new.body["items"].as_array().unwrap().iter().find(|item| item["code"] == code).unwrap().clone();
    assert_eq!((&item("faults")["off"], &item("post_tasks")["off"]), (&json!(true), &json!(false)));
    assert_eq!(all_of(&item("post_tasks")["rows"], "title"), ["new exchange", "training"]);
    assert!(company.employee("E002").get(&format!("/v1/sheets/{id}")).await.status == 404);
}

#[actix_web::test]
async fn given_a_sheet_with_rows_when_they_are_rated_then_each_counts_up_to_its_weight() {
    let company = Company::scoring().await;
    company.score(company.cycle, &["M001", "E002", "M002", "E003"]).await;
    let id = redone(&company).await;
    company
        .give(measured("E001").into_iter().filter(|fact| fact["path"].to_string().contains("attendance")).collect())
        .await
        .expect(200);
    let conduct = json!({ "ratings": [row("E001", "conduct", "hr", "2")] });
    company.hr().post(&company.at("ratings"), conduct).await.expect(200);
    company.hr().post(&format!("/v1/sheets/{id}/submit"), json!({})).await.expect(200);
    let head = company.head("M001");
    let put = async |ratings: Vec<Value>| {
        let sheet = head.get(&format!("/v1/sheets/{id}")).await.expect(200);
        head.put(&format!("/v1/sheets/{id}/ratings"), sheet.etag.as_deref(), json!({ "ratings": ratings })).await
    };
    for (wrong, pointer) in [
        (rated(0, "25.5"), "/ratings/0/value"),
        (rated(2, "5"), "/ratings/0/row"),
        (json!({ "item": "post_tasks", "input": "superior", "value": "5" }), "/ratings/0/item"),
        (json!({ "item": "faults", "input": "superior", "value": "5" }), "/ratings/0/item"),
    ] {
        assert_eq!(all_of(&put(vec![wrong]).await.expect(422).body["errors"], "pointer"), [pointer]);
    }
    let letters = [("execution", "A"), ("potential", "B"), ("appearance", "C")];
    let values = letters.map(|(item, value)| json!({ "item": item, "input": "superior", "value": value }));
    put([vec![rated(0, "20")], values.to_vec()].concat()).await.expect(200);
    let refused = head.post(&format!("/v1/sheets/{id}/submit"), json!({})).await.expect(409);
    assert_eq!((refused.str("/missing/0/item"), refused.str("/missing/0/pointer")), ("post_tasks", "/1/superior"));
    put(vec![rated(1, "12")]).await.expect(200);
    head.post(&format!("/v1/sheets/{id}/submit"), json!({})).await.expect(200);

    company.close(company.cycle).await;

    assert!(company.missing().await.is_empty(), "{:?}", company.missing().await);
    company.publish(company.cycle).await;
    let result = company.employee("E001").get(&company.result_path("E001")).await.expect(200);
    assert_eq!(result.str("/score"), "84.4");
}

#[actix_web::test]
async fn given_editions_in_any_order_then_the_newest_counts() {
    let company = Company::scoring().await;
    let third = edition("E001", 3, vec![work("third", "40")]);
    let second = edition("E001", 2, vec![work("second", "40")]);
    company.world.publish(&settled(company.cycle, vec![third])).await;
    company.world.publish(&settled(company.cycle, vec![second])).await;
    let known = async || {
        let forms = company.hr().get(&company.at("assignments?subject=person:E001&state=open")).await;
        let editions: Vec<i64> = forms.body["items"].as_array()?.iter().filter_map(|f| f["edition"].as_i64()).collect();
        (editions == [3, 3]).then_some(())
    };
    eventually("the third is handed out", known).await;
    let arrived =
        company.world.publish(&settled(company.cycle, vec![edition("E002", 2, vec![work("other", "40")])])).await;
    assert!(!arrived.is_nil());
    let hr = company.hr();
    eventually("what came after is there", async || {
        let list = hr.get(&format!("/v1/sheets?cycle={}&q=E002", company.cycle)).await;
        (list.body["items"][0]["edition"] == 2).then_some(())
    })
    .await;

    let list = hr.get(&format!("/v1/sheets?cycle={}", company.cycle)).await.expect(200);
    let editions: Vec<i64> =
        list.body["items"].as_array().unwrap().iter().map(|s| s["edition"].as_i64().unwrap()).collect();
    assert_eq!((editions.len(), editions), (PEOPLE.len(), vec![3, 2, 1, 1, 1]));
    let forms = hr.get(&company.at("assignments?subject=person:E001&state=open")).await.expect(200);
    assert!(forms.body["items"].as_array().unwrap().iter().all(|form| form["edition"] == 3), "{}", forms.text);
}

#[actix_web::test]
async fn given_one_who_takes_no_part_any_more_then_their_open_forms_are_void_and_nobody_waits() {
    let company = Company::scoring().await;
    let out = events::CycleSubject {
        version: 2,
        standing: events::Standing::Out,
        ..crate::world::person("E003", "OPS", "M002", "M002")
    };
    company.world.publish(&crate::world::changed(company.cycle, vec![out])).await;
    company.until_sheets(company.cycle, 4).await;
    let mine = company.head("M002").get("/v1/assignments").await.expect(200);
    assert_eq!(mine.body["items"], json!([]));

    company.score(company.cycle, &["M001", "E001", "E002", "M002"]).await;
    company.close(company.cycle).await;

    assert!(company.missing().await.is_empty());
    let results = company.hr().get(&company.at("results?kind=person")).await.expect(200);
    assert_eq!(all_of(&results.body["items"], "number"), ["E001", "E002", "M001", "M002"]);
}
