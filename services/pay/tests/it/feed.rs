use platform::Role;
use serde_json::json;

use crate::stage::{EACH, Stage, result};

async fn with_statements() -> Stage {
    let stage = Stage::set(EACH).await;
    stage.import("number,base_salary\nE001,8000\nE002,9000\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "0.3"), result("E002", 1, "0.27")]).await;
    stage.statements(2).await;
    stage
}

#[actix_web::test]
async fn given_statements_when_a_client_acknowledges_them_then_its_cursor_never_moves_back() {
    let stage = with_statements().await;
    let payroll = stage.payroll();
    let acknowledge =
        async |cursor: &str| payroll.post("/v1/payroll/acknowledgements", json!({ "cursor": cursor })).await;

    let second = acknowledge("2").await.expect(200);
    let first = acknowledge("1").await.expect(200);
    let refused = acknowledge("3").await.expect(422);

    assert_eq!((second.str("/cursor"), &second.body["outstanding"]), ("2", &json!(0)));
    assert_eq!(first.str("/cursor"), "2");
    assert_eq!(refused.str("/errors/0/pointer"), "/cursor");
    acknowledge("x").await.expect(422);
    let listed = payroll.get("/v1/payroll/acknowledgements").await.expect(200);
    assert_eq!(listed.str("/items/0/cursor"), "2");
}

#[actix_web::test]
async fn given_people_with_every_role_when_they_pull_the_feed_then_they_are_refused() {
    let stage = with_statements().await;
    let everything = stage.world.client("pay", Some("E001"), &Role::ALL);

    everything.get("/v1/payroll/statements").await.expect(403);
    everything.post("/v1/payroll/acknowledgements", json!({ "cursor": "1" })).await.expect(403);
    stage.world.machine("pay", &["other"]).get("/v1/payroll/statements").await.expect(403);
    stage.payroll().get("/v1/payroll/statements?after=-1").await.expect(422);
}

#[actix_web::test]
async fn given_another_company_when_its_client_pulls_the_feed_then_it_sees_none_of_ours() {
    let stage = with_statements().await;
    let stranger = stage.world.client_of(uuid::Uuid::now_v7(), "pay", None, &[Role::Machine], &["payroll.read"]);

    let feed = stranger.get("/v1/payroll/statements").await.expect(200);

    assert_eq!(feed.body, json!({ "items": [], "next": null }));
}
