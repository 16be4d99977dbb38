//! A company that lives one cycle of a scheme, in bulk, through the public API.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::scheme::Scheme;
use player::Place;
use player::api::{Api, list, text};
use serde_json::{Value, json};
use testkit::eventually_within;
use tests::system::{BOOTSTRAP_TOKEN, System};

use crate::baseline::connect;

/// Lines of one file: as many as one request in JSON may carry values.
pub const LINES: usize = 50_000;
/// How long is waited for anything.
const PATIENCE: Duration = Duration::from_secs(900);
/// Entries or ratings of one request.
const AT_ONCE: usize = 5_000;
const UNIT_COLUMNS: &str = "code,name,parent,category";
const PERSON_COLUMNS: &str =
    "number,name,unit,category,superior,hired_on,left_on,email,position,dotted_superior,locale";
const LONG_AGO: &str = "2020-01-01";

/// A company with those who enter something, and its cycle once that is open.
pub struct Company {
    scheme: String,
    hr: Api,
    executive: Api,
    /// The one member of each body that the scheme names, by the body's code.
    members: BTreeMap<String, Member>,
    cycle: String,
}

struct Member {
    number: String,
    api: Api,
}

/// A line of the file of units.
pub fn unit(code: &str, category: &str) -> String {
    format!("{code},{code},,{category}")
}

/// A line of the file of people; whoever reports to `G001` leads the unit.
pub fn person(number: &str, unit: &str, category: &str, superior: &str) -> String {
    format!("{number},{number},{unit},{category},{superior},{LONG_AGO},,,,,en")
}

impl Company {
    /// Units and people out of files, and accounts for those who are not appraised.
    pub async fn found(system: &System, scheme: &str, units: Vec<String>, people: Vec<String>) -> Self {
        let place = Place::new(system.api(), BOOTSTRAP_TOKEN);
        let code = place.found("bench", "bench").await.expect("a company");
        let sign_in = async |name: &str| place.api.sign_in(&code, name, &place.password).await.expect(name);
        let admin = sign_in("admin").await;
        let account = |name: &str, number: Option<&str>, roles: &[&str]| json!({ "username": name, "password": place.password, "employee": number, "roles": roles });
        admin.post("/v1/accounts", account("import", None, &["hr"])).await.expect("an account");
        let import = sign_in("import").await;

        let source = Scheme::shipped().iter().find(|(shipped, _)| *shipped == scheme).map(|(_, source)| *source);
        let bodies = Scheme::parse(source.expect("a shipped scheme")).expect("it parses").bodies();
        let seated: Vec<(String, String)> =
            bodies.into_iter().enumerate().map(|(at, body)| (body, format!("B{at:03}"))).collect();
        let office = ["G001", "H001", "X001"].into_iter().chain(seated.iter().map(|(_, number)| number.as_str()));
        let of_office = |number| person(number, "HQ", "", if number == "G001" { "" } else { "G001" });
        let units = [vec![unit("HQ", "")], units].concat();
        let people = [office.map(of_office).collect(), people].concat();
        for (kind, columns, lines) in [("units", UNIT_COLUMNS, &units), ("employees", PERSON_COLUMNS, &people)] {
            let path = format!("/v1/imports?kind={kind}&effective_on={LONG_AGO}");
            for file in files(columns, lines) {
                import.post_file(&path, "text/csv", file).await.expect(kind);
            }
        }
        let mut accounts =
            vec![account("hr", Some("H001"), &["hr"]), account("executive", Some("X001"), &["executive"])];
        for (body, number) in &seated {
            let name = json!({ "zh": body, "en": body });
            import.post("/v1/bodies", json!({ "code": body, "name": name })).await.expect("a body");
            let seat = json!({ "number": number, "office": "leader", "in_charge": [], "from_on": LONG_AGO });
            let path = format!("/v1/bodies/{body}");
            import.replace(&path, "/seats", json!({ "seats": [seat] })).await.expect("a seat");
            accounts.push(account(&number.to_lowercase(), Some(number), &["committee_member"]));
        }
        admin.post("/v1/accounts/batch", json!({ "accounts": accounts })).await.expect("accounts");
        let mut company = Self {
            scheme: scheme.to_owned(),
            hr: sign_in("hr").await,
            executive: sign_in("executive").await,
            members: BTreeMap::new(),
            cycle: String::new(),
        };
        for (body, number) in seated {
            let api = sign_in(&number.to_lowercase()).await;
            company.members.insert(body, Member { number, api });
        }
        for (path, key) in [("/v1/planning/directory", "employees"), ("/v1/scoring/directory", "people")] {
            company
                .until("everybody has arrived", path, |size| {
                    size[key] == people.len() && size["units"] == units.len() && size["bodies"] == company.members.len()
                })
                .await;
        }
        // By itself PostgreSQL looks at new tables within a minute or so.
        connect(system).await.batch_execute("analyze").await.expect("statistics");
        company
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/cycles/{}{rest}", self.cycle)
    }

