//! Nobody decides about themselves, acts under another's name, or is kept out by others.

use std::process::Command;

use organisation::{ExclusiveRoles, InitialPasswords};
use platform::Role;
use serde_json::{Value, json};
use testkit::{Answer, Client, World};
use uuid::Uuid;

use crate::{PASSWORD, as_person, as_role, company_with_people, found, pointers, service_with, world};

/// What somebody sends to sign in, and the address the gateway says it comes from.
async fn knock(world: &World, address: &str, username: &str, password: &str) -> Answer {
    knock_with(world, address, json!({ "username": username, "password": password })).await
}

async fn knock_with(world: &World, address: &str, who: Value) -> Answer {
    let mut body = json!({ "grant_type": "password", "company": "hengxin" });
    body.as_object_mut().unwrap().extend(who.as_object().unwrap().clone());
    world.anonymous("organisation").json("POST", "/v1/tokens", &[("x-forwarded-for", address)], body).await
}

/// A client for whoever was let in, of a replica that knows the keys by which the service signs.
async fn signed_in(world: &World, answer: Answer) -> Client {
    let mut config = world.config("organisation");
    config.jwks_url = format!("{}/.well-known/jwks.json", world.url("organisation"));
    let replica = platform::service::start(&crate::service(), config).await.unwrap();
    testkit::eventually("the keys arrive", async || replica.platform.verifier.is_ready().then_some(())).await;
    // It runs as long as the test.
    let replica = Box::leak(Box::new(replica));
    Client::new(format!("http://{}", replica.address), Some(answer.expect(200).str("/access_token").to_owned()))
}

async fn log(world: &World, company: Uuid, action: &str) -> Vec<Value> {
    let auditor = as_role(world, company, Role::Auditor);
    let entries = auditor.get("/v1/organisation/audit-entries?limit=500").await.expect(200);
    entries.body["items"].as_array().unwrap().iter().filter(|entry| entry["action"] == action).cloned().collect()
}

const HOME: &str = "192.0.2.1";
const ELSEWHERE: &str = "192.0.2.2";

#[actix_web::test]
async fn given_somebody_who_guesses_when_the_owner_signs_in_from_elsewhere_then_they_are_let_in() {
    let world = world().await;
    let company = found(&world, "hengxin").await;
    for _ in 0..10 {
        knock(&world, ELSEWHERE, "admin", "wrong wrong wrong").await.expect(401);
    }

    let refused = knock(&world, ELSEWHERE, "admin", PASSWORD).await.expect(429);
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((800..=900).contains(&wait), "{wait}");
    knock(&world, HOME, "admin", PASSWORD).await.expect(200);

    let locked = log(&world, company, "accounts.locked").await;
    assert_eq!((locked.len(), &locked[0]["subject"]), (1, &json!("admin")));
}

#[actix_web::test]
async fn given_many_who_guess_one_name_when_strangers_come_then_they_wait_and_who_is_known_does_not() {
    let service = service_with(|settings| {
        settings.failures_allowed = 2;
        settings.initial_passwords = InitialPasswords::Keep;
    });
    let world = World::start(&[service]).await;
    found(&world, "hengxin").await;
    knock(&world, HOME, "admin", PASSWORD).await.expect(200);
    for guesser in 0..20 {
        knock(&world, &format!("198.51.100.{guesser}"), "admin", "wrong wrong wrong").await.expect(401);
    }

    let stranger = knock(&world, ELSEWHERE, "admin", PASSWORD).await.expect(429);
    assert_eq!(stranger.header("retry-after"), Some("60"));
    knock(&world, HOME, "admin", PASSWORD).await.expect(200);

    let later = world.clock.now().checked_add(jiff::SignedDuration::from_mins(16)).unwrap();
    world.clock.move_to(later);
    knock(&world, ELSEWHERE, "admin", PASSWORD).await.expect(200);
}

