//! Who rates whom: raters that HR names, and forms that are declined, replaced or moved.

use events::Event;
use platform::Role::*;
use serde_json::{Value, json};
use testkit::{Answer, Client, eventually};

use crate::world::{Company, all_of, changed, person, pointers, shipped};

/// With a month of the policy with several kinds of raters.
async fn company() -> Company {
    Company::scoring_by(shipped("multi-rater")).await
}

/// Points of all items, so many per cent of each.
fn points(number: &str, column: &str, per_cent: u32) -> Vec<Value> {
    let items = [("duties", 50), ("ability", 30), ("ethics", 20)];
    let point = |(item, weight): (&str, u32)| {
        let value = (weight * per_cent / 100).to_string();
        json!({ "number": number, "item": item, "input": column, "value": value })
    };
    items.map(point).to_vec()
}

async fn rate(client: &Client, company: &Company, number: &str, column: &str, per_cent: u32) {
    client.post(&company.at("ratings"), json!({ "ratings": points(number, column, per_cent) })).await.expect(200);
    client.post(&format!("{}/submit", company.sheet_path(number)), json!({})).await.expect(200);
}

async fn name(company: &Company, named: &[(&str, &str, &str)]) -> Answer {
    let assignments: Vec<Value> = named
        .iter()
        .map(|(number, column, rater)| json!({ "subject": format!("person:{number}"), "column": column, "rater": rater }))
        .collect();
    company.hr().post(&company.at("assignments"), json!({ "assignments": assignments })).await
}

/// The form of a kind of rater about somebody that is still filled in or counts.
async fn form(company: &Company, number: &str, column: &str) -> Value {
    let forms = company.hr().get(&company.at(&format!("assignments?subject=person:{number}"))).await.expect(200);
    let forms = forms.body["items"].as_array().unwrap().clone();
    let open = |form: &Value| form["state"] == "open" || form["state"] == "submitted";
    forms.into_iter().find(|form| form["column"] == column && open(form)).expect("a form")
}

fn path(form: &Value, what: &str) -> String {
    format!("/v1/assignments/{}/{what}", form["id"].as_str().unwrap())
}

async fn superiors_rate(company: &Company) {
    for (number, superior) in [("E001", "M001"), ("E002", "M001"), ("E003", "M002")] {
        rate(&company.head(superior), company, number, "superior", 90).await;
    }
    for number in ["M001", "M002"] {
        rate(&company.executive(), company, number, "superior", 90).await;
    }
}

async fn scores(company: &Company) -> Vec<(String, String)> {
    company.close(company.cycle).await;
    let results = company.hr().get(&company.at("results?kind=person")).await.expect(200);
    let items = results.body["items"].as_array().unwrap().iter();
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    items.map(|one| (text(one, "number"), text(one, "score"))).collect()
}

#[actix_web::test]
async fn given_several_peers_whom_hr_named_when_they_rate_then_their_mean_counts() {
    let company = company().await;
    superiors_rate(&company).await;
    let named = name(
        &company,
        &[("E001", "peer", "person:E002"), ("E001", "peer", "person:E003"), ("E002", "peer", "person:E001")],
    );
    let named = named.await.expect(201);
    assert_eq!(all_of(&named.body["items"], "rater"), ["person:E002", "person:E003", "person:E001"]);
    assert_eq!(all_of(&named.body["items"], "named_by"), ["H001", "H001", "H001"]);

    rate(&company.employee("E002"), &company, "E001", "peer", 70).await;
    rate(&company.employee("E003"), &company, "E001", "peer", 90).await;
    rate(&company.employee("E001"), &company, "E002", "peer", 80).await;

    let scores = scores(&company).await;
    let of = |number: &str| scores.iter().find(|(known, _)| known == number).unwrap().1.clone();
    assert_eq!(of("E001"), of("E002"), "the mean of 70 and 90 is 80");
    assert_ne!(of("E001"), of("E003"), "whom no peer rated");
    assert_eq!(of("E003"), "90");
}

