use diesel::sql_types::{Array, BigInt, Bool, Date as SqlDate, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::Subject;
use jiff::civil::Date;
use platform::sql::{Lock, ToDiesel};
use platform::{Problem, Result, Tx, say};
use uuid::Uuid;

use super::{About, Appeal, AppealState, Verdict};

/// Appeals of the company `$1`.
macro_rules! appeals {
    ($rest:literal) => {
        concat!(
            "select a.id, a.position, a.cycle, a.kind, a.subject, a.about, a.place, a.result_version, a.appellant, a.filed_by, a.on_paper,
                 a.known_on, a.filed_on, a.grounds, a.state, a.verdict, a.level, a.respond_by, a.until, a.withdrawn_why, a.version
             from appeals a where a.company_id = $1 ",
            $rest
        )
    };
}

/// What is stored of an appeal when it is filed.
pub struct Filed<'a> {
    pub id: Uuid,
    pub cycle: Uuid,
    pub subject: &'a Subject,
    pub about: About,
    pub place: Option<&'a str>,
    pub result_version: Option<i64>,
    pub appellant: &'a str,
    pub on_paper: bool,
    pub known_on: Option<Date>,
    pub filed_on: Date,
    pub grounds: &'a str,
    pub respond_by: Option<Date>,
}

pub async fn insert(tx: &mut Tx, new: &Filed<'_>) -> Result<()> {
    let (now, by) = (tx.now, tx.actor.name.clone());
    tx.sql(
        "insert into appeals (company_id, id, cycle, kind, subject, about, place, result_version, appellant, filed_by, on_paper,
                              known_on, filed_on, grounds, state, level, respond_by, made_at, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'open', 0, $15, $16, 1)",
    )
    .bind::<SqlUuid, _>(new.id)
    .bind::<SqlUuid, _>(new.cycle)
    .bind::<Text, _>(new.subject.kind.code())
    .bind::<Text, _>(&new.subject.id)
    .bind::<Text, _>(new.about)
    .bind::<Nullable<Text>, _>(new.place)
    .bind::<Nullable<BigInt>, _>(new.result_version)
    .bind::<Text, _>(new.appellant)
    .bind::<Text, _>(by)
    .bind::<Bool, _>(new.on_paper)
    .bind::<Nullable<SqlDate>, _>(new.known_on.map(ToDiesel::to_diesel))
    .bind::<SqlDate, _>(new.filed_on.to_diesel())
    .bind::<Text, _>(new.grounds)
    .bind::<Nullable<SqlDate>, _>(new.respond_by.map(ToDiesel::to_diesel))
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn find(tx: &mut Tx, id: Uuid, lock: Lock) -> Result<Option<Appeal>> {
    let query = match lock {
        Lock::None => tx.sql(appeals!("and a.id = $2")),
        Lock::Share => tx.sql(appeals!("and a.id = $2 for share")),
        Lock::Update => tx.sql(appeals!("and a.id = $2 for update")),
    };
    let found: Vec<Appeal> = query.bind::<SqlUuid, _>(id).load(tx.conn()).await?;
    Ok(found.into_iter().next())
}

pub async fn get(tx: &mut Tx, id: Uuid, lock: Lock) -> Result<Appeal> {
    find(tx, id, lock).await?.ok_or_else(|| Problem::not_found(say!("申诉", "appeal")))
}

/// Appeals about a subject in a cycle, the newest first. Whoever files another waits until this transaction ends.
pub async fn about_for_update(tx: &mut Tx, cycle: Uuid, subject: &Subject) -> Result<Vec<Appeal>> {
    tx.sql("select pg_advisory_xact_lock(hashtextextended('appeal ' || $1::text || $2::text || $3, 0))")
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(subject.to_string())
        .execute(tx.conn())
        .await?;
    Ok(tx
        .sql(appeals!("and a.cycle = $2 and a.kind = $3 and a.subject = $4 order by a.position desc"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(subject.kind.code())
        .bind::<Text, _>(&subject.id)
        .load(tx.conn())
        .await?)
}

/// Appeals of a cycle that somebody has still to decide.
pub async fn undecided(tx: &mut Tx, cycle: Uuid) -> Result<Vec<Appeal>> {
    Ok(tx
        .sql(appeals!("and a.cycle = $2 and a.state in ('open', 'answered') order by a.position for update"))
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?)
}

/// Appeals of a cycle whose remedy could not be done as it was decided, and is still to be put right.
pub async fn to_be_mended(tx: &mut Tx, cycle: Uuid) -> Result<Vec<Appeal>> {
    Ok(tx
        .sql(appeals!(
            "and a.cycle = $2 and exists (select from steps s where s.company_id = $1 and s.about = 'appeal:' || a.id || '/mending'
                 and s.state = 'open') order by a.position for update of a"
        ))
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?)
}

/// Which appeals are wanted.
pub struct Filter<'a> {
    pub cycle: Option<Uuid>,
    pub state: Option<AppealState>,
    /// Only those of, and those decided by, whoever this is.
    pub seen_by: Option<(&'a str, &'a [String])>,
    pub before: Option<i64>,
}

