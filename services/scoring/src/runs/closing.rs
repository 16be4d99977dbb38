//! The closing job: computes a cycle piece by piece. A piece is a unit, or the whole company where the scheme ranks
//! across units. Each transaction takes some pieces whose rows nobody else holds, so replicas share the work, and a job
//! that is killed leaves nothing half done.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::Subject;
use platform::aside::Wanted;
use platform::service::Platform;
use platform::sql::{Lock, ToDiesel};
use platform::{FieldError, Problem, Result, Task, Tx};
use uuid::Uuid;

use super::loading::{self, WHOLE, kept};
use super::rows;
use crate::cycles::cycle::{Cycle, State};
use crate::cycles::rows as cycles;
use crate::engine::Scheme;
use crate::engine::computing::{Detail, Fault, Findings, Found, Ground, Kept, Piece};
use crate::engine::trying::{LeftOut, Tried, try_out};
use crate::history::rows as history;
use crate::results::ranking::{self, Grounds};
use crate::results::rows::{self as results, Made, Making, Standing};
use crate::subjects::subject::Kind;

/// Subjects in one transaction, unless one unit has more.
const SUBJECTS_AT_ONCE: i64 = 2000;

/// Computes some pieces of some cycle; true when there may be more to do.
pub fn run(platform: Platform) -> Task<'static, Result<bool>> {
    Box::pin(async move {
        let mut tx = platform.store.begin_across_companies(platform.clock.now()).await?;
        match claim(&mut tx).await? {
            Some((company, cycle, pieces)) => {
                tx.enter(company).await?;
                compute_pieces(&mut tx, cycle, &pieces).await?;
                tx.commit().await?;
                Ok(true)
            }
            None => {
                let finished = finish(&mut tx).await?;
                tx.commit().await?;
                Ok(finished)
            }
        }
    })
}

#[derive(QueryableByName)]
struct Claimed {
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    cycle: Uuid,
    #[diesel(sql_type = Text)]
    piece: String,
    #[diesel(sql_type = BigInt)]
    subjects: i64,
}

/// Locks the next piece, and as many more of its cycle as make up some thousand subjects: the rest is left to other
/// replicas.
async fn claim(tx: &mut Tx) -> Result<Option<(Uuid, Uuid, Vec<String>)>> {
    let first: Vec<Claimed> = tx
        .sql_of_all(
            "select company_id, cycle, piece, subjects from run_pieces where state = 'pending'
             order by company_id, cycle, piece limit 1 for update skip locked",
        )
        .load(tx.conn())
        .await?;
    let Some(first) = first.into_iter().next() else { return Ok(None) };
    let more = SUBJECTS_AT_ONCE / first.subjects.max(20) - 1;
    let mut pieces = vec![first.piece.clone()];
    if more > 0 {
        let others: Vec<Claimed> = tx
            .sql_of_all(
                "select company_id, cycle, piece, subjects from run_pieces
                 where state = 'pending' and company_id = $1 and cycle = $2 and piece > $3 and subjects <= $4
                 order by piece limit $5 for update skip locked",
            )
            .bind::<SqlUuid, _>(first.company_id)
            .bind::<SqlUuid, _>(first.cycle)
            .bind::<Text, _>(&first.piece)
            .bind::<BigInt, _>(first.subjects.max(20) * 2)
            .bind::<BigInt, _>(more)
            .load(tx.conn())
            .await?;
        pieces.extend(others.into_iter().map(|other| other.piece));
    }
    Ok(Some((first.company_id, first.cycle, pieces)))
}