#[actix_web::test]
async fn given_no_limit_of_failures_when_somebody_guesses_then_the_right_password_is_good_all_the_same() {
    let service = service_with(|settings| {
        settings.failures_allowed = 0;
        settings.initial_passwords = InitialPasswords::Keep;
    });
    let world = World::start(&[service]).await;
    found(&world, "hengxin").await;
    for _ in 0..12 {
        knock(&world, HOME, "admin", "wrong wrong wrong").await.expect(401);
    }
    knock(&world, HOME, "admin", PASSWORD).await.expect(200);
}

#[actix_web::test]
async fn given_names_that_nobody_has_when_they_are_tried_often_then_nothing_of_them_is_in_the_log() {
    let world = world().await;
    let company = found(&world, "hengxin").await;
    for _ in 0..11 {
        knock(&world, HOME, "<b>\nno\u{202e}body</b>", "wrong wrong wrong").await;
    }
    assert!(log(&world, company, "accounts.locked").await.is_empty());
}

#[actix_web::test]
async fn given_an_admin_when_they_change_their_own_account_then_it_is_refused_and_anothers_is_changed() {
    let world = world().await;
    let company = found(&world, "hengxin").await;
    let admin = signed_in(&world, knock(&world, HOME, "admin", PASSWORD).await).await;
    let own = format!("/v1/accounts/{}", admin.get("/v1/me").await.expect(200).str("/account"));
    let match_one = [("if-match", "\"1\"")];
    let grants = json!({ "roles": ["admin", "committee_member"] });
    for change in [grants, json!({ "password": "another good one" }), json!({ "disabled": true })] {
        admin.json("PATCH", &own, &match_one, change).await.expect(403);
    }
    assert_eq!(admin.get(&own).await.expect(200).body["version"], json!(1));

    let other = json!({ "username": "second", "password": PASSWORD, "roles": ["admin"] });
    let path = format!("/v1/accounts/{}", admin.post("/v1/accounts", other).await.expect(201).str("/id"));
    admin.json("PATCH", &path, &match_one, json!({ "disabled": true })).await.expect(200);
    let created = log(&world, company, "accounts.created").await;
    // Whoever is nobody's cannot pass for an employee in the log.
    assert_eq!((&created[0]["actor"], created[0]["account"].is_string()), (&json!("@admin"), true));
}

#[actix_web::test]
async fn given_roles_that_exclude_each_other_when_granted_together_then_the_pair_is_named() {
    let world = world().await;
    let company = found(&world, "hengxin").await;
    let admin = as_role(&world, company, Role::Admin);
    let account = |roles: Value| json!({ "username": "li", "password": PASSWORD, "roles": roles });
    let refused = admin.post("/v1/accounts", account(json!(["hr", "auditor"]))).await.expect(422);
    assert_eq!(pointers(&refused), ["/roles"]);
    assert!(refused.str("/detail").contains("auditor and hr"));
    let created = admin.post("/v1/accounts", account(json!(["auditor"]))).await.expect(201);
    let path = format!("/v1/accounts/{}", created.str("/id"));
    let match_one = [("if-match", "\"1\"")];
    admin.json("PATCH", &path, &match_one, json!({ "roles": ["auditor", "finance"] })).await.expect(422);

    let lenient = World::start(&[service_with(|settings| {
        settings.exclusive_roles = ExclusiveRoles::read("none").unwrap();
    })])
    .await;
    let company = found(&lenient, "hengxin").await;
    let admin = as_role(&lenient, company, Role::Admin);
    admin.post("/v1/accounts", account(json!(["hr", "auditor"]))).await.expect(201);
}

#[actix_web::test]
async fn given_an_employees_number_when_an_account_is_called_so_then_it_is_their_own_or_refused() {
    let world = world().await;
    let (company, _) = company_with_people(&world).await;
    let admin = as_role(&world, company, Role::Admin);
    let account = |employee: Option<&str>| json!({ "username": "e1", "password": PASSWORD, "employee": employee, "roles": ["hr"] });
    for anothers in [None, Some("E2")] {
        let refused = admin.post("/v1/accounts", account(anothers)).await.expect(422);
        assert_eq!(pointers(&refused), ["/username"]);
    }
    admin.post("/v1/accounts", account(Some("E1"))).await.expect(201);
}

