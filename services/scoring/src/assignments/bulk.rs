//! Values that raters give, as requests carry them.

use events::Subject;
use platform::openapi::EnteredValue;
use platform::{Problem, Result, say};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::entering::Entry;
use crate::subjects::subject;

/// Most values that one request may carry.
pub const MOST: usize = 50_000;

/// A value for one input of one form.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rating {
    /// Code of the item; or else `list`.
    #[serde(default)]
    pub item: Option<String>,
    /// Key of the list whose row is rated.
    #[serde(default)]
    pub list: Option<String>,
    /// The number of the row, from 0, where the item or list has rows.
    #[serde(default)]
    pub row: Option<usize>,
    pub input: String,
    /// A decimal or a letter as text, true or false, or null to take away what was entered.
    #[schema(value_type = EnteredValue)]
    pub value: Value,
    /// A concrete example, where the scheme asks for one.
    #[serde(default)]
    pub evidence: Option<String>,
    /// A note about the subject that is evidence, by its id; what it says stands behind the example.
    #[serde(default)]
    pub note: Option<Uuid>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "ratings": [{ "item": "cooperation", "input": "superior", "value": "4.5" }] }))]
pub struct Ratings {
    pub ratings: Vec<Rating>,
}

/// A value for one input about one subject.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubjectRating {
    /// `person:NUMBER` or `unit:CODE`; or else `number`.
    #[serde(default)]
    pub subject: Option<String>,
    /// Employee number.
    #[serde(default)]
    pub number: Option<String>,
    /// Code of the item; or else `list`.
    #[serde(default)]
    pub item: Option<String>,
    /// Key of the list whose row is rated.
    #[serde(default)]
    pub list: Option<String>,
    /// The number of the row, from 0, where the item or list has rows.
    #[serde(default)]
    pub row: Option<usize>,
    pub input: String,
    /// A decimal or a letter as text, true or false, or null to take away what was entered.
    #[schema(value_type = EnteredValue)]
    pub value: Value,
    /// A concrete example, where the scheme asks for one.
    #[serde(default)]
    pub evidence: Option<String>,
    /// A note about the subject that is evidence, by its id; what it says stands behind the example.
    #[serde(default)]
    pub note: Option<Uuid>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "ratings": [{ "number": "E001", "item": "cooperation", "input": "superior", "value": "4.5" }] }))]
pub struct SubjectRatings {
    /// At most 50 000.
    pub ratings: Vec<SubjectRating>,
}

/// What a list of values came to.
#[derive(Serialize, ToSchema)]
pub struct Entered {
    /// Values taken.
    pub values: usize,
    /// Subjects they are about.
    pub subjects: usize,
}

fn check_size(size: usize) -> Result<()> {
    match size {
        0 => Err(Problem::field("/ratings", say!("没有内容", "there is nothing in it"))),
        1..=MOST => Ok(()),
        _ => Err(Problem::field("/ratings", say!("每次请求最多 {MOST} 个值", "at most {MOST} values in one request"))),
    }
}

fn place(pointer: &str, item: Option<String>, list: Option<String>) -> Result<(String, &'static str)> {
    match (item, list) {
        (Some(item), None) => Ok((item, "item")),
        (None, Some(list)) => Ok((list, "list")),
        _ => Err(Problem::field(
            format!("{pointer}/item"),
            say!("请给出 item 或 list 之一", "name either an item or a list"),
        )),
    }
}

fn entry(pointer: String, (subject, subject_key): (Subject, &'static str), rating: Rating) -> Result<Entry> {
    let Rating { item, list, row, input, value, evidence, note } = rating;
    let (place, place_key) = place(&pointer, item, list)?;
    Ok(Entry { pointer, subject_key, subject, place, place_key, row, input, value, evidence, note })
}

/// Values about one subject.
pub fn of_subject(subject: &Subject, ratings: Vec<Rating>) -> Result<Vec<Entry>> {
    check_size(ratings.len())?;
    let about = |(at, rating): (usize, Rating)| entry(format!("/ratings/{at}"), (subject.clone(), "number"), rating);
    ratings.into_iter().enumerate().map(about).collect()
}

/// Values about many subjects.
pub fn of_subjects(ratings: Vec<SubjectRating>) -> Result<Vec<Entry>> {
    check_size(ratings.len())?;
    let about = |(at, rating): (usize, SubjectRating)| {
        let pointer = format!("/ratings/{at}");
        let SubjectRating { subject, number, item, list, row, input, value, evidence, note } = rating;
        let subject = match (subject, number) {
            (Some(text), None) => (subject::read(&format!("{pointer}/subject"), &text)?, "subject"),
            (None, Some(number)) => (Subject::person(number), "number"),
            _ => {
                let why = say!("请给出 subject 或 number 之一", "name either a subject or a number");
                return Err(Problem::field(format!("{pointer}/subject"), why));
            }
        };
        entry(pointer, subject, Rating { item, list, row, input, value, evidence, note })
    };
    ratings.into_iter().enumerate().map(about).collect()
}
