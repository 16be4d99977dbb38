use diesel::sql_types::{Array, Date as SqlDate, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::civil::Date;
use platform::sql::{Lock, ToDiesel};
use platform::{Problem, Result, Tx, say};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Decision, Member, NewDecision, NewSession, NewStep, Session, Step, StepState};

/// Steps of the company `$1`.
macro_rules! steps {
    ($rest:literal) => {
        concat!(
            "select id, about, place, round, actors, state, opened_on, due, ended_on, version from steps where company_id = $1 ",
            $rest
        )
    };
}

/// Opens a step.
pub async fn open(tx: &mut Tx, new: &NewStep, today: Date) -> Result<Uuid> {
    let ids = open_many(tx, std::slice::from_ref(new), today).await?;
    ids.into_iter().next().ok_or_else(|| Problem::internal("a step was opened"))
}

/// Opens steps; their ids, in the same order.
pub async fn open_many(tx: &mut Tx, new: &[NewStep], today: Date) -> Result<Vec<Uuid>> {
    let ids: Vec<Uuid> = new.iter().map(|_| Uuid::now_v7()).collect();
    let row = |(id, new): (&Uuid, &NewStep)| {
        let actors: Vec<String> = new.actors.iter().map(ToString::to_string).collect();
        json!({ "id": id, "about": new.about, "place": new.place, "actors": actors, "due": new.due })
    };
    tx.sql(
        "insert into steps (company_id, id, about, place, round, actors, state, opened_on, due, version)
         select $1, n.id, n.about, n.place, 1, array(select jsonb_array_elements_text(n.actors)), 'open', $3, n.due, 1
         from jsonb_to_recordset($2) as n(id uuid, about text, place int, actors jsonb, due date)",
    )
    .bind::<Jsonb, _>(ids.iter().zip(new).map(row).collect::<Value>())
    .bind::<SqlDate, _>(today.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(ids)
}

/// A step, under a lock.
pub async fn get(tx: &mut Tx, id: Uuid, lock: Lock) -> Result<Step> {
    let query = match lock {
        Lock::None => tx.sql(steps!("and id = $2")),
        Lock::Share => tx.sql(steps!("and id = $2 for share")),
        Lock::Update => tx.sql(steps!("and id = $2 for update")),
    };
    let found: Vec<Step> = query.bind::<SqlUuid, _>(id).load(tx.conn()).await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("步骤", "step")))
}

