use diesel::QueryableByName;
use diesel::sql_types::{Jsonb, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::CycleOpened;
use platform::{Result, Tx};
use uuid::Uuid;

use super::rules::{GradeNames, Name, SchemeNames};
use crate::mails::rules::Locale;

/// A cycle as mails speak of it.
#[derive(Clone, Debug)]
pub struct Cycle {
    pub scheme: Name,
    pub period: String,
    grades: GradeNames,
}

impl Cycle {
    /// What a grade is called; its code where that is not known.
    pub fn grade<'a>(&'a self, code: &'a str, locale: Locale) -> &'a str {
        self.grades.get(code).map_or(code, |name| name.get(locale))
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    name_zh: String,
    #[diesel(sql_type = Text)]
    name_en: String,
    #[diesel(sql_type = Text)]
    period: String,
    #[diesel(sql_type = Jsonb)]
    grades: serde_json::Value,
}

pub async fn keep(tx: &mut Tx, opened: &CycleOpened) -> Result<()> {
    let names = SchemeNames::of(&opened.scheme_source, &opened.scheme_code);
    tx.sql(
        "insert into cycles (company_id, cycle, name_zh, name_en, period, grades) values ($1, $2, $3, $4, $5, $6)
         on conflict do nothing",
    )
    .bind::<SqlUuid, _>(opened.cycle)
    .bind::<Text, _>(names.scheme.zh)
    .bind::<Text, _>(names.scheme.en)
    .bind::<Text, _>(&opened.period)
    .bind::<Jsonb, _>(serde_json::to_value(names.grades)?)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn find(tx: &mut Tx, cycle: Uuid) -> Result<Option<Cycle>> {
    let found: Vec<Row> = tx
        .sql("select name_zh, name_en, period, grades from cycles where company_id = $1 and cycle = $2")
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?;
    found.into_iter().next().map(Row::read).transpose()
}

impl Row {
    fn read(self) -> Result<Cycle> {
        let scheme = Name { zh: self.name_zh, en: self.name_en };
        Ok(Cycle { scheme, period: self.period, grades: serde_json::from_value(self.grades)? })
    }
}