#[actix_web::test]
async fn given_raters_who_are_not_there_or_too_many_when_named_then_it_is_refused() {
    let company = Company::scoring().await;
    for (number, column, rater, pointer) in [
        ("E001", "superior", "person:E002", "/assignments/0/rater"),
        ("E001", "peer", "person:E002", "/assignments/0/column"),
        ("E404", "superior", "person:E002", "/assignments/0/subject"),
        ("E001", "superior", "person:E001", "/assignments/0/rater"),
        ("E001", "superior", "person:E999", "/assignments/0/rater"),
        ("E001", "superior", "body:NOBODY", "/assignments/0/rater"),
        ("E001", "superior", "king:E002", "/assignments/0/rater"),
    ] {
        let refused = name(&company, &[(number, column, rater)]).await.expect(422);
        assert_eq!(pointers(&refused), [pointer], "{number} {column} {rater}");
    }
    let one = json!({ "assignments": [{ "subject": "person:E001", "column": "superior", "rater": "person:E002" }] });
    company.head("M001").post(&company.at("assignments"), one.clone()).await.expect(403);
    company.client("E001", &[Employee, Hr]).post(&company.at("assignments"), one).await.expect(403);
}

#[actix_web::test]
async fn given_a_peer_when_they_look_then_they_see_their_own_form_and_nothing_of_others() {
    let company = company().await;
    name(&company, &[("E001", "peer", "person:E002"), ("E001", "peer", "person:E003")]).await.expect(201);
    let (one, other) = (company.employee("E002"), company.employee("E003"));
    one.post(&company.at("ratings"), json!({ "ratings": points("E001", "peer", 70) })).await.expect(200);

    let seen = |sheet: &Answer| {
        let item =
            sheet.body["items"].as_array().unwrap().iter().find(|item| item["code"] == "duties").unwrap().clone();
        let inputs = item["inputs"].as_array().unwrap().clone();
        inputs.into_iter().find(|input| input["column"] == "peer").unwrap()["value"].clone()
    };
    assert_eq!(seen(&one.get(&company.sheet_path("E001")).await.expect(200)), json!("35"));
    let sheet = other.get(&company.sheet_path("E001")).await.expect(200);
    assert_eq!(seen(&sheet), Value::Null);
    assert_eq!(all_of(&sheet.body["assignments"], "rater"), ["person:E003"]);
    let own = company.employee("E001").get(&company.sheet_path("E001")).await.expect(200);
    assert_eq!(seen(&own), Value::Null);
    assert_eq!(all_of(&own.body["assignments"], "column"), ["self"]);
    let foreign = form(&company, "E001", "peer").await;
    company.employee("E001").get(path(&foreign, "").trim_end_matches('/')).await.expect(404);
}

#[actix_web::test]
async fn given_a_rater_who_declines_or_is_replaced_then_what_they_entered_does_not_count() {
    let company = company().await;
    superiors_rate(&company).await;
    name(&company, &[("E001", "peer", "person:E002"), ("E003", "peer", "person:E002")]).await.expect(201);
    let (first, second) = (form(&company, "E001", "peer").await, form(&company, "E003", "peer").await);
    let peer = company.employee("E002");
    for number in ["E001", "E003"] {
        peer.post(&company.at("ratings"), json!({ "ratings": points(number, "peer", 10) })).await.expect(200);
    }
    let why = json!({ "reason": "we hardly work together" });

    company.employee("E003").post(&path(&first, "decline"), why.clone()).await.expect(403);
    let declined = peer.post(&path(&first, "decline"), why.clone()).await.expect(200);
    assert_eq!((declined.str("/state"), declined.str("/reason")), ("declined", "we hardly work together"));
    peer.post(&path(&first, "decline"), why.clone()).await.expect(409);
    peer.post(&path(&first, "submit"), json!({})).await.expect(403);

    let to = |rater: &str| json!({ "rater": rater, "reason": "works with them" });
    peer.post(&path(&second, "replace"), to("person:M001")).await.expect(403);
    company.hr().post(&path(&second, "replace"), to("person:E999")).await.expect(422);
    company.hr().post(&path(&second, "replace"), to("person:M001")).await.expect(200);
    company.hr().post(&path(&second, "replace"), to("person:M002")).await.expect(409);
    let refused = peer.post(&company.at("ratings"), json!({ "ratings": points("E003", "peer", 10) })).await;
    assert!(refused.status == 403 || refused.status == 422, "{}", refused.text);
    let new = form(&company, "E003", "peer").await;
    assert_eq!((&new["rater"], &new["replaces"]), (&json!("person:M001"), &second["id"]));
    rate(&company.head("M001"), &company, "E003", "peer", 70).await;

    let scores = scores(&company).await;
    let of = |number: &str| scores.iter().find(|(known, _)| known == number).unwrap().1.clone();
    assert_eq!(of("E001"), "90", "nobody of the peers counts");
    assert!(of("E003") != "90" && of("E003").parse::<f64>().unwrap() > 80.0, "{}", of("E003"));
}

