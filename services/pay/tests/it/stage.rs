//! What tests put on the stage: a world with the pay service, cycles, results.

use std::collections::BTreeMap;

use events::{
    CycleCancelled, CycleOpened, CyclePublished, CycleSubject, EmployeesChanged, Event, PublishedResult, ResultUnit,
    ResultsPublished, Standing, Subject, SubjectsChanged, Values,
};
use platform::Role;
use serde_json::{Value, json};
use testkit::{Answer, Client, World, employee, eventually};
use uuid::Uuid;

/// Pay is each person's own: base salary × share, a fact of the result.
pub const EACH: &str = include_str!("each.toml");
/// Pay is base salary × the company's profit share, 1 where nobody gives one.
pub fn sharing_profit() -> String {
    let fact = "[company]\nfacts = [{ name = \"profit_share\", label = { zh = \"利润系数\", en = \"Profit share\" }, default = 1 }]\n\n[people]\n";
    let with_fact = EACH.replacen("[people]\n", fact, 1);
    with_fact.replacen("fact.share\"", "fact.share * company.fact.profit_share\"", 1)
}

/// Of each person's pay what was paid in advance is taken off: only pay knows that.
pub fn with_advance() -> String {
    let advance = "{ name = \"advance\", label = { zh = \"预发\", en = \"Advance\" }, min = 0, derived = { paid = \"advances\" } }";
    let with_fact = EACH.replacen("en = \"Share\" } }]", &format!("en = \"Share\" }} }}, {advance}]"), 1);
    with_fact.replacen("* fact.share\"", "* fact.share - fact.advance\"", 1)
}

/// A unit's people share a pool in proportion to their bases.
pub const POOLED: &str = include_str!("pooled.toml");

pub struct Stage {
    pub world: World,
    pub cycle: Uuid,
}

