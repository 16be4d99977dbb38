//! The demonstration: a small company's monthly appraisal, played through the public API from the targets
//! to the payroll feed, told as it happens.

use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use platform::{Clock, Problem, Result};
use player::Place;
use player::api::{Api, list, text};
use serde_json::{Value, json};

use crate::mailbox::Mailbox;
use crate::story::{self, tell};

/// Code of the demonstration company; one that was left half-way keeps it, and the next gets a number.
const COMPANY: &str = "hengxin";
const UNITS: &str = include_str!("../demonstration/units.csv");
const EMPLOYEES: &str = include_str!("../demonstration/employees.csv");
const PAY: &str = include_str!("../demonstration/pay.csv");
const FACTS: &str = include_str!("../demonstration/facts.csv");
const RATINGS: &str = include_str!("../demonstration/ratings.csv");

/// Where the demonstration plays.
pub struct Scene<'a> {
    pub place: Place,
    pub clock: Clock,
    pub mailbox: &'a Mailbox,
    /// Written when the demonstration has been played to its end.
    pub marker: PathBuf,
}

/// Accounts: login, employee, granted roles.
const ACCOUNTS: &[(&str, &str, &[&str])] = &[
    ("general.manager", "G001", &["executive"]),
    ("deputy", "D001", &["executive"]),
    ("hr", "H001", &["hr"]),
    ("finance", "F001", &["finance"]),
    ("auditor", "A001", &["auditor"]),
    ("net.head", "M001", &[]),
    ("ops.head", "M002", &[]),
    ("e001", "E001", &[]),
    ("e002", "E002", &[]),
    ("e003", "E003", &[]),
    ("e004", "E004", &[]),
    ("e005", "E005", &[]),
    ("e006", "E006", &[]),
];

/// How to sign in as each role of the company that was played.
pub fn how_to_sign_in(place: &Place, marker: &std::path::Path) -> String {
    let company = story::played(marker).map(|played| text(&played, "/company").to_owned()).unwrap_or_default();
    let accounts = ACCOUNTS.iter().map(|(login, employee, roles)| {
        let roles = if roles.is_empty() { "employee".to_owned() } else { roles.join(", ") };
        ((*login).to_owned(), format!("{employee}  {roles}"))
    });
    let admin = ("admin".to_owned(), "administrator".to_owned());
    story::how_to_sign_in(place, &company, "e001", std::iter::once(admin).chain(accounts))
}

/// Plays it unless it has been played.
pub async fn play(scene: &Scene<'_>) -> Result<()> {
    if scene.marker.exists() {
        tell("The demonstration has been played already; its data is here.");
        return Ok(());
    }
    let outcome = Story::begin(scene).await?.play().await;
    scene.clock.back_to_system();
    let story = outcome?;
    std::fs::write(&scene.marker, story.to_string()).map_err(Problem::internal)
}

struct Story<'a> {
    scene: &'a Scene<'a>,
    api: Api,
    /// First day of the month appraised: last month.
    month: Date,
    company: String,
    cycle: String,
}

impl<'a> Story<'a> {
    async fn begin(scene: &'a Scene<'a>) -> Result<Self> {
        let month = scene.clock.today().first_of_month().yesterday().map_err(Problem::internal)?.first_of_month();
        Ok(Self { scene, api: scene.place.api.clone(), month, company: String::new(), cycle: String::new() })
    }

    async fn play(mut self) -> Result<Value> {
        tell(&format!("\nA monthly appraisal of {}, from targets to payroll\n", self.period()));
        self.set_up_the_company().await?;
        self.open_and_set_targets().await?;
        self.agree_plans().await?;
        self.settle_sheets().await?;
        self.score().await?;
        self.close_and_publish().await?;
        self.pay_and_mail().await?;
        self.explain().await?;
        self.correct().await?;
        Ok(json!({ "company": self.company, "cycle": self.cycle, "period": self.period() }))
    }

    fn period(&self) -> String {
        self.month.strftime("%Y-%m").to_string()
    }

    async fn as_user(&self, login: &str) -> Result<Api> {
        self.api.sign_in(&self.company, login, &self.scene.place.password).await
    }

    /// Moves the demonstration's clock to nine in the morning of a day, and says so.
    fn on(&self, month: Date, day: i8, what: &str) -> Result<()> {
        let day = day.min(month.days_in_month());
        let date = month.with().day(day).build().map_err(Problem::internal)?;
        let nine = date.at(9, 0, 0, 0).to_zoned(TimeZone::fixed(jiff::tz::offset(8))).map_err(Problem::internal)?;
        self.scene.clock.move_to(nine.timestamp());
        tell(&format!("{date}  {what}"));
        Ok(())
    }

