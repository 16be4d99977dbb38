//! A company with two departments and a cycle that planning has opened.

use std::collections::BTreeMap;
use std::time::Duration;

use events::{
    Assignment, BodiesChanged, Body, CycleOpened, CyclePublished, CycleSubject, Employee, EmployeesChanged, Event, Row,
    Seat, SettledSheet, SheetsSettled, Stage, Standing, Subject, SubjectsChanged, Values,
};
use platform::Role::{self, *};
use serde_json::{Value, json};
use testkit::{Answer, Client, World, eventually, eventually_within};
use uuid::Uuid;

/// NET is led by M001 with E001 and E002, OPS by M002 with E003; both heads are led by X001.
pub const PEOPLE: [(&str, &str, &str); 5] = [
    ("M001", "NET", "X001"),
    ("E001", "NET", "M001"),
    ("E002", "NET", "M001"),
    ("M002", "OPS", "X001"),
    ("E003", "OPS", "M002"),
];

pub const UNITS: [(&str, &str); 2] = [("NET", "M001"), ("OPS", "M002")];

pub struct Company {
    pub world: World,
    pub cycle: Uuid,
}

/// A shipped scheme by its code.
pub fn shipped(code: &str) -> &'static str {
    let shipped = domain::scheme::Scheme::shipped();
    shipped.iter().find(|(known, _)| *known == code).map(|(_, source)| *source).expect("a shipped scheme")
}

pub fn scheme() -> &'static str {
    shipped("monthly-kpi")
}

/// The first policy with a forced distribution, within a unit or the company, in place of its bands.
pub fn ranked(within: &str) -> String {
    let start = scheme().find("bands = {").expect("bands");
    let end = start + scheme()[start..].find("] }").expect("their end") + 3;
    let quota = format!("quota = {{ by = \"score\", within = \"{within}\", shares = \"table.shares\" }}");
    let table = "[[tables]]\nname = \"shares\"\nlabel = { zh = \"比例\", en = \"shares\" }\n\
        default = { A1 = 20, A2 = 20, A3 = 20, B1 = 20, B2 = 20, B3 = 0, C = 0, D = 0 }\n\n";
    let ranked = format!("{}{quota}{}", &scheme()[..start], &scheme()[end..]);
    ranked.replacen("[units]", &format!("{table}[units]"), 1)
}

/// The first policy with a figure of the company in its pay: a profit share of 1 where nobody gives one.
pub fn sharing_profit() -> String {
    let fact = "[company]\n\n[[company.facts]]\nname = \"profit_share\"\n\
        label = { zh = \"利润系数\", en = \"profit share\" }\ndefault = 1\n\n[people]\n";
    let with_fact = scheme().replacen("[people]\n", fact, 1);
    with_fact.replacen(
        "performance_share * coefficient",
        "performance_share * coefficient * company.fact.profit_share",
        1,
    )
}

/// A cycle of a scheme in a cadence.
pub fn opening(cycle: Uuid, source: &str, cadence: &str, period: &str) -> CycleOpened {
    let code = source.split("\ncode = \"").nth(1).and_then(|rest| rest.split('"').next()).expect("a code");
    CycleOpened {
        cycle,
        name: None,
        scheme_code: code.to_owned(),
        scheme_version: 1,
        scheme_source: source.into(),
        cadence: cadence.into(),
        period: period.into(),
        parameters: json!({}),
        company_facts: Values::new(),
        stages: vec![Stage {
            code: "score".into(),
            opens: Some("2026-10-26".parse().expect("a day")),
            due: Some("2026-10-28".parse().expect("a day")),
        }],
    }
}

/// A month of the first policy.
pub fn opened(cycle: Uuid, period: &str) -> Event {
    Event::CycleOpened(opening(cycle, scheme(), "monthly", period))
}

fn appraised(subject: Subject, name: String) -> CycleSubject {
    CycleSubject {
        subject,
        name,
        unit: None,
        position: None,
        category: None,
        own_category: None,
        superior: None,
        superior_above: None,
        head: None,
        co_head: None,
        head_since: None,
        leader: Some("X001".into()),
        dotted: None,
        hired_on: None,
        left_on: None,
        facts: Values::new(),
        standing: Standing::In,
        why: None,
        version: 1,
    }
}

