use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use events::{BodiesChanged, Body, Event, Seat, Unit, UnitsChanged};
use jiff::civil::date;
use platform::store::{Actor, Store, Tx};
use serde_json::{Value, json};
use testkit::eventually;

use crate::company::{Company, PLANNED, ROWED, UNPLANNED, employees, goals, units};

#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
fn items(answer: &Value) -> Vec<(String, String, String)> {
    let text = |item: &Value, key: &str| item[key].as_str().unwrap_or_default().to_owned();
    let items = answer["items"].as_array().unwrap().iter();
    items.map(|item| (text(item, "subject"), text(item, "standing"), text(item, "why"))).collect()
}

#[actix_web::test]
async fn given_a_body_of_an_opening_when_it_is_previewed_then_who_would_take_part_is_told_and_nothing_written() {
    let company = Company::found().await;
    company.upload(ROWED).await;
    let body = json!({ "scheme": "rowed", "period": "2026-10" });

    let preview = company.hr.post("/v1/cycles/preview", body).await.expect(200);

    assert_eq!((&preview.body["in"], &preview.body["excluded"]), (&json!(6), &json!(0)));
    let items = items(&preview.body);
    assert!(items.contains(&("person:P1".to_owned(), "out".to_owned(), "no_category".to_owned())), "{items:?}");
    let head = preview.body["items"].as_array().unwrap().iter().find(|item| item["subject"] == "person:H1").unwrap();
    assert_eq!((&head["category"], &head["rule"]), (&json!("lead"), &json!("is_head")));
    assert_eq!(company.hr.get("/v1/cycles").await.expect(200).body["items"], json!([]));
    company.head("H1").post("/v1/cycles/preview", json!({ "scheme": "rowed", "period": "2026-10" })).await.expect(403);
}

#[actix_web::test]
async fn given_a_template_when_an_opening_is_previewed_then_it_does_not_become_the_companys() {
    let company = Company::found().await;
    let body = json!({ "scheme": "monthly-grades", "period": "2026-10" });
    company.hr.post("/v1/cycles/preview", body).await;
    assert_eq!(company.hr.get("/v1/schemes").await.expect(200).body["items"], json!([]));
}

#[actix_web::test]
async fn given_chosen_subjects_when_a_cycle_is_opened_then_exactly_these_take_part() {
    let company = Company::found().await;
    company.upload(PLANNED).await;
    let body = |subjects: Value| json!({ "scheme": "planned", "period": "2026-10", "subjects": subjects });
    let refused = company.hr.post("/v1/cycles", body(json!(["person:E1", "person:X9", "boss"]))).await.expect(422);
    let pointers: Vec<_> =
        refused.body["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/subjects/1", "/subjects/2"]);

    let opened = company.hr.post("/v1/cycles", body(json!(["person:E1", "person:E3", "unit:NET"]))).await.expect(201);

    assert_eq!(opened.body["chosen"], json!(["person:E1", "person:E3", "unit:NET"]));
    let subjects = company.hr.get(&format!("/v1/cycles/{}/subjects", opened.str("/id"))).await.expect(200);
    let standings: Vec<_> =
        items(&subjects.body).into_iter().map(|(subject, standing, _)| format!("{subject} {standing}")).collect();
    assert_eq!(standings, ["person:E1 in", "person:E3 in", "unit:NET in", "unit:OPS out"]);
}