#[actix_web::test]
async fn given_a_rater_who_leaves_when_all_their_forms_are_replaced_then_another_has_them() {
    let company = Company::scoring().await;
    let to = json!({ "from": "person:M001", "rater": "person:M002", "reason": "on leave" });

    let replaced = company.hr().post(&company.at("assignments/replace"), to).await.expect(200);

    assert_eq!(replaced.body["assignments"], 2);
    let own = |client: Client| async move {
        let list = client.get("/v1/assignments").await.expect(200);
        let mut subjects: Vec<String> = all_of(&list.body["items"], "subject").into_iter().map(str::to_owned).collect();
        subjects.sort();
        subjects
    };
    assert!(own(company.head("M001")).await.is_empty());
    assert_eq!(own(company.head("M002")).await, ["person:E001", "person:E002", "person:E003"]);
    let rating = json!({ "ratings": [{ "number": "E001", "item": "cooperation", "input": "superior", "value": "4" }] });
    company.head("M001").post(&company.at("ratings"), rating.clone()).await.expect(403);
    company.head("M002").post(&company.at("ratings"), rating).await.expect(200);
}

#[actix_web::test]
async fn given_a_superior_whose_scheme_lets_nobody_decline_then_it_is_refused() {
    let company = Company::scoring().await;
    let form = form(&company, "E001", "superior").await;
    let refused = company.head("M001").post(&path(&form, "decline"), json!({ "reason": "too busy" })).await.expect(409);
    assert_eq!(refused.str("/type"), "urn:steelyard:problem:wrong-state");
}

#[actix_web::test]
async fn given_a_form_of_its_own_when_filled_in_by_its_address_then_it_takes_its_values_only() {
    let company = company().await;
    name(&company, &[("E001", "peer", "person:E002")]).await.expect(201);
    let form = form(&company, "E001", "peer").await;
    let peer = company.employee("E002");
    let values = |column: &str| {
        let values: Vec<Value> = points("E001", column, 80)
            .into_iter()
            .map(|one| json!({ "item": one["item"], "input": one["input"], "value": one["value"] }))
            .collect();
        json!({ "ratings": values })
    };

    peer.put(&path(&form, "values"), None, values("superior")).await.expect(403);
    company.employee("E003").put(&path(&form, "values"), None, values("peer")).await.expect(422);
    let filled = peer.put(&path(&form, "values"), None, values("peer")).await.expect(200);
    assert_eq!((filled.body["missing"].as_i64(), filled.str("/state")), (Some(0), "open"));
    let submitted = peer.post(&path(&form, "submit"), json!({})).await.expect(200);
    assert_eq!((submitted.str("/state"), submitted.str("/acted_by")), ("submitted", "E002"));
    peer.put(&path(&form, "values"), None, values("peer")).await.expect(422);
}

#[actix_web::test]
async fn given_a_new_superior_when_planning_tells_it_then_the_open_form_is_theirs_and_a_submitted_one_stays() {
    let company = Company::scoring().await;
    company
        .head("M001")
        .post(&company.at("ratings"), json!({ "ratings": crate::world::ratings("E001") }))
        .await
        .expect(200);
    company.head("M001").post(&format!("{}/submit", company.sheet_path("E001")), json!({})).await.expect(200);
    let moved = |number: &str| events::CycleSubject { version: 2, ..person(number, "NET", "M001", "M002") };

    company.world.publish(&changed(company.cycle, vec![moved("E001"), moved("E002")])).await;

    let hr = company.hr();
    let forms = company.at("assignments?subject=person:E002&state=open");
    eventually("the new superior has the form", async || {
        let forms = hr.get(&forms).await;
        all_of(&forms.body["items"], "rater").contains(&"person:M002").then_some(())
    })
    .await;
    let submitted = form(&company, "E001", "superior").await;
    assert_eq!((&submitted["rater"], &submitted["state"]), (&json!("person:M001"), &json!("submitted")));
    let mine = company.head("M001").get("/v1/assignments").await.expect(200);
    assert_eq!(all_of(&mine.body["items"], "subject"), ["person:E001"]);
}

