use std::collections::HashMap;

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Date as SqlDate, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::Subject;
use jiff::civil::Date;
use platform::sql::{Timestamp, ToDiesel};
use platform::{Result, Tx, stored_enum};
use uuid::Uuid;

use crate::subjects::subject::Kind;

stored_enum! {
    /// What a note is about.
    pub enum About {
        Good = "good",
        Bad = "bad",
        /// An error that was prevented, or slipped through.
        Slip = "slip",
        Merit = "merit",
    }
}

#[derive(QueryableByName, Clone, Debug)]
pub struct Note {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub about: About,
    #[diesel(sql_type = SqlDate, deserialize_as = platform::sql::Date)]
    pub happened_on: Date,
    #[diesel(sql_type = Text)]
    pub text: String,
    /// What it rests on.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub document: Option<Uuid>,
    #[diesel(sql_type = Text)]
    pub made_by: String,
    #[diesel(sql_type = Timestamptz, deserialize_as = Timestamp)]
    pub made_at: jiff::Timestamp,
}

/// A note to keep.
pub struct NewNote<'n> {
    pub subject: &'n Subject,
    pub about: About,
    pub happened_on: Date,
    pub text: &'n str,
    /// Uploaded before.
    pub document: Option<Uuid>,
}

pub async fn insert(tx: &mut Tx, new: &NewNote<'_>) -> Result<Uuid> {
    let (id, now, by) = (Uuid::now_v7(), tx.now, tx.actor.name.clone());
    tx.sql(
        "insert into notes (company_id, id, kind, subject, about, happened_on, text, document, made_by, made_at)
         values ($1, $2, $3, $4, $5, $6, $7, $10, $8, $9)",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(new.subject.kind.code())
    .bind::<Text, _>(&new.subject.id)
    .bind::<Text, _>(new.about)
    .bind::<SqlDate, _>(new.happened_on.to_diesel())
    .bind::<Text, _>(new.text)
    .bind::<Text, _>(by)
    .bind::<Timestamptz, _>(now.to_diesel())
    .bind::<Nullable<SqlUuid>, _>(new.document)
    .execute(tx.conn())
    .await?;
    Ok(id)
}

/// Some notes by their ids; those that are not there are left out.
pub async fn by_ids(tx: &mut Tx, ids: &[Uuid]) -> Result<HashMap<Uuid, Note>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<Note> = tx
        .sql(
            "select id, kind, subject, about, happened_on, text, document, made_by, made_at from notes
             where company_id = $1 and id = any($2)",
        )
        .bind::<Array<SqlUuid>, _>(ids)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(|note| (note.id, note)).collect())
}

/// Whether one of these rates a subject in a cycle that is not cancelled.
pub async fn is_rated_by(tx: &mut Tx, subject: &Subject, raters: &[String]) -> Result<bool> {
    Ok(tx
        .sql(
            "select exists (select from assignments a join cycles c on c.company_id = $1 and c.id = a.cycle and c.state <> 'cancelled'
                 where a.company_id = $1 and a.kind = $2 and a.subject = $3 and a.state in ('open', 'submitted')
                   and a.rater_kind || ':' || a.rater = any($4))",
        )
        .bind::<Text, _>(subject.kind.code())
        .bind::<Text, _>(&subject.id)
        .bind::<Array<Text>, _>(raters)
        .columns::<Bool>()
        .get_result(tx.conn())
        .await?)
}

/// The notes about a subject: all of them, or the reader's own.
pub async fn list(
    tx: &mut Tx,
    subject: &Subject,
    days: (Option<Date>, Option<Date>),
    all: bool,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Note>> {
    let by = tx.actor.name.clone();
    Ok(tx
        .sql(
            "select id, kind, subject, about, happened_on, text, document, made_by, made_at from notes
             where company_id = $1 and kind = $2 and subject = $3 and ($4::date is null or happened_on >= $4)
               and ($5::date is null or happened_on <= $5) and ($6 or made_by = $7)
               and ($8::uuid is null or id > $8)
             order by id limit $9",
        )
        .bind::<Text, _>(subject.kind.code())
        .bind::<Text, _>(&subject.id)
        .bind::<Nullable<SqlDate>, _>(days.0.to_diesel())
        .bind::<Nullable<SqlDate>, _>(days.1.to_diesel())
        .bind::<Bool, _>(all)
        .bind::<Text, _>(by)
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}