#[actix_web::test]
async fn given_the_companys_placements_when_a_cycle_is_opened_then_they_go_before_the_scheme() {
    let company = Company::found().await;
    company.upload(ROWED).await;
    let path = "/v1/schemes/rowed/placements";
    let wrong = json!({ "people": [{ "category": "chief", "rule": "is_head" }, { "rule": "positon == 'x'" }] });
    let refused = company.hr.put(path, None, wrong).await.expect(422);
    let pointers: Vec<_> =
        refused.body["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/people/0/category", "/people/1/rule"]);
    let placements = json!({
        "people": [{ "category": null, "rule": "unit == 'NET'" }, { "category": "staff", "rule": "is_head" }],
        "units": []
    });
    company.hr.put(path, None, placements.clone()).await.expect(200);
    assert_eq!(company.hr.get(path).await.expect(200).body, placements);

    let opened = company.hr.post("/v1/cycles", json!({ "scheme": "rowed", "period": "2026-10" })).await.expect(201);

    let people = company.hr.get(&format!("/v1/cycles/{}/subjects?kind=person", opened.str("/id"))).await.expect(200);
    let placed: Vec<_> = people.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (one["number"].as_str().unwrap(), one["category"].as_str().unwrap(), one["category_by"].as_str().unwrap())
        })
        .collect();
    assert_eq!(placed, [("E1", "staff", "given"), ("E2", "staff", "given"), ("H1", "staff", "rule")]);
    company.head("H1").put(path, None, placements).await.expect(403);
}

#[actix_web::test]
async fn given_a_period_when_cycles_have_names_then_there_may_be_several() {
    let company = Company::found().await;
    company.upload(UNPLANNED).await;
    let body = |name: Option<&str>| json!({ "scheme": "unplanned", "period": "2026-10", "name": name });
    for name in [None, Some("second half"), Some("extra")] {
        let opened = company.hr.post("/v1/cycles", body(name)).await.expect(201);
        assert_eq!(opened.body["name"], json!(name));
        company.hr.post("/v1/cycles", body(name)).await.expect(409);
    }
    let refused = company.hr.post("/v1/cycles", body(Some(" "))).await.expect(422);
    assert_eq!(refused.str("/errors/0/pointer"), "/name");
}

#[actix_web::test]
async fn given_a_cycle_opened_by_mistake_when_it_is_cancelled_then_another_may_be_opened() {
    let company = Company::with_cycle(PLANNED).await;
    let path = company.path("/cancel");
    company.employee("E1").post(&path, json!({ "reason": "mine" })).await.expect(403);
    let refused = company.hr.post(&path, json!({ "reason": " " })).await.expect(422);
    assert_eq!(refused.str("/errors/0/pointer"), "/reason");
    let mine = company.hr.get(&company.path("")).await.expect(200);
    assert!(mine.body["actions"].as_array().unwrap().contains(&json!("cancel_cycle")));

    let cancelled = company.hr.post(&path, json!({ "reason": "wrong month" })).await.expect(200);

    assert_eq!((cancelled.str("/state"), cancelled.str("/cancelled_why")), ("cancelled", "wrong month"));
    assert_eq!(cancelled.body["actions"], json!([]));
    company.hr.post(&path, json!({ "reason": "again" })).await.expect(409);
    company.executive.post(&company.path("/release"), json!({})).await.expect(409);
    let told = company
        .world
        .outbox("planning")
        .await
        .into_iter()
        .any(|event| matches!(event, Event::CycleCancelled(cancelled) if cancelled.reason == "wrong month"));
    assert!(told);
    company.hr.post("/v1/cycles", json!({ "scheme": "planned", "period": "2026-10" })).await.expect(201);
}

