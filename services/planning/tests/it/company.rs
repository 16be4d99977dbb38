//! A small company in planning: NET with head H1 and staff E1 and E2, OPS with head H2 and staff E3; G1, the
//! deputy, is the superior of both heads; P1 is HR. Only staff and leads are covered.

use diesel_async::RunQueryDsl;
use events::{Assignment, Employee, EmployeesChanged, Event, Unit, UnitsChanged, Values};
use jiff::civil::date;
use platform::Role;
use serde_json::{Value, json};
use testkit::{Answer, Client, World, eventually};

pub const PLANNED: &str = include_str!("planned.toml");
pub const UNPLANNED: &str = include_str!("unplanned.toml");
/// People only, rows from plans, a stage without days, an exclusion, terms of appeal.
pub const ROWED: &str = include_str!("rowed.toml");

/// The planned scheme with a stage in which the settled sheets are released.
pub fn released() -> String {
    let stage = "[[stages]]\ncode = \"hand_over\"\nlabel = { zh = \"下发\", en = \"release\" }\nrole = \"executive\"
does = \"release\"\nopens = \"10 of M\"\n\n[[stages]]\ncode = \"rate\"";
    PLANNED.replace("[[stages]]\ncode = \"rate\"", stage)
}

pub struct Company {
    pub world: World,
    pub hr: Client,
    pub executive: Client,
    pub deputy: Client,
    pub cycle: String,
}

#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
impl Company {
    /// The organisation has arrived; no cycle is open.
    pub async fn found() -> Self {
        let world = World::start(&[planning::service()]).await;
        world.publish(&Event::UnitsChanged(UnitsChanged { units: units() })).await;
        world.publish(&Event::EmployeesChanged(EmployeesChanged { employees: employees() })).await;
        let hr = world.client("planning", Some("P1"), &[Role::Employee, Role::Hr]);
        eventually("the organisation arrives", async || {
            let directory = hr.get("/v1/planning/directory").await.expect(200).body;
            (directory == json!({ "units": 3, "employees": 7, "bodies": 0 })).then_some(())
        })
        .await;
        Self {
            executive: world.client("planning", None, &[Role::Executive]),
            deputy: world.client("planning", Some("G1"), &[Role::Employee, Role::Manager]),
            cycle: String::new(),
            world,
            hr,
        }
    }

    /// With a scheme, and a cycle of it open for October 2026.
    pub async fn with_cycle(scheme: &str) -> Self {
        let mut company = Self::found().await;
        let code = company.upload(scheme).await;
        let opened = company.hr.post("/v1/cycles", json!({ "scheme": code, "period": "2026-10" })).await.expect(201);
        opened.str("/id").clone_into(&mut company.cycle);
        company
    }

    pub async fn upload(&self, scheme: &str) -> String {
        self.hr.post("/v1/schemes", json!({ "source": scheme })).await.expect(201).str("/code").to_owned()
    }

    pub fn employee(&self, number: &str) -> Client {
        self.world.client("planning", Some(number), &[Role::Employee])
    }

    pub fn head(&self, number: &str) -> Client {
        self.world.client("planning", Some(number), &[Role::Employee, Role::Manager, Role::UnitHead])
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/v1/cycles/{}{rest}", self.cycle)
    }

    /// The plan of somebody, as they read it.
    pub async fn plan(&self, number: &str) -> Answer {
        let me = self.employee(number);
        let plans = me.get("/v1/plans").await.expect(200);
        let mine = plans.body["items"].as_array().unwrap().iter().find(|plan| plan["number"] == number).unwrap();
        me.get(&format!("/v1/plans/{}", mine["id"].as_str().unwrap())).await.expect(200)
    }

    /// Tells planning of changed people and waits until it knows of them.
    pub async fn tell(&self, people: Vec<Employee>) {
        let (number, version) = (people[0].number.clone(), people[0].version);
        self.world.publish(&Event::EmployeesChanged(EmployeesChanged { employees: people })).await;
        self.arrived(&number, version).await;
    }

    /// Waits until planning has this version of somebody.
    pub async fn arrived(&self, number: &str, version: i64) {
        eventually("news of a person arrives", async || {
            let mut conn = self.world.database.connect("planning").await;
            let found: Vec<Version> = diesel::sql_query("select version from employees where number = $1")
                .bind::<diesel::sql_types::Text, _>(number)
                .load(&mut conn)
                .await
                .unwrap();
            found.iter().any(|one| one.version == version).then_some(())
        })
        .await;
    }

    /// The settled sheets that scoring was told, in order.
    pub async fn told_sheets(&self) -> Vec<events::SettledSheet> {
        let events = self.world.outbox("planning").await.into_iter().filter_map(|event| match event {
            Event::SheetsSettled(settled) => Some(settled.sheets),
            _ => None,
        });
        events.flatten().collect()
    }

