//! Who acts for whom: who may say so, for how long, and what others are told.

use events::Event;
use platform::Role::*;
use serde_json::{Value, json};
use testkit::World;

use crate::{as_person, company_with_people, pointers, world};

fn to(number: &str) -> Value {
    json!({ "to": number, "purpose": "rating", "until_on": "2026-10-31", "reason": "on a business trip" })
}

async fn told(world: &World) -> Vec<events::Delegation> {
    let told = world.outbox("organisation").await.into_iter();
    let told = told
        .filter_map(|event| if let Event::DelegationsChanged(news) = event { Some(news.delegations) } else { None });
    told.flatten().collect()
}

#[actix_web::test]
async fn given_somebody_who_is_away_when_they_delegate_and_take_it_back_then_others_are_told_of_both() {
    let world = world().await;
    let (company, hr) = company_with_people(&world).await;
    let me = as_person(&world, company, "E1", &[Employee, Manager]);

    let made = me.post("/v1/delegations", to("E2")).await.expect(201);
    assert_eq!((made.str("/of"), made.str("/from_on"), made.str("/made_by")), ("E1", "2026-09-28", "E1"));
    let path = format!("/v1/delegations/{}", made.str("/id"));
    let stranger = as_person(&world, company, "E3", &[Employee]);
    stranger.send("DELETE", &path, &[], Vec::new()).await.expect(403);
    assert_eq!(stranger.get("/v1/delegations").await.expect(200).body["items"], json!([]));
    let given = as_person(&world, company, "E2", &[Employee]);
    assert_eq!(given.get("/v1/delegations").await.expect(200).str("/items/0/reason"), "on a business trip");
    let revoked = me.send("DELETE", &path, &[], Vec::new()).await.expect(200);
    assert_eq!(revoked.str("/revoked_by"), "E1");
    hr.send("DELETE", &path, &[], Vec::new()).await.expect(409);

    let told: Vec<(String, String, bool, i64)> = told(&world)
        .await
        .into_iter()
        .map(|one| (one.of.to_string(), one.to.to_string(), one.revoked, one.version))
        .collect();
    let both = ("E1".to_owned(), "E2".to_owned());
    assert_eq!(told, [(both.0.clone(), both.1.clone(), false, 1), (both.0, both.1, true, 2)]);
}

#[actix_web::test]
async fn given_what_is_somebody_elses_then_only_hr_delegates_it_and_not_to_themselves() {
    let world = world().await;
    let (company, _) = company_with_people(&world).await;
    let of = |whose: &str, number: &str| {
        let mut new = to(number);
        new["of"] = json!(whose);
        new
    };
    let me = as_person(&world, company, "E1", &[Employee, Manager]);
    me.post("/v1/delegations", of("E3", "E2")).await.expect(403);
    let hr = as_person(&world, company, "E4", &[Employee, Hr]);
    hr.post("/v1/delegations", of("E3", "E4")).await.expect(403);
    hr.post("/v1/delegations", of("E3", "E2")).await.expect(201);

    assert_eq!(pointers(&me.post("/v1/delegations", to("nobody")).await.expect(422)), ["/to"]);
    let mut wrong = to("E1");
    wrong["until_on"] = json!("2026-09-01");
    wrong["reason"] = json!(" ");
    assert_eq!(pointers(&me.post("/v1/delegations", wrong).await.expect(422)), ["/reason", "/to", "/until_on"]);
    assert_eq!(told(&world).await.len(), 1);
}
