//! The closing job: computes a cycle piece by piece. A piece is a unit, or the whole company where the scheme ranks
//! across units. Each transaction takes some pieces whose rows nobody else holds, so replicas share the work, and a job
//! that is killed leaves nothing half done.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::Subject;
use platform::aside::Wanted;
use platform::clock::date_of;
use platform::service::Platform;
use platform::sql::{Lock, ToDiesel};
use platform::{FieldError, Problem, Result, Task, Tx};
use uuid::Uuid;

use super::loading::{self, WHOLE, kept};
use super::{rows, telling};
use crate::approvals::opening;
use crate::cycles::cycle::{Cycle, State};
use crate::cycles::rows as cycles;
use crate::engine::Scheme;
use crate::engine::computing::{Detail, Fault, Found, Ground, Kept, Piece};
use crate::engine::trying::{Tried, try_out};
use crate::grouping::grouped;
use crate::history::rows as history;
use crate::opinions::telling as opinions;
use crate::results::ranking::{self, Grounds};
use crate::results::rows::{self as results, Made, Making, Standing};
use crate::results::sources;
use crate::signatures::opening as signing;
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
    let loaded = loading::load(tx, &cycle, pieces).await?;
    let found = computed(tx, &cycle, no, pieces, loaded).await?;
    keep(tx, &cycle, no, pieces, &found).await
}

/// Computes whoever is loaded and has no published result, on what a run stands on.
pub async fn computed(
    tx: &mut Tx,
    cycle: &Cycle,
    run: i32,
    pieces: &[String],
    mut loaded: Piece,
) -> Result<Vec<Computed>> {
    let (scheme, ground) = (cycle.scheme()?, ground_of(tx, cycle, run).await?);
    loaded.know(&scheme);
    let published = results::standing(tx, cycle.id, pieces).await?;
    let (first, grounds) =
        if published.is_empty() { Default::default() } else { published_before(tx, cycle, pieces).await? };
    let work = apart(pieces, loaded, published, first);
    // Thousands of people take a while: requests and events go on meanwhile.
    let computing =
        move || work.into_iter().map(|piece| piece.compute(&scheme, &ground, &grounds)).collect::<Result<Vec<_>>>();
    tokio::task::spawn_blocking(computing).await.map_err(Problem::internal)?
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

/// What a run stands on.
pub async fn ground_of(tx: &mut Tx, cycle: &Cycle, run: i32) -> Result<Ground> {
    let facts = rows::company_facts(tx, cycle.id, run).await?;
    let facts = facts.map(serde_json::from_value).transpose()?;
    Ok(cycle.ground(facts.unwrap_or_else(|| cycle.facts_of_company())))
}

/// A piece with everybody in it: those who are to be computed, and those whose results are published.
struct Work {
    piece: String,
    fresh: Piece,
    /// As they stand.
    published: Vec<Standing>,
    /// As they were published.
    first: Vec<Standing>,
}

/// What came of a piece.
pub struct Computed {
    piece: String,
    fresh: Piece,
    outcome: std::result::Result<Tried, Vec<Fault>>,
}

/// Each piece with its own: units do not depend on one another, so that one that cannot be computed keeps no other from
/// its results.
fn apart(pieces: &[String], loaded: Piece, published: Vec<Standing>, first: Vec<Standing>) -> Vec<Work> {
    let whole = pieces.iter().any(|piece| piece == WHOLE);
    let piece_of = |unit: &str| if whole { WHOLE.to_owned() } else { unit.to_owned() };
    let keys: HashSet<(Kind, String)> = published.iter().map(|one| (one.kind, one.subject.clone())).collect();
    let Piece { mut units, mut people } = loaded;
    units.retain(|unit| !keys.contains(&(Kind::Unit, unit.inputs.code.clone())));
    people.retain(|person| !keys.contains(&(Kind::Person, person.inputs.number.clone())));
    let mut units = grouped(units, |unit| piece_of(&unit.unit));
    let mut people = grouped(people, |person| piece_of(&person.unit));
    let mut published = grouped(published, |one| piece_of(&one.unit));
    let mut first = grouped(first, |one| piece_of(&one.unit));
    let work = |piece: &String| Work {
        piece: piece.clone(),
        fresh: Piece {
            units: units.remove(piece).unwrap_or_default(),
            people: people.remove(piece).unwrap_or_default(),
        },
        published: published.remove(piece).unwrap_or_default(),
        first: first.remove(piece).unwrap_or_default(),
    };
    pieces.iter().map(work).collect()
}

impl Work {
    /// Computes the piece; those with a published result stay as they are, where rankings placed them.
    fn compute(self, scheme: &Scheme, ground: &Ground, grounds: &Grounds) -> Result<Computed> {
        let Self { piece, fresh, published, first } = self;
        let mut everybody = fresh.clone();
        let mut kept = Kept::default();
        if !published.is_empty() {
            let stand = results::piece_of(scheme, &published)?;
            everybody.people.extend(stand.people);
            everybody.units.extend(stand.units);
            if let Ok(found) = ranking::stand(scheme, grounds, &first, &[])? {
                kept = found;
            }
        }
        let outcome = try_out(scheme, ground, everybody, &kept, Detail::Explained, &Wanted::default())?;
        Ok(Computed { piece, fresh, outcome })
    }
}

impl Computed {
    /// What was found of everybody in it.
    pub fn found(&self) -> &[Found] {
        self.outcome.as_ref().map_or(&[], |tried| &tried.found.subjects)
    }

    /// What is kept of those who were computed now.
    fn made(&self) -> Result<Vec<Made<'_>>> {
        let Ok(Tried { found, left_out }) = &self.outcome else { return Ok(Vec::new()) };
        // A ranking that somebody is missing from is none.
        if self.piece == WHOLE && !left_out.is_empty() {
            return Ok(Vec::new());
        }
        let found = found.by_subject();
        let mut made = Vec::new();
        for member in &self.fresh.units {
            if let Some(found) = found.get(&(Kind::Unit, member.inputs.code.as_str())) {
                made.push(Made::of(member, member.inputs.category.clone(), kept(&member.inputs)?, found));
            }
        }
        for member in &self.fresh.people {
            if let Some(found) = found.get(&(Kind::Person, member.inputs.number.as_str())) {
                made.push(Made::of(member, member.inputs.category.clone(), kept(&member.inputs)?, found));
            }
        }
        Ok(made)
    }

    /// Who could not be computed, and what they lack.
    fn missing(&self) -> Vec<(Subject, Vec<FieldError>)> {
        match &self.outcome {
            Ok(tried) => {
                tried.left_out.iter().map(|one| (one.kind.subject(&one.subject), one.errors.clone())).collect()
            }
            Err(faults) => by_subject(faults),
        }
    }
}