    /// Asks until the answer is as wanted.
    async fn until(&self, what: &str, path: &str, is_so: impl Fn(&Value) -> bool) {
        let mut ask = async || self.hr.get(path).await.ok().filter(&is_so);
        eventually_within(PATIENCE, what, &mut ask).await;
    }

    /// Opens the cycle for exactly these subjects, and waits until scoring has their sheets. They are counted behind its
    /// back: what the API tells of a cycle costs more than to count.
    pub async fn open(&mut self, system: &System, period: &str, subjects: &[String]) {
        let body = json!({ "scheme": self.scheme, "period": period, "subjects": subjects });
        let cycle = self.hr.post("/v1/cycles", body).await.expect("the cycle opens");
        self.cycle = text(&cycle, "/id").to_owned();
        let mut has_all = async || {
            let sheets = system.count("scoring", "select from sheets").await;
            (usize::try_from(sheets) == Ok(subjects.len())).then_some(())
        };
        eventually_within(PATIENCE, "the sheets arrive in scoring", &mut has_all).await;
    }

    /// Enters values that nobody rates, out of files: lines of subject, path and value.
    pub async fn enter_facts(&self, lines: &[String]) {
        for file in files("subject,path,value", lines) {
            self.hr.post_file(&self.path("/facts"), "text/csv", file).await.expect("values");
        }
    }

    /// Records entries of lists.
    pub async fn record(&self, entries: &[Value]) {
        for entries in entries.chunks(AT_ONCE) {
            self.hr.post(&self.path("/entries"), json!({ "entries": entries })).await.expect("entries");
        }
    }

    fn member(&self, body: &str) -> &Member {
        self.members.get(body).expect("a body of the scheme")
    }

    /// Gives ratings as the member of a body, and hands them in.
    pub async fn rate(&self, body: &str, ratings: &[Value]) {
        let api = &self.member(body).api;
        for ratings in ratings.chunks(AT_ONCE) {
            api.post(&self.path("/ratings"), json!({ "ratings": ratings })).await.expect("ratings");
        }
        api.post(&self.path("/ratings/submit"), json!({})).await.expect("ratings handed in");
    }

    /// Closes the cycle, to stored results.
    pub async fn close(&self) {
        self.hr.post(&self.path("/close"), json!({})).await.expect("closing begins");
        self.until("the cycle is computed", &self.path("/closing"), |closing| {
            let state = text(closing, "/state");
            assert!(["computing", "computed"].contains(&state), "{closing}");
            state == "computed"
        })
        .await;
    }

    /// Approves what was computed, as the bodies that the scheme asks.
    pub async fn approve(&self) {
        loop {
            let open = self.hr.get(&self.path("/approvals?open=true")).await.expect("what waits for approval");
            let Some(step) = list(&open, "/items").first() else { return };
            for asked in list(step, "/waiting").iter().filter_map(Value::as_str) {
                let Member { number, api } = self.member(asked.trim_start_matches("body:"));
                let session =
                    json!({ "held_on": text(step, "/opened_on"), "present": [number], "minutes": "as noted" });
                let path = format!("/v1/scoring/steps/{}/decision", text(step, "/id"));
                api.post(&path, json!({ "verdict": "approved", "session": session })).await.expect("approved");
            }
        }
    }

    pub async fn publish(&self) {
        self.executive.post(&self.path("/publish"), json!({})).await.expect("published");
    }
}

/// A table as CSV files of so many lines as one request takes.
fn files(columns: &str, lines: &[String]) -> impl Iterator<Item = Vec<u8>> {
    lines.chunks(LINES).map(move |lines| format!("{columns}\n{}\n", lines.join("\n")).into_bytes())
}
