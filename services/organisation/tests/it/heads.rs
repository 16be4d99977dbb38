//! Who leads units over time, and beside their heads.

use events::Event;
use platform::Role;
use serde_json::{Value, json};
use testkit::World;

use crate::{as_person, as_role, company_with_people, pointers, world};

async fn told(world: &World) -> events::Unit {
    let told = world.outbox("organisation").await;
    let units = told.into_iter().rev().find_map(|event| match event {
        Event::UnitsChanged(changed) => changed.units.into_iter().find(|unit| unit.code == "NET"),
        _ => None,
    });
    units.unwrap()
}

fn led(number: &str, office: &str, from: &str, until: Value) -> Value {
    json!({ "number": number, "office": office, "from_on": from, "until_on": until })
}

#[actix_web::test]
async fn given_a_derived_head_when_heads_are_read_then_they_have_led_since_they_came() {
    let world = world().await;
    let (company, _) = company_with_people(&world).await;

    let heads = as_person(&world, company, "E4", &[Role::Employee]).get("/v1/units/NET/heads").await.expect(200);

    assert_eq!(heads.body["items"][0]["number"], "E2");
    assert_eq!(heads.body["items"][0]["office"], "head");
    assert_eq!(heads.body["items"][0]["until_on"], Value::Null);
    assert_eq!(told(&world).await.headships[0].number, "E2");
}

#[actix_web::test]
async fn given_a_head_of_another_unit_and_a_co_head_when_hr_tells_them_then_whoever_leads_today_is_appointed() {
    let world = world().await;
    let (company, hr) = company_with_people(&world).await;
    let heads = json!({ "heads": [
        led("E2", "head", "2020-01-01", json!("2026-06-30")),
        led("E1", "head", "2026-07-01", Value::Null),
        led("E3", "co_head", "2026-07-01", Value::Null),
    ] });

    let answer = hr.put("/v1/units/NET/heads", None, heads.clone()).await.expect(200);

    let items = answer.body["items"].as_array().unwrap();
    let numbers: Vec<&str> = items.iter().map(|item| item["number"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["E3", "E2", "E1"]);
    let unit = hr.get("/v1/units/NET").await.expect(200);
    assert_eq!((unit.str("/head"), &unit.body["head_appointed"]), ("E1", &json!(true)), "a head need not be a member");
    let told = told(&world).await;
    assert_eq!((told.head.as_deref(), told.headships.len()), (Some("E1"), 3));
    assert_eq!(told.headships[0].office, "co_head");
    assert_eq!(hr.get("/v1/units/NET/heads").await.expect(200).body, answer.body);
    for role in [Role::Employee, Role::Admin, Role::Executive] {
        as_role(&world, company, role).put("/v1/units/NET/heads", None, heads.clone()).await.expect(403);
    }
    hr.put("/v1/units/NONE/heads", None, heads).await.expect(404);
    hr.get("/v1/units/NONE/heads").await.expect(404);
    hr.put("/v1/units/NET/heads", None, json!({ "heads": [] })).await.expect(200);
    assert_eq!(hr.get("/v1/units/NET").await.expect(200).str("/head"), "E2", "it follows from the line again");
}

#[actix_web::test]
async fn given_heads_that_cannot_be_when_they_are_sent_then_every_fault_is_named() {
    let world = world().await;
    let (company, hr) = company_with_people(&world).await;
    let heads = json!({ "heads": [
        led("E99", "head", "2026-01-01", json!("2026-03-31")),
        led("E1", "head", "2026-03-01", Value::Null),
        led("E3", "co_head", "2026-03-01", json!("2026-02-01")),
        led("E4", "co_head", "2026-01-01", json!("2026-01-31")),
    ] });

    let refused = hr.put("/v1/units/NET/heads", None, heads).await.expect(422);

    assert_eq!(pointers(&refused), ["/heads/0/number", "/heads/1", "/heads/2/until_on"]);
    let own = as_person(&world, company, "E3", &[Role::Employee, Role::Hr]);
    let themselves = json!({ "heads": [led("E3", "head", "2026-01-01", Value::Null)] });
    own.put("/v1/units/NET/heads", None, themselves).await.expect(403);
}
