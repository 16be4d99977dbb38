//! The service over a real database, through its API.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bodies;
mod delegations;
mod doors;
mod heads;
mod imports;
mod line;
mod meaning;
mod sign_in;
mod source;
mod themselves;

use organisation::{InitialPasswords, Settings, SigningKey};
use platform::config::Secret;
use platform::{Role, Service};
use serde_json::{Value, json};
use testkit::{Answer, Client, World};
use uuid::Uuid;

pub const BOOTSTRAP: &str = "only for tests";
pub const PASSWORD: &str = "correct horse battery";

pub fn service() -> Service {
    service_with(|settings| settings.initial_passwords = InitialPasswords::Keep)
}

/// The service as another installation runs it.
pub fn service_with(change: impl FnOnce(&mut Settings)) -> Service {
    let key = SigningKey::from_pem(Settings::generate_key_pem().unwrap().expose()).unwrap();
    let mut settings = Settings::new(vec![key], Secret::new(BOOTSTRAP));
    change(&mut settings);
    organisation::service(settings)
}

pub async fn world() -> World {
    World::start(&[service()]).await
}

/// Founds a company; tokens for it come from the world's issuer.
pub async fn found(world: &World, code: &str) -> Uuid {
    let client = Client::new(world.url("organisation"), Some(BOOTSTRAP.to_owned()));
    let admin = json!({ "username": "admin", "password": PASSWORD });
    let answer = client.post("/v1/companies", json!({ "code": code, "name": "恒信", "admin": admin })).await;
    answer.expect(201).str("/id").parse().unwrap()
}

pub fn as_role(world: &World, company: Uuid, role: Role) -> Client {
    world.client_of(company, "organisation", None, &[role], &[])
}

pub fn as_person(world: &World, company: Uuid, number: &str, roles: &[Role]) -> Client {
    world.client_of(company, "organisation", Some(number), roles, &[])
}

pub async fn import(client: &Client, query: &str, text: &str) -> Answer {
    let path = format!("/v1/imports?kind={query}");
    client.send("POST", &path, &[("content-type", "text/csv")], text.as_bytes().to_vec()).await
}

pub const UNITS: &str = "code,name,parent,category,fact:average_forms\nHQ,总部,,,\nNET,网络部,HQ,department,12\n";

/// E1 leads the company, E2 the network department with E3 and E4, who reports to E3.
pub const PEOPLE: &str = "\
number,name,email,unit,position,category,superior,dotted_superior,hired_on,left_on,locale
E1,王一,e1@example.com,HQ,,,,,2015-01-01,,
E2,李二,e2@example.com,NET,,staff,E1,,2016-01-01,,
E3,张三,e3@example.com,NET,,staff,E2,,2017-01-01,,en
E4,赵四,e4@example.com,NET,,staff,E3,E1,2018-01-01,,en
";

/// A company with these units and people, and its HR.
pub async fn company_with_people(world: &World) -> (Uuid, Client) {
    let company = found(world, "hengxin").await;
    let hr = as_role(world, company, Role::Hr);
    import(&hr, "units", UNITS).await.expect(200);
    import(&hr, "employees", PEOPLE).await.expect(200);
    (company, hr)
}

pub fn pointers(answer: &Answer) -> Vec<String> {
    let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
}

/// The claims of a token, unchecked.
pub fn claims(token: &str) -> Value {
    let body = token.split('.').nth(1).unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: String = body.chars().map(|c| format!("{:06b}", alphabet.find(c).unwrap())).collect();
    let bytes: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|b| u8::from_str_radix(std::str::from_utf8(b).unwrap(), 2).unwrap())
        .collect();
    serde_json::from_slice(&bytes).unwrap()
}