pub fn values(pairs: &[(&str, &str)]) -> Values {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A result of version `version` with the share that pay stands on.
pub fn result(number: &str, version: i64, share: &str) -> PublishedResult {
    PublishedResult {
        number: number.into(),
        name: format!("员工{number}"),
        category: Some("staff".to_owned()),
        version,
        excluded: None,
        score: Some("86.5".to_owned()),
        grade: Some("A2".to_owned()),
        coefficient: Some(share.to_owned()),
        outcomes: Vec::new(),
        interview: Vec::new(),
        involved: Vec::new(),
        carried: values(&[("fact.share", share)]),
    }
}

impl Stage {
    /// A world in which a cycle of October has been opened with a scheme.
    pub async fn set(scheme: &str) -> Self {
        let world = World::start(&[pay::service()]).await;
        let stage = Self { world, cycle: Uuid::now_v7() };
        stage.open(scheme).await;
        stage
    }

    /// Opens the cycle, and waits until pay knows it.
    pub async fn open(&self, scheme: &str) {
        self.world.publish(&Event::CycleOpened(self.opened(scheme))).await;
        eventually("the cycle is known", async || (self.pay_run().await.status == 200).then_some(())).await;
    }

    pub fn opened(&self, scheme: &str) -> CycleOpened {
        CycleOpened {
            cycle: self.cycle,
            name: None,
            scheme_code: "test".to_owned(),
            scheme_version: 1,
            scheme_source: scheme.to_owned(),
            cadence: "monthly".to_owned(),
            period: "2026-10".to_owned(),
            parameters: json!({}),
            company_facts: BTreeMap::new(),
            stages: Vec::new(),
        }
    }

    /// Somebody of the network department who takes part, or does not.
    pub fn subject(number: &str, standing: Standing, version: i64) -> CycleSubject {
        CycleSubject {
            subject: Subject::person(number),
            name: format!("员工{number}"),
            unit: Some("NET".into()),
            position: None,
            category: Some("staff".to_owned()),
            own_category: None,
            superior: None,
            superior_above: None,
            head: None,
            co_head: None,
            head_since: None,
            leader: None,
            dotted: None,
            hired_on: None,
            left_on: None,
            facts: Values::new(),
            standing,
            why: None,
            version,
        }
    }

    /// Tells who takes part, and the unit itself, which is nobody.
    pub async fn tell_people(&self, people: Vec<CycleSubject>) {
        let unit = CycleSubject { subject: Subject::unit("NET"), ..Self::subject("NET", Standing::In, 1) };
        let subjects = people.into_iter().chain([unit]).collect();
        self.world.publish(&Event::SubjectsChanged(SubjectsChanged { cycle: self.cycle, subjects })).await;
    }

    /// Tells pay that the company has these people, each with their roles.
    pub async fn arrive(&self, people: &[(&str, &[&str])]) {
        let employees = people.iter().map(employee).collect();
        self.world.publish(&Event::EmployeesChanged(EmployeesChanged { employees })).await;
    }

    pub async fn cancel(&self, reason: &str) {
        let cancelled = CycleCancelled { cycle: self.cycle, reason: reason.to_owned() };
        self.world.publish(&Event::CycleCancelled(cancelled)).await;
    }

    pub fn news(&self, unit: &str, results: Vec<PublishedResult>) -> ResultsPublished {
        ResultsPublished {
            cycle: self.cycle,
            period: "2026-10".to_owned(),
            publication: 1,
            company_carried: Values::new(),
            unit: ResultUnit {
                code: unit.into(),
                name: unit.to_owned(),
                category: Some("department".to_owned()),
                carried: Values::new(),
                result: None,
            },
            results,
            reason: None,
            known_on: None,
            appeal: None,
        }
    }

    pub async fn publish(&self, unit: &str, results: Vec<PublishedResult>) {
        self.world.publish(&Event::ResultsPublished(self.news(unit, results))).await;
    }

    pub async fn correct(&self, unit: &str, result: PublishedResult) {
        let news = ResultsPublished { reason: Some("appeal".to_owned()), ..self.news(unit, vec![result]) };
        self.world.publish(&Event::ResultsCorrected(news)).await;
    }

    pub async fn complete(&self, results: u32) {
        self.complete_with(results, Values::new()).await;
    }

    pub async fn complete_with(&self, results: u32, company_carried: Values) {
        let company_carried = Some(company_carried);
        let published = CyclePublished {
            cycle: self.cycle,
            period: "2026-10".to_owned(),
            publication: 1,
            results,
            late: 0,
            company_carried,
        };
        self.world.publish(&Event::CyclePublished(published)).await;
    }

    pub fn finance(&self) -> Client {
        self.world.client("pay", Some("F001"), &[Role::Employee, Role::Finance])
    }

    pub fn hr(&self) -> Client {
        self.world.client("pay", Some("H001"), &[Role::Employee, Role::Hr])
    }

    pub fn executive(&self) -> Client {
        self.world.client("pay", Some("G001"), &[Role::Employee, Role::Executive])
    }

    pub fn employee(&self, number: &str) -> Client {
        self.world.client("pay", Some(number), &[Role::Employee])
    }

    pub fn payroll(&self) -> Client {
        self.world.machine("pay", &["payroll.read"])
    }

    pub async fn import(&self, file: &str) -> Answer {
        self.finance().send("POST", "/v1/imports?kind=pay", &[("content-type", "text/csv")], file.into()).await
    }

    pub async fn pay_run(&self) -> Answer {
        self.finance().get(&format!("/v1/cycles/{}/pay-run", self.cycle)).await
    }

    /// The feed once it holds so many statements.
    pub async fn statements(&self, count: usize) -> Vec<Value> {
        let payroll = self.payroll();
        eventually("the statements are issued", async || {
            let items = payroll.get("/v1/payroll/statements?limit=500").await.expect(200).body["items"].clone();
            let items = items.as_array().cloned().unwrap_or_default();
            (items.len() >= count).then_some(items)
        })
        .await
    }

    /// The pay run once so many people wait.
    pub async fn waiting(&self, count: i64) -> Answer {
        eventually("people wait", async || {
            let run = self.pay_run().await;
            (run.status == 200 && run.body["waiting"] == count).then_some(run)
        })
        .await
    }
}
