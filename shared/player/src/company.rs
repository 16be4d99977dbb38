//! A company of its own for every case: founded, filled from files, with accounts for whoever enters something.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use super::api::{Api, list, text};
use futures_util::future::join_all;
use platform::Code;
use serde_json::{Value, json};

use super::case::{Case, Subject};
use super::officers::{self, BOSS, HEAD, LEADER, LEADERS, NONE, OFFICE};
use super::scheme::Scheme;
use super::stop::{Played, Stop};

/// Signs in to import people and their pay.
const IMPORT: &str = "play.import";
/// Long before any period.
pub const LONG_AGO: &str = "2000-01-01";

/// Where companies can be founded.
#[derive(Clone)]
pub struct Place {
    pub api: Api,
    pub bootstrap_token: String,
    /// What every account signs in with.
    pub password: String,
}

impl Place {
    pub fn new(api: Api, bootstrap_token: &str) -> Self {
        Self { api, bootstrap_token: bootstrap_token.to_owned(), password: "a-password-of-the-player".to_owned() }
    }

    /// Founds a company with an administrator `admin`, under this code or the first that is free with a number behind it.
    pub async fn found(&self, wanted: &str, name: &str) -> platform::Result<String> {
        let bootstrap = self.api.with_token(&self.bootstrap_token);
        let admin = json!({ "username": "admin", "password": self.password });
        let mut attempt = 1;
        loop {
            let code = if attempt == 1 { wanted.to_owned() } else { format!("{wanted}-{attempt}") };
            let body = json!({ "code": code, "name": name, "admin": admin });
            match bootstrap.post("/v1/companies", body).await {
                Ok(_) => return Ok(code),
                Err(problem) if problem.code == Code::Conflict && attempt < 100 => attempt += 1,
                Err(problem) => return Err(problem),
            }
        }
    }
}

pub struct Company {
    place: Place,
    pub code: String,
    admin: Api,
    /// Imports people and their pay; it belongs to no employee.
    pub import: Api,
    /// Codes of the bodies that the scheme names.
    pub bodies: Vec<String>,
    signed_in: RefCell<BTreeMap<String, Api>>,
    /// Names of accounts by employee number.
    usernames: RefCell<BTreeMap<String, String>>,
}

impl Company {
    pub async fn found(place: &Place, code: &str, name: &str) -> Played<Self> {
        let (place, password) = (place.clone(), &place.password);
        let code = broken("found a company", place.found(code, name).await)?;
        let admin = broken("sign in as admin", place.api.sign_in(&code, "admin", password).await)?;
        let body = json!({ "username": IMPORT, "password": password, "roles": ["hr", "finance"] });
        broken("an account that imports", admin.post("/v1/accounts", body).await)?;
        let import = broken("sign in to import", place.api.sign_in(&code, IMPORT, password).await)?;
        Ok(Self {
            place,
            code,
            admin,
            import,
            bodies: Vec::new(),
            signed_in: RefCell::default(),
            usernames: RefCell::default(),
        })
    }

    /// Units and people, heads and bodies; what a file has wrong is the case's.
    pub async fn fill(&mut self, case: &Case, scheme: &Scheme) -> Played<()> {
        self.bodies = scheme.bodies();
        self.import("units", &units(case), |row, column| unit_cell(case, row, column)).await?;
        let (file, people) = employees(case, scheme, &self.bodies);
        self.import("employees", &file, |row, column| person_cell(&people, row, column)).await?;
        for unit in case.units() {
            self.appoint(case, scheme, &unit).await?;
        }
        let heads = json!({ "heads": [{ "number": HEAD, "office": "head", "from_on": LONG_AGO }] });
        broken("head of those without a unit", self.import.put(&format!("/v1/units/{NONE}/heads"), heads).await)?;
        let codes: Vec<&str> = case.units().map(|unit| unit.code()).chain([NONE]).collect();
        self.seat(LEADERS, LEADER, &codes).await?;
        for (at, body) in self.bodies.iter().enumerate() {
            self.seat(body, &officers::member(at), &[]).await?;
        }
        Ok(())
    }

    async fn import(&self, kind: &str, file: &str, place: impl Fn(usize, &str) -> Option<String>) -> Played<()> {
        let path = format!("/v1/imports?kind={kind}&effective_on={LONG_AGO}");
        let done = self.import.post_file(&path, "text/csv", file.as_bytes().to_vec()).await;
        let place = |pointer: &str| {
            let mut parts = pointer.trim_start_matches('/').split('/');
            let row: Option<usize> = parts.next().and_then(|row| row.parse().ok());
            let found = row.and_then(|row| row.checked_sub(2)).zip(parts.next());
            found.and_then(|(row, column)| place(row, column)).into_iter().collect()
        };
        done.map(drop).map_err(|problem| Stop::of(&format!("import of {kind}"), &problem, place))
    }

