//! A company with a published cycle, as events tell it.

use std::collections::BTreeMap;

use events::{
    AppealDecided, BodiesChanged, Body, CycleOpened, CycleSubject, EmployeesChanged, Event, Notice, PublishedResult,
    ResultUnit, ResultsPublished, Seat, Standing, Subject, SubjectsChanged, UnitResult, Values, WorkItem,
};
use platform::Role::{self, *};
use serde_json::{Value, json};
use testkit::{Answer, Client, World, employee, eventually};
use uuid::Uuid;

/// Everybody: number and roles. E1 and E2 are led by M, M by G; H heads the unit; L1 to L4 sit in the body.
const PEOPLE: [(&str, &[&str]); 12] = [
    ("E1", &[]),
    ("E2", &[]),
    ("M", &[]),
    ("H", &[]),
    ("G", &[]),
    ("P1", &["hr"]),
    ("P2", &["hr"]),
    ("L1", &["committee_member"]),
    ("L2", &["committee_member"]),
    ("L3", &["committee_member"]),
    ("L4", &["committee_member"]),
    ("N1", &[]),
];

/// The smallest scheme, with terms of appeal.
fn scheme(appeal: &str) -> String {
    format!(
        r#"code = "small"
name = {{ zh = "小方案", en = "Small" }}
cadences = [{{ code = "monthly", form = "month", label = {{ zh = "月度", en = "monthly" }} }}]

[people]

[[people.figures]]
name = "score"
label = {{ zh = "得分", en = "score" }}
formula = "total()"

[[sheets]]
cadences = ["monthly"]
raters = [{{ name = "superior", label = {{ zh = "上级", en = "superior" }}, from = "superior", kind = "points" }}]
items = [{{ code = "work", label = {{ zh = "工作", en = "work" }}, weight = 100 }}]

{appeal}
"#
    )
}

pub struct Company {
    pub world: World,
    pub cycle: Uuid,
}

impl Company {
    /// With a result of E1 and E2, which M rated, and one of the unit, which G gave; known on 2 November 2026, a Monday.
    pub async fn with(appeal: &str) -> Self {
        let company = Self { world: World::start(&[appeals::service()]).await, cycle: Uuid::now_v7() };
        company.day("2026-11-02");
        company.tell(&company.people()).await;
        company.tell(&Event::BodiesChanged(BodiesChanged { bodies: vec![body()] })).await;
        company.tell(&company.opened(appeal)).await;
        company.tell(&company.subjects()).await;
        let results = vec![result("E1", 1, "80", &["M"]), result("E2", 1, "80", &["M"]), excluded("N1")];
        company.tell(&Event::ResultsPublished(company.news(results))).await;
        eventually("everything has arrived", async || {
            let mut conn = company.world.database.connect("appeals").await;
            use diesel_async::RunQueryDsl;
            let counted: Counted = diesel::sql_query(
                "select (select count(*) from cycles) * 10000 + (select count(*) from results) * 1000 + (select count(*) from subjects) * 100
                     + (select count(*) from directory_bodies) * 50 + (select count(*) from directory_people) as n",
            )
            .get_result(&mut conn)
            .await
            .ok()?;
            (counted.n == 14_000 + 400 + 50 + PEOPLE.len() as i64).then_some(())
        })
        .await;
        company
    }

    pub fn day(&self, day: &str) {
        self.world.clock.move_to(format!("{day}T02:00:00Z").parse().unwrap());
    }

    pub async fn tell(&self, event: &Event) {
        self.world.publish(event).await;
    }

    fn people(&self) -> Event {
        Event::EmployeesChanged(EmployeesChanged { employees: PEOPLE.iter().map(employee).collect() })
    }

    fn opened(&self, appeal: &str) -> Event {
        Event::CycleOpened(CycleOpened {
            cycle: self.cycle,
            name: None,
            scheme_code: "small".to_owned(),
            scheme_version: 1,
            scheme_source: scheme(appeal),
            cadence: "monthly".to_owned(),
            period: "2026-10".to_owned(),
            parameters: json!({}),
            company_facts: BTreeMap::new(),
            stages: Vec::new(),
        })
    }

    fn subjects(&self) -> Event {
        let person = |number: &str| CycleSubject {
            subject: Subject::person(number),
            unit: Some("NET".into()),
            superior: Some("M".into()),
            superior_above: Some("G".into()),
            ..subject(Subject::unit("NET"))
        };
        let subjects = vec![
            subject(Subject::unit("NET")),
            person("E1"),
            person("E2"),
            CycleSubject { standing: Standing::Excluded, why: Some("new".to_owned()), ..person("N1") },
        ];
        Event::SubjectsChanged(SubjectsChanged { cycle: self.cycle, subjects })
    }

