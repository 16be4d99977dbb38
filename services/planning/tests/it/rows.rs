use serde_json::{Value, json};

use crate::company::{Company, ROWED, goals};

#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
fn pointers(answer: &testkit::Answer) -> Vec<&str> {
    answer.body["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect()
}

fn rows(weights: &[&str]) -> Value {
    let row = |weight: &&str| json!({ "place": "tasks", "title": "Switches", "weight": weight });
    json!({ "rows": weights.iter().map(row).collect::<Vec<_>>(), "reason": "agreed" })
}

#[actix_web::test]
async fn given_a_sheet_that_scoring_knows_when_rows_are_written_then_a_new_edition_takes_its_place() {
    let company = Company::with_cycle(ROWED).await;
    let path = company.path("/sheets/person:E1/rows");
    let wrong = json!({ "rows": [
        { "place": "quality", "title": "A", "weight": "60" },
        { "place": "tasks", "title": "", "weight": "0" },
    ] });
    let refused = company.hr.put(&path, None, wrong).await.expect(422);
    assert_eq!(pointers(&refused), ["/rows/0/place", "/rows/1/title", "/rows/1/weight"]);
    assert_eq!(pointers(&company.hr.put(&path, None, rows(&["30", "29"])).await.expect(422)), ["/rows"]);
    company.employee("E1").put(&path, None, rows(&["60"])).await.expect(403);
    company.employee("E2").put(&path, None, rows(&["60"])).await.expect(404);

    let written = company.head("H1").put(&path, None, rows(&["40", "20"])).await.expect(200);

    assert_eq!((&written.body["edition"], written.str("/state")), (&json!(2), "settled"));
    assert_eq!((written.str("/before/0/state"), written.str("/why")), ("superseded", "agreed"));
    assert_eq!(written.body["places"], json!([{ "place": "tasks", "sum": "60", "most": null, "required": false }]));
    assert_eq!(written.body["actions"], json!(["put_rows"]));
    let told = company.told_sheets().await;
    let editions: Vec<_> = told.iter().filter(|sheet| sheet.subject.id == "E1").collect();
    assert_eq!(editions.iter().map(|sheet| (sheet.edition, sheet.rows.len())).collect::<Vec<_>>(), [(1, 0), (2, 2)]);
    company.hr.put(&path, None, rows(&["40", "20"])).await.expect(200);
    assert_eq!(company.told_sheets().await.len(), told.len(), "nothing has changed");
}

#[actix_web::test]
async fn given_a_plan_when_it_is_approved_then_its_goals_are_the_rows() {
    let company = Company::with_cycle(ROWED).await;
    let path = company.submit("E1", goals()).await;
    company.approve(&company.head("H1"), &path).await.expect(200);
    let sheet = company.employee("E1").get(&company.path("/sheets/person:E1")).await.expect(200);
    assert_eq!((&sheet.body["edition"], sheet.str("/rows/0/title")), (&json!(2), "Uptime"));
    assert_eq!((sheet.str("/rows/0/weight"), sheet.str("/rows/1/weight")), ("36", "24"));
    assert_eq!(sheet.body["actions"], json!([]));
}

#[actix_web::test]
async fn given_a_set_for_a_position_when_a_cycle_is_opened_then_its_sheets_have_the_rows() {
    let company = Company::found().await;
    company.upload(ROWED).await;
    let path = |holder: &str| format!("/v1/schemes/rowed/row-sets/tasks/{holder}");
    let set = |weight: &str| json!({ "rows": [{ "title": "Faults", "weight": weight }] });
    assert_eq!(pointers(&company.hr.put(&path("team:x"), None, set("60")).await.expect(422)), ["/holder"]);
    assert_eq!(pointers(&company.hr.put(&path("position:engineer"), None, set("61")).await.expect(422)), ["/rows"]);
    let nowhere = company.hr.put("/v1/schemes/rowed/row-sets/quality/position:engineer", None, set("60")).await;
    assert_eq!(pointers(&nowhere.expect(422)), ["/place"]);
    company.hr.put(&path("position:engineer"), None, set("60")).await.expect(200);
    let own = json!({ "rows": [{ "title": "Own", "weight": "60" }] });
    company.hr.put(&path("subject:person:E2"), None, own).await.expect(200);

    let opened = company.hr.post("/v1/cycles", json!({ "scheme": "rowed", "period": "2026-10" })).await.expect(201);

    let title = async |number: &str| {
        let sheet = company.hr.get(&format!("/v1/cycles/{}/sheets/person:{number}", opened.str("/id"))).await;
        sheet.expect(200).str("/rows/0/title").to_owned()
    };
    assert_eq!((title("E1").await.as_str(), title("E2").await.as_str()), ("Faults", "Own"));
}

#[actix_web::test]
async fn given_a_list_that_needs_rows_when_there_are_none_then_the_sheet_is_a_draft_until_they_are_written() {
    let list = r#"[[people.lists]]
key = "goals"
label = { zh = "目标", en = "goals" }
required = true
max_rows = 2
rows = { from = "hand" }
columns = [
  { name = "weight", label = { zh = "权重", en = "weight" }, above = 0, sum = 100 },
  { name = "mark", label = { zh = "评分", en = "mark" }, max = 100, rater = "superior" },
]

[[people.exclusions]]"#;
    let scheme = ROWED
        .replace("[[people.exclusions]]", list)
        .replace("formula = \"total()\"", "formula = \"(total() + sum(goals, weight * mark) / 100) / 2\"");
    let company = Company::with_cycle(&scheme).await;
    let path = company.path("/sheets/person:E1");
    assert_eq!(company.hr.get(&path).await.expect(200).str("/state"), "draft");
    assert!(company.told_sheets().await.is_empty());
    let row = |weight: &str| json!({ "place": "goals", "title": "A", "weight": weight });
    let too_many = json!({ "rows": [row("30"), row("30"), row("40")] });
    assert_eq!(pointers(&company.hr.put(&format!("{path}/rows"), None, too_many).await.expect(422)), ["/rows"]);
    let written = company.hr.put(&format!("{path}/rows"), None, json!({ "rows": [row("60"), row("40")] })).await;
    let written = written.expect(200);
    assert_eq!((&written.body["edition"], written.str("/state")), (&json!(1), "settled"));
    assert_eq!(company.told_sheets().await.len(), 1);
}
