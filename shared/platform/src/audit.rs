//! The append-only, hash-chained audit log: entries are written in the transaction of what they record
//! and sealed into the company's chain soon after, in order, by one sealer at a time.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use diesel::sql_types::{Array, BigInt, Binary, Bool, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, Queryable};
use diesel_async::RunQueryDsl;
use jiff_diesel::ToDiesel;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::schema::{audit_heads, audit_seals};
use crate::store::{Store, Tx};
use crate::text::hexadecimal;
use crate::{Clock, Result};

#[derive(Queryable)]
struct Unsealed {
    seq: i64,
    company_id: Uuid,
    text: String,
}

#[derive(Queryable)]
struct Head {
    place: i64,
    hash: Vec<u8>,
}

/// A statement about entries with what is hashed of them: every column, as PostgreSQL writes them, in `text` as a JSON
/// array, which keeps what is null and cannot be cut into other columns. Seals of version 1 were made from `first_text`.
macro_rules! with_texts {
    ($rest:literal) => {
        concat!(
            "with e as (
                 select seq, company_id,
                     jsonb_build_array(seq, company_id, to_char(at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'),
                         account, actor, action, subject, detail)::text as text,
                     concat_ws('|', seq, company_id, to_char(at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'),
                         account, actor, action, subject, detail::text) as first_text
                 from audit_entries) ",
            $rest
        )
    };
}

/// How seals are made now.
const VERSION: i16 = 2;
/// Links that are verified at a time.
const LINKS_AT_ONCE: i64 = 1_000;

/// Seals entries that have none yet; returns how many.
pub async fn seal(store: &Store, clock: &Clock) -> Result<usize> {
    let mut tx = store.begin_across_companies(clock.now()).await?;
    let is_sealer: bool = tx
        .sql_of_all("select pg_try_advisory_xact_lock(hashtext(current_schema() || ' audit seal'))")
        .columns::<Bool>()
        .get_result(tx.conn())
        .await?;
    if !is_sealer {
        tx.rollback().await?;
        return Ok(0);
    }
    let entries: Vec<Unsealed> = tx
        .sql_of_all(with_texts!(
            "select e.seq, e.company_id, e.text from e
             where not exists (select from audit_seals s where s.entry = e.seq)
               and e.seq > (select coalesce(max(entry), 0) - 100000 from audit_seals)
             order by e.seq limit 5000"
        ))
        .columns::<(BigInt, SqlUuid, Text)>()
        .load(tx.conn())
        .await?;
    if entries.is_empty() {
        tx.rollback().await?;
        return Ok(0);
    }
    let mut heads: HashMap<Uuid, Head> = HashMap::new();
    let (mut companies, mut places, mut seqs, mut hashes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for entry in &entries {
        let head = match heads.entry(entry.company_id) {
            Entry::Occupied(held) => held.into_mut(),
            Entry::Vacant(place) => place.insert(head(&mut tx, entry.company_id).await?),
        };
        head.place += 1;
        head.hash = chain(&head.hash, &entry.text);
        companies.push(entry.company_id);
        places.push(head.place);
        seqs.push(entry.seq);
        hashes.push(head.hash.clone());
    }
    tx.sql_of_all(
        "insert into audit_seals (company_id, place, entry, hash, version)
         select t.*, $5 from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bytea[]) t",
    )
    .bind::<Array<SqlUuid>, _>(companies)
    .bind::<Array<BigInt>, _>(places)
    .bind::<Array<BigInt>, _>(seqs)
    .bind::<Array<Binary>, _>(hashes)
    .bind::<SmallInt, _>(VERSION)
    .execute(tx.conn())
    .await?;
    move_heads(&mut tx, heads).await?;
    tx.commit().await?;
    Ok(entries.len())
}

async fn move_heads(tx: &mut Tx, heads: HashMap<Uuid, Head>) -> Result<()> {
    let (companies, heads): (Vec<Uuid>, Vec<Head>) = heads.into_iter().unzip();
    let now = tx.now;
    tx.sql_of_all(
        "insert into audit_heads as h (company_id, place, hash, sealed_at)
         select t.*, $4 from unnest($1::uuid[], $2::bigint[], $3::bytea[]) t
         on conflict (company_id) do update set place = excluded.place, hash = excluded.hash, sealed_at = excluded.sealed_at",
    )
    .bind::<Array<SqlUuid>, _>(companies)
    .bind::<Array<BigInt>, _>(heads.iter().map(|head| head.place).collect::<Vec<_>>())
    .bind::<Array<Binary>, _>(heads.into_iter().map(|head| head.hash).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The hash of the next link. Hashes before it are all of one length, so nothing moves between them and the text.
fn chain(previous: &[u8], text: &str) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(previous);
    hash.update(text.as_bytes());
    hash.finalize().to_vec()
}

/// Where a company's chain goes on: behind what is kept as its head, even where the seals before it are gone, so that
/// a gap stays. Chains of a release that kept no heads go on behind their last seal.
async fn head(tx: &mut Tx, company: Uuid) -> Result<Head> {
    if let Some(head) = kept_head(tx, company).await? {
        return Ok(head);
    }
    let found = audit_seals::table
        .select((audit_seals::place, audit_seals::hash))
        .filter(audit_seals::company_id.eq(company))
        .order(audit_seals::place.desc())
        .first(tx.conn())
        .await
        .optional()?;
    Ok(found.unwrap_or(Head { place: 0, hash: Vec::new() }))
}

/// One entry of the audit log, with its place in the company's chain once it is sealed.
#[derive(Queryable, Serialize, ToSchema)]
pub struct AuditEntry {
    pub seq: i64,
    pub at: String,
    /// The account or machine client that acted; null for the system itself.
    pub account: Option<Uuid>,
    /// Employee number; `@` and the name of an account that is nobody's, or of a client; or `system`.
    pub actor: String,
    pub action: String,
    pub subject: String,
    /// What was done; `{"veiled": true}` stands for what the reader may not see.
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
    pub place: Option<i64>,
    pub hash: Option<String>,
}

type EntryColumns = (BigInt, Text, Nullable<SqlUuid>, Text, Text, Text, Jsonb, Nullable<BigInt>, Nullable<Text>);

/// A page of the company's audit log, oldest first.
pub async fn entries(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<AuditEntry>> {
    Ok(tx
        .sql(
            "select e.seq, to_char(e.at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), e.account, e.actor, e.action,
                 e.subject, e.detail, s.place, encode(s.hash, 'hex')
             from audit_entries e left join audit_seals s on s.entry = e.seq
             where e.company_id = $1 and e.seq > $2 order by e.seq limit $3",
        )
        .bind::<BigInt, _>(after)
        .bind::<BigInt, _>(limit)
        .columns::<EntryColumns>()
        .load(tx.conn())
        .await?)
}

/// Hides from an entry what the reader may not see: all of its detail, or what is about them and not readable yet.
pub fn veil(entry: &mut AuditEntry, veil: &Veil) {
    match veil {
        Veil::Nothing => {}
        Veil::Everything => entry.detail = veiled(),
        Veil::Own(own) if own.may_read(entry) => {}
        Veil::Own(own) if own.names.iter().any(|name| names_subject(&entry.subject, name)) => entry.detail = veiled(),
        Veil::Own(own) => veil_value(&mut entry.detail, &own.names),
    }
}

/// Hides what stood there before and after, wherever the detail tells it.
pub fn veil_values(detail: &mut Value) {
    match detail {
        Value::Array(items) => items.iter_mut().for_each(veil_values),
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                match name.as_str() {
                    "before" | "after" if !member.is_null() => *member = veiled(),
                    _ => veil_values(member),
                }
            }
        }
        _ => {}
    }
}

/// What a reader of the log may not see in it.
pub enum Veil {
    Nothing,
    Everything,
    /// What is about the reader.
    Own(Own),
}

/// What of a log is about a person, and what of that they may read by now.
#[derive(Default)]
pub struct Own {
    /// Their number and what else stands for them, such as the codes of their units.
    pub names: Vec<String>,
    /// What they may read elsewhere too: an entry with one of these as its subject, or as its cycle, is theirs to read.
    pub readable: HashSet<String>,
}

impl Own {
    fn may_read(&self, entry: &AuditEntry) -> bool {
        let cycle = entry.detail.get("cycle").and_then(Value::as_str);
        entry.subject.split('/').chain(cycle).any(|id| self.readable.contains(id))
    }
}

fn veiled() -> Value {
    serde_json::json!({ "veiled": true })
}

/// A subject is a name, or names with a slash between them.
fn names_subject(subject: &str, name: &str) -> bool {
    subject.split('/').any(|part| part == name)
}

/// An object that has a name among its members is about it, and so are a list that begins with it and a member that is
/// called like it.
fn veil_value(value: &mut Value, names: &[String]) {
    let is_name = |text: &str| names.iter().any(|name| name == text);
    match value {
        Value::Array(items) if items.as_slice().first().and_then(Value::as_str).is_some_and(is_name) => {
            *value = veiled()
        }
        Value::Array(items) => items.iter_mut().for_each(|item| veil_value(item, names)),
        Value::Object(members) => {
            if members.values().any(|member| member.as_str().is_some_and(is_name)) {
                *value = veiled();
                return;
            }
            for (name, member) in members.iter_mut() {
                if is_name(name) {
                    *member = veiled();
                } else {
                    veil_value(member, names);
                }
            }
        }
        _ => {}
    }
}

#[derive(Queryable)]
struct Link {
    place: i64,
    hash: Vec<u8>,
    /// None where the entry is gone.
    text: Option<String>,
}

/// What the recomputing of a company's chain found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Verification {
    /// Place of the first entry that does not fit its predecessor, or is missing; null when the chain is whole.
    pub first_broken_link: Option<i64>,
    /// How many entries the chain has. Note it, with `head`, outside of Steelyard: who can write the database as its
    /// owner can compute a whole chain anew, but not one that still has this hash at this place.
    pub entries: i64,
    /// Hash of the newest entry, in hexadecimal; null while there is none.
    pub head: Option<String>,
    /// Hash at the place that was asked for; null where none was, or the chain does not reach it.
    pub at_place: Option<String>,
}

