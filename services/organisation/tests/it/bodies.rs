//! Bodies: who sits in them, who may say so, and what others are told.

use events::Event;
use platform::Role;
use serde_json::{Value, json};
use testkit::World;

use crate::{PASSWORD, as_person, as_role, claims, company_with_people, pointers, world};

fn group() -> Value {
    json!({ "code": "LG", "name": { "zh": "考核领导小组", "en": "Leading group" },
        "rule": { "min": 3, "max": 7, "odd": true, "represented": { "staff": 1 } } })
}

fn seats() -> Value {
    json!({ "seats": [
        { "number": "E1", "office": "leader", "in_charge": ["NET"], "from_on": "2026-01-01" },
        { "number": "E2", "office": "deputy", "from_on": "2026-01-01", "until_on": "2026-08-31" },
        { "number": "E2", "office": "member", "represents": "staff", "from_on": "2026-09-01" },
        { "number": "E3", "office": "office" },
    ] })
}

async fn told(world: &World) -> Vec<events::Body> {
    let told = world.outbox("organisation").await;
    let bodies = told.into_iter().filter_map(|event| match event {
        Event::BodiesChanged(changed) => Some(changed.bodies),
        _ => None,
    });
    bodies.flatten().collect()
}

#[actix_web::test]
async fn given_a_body_when_hr_founds_seats_and_renames_it_then_all_read_it_and_others_are_told() {
    let world = world().await;
    let (company, hr) = company_with_people(&world).await;

    let founded = hr.post("/v1/bodies", group()).await.expect(201);
    assert_eq!((founded.etag.as_deref(), &founded.body["seats"]), (Some("\"1\""), &json!([])));
    hr.post("/v1/bodies", group()).await.expect(409);
    hr.put("/v1/bodies/LG/seats", Some("\"7\""), seats()).await.expect(412);
    let seated = hr.put("/v1/bodies/LG/seats", Some("\"1\""), seats()).await.expect(200);
    assert_eq!((seated.str("/seats/0/name"), seated.str("/seats/3/from_on")), ("王一", "2026-09-28"));
    let renamed = json!({ "name": { "zh": "领导小组", "en": "Group" } });
    hr.put("/v1/bodies/LG", Some("\"1\""), renamed.clone()).await.expect(412);
    hr.put("/v1/bodies/LG", Some("\"2\""), renamed).await.expect(200);

    let employee = as_person(&world, company, "E4", &[Role::Employee]);
    let read = employee.get("/v1/bodies/LG").await.expect(200);
    assert_eq!((read.str("/name/en"), read.etag.as_deref()), ("Group", Some("\"3\"")));
    assert_eq!(read.body["rule"], json!({ "odd": false }));
    let listed = employee.get("/v1/bodies").await.expect(200);
    assert_eq!(listed.body["items"], json!([read.body]));
    employee.get("/v1/bodies/NONE").await.expect(404);
    let told = told(&world).await;
    assert_eq!(told.iter().map(|body| body.version).collect::<Vec<_>>(), [1, 2, 3]);
    let last = &told[2];
    assert_eq!((last.name_en.as_str(), last.seats.len()), ("Group", 4));
    assert_eq!((last.seats[0].office.as_str(), last.seats[0].in_charge[0].as_str()), ("leader", "NET"));
    assert_eq!(last.seats[2].represents.as_deref(), Some("staff"));
    let emptied = hr.put("/v1/bodies/LG/seats", Some("\"3\""), json!({ "seats": [] })).await.expect(200);
    assert_eq!(emptied.body["seats"], json!([]));
}

#[actix_web::test]
async fn given_bodies_and_seats_that_cannot_be_when_they_are_sent_then_every_fault_is_named() {
    let world = world().await;
    let (company, hr) = company_with_people(&world).await;
    let wrong = json!({ "code": "_G", "name": { "zh": "", "en": "Group" }, "rule": { "min": 5, "max": 3 } });
    assert_eq!(pointers(&hr.post("/v1/bodies", wrong).await.expect(422)).len(), 3);
    hr.post("/v1/bodies", group()).await.expect(201);
    let seats = json!({ "seats": [
        { "number": "E99", "office": "member" },
        { "number": "E1", "office": "leader", "in_charge": ["NOWHERE"], "from_on": "2026-03-01" },
        { "number": "E1", "office": "member", "from_on": "2026-05-01" },
        { "number": "E2", "office": "member", "from_on": "2026-05-01", "until_on": "2026-04-01" },
    ] });

    let refused = hr.put("/v1/bodies/LG/seats", Some("\"1\""), seats).await.expect(422);

    let expected = ["/seats/0/number", "/seats/1/in_charge/0", "/seats/2", "/seats/3/until_on"];
    assert_eq!(pointers(&refused), expected);
    for role in [Role::Employee, Role::Admin, Role::Executive] {
        as_role(&world, company, role).post("/v1/bodies", group()).await.expect(403);
    }
    hr.put("/v1/bodies/NONE/seats", Some("\"1\""), json!({ "seats": [] })).await.expect(404);
}

#[actix_web::test]
async fn given_hr_who_is_an_employee_when_they_seat_themselves_then_it_is_refused_but_in_the_office() {
    let world = world().await;
    let (company, hr) = company_with_people(&world).await;
    hr.post("/v1/bodies", group()).await.expect(201);
    let own = as_person(&world, company, "E3", &[Role::Employee, Role::Hr]);
    let seat = |office: &str| json!({ "seats": [{ "number": "E3", "office": office, "from_on": "2026-01-01" }] });

    own.put("/v1/bodies/LG/seats", Some("\"1\""), seat("member")).await.expect(403);
    own.put("/v1/bodies/LG/seats", Some("\"1\""), seat("office")).await.expect(200);
    hr.put("/v1/bodies/LG/seats", Some("\"2\""), seat("member")).await.expect(200);
    own.put("/v1/bodies/LG/seats", Some("\"3\""), seat("member")).await.expect(200);
    own.put("/v1/bodies/LG/seats", Some("\"4\""), seat("leader")).await.expect(403);
}

#[actix_web::test]
async fn given_a_seat_when_its_holder_signs_in_then_they_are_a_committee_member_for_as_long_as_it_lasts() {
    let world = world().await;
    let (company, hr) = company_with_people(&world).await;
    hr.post("/v1/bodies", group()).await.expect(201);
    let account = json!({ "username": "zhao.si", "password": PASSWORD, "employee": "E4", "roles": [] });
    as_role(&world, company, Role::Admin).post("/v1/accounts", account).await.expect(201);
    let roles = async || {
        let knock =
            json!({ "grant_type": "password", "company": "hengxin", "username": "zhao.si", "password": PASSWORD });
        let token = world.anonymous("organisation").post("/v1/tokens", knock).await.expect(200);
        claims(token.str("/access_token"))["roles"].clone()
    };

    let past = json!({ "number": "E4", "office": "member", "from_on": "2026-01-01", "until_on": "2026-09-27" });
    hr.put("/v1/bodies/LG/seats", Some("\"1\""), json!({ "seats": [past] })).await.expect(200);
    assert_eq!(roles().await, json!(["employee"]));
    let held = json!({ "number": "E4", "office": "member", "from_on": "2026-01-01", "until_on": "2026-09-28" });
    hr.put("/v1/bodies/LG/seats", Some("\"2\""), json!({ "seats": [held] })).await.expect(200);
    assert_eq!(roles().await, json!(["employee", "committee_member"]));
}