pub fn person(number: &str, unit: &str, head: &str, superior: &str) -> CycleSubject {
    CycleSubject {
        unit: Some(unit.into()),
        category: Some("staff".into()),
        superior: Some(superior.into()),
        head: Some(head.into()),
        hired_on: Some("2020-03-01".parse().expect("a day")),
        ..appraised(Subject::person(number), format!("Name of {number}"))
    }
}

pub fn unit(code: &str, head: &str) -> CycleSubject {
    CycleSubject {
        category: Some("department".into()),
        head: Some(head.into()),
        facts: Values::from([("unknown_to_the_scheme".into(), "1".into())]),
        ..appraised(Subject::unit(code), format!("Department {code}"))
    }
}

pub fn changed(cycle: Uuid, subjects: Vec<CycleSubject>) -> Event {
    Event::SubjectsChanged(SubjectsChanged { cycle, subjects })
}

/// A sheet without rows, in its first edition.
pub fn sheet(number: &str) -> SettledSheet {
    edition(number, 1, Vec::new())
}

pub fn edition(number: &str, edition: i32, rows: Vec<Row>) -> SettledSheet {
    SettledSheet {
        subject: Subject::person(number),
        edition,
        rows,
        weights: Values::new(),
        priorities: Vec::new(),
        version: i64::from(edition),
    }
}

pub fn settled(cycle: Uuid, sheets: Vec<SettledSheet>) -> Event {
    Event::SheetsSettled(SheetsSettled { cycle, sheets, redo: None })
}

fn employee(number: &str, unit: &str, superior: Option<&str>) -> Employee {
    Employee {
        number: number.into(),
        name: format!("Name of {number}"),
        email: None,
        locale: "zh-CN".into(),
        hired_on: None,
        left_on: None,
        facts: Values::new(),
        roles: Vec::new(),
        assignments: vec![Assignment {
            from: "2020-03-01".parse().expect("a day"),
            unit: unit.into(),
            position: None,
            category: None,
            superior: superior.map(Into::into),
            dotted_superior: None,
        }],
        version: 1,
    }
}

impl Company {
    /// The tasks about a whole cycle that are open, with who has them and until when.
    pub async fn tasks_of_cycle(&self) -> Vec<(String, String, Option<String>)> {
        let mut open: BTreeMap<String, events::WorkItem> = BTreeMap::new();
        for event in self.world.outbox("scoring").await {
            let Event::ScoringTasksChanged(told) = event else { continue };
            for task in told.tasks.into_iter().filter(|task| task.about == Subject::company()) {
                if open.get(&task.key).is_none_or(|known| known.version < task.version) {
                    open.insert(task.key.clone(), task);
                }
            }
        }
        let open = open.into_values().filter(|task| !task.done);
        open.map(|task| (task.operation, task.holder, task.due.map(|due| due.to_string()))).collect()
    }

    /// Whether the only task about the whole cycle is to publish it.
    pub async fn is_to_be_published(&self) -> bool {
        let tasks = self.tasks_of_cycle().await;
        tasks.iter().map(|(operation, ..)| operation.as_str()).eq(["publish_results"])
    }

    /// Where nothing is opened yet; the people are known.
    pub async fn empty() -> Self {
        let world = World::start(&[scoring::service()]).await;
        let others =
            [("X001", "TOP"), ("H001", "HR"), ("H002", "HR")].map(|(number, unit)| employee(number, unit, None));
        let people = PEOPLE.iter().map(|(number, unit, superior)| employee(number, unit, Some(superior)));
        let employees = people.chain(others).collect();
        world.publish(&Event::EmployeesChanged(EmployeesChanged { employees })).await;
        let company = Self { world, cycle: Uuid::now_v7() };
        let hr = company.hr();
        let arrived = async || (hr.get("/v1/scoring/directory").await.body["people"] == 8).then_some(());
        eventually("the people are known", arrived).await;
        company
    }

    /// With a cycle that is being scored.
    pub async fn scoring() -> Self {
        Self::scoring_by(scheme()).await
    }

    /// With a cycle of another scheme.
    pub async fn scoring_by(source: &str) -> Self {
        Self::scoring_with(source, Values::new()).await
    }

    /// With a cycle of another scheme, and facts of the company.
    pub async fn scoring_with(source: &str, company_facts: Values) -> Self {
        let company = Self::empty().await;
        let opened = opening(company.cycle, source, "monthly", "2026-10");
        company.open_all(CycleOpened { company_facts, ..opened }).await;
        company
    }

