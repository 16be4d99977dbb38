//! Whether others can rate: they are there, and had no part in the result.

use platform::web::Errors;
use platform::{Problem, Result, Tx, say};
use steps::directory::rows as directory;

use super::NewRemedy;
use crate::appeals::Case;

/// Checks everybody whom a remedy names.
pub async fn check_raters(tx: &mut Tx, case: &Case, pointer: &str, remedy: &NewRemedy) -> Result<()> {
    if remedy.redo.is_some() && case.appeal.result_version.is_none() {
        let why = say!("只有已发布的结果才能作废", "only a published result is annulled");
        return Err(Problem::field(format!("{pointer}/redo"), why));
    }
    let again = remedy.reassess.iter().map(|reassess| (format!("{pointer}/reassess/by"), &reassess.by));
    let redone = remedy.redo.iter().flat_map(|redo| redo.raters.iter().enumerate());
    let redone = redone.map(|(at, rater)| (format!("{pointer}/redo/raters/{at}/by"), &rater.by));
    let named: Vec<(String, &String)> = again.chain(redone).collect();
    let numbers: Vec<String> = named.iter().map(|(_, number)| (*number).clone()).collect();
    let people = directory::people(tx, &numbers).await?;
    let mut errors = Errors::default();
    for (place, number) in named {
        if !people.iter().any(|person| person.number == *number) {
            errors.add(place, say!("没有员工 {number}", "there is no employee {number}"));
        } else if case.concerned.contains(number) {
            errors.add(place, say!("{number} 与此有关", "{number} is concerned"));
        }
    }
    errors.check()
}