#[actix_web::test]
async fn given_an_account_that_decides_and_is_nobodys_when_it_is_made_then_it_is_noted() {
    let world = world().await;
    let (company, _) = company_with_people(&world).await;
    let admin = as_role(&world, company, Role::Admin);
    let account = |name: &str, employee: Option<&str>| json!({ "username": name, "password": PASSWORD, "employee": employee, "roles": ["hr"] });
    let nobodys = admin.post("/v1/accounts", account("import", None)).await.expect(201);
    let own = admin.post("/v1/accounts", account("li", Some("E2"))).await.expect(201);
    assert_eq!((&nobodys.body["unattributed"], &own.body["unattributed"]), (&json!(true), &json!(false)));
    let noted = log(&world, company, "accounts.unattributed").await;
    assert_eq!((noted.len(), &noted[0]["subject"]), (1, &json!("import")));
}

#[actix_web::test]
async fn given_a_password_set_by_somebody_else_when_it_is_used_then_only_to_choose_ones_own() {
    let world = World::start(&[service_with(|_| {})]).await;
    let company = found(&world, "hengxin").await;
    let refused = knock(&world, HOME, "admin", PASSWORD).await.expect(403);
    assert_eq!(refused.str("/type"), "urn:steelyard:problem:password-change-required");
    let with = async |new: &str| {
        let who = json!({ "username": "admin", "password": PASSWORD, "new_password": new });
        knock_with(&world, HOME, who).await
    };
    assert_eq!(pointers(&with("short").await.expect(422)), ["/new_password"]);
    with(PASSWORD).await.expect(422);
    with("a good one of my own").await.expect(200);
    let admin = as_role(&world, company, Role::Admin);
    knock(&world, HOME, "admin", PASSWORD).await.expect(401);
    assert_eq!(log(&world, company, "accounts.password-changed").await.len(), 1);

    let second = json!({ "username": "li", "password": PASSWORD, "roles": ["hr"] });
    let created = admin.post("/v1/accounts", second).await.expect(201);
    assert_eq!(created.body["must_change_password"], json!(true));
    let who = json!({ "username": "li", "password": PASSWORD, "new_password": "li's own long one" });
    knock_with(&world, HOME, who).await.expect(200);
    let path = format!("/v1/accounts/{}", created.str("/id"));
    let reset = json!({ "password": "set by the admin" });
    admin.json("PATCH", &path, &[("if-match", "\"2\"")], reset).await.expect(200);
    knock(&world, HOME, "li", "set by the admin").await.expect(403);
}

#[actix_web::test]
async fn given_ones_own_account_when_its_password_is_changed_then_with_the_old_one_only() {
    let world = world().await;
    found(&world, "hengxin").await;
    let admin = signed_in(&world, knock(&world, HOME, "admin", PASSWORD).await).await;
    let change = |old: &str, new: &str| json!({ "old_password": old, "new_password": new });
    let refused = admin.put("/v1/me/password", None, change("not the old one", "a better one here")).await.expect(422);
    assert_eq!(pointers(&refused), ["/old_password"]);
    let refused = admin.put("/v1/me/password", None, change(PASSWORD, "short")).await.expect(422);
    assert_eq!(pointers(&refused), ["/new_password"]);
    admin.put("/v1/me/password", None, change(PASSWORD, "a better one here")).await.expect(204);
    knock(&world, HOME, "admin", PASSWORD).await.expect(401);
    knock(&world, HOME, "admin", "a better one here").await.expect(200);
}

#[actix_web::test]
async fn given_somebody_who_leaves_when_their_last_day_is_over_then_they_cannot_sign_in() {
    let world = world().await;
    let (company, hr) = company_with_people(&world).await;
    let admin = as_role(&world, company, Role::Admin);
    let account = json!({ "username": "zhao", "password": PASSWORD, "employee": "E4" });
    admin.post("/v1/accounts", account).await.expect(201);
    let leaving = crate::PEOPLE.replace("E3,E1,2018-01-01,,en", "E3,E1,2018-01-01,2026-09-28,en");
    crate::import(&hr, "employees", &leaving).await.expect(200);
    knock(&world, HOME, "zhao", PASSWORD).await.expect(200);

    world.clock.move_to("2026-09-29T01:00:00Z".parse().unwrap());

    knock(&world, HOME, "zhao", PASSWORD).await.expect(401);
}