    fn before(&self) -> Result<Date> {
        Ok(self.month.yesterday().map_err(Problem::internal)?.first_of_month())
    }

    async fn set_up_the_company(&mut self) -> Result<()> {
        self.on(self.before()?, 27, "HR sets the company up")?;
        self.company = self.scene.place.found(COMPANY, "恒信科技").await?;
        let admin = self.as_user("admin").await?;
        // HR's account comes first, because HR imports the people the other accounts belong to.
        admin
            .post(
                "/v1/accounts",
                json!({ "username": "import", "password": self.scene.place.password, "roles": ["hr"] }),
            )
            .await?;
        let import = self.as_user("import").await?;
        let starts = self.before()?;
        for (kind, file) in [("units", UNITS), ("employees", EMPLOYEES)] {
            let path = format!("/v1/imports?kind={kind}&effective_on={starts}");
            let answer = import.post_file(&path, "text/csv", file.as_bytes().to_vec()).await?;
            tell(&format!("            imported {} {kind}", answer["created"]));
        }
        let accounts: Vec<Value> = ACCOUNTS
            .iter()
            .map(|(login, employee, roles)| {
                json!({ "username": login, "password": self.scene.place.password, "employee": employee, "roles": roles })
            })
            .collect();
        admin.post("/v1/accounts/batch", json!({ "accounts": accounts })).await?;
        let path = format!("/v1/imports?kind=pay&effective_on={starts}");
        let answer = self.as_user("finance").await?.post_file(&path, "text/csv", PAY.as_bytes().to_vec()).await?;
        tell(&format!(
            "            finance imported {} pay profiles; {} accounts can sign in",
            answer["created"],
            ACCOUNTS.len() + 2
        ));
        Ok(())
    }

    async fn open_and_set_targets(&mut self) -> Result<()> {
        self.on(self.before()?, 28, "HR opens the cycle; leaders hand down targets")?;
        let hr = self.as_user("hr").await?;
        let body = json!({ "scheme": "monthly-kpi", "period": self.period() });
        // The people travel to the planning service as events; they arrive within moments.
        self.when_ready("the people arrive in planning", async || {
            let known = hr.get("/v1/planning/directory").await?;
            Ok((known["employees"] == EMPLOYEES.lines().skip(1).count()).then_some(()))
        })
        .await?;
        let cycle = hr.post("/v1/cycles", body).await?;
        self.cycle = text(&cycle, "/id").to_owned();
        let deputy = self.as_user("deputy").await?;
        for (unit, title, amount) in
            [("NET", "Network availability at 99.95 %", "99.95"), ("OPS", "Tickets closed within a day", "95")]
        {
            let body = json!({ "to": { "unit": unit }, "title": title, "amount": amount });
            deputy.post(&format!("/v1/cycles/{}/targets", self.cycle), body).await?;
            tell(&format!("            李静 → {unit}: {title}"));
        }
        let head = self.as_user("net.head").await?;
        let body = json!({ "to": { "employee": "E001" }, "title": "Replace the core switches", "amount": "4" });
        head.post(&format!("/v1/cycles/{}/targets", self.cycle), body).await?;
        tell("            赵强 → E001: Replace the core switches");
        Ok(())
    }

    async fn agree_plans(&self) -> Result<()> {
        self.on(self.before()?, 29, "everybody drafts a plan")?;
        for employee in ["E001", "E002", "E003", "E004", "E005", "E006"] {
            let me = self.as_user(&employee.to_lowercase()).await?;
            self.submit_plan(
                &me,
                json!([
                    { "title": "What the department's target asks of me", "weight": "60" },
                    { "title": "Service to colleagues", "weight": "40" },
                ]),
            )
            .await?;
        }
        tell("            six plans submitted");
        let head = self.as_user("net.head").await?;
        let plan = self.plan_of(&head, "E002").await?;
        let back = json!({ "verdict": "returned", "reason": "say which sites you will visit" });
        self.decide_plan(&head, &plan, back).await?;
        tell("            赵强 returned E002's plan: say which sites you will visit");
        let me = self.as_user("e002").await?;
        self.submit_plan(
            &me,
            json!([
                { "title": "Visit the Pudong and Hongqiao sites", "weight": "60" },
                { "title": "Service to colleagues", "weight": "40" },
            ]),
        )
        .await?;
        self.on(self.before()?, 30, "department managers collect the plans and apply upward")?;
        for (login, unit) in [("net.head", "NET"), ("ops.head", "OPS")] {
            let head = self.as_user(login).await?;
            head.post(&format!("/v1/cycles/{}/units/{unit}/plans/approve", self.cycle), json!({})).await?;
            let plan = self.unit_plan(&head, unit).await?;
            head.post(&format!("/v1/plans/{plan}/submit"), json!({})).await?;
        }
        self.on(self.month, 3, "the deputy in charge approves both department plans")?;
        let deputy = self.as_user("deputy").await?;
        for unit in ["NET", "OPS"] {
            let plan = self.unit_plan(&deputy, unit).await?;
            self.decide_plan(&deputy, &plan, json!({ "verdict": "approved" })).await?;
        }
        Ok(())
    }

