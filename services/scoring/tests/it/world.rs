//! A company with two departments whose cycle planning has released.

use std::collections::BTreeMap;

use events::{CycleOpened, CycleReleased, Event, SettledSheet, SettledUnit, SheetsSettled, Stage, Values};
use platform::Role::{self, *};
use serde_json::{Value, json};
use testkit::{Client, World, eventually};
use uuid::Uuid;

/// NET is led by M001 with E001 and E002, OPS by M002 with E003; both heads are led by X001.
pub const PEOPLE: [(&str, &str, &str); 5] = [
    ("M001", "NET", "X001"),
    ("E001", "NET", "M001"),
    ("E002", "NET", "M001"),
    ("M002", "OPS", "X001"),
    ("E003", "OPS", "M002"),
];

pub struct Company {
    pub world: World,
    pub cycle: Uuid,
}

pub fn scheme() -> &'static str {
    let shipped = domain::scheme::Scheme::shipped();
    shipped.iter().find(|(code, _)| *code == "monthly-kpi").map(|(_, source)| *source).expect("the first policy")
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

pub fn opened(cycle: Uuid, period: &str) -> Event {
    opened_by(cycle, period, scheme(), Values::new())
}

pub fn opened_by(cycle: Uuid, period: &str, source: &str, company_facts: Values) -> Event {
    Event::CycleOpened(CycleOpened {
        cycle,
        scheme_code: "monthly-kpi".into(),
        scheme_version: 1,
        scheme_source: source.into(),
        cadence: "monthly".into(),
        period: period.into(),
        parameters: json!({}),
        company_facts,
        stages: vec![Stage {
            code: "score".into(),
            opens: "2026-10-26".parse().expect("a day"),
            due: Some("2026-10-28".parse().expect("a day")),
        }],
    })
}

pub fn sheet(number: &str, superior: &str) -> SettledSheet {
    SettledSheet {
        number: number.into(),
        name: format!("Name of {number}"),
        category: Some("staff".into()),
        position: None,
        superior: Some(superior.into()),
        hired_on: Some("2020-03-01".parse().expect("a day")),
        left_on: None,
        facts: Values::new(),
        weights: Values::new(),
        priorities: Vec::new(),
        version: 1,
    }
}

pub fn settled(cycle: Uuid, unit: &str, head: &str, sheets: Vec<SettledSheet>) -> Event {
    Event::SheetsSettled(SheetsSettled {
        cycle,
        unit: SettledUnit {
            code: unit.into(),
            name: format!("Department {unit}"),
            category: Some("department".into()),
            head: Some(head.into()),
            facts: Values::from([("unknown_to_the_scheme".into(), "1".into())]),
        },
        sheets,
    })
}

pub fn released(cycle: Uuid, sheets: &[(&str, u32)]) -> Event {
    let sheets_by_unit: BTreeMap<String, u32> = sheets.iter().map(|(u, n)| ((*u).to_owned(), *n)).collect();
    Event::CycleReleased(CycleReleased { cycle, sheets_by_unit })
}

