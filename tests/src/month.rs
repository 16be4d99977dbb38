//! One monthly cycle for a company of any size, in bulk, through the public API.

use std::fmt::Write;

use platform::{Code, Result};
use player::api::{Api, list, text};
use serde_json::{Value, json};
use testkit::eventually_within;

use crate::system::{BOOTSTRAP_TOKEN, System};

const PASSWORD: &str = "a-password-of-the-tests";
/// Rows that one request carries at most.
const AT_ONCE: usize = 5_000;

/// How large the company is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub units: usize,
    pub people_per_unit: usize,
}

impl Size {
    pub fn people(self) -> usize {
        self.units * self.people_per_unit
    }
}

/// A company with its accounts, and the cycle once it is open.
pub struct Month {
    pub code: String,
    pub size: Size,
    pub admin: Api,
    pub hr: Api,
    pub executive: Api,
    pub finance: Api,
    pub payroll: Api,
    pub cycle: String,
    heads: Vec<Api>,
    /// People of the first unit beside those of the size.
    also: Vec<String>,
}

fn unit(index: usize) -> String {
    format!("U{index:04}")
}

fn head(index: usize) -> String {
    format!("M{index:04}")
}

/// Employee numbers say the unit and the place in it.
pub fn person(unit: usize, index: usize) -> String {
    format!("E{unit:04}{index:05}")
}

/// The text of a scheme that ships with the product.
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
pub async fn template(hr: &Api, code: &str) -> String {
    let templates = hr.get("/v1/scheme-templates").await.expect("templates");
    let found = list(&templates, "/items").iter().find(|template| text(template, "/code") == code);
    text(found.expect("the template"), "/source").to_owned()
}

/// What a superior gives somebody.
pub fn ratings_of(number: &str) -> impl Iterator<Item = Value> {
    RATINGS.iter().map(move |(item, row, value)| {
        json!({ "number": number, "item": item, "row": row, "input": "superior", "value": value, "evidence": "as noted on the 12th" })
    })
}

#[allow(clippy::expect_used, reason = "a test fails by panicking")]
impl Month {
    /// A company with people, pay profiles and accounts.
    pub async fn found(system: &System, code: &str, size: Size) -> Self {
        let api = system.api();
        let body = json!({ "code": code, "name": code, "admin": { "username": "admin", "password": PASSWORD } });
        api.with_token(BOOTSTRAP_TOKEN).post("/v1/companies", body).await.expect("a company");
        let admin = api.sign_in(code, "admin", PASSWORD).await.expect("the administrator");
        admin
            .post("/v1/accounts", json!({ "username": "import", "password": PASSWORD, "roles": ["hr", "finance"] }))
            .await
            .expect("an account");
        let import = api.sign_in(code, "import", PASSWORD).await.expect("HR");
        for (kind, file) in [("units", units(size)), ("employees", employees(size)), ("pay", pay(size))] {
            let path = format!("/v1/imports?kind={kind}&effective_on=2026-09-01");
            for part in parts(&file) {
                import.post_file(&path, "text/csv", part.into_bytes()).await.expect(kind);
            }
        }
        let mut accounts = vec![
            json!({ "username": "executive", "password": PASSWORD, "employee": "G001", "roles": ["executive"] }),
            json!({ "username": "hr", "password": PASSWORD, "employee": "H001", "roles": ["hr"] }),
            json!({ "username": "finance", "password": PASSWORD, "employee": "F001", "roles": ["finance"] }),
            json!({ "username": "e1", "password": PASSWORD, "employee": person(0, 0), "roles": [] }),
            json!({ "username": "e2", "password": PASSWORD, "employee": person(0, 1), "roles": [] }),
        ];
        for index in 0..size.units {
            accounts
                .push(json!({ "username": head(index), "password": PASSWORD, "employee": head(index), "roles": [] }));
        }
        for batch in accounts.chunks(500) {
            admin.post("/v1/accounts/batch", json!({ "accounts": batch })).await.expect("accounts");
        }
        let sign_in = async |name: &str| api.sign_in(code, name, PASSWORD).await.expect(name);
        let mut heads = Vec::new();
        for index in 0..size.units {
            heads.push(sign_in(&head(index)).await);
        }
        let client = admin
            .post("/v1/clients", json!({ "name": "payroll", "scopes": ["payroll.read"] }))
            .await
            .expect("a client");
        let payroll =
            api.sign_in_client(text(&client, "/client_id"), text(&client, "/client_secret")).await.expect("payroll");
        Self {
            code: code.to_owned(),
            size,
            hr: sign_in("hr").await,
            executive: sign_in("executive").await,
            finance: sign_in("finance").await,
            payroll,
            admin,
            cycle: String::new(),
            heads,
            also: Vec::new(),
        }
    }