#[actix_web::test]
async fn given_a_reporting_line_when_somebody_asks_who_they_are_then_they_learn_who_is_above_by_name() {
    let world = world().await;
    let (company, _) = company_with_people(&world).await;
    let me = as_person(&world, company, "E4", &[Role::Employee]).get("/v1/me").await.expect(200);
    assert_eq!(me.body["superior"], json!({ "number": "E3", "name": "张三" }));
    assert_eq!(me.body["dotted_superior"], json!({ "number": "E1", "name": "王一" }));
    let unit = json!({ "code": "NET", "name": "网络部", "head": { "number": "E2", "name": "李二" } });
    assert_eq!(me.body["unit"], unit);
    let top = as_person(&world, company, "E1", &[Role::Employee]).get("/v1/me").await.expect(200);
    assert_eq!(top.body["superior"], Value::Null);
    let nobody = as_role(&world, company, Role::Hr).get("/v1/me").await.expect(200);
    assert_eq!((&nobody.body["employee"], &nobody.body["unit"]), (&Value::Null, &Value::Null));
}

#[actix_web::test]
async fn given_a_small_letter_bearer_when_founding_then_it_is_taken() {
    let world = world().await;
    let body = json!({ "code": "small", "name": "x", "admin": { "username": "admin", "password": PASSWORD } });
    let header = format!("bearer {}", crate::BOOTSTRAP);
    let founded =
        world.anonymous("organisation").json("POST", "/v1/companies", &[("authorization", &header)], body).await;
    founded.expect(201);
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_steelyard-organisation")).args(arguments).env_clear().output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn given_an_empty_environment_when_started_then_everything_that_is_missing_is_told_at_once() {
    let (code, _, told) = run(&[]);
    assert_eq!(code, Some(1));
    for name in ["DATABASE_URL", "REDIS_URL", "JWKS_URL", "SIGNING_KEYS_DIR", "BOOTSTRAP_TOKEN"] {
        assert!(told.contains(&format!("STEELYARD_{name}")), "{name} in {told}");
    }
    let (code, _, told) = run(&["migrate"]);
    assert_eq!((code, told.contains("STEELYARD_OWNER_DATABASE_URL")), (Some(1), true), "{told}");
}

#[test]
fn given_addresses_and_keys_that_cannot_be_when_started_then_each_is_told_by_the_name_of_its_variable() {
    let output = Command::new(env!("CARGO_BIN_EXE_steelyard-organisation"))
        .env_clear()
        .env("STEELYARD_DATABASE_URL", "db.example")
        .env("STEELYARD_REDIS_URL", "cache.example")
        .env("STEELYARD_JWKS_URL", "keys.example")
        .env("STEELYARD_SIGNING_KEYS_DIR", "/nowhere/at/all")
        .env("STEELYARD_BOOTSTRAP_TOKEN", "x")
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    for name in ["DATABASE_URL", "REDIS_URL", "JWKS_URL"] {
        assert!(told.contains(&format!("STEELYARD_{name}: this is no address such as ")), "{name} in {told}");
    }
    assert!(told.contains("STEELYARD_SIGNING_KEYS_DIR: /nowhere/at/all: No such file"), "{told}");
}

#[test]
fn given_a_question_when_started_then_it_is_answered_without_an_environment() {
    let (code, help, _) = run(&["--help"]);
    assert!(code == Some(0) && help.contains("migrate") && help.contains("replay"), "{help}");
    assert_eq!(run(&["--version"]).1, format!("steelyard-organisation {}\n", env!("CARGO_PKG_VERSION")));
    let (code, _, told) = run(&["sreve"]);
    assert!(code == Some(1) && told.contains("unknown command sreve") && told.contains("Usage"), "{told}");
}