    /// A body of these members.
    pub async fn found_body(&self, code: &str, members: &[&str]) {
        let seat = |number: &&str| Seat {
            number: (*number).into(),
            office: "member".to_owned(),
            in_charge: Vec::new(),
            represents: None,
            from: "2020-01-01".parse().expect("a day"),
            until: None,
        };
        let (name_zh, name_en) = (code.to_owned(), code.to_owned());
        let seats = members.iter().map(seat).collect();
        let body =
            Body { code: code.to_owned(), name_zh, name_en, seats, rule: events::BodyRule::default(), version: 1 };
        self.world.publish(&Event::BodiesChanged(BodiesChanged { bodies: vec![body] })).await;
        let hr = self.hr();
        let known = async || (hr.get("/v1/scoring/directory").await.body["bodies"] == 1).then_some(());
        eventually("the body is known", known).await;
    }

    /// Somebody acts for somebody else from now on.
    pub async fn delegate(&self, of: &str, to: &str, purpose: &str) {
        let delegation = events::Delegation {
            id: Uuid::now_v7(),
            of: of.into(),
            to: to.into(),
            purpose: purpose.to_owned(),
            from: "2026-01-01".parse().expect("a day"),
            until: "2026-12-31".parse().expect("a day"),
            revoked: false,
            version: 1,
        };
        let hr = self.hr();
        let count = async || hr.get("/v1/scoring/directory").await.body["delegations"].as_i64();
        let before = count().await;
        let delegations = vec![delegation];
        self.world.publish(&Event::DelegationsChanged(events::DelegationsChanged { delegations })).await;
        eventually("the delegation is known", async || (count().await > before).then_some(())).await;
    }

    /// Another month of the first policy.
    pub async fn open(&self, cycle: Uuid, period: &str) {
        self.open_all(opening(cycle, scheme(), "monthly", period)).await;
    }

    /// Opens a cycle with everybody in it.
    pub async fn open_all(&self, opened: CycleOpened) {
        let cycle = opened.cycle;
        self.world.publish(&Event::CycleOpened(opened)).await;
        for (code, head) in UNITS {
            let members = PEOPLE.iter().filter(|(_, of, _)| *of == code);
            let people = members.clone().map(|(number, _, superior)| person(number, code, head, superior));
            self.world.publish(&changed(cycle, std::iter::once(unit(code, head)).chain(people).collect())).await;
            self.world.publish(&settled(cycle, members.map(|(number, ..)| sheet(number)).collect())).await;
        }
        self.until_sheets(cycle, 5).await;
    }

    pub async fn until_sheets(&self, cycle: Uuid, count: i64) {
        let hr = self.hr();
        let path = format!("/v1/cycles/{cycle}/scoring");
        let all = async || (hr.get(&path).await.body["sheets"] == count).then_some(());
        eventually_within(Duration::from_secs(120), "the sheets are there", &mut { all }).await;
    }

    pub async fn until(&self, cycle: Uuid, state: &str) {
        let hr = self.hr();
        let path = format!("/v1/cycles/{cycle}/scoring");
        eventually(state, async || (hr.get(&path).await.str("/state") == state).then_some(())).await;
    }

    pub fn client(&self, number: &str, roles: &[Role]) -> Client {
        self.world.client("scoring", Some(number), roles)
    }

    pub fn employee(&self, number: &str) -> Client {
        self.client(number, &[Employee])
    }

    pub fn hr(&self) -> Client {
        self.client("H001", &[Employee, Hr])
    }

    pub fn executive(&self) -> Client {
        self.client("X001", &[Employee, Manager, Executive])
    }

    pub fn head(&self, number: &str) -> Client {
        self.client(number, &[Employee, Manager, UnitHead])
    }

    pub fn auditor(&self) -> Client {
        self.client("A001", &[Employee, Auditor])
    }

    /// The sheet of somebody in its first edition, and their result.
    pub fn sheet(&self, number: &str) -> Uuid {
        Uuid::new_v5(&self.cycle, number.as_bytes())
    }

    pub fn sheet_path(&self, number: &str) -> String {
        format!("/v1/sheets/{}", self.sheet(number))
    }

    pub fn result_path(&self, number: &str) -> String {
        format!("/v1/results/{}", self.sheet(number))
    }

