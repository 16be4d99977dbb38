//! A company that lives one cycle of a scheme, in bulk, through the public API.

use std::time::Duration;

use domain::scheme::Scheme;
use player::Place;
use player::api::{Api, text};
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
    /// Sits in every body that the scheme names.
    member: Api,
    cycle: String,
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

        let office = ["G001", "H001", "X001", "B001"];
        let of_office = |number| person(number, "HQ", "", if number == "G001" { "" } else { "G001" });
        let units = [vec![unit("HQ", "")], units].concat();
        let people = [office.map(of_office).to_vec(), people].concat();
        for (kind, columns, lines) in [("units", UNIT_COLUMNS, &units), ("employees", PERSON_COLUMNS, &people)] {
            let path = format!("/v1/imports?kind={kind}&effective_on={LONG_AGO}");
            for file in files(columns, lines) {
                import.post_file(&path, "text/csv", file).await.expect(kind);
            }
        }
        let source = Scheme::shipped().iter().find(|(shipped, _)| *shipped == scheme).map(|(_, source)| *source);
        let bodies = Scheme::parse(source.expect("a shipped scheme")).expect("it parses").bodies();
        for body in &bodies {
            let name = json!({ "zh": body, "en": body });
            import.post("/v1/bodies", json!({ "code": body, "name": name })).await.expect("a body");
            let seat = json!({ "number": "B001", "office": "leader", "in_charge": [], "from_on": LONG_AGO });
            let path = format!("/v1/bodies/{body}");
            import.replace(&path, "/seats", json!({ "seats": [seat] })).await.expect("a seat");
        }
        let accounts = [
            account("hr", Some("H001"), &["hr"]),
            account("executive", Some("X001"), &["executive"]),
            account("member", Some("B001"), &["committee_member"]),
        ];
        admin.post("/v1/accounts/batch", json!({ "accounts": accounts })).await.expect("accounts");
        let company = Self {
            scheme: scheme.to_owned(),
            hr: sign_in("hr").await,
            executive: sign_in("executive").await,
            member: sign_in("member").await,
            cycle: String::new(),
        };
        for (path, key) in [("/v1/planning/directory", "employees"), ("/v1/scoring/directory", "people")] {
            company
                .until("everybody has arrived", path, |size| {
                    size[key] == people.len() && size["units"] == units.len() && size["bodies"] == bodies.len()
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

    /// Gives ratings as the bodies' member, and hands them in.
    pub async fn rate(&self, ratings: &[Value]) {
        for ratings in ratings.chunks(AT_ONCE) {
            self.member.post(&self.path("/ratings"), json!({ "ratings": ratings })).await.expect("ratings");
        }
        self.member.post(&self.path("/ratings/submit"), json!({})).await.expect("ratings handed in");
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

    pub async fn publish(&self) {
        self.executive.post(&self.path("/publish"), json!({})).await.expect("published");
    }
}

/// A table as CSV files of so many lines as one request takes.
fn files(columns: &str, lines: &[String]) -> impl Iterator<Item = Vec<u8>> {
    lines.chunks(LINES).map(move |lines| format!("{columns}\n{}\n", lines.join("\n")).into_bytes())
}