fn by_subject(faults: &[Fault]) -> Vec<(Subject, Vec<FieldError>)> {
    let mut found: BTreeMap<Subject, Vec<FieldError>> = BTreeMap::new();
    for fault in faults {
        let subject = if fault.kind == Kind::Company { Subject::company() } else { fault.kind.subject(&fault.subject) };
        found.entry(subject).or_default().push(fault.error.clone());
    }
    found.into_iter().collect()
}

async fn keep(tx: &mut Tx, cycle: &Cycle, no: i32, pieces: &[String], computed: &[Computed]) -> Result<()> {
    let missing: Vec<(Subject, Vec<FieldError>)> = computed.iter().flat_map(Computed::missing).collect();
    rows::insert_missing(tx, cycle.id, &missing).await?;
    let made: Vec<Made<'_>> =
        computed.iter().map(Computed::made).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    let by = tx.actor.name.clone();
    let making =
        Making { run: no, publication: None, because: None, reason: None, document: None, documents: &[], by: &by };
    results::insert(tx, cycle.id, &making, &made).await?;
    sources::note(tx, cycle.id, &made).await?;
    let mut carried = None;
    for one in computed {
        let Ok(tried) = &one.outcome else { continue };
        if !tried.found.warnings.is_empty() {
            rows::insert_warnings(tx, cycle.id, &one.piece, &tried.found.warnings).await?;
        }
        // Of a piece in which nobody could be computed nothing is known of the company either.
        if carried.is_none() && !tried.found.subjects.is_empty() {
            carried = Some(serde_json::to_value(&tried.found.company_carried)?);
        }
    }
    rows::finish_pieces(tx, cycle.id, pieces, carried.as_ref()).await
}

/// Cycles of which every piece is through are computed, and whoever has to approve that is asked; those in which nobody
/// could be computed are open again.
async fn finish(tx: &mut Tx) -> Result<bool> {
    let now = tx.now;
    let finished: Vec<(Uuid, Uuid)> = tx
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
                 returning c.company_id, c.id),
             ended as (
                 update runs r set finished_at = $1 from through t
                 where r.company_id = t.company_id and r.cycle = t.id and r.finished_at is null)
             select company_id, id from through order by company_id, id",
        )
        .bind::<Timestamptz, _>(now.to_diesel())
        .columns::<(SqlUuid, SqlUuid)>()
        .load(tx.conn())
        .await?;
    for (company, cycle) in &finished {
        tx.enter(*company).await?;
        let cycle = cycles::get(tx, *cycle, Lock::Update).await?;
        if cycle.state == State::Computed {
            opening::open_due(tx, &cycle).await?;
            let run = rows::last(tx, cycle.id).await?;
            signing::open_gating(tx, &cycle, run, date_of(now)).await?;
            opinions::computed(tx, &cycle).await?;
        }
        telling::follow(tx, cycle.id).await?;
    }
    Ok(!finished.is_empty())
}