    async fn submit_plan(&self, me: &Api, goals: Value) -> Result<()> {
        let mine = me.get(&format!("/v1/plans?cycle={}", self.cycle)).await?;
        let path = format!("/v1/plans/{}", text(&mine, "/items/0/id"));
        me.replace(&path, "", json!({ "goals": goals })).await?;
        me.act(&path, "/submit", json!({})).await?;
        Ok(())
    }

    async fn plan_of(&self, reader: &Api, employee: &str) -> Result<String> {
        let plans = reader.get(&format!("/v1/plans?cycle={}&limit=500", self.cycle)).await?;
        let plan = list(&plans, "/items").iter().find(|plan| text(plan, "/number") == employee);
        Ok(plan.map(|plan| text(plan, "/id").to_owned()).unwrap_or_default())
    }

    async fn unit_plan(&self, reader: &Api, unit: &str) -> Result<String> {
        let units = reader.get(&format!("/v1/cycles/{}/units", self.cycle)).await?;
        let found = list(&units, "/items").iter().find(|one| text(one, "/code") == unit);
        Ok(found.map(|unit| text(unit, "/plan").to_owned()).unwrap_or_default())
    }

    /// Decides about a plan in the step in which somebody is asked.
    async fn decide_plan(&self, who: &Api, plan: &str, decision: Value) -> Result<()> {
        let plan = who.get(&format!("/v1/plans/{plan}")).await?;
        let open = list(&plan, "/steps").iter().find(|step| text(step, "/state") == "open");
        let step = open.map(|step| text(step, "/id").to_owned()).unwrap_or_default();
        who.post(&format!("/v1/planning/steps/{step}/decision"), decision).await?;
        Ok(())
    }

    async fn settle_sheets(&self) -> Result<()> {
        self.on(self.month, 8, "HR settles the sheets, the heads confirm them, the general manager releases them")?;
        let hr = self.as_user("hr").await?;
        hr.post(&format!("/v1/cycles/{}/sheets/settle", self.cycle), json!({})).await?;
        // All six hold the post that the scheme's own items are made for: no goals take their place.
        for employee in ["E001", "E002", "E003", "E004", "E005", "E006"] {
            let path = format!("/v1/cycles/{}/sheets/person:{employee}/rows", self.cycle);
            hr.put(&path, json!({ "rows": [], "reason": "the items of the post as they are" })).await?;
        }
        for login in ["net.head", "ops.head"] {
            let head = self.as_user(login).await?;
            let asked = head.get(&format!("/v1/planning/steps?cycle={}", self.cycle)).await?;
            for step in list(&asked, "/items") {
                let path = format!("/v1/planning/steps/{}/decision", text(step, "/id"));
                head.post(&path, json!({ "verdict": "approved" })).await?;
            }
        }
        let general_manager = self.as_user("general.manager").await?;
        general_manager.post(&format!("/v1/cycles/{}/release", self.cycle), json!({})).await?;
        self.when_ready("the sheets arrive in scoring", async || {
            let sheets = hr.get(&format!("/v1/sheets?cycle={}&kind=person&limit=500", self.cycle)).await?;
            Ok((list(&sheets, "/items").len() == 6).then_some(()))
        })
        .await?;
        tell("            six score sheets of 100 points each");
        Ok(())
    }

