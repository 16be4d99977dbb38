//! The sheets of a cycle as HR reads them: what stands on whose form, and who gives what stands on none.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{list, text};
use futures_util::future::join_all;
use serde_json::Value;

use super::case::Case;
use super::company::{Company, all_of, broken, eventually, is_left_out_of_rows};
use super::officers::{BOSS, EXECUTIVE, HR};
use super::opening::Cycle;
use super::scheme::Scheme;
use super::stop::Played;

/// Sheets by subject.
pub struct Sheets {
    sheets: BTreeMap<String, Value>,
    taking_part: Vec<String>,
}

/// Somebody's form on a sheet.
#[derive(Clone, Debug)]
pub struct Assignment {
    pub id: String,
    pub rater: String,
    /// Codes of its items; empty: all that the column has.
    pub items: Vec<String>,
}

impl Sheets {
    /// Reads them once everybody's has arrived.
    pub async fn arrived(company: &Company, case: &Case, scheme: &Scheme, cycle: &Cycle) -> Played<Self> {
        let hr = company.of(HR)?;
        let lacks_rows = |key: &String| case.people().any(|one| one.key() == *key && is_left_out_of_rows(&one, scheme));
        let taking_part = taking_part(company, case, cycle).await?;
        let wanted: Vec<String> = taking_part.iter().filter(|key| !lacks_rows(key)).cloned().collect();
        let path = format!("/v1/sheets?cycle={}", cycle.id);
        let items = eventually(30, "the sheets arrive", async || {
            let Ok(items) = all_of(&hr, &path).await else { return Ok(None) };
            let has = |key: &String| items.iter().any(|sheet| subject_of(sheet) == *key);
            Ok(wanted.iter().all(has).then_some(items))
        })
        .await?;
        let reading = items.iter().map(async |item| {
            let path = format!("/v1/sheets/{}", text(item, "/id"));
            Ok((subject_of(item), broken(&path, hr.get(&path).await)?))
        });
        let read: Played<BTreeMap<String, Value>> = join_all(reading).await.into_iter().collect();
        Ok(Self { sheets: read?, taking_part })
    }

    /// Whether anybody is asked about the subject; nobody is about an excluded one.
    pub fn takes_part(&self, subject: &str) -> bool {
        self.taking_part.iter().any(|one| one == subject)
    }

    /// Whether the subject has a sheet; an excluded one may have none.
    pub fn has(&self, subject: &str) -> bool {
        self.sheets.contains_key(subject)
    }

    fn parts(&self, subject: &str, of: &str) -> &[Value] {
        self.sheets.get(subject).map_or(&[], |sheet| list(sheet, of))
    }

    /// The column on which an input of an item stands: none where the sheet has no such input, `Some(None)` where it
    /// stands on nobody's form.
    pub fn column(&self, subject: &str, item: &str, input: &str) -> Option<Option<String>> {
        let item = self.parts(subject, "/items").iter().find(|one| text(one, "/code") == item)?;
        column_of(list(item, "/inputs"), input)
    }

    /// Codes of the items on which a column is asked for something.
    pub fn items_of(&self, subject: &str, column: &str) -> BTreeSet<String> {
        let has = |item: &&Value| list(item, "/inputs").iter().any(|input| text(input, "/column") == column);
        self.parts(subject, "/items").iter().filter(has).map(|item| text(item, "/code").to_owned()).collect()
    }

    /// The same for a column of a list.
    pub fn column_of_list(&self, subject: &str, key: &str, name: &str) -> Option<Option<String>> {
        let list_of_key = self.parts(subject, "/lists").iter().find(|one| text(one, "/key") == key)?;
        column_of(list(list_of_key, "/columns"), name)
    }

    /// Who may give what stands on nobody's form, as the sheet says it, and what several givers' numbers come to.
    pub fn giving(&self, subject: &str, path: &str) -> Option<(Vec<Value>, Option<String>)> {
        let giving = |one: &Value| {
            let combine = one.get("combine").and_then(Value::as_str).map(str::to_owned);
            (list(one, "/by").to_vec(), combine)
        };
        if let Some((item, input)) = path.strip_prefix("item.").and_then(|rest| rest.split_once('.')) {
            let item = self.parts(subject, "/items").iter().find(|one| text(one, "/code") == item)?;
            let input = list(item, "/inputs").iter().find(|one| text(one, "/name") == input)?;
            return Some(giving(input));
        }
        let fact = self.parts(subject, "/facts").iter().find(|fact| text(fact, "/path") == path)?;
        Some(giving(fact))
    }

    /// The forms of a column, in their order.
    pub fn assignments(&self, subject: &str, column: &str) -> Vec<Assignment> {
        let of_column = self.parts(subject, "/assignments").iter().filter(|one| text(one, "/column") == column);
        of_column.map(Assignment::from).collect()
    }
}

impl From<&Value> for Assignment {
    fn from(one: &Value) -> Self {
        let items = list(one, "/items").iter().filter_map(Value::as_str).map(str::to_owned).collect();
        Self { id: text(one, "/id").to_owned(), rater: text(one, "/rater").to_owned(), items }
    }
}

fn column_of(inputs: &[Value], name: &str) -> Option<Option<String>> {
    let found = inputs.iter().find(|one| text(one, "/name") == name)?;
    Some(found.get("column").and_then(Value::as_str).map(str::to_owned))
}

/// The text by which a sheet's subject goes.
pub fn subject_of(sheet: &Value) -> String {
    match text(sheet, "/subject") {
        "" => match text(sheet, "/number") {
            "" => format!("unit:{}", text(sheet, "/code")),
            number => format!("person:{number}"),
        },
        subject => subject.to_owned(),
    }
}

/// Subjects of the case that are in, as planning has it.
pub async fn taking_part(company: &Company, case: &Case, cycle: &Cycle) -> Played<Vec<String>> {
    let subjects = all_of(&company.of(HR)?, &cycle.path("/subjects?standing=in")).await?;
    let of_case = |key: &String| case.subjects().any(|one| one.key() == *key);
    Ok(subjects.iter().map(subject_of).filter(of_case).collect())
}

/// Everybody who has to sign in before the sheets are known.
pub fn always(case: &Case, scheme: &Scheme) -> Vec<String> {
    let mut numbers = vec![HR.to_owned(), EXECUTIVE.to_owned()];
    if case.subjects().any(|subject| !subject.rows(scheme).is_empty()) {
        numbers.push(BOSS.to_owned());
    }
    numbers
}