/// Recomputes the company's chain, some links at a time, and looks at one place of it.
pub async fn verify(tx: &mut Tx, place: Option<i64>) -> Result<Verification> {
    let kept = kept_head(tx, tx.company).await?;
    let mut found = Verification { first_broken_link: None, entries: 0, head: None, at_place: None };
    let mut hash = Vec::new();
    loop {
        let links = links(tx, found.entries).await?;
        let done = (links.len() as i64) < LINKS_AT_ONCE;
        for link in links {
            let fits = link.text.is_some_and(|text| {
                hash = chain(&hash, &text);
                link.place == found.entries + 1 && hash == link.hash
            });
            if !fits {
                found.first_broken_link = Some(link.place.min(found.entries + 1));
                return Ok(found);
            }
            found.entries = link.place;
            found.head = Some(hexadecimal(&hash));
            if place == Some(link.place) {
                found.at_place = found.head.clone();
            }
            if kept.as_ref().is_some_and(|head| head.place == link.place && head.hash != hash) {
                found.first_broken_link = Some(link.place);
                return Ok(found);
            }
        }
        if done {
            break;
        }
    }
    // A chain that was cut off at its end is shorter than its head says.
    if kept.is_some_and(|head| head.place > found.entries) {
        found.first_broken_link = Some(found.entries + 1);
    }
    Ok(found)
}

