//! Tasks follow forms, and the values that somebody has to give.

use basics::Label;
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Date as SqlDate, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::scheme::source::{Does, Stage};
use events::{Subject, WorkItem};
use jiff::civil::Date;
use platform::sql::ToDiesel;
use platform::{Result, Tx};
use uuid::Uuid;

use super::telling::{of_cycle, tell_items};
use crate::cycles::cycle::Cycle;
use crate::cycles::rows as cycles;
use crate::facts::asking::{self, Asked};
use crate::runs::telling;
use crate::subjects::rows as subjects;
use crate::subjects::subject::{ids, kinds};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Text)]
    stage: String,
    #[diesel(sql_type = Text)]
    label_zh: String,
    #[diesel(sql_type = Text)]
    label_en: String,
    #[diesel(sql_type = Text)]
    holder: String,
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = Text)]
    subject_name: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = Nullable<Text>)]
    due: Option<String>,
    #[diesel(sql_type = Bool)]
    done: bool,
    #[diesel(sql_type = BigInt)]
    version: i64,
    /// The sheet of whoever assesses themselves.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    sheet: Option<Uuid>,
}

impl Row {
    fn work_item(self, cycle: Uuid) -> WorkItem {
        let (about, operation, path) = match (self.key.split('/').next(), self.sheet) {
            (Some("self"), Some(sheet)) => {
                (Subject::person(&self.subject), "put_sheet_ratings".to_owned(), format!("/v1/sheets/{sheet}/ratings"))
            }
            (Some("self"), None) => (Subject::person(&self.subject), "list_sheets".to_owned(), "/v1/sheets".to_owned()),
            (Some("name"), _) => {
                let path = format!("/v1/cycles/{cycle}/assignments");
                (Subject::unit(&self.subject), "create_assignments".to_owned(), path)
            }
            (Some("value"), _) => {
                let about = if self.subject.is_empty() { Subject::company() } else { Subject::unit(&self.subject) };
                (about, "enter_facts".to_owned(), format!("/v1/cycles/{cycle}/facts"))
            }
            (Some(key @ ("close" | "publish")), _) => {
                let (operation, path) = of_cycle(key, cycle);
                (Subject::company(), operation.to_owned(), path)
            }
            _ => {
                let path = format!("/v1/cycles/{cycle}/ratings");
                (Subject::unit(&self.subject), "enter_ratings".to_owned(), path)
            }
        };
        WorkItem {
            key: self.key,
            stage: self.stage,
            label_zh: self.label_zh,
            label_en: self.label_en,
            holder: self.holder,
            about,
            about_name: self.subject_name,
            count: self.count,
            due: self.due.and_then(|due| due.parse().ok()),
            operation,
            path,
            done: self.done,
            version: self.version,
        }
    }
}

/// Tasks that changed, with the sheets of those that are about a person's own.
macro_rules! changed {
    ($rest:literal) => {
        concat!(
            $rest,
            " select k.key, k.stage, k.label_zh, k.label_en, k.holder, k.subject, k.subject_name, k.count, k.due::text as due,
                 k.done, k.version, t.id as sheet
             from changed k left join sheets t on k.key = 'self/' || t.subject and t.company_id = $1 and t.cycle = $2
                 and t.kind = 'person' and t.counts
             order by k.key"
        )
    };
}

/// The stage of an activity, with its last day in this cycle.
struct Dated {
    code: Option<String>,
    label: Label,
    due: Option<Date>,
}

fn dated(cycle: &Cycle, does: Does) -> Result<Dated> {
    let mut stages = cycle.stages_where(|stage| stage.does == does)?;
    // What no stage names the raters of is in the first that names nobody, else in the first.
    let at = stages.iter().position(|(stage, _)| stage.raters.is_empty()).unwrap_or_default();
    if stages.is_empty() {
        return Ok(Dated { code: None, label: Label::new("", ""), due: None });
    }
    let (stage, due) = stages.swap_remove(at);
    Ok(Dated { code: Some(stage.code), label: stage.label, due })
}