    pub fn at(&self, what: &str) -> String {
        format!("/v1/cycles/{}/{what}", self.cycle)
    }

    /// HR gives values that nobody rates.
    pub async fn give(&self, facts: Vec<Value>) -> Answer {
        self.hr().post(&self.at("facts"), json!({ "facts": facts })).await
    }

    /// The check of reported values that waits for somebody, by its path.
    pub async fn check_for(&self, actor: &str) -> String {
        let open = self.hr().get(&self.at("fact-checks?open=true")).await.expect(200);
        let mut items = open.body["items"].as_array().expect("checks").iter();
        let step = items.find(|step| step["waiting"].as_array().is_some_and(|all| all.contains(&json!(actor))));
        format!("/v1/fact-checks/{}", step.expect("a check that waits")["id"].as_str().expect("an id"))
    }

    /// Whoever is in charge of the units scores them.
    pub async fn score_units(&self, cycle: Uuid, scores: &[(&str, Value)]) -> Answer {
        let facts: Vec<Value> =
            scores.iter().map(|(unit, score)| fact(&format!("unit:{unit}"), "score", score)).collect();
        self.executive().post(&format!("/v1/cycles/{cycle}/facts"), json!({ "facts": facts })).await
    }

    /// Everything that scoring needs, entered and submitted by whoever has to.
    pub async fn score_everybody(&self, cycle: Uuid) {
        self.score(cycle, &PEOPLE.map(|(number, ..)| number)).await;
    }

    /// Everything that the units and these people need.
    pub async fn score(&self, cycle: Uuid, numbers: &[&str]) {
        let at = |what: &str| format!("/v1/cycles/{cycle}/{what}");
        let hr = self.hr();
        let forms = [("NET", "20.4"), ("OPS", "12")];
        let mut facts: Vec<Value> = forms
            .iter()
            .map(|(unit, mean)| fact(&format!("unit:{unit}"), "fact.average_forms", &json!(mean)))
            .collect();
        facts.extend(numbers.iter().flat_map(|number| measured(number)));
        hr.post(&at("facts"), json!({ "facts": facts })).await.expect(200);
        self.score_units(cycle, &[("NET", json!("88")), ("OPS", json!("60"))]).await.expect(200);
        self.rate(cycle, numbers).await;
    }

    /// The forms of HR and of the superiors about these people, filled in and submitted.
    pub async fn rate(&self, cycle: Uuid, numbers: &[&str]) {
        let at = |what: &str| format!("/v1/cycles/{cycle}/{what}");
        let conduct: Vec<Value> = numbers.iter().map(|number| row(number, "conduct", "hr", "2")).collect();
        self.hr().post(&at("ratings"), json!({ "ratings": conduct })).await.expect(200);
        self.submit_of(&self.hr(), cycle, numbers).await;
        for superior in ["M001", "M002", "X001"] {
            let own = PEOPLE.iter().filter(|(number, _, of)| *of == superior && numbers.contains(number));
            let own: Vec<&str> = own.map(|(number, ..)| *number).collect();
            if own.is_empty() {
                continue;
            }
            let client = if superior == "X001" { self.executive() } else { self.head(superior) };
            let rated: Vec<Value> = own.iter().flat_map(|number| ratings(number)).collect();
            client.post(&at("ratings"), json!({ "ratings": rated })).await.expect(200);
            self.submit_of(&client, cycle, &own).await;
        }
    }

    /// Everybody's at once where it is everybody, else sheet by sheet.
    async fn submit_of(&self, client: &Client, cycle: Uuid, numbers: &[&str]) {
        if numbers.len() == PEOPLE.len() {
            client.post(&format!("/v1/cycles/{cycle}/ratings/submit"), json!({})).await.expect(200);
            return;
        }
        for number in numbers {
            let sheet = Uuid::new_v5(&cycle, number.as_bytes());
            client.post(&format!("/v1/sheets/{sheet}/submit"), json!({})).await.expect(200);
        }
    }

    pub async fn begin_closing(&self, cycle: Uuid) {
        self.hr().post(&format!("/v1/cycles/{cycle}/close"), json!({})).await.expect(202);
    }

    /// Computes whoever can be.
    pub async fn close(&self, cycle: Uuid) {
        self.begin_closing(cycle).await;
        self.until(cycle, "computed").await;
    }