async fn links(tx: &mut Tx, after: i64) -> Result<Vec<Link>> {
    Ok(tx
        .sql(with_texts!(
            "select s.place, s.hash, case s.version when 1 then e.first_text else e.text end
             from audit_seals s left join e on e.seq = s.entry and e.company_id = $1
             where s.company_id = $1 and s.place > $2 order by s.place limit $3"
        ))
        .bind::<BigInt, _>(after)
        .bind::<BigInt, _>(LINKS_AT_ONCE)
        .columns::<(BigInt, Binary, Nullable<Text>)>()
        .load(tx.conn())
        .await?)
}

async fn kept_head(tx: &mut Tx, company: Uuid) -> Result<Option<Head>> {
    let of_company = audit_heads::table.find(company).select((audit_heads::place, audit_heads::hash));
    Ok(of_company.first(tx.conn()).await.optional()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn seen(subject: &str, detail: Value, hidden: &Veil) -> Value {
        let mut entry = AuditEntry {
            seq: 1,
            at: String::new(),
            account: None,
            actor: "M001".to_owned(),
            action: "ratings.entered".to_owned(),
            subject: subject.to_owned(),
            detail,
            place: None,
            hash: None,
        };
        veil(&mut entry, hidden);
        entry.detail
    }

    #[test]
    fn given_an_entry_about_several_people_when_one_of_them_reads_it_then_only_what_is_about_them_is_veiled() {
        let hidden = Veil::Own(Own { names: vec!["A002".to_owned(), "AUD".to_owned()], ..Own::default() });
        let changes = json!({ "changes": [{ "number": "A002", "after": "2" }, { "number": "E001", "after": "3" }] });
        let expected = json!({ "changes": [{ "veiled": true }, { "number": "E001", "after": "3" }] });
        assert_eq!(seen("cycle", changes, &hidden), expected);
        let changes = json!({ "changes": [["A002", "conduct", null, "2"], ["E001", "conduct", null, "3"]] });
        let expected = json!({ "changes": [{ "veiled": true }, ["E001", "conduct", null, "3"]] });
        assert_eq!(seen("cycle", changes, &hidden), expected);
        let facts = json!({ "scores": { "AUD": "60", "NET": "88" } });
        let expected = json!({ "scores": { "AUD": { "veiled": true }, "NET": "88" } });
        assert_eq!(seen("cycle", facts, &hidden), expected);
        for subject in ["A002", "cycle/A002"] {
            assert_eq!(seen(subject, json!({ "base_salary": "9000.00" }), &hidden), json!({ "veiled": true }));
        }
    }

    #[test]
    fn given_what_is_published_when_its_subject_reads_of_it_then_it_is_shown_and_the_rest_is_not() {
        let names = vec!["A002".to_owned()];
        let hidden = Veil::Own(Own { names, readable: ["october".to_owned(), "sheet of october".to_owned()].into() });
        let of = |cycle: &str| json!({ "cycle": cycle, "changes": [["A002", "conduct", null, "2"]] });
        assert_eq!(seen("sheet", of("october"), &hidden), of("october"));
        assert_eq!(
            seen("sheet", of("november"), &hidden),
            json!({ "cycle": "november", "changes": [{ "veiled": true }] })
        );
        let scored = json!({ "scores": { "A002": "60" } });
        for subject in ["october", "october/A002", "sheet of october"] {
            assert_eq!(seen(subject, scored.clone(), &hidden), scored);
        }
        assert_eq!(seen("november/A002", scored, &hidden), json!({ "veiled": true }));
    }

    #[test]
    fn given_a_reader_who_may_see_no_values_when_they_read_then_nothing_of_the_detail_is_left() {
        assert_eq!(seen("E001", json!({ "after": "3" }), &Veil::Everything), json!({ "veiled": true }));
    }
}