/// The stages of scoring that name their kinds of rater: with each kind the stage.
fn of_raters(cycle: &Cycle) -> Result<Vec<(String, Stage, Option<Date>)>> {
    let stages = cycle.stages_where(|stage| stage.does == Does::Score && !stage.raters.is_empty())?;
    let each = |(stage, due): (Stage, Option<Date>)| {
        let names = stage.raters.clone();
        names.into_iter().map(move |name| (name, stage.clone(), due))
    };
    Ok(stages.into_iter().flat_map(each).collect())
}

/// Brings the tasks about these subjects and their units up to date, and tells those that changed: to each rater the
/// forms of a unit, to HR for whom nobody rates yet whom it has to name, to each person their self-assessment, to whoever gives
/// values of units and of the company each of these.
pub async fn bring_up_to_date(tx: &mut Tx, cycle: &Cycle, about: &[Subject]) -> Result<()> {
    let (score, own) = (dated(cycle, Does::Score)?, dated(cycle, Does::SelfAssess)?);
    if about.is_empty() || (score.code.is_none() && own.code.is_none()) {
        return telling::follow(tx, cycle.id).await;
    }
    let asked = asking::asked(tx, cycle, about).await?;
    let stages = of_raters(cycle)?;
    let column = |of: fn(&Asked) -> &str| asked.iter().map(of).collect::<Vec<_>>();
    let label = |of: fn(&Label) -> &str| asked.iter().map(|one| one.label.as_ref().map(of)).collect::<Vec<_>>();
    let rows: Vec<Row> = tx
        .sql(
            changed!("with touched as materialized (
                 select distinct unit from subjects
                 where company_id = $1 and cycle = $2 and (kind, subject) in (select * from unnest($3::text[], $4::text[]))),
             forms as materialized (
                 select s.unit, s.kind, s.subject, s.name, a.state, a.rater_column, a.kind = 'person' and a.rater_kind = 'person' and a.rater = a.subject as own,
                     case a.rater_kind when 'person' then a.rater else a.rater_kind || ':' || a.rater end as rater,
                     case a.rater_kind when 'unit' then coalesce('person:' || (select head from units u
                             where u.company_id = $1 and u.code = a.rater), 'role:hr')
                         else a.rater_kind || ':' || a.rater end as holder,
                     d.appeal as redo, d.due as redo_due
                 from touched t join subjects s on s.company_id = $1 and s.cycle = $2 and s.unit = t.unit
                 join assignments a on a.company_id = $1 and a.cycle = $2 and a.kind = s.kind and a.subject = s.subject
                 left join redos d on d.company_id = $1 and d.cycle = $2 and d.kind = a.kind and d.subject = a.subject
                     and d.edition = a.edition and d.raters @> jsonb_build_array(jsonb_build_object('column', a.rater_column))
                 where a.state in ('open', 'submitted', 'declined', 'lapsed') and s.left_out_why is null
                   and (not a.optional or a.named_by is not null)),
             stand as materialized (
                 select 'score/' || f.unit || '/' || f.rater || coalesce('@' || m.stage, '') || coalesce('#' || f.redo, '') as key, coalesce(m.stage, $5::text) as stage,
                     coalesce(m.label_zh, $6::text) as label_zh, coalesce(m.label_en, $7::text) as label_en,
                     f.holder, f.unit as subject, coalesce(u.name, f.unit) as subject_name, count(*) as count,
                     case when f.redo is not null then f.redo_due when m.stage is null then $8::date else m.due end as due, bool_and(f.state <> 'open') as done
                 from forms f left join subjects u on u.company_id = $1 and u.cycle = $2 and u.kind = 'unit' and u.subject = f.unit
                 left join unnest($21::text[], $22::text[], $23::text[], $24::text[], $25::date[]) m(rater, stage, label_zh, label_en, due)
                     on m.rater = f.rater_column
                 where not f.own and $5 is not null group by f.unit, f.rater, f.holder, u.name, m.stage, m.label_zh, m.label_en, m.due, f.redo, f.redo_due
                 union all
                 select 'self/' || f.subject, $9::text, $10::text, $11::text, f.holder, f.subject, f.name, count(*), $12::date,
                     bool_and(f.state <> 'open')
                 from forms f where f.own and $9::text is not null group by f.subject, f.holder, f.name
                 union all
                 select 'name/' || t.unit, $5, '指定评价人', 'Name who rates', 'role:hr', t.unit, coalesce(u.name, t.unit), count(distinct (s.kind, s.subject)), $8, false
                 from touched t join subjects s on s.company_id = $1 and s.cycle = $2 and s.unit = t.unit
                 join namings n on n.company_id = $1 and n.cycle = $2 and n.kind = s.kind and n.subject = s.subject
                 left join subjects u on u.company_id = $1 and u.cycle = $2 and u.kind = 'unit' and u.subject = t.unit
                 where $5 is not null and s.standing = 'in' and s.left_out_why is null and not exists (select from assignments a
                     join sheets t on t.company_id = $1 and t.cycle = $2 and t.kind = a.kind and t.subject = a.subject and t.counts
                         and t.edition = a.edition
                     where a.company_id = $1 and a.cycle = $2 and a.kind = n.kind and a.subject = n.subject
                         and a.rater_column = n.rater_column and a.state in ('open', 'submitted', 'lapsed')
                         and (n.whole and a.items is null or n.item = any(a.items)))
                 group by t.unit, u.name
                 union all
                 select concat_ws('/', 'value', nullif(q.subject, ''), q.path), $5, coalesce(q.label_zh, $6), coalesce(q.label_en, $7), q.holder,
                     q.subject, q.name, 1, $8,
                     exists (select from facts f where f.company_id = $1 and f.cycle = $2 and f.kind = q.kind and f.subject = q.subject
                         and f.path = q.path and (f.latest or f.state = 'reported') and f.value <> 'null')
                     or (q.by_sheet and exists (select from assignments a where a.company_id = $1 and a.cycle = $2 and a.kind = q.kind
                         and a.subject = q.subject and a.state = 'submitted')
                         and not exists (select from assignments a where a.company_id = $1 and a.cycle = $2 and a.kind = q.kind
                             and a.subject = q.subject and a.state in ('invited', 'open')))
                 from unnest($13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[],
                     $20::boolean[]) q(kind, subject, name, path, holder, label_zh, label_en, by_sheet)
                 where $5 is not null and not exists (select from subjects u where u.company_id = $1 and u.cycle = $2 and u.kind = q.kind
                     and u.subject = q.subject and u.left_out_why is not null)),
             put as (
                 insert into tasks as k (company_id, cycle, key, stage, label_zh, label_en, holder, subject, subject_name, count, due, done, version)
                 select $1, $2, s.key, s.stage, s.label_zh, s.label_en, s.holder, s.subject, s.subject_name, s.count, s.due, s.done, 1 from stand s
                 where not exists (select from tasks t where t.company_id = $1 and t.cycle = $2 and t.key = s.key
                     and (t.done, t.holder, t.count) is not distinct from (s.done, s.holder, s.count))
                 order by s.key
                 on conflict (company_id, cycle, key) do update
                 set done = excluded.done, holder = excluded.holder, count = excluded.count, version = k.version + 1
                 where (k.done, k.holder, k.count) is distinct from (excluded.done, excluded.holder, excluded.count)
                 returning k.*),
             gone as (
                 update tasks k set done = true, version = version + 1
                 where k.company_id = $1 and k.cycle = $2 and not k.done and not exists (select from stand where stand.key = k.key)
                   and (k.subject in (select unit from touched) or k.subject = any($4))
                 returning k.*),
             changed as (select * from put union all select * from gone)"),
        )
        .bind::<SqlUuid, _>(cycle.id)
        .bind::<Array<Text>, _>(kinds(about))
        .bind::<Array<Text>, _>(ids(about))
        .bind::<Nullable<Text>, _>(score.code)
        .bind::<Text, _>(score.label.zh)
        .bind::<Text, _>(score.label.en)
        .bind::<Nullable<SqlDate>, _>(score.due.to_diesel())
        .bind::<Nullable<Text>, _>(own.code)
        .bind::<Text, _>(own.label.zh)
        .bind::<Text, _>(own.label.en)
        .bind::<Nullable<SqlDate>, _>(own.due.to_diesel())
        .bind::<Array<Text>, _>(column(|one| one.subject.kind.code()))
        .bind::<Array<Text>, _>(column(|one| &one.subject.id))
        .bind::<Array<Text>, _>(column(|one| &one.name))
        .bind::<Array<Text>, _>(column(|one| &one.path))
        .bind::<Array<Text>, _>(column(|one| &one.holder))
        .bind::<Array<Nullable<Text>>, _>(label(|label| &label.zh))
        .bind::<Array<Nullable<Text>>, _>(label(|label| &label.en))
        .bind::<Array<Bool>, _>(asked.iter().map(|one| one.by_sheet).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(stages.iter().map(|(rater, ..)| rater).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(stages.iter().map(|(_, stage, _)| &stage.code).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(stages.iter().map(|(_, stage, _)| &stage.label.zh).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(stages.iter().map(|(_, stage, _)| &stage.label.en).collect::<Vec<_>>())
        .bind::<Array<Nullable<SqlDate>>, _>(stages.iter().map(|(.., due)| due.to_diesel()).collect::<Vec<_>>())
        .load(tx.conn())
        .await?;
    tell(tx, cycle, rows).await?;
    telling::follow(tx, cycle.id).await
}

/// Where units of other cycles find their scores in this one, whoever would have to give them is asked, or is not any more.
pub async fn follow_results(tx: &mut Tx, cycle: &Cycle, about: &[Subject]) -> Result<()> {
    for other in cycles::open_of_period(tx, &cycle.period, cycle.id).await? {
        if asking::rests_on(&other, &cycle.scheme_code)? {
            let units = subjects::led_by_or_among(tx, other.id, about).await?;
            bring_up_to_date(tx, &other, &units).await?;
        }
    }
    Ok(())
}

/// Gives the open tasks of stages the last days that these have now.
pub async fn follow_days(tx: &mut Tx, cycle: &Cycle, stages: &[events::Stage]) -> Result<()> {
    for stage in stages {
        let rows: Vec<Row> = tx
            .sql(changed!(
                "with changed as (update tasks k set due = $4, version = version + 1
                 where company_id = $1 and cycle = $2 and stage = $3 and not done and key not like '%#%'
                     and due is distinct from $4 returning k.*)"
            ))
            .bind::<SqlUuid, _>(cycle.id)
            .bind::<Text, _>(&stage.code)
            .bind::<Nullable<SqlDate>, _>(stage.due.to_diesel())
            .load(tx.conn())
            .await?;
        tell(tx, cycle, rows).await?;
    }
    Ok(())
}

/// Nothing of a cancelled cycle is to be done any more.
pub async fn end_all(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let rows: Vec<Row> = tx
        .sql(changed!(
            "with changed as (update tasks k set done = true, version = version + 1
                 where company_id = $1 and cycle = $2 and not done returning k.*)"
        ))
        .bind::<SqlUuid, _>(cycle.id)
        .load(tx.conn())
        .await?;
    tell(tx, cycle, rows).await
}

async fn tell(tx: &mut Tx, cycle: &Cycle, rows: Vec<Row>) -> Result<()> {
    tell_items(tx, cycle, rows.into_iter().map(|row| row.work_item(cycle.id)).collect()).await
}