    /// The subjects that scoring was told, in order.
    pub async fn told_subjects(&self) -> Vec<events::CycleSubject> {
        let events = self.world.outbox("planning").await.into_iter().filter_map(|event| match event {
            Event::SubjectsChanged(changed) => Some(changed.subjects),
            _ => None,
        });
        events.flatten().collect()
    }

    pub async fn submit(&self, number: &str, goals: Value) -> String {
        let plan = self.plan(number).await;
        let path = format!("/v1/plans/{}", plan.str("/id"));
        let me = self.employee(number);
        me.put(&path, plan.etag.as_deref(), json!({ "goals": goals })).await.expect(200);
        me.post(&format!("{path}/submit"), json!({})).await.expect(200);
        path
    }

    /// Everybody's plan handed in and approved, and the plans of both units.
    pub async fn approve_everything(&self) {
        self.collect_everything().await;
        for unit in ["NET", "OPS"] {
            self.approve(&self.deputy, &self.unit_plan(unit).await).await.expect(200);
        }
    }

    /// Everybody's plan handed in and approved, and the plans of both units handed in.
    pub async fn collect_everything(&self) {
        let plans: Vec<Value> =
            ["H1", "E1", "E2", "H2", "E3"].iter().map(|number| json!({ "number": number, "goals": goals() })).collect();
        self.hr.put(&self.path("/plans"), None, json!({ "plans": plans })).await.expect(200);
        for (unit, head) in [("NET", "H1"), ("OPS", "H2")] {
            let bulk = self.path(&format!("/units/{unit}/plans/approve"));
            self.head(head).post(&bulk, json!({})).await.expect(200);
            let own = self.plan(head).await;
            self.approve(&self.deputy, &format!("/v1/plans/{}", own.str("/id"))).await.expect(200);
            let collected = self.unit_plan(unit).await;
            self.head(head).post(&format!("{collected}/submit"), json!({})).await.expect(200);
        }
    }

    /// The plan of a unit.
    pub async fn unit_plan(&self, unit: &str) -> String {
        let units = self.hr.get(&self.path("/units")).await.expect(200);
        let found = units.body["items"].as_array().unwrap().iter().find(|one| one["code"] == unit).unwrap();
        format!("/v1/plans/{}", found["plan"].as_str().unwrap())
    }

    /// Decides about a plan in the last step that somebody was asked in.
    pub async fn decide(&self, who: &Client, plan: &str, decision: Value) -> Answer {
        let plan = self.hr.get(plan).await.expect(200);
        let step = plan.body["steps"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap();
        who.post(&format!("/v1/planning/steps/{step}/decision"), decision).await
    }

    pub async fn approve(&self, who: &Client, plan: &str) -> Answer {
        self.decide(who, plan, json!({ "verdict": "approved" })).await
    }

    pub async fn send_back(&self, who: &Client, plan: &str, reason: &str) -> Answer {
        self.decide(who, plan, json!({ "verdict": "returned", "reason": reason })).await
    }
}

#[derive(diesel::QueryableByName)]
struct Version {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    version: i64,
}

pub fn goals() -> Value {
    json!([{ "title": "Uptime", "weight": "60" }, { "title": "Service", "measure": "tickets", "weight": "40" }])
}

pub fn units() -> Vec<Unit> {
    let unit = |code: &str, head: &str| Unit {
        code: code.into(),
        name: format!("{code} department"),
        parent: Some("HQ".into()),
        category: Some("department".to_owned()),
        head: Some(head.into()),
        facts: Values::from([("average_forms".to_owned(), "3".to_owned())]),
        headships: Vec::new(),
        version: 1,
    };
    let hq = Unit { category: None, parent: None, ..unit("HQ", "G1") };
    vec![hq, unit("NET", "H1"), unit("OPS", "H2")]
}

pub fn employees() -> Vec<Employee> {
    let person = |number: &str, unit: &str, category: Option<&str>, superior: Option<&str>, roles: &[&str]| Employee {
        number: number.into(),
        name: format!("Person {number}"),
        email: Some(format!("{number}@company.example")),
        locale: "zh-CN".to_owned(),
        hired_on: Some(date(2020, 1, 1)),
        left_on: None,
        facts: Values::from([("undeclared".to_owned(), "1".to_owned())]),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        assignments: vec![Assignment {
            from: date(2020, 1, 1),
            unit: unit.into(),
            position: Some("engineer".to_owned()),
            category: category.map(str::to_owned),
            superior: superior.map(events::EmployeeNumber::from),
            dotted_superior: None,
        }],
        version: 1,
    };
    vec![
        person("G1", "HQ", None, None, &["executive"]),
        person("P1", "HQ", None, Some("G1"), &["hr"]),
        person("H1", "NET", Some("lead"), Some("G1"), &[]),
        person("E1", "NET", Some("staff"), Some("H1"), &[]),
        person("E2", "NET", Some("staff"), Some("H1"), &[]),
        person("H2", "OPS", Some("lead"), Some("G1"), &[]),
        person("E3", "OPS", Some("staff"), Some("H2"), &[]),
    ]
}
