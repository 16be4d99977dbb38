use diesel_async::SimpleAsyncConnection;
use platform::Role;
use serde_json::json;
use testkit::World;
use uuid::Uuid;

use crate::{notes_of, service};

#[actix_web::test]
async fn given_no_token_or_another_role_when_calling_then_refused_and_nothing_changes() {
    let world = World::start(&[service("pay")]).await;
    let body = json!({ "key": "a", "text": "x" });

    let anonymous = world.anonymous("pay").post("/v1/notes", body.clone()).await.expect(401);
    assert_eq!(anonymous.str("/type"), "urn:steelyard:problem:unauthenticated");
    assert_eq!(anonymous.header("www-authenticate"), Some("Bearer"));
    world.client("pay", Some("E1"), &[Role::Employee]).post("/v1/notes", body.clone()).await.expect(403);
    let forged = testkit::Issuer::start().await.token(&world.clock, world.company, None, &[Role::Hr], &[]);
    testkit::Client::new(world.url("pay"), Some(forged)).post("/v1/notes", body.clone()).await.expect(401);
    world.machine("pay", &["payroll.read"]).post("/v1/notes", body).await.expect(403);

    assert!(notes_of(&world, "pay").await.is_empty());
}

#[actix_web::test]
async fn given_an_expired_token_when_calling_then_sign_in_again() {
    let world = World::start(&[service("pay")]).await;
    let client = world.client("pay", Some("E1"), &[Role::Employee]);
    client.get("/v1/notes/a").await.expect(404);

    let later = world.clock.now() + jiff::SignedDuration::from_hours(2);
    world.clock.move_to(later);

    client.get("/v1/notes/a").await.expect(401);
}

#[actix_web::test]
async fn given_a_scope_when_a_machine_calls_then_it_may() {
    let world = World::start(&[service("pay")]).await;
    let machine = world.machine("pay", &["notes.write"]);
    machine.post("/v1/notes", json!({ "key": "a", "text": "x" })).await.expect(201);
}

#[actix_web::test]
async fn given_an_idempotency_key_when_sent_again_then_the_same_answer_and_one_effect() {
    let world = World::start(&[service("pay")]).await;
    let hr = world.client("pay", Some("E1"), &[Role::Hr]);
    let (key, body) = ([("idempotency-key", "k1")], json!({ "key": "a", "text": "x" }));

    let first = hr.json("POST", "/v1/notes", &key, body.clone()).await.expect(201);
    let second = hr.json("POST", "/v1/notes", &key, body).await.expect(201);
    assert_eq!(first.body, second.body);
    assert_eq!(first.header("location"), second.header("location"));
    assert_eq!(notes_of(&world, "pay").await, ["x"]);
    assert_eq!(world.outbox("pay").await.len(), 1);

    let other = hr.json("POST", "/v1/notes", &key, json!({ "key": "b", "text": "y" })).await.expect(422);
    assert_eq!(other.str("/type"), "urn:steelyard:problem:idempotency-key-reused");
}

#[actix_web::test]
async fn given_a_refused_request_when_mended_and_sent_with_the_same_key_then_it_works() {
    let world = World::start(&[service("pay")]).await;
    let hr = world.client("pay", Some("E1"), &[Role::Hr]);
    let key = [("idempotency-key", "k1")];
    let refused = hr.json("POST", "/v1/notes", &key, json!({ "key": "a", "text": "" })).await.expect(422);
    assert_eq!(refused.str("/errors/0/pointer"), "/text");

    hr.json("POST", "/v1/notes", &key, json!({ "key": "a", "text": "x" })).await.expect(201);
}

#[actix_web::test]
async fn given_a_version_when_changing_then_if_match_decides() {
    let world = World::start(&[service("pay")]).await;
    let hr = world.client("pay", Some("E1"), &[Role::Hr, Role::Employee]);
    hr.post("/v1/notes", json!({ "key": "a", "text": "x" })).await.expect(201);
    let etag = hr.get("/v1/notes/a").await.expect(200).etag.unwrap();
    let body = json!({ "key": "a", "text": "y" });

    hr.put("/v1/notes/a", None, body.clone()).await.expect(428);
    let changed = hr.put("/v1/notes/a", Some(&etag), body.clone()).await.expect(200);
    assert_eq!(changed.etag.as_deref(), Some("\"2\""));
    hr.put("/v1/notes/a", Some(&etag), body).await.expect(412);
}