/// Appeals, the newest first.
pub async fn list(tx: &mut Tx, filter: &Filter<'_>, limit: i64) -> Result<Vec<Appeal>> {
    let (number, actors) = filter.seen_by.unzip();
    Ok(tx
        .sql(appeals!(
            "and ($2::uuid is null or a.cycle = $2) and ($3::text is null or a.state = $3) and ($4::bigint is null or a.position < $4)
               and ($5::text is null or a.appellant = $5 or exists (
                   select from steps s where s.company_id = $1 and s.about in ('appeal:' || a.id, 'appeal:' || a.id || '/reassessment') and s.state = 'open'
                     and (s.actors && $6 or exists (select from panels p where p.company_id = $1 and p.step = s.id
                         and p.number = $5 and p.withdrew_why is null))))
             order by a.position desc limit $7"
        ))
        .bind::<Nullable<SqlUuid>, _>(filter.cycle)
        .bind::<Nullable<Text>, _>(filter.state)
        .bind::<Nullable<BigInt>, _>(filter.before)
        .bind::<Nullable<Text>, _>(number)
        .bind::<Nullable<Array<Text>>, _>(actors)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// Whether somebody decides in an open step of an appeal.
pub async fn decides(tx: &mut Tx, id: Uuid, number: Option<&str>, actors: &[String]) -> Result<bool> {
    Ok(tx
        .sql(
            "select exists (select from steps s where s.company_id = $1 and s.about in ('appeal:' || $2::text, 'appeal:' || $2::text || '/reassessment')
                 and s.state = 'open'
                 and (s.actors && $3 or exists (select from panels p where p.company_id = $1 and p.step = s.id
                     and p.number = $4 and p.withdrew_why is null)))",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<Array<Text>, _>(actors)
        .bind::<Nullable<Text>, _>(number)
        .columns::<Bool>()
        .get_result(tx.conn())
        .await?)
}

/// What becomes of an appeal.
pub struct Moved {
    pub state: AppealState,
    pub verdict: Option<Verdict>,
    pub level: i32,
    pub respond_by: Option<Date>,
    pub until: Option<Date>,
    pub withdrawn_why: Option<String>,
}

impl Moved {
    /// As it stands.
    pub fn of(appeal: &Appeal) -> Self {
        Self {
            state: appeal.state,
            verdict: appeal.verdict,
            level: appeal.level,
            respond_by: appeal.respond_by,
            until: appeal.until,
            withdrawn_why: appeal.withdrawn_why.clone(),
        }
    }
}

pub async fn put(tx: &mut Tx, id: Uuid, moved: &Moved) -> Result<()> {
    tx.sql(
        "update appeals set state = $3, verdict = $4, level = $5, respond_by = $6, until = $7, withdrawn_why = $8, version = version + 1
         where company_id = $1 and id = $2",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(moved.state)
    .bind::<Nullable<Text>, _>(moved.verdict)
    .bind::<Integer, _>(moved.level)
    .bind::<Nullable<SqlDate>, _>(moved.respond_by.map(ToDiesel::to_diesel))
    .bind::<Nullable<SqlDate>, _>(moved.until.map(ToDiesel::to_diesel))
    .bind::<Nullable<Text>, _>(&moved.withdrawn_why)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends appeals of all companies that were answered and not carried on in time.
pub async fn lapse(tx: &mut Tx, today: Date) -> Result<usize> {
    Ok(tx
        .sql_of_all(
            "update appeals set state = 'decided', version = version + 1
             where (company_id, id) in (select company_id, id from appeals where state = 'answered' and until < $1
                 order by until limit 100 for update skip locked)",
        )
        .bind::<SqlDate, _>(today.to_diesel())
        .execute(tx.conn())
        .await?)
}

/// Something that was said at a hearing or found since: its text, by whom, when.
pub type Note = (String, String, platform::sql::Timestamp);

pub async fn add_note(tx: &mut Tx, appeal: Uuid, text: &str) -> Result<()> {
    let (now, by) = (tx.now, tx.actor.name.clone());
    tx.sql("insert into hearing_notes (company_id, id, appeal, text, by, at) values ($1, $2, $3, $4, $5, $6)")
        .bind::<SqlUuid, _>(Uuid::now_v7())
        .bind::<SqlUuid, _>(appeal)
        .bind::<Text, _>(text)
        .bind::<Text, _>(by)
        .bind::<Timestamptz, _>(now.to_diesel())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The notes of an appeal, oldest first.
pub async fn notes(tx: &mut Tx, appeal: Uuid) -> Result<Vec<Note>> {
    Ok(tx
        .sql("select text, by, at from hearing_notes where company_id = $1 and appeal = $2 order by at, id")
        .bind::<SqlUuid, _>(appeal)
        .columns::<(Text, Text, Timestamptz)>()
        .load(tx.conn())
        .await?)
}
