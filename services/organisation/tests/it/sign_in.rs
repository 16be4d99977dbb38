use events::Event;
use platform::Role;
use serde_json::{Value, json};
use testkit::{Answer, World, eventually};

use crate::{PASSWORD, as_role, claims, company_with_people, found, pointers, world};

async fn sign_in(world: &World, username: &str, password: &str) -> Answer {
    let body = json!({ "grant_type": "password", "company": "HengXin", "username": username, "password": password });
    world.anonymous("organisation").post("/v1/tokens", body).await
}

#[actix_web::test]
async fn given_a_company_when_its_admin_signs_in_then_the_token_is_good_with_the_published_keys() {
    let world = world().await;
    let company = found(&world, "hengxin").await;
    let token = sign_in(&world, "ADMIN", PASSWORD).await.expect(200);
    assert_eq!((token.str("/token_type"), &token.body["expires_in"]), ("Bearer", &json!(900)));
    let claims = claims(token.str("/access_token"));
    assert_eq!(claims["company"], company.to_string());
    assert_eq!(claims["roles"], json!(["admin"]));
    // A replica that fetches the keys from this service accepts the token.
    let mut config = world.config("organisation");
    config.jwks_url = format!("{}/.well-known/jwks.json", world.url("organisation"));
    let replica = platform::service::start(&crate::service(), config).await.unwrap();
    let client =
        testkit::Client::new(format!("http://{}", replica.address), Some(token.str("/access_token").to_owned()));
    let me = eventually("the keys arrive", async || {
        let answer = client.get("/v1/me").await;
        (answer.status == 200).then_some(answer)
    })
    .await;
    assert_eq!(me.str("/company/code"), "hengxin");
    replica.stop().await;
}

#[actix_web::test]
async fn given_wrong_bootstrap_tokens_when_founding_then_nobody_founds_and_codes_are_unique() {
    let world = world().await;
    let body = json!({ "code": "hengxin", "name": "恒信", "admin": { "username": "admin", "password": PASSWORD } });
    world.anonymous("organisation").post("/v1/companies", body.clone()).await.expect(401);
    as_role(&world, world.company, Role::Admin).post("/v1/companies", body.clone()).await.expect(401);
    found(&world, "hengxin").await;
    let bootstrap = testkit::Client::new(world.url("organisation"), Some(crate::BOOTSTRAP.to_owned()));
    bootstrap.post("/v1/companies", body).await.expect(409);
    let wrong =
        json!({ "code": "a b", "name": "", "currency": "yuan", "admin": { "username": "", "password": "short" } });
    let answer = bootstrap.post("/v1/companies", wrong).await.expect(422);
    assert_eq!(pointers(&answer), ["/code", "/name", "/currency", "/admin/username", "/admin/password"]);
}

#[actix_web::test]
async fn given_people_when_they_sign_in_then_their_roles_follow_from_their_place() {
    let world = world().await;
    let (company, _) = company_with_people(&world).await;
    let admin = as_role(&world, company, Role::Admin);
    let account = |username: &str, employee: &str, roles: Value| json!({ "username": username, "password": PASSWORD, "employee": employee, "roles": roles });
    let accounts = [account("li.er", "E2", json!(["hr"])), account("zhao.si", "E4", json!([]))];
    admin.post("/v1/accounts/batch", json!({ "accounts": accounts })).await.expect(201);
    let roles = async |username: &str| {
        let token = sign_in(&world, username, PASSWORD).await.expect(200);
        claims(token.str("/access_token"))["roles"].clone()
    };
    assert_eq!(roles("li.er").await, json!(["employee", "manager", "unit_head", "hr"]));
    assert_eq!(roles("zhao.si").await, json!(["employee"]));
    let told = world.outbox("organisation").await;
    let Some(Event::EmployeesChanged(changed)) = told.last() else { panic!("{told:?}") };
    assert_eq!((changed.employees.len(), changed.employees[0].roles.as_slice()), (1, &["hr".to_owned()][..]));
}

#[actix_web::test]
async fn given_accounts_when_new_ones_clash_then_every_clash_is_named() {
    let world = world().await;
    let (company, _) = company_with_people(&world).await;
    let admin = as_role(&world, company, Role::Admin);
    let one = json!({ "username": "li", "password": PASSWORD, "employee": "E2" });
    admin.post("/v1/accounts", one).await.expect(201);
    let accounts = json!([
        { "username": "LI", "password": PASSWORD, "employee": "E2" },
        { "username": "wang", "password": PASSWORD, "employee": "E99" },
        { "username": "zhao", "password": PASSWORD, "employee": "E4" },
    ]);
    let answer = admin.post("/v1/accounts/batch", json!({ "accounts": accounts })).await.expect(422);
    assert_eq!(pointers(&answer), ["/accounts/0/username", "/accounts/0/employee", "/accounts/1/employee"]);
    let bad = json!({ "username": "x y", "password": "short", "roles": ["manager"] });
    let answer = admin.post("/v1/accounts", bad).await.expect(422);
    assert_eq!(pointers(&answer), ["/username", "/password", "/roles/0"]);
    assert_eq!(admin.get("/v1/accounts").await.expect(200).body["items"].as_array().unwrap().len(), 2);
}