impl Company {
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
        let world = World::start(&[scoring::service()]).await;
        let company = Self { world, cycle: Uuid::now_v7() };
        company.open_by(company.cycle, "2026-10", source, company_facts).await;
        company
    }

    pub async fn open(&self, cycle: Uuid, period: &str) {
        self.open_by(cycle, period, scheme(), Values::new()).await;
    }

    async fn open_by(&self, cycle: Uuid, period: &str, source: &str, company_facts: Values) {
        self.world.publish(&opened_by(cycle, period, source, company_facts)).await;
        for (unit, head) in [("NET", "M001"), ("OPS", "M002")] {
            let sheets = PEOPLE.iter().filter(|(_, u, _)| *u == unit).map(|(n, _, s)| sheet(n, s)).collect();
            self.world.publish(&settled(cycle, unit, head, sheets)).await;
        }
        self.world.publish(&released(cycle, &[("NET", 3), ("OPS", 2)])).await;
        self.until(cycle, "scoring").await;
    }

    pub async fn until(&self, cycle: Uuid, state: &str) {
        let hr = self.hr();
        let path = format!("/v1/cycles/{cycle}/scoring");
        eventually(state, async || (hr.get(&path).await.str("/state") == state).then_some(())).await;
    }

    pub fn client(&self, number: &str, roles: &[Role]) -> Client {
        self.world.client("scoring", Some(number), roles)
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

    pub fn sheet(&self, number: &str) -> Uuid {
        Uuid::new_v5(&self.cycle, number.as_bytes())
    }

    pub fn at(&self, what: &str) -> String {
        format!("/v1/cycles/{}/{what}", self.cycle)
    }

    /// Everything that scoring needs, entered and submitted by whoever has to.
    pub async fn score_everybody(&self, cycle: Uuid) {
        let at = |what: &str| format!("/v1/cycles/{cycle}/{what}");
        let (hr, executive) = (self.hr(), self.executive());
        hr.put(
            &at("unit-facts"),
            None,
            json!({ "facts": { "NET": { "average_forms": "20.4" }, "OPS": { "average_forms": "12" } } }),
        )
        .await
        .expect(200);
        executive.put(&at("unit-scores"), None, json!({ "scores": { "NET": "88", "OPS": "60" } })).await.expect(200);
        let measured: Vec<Value> = PEOPLE.iter().flat_map(|(number, ..)| measured(number)).collect();
        hr.post(&at("measurements"), json!({ "measurements": measured })).await.expect(200);
        let conduct: Vec<Value> = PEOPLE.iter().map(|(number, ..)| row(number, "conduct", "hr", "2")).collect();
        hr.post(&at("ratings"), json!({ "ratings": conduct })).await.expect(200);
        hr.post(&at("ratings/submit"), json!({})).await.expect(200);
        for superior in ["M001", "M002", "X001"] {
            let rated = PEOPLE.iter().filter(|(_, _, s)| *s == superior).flat_map(|(number, ..)| ratings(number));
            let client = if superior == "X001" { self.executive() } else { self.head(superior) };
            client.post(&at("ratings"), json!({ "ratings": rated.collect::<Vec<_>>() })).await.expect(200);
            client.post(&at("ratings/submit"), json!({})).await.expect(200);
        }
    }

    pub async fn close(&self, cycle: Uuid) {
        self.hr().post(&format!("/v1/cycles/{cycle}/close"), json!({})).await.expect(202);
        self.until(cycle, "closed").await;
    }

    pub async fn reopen(&self) {
        self.hr().post(&self.at("reopen"), json!({ "reason": "one more look" })).await.expect(200);
    }

    pub async fn publish(&self, cycle: Uuid) {
        self.executive().post(&format!("/v1/cycles/{cycle}/publish"), json!({})).await.expect(200);
        let told = async || {
            let events = self.world.outbox("scoring").await;
            events.iter().any(|e| matches!(e, Event::CyclePublished(p) if p.cycle == cycle)).then_some(())
        };
        eventually("the cycle is told to be published", told).await;
    }
}

pub fn row(number: &str, item: &str, input: &str, value: &str) -> Value {
    json!({ "number": number, "item": item, "input": input, "value": value })
}

pub fn measured(number: &str) -> Vec<Value> {
    [
        ("response", "value", "20"),
        ("satisfaction", "value", "95"),
        ("reports", "value", "0"),
        ("proposals", "value", "4"),
        ("attendance", "actual", "20"),
        ("attendance", "expected", "21"),
    ]
    .map(|(item, input, value)| row(number, item, input, value))
    .to_vec()
}

/// Of E001 in the example of the department.
pub fn ratings(number: &str) -> Vec<Value> {
    let example = |item: &str, value: &str| json!({ "number": number, "item": item, "input": "superior", "value": value, "evidence": "mended the core switch at night" });
    vec![
        example("evaluation", "5"),
        example("faults", "5.5"),
        row(number, "cooperation", "superior", "4.5"),
        row(number, "execution", "superior", "A"),
        row(number, "potential", "superior", "B"),
        row(number, "appearance", "superior", "C"),
    ]
}

