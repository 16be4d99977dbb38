//! The append-only, hash-chained audit log: entries are written in the transaction of what they record
//! and sealed into the company's chain soon after, in order, by one sealer at a time.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Binary, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::store::Store;
use crate::{Clock, Result};

#[derive(QueryableByName)]
struct Unsealed {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
    #[diesel(sql_type = Text)]
    text: String,
}

#[derive(QueryableByName)]
struct Head {
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = Binary)]
    hash: Vec<u8>,
}

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    locked: bool,
}

/// What is hashed of an entry: every column, as PostgreSQL writes them.
const TEXT: &str = "concat_ws('|', seq, company_id, to_char(at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), account, actor, action, subject, detail::text)";

/// Seals entries that have none yet; returns how many.
pub async fn seal(store: &Store, clock: &Clock) -> Result<usize> {
    let mut tx = store.begin_across_companies(clock.now()).await?;
    let lock: Locked =
        diesel::sql_query("select pg_try_advisory_xact_lock(hashtext(current_schema() || ' audit seal')) as locked")
            .get_result(tx.conn())
            .await?;
    if !lock.locked {
        tx.rollback().await?;
        return Ok(0);
    }
    let entries: Vec<Unsealed> = diesel::sql_query(format!(
        "select seq, company_id, {TEXT} as text from audit_entries e
         where not exists (select from audit_seals s where s.entry = e.seq)
           and seq > (select coalesce(max(entry), 0) - 100000 from audit_seals)
         order by seq limit 5000"
    ))
    .load(tx.conn())
    .await?;
    let mut heads: HashMap<Uuid, Head> = HashMap::new();
    let (mut companies, mut places, mut seqs, mut hashes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for entry in &entries {
        let head = match heads.entry(entry.company_id) {
            Entry::Occupied(held) => held.into_mut(),
            Entry::Vacant(place) => place.insert(head(tx.conn(), entry.company_id).await?),
        };
        head.place += 1;
        head.hash = chain(&head.hash, &entry.text);
        companies.push(entry.company_id);
        places.push(head.place);
        seqs.push(entry.seq);
        hashes.push(head.hash.clone());
    }
    if !entries.is_empty() {
        diesel::sql_query(
            "insert into audit_seals (company_id, place, entry, hash) select * from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bytea[])",
        )
        .bind::<diesel::sql_types::Array<SqlUuid>, _>(companies)
        .bind::<diesel::sql_types::Array<BigInt>, _>(places)
        .bind::<diesel::sql_types::Array<BigInt>, _>(seqs)
        .bind::<diesel::sql_types::Array<Binary>, _>(hashes)
        .execute(tx.conn())
        .await?;
    }
    tx.commit().await?;
    Ok(entries.len())
}

fn chain(previous: &[u8], text: &str) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(previous);
    hash.update(text.as_bytes());
    hash.finalize().to_vec()
}

async fn head(conn: &mut AsyncPgConnection, company: Uuid) -> Result<Head> {
    let found: Vec<Head> =
        diesel::sql_query("select place, hash from audit_seals where company_id = $1 order by place desc limit 1")
            .bind::<SqlUuid, _>(company)
            .load(conn)
            .await?;
    Ok(found.into_iter().next().unwrap_or(Head { place: 0, hash: Vec::new() }))
}

/// One entry of the audit log, with its place in the company's chain once it is sealed.
#[derive(QueryableByName, Serialize, ToSchema)]
pub struct AuditEntry {
    #[diesel(sql_type = BigInt)]
    pub seq: i64,
    #[diesel(sql_type = Text)]
    pub at: String,
    #[diesel(sql_type = Text)]
    pub actor: String,
    #[diesel(sql_type = Text)]
    pub action: String,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Jsonb)]
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub place: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    pub hash: Option<String>,
}

/// A page of a company's audit log, oldest first.
pub async fn entries(conn: &mut AsyncPgConnection, company: Uuid, after: i64, limit: i64) -> Result<Vec<AuditEntry>> {
    Ok(diesel::sql_query(
        "select e.seq, to_char(e.at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') as at, e.actor, e.action, e.subject, e.detail,
                s.place, encode(s.hash, 'hex') as hash
         from audit_entries e left join audit_seals s on s.entry = e.seq
         where e.company_id = $1 and e.seq > $2 order by e.seq limit $3",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<BigInt, _>(after)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?)
}

#[derive(QueryableByName)]
struct Link {
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = Binary)]
    hash: Vec<u8>,
    #[diesel(sql_type = Text)]
    text: String,
}

/// Recomputes a company's chain; the place of the first link that does not fit, if any.
pub async fn first_broken_link(conn: &mut AsyncPgConnection, company: Uuid) -> Result<Option<i64>> {
    let links: Vec<Link> = diesel::sql_query(format!(
        "select s.place, s.hash, {TEXT} as text from audit_seals s join (select * from audit_entries where company_id = $1) e on e.seq = s.entry
         where s.company_id = $1 order by s.place",
        TEXT = TEXT.replace("company_id", "e.company_id")
    ))
    .bind::<SqlUuid, _>(company)
    .load(conn)
    .await?;
    let mut hash = Vec::new();
    for (index, link) in links.iter().enumerate() {
        hash = chain(&hash, &link.text);
        if link.place != index as i64 + 1 || hash != link.hash {
            return Ok(Some(link.place));
        }
    }
    Ok(None)
}
