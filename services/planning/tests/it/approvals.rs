//! Who decides about plans and settled sheets, in which order, and who sends back.

use events::{BodiesChanged, Body, Delegation, DelegationsChanged, Event, Seat};
use jiff::civil::date;
use platform::Role;
use serde_json::{Value, json};
use testkit::{Client, eventually};

use crate::company::{Company, PLANNED, ROWED, goals};
use crate::tasks::told;

pub fn body(code: &str, numbers: &[&str]) -> Body {
    let seat = |number: &&str| Seat {
        number: (*number).into(),
        office: "member".to_owned(),
        in_charge: Vec::new(),
        represents: None,
        from: date(2020, 1, 1),
        until: None,
    };
    Body {
        code: code.to_owned(),
        name_zh: code.to_owned(),
        name_en: code.to_owned(),
        seats: numbers.iter().map(seat).collect(),
        rule: events::BodyRule::default(),
        version: 1,
    }
}

async fn seat(company: &Company, bodies: Vec<Body>) {
    let count = bodies.len();
    company.world.publish(&Event::BodiesChanged(BodiesChanged { bodies })).await;
    eventually("the bodies arrive", async || {
        let directory = company.hr.get("/v1/planning/directory").await.expect(200);
        (directory.body["bodies"] == count).then_some(())
    })
    .await;
}

fn member(company: &Company, number: &str) -> Client {
    company.world.client("planning", Some(number), &[Role::Employee, Role::CommitteeMember])
}

/// The keys of decisions that wait, by who holds them.
async fn asked(company: &Company) -> Vec<String> {
    let tasks = told(company).await.into_values();
    let open = tasks.filter(|task| !task.done && task.operation == "decide_plan");
    let mut holders: Vec<String> = open.map(|task| format!("{} {}", task.holder, task.about.id)).collect();
    holders.sort();
    holders
}