#[actix_web::test]
async fn given_a_bad_body_when_sent_then_the_pointer_says_where() {
    let world = World::start(&[service("pay")]).await;
    let hr = world.client("pay", Some("E1"), &[Role::Hr]);

    let wrong_type = hr.post("/v1/notes", json!({ "key": 1, "text": "x" })).await.expect(422);
    assert_eq!(wrong_type.str("/errors/0/pointer"), "/key");
    let unknown = hr.post("/v1/notes", json!({ "key": "a", "text": "x", "more": 1 })).await.expect(422);
    assert_eq!(unknown.str("/errors/0/pointer"), "/more");
    let broken = hr.send("POST", "/v1/notes", &[], b"{".to_vec()).await.expect(400);
    assert_eq!(broken.header("content-type"), Some("application/problem+json"));
}

#[actix_web::test]
async fn given_u_0000_anywhere_when_sent_then_it_is_refused_with_its_place() {
    let world = World::start(&[service("pay")]).await;
    let hr = world.client("pay", Some("E1"), &[Role::Hr, Role::Employee]);

    let body = hr.post("/v1/notes", json!({ "key": "a\u{0}", "text": "\u{0}" })).await.expect(422);
    assert_eq!((body.str("/errors/0/pointer"), body.str("/errors/1/pointer")), ("/key", "/text"));
    // Six characters that only look like it.
    hr.post("/v1/notes", json!({ "key": "b", "text": "\\u0000" })).await.expect(201);
    assert_eq!(hr.get("/v1/notes/%00").await.expect(422).str("/errors/0/pointer"), "/path");
    let query = hr.get("/v1/pay/audit-entries?after=%00").await.expect(422);
    assert_eq!(query.str("/errors/0/pointer"), "/after");
}

#[actix_web::test]
async fn given_an_address_that_the_framework_refuses_when_called_then_it_is_a_problem_too() {
    let world = World::start(&[service("pay")]).await;
    let hr = world.client("pay", Some("E1"), &[Role::Hr]);
    let refused = hr.send("DELETE", "/v1/notes/a", &[], Vec::new()).await;
    assert!(refused.status >= 400);
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
}

#[actix_web::test]
async fn given_several_faults_in_a_body_when_sent_then_all_are_told_in_the_callers_language() {
    let world = World::start(&[service("pay")]).await;
    let hr = world.client("pay", Some("E1"), &[Role::Hr]);
    let body = json!({ "key": 1, "txet": "x" });

    let english =
        hr.json("POST", "/v1/notes", &[("accept-language", "fr, en-GB;q=0.8")], body.clone()).await.expect(422);
    let errors = json!([
        { "pointer": "/key", "detail": "a text is needed here" },
        { "pointer": "/txet", "detail": "there is no such field; did you mean text?" },
        { "pointer": "/text", "detail": "this is required" },
    ]);
    assert_eq!(english.body["errors"], errors);
    let chinese = hr.json("POST", "/v1/notes", &[("accept-language", "zh-CN")], body).await.expect(422);
    assert_eq!(chinese.str("/errors/2/detail"), "此项必填");
}

#[actix_web::test]
async fn given_a_field_that_is_there_twice_when_sent_then_refused() {
    let world = World::start(&[service("pay")]).await;
    let hr = world.client("pay", Some("E1"), &[Role::Hr]);
    let twice = br#"{ "key": "a", "text": "x", "text": "y" }"#.to_vec();
    hr.send("POST", "/v1/notes", &[], twice).await.expect(422);
    assert!(notes_of(&world, "pay").await.is_empty());
}

#[actix_web::test]
async fn given_a_query_that_the_operation_does_not_have_when_sent_then_refused() {
    let world = World::start(&[service("pay")]).await;
    let employee = world.client("pay", Some("E1"), &[Role::Employee]);
    let refused = employee.get("/v1/notes/a?expand=all&page=2").await.expect(422);
    assert_eq!((refused.str("/errors/0/pointer"), refused.str("/errors/1/pointer")), ("/expand", "/page"));
    employee.get("/v1/pay/audit-entries?limit=2").await.expect(403);
}

#[actix_web::test]
async fn given_another_company_when_reading_then_not_found() {
    let world = World::start(&[service("pay")]).await;
    let hr = world.client("pay", Some("E1"), &[Role::Hr]);
    hr.post("/v1/notes", json!({ "key": "a", "text": "x" })).await.expect(201);

    let stranger = world.client_of(Uuid::now_v7(), "pay", Some("E1"), &[Role::Employee], &[]);
    stranger.get("/v1/notes/a").await.expect(404);
}