    async fn score(&self) -> Result<()> {
        self.on(self.month, 26, "scoring")?;
        let hr = self.as_user("hr").await?;
        let cycle = &self.cycle;
        hr.post_file(&format!("/v1/cycles/{cycle}/facts"), "text/csv", FACTS.as_bytes().to_vec()).await?;
        tell("            王敏 (HR) entered forms, satisfaction and attendance of six people");
        let deputy = self.as_user("deputy").await?;
        let score = |unit: &str, score: &str| json!({ "subject": unit, "path": "score", "value": score });
        let scores = json!({ "facts": [score("unit:NET", "88"), score("unit:OPS", "60")] });
        deputy.post(&format!("/v1/cycles/{cycle}/facts"), scores).await?;
        tell("            李静 (deputy in charge) scored NET 88, OPS 60");
        self.close(&hr).await?;
        let missing = hr.get(&format!("/v1/cycles/{cycle}/missing?limit=500")).await?;
        let missing = list(&missing, "/items");
        if missing.is_empty() {
            return Err(Problem::internal("an incomplete cycle could be closed"));
        }
        let entries: usize = missing.iter().map(|one| list(one, "/errors").len()).sum();
        tell(&format!("            closing now computes nobody: {} people lack {entries} entries", missing.len()));
        for (login, name, unit) in [("net.head", "赵强", "NET"), ("ops.head", "孙丽", "OPS")] {
            let head = self.as_user(login).await?;
            let ratings = ratings_of(unit, "superior");
            let count = ratings.len();
            head.post(&format!("/v1/cycles/{cycle}/ratings"), json!({ "ratings": ratings })).await?;
            head.post(&format!("/v1/cycles/{cycle}/ratings/submit"), json!({})).await?;
            tell(&format!(
                "            {name} (head of {unit}) gave {count} ratings, with an example where the policy asks for one"
            ));
        }
        hr.post(&format!("/v1/cycles/{cycle}/ratings"), json!({ "ratings": ratings_of("HR", "hr") })).await?;
        hr.post(&format!("/v1/cycles/{cycle}/ratings/submit"), json!({})).await?;
        tell("            王敏 (HR) rated everybody's conduct");
        Ok(())
    }

    /// Closes the cycle, and waits until whoever can be computed is.
    async fn close(&self, hr: &Api) -> Result<()> {
        hr.post(&format!("/v1/cycles/{}/close", self.cycle), json!({})).await?;
        self.when_ready("the cycle is computed", async || {
            let closing = hr.get(&format!("/v1/cycles/{}/closing", self.cycle)).await?;
            Ok((text(&closing, "/state") != "computing").then_some(()))
        })
        .await
    }

    async fn close_and_publish(&self) -> Result<()> {
        self.on(self.month, 28, "HR closes the cycle, looks, and the general manager publishes")?;
        let hr = self.as_user("hr").await?;
        let cycle = &self.cycle;
        self.close(&hr).await?;
        let preview = hr.get(&format!("/v1/cycles/{cycle}/results?kind=person&limit=500")).await?;
        for result in list(&preview, "/items") {
            let line = format!(
                "            {} {}  score {:>6}  grade {:<3} coefficient {}",
                text(result, "/number"),
                text(result, "/name"),
                text(result, "/score"),
                text(result, "/grade"),
                text(result, "/coefficient"),
            );
            tell(&line);
        }
        self.as_user("general.manager").await?.post(&format!("/v1/cycles/{cycle}/publish"), json!({})).await?;
        tell("            published, once and for all");
        let interviews = hr.get(&format!("/v1/cycles/{cycle}/interviews")).await?;
        for person in list(&interviews, "/items") {
            let reasons: Vec<&str> = list(person, "/reasons").iter().map(|r| text(r, "/label_en")).collect();
            tell(&format!("            to interview: {} ({})", text(person, "/number"), reasons.join(", ")));
        }
        Ok(())
    }

    async fn pay_and_mail(&self) -> Result<()> {
        tell("            performance pay, as payroll pulls it:");
        let admin = self.as_user("admin").await?;
        let client = admin.post("/v1/clients", json!({ "name": "payroll", "scopes": ["payroll.read"] })).await?;
        let payroll = self.api.sign_in_client(text(&client, "/client_id"), text(&client, "/client_secret")).await?;
        let statements = self.statements(&payroll, 6).await?;
        for statement in &statements {
            tell(&format!("            {} {}", text(statement, "/number"), statement["components"]));
        }
        if let Some(last) = statements.last() {
            payroll.post("/v1/payroll/acknowledgements", json!({ "cursor": last["cursor"] })).await?;
        }
        let mail = self
            .when_ready("mail arrives", async || {
                let mut mine =
                    self.scene.mailbox.messages().into_iter().filter_map(|path| std::fs::read_to_string(path).ok());
                Ok(mine.rfind(|mail| mail.contains("e001@")))
            })
            .await?;
        tell(&format!(
            "            {} mails are in {}; the newest to E001:",
            self.scene.mailbox.messages().len(),
            self.scene.mailbox.directory.display()
        ));
        for line in readable(&mail).lines() {
            tell(&format!("            | {line}"));
        }
        Ok(())
    }