/// Computes pieces and stores what was found of whoever could be computed; who could not is named with what they lack.
async fn compute_pieces(tx: &mut Tx, cycle: Uuid, pieces: &[String]) -> Result<()> {
    let cycle = cycles::get(tx, cycle, Lock::Share).await?;
    if cycle.state != State::Computing {
        return Err(Problem::internal("pieces to compute of a cycle that is not being computed"));
    }
    history::keep(tx).await?;
    let no = rows::last(tx, cycle.id).await?;
    let ground = ground_of(tx, &cycle, no).await?;
    let mut loaded = loading::load(tx, &cycle, pieces).await?;
    loaded.know(&cycle.scheme()?);
    let published = results::standing(tx, cycle.id, pieces).await?;
    let (first, grounds) =
        if published.is_empty() { Default::default() } else { published_before(tx, &cycle, pieces).await? };
    let scheme = cycle.scheme()?;
    // Thousands of people take a while: requests and events go on meanwhile.
    let computing = move || beside_published(&scheme, &ground, loaded, &published, &first, &grounds);
    let (outcome, piece, published) = tokio::task::spawn_blocking(computing).await.map_err(Problem::internal)??;
    match outcome {
        Ok(tried) => {
            let warnings = warnings_of(tx, &cycle, no, pieces, &piece, &tried.found).await?;
            for (piece, codes) in warnings {
                rows::insert_warnings(tx, cycle.id, &piece, &codes).await?;
            }
            keep(tx, &cycle, no, pieces, &piece, tried, &published).await
        }
        Err(faults) => {
            rows::insert_missing(tx, cycle.id, &by_subject(faults)).await?;
            rows::finish_pieces(tx, cycle.id, pieces, None).await
        }
    }
}

/// The first versions of those whose results are published, and what these stand on.
pub async fn published_before(tx: &mut Tx, cycle: &Cycle, pieces: &[String]) -> Result<(Vec<Standing>, Grounds)> {
    let first = ranking::first_of(&results::all_versions(tx, cycle.id, pieces).await?);
    let mut grounds = Grounds::new();
    for one in &first {
        if let Entry::Vacant(vacant) = grounds.entry(one.run) {
            vacant.insert(ground_of(tx, cycle, one.run).await?);
        }
    }
    Ok((first, grounds))
}

/// Warnings by the piece that they are of: where several were computed together and something is warned of, each is
/// looked at alone.
async fn warnings_of(
    tx: &mut Tx,
    cycle: &Cycle,
    no: i32,
    pieces: &[String],
    piece: &Piece,
    found: &Findings,
) -> Result<Vec<(String, Vec<String>)>> {
    if found.warnings.is_empty() {
        return Ok(Vec::new());
    }
    if let [one] = pieces {
        return Ok(vec![(one.clone(), found.warnings.clone())]);
    }
    let (scheme, ground) = (cycle.scheme()?, ground_of(tx, cycle, no).await?);
    let mut warnings = Vec::new();
    for code in pieces {
        let mut own = piece.clone();
        own.units.retain(|unit| unit.unit == *code);
        own.people.retain(|person| person.unit == *code);
        let computing = try_out(&scheme, &ground, own, &Kept::default(), Detail::Results, &Wanted::default())?;
        let codes = computing.map(|tried| tried.found.warnings).unwrap_or_default();
        warnings.push((code.clone(), codes));
    }
    Ok(warnings)
}

/// What a run stands on.
pub async fn ground_of(tx: &mut Tx, cycle: &Cycle, run: i32) -> Result<Ground> {
    let facts = rows::company_facts(tx, cycle.id, run).await?;
    let facts = facts.map(serde_json::from_value).transpose()?;
    Ok(cycle.ground(facts.unwrap_or_else(|| cycle.facts_of_company())))
}

/// Whose results are published.
type Published = HashSet<(Kind, String)>;
type Outcome = std::result::Result<Tried, Vec<Fault>>;

/// Computes a piece in which those with a published result stay as they are, where rankings placed them.
fn beside_published(
    scheme: &Scheme,
    ground: &Ground,
    mut piece: Piece,
    published: &[Standing],
    first: &[Standing],
    grounds: &Grounds,
) -> Result<(Outcome, Piece, Published)> {
    let keys: Published = published.iter().map(|one| (one.kind, one.subject.clone())).collect();
    let mut kept = Kept::default();
    if !keys.is_empty() {
        piece.people.retain(|person| !keys.contains(&(Kind::Person, person.inputs.number.clone())));
        piece.units.retain(|unit| !keys.contains(&(Kind::Unit, unit.inputs.code.clone())));
        let stand = results::piece_of(scheme, published)?;
        piece.people.extend(stand.people);
        piece.units.extend(stand.units);
        if let Ok(found) = ranking::stand(scheme, grounds, first, &[])? {
            kept = found;
        }
    }
    let computed = piece.clone();
    let outcome = try_out(scheme, ground, piece, &kept, Detail::Explained, &Wanted::default())?;
    Ok((outcome, computed, keys))
}