    /// Who heads a unit from long ago; a head without any history does so from the period on.
    async fn appoint(&self, case: &Case, scheme: &Scheme, unit: &Subject<'_>) -> Played<()> {
        let (mut heads, mut places) = (Vec::new(), super::stop::Sent::default());
        for office in ["head", "co_head"] {
            let Some(number) = unit.text(office).filter(|_| scheme.takes(office)) else { continue };
            let is_new = case
                .person(number)
                .is_some_and(|person| person.get("history").and_then(Value::as_array).is_some_and(Vec::is_empty));
            let began = case.first_day().filter(|_| is_new).map_or(LONG_AGO.to_owned(), |day| day.to_string());
            heads.push(json!({ "number": number, "office": office, "from_on": began }));
            places.add(format!("{}/{office}", unit.pointer()));
        }
        if !heads.iter().any(|head| text(head, "/office") == "head") {
            heads.push(json!({ "number": HEAD, "office": "head", "from_on": LONG_AGO }));
            places.add(format!("{}/head", unit.pointer()));
        }
        let path = format!("/v1/units/{}/heads", unit.code());
        let done = self.import.put(&path, json!({ "heads": heads })).await;
        done.map(drop).map_err(|problem| Stop::of(&format!("PUT {path}"), &problem, |at| places.places("heads", at)))
    }

    /// Founds a body of one member.
    async fn seat(&self, code: &str, member: &str, in_charge: &[&str]) -> Played<()> {
        let body = json!({ "code": code, "name": { "zh": code, "en": code } });
        broken("found a body", self.import.post("/v1/bodies", body).await)?;
        let seat = json!({ "number": member, "office": "leader", "in_charge": in_charge, "from_on": LONG_AGO });
        let path = format!("/v1/bodies/{code}");
        broken("seat a body", self.import.replace(&path, "/seats", json!({ "seats": [seat] })).await).map(drop)
    }

    /// Somebody's token, once they are signed in.
    pub fn of(&self, number: &str) -> Played<Api> {
        let found = self.signed_in.borrow().get(number).cloned();
        found.ok_or_else(|| Stop::Broken(format!("{number} has no account")))
    }

    /// Accounts for people who have none yet, in one batch; everybody signs in at once.
    pub async fn admit(&self, numbers: impl IntoIterator<Item = String>) -> Played<()> {
        let mut new: Vec<String> =
            numbers.into_iter().filter(|number| !self.signed_in.borrow().contains_key(number)).collect();
        new.sort();
        new.dedup();
        if new.is_empty() {
            return Ok(());
        }
        let (first, password) = (self.signed_in.borrow().len(), &self.place.password);
        let named: Vec<(String, String)> = new
            .into_iter()
            .enumerate()
            .map(|(at, number)| {
                let username = officers::username(&number).unwrap_or_else(|| format!("play.user.{}", first + at));
                (number, username)
            })
            .collect();
        let account = |(number, username): &(String, String)| json!({ "username": username, "password": password, "employee": number, "roles": officers::roles(number) });
        let accounts: Vec<Value> = named.iter().map(account).collect();
        broken("accounts", self.admin.post("/v1/accounts/batch", json!({ "accounts": accounts })).await)?;
        let signing_in = named.iter().map(|(_, username)| self.place.api.sign_in(&self.code, username, password));
        for ((number, _), outcome) in named.iter().zip(join_all(signing_in).await) {
            let api = broken("sign in", outcome)?;
            self.signed_in.borrow_mut().insert(number.clone(), api);
        }
        self.usernames.borrow_mut().extend(named);
        Ok(())
    }

    /// A new token of somebody, for whom there may be no account yet.
    pub async fn sign_in(&mut self, number: &str) -> Played<Api> {
        self.admin =
            broken("sign in as admin", self.place.api.sign_in(&self.code, "admin", &self.place.password).await)?;
        self.admit([number.to_owned()]).await?;
        let username = self.usernames.borrow().get(number).cloned().unwrap_or_default();
        broken("sign in", self.place.api.sign_in(&self.code, &username, &self.place.password).await)
    }

    /// A new token of the account that imports.
    pub async fn sign_in_to_import(&self) -> Played<Api> {
        broken("sign in to import", self.place.api.sign_in(&self.code, IMPORT, &self.place.password).await)
    }

    /// A client that pulls the payroll feed.
    pub async fn payroll(&self) -> Played<Api> {
        let (id, secret) = self.payroll_client().await?;
        self.sign_in_client(&id, &secret).await
    }

    /// A new token of a client.
    pub async fn sign_in_client(&self, id: &str, secret: &str) -> Played<Api> {
        broken("sign in as payroll", self.place.api.sign_in_client(id, secret).await)
    }