#[actix_web::test]
async fn given_a_body_that_rates_when_a_member_fills_in_the_form_then_it_is_the_bodys() {
    let company = Company::scoring().await;
    let seat = |number: &str, office: &str| events::Seat {
        number: number.into(),
        office: office.into(),
        in_charge: Vec::new(),
        represents: None,
        from: "2026-01-01".parse().unwrap(),
        until: None,
    };
    let body = events::Body {
        code: "LG".into(),
        name_zh: "领导小组".into(),
        name_en: "Leading group".into(),
        seats: vec![seat("M002", "leader"), seat("E003", "member")],
        rule: events::BodyRule::default(),
        version: 1,
    };
    company.world.publish(&events::Event::BodiesChanged(events::BodiesChanged { bodies: vec![body] })).await;
    let hr = company.hr();
    let known = async || (hr.get("/v1/scoring/directory").await.body["bodies"] == 1).then_some(());
    eventually("the body is known", known).await;
    let old = form(&company, "E001", "superior").await;
    let to = json!({ "rater": "body:LG/leader", "reason": "the group decides" });
    hr.post(&path(&old, "replace"), to).await.expect(200);

    let rating = json!({ "ratings": crate::world::ratings("E001") });
    let refused = company.employee("E003").post(&company.at("ratings"), rating.clone()).await;
    assert_eq!(refused.status, 422, "a member is not the leader: {}", refused.text);
    company.head("M002").post(&company.at("ratings"), rating).await.expect(200);
    company.head("M002").post(&format!("{}/submit", company.sheet_path("E001")), json!({})).await.expect(200);
    let form = form(&company, "E001", "superior").await;
    assert_eq!((&form["rater"], &form["acted_by"]), (&json!("body:LG/leader"), &json!("M002")));
}