/// Some steps, oldest first.
pub async fn many(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<Step>> {
    Ok(tx.sql(steps!("and id = any($2) order by id")).bind::<Array<SqlUuid>, _>(ids).load(tx.conn()).await?)
}

/// All steps about something, in their order.
pub async fn about(tx: &mut Tx, about: &str) -> Result<Vec<Step>> {
    about_any(tx, &[about.to_owned()]).await
}

/// All steps about some things, in the order that each of them has.
pub async fn about_any(tx: &mut Tx, about: &[String]) -> Result<Vec<Step>> {
    Ok(tx
        .sql(steps!("and about = any($2) order by about, place, opened_on, id"))
        .bind::<Array<Text>, _>(about)
        .load(tx.conn())
        .await?)
}

/// Open steps have another last day.
pub async fn set_due(tx: &mut Tx, ids: &[Uuid], due: Option<Date>) -> Result<()> {
    tx.sql(
        "update steps set due = $3, overdue_told = false, version = version + 1
         where company_id = $1 and id = any($2) and state = 'open'",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Nullable<SqlDate>, _>(due.map(ToDiesel::to_diesel))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What is decided in some steps counts no more, and nobody has to decide in them.
pub async fn void(tx: &mut Tx, ids: &[Uuid], today: Date) -> Result<()> {
    tx.sql(
        "update steps set state = 'void', ended_on = coalesce(ended_on, $3), version = version + 1
         where company_id = $1 and id = any($2) and state in ('open', 'done')",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<SqlDate, _>(today.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends an open step.
pub async fn end(tx: &mut Tx, id: Uuid, state: StepState, today: Date) -> Result<()> {
    end_many(tx, &[id], state, today).await
}

/// Ends open steps.
pub async fn end_many(tx: &mut Tx, ids: &[Uuid], state: StepState, today: Date) -> Result<()> {
    tx.sql(
        "update steps set state = $3, ended_on = $4, version = version + 1
         where company_id = $1 and id = any($2) and state = 'open'",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Text, _>(state)
    .bind::<SqlDate, _>(today.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Puts a step into a state, also one that had ended.
pub async fn set_state(tx: &mut Tx, id: Uuid, state: StepState, today: Date) -> Result<()> {
    tx.sql("update steps set state = $3, ended_on = $4, version = version + 1 where company_id = $1 and id = $2")
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(state)
        .bind::<SqlDate, _>(today.to_diesel())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Begins a new round: what was decided in the one before is kept and does not count.
pub async fn begin_round(tx: &mut Tx, id: Uuid) -> Result<()> {
    tx.sql("update steps set round = round + 1, version = version + 1 where company_id = $1 and id = $2")
        .bind::<SqlUuid, _>(id)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Names who acts in a step.
pub async fn set_actors(tx: &mut Tx, id: Uuid, actors: &[String]) -> Result<()> {
    tx.sql("update steps set actors = $3, round = round + 1, version = version + 1 where company_id = $1 and id = $2")
        .bind::<SqlUuid, _>(id)
        .bind::<Array<Text>, _>(actors)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Open steps of all companies whose day has gone by: company, step, and what it is about. Held until the transaction ends.
pub async fn overdue(tx: &mut Tx, today: Date, most: i64) -> Result<Vec<(Uuid, Uuid, String)>> {
    Ok(tx
        .sql_of_all(
            "select company_id, id, about from steps where state = 'open' and due < $1 and not overdue_told order by due, id limit $2
             for update skip locked",
        )
        .bind::<SqlDate, _>(today.to_diesel())
        .bind::<diesel::sql_types::BigInt, _>(most)
        .columns::<(SqlUuid, SqlUuid, Text)>()
        .load(tx.conn())
        .await?)
}

/// Notes that a step which cannot go further is overdue, so that it is told once.
pub async fn tell_overdue(tx: &mut Tx, id: Uuid) -> Result<()> {
    tx.sql("update steps set overdue_told = true, version = version + 1 where company_id = $1 and id = $2")
        .bind::<SqlUuid, _>(id)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Records a decision.
pub async fn decide(tx: &mut Tx, step: &Step, new: &NewDecision) -> Result<()> {
    decide_many(tx, &[(step, new)]).await
}

/// Records decisions of whoever acts.
pub async fn decide_many(tx: &mut Tx, made: &[(&Step, &NewDecision)]) -> Result<()> {
    let (now, by) = (tx.now, tx.actor.name.clone());
    let row = |(step, new): &(&Step, &NewDecision)| {
        json!({ "id": Uuid::now_v7(), "step": step.id, "round": step.round, "actor": new.actor, "verdict": new.verdict,
            "reason": new.reason, "detail": new.detail, "session": new.session })
    };
    tx.sql(
        "insert into decisions (company_id, id, step, round, actor, verdict, reason, detail, by, session, at)
         select $1, n.id, n.step, n.round, n.actor, n.verdict, n.reason, n.detail, $3, n.session, $4
         from jsonb_to_recordset($2) as n(id uuid, step uuid, round int, actor text, verdict text, reason text, detail jsonb,
             session uuid)",
    )
    .bind::<Jsonb, _>(made.iter().map(row).collect::<Value>())
    .bind::<Text, _>(by)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What was decided in some steps, oldest first.
pub async fn decisions(tx: &mut Tx, steps: &[Uuid]) -> Result<Vec<Decision>> {
    Ok(tx
        .sql(
            "select id, step, round, actor, verdict, reason, detail, by, session, at from decisions
             where company_id = $1 and step = any($2) order by at, id",
        )
        .bind::<Array<SqlUuid>, _>(steps)
        .load(tx.conn())
        .await?)
}

/// Records a session in which a body decided.
pub async fn hold(tx: &mut Tx, step: &Step, body: &str, new: &NewSession, withdrew: &[String]) -> Result<Uuid> {
    let (id, now, by) = (Uuid::now_v7(), tx.now, tx.actor.name.clone());
    let count = |of: fn(&super::Votes) -> u32| new.votes.as_ref().and_then(|votes| i32::try_from(of(votes)).ok());
    tx.sql(
        "insert into sessions (company_id, id, step, body, held_on, present, withdrew, votes_for, votes_against, abstained, minutes, by, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(step.id)
    .bind::<Text, _>(body)
    .bind::<SqlDate, _>(new.held_on.to_diesel())
    .bind::<Array<Text>, _>(&new.present)
    .bind::<Array<Text>, _>(withdrew)
    .bind::<Nullable<Integer>, _>(count(|votes| votes.in_favour))
    .bind::<Nullable<Integer>, _>(count(|votes| votes.against))
    .bind::<Nullable<Integer>, _>(count(|votes| votes.abstained))
    .bind::<Text, _>(&new.minutes)
    .bind::<Text, _>(by)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// The sessions about some steps, oldest first.
pub async fn sessions(tx: &mut Tx, steps: &[Uuid]) -> Result<Vec<Session>> {
    Ok(tx
        .sql(
            "select id, step, body, held_on, present, withdrew, votes_for, votes_against, abstained, minutes, by, at
             from sessions where company_id = $1 and step = any($2) order by at, id",
        )
        .bind::<Array<SqlUuid>, _>(steps)
        .load(tx.conn())
        .await?)
}

/// Who sits in the panel of a step, by number.
pub async fn panel(tx: &mut Tx, step: Uuid) -> Result<Vec<Member>> {
    Ok(tx
        .sql(
            "select number, represents, withdrew_why, fills from panels where company_id = $1 and step = $2 order by number",
        )
        .bind::<SqlUuid, _>(step)
        .load(tx.conn())
        .await?)
}

/// Sets who sits in the panel of a step.
pub async fn set_panel(tx: &mut Tx, step: Uuid, members: &[Member]) -> Result<()> {
    let rows: Value = members
        .iter()
        .map(|one| {
            json!({ "number": one.number, "represents": one.represents, "withdrew_why": one.withdrew_why, "fills": one.fills })
        })
        .collect();
    tx.sql("delete from panels where company_id = $1 and step = $2")
        .bind::<SqlUuid, _>(step)
        .execute(tx.conn())
        .await?;
    tx.sql(
        "insert into panels (company_id, step, number, represents, withdrew_why, fills)
         select $1, $2, n.* from jsonb_to_recordset($3) as n(number text, represents text, withdrew_why text, fills text)",
    )
    .bind::<SqlUuid, _>(step)
    .bind::<Jsonb, _>(rows)
    .execute(tx.conn())
    .await?;
    Ok(())
}