    /// The feed once it holds at least so many statements.
    async fn statements(&self, payroll: &Api, at_least: usize) -> Result<Vec<Value>> {
        self.when_ready("the statements are issued", async || {
            let feed = payroll.get_text("/v1/payroll/statements", "application/x-ndjson").await?;
            let statements: Vec<Value> = feed.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
            Ok((statements.len() >= at_least).then_some(statements))
        })
        .await
    }

    async fn explain(&self) -> Result<()> {
        let me = self.as_user("e001").await?;
        let mine = me.get("/v1/my/results").await?;
        let id = text(&mine, "/items/0/id");
        let explanation = me.get(&format!("/v1/results/{id}/explanation?locale=en")).await?;
        tell("\nE001 asks how the score came about:");
        for line in text(&explanation, "/text").lines() {
            tell(&format!("  {line}"));
        }
        let statements = me.get("/v1/my/statements").await?;
        let id = text(&statements, "/items/0/id");
        let explanation = me.get(&format!("/v1/statements/{id}/explanation?locale=en")).await?;
        tell("\nand what it pays:");
        for line in text(&explanation, "/text").lines() {
            tell(&format!("  {line}"));
        }
        tell("");
        Ok(())
    }

    async fn correct(&self) -> Result<()> {
        self.on(
            self.month,
            30,
            "HR corrects a published result: one of E006's forms had been filed under another name",
        )?;
        let hr = self.as_user("hr").await?;
        let change = json!({ "subject": "person:E006", "path": "/items/response/value", "value": "12" });
        let reason = "a form had been filed under another name";
        let correction = json!({ "cycle": self.cycle, "reason": reason, "changes": [change] });
        let preview = hr.post("/v1/corrections?preview=true", correction.clone()).await?;
        for one in list(&preview, "/affected") {
            let (before, after) = (text(one, "/before/score"), text(one, "/after/score"));
            tell(&format!("            {}: {before} before, {after} after", text(one, "/subject")));
        }
        hr.post("/v1/corrections", correction).await?;
        let admin = self.as_user("admin").await?;
        let client = admin.post("/v1/clients", json!({ "name": "payroll-check", "scopes": ["payroll.read"] })).await?;
        let payroll = self.api.sign_in_client(text(&client, "/client_id"), text(&client, "/client_secret")).await?;
        let statements = self.statements(&payroll, 7).await?;
        if let Some(last) = statements.last() {
            tell(&format!(
                "            payroll gets a {} for {}: {} more",
                text(last, "/kind"),
                text(last, "/number"),
                last["difference"]
            ));
        }
        Ok(())
    }

    /// Asks again until the answer is there: services learn of each other through events.
    async fn when_ready<T>(&self, what: &str, ask: impl AsyncFn() -> Result<Option<T>>) -> Result<T> {
        let mut last = None;
        for _ in 0..600 {
            match ask().await {
                Ok(Some(value)) => return Ok(value),
                Ok(None) => {}
                Err(problem) => last = Some(problem),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(last.unwrap_or_else(|| Problem::internal(format!("it did not happen: {what}"))))
    }
}

/// What one rater gives, from the ratings file, as the API takes it.
fn ratings_of(unit: &str, input: &str) -> Vec<Value> {
    let rows = RATINGS.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    let mine = rows.filter(|cells| cells.first() == Some(&unit));
    mine.map(|cells| match cells.as_slice() {
        [_, number, item, value] => json!({ "number": number, "item": item, "input": input, "value": value }),
        [_, number, item, value, evidence] => {
            json!({ "number": number, "item": item, "input": input, "value": value, "evidence": evidence })
        }
        _ => Value::Null,
    })
    .collect()
}

/// A message's subject and text, without its other headers and transfer encoding.
fn readable(mail: &str) -> String {
    let Some(message) = mail_parser::MessageParser::default().parse(mail) else { return mail.to_owned() };
    let body = message.body_text(0).unwrap_or_default();
    format!("Subject: {}\n\n{}", message.subject().unwrap_or_default(), body.trim_end())
}