#[actix_web::test]
async fn given_a_full_disk_when_writing_then_nothing_is_kept_or_lost_and_readiness_says_so() {
    let world = World::start(&[service("pay")]).await;
    let hr = world.client("pay", Some("E1"), &[Role::Hr, Role::Employee]);
    let add = async |key: &str| {
        hr.json("POST", "/v1/notes", &[("idempotency-key", key)], json!({ "key": key, "text": key })).await
    };
    add("before").await.expect(201);
    let mut owner = world.database.connect("pay").await;
    // As PostgreSQL says it, at the last write of the transaction.
    let full = "create function full_disk() returns trigger language plpgsql as $$ begin
                    raise exception 'could not extend file \"base/5/16\": No space left on device' using errcode = '53100';
                end $$;
                create trigger full_disk before insert on outbox execute function full_disk();";
    owner.batch_execute(full).await.unwrap();

    let refused = add("meanwhile").await.expect(503);
    assert_eq!(
        (refused.str("/type"), refused.header("retry-after")),
        ("urn:steelyard:problem:unavailable", Some("30"))
    );
    hr.get("/v1/notes/before").await.expect(200);
    hr.get("/v1/notes/meanwhile").await.expect(404);
    let ready = world.anonymous("pay").get("/health/ready").await.expect(503);
    assert_eq!((&ready.body["storage"], &ready.body["database"]), (&json!(false), &json!(true)));

    owner.batch_execute("drop trigger full_disk on outbox").await.unwrap();
    add("meanwhile").await.expect(201);
    add("meanwhile").await.expect(201);
    assert_eq!(notes_of(&world, "pay").await, ["before", "meanwhile"]);
    assert_eq!(world.outbox("pay").await.len(), 2);
}

#[actix_web::test]
async fn given_a_running_service_when_asked_then_it_is_live_and_ready() {
    let world = World::start(&[service("pay")]).await;
    let anyone = world.anonymous("pay");
    anyone.get("/health/live").await.expect(200);
    let ready = anyone.get("/health/ready").await.expect(200);
    let all = json!({ "database": true, "redis": true, "keys": true, "storage": true, "stalled": [] });
    assert_eq!(ready.body, all);
}

#[actix_web::test]
async fn given_a_traceparent_when_calling_then_the_trace_goes_on_into_the_event() {
    let _telemetry = platform::telemetry::install_to_file("test", None, std::path::Path::new("/dev/null"));
    let world = World::start(&[service("pay")]).await;
    let hr = world.client("pay", Some("E1"), &[Role::Hr]);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let header = format!("00-{trace}-00f067aa0ba902b7-01");
    let answer = hr
        .json("POST", "/v1/notes", &[("traceparent", header.as_str())], json!({ "key": "a", "text": "x" }))
        .await
        .expect(201);
    assert_eq!(answer.header("x-trace-id"), Some(trace));

    let mut conn = world.database.connect("pay").await;
    let event = crate::store::first_event(&mut conn).await;
    assert!(event.traceparent.unwrap().contains(trace));
}

#[actix_web::test]
async fn given_a_language_when_refused_then_the_problem_is_told_in_it() {
    let world = World::start(&[service("pay")]).await;
    let hr = world.client("pay", Some("E1"), &[Role::Hr]);
    let refused = async |language: &str, path: &str, body: &str| {
        let headers = [("accept-language", language), ("content-type", "application/json")];
        hr.send("POST", path, &headers, body.as_bytes().to_vec()).await
    };

    let chinese = refused("zh-CN,zh;q=0.9,en;q=0.8", "/v1/notes", "{}").await.expect(422);
    assert_eq!(chinese.str("/title"), "请求内容有误");
    assert!(chinese.str("/errors/0/detail").starts_with("此项必填"), "{}", chinese.text);
    assert_eq!(chinese.header("content-language"), Some("zh-CN"));
    assert_eq!(refused("zh", "/v1/nowhere", "{}").await.expect(404).str("/detail"), "找不到该地址");
    assert_eq!(refused("zh", "/v1/notes", "{").await.expect(400).str("/title"), "请求无法解析");
    let anonymous = world.anonymous("pay").send("GET", "/v1/notes/a", &[("accept-language", "zh")], Vec::new()).await;
    assert_eq!(anonymous.expect(401).str("/title"), "请先登录");

    let english = refused("en-GB, zh;q=0.5", "/v1/notes", "{}").await.expect(422);
    assert_eq!(english.str("/title"), "The request contains errors");
    assert!(english.str("/errors/0/detail").starts_with("this is required"), "{}", english.text);
    assert_eq!(hr.get("/v1/nowhere").await.expect(404).str("/detail"), "there is no such address");
}