    /// A company whose month is appraised and published.
    pub async fn published(system: &System, code: &str, size: Size) -> Self {
        let mut month = Self::found(system, code, size).await;
        month.appraise().await;
        month
    }

    /// From its opening to its publication.
    pub async fn appraise(&mut self) {
        self.open().await;
        self.plan().await;
        self.score().await;
        self.close().await;
        self.publish().await;
    }

    /// A person who signs in as an employee: `e1` and `e2` are the first two of the first unit.
    pub async fn sign_in(&self, system: &System, name: &str) -> Api {
        system.api().sign_in(&self.code, name, PASSWORD).await.expect(name)
    }

    /// The head of a unit.
    pub fn head(&self, unit: usize) -> &Api {
        self.heads.get(unit).expect("a unit of the company")
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/cycles/{}{rest}", self.cycle)
    }

    /// One more person of the first unit, from here on.
    pub async fn join(&mut self, import: &Api, number: &str) {
        let file = format!(
            "{EMPLOYEE_COLUMNS}{number},新人,{number}@company.example,U0000,Engineer,staff,M0000,,2026-09-01,,en\n"
        );
        let path = "/v1/imports?kind=employees&effective_on=2026-09-01";
        import.post_file(path, "text/csv", file.into_bytes()).await.expect("the newcomer");
        self.also.push(number.to_owned());
    }

    /// Everybody who is appraised.
    pub fn people(&self) -> usize {
        self.size.people() + self.also.len()
    }

    /// Opens the cycle once everybody has arrived in planning.
    pub async fn open(&mut self) {
        self.open_with(json!({})).await;
    }

    /// Opens the cycle with facts of the company.
    pub async fn open_with(&mut self, company_facts: Value) {
        let body = json!({ "scheme": "monthly-kpi", "period": "2026-10", "company_facts": company_facts });
        let (hr, people) = (self.hr.clone(), self.people() + 3 + self.size.units);
        eventually_long(self.people(), "everybody is known to planning", async || {
            let known = hr.get("/v1/planning/directory").await.ok()?;
            (known["employees"].as_u64()? as usize == people).then_some(())
        })
        .await;
        let cycle = self.hr.post("/v1/cycles", body).await.expect("the cycle opens");
        self.cycle = text(&cycle, "/id").to_owned();
    }

    /// Plans entered by HR on people's behalf, collected, approved, settled and released.
    pub async fn plan(&self) {
        let goals = json!([{ "title": "what the department's target asks", "weight": "100" }]);
        for batch in self.numbers().chunks(AT_ONCE) {
            let plans: Vec<Value> = batch.iter().map(|n| json!({ "number": n, "goals": goals })).collect();
            self.hr.put(&self.path("/plans"), json!({ "plans": plans })).await.expect("plans");
        }
        for (index, head) in self.heads.iter().enumerate() {
            let unit = unit(index);
            head.post(&self.path(&format!("/units/{unit}/plans/approve")), json!({})).await.expect("plans approved");
            self.hand_in_unit_plan(head, &unit).await;
        }
        self.decide_plans().await;
        self.hr.post(&self.path("/sheets/settle"), json!({})).await.expect("sheets settled");
        self.confirm_sheets().await;
        self.executive.post(&self.path("/release"), json!({})).await.expect("released");
    }

    /// The head hands in what the unit's people plan.
    pub async fn hand_in_unit_plan(&self, head: &Api, unit: &str) {
        let units = head.get(&self.path("/units")).await.expect("units");
        let found = list(&units, "/items").iter().find(|one| text(one, "/code") == unit).expect("the unit");
        let path = format!("/v1/plans/{}/submit", text(found, "/plan"));
        head.post(&path, json!({})).await.expect("unit plan submitted");
    }

    /// The executive approves every plan that waits for one.
    pub async fn decide_plans(&self) {
        while self.decide(&self.executive, true).await {}
    }

