//! Plays a case as a company would, over HTTP only: people and units are imported, a cycle is opened for them, everybody
//! enters what is theirs, HR closes, the executive publishes, payroll pulls, and what came out is compared with what the
//! case expects. Nothing of the engine is used: only the API is read.
//!
//! A case that has to be refused is refused at a door, by what is missing at closing, or by what the pay run finds before
//! publication; [`shape`] lists what the player refuses itself.

pub mod api;
mod case;
mod closing;
mod company;
mod comparing;
mod entering;
mod officers;
mod opening;
mod planning;
mod rating;
mod scheme;
mod shape;
mod sheets;
mod stop;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;

use api::Api;
pub use case::Case;
pub use closing::Trace;
use company::Company;
pub use company::Place;
use entering::Entering;
use sheets::Sheets;
use stop::Played;

/// How many cases came out as expected, and what the others did.
#[derive(Default)]
pub struct Tally {
    pub passed: usize,
    /// A line a case.
    pub failed: Vec<String>,
}

/// The sources of the schemes that come with the product, once somebody has read them.
type Templates = RefCell<BTreeMap<String, String>>;

/// Plays all cases, four companies at a time; `tell` hears of each case that fails.
pub async fn play_all(place: &Place, files: Vec<PathBuf>, tell: impl Fn(&str)) -> Tally {
    let left = RefCell::new(files.into_iter());
    let (templates, tally) = (Templates::default(), RefCell::new(Tally::default()));
    let next = || left.borrow_mut().next();
    let worker = async || {
        while let Some(file) = next() {
            let outcome = match Case::read(&file) {
                Ok(case) => {
                    let code = format!("play-{}", uuid::Uuid::now_v7().simple());
                    let outcome = play_through(place, (&code, &code), &case, &templates).await;
                    fault(&case, &outcome).map(|why| format!("{}: {why}", case.name))
                }
                Err(why) => Some(why),
            };
            match outcome {
                None => tally.borrow_mut().passed += 1,
                Some(line) => {
                    tell(&line);
                    tally.borrow_mut().failed.push(line);
                }
            }
        }
    };
    tokio::join!(worker(), worker(), worker(), worker());
    tally.into_inner()
}

/// Plays a case in a company of this code and name; the code gets a number where it is taken. Where to look at it, or
/// what did not come out as expected.
pub async fn play_in(place: &Place, code: &str, name: &str, case: &Case) -> Result<Trace, String> {
    let outcome = play_through(place, (code, name), case, &Templates::default()).await;
    match fault(case, &outcome) {
        Some(why) => Err(why),
        None => outcome.map(|outcome| outcome.trace).map_err(|stop| stop.told()),
    }
}

/// What did not come out as expected.
fn fault(case: &Case, outcome: &Played<closing::Outcome>) -> Option<String> {
    match (outcome, case.is_invalid()) {
        (outcome, true) => comparing::refusal(case, outcome.as_ref().err()),
        (Err(stop), false) => Some(stop.told()),
        (Ok(outcome), false) => {
            let found = comparing::differences(case, outcome);
            let more = found.len().saturating_sub(1);
            found.into_iter().next().map(|first| if more == 0 { first } else { format!("{first} (and {more} more)") })
        }
    }
}

async fn play_through(
    place: &Place,
    named: (&str, &str),
    case: &Case,
    templates: &Templates,
) -> Played<closing::Outcome> {
    Ok(played(place, named, case, templates).await?.2)
}

/// A company that has played a case until everybody is computed, and nothing is approved or published.
pub struct Computed {
    company: Company,
    case: Case,
    at: opening::Cycle,
}

impl Computed {
    /// Plays a case of a folder, by its name; or what stopped it.
    pub async fn of(place: &Place, folder: &std::path::Path, name: &str) -> Result<Self, String> {
        let case = Case::read(&folder.join(format!("{name}.json")))?;
        let code = format!("play-{}", uuid::Uuid::now_v7().simple());
        let played = computed(place, (&code, &code), &case, &Templates::default()).await;
        let (company, at, _) = played.map_err(|stop| stop.told())?;
        Ok(Self { company, case, at })
    }

    /// The id of the cycle.
    pub fn cycle(&self) -> &str {
        &self.at.id
    }

    /// Somebody, with a new token.
    pub async fn sign_in(&mut self, number: &str) -> Result<Api, String> {
        self.company.sign_in(number).await.map_err(|stop| stop.told())
    }

    /// HR and finance in one, who are nobody of the company.
    pub async fn import(&self) -> Result<Api, String> {
        self.company.sign_in_to_import().await.map_err(|stop| stop.told())
    }