/// The actions of the form of a kind of rater, as somebody sees it.
async fn actions(client: &Client, form: &Value) -> Vec<String> {
    let form = client.get(path(form, "").trim_end_matches('/')).await.expect(200);
    form.body["actions"].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn given_a_form_whose_last_day_is_over_then_it_lapses_and_hr_may_open_it_again() {
    let company = company().await;
    superiors_rate(&company).await;
    let named = |until: &str| json!({ "assignments": [{ "subject": "person:E001", "column": "peer", "rater": "person:E002", "until": until }] });
    let past = company.hr().post(&company.at("assignments"), named("2026-09-27")).await.expect(422);
    assert_eq!(pointers(&past), ["/assignments/0/until"]);
    company.hr().post(&company.at("assignments"), named("2026-10-05")).await.expect(201);
    let form = form(&company, "E001", "peer").await;
    let offered = ["put_assignment_values", "submit_assignment", "decline_assignment"];
    assert_eq!(actions(&company.employee("E002"), &form).await, offered);

    company.world.clock.move_to("2026-10-06T01:00:00Z".parse().unwrap());
    company.close(company.cycle).await;

    let peer = company.employee("E002");
    let hr = company.hr();
    let state = async || hr.get(path(&form, "").trim_end_matches('/')).await.expect(200).str("/state").to_owned();
    eventually("the form lapses", async || (state().await == "lapsed").then_some(())).await;
    let late = peer.post(&company.at("ratings"), json!({ "ratings": points("E001", "peer", 70) })).await;
    assert!(late.status == 403 || late.status == 422, "{}", late.text);
    assert_eq!(actions(&hr, &form).await, ["replace_assignment"]);

    let again = json!({ "rater": "person:E002", "until": "2026-10-08", "reason": "was ill" });
    hr.post(&path(&form, "replace"), again).await.expect(200);
    rate(&peer, &company, "E001", "peer", 70).await;
    assert_ne!(scores(&company).await.into_iter().find(|(number, _)| number == "E001").unwrap().1, "90");
}

#[actix_web::test]
async fn given_a_unit_that_rates_then_whoever_leads_it_fills_in_its_form_and_hr_where_nobody_does() {
    let company = company().await;
    let unit = |code: &str, head: Option<&str>| events::Unit {
        code: code.into(),
        name: code.to_owned(),
        parent: None,
        category: None,
        head: head.map(Into::into),
        facts: Default::default(),
        headships: Vec::new(),
        version: 1,
    };
    let units = vec![unit("OPS", Some("M002")), unit("LAB", None)];
    company.world.publish(&events::Event::UnitsChanged(events::UnitsChanged { units })).await;
    let hr = company.hr();
    let known = async || (hr.get("/v1/scoring/directory").await.body["units"] == 2).then_some(());
    eventually("the units are known", known).await;

    name(&company, &[("E001", "peer", "unit:XYZ")]).await.expect(422);
    name(&company, &[("E001", "peer", "unit:OPS"), ("E002", "peer", "unit:LAB")]).await.expect(201);

    let led = form(&company, "E001", "peer").await;
    let own = company.head("M002").get("/v1/assignments").await.expect(200);
    assert!(all_of(&own.body["items"], "rater").contains(&"unit:OPS"), "{}", own.text);
    assert_eq!(actions(&hr, &led).await, ["replace_assignment"]);
    company.employee("E003").post(&path(&led, "decline"), json!({ "reason": "no" })).await.expect(403);
    hr.post(&company.at("ratings"), json!({ "ratings": points("E001", "peer", 70) })).await.expect(403);
    rate(&company.head("M002"), &company, "E001", "peer", 70).await;
    rate(&hr, &company, "E002", "peer", 80).await;
    assert_eq!(form(&company, "E001", "peer").await["acted_by"], "M002");
}

#[actix_web::test]
async fn given_a_superior_who_has_delegated_rating_then_another_fills_in_the_forms_and_both_are_named() {
    let company = Company::scoring().await;
    let rating = json!({ "ratings": crate::world::ratings("E001") });
    let other = company.head("M002");
    other.post(&company.at("ratings"), rating.clone()).await.expect(422);
    company.delegate("M001", "M002", "deciding").await;
    other.post(&company.at("ratings"), rating.clone()).await.expect(422);
    company.delegate("M001", "M002", "rating").await;

    other.post(&company.at("ratings"), rating.clone()).await.expect(200);
    other.post(&format!("{}/submit", company.sheet_path("E001")), json!({})).await.expect(200);

    let given = form(&company, "E001", "superior").await;
    assert_eq!((given["rater"].as_str(), given["acted_by"].as_str()), (Some("person:M001"), Some("M002")));
    // Not about themselves, and not in the place of whoever has to stand aside.
    company.delegate("X001", "M002", "all").await;
    let own = json!({ "ratings": crate::world::ratings("M002") });
    other.post(&company.at("ratings"), own).await.expect(403);
    let recusal = json!({ "rater": "M001", "number": "E002", "reason": "kin" });
    company.hr().post(&company.at("recusals"), recusal).await.expect(201);
    other.post(&company.at("ratings"), json!({ "ratings": crate::world::ratings("E002") })).await.expect(403);
}

#[actix_web::test]
async fn given_raters_whom_hr_has_to_name_when_nobody_is_named_then_that_is_a_task_until_somebody_is() {
    let peers = r#"from = "peers", many = true, presence = "all_or_none""#;
    let company =
        Company::scoring_by(&shipped("multi-rater").replace(peers, r#"from = "assigned", many = true"#)).await;
    let waiting = async || {
        let mut last = std::collections::BTreeMap::new();
        for event in company.world.outbox("scoring").await {
            let Event::ScoringTasksChanged(changed) = event else { continue };
            last.extend(changed.tasks.into_iter().map(|task| (task.key.clone(), task)));
        }
        let named = last.into_values().filter(|task| task.key.starts_with("name/") && !task.done);
        named.map(|task| (task.about_name, task.holder, task.count, task.operation)).collect::<Vec<_>>()
    };
    let task = |unit: &str, count: i64| {
        (format!("Department {unit}"), "role:hr".to_owned(), count, "create_assignments".to_owned())
    };
    assert_eq!(waiting().await, [task("NET", 3), task("OPS", 2)]);

    name(&company, &[("E001", "peer", "person:E002"), ("E001", "peer", "person:E003")]).await.expect(201);
    assert_eq!(waiting().await, [task("NET", 2), task("OPS", 2)]);
    let form = form(&company, "E001", "peer").await;
    company.employee("E002").post(&path(&form, "decline"), json!({ "reason": "不在同组" })).await;
    assert_eq!(waiting().await, [task("NET", 2), task("OPS", 2)], "another is still named");
    let others = [("E002", "peer", "person:E001"), ("M001", "peer", "person:M002")];
    name(&company, &others).await.expect(201);
    assert_eq!(waiting().await, [task("OPS", 2)]);
}