    /// Every head confirms the sheets of their unit.
    pub async fn confirm_sheets(&self) {
        for head in &self.heads {
            self.decide(head, false).await;
        }
    }

    /// Approves what waits for somebody: plans, or sheets; whether there was anything.
    async fn decide(&self, who: &Api, plans: bool) -> bool {
        let path = format!("/v1/planning/steps?cycle={}&limit=500", self.cycle);
        let asked = who.get(&path).await.expect("steps");
        let of = list(&asked, "/items").iter().filter(|step| step["plan"].is_string() == plans);
        let steps: Vec<&Value> = of.filter(|step| !list(step, "/actions").is_empty()).collect();
        for step in &steps {
            let path = format!("/v1/planning/steps/{}/decision", text(step, "/id"));
            who.post(&path, json!({ "verdict": "approved" })).await.expect("it is approved");
        }
        !steps.is_empty()
    }

    /// Unit scores, measured values and everybody's ratings.
    pub async fn score(&self) {
        let (hr, path) = (self.hr.clone(), self.path("/scoring"));
        let people = self.people() as u64;
        eventually_long(self.people(), "the sheets arrive in scoring", async || {
            let scoring = hr.get(&path).await.ok()?;
            (scoring["sheets"].as_u64()? >= people && text(&scoring, "/state") == "open").then_some(())
        })
        .await;
        let score = |u: usize| json!({ "subject": format!("unit:{}", unit(u)), "path": "score", "value": "88" });
        let scores: Vec<Value> = (0..self.size.units).map(score).collect();
        self.executive.post(&self.path("/facts"), json!({ "facts": scores })).await.expect("unit scores");
        for batch in self.numbers().chunks(AT_ONCE) {
            let mut file = "subject,path,value\n".to_owned();
            for number in batch {
                for (item, input, value) in MEASURED {
                    writeln!(file, "person:{number},item.{item}.{input},{value}").expect("text");
                }
            }
            self.hr.post_file(&self.path("/facts"), "text/csv", file.into_bytes()).await.expect("measured values");
        }
        for (index, head) in self.heads.iter().enumerate() {
            let people: Vec<String> = self.numbers_of(index);
            for batch in people.chunks(AT_ONCE) {
                let ratings: Vec<Value> = batch.iter().flat_map(|number| ratings_of(number)).collect();
                head.post(&self.path("/ratings"), json!({ "ratings": ratings })).await.expect("ratings");
            }
            head.post(&self.path("/ratings/submit"), json!({})).await.expect("ratings submitted");
        }
        for batch in self.numbers().chunks(AT_ONCE) {
            let rated = batch.iter().map(|n| json!({ "number": n, "item": "conduct", "input": "hr", "value": "2" }));
            let ratings: Vec<Value> = rated.collect();
            self.hr.post(&self.path("/ratings"), json!({ "ratings": ratings })).await.expect("conduct");
        }
        self.hr.post(&self.path("/ratings/submit"), json!({})).await.expect("HR's part submitted");
    }

    pub async fn close(&self) {
        self.hr.post(&self.path("/close"), json!({})).await.expect("closing begins");
        self.closed().await;
    }

    pub async fn closed(&self) {
        let (hr, path) = (self.hr.clone(), self.path("/closing"));
        eventually_long(self.people(), "the cycle is computed", async || {
            let closing = hr.get(&path).await.ok()?;
            assert_ne!(text(&closing, "/state"), "failed", "{closing}");
            (text(&closing, "/state") == "computed").then_some(())
        })
        .await;
    }

    pub async fn publish(&self) {
        self.executive.post(&self.path("/publish"), json!({})).await.expect("published");
    }

    /// Waits until everybody's statement is in the payroll feed.
    pub async fn paid(&self) {
        let (finance, path, people) = (self.finance.clone(), self.path("/pay-run"), self.people() as u64);
        eventually_long(self.people(), "everybody's statement is issued", async || {
            let run = finance.get(&path).await.ok()?;
            (run["people"].as_u64()? == people).then_some(())
        })
        .await;
    }

    /// How many lines the payroll feed has.
    pub async fn feed_lines(&self) -> usize {
        self.feed_text().await.lines().count()
    }

    async fn feed_text(&self) -> String {
        self.payroll.get_text("/v1/payroll/statements", "application/x-ndjson").await.expect("the feed")
    }