    /// The id and the secret of a client for the payroll feed.
    pub async fn payroll_client(&self) -> Played<(String, String)> {
        let body = json!({ "name": "payroll", "scopes": ["payroll.read"] });
        let client = broken("a payroll client", self.admin.post("/v1/clients", body).await)?;
        Ok((text(&client, "/client_id").to_owned(), text(&client, "/client_secret").to_owned()))
    }
}

/// An answer that has nothing to do with the case.
pub fn broken<T>(call: &str, answer: platform::Result<T>) -> Played<T> {
    answer.map_err(|problem| Stop::broken(call, &problem))
}

/// Asks until there is an answer, at most so many seconds.
pub async fn eventually<T>(seconds: u64, what: &str, mut ask: impl AsyncFnMut() -> Played<Option<T>>) -> Played<T> {
    let deadline = std::time::Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(found) = ask().await? {
            return Ok(found);
        }
        if std::time::Instant::now() > deadline {
            return Err(Stop::Broken(format!("it did not happen: {what}")));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Every item of a listing, page by page.
pub async fn all_of(api: &Api, path: &str) -> Played<Vec<Value>> {
    let (mut items, mut after) = (Vec::new(), String::new());
    let mark = if path.contains('?') { '&' } else { '?' };
    loop {
        let page = broken(path, api.get(&format!("{path}{mark}limit=500{after}")).await)?;
        items.extend(list(&page, "/items").iter().cloned());
        match page.get("next").and_then(Value::as_str) {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(items),
        }
    }
}

fn units(case: &Case) -> String {
    let mut file = "code,name,parent,category\n".to_owned();
    for code in [OFFICE, NONE] {
        file.push_str(&row(&[code, code, "", ""]));
    }
    for unit in case.units() {
        file.push_str(&row(&[unit.code(), unit.code(), "", unit.text("category").unwrap_or_default()]));
    }
    file
}

/// Units of the case follow the player's own two.
fn unit_cell(case: &Case, row: usize, column: &str) -> Option<String> {
    let unit = case.units().nth(row.checked_sub(2)?)?;
    Some(format!("{}/{column}", unit.pointer()))
}

/// The file of everybody, and where its rows are of the case.
fn employees(case: &Case, scheme: &Scheme, bodies: &[String]) -> (String, Vec<Option<String>>) {
    let deciding = deciding_facts(case, scheme);
    let columns: String = deciding.iter().map(|fact| format!(",fact:{fact}")).collect();
    let mut file =
        "number,name,unit,category,superior,hired_on,left_on,email,position,dotted_superior,locale".to_owned();
    file.push_str(&format!("{columns}\n"));
    let mut places = Vec::new();
    for (number, superior) in officers::all(case, bodies) {
        let mut cells = vec![number.as_str(), number.as_str(), OFFICE, "", superior, "", "", "", "", "", "en"];
        cells.extend(deciding.iter().map(|_| ""));
        file.push_str(&row(&cells));
        places.push(None);
    }
    for person in case.people() {
        let told = |key: &str| person.text(key).unwrap_or_default();
        let (number, unit) = (person.code(), case.unit_of(&person).unwrap_or(NONE));
        let (hired, left) = (told("hired_on"), told("left_on"));
        let mut cells = vec![number, number, unit, told("category"), BOSS, hired, left, "", "", "", "en"];
        let facts = deciding.iter().map(|fact| person.fact(fact).and_then(told_beforehand).unwrap_or_default());
        cells.extend(facts);
        file.push_str(&row(&cells));
        places.push(Some(person.pointer()));
    }
    (file, places)
}

fn person_cell(people: &[Option<String>], row: usize, column: &str) -> Option<String> {
    let person = people.get(row)?.as_ref()?;
    Some(match column.strip_prefix("fact:") {
        Some(fact) => format!("{person}/facts/{fact}"),
        None => format!("{person}/{column}"),
    })
}

/// Whoever has no rows where everybody has to have some is not appraised: the organisation knows that beforehand.
pub fn is_left_out_of_rows(person: &Subject, scheme: &Scheme) -> bool {
    scheme.agreed_lists().iter().any(|(key, required)| *required && person.get(key).is_none())
}

/// What decides about somebody stands in the organisation's file, where it can be written there.
pub fn told_beforehand(value: &Value) -> Option<&str> {
    match value {
        Value::Bool(true) => Some("true"),
        Value::Bool(false) => Some("false"),
        Value::String(text) if !text.trim().is_empty() => Some(text),
        _ => None,
    }
}

fn deciding_facts(case: &Case, scheme: &Scheme) -> Vec<String> {
    let of_scheme = scheme.deciding_facts().into_iter();
    of_scheme.filter(|fact| case.people().any(|person| person.fact(fact).and_then(told_beforehand).is_some())).collect()
}

fn row(cells: &[&str]) -> String {
    let quoted = |cell: &&str| {
        if cell.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            (*cell).to_owned()
        }
    };
    format!("{}\n", cells.iter().map(quoted).collect::<Vec<_>>().join(","))
}
