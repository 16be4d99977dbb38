use basics::money::{parse_plain, plain};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::case::{PersonInputs, UnitInputs};
use events::{EmployeeNumber, PublishedResult, Subject, UnitResult, Values};
use platform::sql::ToDiesel;
use platform::{Problem, Result, Tx};
use rust_decimal::Decimal;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::involved;
use crate::engine::Scheme;
use crate::engine::computing::{Found, Member, Piece};
use crate::runs::loading::WHOLE;
use crate::sheets::sheet::id_of;
use crate::subjects::subject::{Kind, ids, kinds};

const AT_ONCE: usize = 1000;

/// How versions of results come about that are made together.
pub struct Making<'a> {
    /// The run whose facts of the company they stand on.
    pub run: i32,
    /// None before publication.
    pub publication: Option<i32>,
    /// `correction`, `appeal` or `annulled`; none as computing found it.
    pub because: Option<&'a str>,
    pub reason: Option<&'a str>,
    /// A document that the reason stands in.
    pub document: Option<&'a str>,
    /// What it rests on.
    pub documents: &'a [Uuid],
    pub by: &'a str,
}

/// A version of somebody's result to keep.
pub struct Made<'f> {
    pub version: i64,
    pub name: String,
    pub unit: String,
    pub category: Option<String>,
    pub superior: Option<String>,
    pub edition: i32,
    pub inputs: String,
    pub found: &'f Found,
}

impl<'f> Made<'f> {
    /// The first version.
    pub fn of<Inputs>(member: &Member<Inputs>, category: Option<String>, inputs: String, found: &'f Found) -> Self {
        Self {
            version: 1,
            name: member.name.clone(),
            unit: member.unit.clone(),
            category,
            superior: member.superior.clone(),
            edition: member.edition,
            inputs,
            found,
        }
    }
}

/// Keeps versions of results beside those that are there.
pub async fn insert(tx: &mut Tx, cycle: Uuid, making: &Making<'_>, made: &[Made<'_>]) -> Result<()> {
    for chunk in made.chunks(AT_ONCE) {
        insert_chunk(tx, cycle, making, chunk).await?;
    }
    Ok(())
}