    /// The payroll feed, read to its end.
    pub async fn feed(&self) -> Vec<Value> {
        let text = self.feed_text().await;
        text.lines().map(|line| serde_json::from_str(line).expect("a statement")).collect()
    }

    /// All results as HR sees them.
    pub async fn results(&self) -> Vec<Value> {
        let mut results = Vec::new();
        let mut after = String::new();
        loop {
            let page =
                self.hr.get(&self.path(&format!("/results?kind=person&limit=500{after}"))).await.expect("results");
            results.extend(list(&page, "/items").iter().cloned());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return results,
            }
        }
    }

    fn numbers(&self) -> Vec<String> {
        (0..self.size.units).flat_map(|unit| self.numbers_of(unit)).collect()
    }

    fn numbers_of(&self, unit: usize) -> Vec<String> {
        let also = self.also.iter().filter(|_| unit == 0).cloned();
        (0..self.size.people_per_unit).map(|place| person(unit, place)).chain(also).collect()
    }

    /// Corrects what somebody's published result rests on.
    pub async fn correct(&self, number: &str, path: &str, value: Value, reason: &str) -> Result<Value> {
        let change = json!({ "subject": format!("person:{number}"), "path": path, "value": value });
        let body = json!({ "cycle": self.cycle, "reason": reason, "changes": [change] });
        self.hr.post("/v1/corrections", body).await
    }

    /// Whether a refusal is of this kind.
    pub fn refused(outcome: &Result<Value>, code: Code) -> bool {
        outcome.as_ref().is_err_and(|problem| problem.code == code)
    }
}

/// Everybody scores 88.40: 44 for the department, 36 for what the plan asks of the post, 8.40 for the rest.
const MEASURED: &[(&str, &str, &str)] = &[("attendance", "actual", "20"), ("attendance", "expected", "21")];

/// The plan's one goal stands for the items of the post.
const RATINGS: &[(&str, Option<u32>, &str)] =
    &[("post_tasks", Some(0), "36"), ("execution", None, "A"), ("potential", None, "B"), ("appearance", None, "C")];

/// Where a correction finds what the superior gave for the goal.
pub const GOAL: &str = "/items/post_tasks/rows/0/superior";

fn units(size: Size) -> String {
    let mut file = "code,name,parent,category,fact:average_forms\nHQ,总部,,headquarters,\n".to_owned();
    for index in 0..size.units {
        let code = unit(index);
        let _ = writeln!(file, "{code},部门{index},HQ,department,20.4");
    }
    file
}

const EMPLOYEE_COLUMNS: &str =
    "number,name,email,unit,position,category,superior,dotted_superior,hired_on,left_on,locale\n";

fn employees(size: Size) -> String {
    let mut file = EMPLOYEE_COLUMNS.to_owned();
    for (number, superior) in [("G001", ""), ("H001", "G001"), ("F001", "G001")] {
        let _ = writeln!(
            file,
            "{number},管理{number},{number}@company.example,HQ,Manager,leader,{superior},,2015-01-05,,zh-CN"
        );
    }
    for index in 0..size.units {
        let (unit, head) = (unit(index), head(index));
        let _ = writeln!(file, "{head},主管{index},{head}@company.example,{unit},Head,manager,G001,,2016-03-01,,zh-CN");
        for place in 0..size.people_per_unit {
            let number = person(index, place);
            let locale = if place % 2 == 0 { "zh-CN" } else { "en" };
            let _ = writeln!(
                file,
                "{number},员工{place},{number}@company.example,{unit},Engineer,staff,{head},,2020-03-01,,{locale}"
            );
        }
    }
    file
}

/// A table as files of fifty thousand rows, which is what one import takes.
fn parts(file: &str) -> Vec<String> {
    let (head, rows) = file.split_once('\n').unwrap_or((file, ""));
    let rows: Vec<&str> = rows.lines().collect();
    rows.chunks(50_000).map(|part| format!("{head}\n{}\n", part.join("\n"))).collect()
}

fn pay(size: Size) -> String {
    let mut file = "number,base_salary\n".to_owned();
    for index in 0..size.units {
        for place in 0..size.people_per_unit {
            let _ = writeln!(file, "{},8000.00", person(index, place));
        }
    }
    file
}

/// Large companies take their time, a second for every 200 people.
async fn eventually_long<T>(people: usize, what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let limit = std::time::Duration::from_secs(60 + people as u64 / 200);
    eventually_within(limit, what, &mut probe).await
}