/// Fills all sheets of a cycle behind the service's back, as thousands of raters would.
pub trait Filling {
    async fn fill_all(&self, cycle: Uuid);
    /// Makes an input of a person one that cannot be computed.
    async fn spoil(&self, cycle: Uuid, number: &str);
    /// Gives everybody another score: so many proposals each.
    async fn tell_apart(&self, cycle: Uuid, proposals: &[(&str, u32)]);
    /// Takes away what was entered on an item.
    async fn empty(&self, cycle: Uuid, number: &str, item: &str);
    /// How many rows each table holds, but for those that record who looked.
    async fn rows(&self) -> BTreeMap<String, i64>;
}

#[derive(diesel::QueryableByName)]
struct Rows {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    rows: i64,
}

impl Filling for World {
    async fn fill_all(&self, cycle: Uuid) {
        use diesel_async::RunQueryDsl;
        let mut conn = self.database.connect("scoring").await;
        let mut items: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
        for one in measured("").into_iter().chain(ratings("")).chain([row("", "conduct", "hr", "2")]) {
            let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
            items.entry(text("item")).or_default().insert(text("input"), one["value"].clone());
        }
        diesel::sql_query("update sheets set inputs = $1, missing_parts = '{}', open_parts = '{}' where cycle = $2")
            .bind::<diesel::sql_types::Jsonb, _>(json!(items))
            .bind::<diesel::sql_types::Uuid, _>(cycle)
            .execute(&mut conn)
            .await
            .expect("filled");
        diesel::sql_query(
            "update units set score = '88', entered_facts = '{\"average_forms\": \"20\"}' where cycle = $1",
        )
        .bind::<diesel::sql_types::Uuid, _>(cycle)
        .execute(&mut conn)
        .await
        .expect("filled");
    }

    async fn spoil(&self, cycle: Uuid, number: &str) {
        use diesel_async::RunQueryDsl;
        let mut conn = self.database.connect("scoring").await;
        diesel::sql_query(
            "update sheets set inputs = jsonb_set(inputs, '{reports,value}', '\"many\"') where cycle = $1 and number = $2",
        )
        .bind::<diesel::sql_types::Uuid, _>(cycle)
        .bind::<diesel::sql_types::Text, _>(number)
        .execute(&mut conn)
        .await
        .expect("spoilt");
    }

    async fn tell_apart(&self, cycle: Uuid, proposals: &[(&str, u32)]) {
        use diesel_async::RunQueryDsl;
        let mut conn = self.database.connect("scoring").await;
        for (number, value) in proposals {
            diesel::sql_query(
                "update sheets set inputs = jsonb_set(inputs, '{proposals,value}', to_jsonb($3)) where cycle = $1 and number = $2",
            )
            .bind::<diesel::sql_types::Uuid, _>(cycle)
            .bind::<diesel::sql_types::Text, _>(number)
            .bind::<diesel::sql_types::Text, _>(value.to_string())
            .execute(&mut conn)
            .await
            .expect("changed");
        }
    }

    async fn empty(&self, cycle: Uuid, number: &str, item: &str) {
        use diesel_async::RunQueryDsl;
        let mut conn = self.database.connect("scoring").await;
        diesel::sql_query("update sheets set inputs = inputs - $3 where cycle = $1 and number = $2")
            .bind::<diesel::sql_types::Uuid, _>(cycle)
            .bind::<diesel::sql_types::Text, _>(number)
            .bind::<diesel::sql_types::Text, _>(item)
            .execute(&mut conn)
            .await
            .expect("emptied");
    }

    async fn rows(&self) -> BTreeMap<String, i64> {
        use diesel_async::RunQueryDsl;
        let mut conn = self.database.connect("scoring").await;
        let counted: Vec<Rows> = diesel::sql_query(
            "select table_name as name, (xpath('//n/text()', query_to_xml(
                 format('select count(*) as n from scoring.%I', table_name), false, true, '')))[1]::text::bigint as rows
             from information_schema.tables where table_schema = 'scoring' and table_name not like 'audit%'",
        )
        .load(&mut conn)
        .await
        .expect("counted");
        counted.into_iter().map(|table| (table.name, table.rows)).collect()
    }
}