#[actix_web::test]
async fn given_three_who_decide_in_order_when_the_second_sends_back_then_everybody_is_asked_anew() {
    let mut company = Company::found().await;
    seat(&company, vec![body("office", &["P1", "E3", "H2"]), body("committee", &["G1", "E3", "H2"])]).await;
    let scheme = ROWED.replace(
        "role = \"employee\"\ndoes = \"plan\"",
        "does = \"plan\"\non = \"units\"\nby = [\"leader\", \"body.office\", \"body.committee\"]",
    );
    let scheme = scheme.replace("[[sheets]]", "[units]\n\n[[sheets]]");
    let code = company.upload(&scheme).await;
    let opened = company.hr.post("/v1/cycles", json!({ "scheme": code, "period": "2026-10" })).await.expect(201);
    opened.str("/id").clone_into(&mut company.cycle);
    let (path, head) = (company.unit_plan("NET").await, company.head("H1"));
    let plan = head.get(&path).await.expect(200);
    head.put(&path, plan.etag.as_deref(), json!({ "goals": goals() })).await.expect(200);
    head.post(&format!("{path}/submit"), json!({})).await.expect(200);
    assert_eq!(asked(&company).await, ["person:G1 NET"]);

    let office = member(&company, "E3");
    company.approve(&office, &path).await.expect(404);
    company.approve(&company.deputy, &path).await.expect(200);
    assert_eq!(asked(&company).await, ["body:office NET"]);
    let session = |present: &[&str]| json!({ "held_on": company.world.clock.today(), "present": present, "minutes": "looked through" });
    let back = json!({ "verdict": "returned", "reason": "no measure for service", "session": session(&["E3", "H2"]) });
    let without = json!({ "verdict": "approved" });
    assert_eq!(company.decide(&office, &path, without).await.expect(422).str("/errors/0/pointer"), "/session");
    company.decide(&office, &path, back).await.expect(200);
    let returned = head.get(&path).await.expect(200);
    assert_eq!((returned.str("/state"), returned.str("/reason")), ("returned", "no measure for service"));
    assert!(asked(&company).await.is_empty());

    head.post(&format!("{path}/submit"), json!({})).await.expect(200);
    assert_eq!(asked(&company).await, ["person:G1 NET"], "what was approved before counts no more");
    company.approve(&company.deputy, &path).await.expect(200);
    let agreed = json!({ "verdict": "approved", "session": session(&["E3", "H2"]) });
    company.decide(&office, &path, agreed.clone()).await.expect(200);
    assert_eq!(office.get(&path).await.expect(200).str("/state"), "submitted", "the committee has not decided");
    company.decide(&office, &path, agreed).await.expect(200);
    let approved = head.get(&path).await.expect(200);
    assert_eq!((approved.str("/state"), approved.str("/decided_by")), ("settled", "E3"));
    let states: Vec<&str> =
        approved.body["steps"].as_array().unwrap().iter().map(|step| step["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["void", "returned", "done", "done", "done"], "all of it stays readable");
}

#[actix_web::test]
async fn given_a_delegation_when_a_plan_waits_then_the_delegate_decides_and_nobody_about_their_own() {
    let company = Company::with_cycle(PLANNED).await;
    let path = company.submit("E1", goals()).await;
    let delegate = |to: &str, version: i64| Delegation {
        id: uuid::Uuid::now_v7(),
        of: "H1".into(),
        to: to.into(),
        purpose: "deciding".to_owned(),
        from: date(2020, 1, 1),
        until: date(2099, 1, 1),
        revoked: false,
        version,
    };
    company.approve(&company.employee("E2"), &path).await.expect(404);
    let delegations = vec![delegate("E2", 1), delegate("E1", 1)];
    company.world.publish(&Event::DelegationsChanged(DelegationsChanged { delegations })).await;
    eventually("the delegation arrives", async || {
        let waiting = company.employee("E2").get("/v1/planning/steps").await.expect(200);
        (waiting.body["items"].as_array().unwrap().len() == 1).then_some(())
    })
    .await;

    company.approve(&company.employee("E1"), &path).await.expect(403);
    company.approve(&company.employee("E2"), &path).await.expect(200);
    let plan = company.plan("E1").await;
    assert_eq!((plan.str("/decided_by"), plan.str("/steps/0/decisions/0/actor")), ("E2", "person:H1"));
}

#[actix_web::test]
async fn given_a_new_superior_when_a_plan_waits_then_it_goes_to_them() {
    let company = Company::with_cycle(PLANNED).await;
    company.submit("E1", goals()).await;
    assert_eq!(asked(&company).await, ["person:H1 E1"]);
    let mut person = crate::company::employees().into_iter().find(|one| &*one.number == "E1").unwrap();
    person.version = 2;
    person.assignments[0].superior = Some("G1".into());
    company.tell(vec![person]).await;
    eventually("the task goes to the new superior", async || (asked(&company).await == ["person:G1 E1"]).then_some(()))
        .await;
}

#[actix_web::test]
async fn given_forms_of_heads_and_of_staff_when_hr_has_settled_them_then_each_goes_its_own_way() {
    let form = |code: &str, category: &str, by: &str| {
        format!(
            "[[stages]]\ncode = \"{code}\"\nlabel = {{ zh = \"核定\", en = \"{code}\" }}\nfor = [\"{category}\"]\ndoes = \"settle\"
on = \"people\"\nby = [{by}]\n\n"
        )
    };
    let heads = form("forms_of_heads", "lead", "\"role.executive\"");
    let staff = form("forms_of_staff", "staff", "\"head\"");
    let rate = "[[stages]]\ncode = \"rate\"";
    let scheme = ROWED.replace(rate, &format!("{heads}{staff}{rate}"));
    let company = Company::with_cycle(&scheme).await;
    for number in ["E1", "E2", "H1"] {
        let path = company.submit(number, goals()).await;
        let decides = if number == "H1" { company.deputy.clone() } else { company.head("H1") };
        company.approve(&decides, &path).await.expect(200);
    }
    company.hr.post(&company.path("/units/NET/sheets/settle"), json!({})).await.expect(200);
    assert_eq!(asked(&company).await, ["person:H1 E1", "person:H1 E2", "role:executive H1"]);
    let settling: Vec<String> = told(&company)
        .await
        .into_values()
        .filter(|task| task.operation == "settle_unit_sheets")
        .map(|task| task.stage)
        .collect();
    assert!(settling.iter().all(|stage| stage == "forms_of_heads"), "HR settles a unit's sheets once: {settling:?}");

    // HR decides that somebody is of the other category: their sheet goes the other way, from its beginning.
    let decision = json!({ "category": "lead", "reason": "leads the second line since August" });
    company.hr.put(&company.path("/subjects/person:E2"), None, decision).await.expect(200);
    assert_eq!(asked(&company).await, ["person:H1 E1", "role:executive E2", "role:executive H1"]);
}

#[actix_web::test]
async fn given_a_plan_that_waits_when_hr_gives_somebody_another_superior_then_the_task_goes_to_them() {
    let company = Company::with_cycle(PLANNED).await;
    company.submit("E1", goals()).await;
    let decision = json!({ "superior": "G1", "reason": "stands in for the head" });
    company.hr.put(&company.path("/subjects/person:E1"), None, decision).await.expect(200);
    assert_eq!(asked(&company).await, ["person:G1 E1"]);
}

#[actix_web::test]
async fn given_somebody_who_takes_no_part_any_more_then_nobody_is_asked_about_them_until_they_do() {
    let company = Company::with_cycle(PLANNED).await;
    company.submit("E1", goals()).await;
    let drafts = async || {
        let open = told(&company).await.into_values().filter(|task| !task.done && task.operation == "put_plan");
        open.map(|task| task.about.id).collect::<Vec<_>>()
    };
    let part = async |standing: &str| {
        for number in ["E1", "E2"] {
            let decision = json!({ "standing": standing, "reason": "on leave, perhaps all month" });
            company.hr.put(&company.path(&format!("/subjects/person:{number}")), None, decision).await.expect(200);
        }
    };
    eventually("everybody drafts", async || (drafts().await == ["E2", "E3", "H1", "H2"]).then_some(())).await;
    part("out").await;
    assert!(asked(&company).await.is_empty());
    eventually("E2 drafts no more", async || (drafts().await == ["E3", "H1", "H2"]).then_some(())).await;
    part("in").await;
    assert_eq!(asked(&company).await, ["person:H1 E1"]);
    eventually("E2 drafts again", async || (drafts().await == ["E2", "E3", "H1", "H2"]).then_some(())).await;
    // What somebody hands in while they take no part waits until they do.
    part("out").await;
    company.submit("E2", goals()).await;
    assert!(asked(&company).await.is_empty());
    part("in").await;
    assert_eq!(asked(&company).await, ["person:H1 E1", "person:H1 E2"]);
}

#[actix_web::test]
async fn given_the_last_whose_sheet_is_not_settled_when_they_take_no_part_then_the_units_sheets_are_confirmed() {
    let scheme = ROWED.replace(
        "[[stages]]\ncode = \"rate\"",
        "[[stages]]\ncode = \"forms\"\nlabel = { zh = \"核定\", en = \"forms\" }\ndoes = \"settle\"\non = \"units\"
by = [\"leader\"]\n\n[[stages]]\ncode = \"rate\"",
    );
    let company = Company::with_cycle(&scheme).await;
    for number in ["E1", "H1"] {
        let path = company.submit(number, goals()).await;
        let decides = if number == "H1" { company.deputy.clone() } else { company.head("H1") };
        company.approve(&decides, &path).await.expect(200);
    }
    company.hr.post(&company.path("/sheets/settle"), json!({})).await.expect(200);
    let is_settled = async || {
        let settling = told(&company).await.into_values().filter(|task| task.operation == "settle_unit_sheets");
        settling.filter(|task| task.about.id == "NET").all(|task| task.done)
    };
    let part = async |standing: &str| {
        let decision = json!({ "standing": standing, "reason": "on leave, perhaps all month" });
        company.hr.put(&company.path("/subjects/person:E2"), None, decision).await.expect(200);
    };
    assert_eq!((is_settled().await, asked(&company).await.is_empty()), (false, true), "E2 has no plan yet");

    part("out").await;

    eventually("the unit is settled", async || is_settled().await.then_some(())).await;
    assert_eq!(asked(&company).await, ["person:G1 NET"]);
    part("in").await;
    eventually("E2's sheet is to be settled", async || (!is_settled().await).then_some(())).await;
}

#[actix_web::test]
async fn given_sheets_that_two_confirm_when_hr_has_settled_them_then_scoring_is_told_after_the_second() {
    let scheme = ROWED.replace(
        "[[stages]]\ncode = \"rate\"",
        "[[stages]]\ncode = \"forms\"\nlabel = { zh = \"核定\", en = \"forms\" }\ndoes = \"settle\"\non = \"people\"
by = [\"superior\", \"superior.superior\"]\n\n[[stages]]\ncode = \"rate\"",
    );
    let company = Company::with_cycle(&scheme).await;
    for number in ["E1", "E2", "H1"] {
        let path = company.submit(number, goals()).await;
        let decides = if number == "H1" { company.deputy.clone() } else { company.head("H1") };
        company.approve(&decides, &path).await.expect(200);
    }
    let before = company.told_sheets().await.len();
    company.hr.post(&company.path("/units/NET/sheets/settle"), json!({})).await.expect(200);
    let sheet = company.path("/sheets/person:E1");
    assert_eq!(company.hr.get(&sheet).await.expect(200).str("/state"), "proposed");
    // The deputy is the head's superior, and nobody is above the deputy: an executive decides then.
    assert_eq!(asked(&company).await, ["person:G1 H1", "person:H1 E1", "person:H1 E2"]);

    let steps = async |who: &Client| {
        let path = format!("/v1/planning/steps?cycle={}", company.cycle);
        who.get(&path).await.expect(200).body["items"].as_array().unwrap().clone()
    };
    let decide = async |who: &Client, step: &Value, decision: Value| {
        let id = step["id"].as_str().unwrap();
        who.post(&format!("/v1/planning/steps/{id}/decision"), decision).await
    };
    let head = company.head("H1");
    let own: Vec<Value> = steps(&head).await;
    let of = |all: &[Value], subject: &str| all.iter().find(|one| one["subject"] == subject).cloned().unwrap();
    let back = json!({ "verdict": "returned", "reason": "one row is missing" });
    decide(&head, &of(&own, "person:E2"), back).await.expect(200);
    assert_eq!(company.hr.get(&company.path("/sheets/person:E2")).await.expect(200).str("/state"), "draft");
    decide(&head, &of(&own, "person:E1"), json!({ "verdict": "approved" })).await.expect(200);
    assert_eq!(company.told_sheets().await.len(), before, "the one above has not confirmed");
    // HR settles the unit once more: what somebody has confirmed stays confirmed.
    company.hr.post(&company.path("/units/NET/sheets/settle"), json!({})).await.expect(200);
    assert_eq!(asked(&company).await, ["person:G1 E1", "person:G1 H1", "person:H1 E2"]);
    let above = of(&steps(&company.deputy).await, "person:E1");
    decide(&company.deputy, &above, json!({ "verdict": "approved" })).await.expect(200);
    assert_eq!(company.hr.get(&sheet).await.expect(200).str("/state"), "settled");
    let told = company.told_sheets().await;
    assert_eq!(told.len(), before + 1);
    assert_eq!(told.last().unwrap().subject.id, "E1");

    company.hr.post(&company.path("/units/NET/sheets/settle"), json!({})).await.expect(200);
    assert_eq!(asked(&company).await, ["person:G1 H1", "person:H1 E2"], "what was confirmed is not asked again");
}

#[actix_web::test]
async fn given_a_plan_for_the_year_when_a_month_is_opened_then_it_serves_it_and_changes_only_early_in_a_month() {
    let scheme = ROWED.replace("role = \"employee\"\ndoes = \"plan\"", "role = \"hr\"\ndoes = \"announce\"").replacen(
        "[[stages]]",
        "[[plans]]\non = \"people\"\nevery = \"year\"\nby = [\"superior\", \"role.hr\"]\nchanged_within_months = 1\n\n[[stages]]",
        1,
    );
    let scheme = scheme.replace(
        "cadences = [{ code = \"monthly\", form = \"month\", label = { zh = \"月度\", en = \"monthly\" } }]",
        "cadences = [{ code = \"quarterly\", form = \"quarter\", label = { zh = \"季度\", en = \"quarterly\" } }]",
    );
    let scheme = scheme.replace("opens = \"26 of M\"\ndue = \"28 of M\"\n", "");
    let mut company = Company::found().await;
    let code = company.upload(&scheme).await;
    let me = company.employee("E1");
    let new = json!({ "scheme": code, "subject": "person:E1", "period": "2026", "goals": goals() });
    let path = format!("/v1/plans/{}", me.post("/v1/plans", new).await.expect(201).str("/id"));
    me.post(&format!("{path}/submit"), json!({})).await.expect(200);
    company.approve(&company.head("H1"), &path).await.expect(200);
    assert_eq!(asked(&company).await, ["role:hr E1"]);
    company.approve(&company.hr, &path).await.expect(200);
    let opened = company.hr.post("/v1/cycles", json!({ "scheme": code, "period": "2026-Q3" })).await.expect(201);
    opened.str("/id").clone_into(&mut company.cycle);
    let sheet = company.hr.get(&company.path("/sheets/person:E1")).await.expect(200);
    assert_eq!((sheet.str("/rows/0/title"), sheet.str("/rows/0/weight")), ("Uptime", "36"));

    let change = json!({ "goals": [{ "title": "Only this", "weight": "100" }], "reason": "the project was stopped" });
    // It is September: the quarter's first month is over.
    let late = me.post(&format!("{path}/versions"), change.clone()).await.expect(409);
    assert!(late.str("/detail").contains("2026-07-31"), "{}", late.body);
    company.world.clock.move_to("2026-10-31T02:00:00Z".parse().unwrap());
    let me = company.employee("E1");
    me.post(&format!("{path}/versions"), change).await.expect(201);
}
