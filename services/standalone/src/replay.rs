//! `steelyard replay`: every closed cycle recomputed from what is stored, over the data that `steelyard up` keeps.

use std::collections::HashMap;
use std::path::PathBuf;

use platform::config::Secret;
use platform::diesel::{self, QueryableByName};
use platform::diesel_async::RunQueryDsl;
use platform::replay::{self, Asked, Closed, Only, Tally};
use platform::service::role;
use platform::{Clock, Code, Message, Problem, Result, Store, say};
use uuid::Uuid;

use crate::servers::{self, Hold, Servers};
use crate::services::described;

pub struct Options {
    /// Where `steelyard up` keeps everything.
    pub directory: PathBuf,
    /// Only this company, by code or id.
    pub company: Option<String>,
    /// Only this cycle.
    pub cycle: Option<Uuid>,
}

/// Replays over the running servers, or over servers that are started for as long as it takes; how many
/// differences there are.
pub async fn replay(options: &Options) -> Result<u64> {
    let directory = std::path::absolute(&options.directory).map_err(Problem::internal)?;
    if let Some(sockets) = Servers::running(&directory).await {
        return over(&sockets, options).await;
    }
    if !servers::keeps_data(&directory) {
        let nothing = format!("nothing is kept in {}: start with `steelyard up`", directory.display());
        return Err(Problem::new(Code::NotFound, Message::same(nothing)));
    }
    let _hold = Hold::of(&directory)?;
    let servers = Servers::start(&directory).await?;
    let outcome = over(servers.sockets(), options).await;
    servers.stop().await;
    outcome
}

#[allow(clippy::print_stdout, reason = "what was found is what the command prints")]
async fn over(sockets: &str, options: &Options) -> Result<u64> {
    let postgres = |role: &str| servers::url(sockets, role, "steelyard");
    let replayed = run(&postgres, options.company.as_deref(), options.cycle, &mut |line| println!("{line}")).await?;
    Ok(replayed.iter().map(|(_, _, tally)| tally.different).sum())
}

/// Replays every service that stores what it computes, each as its own role; what each found by cycle.
pub async fn run(
    postgres: &dyn Fn(&str) -> Secret,
    company: Option<&str>,
    cycle: Option<Uuid>,
    tell: &mut (dyn FnMut(&str) + Send),
) -> Result<Vec<(&'static str, Closed, Tally)>> {
    let now = Clock::system().now();
    let names = companies(postgres).await?;
    let only = Only { company: company.map(|company| named(&names, company)).transpose()?, cycle };
    let (asked, mut found) = (Asked { only, names }, Vec::new());
    for service in described()?.iter().filter(|service| service.replay.is_some()) {
        let store = Store::connect(postgres(&role(service.name)).expose(), 1, service.name)?;
        let replayed = replay::run(service, &store, &asked, now, tell).await?;
        found.extend(replayed.cycles.into_iter().map(|(closed, tally)| (service.name, closed, tally)));
    }
    if cycle.is_some() && found.is_empty() {
        return Err(Problem::not_found(say!("已关闭的考核周期", "closed cycle")));
    }
    Ok(found)
}

#[derive(QueryableByName)]
struct Company {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    id: Uuid,
    #[diesel(sql_type = diesel::sql_types::Text)]
    code: String,
}

/// The codes of companies, which organisation knows.
async fn companies(postgres: &dyn Fn(&str) -> Secret) -> Result<HashMap<Uuid, String>> {
    let store = Store::connect(postgres(&role("organisation")).expose(), 1, "organisation")?;
    let mut tx = store.begin_to_read(None, Clock::system().now()).await?;
    let companies: Vec<Company> = diesel::sql_query("select id, code from companies").load(tx.conn()).await?;
    tx.rollback().await?;
    Ok(companies.into_iter().map(|company| (company.id, company.code)).collect())
}

fn named(names: &HashMap<Uuid, String>, company: &str) -> Result<Uuid> {
    let found = names.iter().find(|(id, code)| *code == company || id.to_string() == company);
    found.map(|(id, _)| *id).ok_or_else(|| Problem::not_found(say!("公司", "company")))
}