#[actix_web::test]
async fn given_stages_without_days_when_a_cycle_is_opened_then_whoever_opens_it_dates_them() {
    let company = Company::found().await;
    company.upload(ROWED).await;
    let body = |stages: Value| json!({ "scheme": "rowed", "period": "2026-10", "stages": stages });
    let wrong = json!({ "rate": { "due": "2026-10-01" }, "nothing": { "due": "2026-10-01" },
        "draft": { "opens": "2026-09-10", "due": "2026-09-01" } });
    let refused = company.hr.post("/v1/cycles", body(wrong)).await.expect(422);
    let pointers: Vec<_> =
        refused.body["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/stages/draft/due", "/stages/nothing", "/stages/rate"]);

    let undated = company.hr.post("/v1/cycles", body(json!({}))).await.expect(201);
    assert_eq!((&undated.body["stages"][0]["opens"], undated.str("/stages/0/dated_by")), (&Value::Null, "scheme"));
    let next = json!({ "scheme": "rowed", "period": "2026-11", "stages": { "draft": { "due": "2026-10-30" } } });
    let dated = company.hr.post("/v1/cycles", next).await.expect(201);
    assert_eq!((dated.str("/stages/0/due"), dated.str("/stages/0/dated_by")), ("2026-10-30", "opening"));
    let calendar = company.hr.get(&format!("/v1/cycles/{}/calendar", dated.str("/id"))).await.expect(200);
    assert_eq!(calendar.str("/items/1/dated_by"), "scheme");
}

#[actix_web::test]
async fn given_facts_that_exclude_when_a_cycle_is_opened_then_there_is_a_sheet_but_no_plan_and_no_task() {
    let company = Company::found().await;
    company.upload(ROWED).await;
    let mut e1 = employees().remove(3);
    e1.facts.insert("probation".to_owned(), "是".to_owned());
    e1.version = 2;
    company.tell(vec![e1]).await;

    let opened = company.hr.post("/v1/cycles", json!({ "scheme": "rowed", "period": "2026-10" })).await.expect(201);

    assert_eq!((&opened.body["participants"], &opened.body["counts"]["excluded"]), (&json!(5), &json!(1)));
    let subject = company.hr.get(&format!("/v1/cycles/{}/subjects/person:E1", opened.str("/id"))).await.expect(200);
    assert_eq!((subject.str("/standing"), subject.str("/why")), ("excluded", "on_probation"));
    assert_eq!(subject.str("/why_label/en"), "on probation");
    assert!(company.told_sheets().await.iter().any(|sheet| sheet.subject.id == "E1"));
    assert_eq!(company.employee("E1").get("/v1/plans").await.expect(200).body["items"], json!([]));
}