#[actix_web::test]
async fn given_an_account_when_it_is_disabled_then_it_cannot_sign_in_and_its_roles_are_gone() {
    let world = world().await;
    let (company, _) = company_with_people(&world).await;
    let admin = as_role(&world, company, Role::Admin);
    let body = json!({ "username": "li", "password": PASSWORD, "employee": "E2", "roles": ["finance"] });
    let created = admin.post("/v1/accounts", body).await.expect(201);
    let path = format!("/v1/accounts/{}", created.str("/id"));
    let change = async |etag: &str, body: Value| admin.json("PATCH", &path, &[("if-match", etag)], body).await;
    admin.json("PATCH", &path, &[], json!({ "disabled": true })).await.expect(428);
    change("\"9\"", json!({ "disabled": true })).await.expect(412);
    change("\"1\"", json!({})).await.expect(422);
    change("\"1\"", json!({ "disabled": true })).await.expect(200);
    sign_in(&world, "li", PASSWORD).await.expect(401);
    let told = world.outbox("organisation").await;
    let Some(Event::EmployeesChanged(changed)) = told.last() else { panic!("{told:?}") };
    assert!(changed.employees[0].roles.is_empty());
    change("\"2\"", json!({ "disabled": false, "password": "another good one" })).await.expect(200);
    sign_in(&world, "li", PASSWORD).await.expect(401);
    sign_in(&world, "li", "another good one").await.expect(200);
    let accounts = admin.get("/v1/accounts").await.expect(200);
    let first = format!("/v1/accounts/{}", accounts.str("/items/0/id"));
    admin.json("PATCH", &first, &[("if-match", "\"1\"")], json!({ "disabled": true })).await.expect(409);
}

#[actix_web::test]
async fn given_ten_wrong_passwords_when_the_right_one_comes_then_the_name_is_locked_for_fifteen_minutes() {
    let world = world().await;
    found(&world, "hengxin").await;
    for _ in 0..10 {
        let known = sign_in(&world, "admin", "wrong wrong wrong").await.expect(401);
        let unknown = sign_in(&world, "nobody", "wrong wrong wrong").await.expect(401);
        assert_eq!(known.body, unknown.body);
    }
    sign_in(&world, "admin", PASSWORD).await.expect(429);
    sign_in(&world, "nobody", PASSWORD).await.expect(429);
    let later = world.clock.now().checked_add(jiff::SignedDuration::from_mins(16)).unwrap();
    world.clock.move_to(later);
    sign_in(&world, "admin", PASSWORD).await.expect(200);
}

#[actix_web::test]
async fn given_a_machine_client_when_it_signs_in_then_it_gets_its_scopes_until_it_is_deleted() {
    let world = world().await;
    let company = found(&world, "hengxin").await;
    let admin = as_role(&world, company, Role::Admin);
    let body = json!({ "name": "payroll", "scopes": ["payroll.read"] });
    let key = [("idempotency-key", "one")];
    let created = admin.json("POST", "/v1/clients", &key, body.clone()).await.expect(201);
    let again = admin.json("POST", "/v1/clients", &key, body).await.expect(201);
    assert_eq!(again.str("/client_id"), created.str("/client_id"));
    assert_eq!(again.body["client_secret"], Value::Null);
    let id = created.str("/client_id");
    let token = async |secret: &str| {
        let body = json!({ "grant_type": "client_credentials", "client_id": id, "client_secret": secret });
        world.anonymous("organisation").post("/v1/tokens", body).await
    };
    let good = token(created.str("/client_secret")).await.expect(200);
    let claims = claims(good.str("/access_token"));
    assert_eq!((&claims["roles"], &claims["scopes"]), (&json!(["machine"]), &json!(["payroll.read"])));
    token("wrong").await.expect(401);
    let rotated = admin.post(&format!("/v1/clients/{id}/secret"), json!({})).await.expect(200);
    token(created.str("/client_secret")).await.expect(401);
    token(rotated.str("/client_secret")).await.expect(200);
    admin.json("DELETE", &format!("/v1/clients/{id}"), &[], Value::Null).await.expect(204);
    token(rotated.str("/client_secret")).await.expect(401);
    let other = as_role(&world, found(&world, "other").await, Role::Admin);
    other.post(&format!("/v1/clients/{id}/secret"), json!({})).await.expect(404);
}