    /// Publishes what is computed, and waits until the others are told; which publication it is.
    pub async fn publish(&self, cycle: Uuid) -> i64 {
        let published = self.executive().post(&format!("/v1/cycles/{cycle}/publish"), json!({})).await.expect(200);
        let number = published.body["publication"].as_i64().expect("a number");
        let told = async || {
            let events = self.world.outbox("scoring").await;
            let told = |p: &CyclePublished| p.cycle == cycle && i64::from(p.publication) == number;
            events.iter().any(|e| matches!(e, Event::CyclePublished(p) if told(p))).then_some(())
        };
        eventually("the cycle is told to be published", told).await;
        number
    }

    /// With everybody's results published.
    pub async fn published() -> Self {
        let company = Self::scoring().await;
        company.score_everybody(company.cycle).await;
        company.close(company.cycle).await;
        company.publish(company.cycle).await;
        company
    }

    /// Who has no result, with the pointers to what they lack.
    pub async fn missing(&self) -> BTreeMap<String, Vec<String>> {
        let missing = self.hr().get(&self.at("missing")).await.expect(200);
        let pointers = |one: &Value| {
            let errors = one["errors"].as_array().expect("errors").iter();
            errors.map(|error| error["pointer"].as_str().expect("a pointer").to_owned()).collect()
        };
        let items = missing.body["items"].as_array().expect("items").iter();
        items.map(|one| (one["subject"].as_str().expect("a subject").to_owned(), pointers(one))).collect()
    }

    /// Gives everybody another score: so many proposals each.
    pub async fn tell_apart(&self, cycle: Uuid, proposals: &[(&str, u32)]) {
        let facts: Vec<Value> =
            proposals.iter().map(|(number, count)| value(number, "proposals", &count.to_string())).collect();
        self.hr().post(&format!("/v1/cycles/{cycle}/facts"), json!({ "facts": facts })).await.expect(200);
    }

    pub async fn correct(&self, cycle: Uuid, number: &str, path: &str, value: &str) -> Answer {
        let changes = json!([{ "subject": format!("person:{number}"), "path": path, "value": value }]);
        let correction = json!({ "cycle": cycle, "reason": "as found out later", "changes": changes });
        self.hr().post("/v1/corrections", correction).await
    }
}

pub async fn delete(client: &Client, path: &str) -> Answer {
    client.send("DELETE", path, &[], Vec::new()).await
}

/// A value that nobody rates.
pub fn fact(subject: &str, path: &str, value: &Value) -> Value {
    json!({ "subject": subject, "path": path, "value": value })
}

/// The value of a measured item of a person.
pub fn value(number: &str, item: &str, value: &str) -> Value {
    fact(&format!("person:{number}"), &format!("item.{item}.value"), &json!(value))
}

/// A rating.
pub fn row(number: &str, item: &str, input: &str, value: &str) -> Value {
    json!({ "number": number, "item": item, "input": input, "value": value })
}

/// What is measured in the first policy.
pub const MEASURED: [(&str, &str); 6] = [
    ("item.response.value", "20"),
    ("item.satisfaction.value", "95"),
    ("item.reports.value", "0"),
    ("item.proposals.value", "4"),
    ("item.attendance.actual", "20"),
    ("item.attendance.expected", "21"),
];

pub fn measured(number: &str) -> Vec<Value> {
    MEASURED.iter().map(|(path, value)| fact(&format!("person:{number}"), path, &json!(value))).collect()
}

/// Of E001 in the example of the department.
pub fn ratings(number: &str) -> Vec<Value> {
    let example = |item: &str, value: &str| {
        let why = "mended the core switch at night";
        json!({ "number": number, "item": item, "input": "superior", "value": value, "evidence": why })
    };
    vec![
        example("evaluation", "5"),
        example("faults", "5.5"),
        row(number, "cooperation", "superior", "4.5"),
        row(number, "execution", "superior", "A"),
        row(number, "potential", "superior", "B"),
        row(number, "appearance", "superior", "C"),
    ]
}

/// The members of a list that are called so.
pub fn all_of<'a>(list: &'a Value, name: &str) -> Vec<&'a str> {
    list.as_array().expect("a list").iter().map(|one| one[name].as_str().unwrap_or_default()).collect()
}

/// The pointers of a refusal.
pub fn pointers(refused: &Answer) -> Vec<&str> {
    all_of(&refused.body["errors"], "pointer")
}
