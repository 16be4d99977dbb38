use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use platform::sql::{self, ToDiesel};
use platform::{Problem, Result, Tx, say};
use uuid::Uuid;

use super::rules::{After, State};
use super::templates::Text as Words;
use crate::people::rows::Person;

/// A mail to be queued.
#[derive(Clone, Debug)]
pub struct NewMail {
    /// What makes it the same mail when it is asked for again.
    pub key: String,
    pub kind: &'static str,
    pub recipient: String,
    pub address: Option<String>,
    pub locale: String,
    pub text: Words,
}

impl NewMail {
    pub fn new(key: String, kind: &'static str, person: &Person, text: Words) -> Self {
        Self {
            key,
            kind,
            recipient: person.number.clone(),
            address: person.email.clone(),
            locale: person.locale.clone(),
            text,
        }
    }
}

/// Queues mails, each once however often it is asked for.
pub async fn queue(tx: &mut Tx, mails: &[NewMail], now: Timestamp) -> Result<()> {
    if mails.is_empty() {
        return Ok(());
    }
    let texts = |of: fn(&NewMail) -> &str| mails.iter().map(of).collect::<Vec<_>>();
    tx.sql(
        "insert into mails (company_id, id, dedupe_key, kind, recipient, address, locale, subject, body, state, next_try_at, created_at)
         select $1, n.*, case when n.address is null then 'undeliverable' else 'queued' end,
                case when n.address is not null then $10 end, $10
         from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
             n(id, dedupe_key, kind, recipient, address, locale, subject, body)
         on conflict (company_id, dedupe_key) do nothing",
    )
    .bind::<Array<SqlUuid>, _>(mails.iter().map(|m| Uuid::new_v5(&tx.company, m.key.as_bytes())).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(texts(|m| &m.key))
    .bind::<Array<Text>, _>(texts(|m| m.kind))
    .bind::<Array<Text>, _>(texts(|m| &m.recipient))
    .bind::<Array<Nullable<Text>>, _>(mails.iter().map(|m| m.address.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(texts(|m| &m.locale))
    .bind::<Array<Text>, _>(texts(|m| &m.text.subject))
    .bind::<Array<Text>, _>(texts(|m| &m.text.body))
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A mail as it is looked at.
#[derive(Clone, Debug, QueryableByName)]
pub struct Mail {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = BigInt)]
    pub position: i64,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub recipient: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub address: Option<String>,
    #[diesel(sql_type = Text)]
    pub locale: String,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub body: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Integer)]
    pub tries: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    next_try_at: Option<sql::Timestamp>,
    #[diesel(sql_type = Nullable<Text>)]
    pub last_error: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    created_at: sql::Timestamp,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    sent_at: Option<sql::Timestamp>,
}

impl Mail {
    pub fn state(&self) -> Result<State> {
        State::parse(&self.state).ok_or_else(|| Problem::internal(format!("unknown mail state {}", self.state)))
    }

    pub fn next_try_at(&self) -> Option<Timestamp> {
        self.next_try_at.map(|at| at.to_jiff())
    }

    pub fn created_at(&self) -> Timestamp {
        self.created_at.to_jiff()
    }

    pub fn sent_at(&self) -> Option<Timestamp> {
        self.sent_at.map(|at| at.to_jiff())
    }
}

/// Which mails are wanted.
pub struct Wanted<'a> {
    pub state: Option<State>,
    pub recipient: Option<&'a str>,
    /// Older than this position.
    pub after: Option<i64>,
    pub limit: i64,
}

/// A company's mails, newest first; without their bodies.
pub async fn list(tx: &mut Tx, wanted: Wanted<'_>) -> Result<Vec<Mail>> {
    Ok(tx.sql(
        "select id, position, kind, recipient, address, locale, subject, '' as body, state, tries, next_try_at, last_error, created_at, sent_at
         from mails where company_id = $1 and ($2::text is null or state = $2) and ($3::text is null or recipient = $3)
           and ($4::bigint is null or position < $4)
         order by position desc limit $5",
    )
    .bind::<Nullable<Text>, _>(wanted.state.map(State::text))
    .bind::<Nullable<Text>, _>(wanted.recipient)
    .bind::<Nullable<BigInt>, _>(wanted.after)
    .bind::<BigInt, _>(wanted.limit)
    .load(tx.conn())
    .await?)
}

/// One mail; locked against the sender until the transaction ends.
pub async fn find(tx: &mut Tx, id: Uuid) -> Result<Mail> {
    let found: Vec<Mail> = tx.sql(
        "select id, position, kind, recipient, address, locale, subject, body, state, tries, next_try_at, last_error, created_at, sent_at
         from mails where company_id = $1 and id = $2 for update",
    )
    .bind::<SqlUuid, _>(id)
    .load(tx.conn())
    .await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("邮件", "mail")))
}

/// Queues a mail anew, to the address its recipient has by now.
pub async fn requeue(tx: &mut Tx, id: Uuid, address: &str, now: Timestamp) -> Result<()> {
    tx.sql(
        "update mails set state = 'queued', address = $3, next_try_at = $4, last_error = null where company_id = $1 and id = $2",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(address)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A mail that a sender has taken for itself for a while.
#[derive(Clone, Debug, QueryableByName)]
pub struct Claimed {
    #[diesel(sql_type = SqlUuid)]
    pub company_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub address: String,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub body: String,
    #[diesel(sql_type = Integer)]
    pub tries: i32,
    #[diesel(sql_type = Timestamptz)]
    created_at: sql::Timestamp,
}

impl Claimed {
    pub fn created_at(&self) -> Timestamp {
        self.created_at.to_jiff()
    }
}

/// Takes mails that are due, or whose sender has vanished, of all companies.
pub async fn claim(tx: &mut Tx, now: Timestamp, leased_until: Timestamp, most: i64) -> Result<Vec<Claimed>> {
    Ok(tx
        .sql_of_all(
            "update mails m set state = 'sending', leased_until = $2, tries = m.tries + 1
         from (select company_id, id from mails
               where (state in ('queued', 'failed') and next_try_at <= $1) or (state = 'sending' and leased_until <= $1)
               order by coalesce(next_try_at, leased_until) limit $3 for update skip locked) due
         where m.company_id = due.company_id and m.id = due.id
         returning m.company_id, m.id, m.address, m.subject, m.body, m.tries, m.created_at",
        )
        .bind::<Timestamptz, _>(now.to_diesel())
        .bind::<Timestamptz, _>(leased_until.to_diesel())
        .bind::<BigInt, _>(most)
        .load(tx.conn())
        .await?)
}

/// Records what became of a claimed mail, unless another sender has taken it meanwhile.
pub async fn record(tx: &mut Tx, mail: &Claimed, after: &After) -> Result<()> {
    tx.sql_of_all(
        "update mails set state = $4, next_try_at = $5, last_error = $6, sent_at = $7, leased_until = null
         where company_id = $1 and id = $2 and tries = $3 and state = 'sending'",
    )
    .bind::<SqlUuid, _>(mail.company_id)
    .bind::<SqlUuid, _>(mail.id)
    .bind::<Integer, _>(mail.tries)
    .bind::<Text, _>(after.state.text())
    .bind::<Nullable<Timestamptz>, _>(after.next_try_at.map(|at| at.to_diesel()))
    .bind::<Nullable<Text>, _>(after.last_error.as_deref())
    .bind::<Nullable<Timestamptz>, _>(after.sent_at.map(|at| at.to_diesel()))
    .execute(tx.conn())
    .await?;
    Ok(())
}