#[actix_web::test]
async fn given_bodies_that_a_scheme_names_when_the_company_lacks_them_then_no_cycle_is_opened() {
    let company = Company::found().await;
    let by = r#"on probation" }, by = ["body.LG"] }"#;
    company.upload(&ROWED.replacen(r#"on probation" } }"#, by, 1)).await;
    let body = json!({ "scheme": "rowed", "period": "2026-10" });
    let refused = company.hr.post("/v1/cycles", body.clone()).await.expect(422);
    assert_eq!(refused.str("/errors/0/pointer"), "/scheme");
    assert!(refused.str("/errors/0/detail").ends_with("LG"), "{}", refused.text);
    let seat = Seat {
        number: "P1".into(),
        office: "leader".to_owned(),
        in_charge: vec!["NET".into()],
        represents: None,
        from: date(2020, 1, 1),
        until: None,
    };
    let group = Body {
        code: "LG".to_owned(),
        name_zh: "领导小组".to_owned(),
        name_en: "leading group".to_owned(),
        seats: vec![seat],
        rule: events::BodyRule::default(),
        version: 1,
    };
    company.world.publish(&Event::BodiesChanged(BodiesChanged { bodies: vec![group] })).await;
    let opened = eventually("the body arrives", async || {
        let answer = company.hr.post("/v1/cycles", body.clone()).await;
        (answer.status == 201).then_some(answer)
    })
    .await;
    let subject = company.hr.get(&format!("/v1/cycles/{}/subjects/person:E1", opened.str("/id"))).await.expect(200);
    assert_eq!((subject.str("/leader"), subject.str("/leader_name")), ("P1", "Person P1"));
}

#[actix_web::test]
async fn given_terms_of_appeal_when_days_are_asked_for_then_the_scheme_answers() {
    let company = Company::with_cycle(ROWED).await;
    let ask = async |known: &str, filed: &str| {
        company.hr.get(&company.path(&format!("/appeal-window?known_on={known}&filed_on={filed}"))).await
    };
    let in_time = ask("2026-11-02", "2026-11-09").await.expect(200);
    assert_eq!(in_time.body, json!({ "accepted": true, "respond_by": "2026-11-19" }));
    let late = ask("2026-11-02", "2026-11-10").await.expect(200);
    assert_eq!(late.body, json!({ "accepted": false, "respond_by": null }));
    assert_eq!(ask("2026-11-02", "2026-11-01").await.expect(422).str("/errors/0/pointer"), "/filed_on");
    let without = Company::with_cycle(PLANNED).await;
    let refused = without.hr.get(&without.path("/appeal-window?known_on=2026-11-02&filed_on=2026-11-03")).await;
    assert_eq!(refused.expect(422).str("/errors/0/pointer"), "/known_on");
}

#[actix_web::test]
async fn given_a_plan_that_is_no_cycles_when_its_cycle_is_opened_then_it_is_taken_over() {
    let company = Company::found().await;
    company.upload(ROWED).await;
    let me = company.employee("E1");
    let new = |subject: &str| json!({ "scheme": "rowed", "subject": subject, "period": "2026-10", "goals": goals() });
    me.post("/v1/plans", new("person:E2")).await.expect(403);
    let wrong = json!({ "scheme": "none", "subject": "person:X", "period": "soon" });
    let refused = me.post("/v1/plans", wrong).await.expect(422);
    assert_eq!(refused.body["errors"].as_array().unwrap().len(), 3);
    let plan = me.post("/v1/plans", new("person:E1")).await.expect(201);
    assert_eq!((&plan.body["cycle"], plan.str("/scheme_label/en")), (&Value::Null, "Appraisal with rows"));
    assert!(plan.body["actions"].as_array().unwrap().contains(&json!("submit_plan")));
    me.post("/v1/plans", new("person:E1")).await.expect(409);
    let path = format!("/v1/plans/{}", plan.str("/id"));
    me.post(&format!("{path}/submit"), json!({})).await.expect(200);
    company.approve(&company.head("H1"), &path).await.expect(200);

    let opened = company.hr.post("/v1/cycles", json!({ "scheme": "rowed", "period": "2026-10" })).await.expect(201);

    let cycle = opened.str("/id");
    assert_eq!(me.get(&path).await.expect(200).str("/cycle"), cycle);
    assert_eq!(company.hr.get("/v1/plans").await.expect(200).body["items"].as_array().unwrap().len(), 6);
    let sheet = company.hr.get(&format!("/v1/cycles/{cycle}/sheets/person:E1")).await.expect(200);
    assert_eq!((sheet.str("/rows/0/title"), sheet.str("/rows/0/weight")), ("Uptime", "36"));
    assert_eq!((sheet.str("/rows/1/place"), sheet.str("/rows/1/weight")), ("tasks", "24"));
    let told = company.told_sheets().await;
    let told = told.iter().find(|sheet| sheet.subject.id == "E1").unwrap();
    assert_eq!((told.edition, told.rows.len()), (1, 2));
}

#[actix_web::test]
async fn given_a_plan_that_is_no_cycles_when_its_superior_changes_then_the_new_one_decides() {
    let company = Company::found().await;
    company.upload(ROWED).await;
    let me = company.employee("E1");
    let new = json!({ "scheme": "rowed", "subject": "person:E1", "period": "2026-10", "goals": goals() });
    let plan = me.post("/v1/plans", new).await.expect(201);
    let path = format!("/v1/plans/{}", plan.str("/id"));
    me.post(&format!("{path}/submit"), json!({})).await.expect(200);
    let mut moved = employees().remove(3);
    moved.assignments[0].superior = Some("H2".into());
    moved.assignments[0].unit = "OPS".into();
    moved.version = 2;
    company.tell(vec![moved]).await;

    let plan = me.get(&path).await.expect(200);
    assert_eq!((plan.str("/superior"), plan.str("/unit"), plan.str("/state")), ("H2", "OPS", "submitted"));
    company.approve(&company.head("H1"), &path).await.expect(404);
    company.approve(&company.head("H2"), &path).await.expect(200);
}

#[actix_web::test]
async fn given_goals_that_were_agreed_on_in_an_interview_then_they_stand_in_the_plan_of_the_next_period() {
    let company = Company::found().await;
    company.upload(ROWED).await;
    let agreed = |title: &str| {
        Event::GoalsAgreed(events::GoalsAgreed {
            cycle: uuid::Uuid::now_v7(),
            interview: uuid::Uuid::now_v7(),
            scheme: "rowed".to_owned(),
            period: "2026-11".to_owned(),
            subject: events::Subject::person("E1"),
            goals: vec![events::Goal { title: title.to_owned(), measure: Some("the log".to_owned()) }],
        })
    };
    let me = company.employee("E1");
    let plan = async |goals: usize| {
        eventually("the goals arrive", async || {
            let plans = me.get("/v1/plans").await.expect(200);
            let plan = plans.body["items"].get(0)?.clone();
            (plan["goals"].as_array()?.len() == goals).then_some(plan)
        })
        .await
    };

    company.world.publish(&agreed("Answer within half an hour")).await;

    let first = plan(1).await;
    assert_eq!(
        (&first["cycle"], &first["period"], &first["state"]),
        (&Value::Null, &json!("2026-11"), &json!("draft"))
    );
    assert_eq!((&first["goals"][0]["weight"], &first["superior"]), (&json!("100"), &json!("H1")));
    // Beside what is there it has no weight until the person gives it one.
    company.world.publish(&agreed("Train a second operator")).await;
    let second = plan(2).await;
    assert_eq!(second["goals"][1]["weight"], "0");
    let path = format!("/v1/plans/{}", second["id"].as_str().unwrap());
    let refused = me.post(&format!("{path}/submit"), json!({})).await.expect(422);
    assert_eq!(refused.str("/errors/0/pointer"), "/goals/1/weight");
    let read = me.get(&path).await.expect(200);
    me.put(&path, read.etag.as_deref(), json!({ "goals": goals() })).await.expect(200);
    me.post(&format!("{path}/submit"), json!({})).await.expect(200);
    // A plan that was handed in stays as it is; what was agreed on is kept beside it, and the writer is told.
    company.world.publish(&agreed("Agreed later")).await;
    let kept = eventually("it is kept beside the plan", async || {
        let read = me.get(&path).await.expect(200);
        (!read.body["agreed"].as_array()?.is_empty()).then_some(read.body)
    })
    .await;
    assert_eq!((&kept["agreed"][0]["title"], kept["goals"].as_array().unwrap().len()), (&json!("Agreed later"), 2));
    let told = company.world.outbox("planning").await.into_iter();
    let told: Vec<String> = told
        .filter_map(|event| if let Event::PlanningNotices(news) = event { Some(news.notices) } else { None })
        .flatten()
        .map(|notice| format!("{} to {}: {}", notice.kind, notice.to[0], notice.words["reason"]))
        .collect();
    assert_eq!(told, ["goals_agreed to E1: Agreed later"]);
}

#[actix_web::test]
async fn given_units_without_people_when_the_scheme_appraises_units_then_they_take_part() {
    let company = Company::found().await;
    let figure = r#"[units]
categories = [{ code = "department", label = { zh = "部门", en = "department" } }]
facts = [{ name = "average_forms", optional = true, label = { zh = "平均张数", en = "average forms" } }]

[[units.figures]]
name = "forms"
label = { zh = "张数", en = "forms" }
formula = "fact.average_forms ?? 0"
output = "own"
"#;
    company.upload(&UNPLANNED.replace("[units]\n", figure)).await;
    let lab = events::Unit { code: "LAB".into(), name: "LAB".to_owned(), head: None, ..units().remove(1) };
    company.world.publish(&Event::UnitsChanged(UnitsChanged { units: vec![lab] })).await;
    eventually("the unit arrives", async || {
        (company.hr.get("/v1/planning/directory").await.body["units"] == 4).then_some(())
    })
    .await;

    let body = json!({ "scheme": "unplanned", "period": "2026-10", "subjects": ["unit:LAB"] });
    let only_lab = company.hr.post("/v1/cycles", body).await.expect(201);
    assert_eq!(only_lab.body["participants"], 0);
    let opened = company.hr.post("/v1/cycles", json!({ "scheme": "unplanned", "period": "2026-11" })).await.expect(201);
    let unit = company.hr.get(&format!("/v1/cycles/{}/subjects/unit:LAB", opened.str("/id"))).await.expect(200);
    assert_eq!((unit.str("/standing"), unit.str("/facts/average_forms")), ("in", "3"));
    assert!(company.told_sheets().await.iter().any(|sheet| sheet.subject.to_string() == "unit:LAB"));
}

async fn head_of_net(company: &Company, cycle: &str) -> String {
    company.hr.get(&format!("/v1/cycles/{cycle}/subjects/unit:NET")).await.expect(200).str("/head").to_owned()
}

#[actix_web::test]
async fn given_news_of_the_organisation_when_a_cycle_is_opened_meanwhile_then_the_cycle_has_it() {
    let company = Company::found().await;
    let code = company.upload(PLANNED).await;
    let store = Store::connect(&company.world.database.url("planning"), 1, "test").unwrap();
    let begin = async || store.begin(company.world.company, Actor::system(), company.world.clock.now()).await.unwrap();
    let waited_for = async |tx: &mut Tx| {
        let waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted
            and database = (select oid from pg_database where datname = current_database())";
        eventually("somebody waits for the organisation as it is known", async || {
            let waiting: i64 = tx.sql_of_all(waiting).columns::<BigInt>().get_result(tx.conn()).await.unwrap();
            (waiting > 0).then_some(())
        })
        .await;
    };
    let new = json!({ "scheme": code, "period": "2026-10" });
    let led_by = |head: &str, version: i64| {
        let net = units().into_iter().filter(|unit| &*unit.code == "NET");
        let changed = net.map(|unit| Unit { head: Some(head.into()), version, ..unit });
        Event::UnitsChanged(UnitsChanged { units: changed.collect() })
    };

    // While the news is being taken note of, nothing is opened by what was known before.
    let mut news = begin().await;
    let lock = "select pg_advisory_xact_lock(hashtextextended('planning organisation ' || $1::text, 0))";
    news.sql(lock).execute(news.conn()).await.unwrap();
    let (opened, ()) = tokio::join!(company.hr.post("/v1/cycles", new), async {
        waited_for(&mut news).await;
        let changed = "update units set head = 'E1', version = 2 where company_id = $1 and code = 'NET'";
        news.sql(changed).execute(news.conn()).await.unwrap();
        news.commit().await.unwrap();
    });
    let cycle = opened.expect(201).str("/id").to_owned();
    assert_eq!(head_of_net(&company, &cycle).await, "E1");

    // While something is opened, news waits: it is there before the news is, and follows.
    let mut opening = begin().await;
    let lock = "select pg_advisory_xact_lock_shared(hashtextextended('planning organisation ' || $1::text, 0))";
    opening.sql(lock).execute(opening.conn()).await.unwrap();
    company.world.publish(&led_by("H1", 3)).await;
    waited_for(&mut opening).await;
    assert_eq!(head_of_net(&company, &cycle).await, "E1");
    opening.commit().await.unwrap();
    eventually("the cycle follows", async || (head_of_net(&company, &cycle).await == "H1").then_some(())).await;
}