async fn insert_chunk(tx: &mut Tx, cycle: Uuid, making: &Making<'_>, made: &[Made<'_>]) -> Result<()> {
    let now = tx.now;
    let number = |of: fn(&Found) -> Option<Decimal>| {
        made.iter().map(|one| of(one.found).map(|n| n.to_string())).collect::<Vec<_>>()
    };
    let json = |of: &dyn Fn(&Found) -> serde_json::Result<Value>| {
        made.iter().map(|one| of(one.found)).collect::<serde_json::Result<Vec<Value>>>()
    };
    let id = |one: &Made<'_>| id_of(cycle, &one.found.kind.subject(&one.found.subject));
    tx.sql(
        "insert into results (company_id, cycle, kind, subject, version, id, edition, unit, name, category, superior, excluded, score, grade,
                              coefficient, outcomes, interview, scores, outputs, carried, explanation, inputs, run, publication, because,
                              reason, document, made_by, made_at, documents)
         select $1, $2, n.kind, n.subject, n.version, n.id, n.edition, n.unit, n.name, n.category, n.superior, n.excluded, n.score::numeric, n.grade,
                n.coefficient::numeric, array(select jsonb_array_elements_text(n.outcomes)), array(select jsonb_array_elements_text(n.interview)),
                n.scores, n.outputs, n.carried, n.explanation, n.inputs, $3, $4, $5, $6, $7, $8, $9, $30
         from unnest($10::text[], $11::text[], $12::bigint[], $13::uuid[], $14::int[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[],
                     $20::text[], $21::text[], $22::text[], $23::jsonb[], $24::jsonb[], $25::jsonb[], $26::jsonb[], $27::jsonb[], $28::text[], $29::text[])
              n(kind, subject, version, id, edition, unit, name, category, superior, excluded, score, grade, coefficient, outcomes, interview, scores,
                outputs, carried, explanation, inputs)
         on conflict do nothing",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Integer, _>(making.run)
    .bind::<Nullable<Integer>, _>(making.publication)
    .bind::<Nullable<Text>, _>(making.because)
    .bind::<Nullable<Text>, _>(making.reason)
    .bind::<Nullable<Text>, _>(making.document)
    .bind::<Text, _>(making.by)
    .bind::<Timestamptz, _>(now.to_diesel())
    .bind::<Array<Text>, _>(made.iter().map(|one| one.found.kind).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(made.iter().map(|one| one.found.subject.as_str()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(made.iter().map(|one| one.version).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(made.iter().map(id).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(made.iter().map(|one| one.edition).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(made.iter().map(|one| one.unit.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(made.iter().map(|one| one.name.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(made.iter().map(|one| one.category.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(made.iter().map(|one| one.superior.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(made.iter().map(|one| one.found.excluded.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(number(|found| found.score))
    .bind::<Array<Nullable<Text>>, _>(made.iter().map(|one| one.found.grade.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(number(|found| found.coefficient))
    .bind::<Array<Jsonb>, _>(json(&|found| serde_json::to_value(&found.outcomes))?)
    .bind::<Array<Jsonb>, _>(json(&|found| serde_json::to_value(&found.interview))?)
    .bind::<Array<Jsonb>, _>(json(&|found| serde_json::to_value(&found.scores))?)
    .bind::<Array<Jsonb>, _>(json(&|found| serde_json::to_value(&found.outputs))?)
    .bind::<Array<Jsonb>, _>(json(&|found| serde_json::to_value(&found.carried))?)
    .bind::<Array<Text>, _>(made.iter().map(|one| one.found.explanation.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(made.iter().map(|one| one.inputs.as_str()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(making.documents)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A version of a result with what it was computed from.
#[derive(QueryableByName, Clone, Debug)]
pub struct Standing {
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    #[diesel(sql_type = Integer)]
    pub edition: i32,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub unit: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub superior: Option<String>,
    #[diesel(sql_type = Text)]
    pub inputs: String,
    #[diesel(sql_type = Integer)]
    pub run: i32,
    #[diesel(sql_type = Nullable<Integer>)]
    pub publication: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    pub because: Option<String>,
    #[diesel(sql_type = Timestamptz, deserialize_as = platform::sql::Timestamp)]
    pub made_at: jiff::Timestamp,
    #[diesel(sql_type = Nullable<Text>)]
    excluded: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    score: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    grade: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    coefficient: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    outcomes: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    interview: Vec<String>,
    #[diesel(sql_type = Jsonb)]
    scores: Value,
    #[diesel(sql_type = Jsonb)]
    outputs: Value,
    #[diesel(sql_type = Jsonb)]
    carried: Value,
    #[diesel(sql_type = Text)]
    explanation: String,
}

impl Standing {
    pub fn found(&self) -> Result<Found> {
        Ok(Found {
            kind: self.kind,
            subject: self.subject.clone(),
            excluded: self.excluded.clone(),
            score: decimal(self.score.as_deref())?,
            grade: self.grade.clone(),
            coefficient: decimal(self.coefficient.as_deref())?,
            outcomes: self.outcomes.clone(),
            interview: self.interview.clone(),
            scores: serde_json::from_value(self.scores.clone())?,
            outputs: serde_json::from_value(self.outputs.clone())?,
            carried: serde_json::from_value(self.carried.clone())?,
            explanation: self.explanation.clone(),
        })
    }

    fn member<Inputs: DeserializeOwned>(&self) -> Result<Member<Inputs>> {
        Ok(Member {
            name: self.name.clone(),
            unit: self.unit.clone(),
            superior: self.superior.clone(),
            edition: self.edition,
            inputs: serde_json::from_str(&self.inputs)?,
        })
    }
}

fn decimal(text: Option<&str>) -> Result<Option<Decimal>> {
    let read = |text: &str| parse_plain(text).ok_or_else(|| Problem::internal(format!("no decimal: {text}")));
    text.map(read).transpose()
}

/// The piece that some results were computed from.
pub fn piece_of(scheme: &Scheme, standing: &[Standing]) -> Result<Piece> {
    let mut piece = Piece::default();
    for one in standing {
        match one.kind {
            Kind::Unit => piece.units.push(one.member::<UnitInputs>()?),
            _ => piece.people.push(one.member::<PersonInputs>()?),
        }
    }
    piece.know(scheme);
    Ok(piece)
}

/// Versions of results with their inputs; `$1` is the company, `$2` the cycle, `$3` the units or null.
macro_rules! standing {
    ($select:literal, $rest:literal) => {
        concat!(
            "select ",
            $select,
            " r.kind, r.subject, r.version, r.edition, r.name, r.unit, r.superior, r.inputs, r.run, r.publication, r.because, r.made_at,
                 r.excluded, r.score::text as score, r.grade, r.coefficient::text as coefficient, r.outcomes, r.interview, r.scores,
                 r.outputs, r.carried, r.explanation
             from results r where r.company_id = $1 and r.cycle = $2 and ($3::text[] is null or r.unit = any($3)) ",
            $rest
        )
    };
}

fn units_of(pieces: &[String]) -> Option<&[String]> {
    if pieces.iter().any(|piece| piece == WHOLE) { None } else { Some(pieces) }
}

/// The published results of some pieces as they stand.
pub async fn standing(tx: &mut Tx, cycle: Uuid, pieces: &[String]) -> Result<Vec<Standing>> {
    Ok(tx
        .sql(standing!(
            "distinct on (r.kind, r.subject)",
            "and r.publication is not null order by r.kind, r.subject, r.version desc"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Array<Text>>, _>(units_of(pieces))
        .load(tx.conn())
        .await?)
}

/// The results of some pieces that are not published.
pub async fn unpublished(tx: &mut Tx, cycle: Uuid, pieces: &[String]) -> Result<Vec<Standing>> {
    Ok(tx
        .sql(standing!("", "and r.publication is null order by r.kind, r.subject"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Array<Text>>, _>(units_of(pieces))
        .load(tx.conn())
        .await?)
}

/// Those of some subjects that are not published.
pub async fn unpublished_of(tx: &mut Tx, cycle: Uuid, wanted: &[Subject]) -> Result<Vec<Standing>> {
    Ok(tx
        .sql(standing!(
            "",
            "and r.publication is null and (r.kind, r.subject) in (select * from unnest($4::text[], $5::text[]))"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Array<Text>>, _>(None::<&[String]>)
        .bind::<Array<Text>, _>(kinds(wanted))
        .bind::<Array<Text>, _>(ids(wanted))
        .load(tx.conn())
        .await?)
}

/// Every version of the results of some pieces, as they were made.
pub async fn all_versions(tx: &mut Tx, cycle: Uuid, pieces: &[String]) -> Result<Vec<Standing>> {
    Ok(tx
        .sql(standing!("", "order by r.kind desc, r.subject, r.version"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Array<Text>>, _>(units_of(pieces))
        .load(tx.conn())
        .await?)
}

/// How many versions of results a cycle has.
pub async fn count_versions(tx: &mut Tx, cycle: Uuid) -> Result<i64> {
    Ok(tx
        .sql("select count(*) from results where company_id = $1 and cycle = $2")
        .bind::<SqlUuid, _>(cycle)
        .columns::<BigInt>()
        .get_result(tx.conn())
        .await?)
}

/// Somebody's result.
#[derive(Clone, QueryableByName, Serialize, ToSchema)]
pub struct ResultRow {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    /// Such as `2026-10`.
    #[diesel(sql_type = Text)]
    pub period: String,
    #[diesel(sql_type = Text)]
    pub scheme: String,
    /// `person:NUMBER` or `unit:CODE`.
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    /// Employee number of a person.
    #[diesel(sql_type = Nullable<Text>)]
    pub number: Option<String>,
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Unit code.
    #[diesel(sql_type = Text)]
    pub unit: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub unit_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub category: Option<String>,
    /// The `ETag`: 1 as computing found it, one more with each correction.
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    /// Code of the reason why the person is not appraised.
    #[diesel(sql_type = Nullable<Text>)]
    pub excluded: Option<String>,
    /// Points, a decimal.
    #[diesel(sql_type = Nullable<Text>)]
    #[schema(pattern = r"^-?[0-9]+(\.[0-9]+)?$")]
    pub score: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub grade: Option<String>,
    /// Share of performance pay or the like, a decimal.
    #[diesel(sql_type = Nullable<Text>)]
    #[schema(pattern = r"^-?[0-9]+(\.[0-9]+)?$")]
    pub coefficient: Option<String>,
    /// Codes of what the result leads to.
    #[diesel(sql_type = Array<Text>)]
    pub outcomes: Vec<String>,
    /// Codes of the reasons for an interview.
    #[diesel(sql_type = Array<Text>)]
    pub interview: Vec<String>,
    /// Further scores by name, decimals.
    #[diesel(sql_type = Jsonb)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub scores: Value,
    /// What only some policies have, by name: a level, a pool, a fund; texts and flags.
    #[diesel(sql_type = Jsonb)]
    #[schema(value_type = Object)]
    pub outputs: Value,
    /// `correction`, `appeal` or `annulled`; none as computing found it.
    #[diesel(sql_type = Nullable<Text>)]
    pub because: Option<String>,
    /// When an appeal annulled it: it stays readable, and counts nowhere.
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = platform::sql::NullableTimestamp)]
    pub annulled_at: Option<jiff::Timestamp>,
    #[diesel(sql_type = Nullable<Text>)]
    pub annulled_why: Option<String>,
    /// Why this version was made; only in corrections.
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
    /// What a correction rests on: `GET /v1/scoring/documents/{id}`.
    #[diesel(sql_type = Array<SqlUuid>)]
    pub documents: Vec<Uuid>,
    /// RFC 3339.
    #[diesel(sql_type = Text)]
    pub made_at: String,
    /// Which publication of the cycle; null before.
    #[diesel(sql_type = Nullable<Integer>)]
    pub publication: Option<i32>,
    /// Whether everybody concerned can see it.
    #[diesel(sql_type = Bool)]
    pub published: bool,
    #[diesel(sql_type = Text)]
    #[serde(skip)]
    pub of: String,
}

/// Results with what their cycle says of them; the rest of the statement says which.
macro_rules! results_where {
    ($rest:literal) => {
        concat!(
            "select r.id, r.cycle, c.period, c.scheme_code as scheme, r.kind || ':' || r.subject as subject, r.kind,
                 case when r.kind = 'person' then r.subject end as number, r.name, r.unit,
                 (select u.name from subjects u where u.company_id = r.company_id and u.cycle = r.cycle and u.kind = 'unit' and u.subject = r.unit) as unit_name,
                 r.category, r.version, r.excluded, trim_scale(r.score)::text as score, r.grade, trim_scale(round(r.coefficient, 10))::text as coefficient,
                 r.outcomes, r.interview, r.scores, r.outputs, r.because, r.annulled_at, r.annulled_why, r.reason, r.documents,
                 to_char(r.made_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') as made_at, r.publication,
                 r.publication is not null as published, r.subject as of
             from results r join cycles c on c.company_id = $1 and c.id = r.cycle where r.company_id = $1 and c.state <> 'cancelled' and ",
            $rest
        )
    };
}

/// Results of which a version rests on a document.
pub async fn resting_on(tx: &mut Tx, document: Uuid) -> Result<Vec<Uuid>> {
    Ok(tx
        .sql(
            "select distinct id from results where company_id = $1 and documents <> '{}' and documents @> array[$2::uuid] order by id",
        )
        .bind::<SqlUuid, _>(document)
        .columns::<SqlUuid>()
        .load(tx.conn())
        .await?)
}

/// Every version of a result, newest first.
pub async fn versions(tx: &mut Tx, id: Uuid) -> Result<Vec<ResultRow>> {
    Ok(tx.sql(results_where!("r.id = $2 order by r.version desc")).bind::<SqlUuid, _>(id).load(tx.conn()).await?)
}

/// What a version of a person's result was computed from, as it is kept.
pub async fn inputs_of(tx: &mut Tx, cycle: Uuid, number: &str, version: i64) -> Result<String> {
    Ok(tx
        .sql(
            "select inputs from results where company_id = $1 and cycle = $2 and kind = 'person' and subject = $3 and version = $4",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(number)
        .bind::<BigInt, _>(version)
        .columns::<Text>()
        .get_result(tx.conn())
        .await?)
}

/// A digest of what a version of a result says: the same as long as nothing of it changes.
pub async fn digest(tx: &mut Tx, id: Uuid, version: i64) -> Result<String> {
    Ok(tx
        .sql(
            "select md5(concat_ws('|', r.excluded, r.score, r.grade, r.coefficient, r.outcomes, r.outputs)) from results r
             where r.company_id = $1 and r.id = $2 and r.version = $3",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<BigInt, _>(version)
        .columns::<Text>()
        .get_result(tx.conn())
        .await?)
}

/// Whom the results of a cycle are about that are computed and not published, apart from those who are excluded, with a digest
/// of what each says.
pub async fn computed_people(tx: &mut Tx, cycle: Uuid) -> Result<Vec<(EmployeeNumber, String)>> {
    Ok(tx
        .sql(
            "select r.subject, md5(concat_ws('|', r.excluded, r.score, r.grade, r.coefficient, r.outcomes, r.outputs)) from results r
             where r.company_id = $1 and r.cycle = $2 and r.kind = 'person' and r.publication is null and r.excluded is null
             order by r.subject",
        )
        .bind::<SqlUuid, _>(cycle)
        .columns::<(Text, Text)>()
        .load(tx.conn())
        .await?)
}

/// A person's published results, newest period first, each in its latest version. On the first page those that are computed
/// and not published are before them.
pub async fn of_person(tx: &mut Tx, number: &str, after: Option<Uuid>, limit: i64) -> Result<Vec<ResultRow>> {
    Ok(tx
        .sql(results_where!(
            "r.kind = 'person' and r.subject = $2
               and (($3::uuid is null and r.publication is null and c.state = 'computed')
                   or (r.publication is not null
                       and r.version = (select max(v.version) from results v where v.company_id = $1 and v.cycle = r.cycle
                           and v.kind = 'person' and v.subject = $2 and v.publication is not null)
                       and ($3 is null or (c.published_at, c.id) < (select a.published_at, a.id from cycles a
                           where a.company_id = $1 and a.id = $3))))
             order by r.publication is null desc, c.published_at desc, c.id desc
             limit $4 + (select count(*) from results u join cycles k on k.company_id = $1 and k.id = u.cycle and k.state = 'computed'
                 where u.company_id = $1 and u.kind = 'person' and u.subject = $2 and u.publication is null and $3 is null)"
        ))
        .bind::<Text, _>(number)
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// Which results of a cycle a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub kind: Option<Kind>,
    pub unit: Option<String>,
    pub grade: Option<String>,
    /// A part of a number, a code or a name.
    pub search: Option<String>,
    /// Only people who are interviewed, or have a reason for it.
    pub interview: bool,
    /// Only those whom one of these actors interviews.
    pub interviewer: Option<Vec<String>>,
    /// Only what is published.
    pub published: bool,
    /// Only what waits for the approval of one of these actors, or of units at which they look.
    pub approver: Option<Vec<String>>,
    /// Whoever looks: before publication their own result is not there.
    pub viewer: Option<String>,
    pub sort: Sort,
    /// `kind:subject` of the one before.
    pub after: String,
}

/// In which order results are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// People before units, by number and code.
    #[default]
    Subject,
    Name,
    /// The highest first; those without one last.
    Score,
}

impl Sort {
    fn code(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Name => "name",
            Self::Score => "score",
        }
    }
}

/// Latest versions of a cycle's results, people before units.
pub async fn of_cycle(tx: &mut Tx, cycle: Uuid, filter: &Filter, limit: i64) -> Result<Vec<ResultRow>> {
    Ok(tx
        .sql(results_where!(
            "r.cycle = $2
               and ($3 = '' or (case $13 when 'score' then coalesce(-r.score, 1e9) else 0 end, case $13 when 'name' then r.name else '' end,
                        r.kind || ':' || r.subject)
                   > (select case $13 when 'score' then coalesce(-a.score, 1e9) else 0 end, case $13 when 'name' then a.name else '' end, $3
                      from results a where a.company_id = $1 and a.cycle = $2 and a.kind = split_part($3, ':', 1)
                          and a.subject = substr($3, strpos($3, ':') + 1) order by a.version desc limit 1))
               and ($4::text is null or r.unit = $4)
               and ($5::text is null or r.grade = $5) and (not $6 or cardinality(r.interview) > 0
                   or exists (select from interviews i where i.company_id = $1 and i.cycle = $2 and i.number = r.subject))
               and ($7::text[] is null or exists (select from interviews i join steps s on s.company_id = $1 and s.id = i.step
                   where i.company_id = $1 and i.cycle = $2 and i.number = r.subject and s.actors && $7)) and (r.publication is not null or r.subject is distinct from $9 or r.kind <> 'person')
               and ($10::text is null or r.kind = $10) and (not $11 or r.publication is not null)
               and ($14::text[] is null or r.publication is null and (exists (select from approvals a join steps s on s.company_id = $1 and s.id = a.step
                   where a.company_id = $1 and a.cycle = $2 and a.unit in ('', r.unit) and s.state = 'open' and s.actors && $14
                   and (a.categories = '{}' or r.kind = 'unit' or r.category is null or r.category = any(a.categories)))
                   or exists (select from spot_checks k where k.company_id = $1 and k.cycle = $2 and k.unit = r.unit and k.state <> 'settled'
                       and k.checker = any($14) and not exists (select from subjects p where p.company_id = $1 and p.cycle = $2 and p.kind = 'person'
                           and p.subject = $9 and p.unit = r.unit)
                       and not exists (select from subjects u where u.company_id = $1 and u.cycle = $2 and u.kind = 'unit' and u.subject = r.unit
                           and $9 in (coalesce(u.head, ''), coalesce(u.co_head, ''))))))
               and ($12::text is null or r.name ilike '%' || $12 || '%' or r.subject ilike '%' || $12 || '%')
               and r.version = (select max(v.version) from results v where v.company_id = $1 and v.cycle = $2 and v.kind = r.kind and v.subject = r.subject)
             order by case $13 when 'score' then coalesce(-r.score, 1e9) else 0 end, case $13 when 'name' then r.name else '' end,
                 r.kind || ':' || r.subject limit $8"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(&filter.after)
        .bind::<Nullable<Text>, _>(&filter.unit)
        .bind::<Nullable<Text>, _>(&filter.grade)
        .bind::<Bool, _>(filter.interview)
        .bind::<Nullable<Array<Text>>, _>(&filter.interviewer)
        .bind::<BigInt, _>(limit)
        .bind::<Nullable<Text>, _>(&filter.viewer)
        .bind::<Nullable<Text>, _>(filter.kind)
        .bind::<Bool, _>(filter.published)
        .bind::<Nullable<Text>, _>(&filter.search)
        .bind::<Text, _>(filter.sort.code())
        .bind::<Nullable<Array<Text>>, _>(&filter.approver)
        .load(tx.conn())
        .await?)
}

pub async fn explanation(tx: &mut Tx, result: &ResultRow) -> Result<String> {
    Ok(tx
        .sql("select explanation from results where company_id = $1 and cycle = $2 and kind = $3 and subject = $4 and version = $5")
        .bind::<SqlUuid, _>(result.cycle)
        .bind::<Text, _>(result.kind)
        .bind::<Text, _>(&result.of)
        .bind::<BigInt, _>(result.version)
        .columns::<Text>()
        .get_result(tx.conn())
        .await?)
}

/// A cycle's results in numbers.
#[derive(QueryableByName)]
pub struct Totals {
    #[diesel(sql_type = BigInt)]
    pub people: i64,
    #[diesel(sql_type = BigInt)]
    pub excluded: i64,
    #[diesel(sql_type = BigInt)]
    pub interviews: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub mean: Option<String>,
}

#[derive(QueryableByName)]
pub struct GradeCount {
    #[diesel(sql_type = Text)]
    pub grade: String,
    #[diesel(sql_type = BigInt)]
    pub people: i64,
}

/// What a query makes of the latest versions of a cycle's results of people.
macro_rules! of_latest {
    ($rest:literal) => {
        concat!(
            "with r as (select distinct on (subject) excluded, score, grade, interview from results
                 where company_id = $1 and cycle = $2 and kind = 'person' order by subject, version desc)
             select ",
            $rest
        )
    };
}

pub async fn totals(tx: &mut Tx, cycle: Uuid) -> Result<Totals> {
    Ok(tx
        .sql(of_latest!(
            "count(*) as people, count(excluded) as excluded, count(*) filter (where cardinality(interview) > 0) as interviews,
                trim_scale(round(avg(score), 2))::text as mean from r"
        ))
        .bind::<SqlUuid, _>(cycle)
        .get_result(tx.conn())
        .await?)
}

pub async fn grades(tx: &mut Tx, cycle: Uuid) -> Result<Vec<GradeCount>> {
    Ok(tx
        .sql(of_latest!("grade, count(*) as people from r where grade is not null group by grade order by grade"))
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?)
}

#[derive(QueryableByName)]
struct PublishedRow {
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    category: Option<String>,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Nullable<Text>)]
    excluded: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    score: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    grade: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    coefficient: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    outcomes: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    interview: Vec<String>,
    #[diesel(sql_type = Jsonb)]
    carried: Value,
}

/// A page of a unit's results of people as a publication tells them to others.
pub async fn to_publish(
    tx: &mut Tx,
    cycle: Uuid,
    publication: i32,
    unit: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<PublishedResult>> {
    let rows: Vec<PublishedRow> = tx
        .sql(
            "select subject as number, name, category, version, excluded, trim_scale(score)::text as score, grade,
                 trim_scale(round(coefficient, 10))::text as coefficient, outcomes, interview, carried
             from results where company_id = $1 and cycle = $2 and publication = $3 and unit = $4 and kind = 'person' and subject > $5
               and because is null order by subject limit $6",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Integer, _>(publication)
        .bind::<Text, _>(unit)
        .bind::<Text, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?;
    let numbers: Vec<&str> = rows.iter().map(|row| row.number.as_str()).collect();
    let mut involved = involved::of(tx, cycle, Kind::Person, &numbers).await?;
    let told = |row: PublishedRow| {
        let involved = involved.remove(&row.number).unwrap_or_default();
        Ok(PublishedResult {
            involved,
            number: row.number.into(),
            name: row.name,
            category: row.category,
            version: row.version,
            excluded: row.excluded,
            score: row.score,
            grade: row.grade,
            coefficient: row.coefficient,
            outcomes: row.outcomes,
            interview: row.interview,
            carried: serde_json::from_value(row.carried)?,
        })
    };
    rows.into_iter().map(told).collect()
}

/// A result as others are told it.
pub fn told(
    name: &str,
    category: Option<&str>,
    version: i64,
    found: &Found,
    involved: Vec<EmployeeNumber>,
) -> PublishedResult {
    PublishedResult {
        involved,
        number: found.subject.as_str().into(),
        name: name.to_owned(),
        category: category.map(str::to_owned),
        version,
        excluded: found.excluded.clone(),
        score: found.score.map(plain),
        grade: found.grade.clone(),
        coefficient: found.coefficient_told(),
        outcomes: found.outcomes.clone(),
        interview: found.interview.clone(),
        carried: found.carried.clone(),
    }
}

/// What pay needs to know of a unit, and its own published result with the number of its publication.
pub async fn of_unit(tx: &mut Tx, cycle: Uuid, unit: &str) -> Result<(Values, Option<(i32, UnitResult)>)> {
    let found: Vec<Standing> = tx
        .sql(standing!("", "and r.kind = 'unit' order by r.version desc limit 1"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Array<Text>>, _>(Some(vec![unit.to_owned()]))
        .load(tx.conn())
        .await?;
    let Some(standing) = found.into_iter().next() else { return Ok((Values::new(), None)) };
    let found = standing.found()?;
    let involved = involved::of(tx, cycle, Kind::Unit, &[unit]).await?.remove(unit).unwrap_or_default();
    let result = unit_result(standing.version, &found, involved);
    Ok((found.carried, standing.publication.map(|publication| (publication, result))))
}

/// A unit's result as others are told it.
pub fn unit_result(version: i64, found: &Found, involved: Vec<EmployeeNumber>) -> UnitResult {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    UnitResult {
        involved,
        version,
        score: found.score.map(plain),
        grade: found.grade.clone(),
        coefficient: found.coefficient_told(),
        outcomes: found.outcomes.clone(),
        outputs: found.outputs.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
    }
}
