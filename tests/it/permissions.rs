//! Walks every operation of every service with every role, for one's own company and another: what is
//! allowed is written down in docs/permissions.md, and nothing else is.

use std::collections::BTreeMap;
use std::fmt::Write;

use platform::Role;
use serde_json::{Value, json};
use testkit::{Answer, Client, World};
use uuid::Uuid;

const SCOPES: &[&str] = &["payroll.read", "facts.write"];

/// An operation of a service's document.
struct Operation {
    service: &'static str,
    method: String,
    path: String,
    public: bool,
}

fn operations(service: &platform::Service) -> Vec<Operation> {
    let document = platform::openapi(service).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            found.push(Operation {
                service: service.name,
                method: method.to_uppercase(),
                path: path.clone(),
                public: operation["security"]
                    .as_array()
                    .is_none_or(|ways| ways.iter().all(|way| way.get("bearer").is_none())),
            });
        }
    }
    found
}

/// The path with every parameter filled in with something that does not exist.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{version}" => "1".to_owned(),
        part if part.starts_with('{') && (part.contains("id") || part.contains("cycle")) => Uuid::now_v7().to_string(),
        part if part.starts_with('{') => "NOBODY".to_owned(),
        part => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

async fn answer(client: &Client, operation: &Operation) -> Answer {
    let body = if operation.method == "GET" { Vec::new() } else { json!({}).to_string().into_bytes() };
    let headers = [("content-type", "application/json"), ("if-match", "\"1\"")];
    client.send(&operation.method, &filled(&operation.path), &headers, body).await
}

async fn status(client: &Client, operation: &Operation) -> u16 {
    answer(client, operation).await.status
}

/// The permission that a refusal names.
fn permission(refused: &Answer) -> String {
    let detail = refused.str("/detail");
    detail
        .split_whitespace()
        .find(|word| word.contains('.'))
        .unwrap_or_else(|| panic!("no permission: {detail}"))
        .to_owned()
}

fn services() -> Vec<platform::Service> {
    standalone::services::described().unwrap()
}

#[actix_web::test]
async fn given_every_operation_when_called_by_every_role_then_only_what_is_written_down_is_allowed() {
    let world = World::start(&services()).await;
    let mut table: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    for operation in services().iter().flat_map(operations) {
        let name = format!("{} {}", operation.method, operation.path);
        let nobody = status(&world.anonymous(operation.service), &operation).await;
        if operation.public {
            assert!(![500, 503].contains(&nobody), "{name} answers {nobody} without a token");
            table.insert(format!("{} {name}", operation.service), (String::new(), vec!["anybody".to_owned()]));
            continue;
        }
        assert_eq!(nobody, 401, "{name} without a token");
        let powerless = answer(&world.client(operation.service, None, &[]), &operation).await.expect(403);
        let mut allowed = Vec::new();
        for role in Role::ALL.into_iter().filter(|role| *role != Role::Machine) {
            let code = status(&world.client(operation.service, Some("E001"), &[role]), &operation).await;
            assert_ne!(code, 401, "{name} as {role:?}");
            assert!(code < 500, "{name} as {role:?} answers {code}");
            if code != 403 {
                allowed.push(serde_json::to_value(role).unwrap().as_str().unwrap().to_owned());
            }
        }
        if status(&world.machine(operation.service, &[]), &operation).await != 403 {
            allowed.push("machine".to_owned());
        } else {
            for scope in SCOPES {
                if status(&world.machine(operation.service, &[scope]), &operation).await != 403 {
                    allowed.push(format!("scope {scope}"));
                }
            }
        }
        table.insert(format!("{} {name}", operation.service), (permission(&powerless), allowed));
    }

    let mut page = "# Who may call what\n\nWritten by the test that walks every operation with every role; a role opens the door, the rules of the\nresource (own plan, own report, own unit) decide behind it. Whoever has none of the roles is refused with 403, which names the permission.\n\n| service | operation | permission | allowed |\n|---|---|---|---|\n".to_owned();
    for (key, (permission, allowed)) in &table {
        let (service, operation) = key.split_once(' ').unwrap();
        writeln!(page, "| {service} | `{operation}` | {permission} | {} |", allowed.join(", ")).unwrap();
    }
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/permissions.md");
    if std::env::var_os("STEELYARD_WRITE_PERMISSIONS").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == page,
        "docs/permissions.md is stale: run this test with STEELYARD_WRITE_PERMISSIONS=1 and look at what changed"
    );
}

/// A person's things, asked for by strangers and by colleagues who have nothing to do with them.
#[actix_web::test]
async fn given_things_of_another_company_or_unit_when_asked_for_by_name_then_they_do_not_exist() {
    let system = tests::system::System::start().await;
    let size = tests::month::Size { units: 2, people_per_unit: 2 };
    let mut month = tests::month::Month::found(&system, "acme", size).await;
    let stranger = tests::month::Month::found(&system, "globex", size).await;
    month.appraise().await;
    month.paid().await;

    let mut ids: BTreeMap<&str, String> = BTreeMap::new();
    let first = |value: Value| player::api::text(&value, "/items/0/id").to_owned();
    ids.insert("cycles", month.cycle.clone());
    ids.insert("plans", first(month.hr.get(&format!("/v1/plans?cycle={}", month.cycle)).await.unwrap()));
    ids.insert("sheets", first(month.hr.get(&format!("/v1/sheets?cycle={}", month.cycle)).await.unwrap()));
    ids.insert("results", first(month.hr.get(&format!("/v1/cycles/{}/results", month.cycle)).await.unwrap()));
    ids.insert("statements", first(month.finance.get(&format!("/v1/statements?cycle={}", month.cycle)).await.unwrap()));
    for (kind, id) in &ids {
        assert!(!id.is_empty(), "no {kind} to ask for");
        let own = match *kind {
            "statements" => &month.finance,
            _ => &month.hr,
        };
        assert!(own.get(&format!("/v1/{kind}/{id}")).await.is_ok(), "{kind} for its own company");
        // The first of each belongs to a person of the first unit.
        let colleague = month.sign_in(&system, "e2").await;
        for caller in [month.head(1), &colleague] {
            let code = caller.get(&format!("/v1/{kind}/{id}")).await.err().map(|problem| problem.code);
            let hidden = [Some(platform::Code::NotFound), Some(platform::Code::NotPermitted)].contains(&code);
            assert!(hidden || *kind == "cycles", "{kind} of another unit or person: {code:?}");
        }
        for caller in [&stranger.hr, &stranger.executive, &stranger.finance, &stranger.admin] {
            let outcome = caller.get(&format!("/v1/{kind}/{id}")).await;
            let code = outcome.expect_err("a stranger read it").code;
            assert!([platform::Code::NotFound, platform::Code::NotPermitted].contains(&code), "{kind}: {code:?}");
        }
    }
    let simulation = json!({ "cycle": month.cycle });
    assert!(month.hr.post("/v1/simulations", simulation.clone()).await.is_ok());
    for caller in [&stranger.hr, &stranger.executive, &stranger.finance, &stranger.admin, month.head(1)] {
        let code = caller.post("/v1/simulations", simulation.clone()).await.expect_err("a stranger tried it").code;
        assert!([platform::Code::NotFound, platform::Code::NotPermitted].contains(&code), "simulations: {code:?}");
    }
    system.stop().await;
}