    pub fn news(&self, results: Vec<PublishedResult>) -> ResultsPublished {
        ResultsPublished {
            cycle: self.cycle,
            period: "2026-10".to_owned(),
            publication: 1,
            company_carried: Values::new(),
            unit: ResultUnit {
                code: "NET".into(),
                name: "网络部".to_owned(),
                category: None,
                carried: Values::new(),
                result: Some(UnitResult {
                    version: 1,
                    score: Some("90".to_owned()),
                    grade: None,
                    coefficient: None,
                    outcomes: Vec::new(),
                    outputs: Values::new(),
                    involved: vec!["G".into()],
                }),
            },
            results,
            reason: None,
            known_on: Some("2026-11-02".parse().unwrap()),
            appeal: None,
        }
    }

    pub fn as_person(&self, number: &str) -> Client {
        self.world.client("appeals", Some(number), &[Employee_])
    }

    pub fn hr(&self, number: &str) -> Client {
        self.world.client("appeals", Some(number), &[Employee_, Hr])
    }

    pub fn member(&self, number: &str) -> Client {
        self.world.client("appeals", Some(number), &[Employee_, CommitteeMember])
    }

    pub fn auditor(&self) -> Client {
        self.world.client("appeals", Some("A"), &[Auditor])
    }

    /// E1 appeals against their result.
    pub async fn file(&self) -> Answer {
        self.file_with(json!({})).await
    }

    pub async fn file_with(&self, more: Value) -> Answer {
        self.as_person("E1").post("/v1/appeals", self.filing(more)).await
    }

    pub fn filing(&self, more: Value) -> Value {
        let mut body = json!({ "cycle": self.cycle, "about": "result", "grounds": "那次故障不是我造成的" });
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        body
    }

    pub async fn told(&self) -> Vec<Event> {
        self.world.outbox("appeals").await
    }

    /// What scoring was told to do.
    pub async fn asked(&self) -> Vec<AppealDecided> {
        let asked = |event| if let Event::AppealDecided(asked) = event { Some(asked) } else { None };
        self.told().await.into_iter().filter_map(asked).collect()
    }

    pub async fn notices(&self) -> Vec<Notice> {
        let notices = |event| if let Event::AppealsNotices(news) = event { news.notices } else { Vec::new() };
        self.told().await.into_iter().flat_map(notices).collect()
    }

    /// Who has something to do now, as it was told last.
    pub async fn tasks(&self) -> Vec<WorkItem> {
        let mut now: BTreeMap<String, WorkItem> = BTreeMap::new();
        for event in self.told().await {
            let Event::AppealsTasksChanged(changed) = event else { continue };
            for task in changed.tasks {
                let newer = now.get(&task.key).is_none_or(|known| known.version < task.version);
                if newer {
                    now.insert(task.key.clone(), task);
                }
            }
        }
        now.into_values().filter(|task| !task.done).collect()
    }

    /// Those who have something to do, by number.
    pub async fn assignees(&self) -> Vec<String> {
        let mut numbers: Vec<String> =
            self.tasks().await.into_iter().map(|task| task.holder.trim_start_matches("person:").to_owned()).collect();
        numbers.sort();
        numbers
    }
}

#[allow(non_upper_case_globals, reason = "the role's name is that of the event's type")]
const Employee_: Role = Role::Employee;

#[derive(diesel::QueryableByName)]
struct Counted {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

fn subject(subject: Subject) -> CycleSubject {
    CycleSubject {
        name: format!("考核对象{}", subject.id),
        subject,
        unit: None,
        position: None,
        category: None,
        own_category: None,
        superior: None,
        superior_above: None,
        head: Some("H".into()),
        co_head: None,
        head_since: None,
        leader: Some("G".into()),
        dotted: None,
        hired_on: None,
        left_on: None,
        facts: Values::new(),
        standing: Standing::In,
        why: None,
        version: 1,
    }
}

/// The group: L4 and L3 speak for the staff; M sits in it, and rated.
fn body() -> Body {
    let seat = |number: &str, represents: Option<&str>| Seat {
        number: number.into(),
        office: "member".to_owned(),
        in_charge: Vec::new(),
        represents: represents.map(str::to_owned),
        from: "2020-01-01".parse().unwrap(),
        until: None,
    };
    Body {
        code: "group".to_owned(),
        name_zh: "考核小组".to_owned(),
        name_en: "group".to_owned(),
        seats: vec![seat("L1", None), seat("L2", None), seat("L3", Some("staff")), seat("M", None)],
        rule: events::BodyRule::default(),
        version: 1,
    }
}

pub fn result(number: &str, version: i64, score: &str, involved: &[&str]) -> PublishedResult {
    PublishedResult {
        number: number.into(),
        name: format!("员工{number}"),
        category: None,
        version,
        excluded: None,
        score: Some(score.to_owned()),
        grade: None,
        coefficient: None,
        outcomes: Vec::new(),
        interview: Vec::new(),
        carried: Values::new(),
        involved: involved.iter().map(|number| (*number).into()).collect(),
    }
}

fn excluded(number: &str) -> PublishedResult {
    PublishedResult { excluded: Some("new".to_owned()), score: None, ..result(number, 1, "0", &[]) }
}

/// The open step of an appeal.
pub fn step(answer: &Answer) -> String {
    let levels = answer.body["levels"].as_array().unwrap();
    levels.iter().find(|level| level["state"] == "open").map(|level| level["id"].as_str().unwrap().to_owned()).unwrap()
}