    /// Has everybody approve, and publishes.
    pub async fn publish(self) -> Result<Published, String> {
        let Self { company, case, at } = self;
        closing::approve(&company, &at).await.map_err(|stop| stop.told())?;
        closing::publish(&company, &case, &at).await.map_err(|stop| stop.told())?;
        Published::with(company, at.id).await
    }
}

/// A company that has played a case to its publication.
pub struct Published {
    company: Company,
    /// The id of the cycle.
    pub cycle: String,
    /// Id and secret of a client.
    payroll: (String, String),
}

impl Published {
    /// Plays a case of a folder, by its name; or what stopped it.
    pub async fn of(place: &Place, folder: &std::path::Path, name: &str) -> Result<Self, String> {
        let case = Case::read(&folder.join(format!("{name}.json")))?;
        let code = format!("play-{}", uuid::Uuid::now_v7().simple());
        let played = played(place, (&code, &code), &case, &Templates::default()).await;
        let (company, cycle, _) = played.map_err(|stop| stop.told())?;
        Self::with(company, cycle.id).await
    }

    async fn with(company: Company, cycle: String) -> Result<Self, String> {
        let payroll = company.payroll_client().await.map_err(|stop| stop.told())?;
        Ok(Self { company, cycle, payroll })
    }

    /// Somebody, with a new token: of the case, or one of the player's own, such as `PLAY-HR`.
    pub async fn sign_in(&mut self, number: &str) -> Result<Api, String> {
        self.company.sign_in(number).await.map_err(|stop| stop.told())
    }

    /// HR and finance in one, who are nobody of the company.
    pub async fn import(&self) -> Result<Api, String> {
        self.company.sign_in_to_import().await.map_err(|stop| stop.told())
    }

    /// The payroll feed as far as it has come.
    pub async fn feed(&self) -> Result<Vec<serde_json::Value>, String> {
        let (id, secret) = &self.payroll;
        let payroll = self.company.sign_in_client(id, secret).await.map_err(|stop| stop.told())?;
        let lines = payroll.get_text("/v1/payroll/statements", "application/x-ndjson").await;
        let lines = lines.map_err(|problem| problem.to_string())?;
        Ok(lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
    }
}

async fn played(
    place: &Place,
    (code, name): (&str, &str),
    case: &Case,
    templates: &Templates,
) -> Played<(Company, opening::Cycle, closing::Outcome)> {
    let (company, cycle, appeal) = computed(place, (code, name), case, templates).await?;
    closing::approve(&company, &cycle).await?;
    let outcome = closing::publish(&company, case, &cycle).await?;
    Ok((company, cycle, closing::Outcome { appeal, ..outcome }))
}

/// A case up to its closing, with what the API answers about its appeal.
async fn computed(
    place: &Place,
    (code, name): (&str, &str),
    case: &Case,
    templates: &Templates,
) -> Played<(Company, opening::Cycle, serde_json::Value)> {
    shape::check(case)?;
    let mut company = Company::found(place, code, name).await?;
    if templates.borrow().is_empty() {
        let read = opening::templates(&company).await?;
        *templates.borrow_mut() = read;
    }
    let known = templates.borrow().clone();
    let scheme = opening::scheme(&company, case, &known).await?;
    shape::check_keys(case, &scheme)?;
    company.fill(case, &scheme).await?;
    opening::calendar(&company, case).await?;
    opening::pay(&company, case).await?;
    company.admit(sheets::always(case, &scheme)).await?;
    opening::arrived(&company, case).await?;
    let cycle = opening::open(&company, case, &scheme).await?;
    let appeal = closing::appeal(&company, case, &cycle).await?;
    planning::agree(&company, case, &scheme, &cycle).await?;
    let sheets = Sheets::arrived(&company, case, &scheme, &cycle).await?;
    opening::history(&company, case, &scheme, &cycle).await?;
    let entering = Entering { case, scheme: &scheme, sheets: &sheets, company: &company, cycle: &cycle };
    entering.facts().await?;
    closing::check_facts(&company, &cycle).await?;
    closing::do_duties(&company, &cycle).await?;
    entering.paid_facts().await?;
    entering.entries().await?;
    entering.ratings().await?;
    closing::close(&company, case, &cycle).await?;
    if case.is_invalid() {
        closing::findings(&company, case, &cycle).await?;
    }
    Ok((company, cycle, appeal))
}

/// The cases of a folder, by name.
pub fn cases(folder: &std::path::Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).into_iter().flatten().filter_map(|file| Some(file.ok()?.path()));
    let mut files: Vec<PathBuf> =
        files.filter(|file| file.extension().is_some_and(|extension| extension == "json")).collect();
    files.sort();
    files
}