fn by_subject(faults: Vec<Fault>) -> Vec<(Subject, Vec<FieldError>)> {
    let mut found: BTreeMap<Subject, Vec<FieldError>> = BTreeMap::new();
    for fault in faults {
        let subject = if fault.kind == Kind::Company { Subject::company() } else { fault.kind.subject(&fault.subject) };
        found.entry(subject).or_default().push(fault.error);
    }
    found.into_iter().collect()
}

async fn keep(
    tx: &mut Tx,
    cycle: &Cycle,
    no: i32,
    pieces: &[String],
    piece: &Piece,
    tried: Tried,
    published: &Published,
) -> Result<()> {
    let Tried { found, left_out } = tried;
    let whole = pieces.iter().any(|piece| piece == WHOLE);
    let missing: Vec<(Subject, Vec<FieldError>)> =
        left_out.into_iter().map(|LeftOut { kind, subject, errors, .. }| (kind.subject(&subject), errors)).collect();
    rows::insert_missing(tx, cycle.id, &missing).await?;
    // A ranking that somebody is missing from is none.
    if !whole || missing.is_empty() {
        let people: HashMap<&str, _> =
            piece.people.iter().map(|member| (member.inputs.number.as_str(), member)).collect();
        let units: HashMap<&str, _> = piece.units.iter().map(|member| (member.inputs.code.as_str(), member)).collect();
        let mut made = Vec::new();
        for found in found.subjects.iter().filter(|found| !published.contains(&(found.kind, found.subject.clone()))) {
            made.extend(of_member(found, &people, &units)?);
        }
        let by = tx.actor.name.clone();
        let making = Making { run: no, publication: None, because: None, reason: None, document: None, by: &by };
        results::insert(tx, cycle.id, &making, &made).await?;
    }
    let carried = serde_json::to_value(&found.company_carried)?;
    rows::finish_pieces(tx, cycle.id, pieces, Some(&carried)).await
}

type People<'p> = HashMap<&'p str, &'p crate::engine::computing::Member<domain::case::PersonInputs>>;
type Units<'p> = HashMap<&'p str, &'p crate::engine::computing::Member<domain::case::UnitInputs>>;

/// What is stored of one subject: who it is, what it was computed from, and what was found.
fn of_member<'f>(found: &'f Found, people: &People<'_>, units: &Units<'_>) -> Result<Option<Made<'f>>> {
    Ok(match found.kind {
        Kind::Unit => match units.get(found.subject.as_str()) {
            Some(member) => Some(Made::of(member, member.inputs.category.clone(), kept(&member.inputs)?, found)),
            None => None,
        },
        _ => match people.get(found.subject.as_str()) {
            Some(member) => Some(Made::of(member, member.inputs.category.clone(), kept(&member.inputs)?, found)),
            None => None,
        },
    })
}

/// Cycles of which every piece is through are computed; those in which nobody could be computed are open again.
async fn finish(tx: &mut Tx) -> Result<bool> {
    let now = tx.now;
    let finished = tx
        .sql_of_all(
            "with through as (
                 update cycles c set version = version + 1, computed_at = $1,
                     state = case when exists (select from results r where r.company_id = c.company_id and r.cycle = c.id
                             and r.publication is null) then 'computed'
                         when c.publications > 0 then 'published' else 'open' end,
                     company_carried = case when c.publications > 0 then c.company_carried
                         else coalesce((select p.carried from run_pieces p
                             where p.company_id = c.company_id and p.cycle = c.id and p.carried is not null limit 1), '{}') end
                 where c.state = 'computing' and not exists (
                     select from run_pieces p where p.company_id = c.company_id and p.cycle = c.id and p.state = 'pending')
                 returning c.company_id, c.id)
             update runs r set finished_at = $1 from through t
             where r.company_id = t.company_id and r.cycle = t.id and r.finished_at is null",
        )
        .bind::<Timestamptz, _>(now.to_diesel())
        .execute(tx.conn())
        .await?;
    Ok(finished > 0)
}
