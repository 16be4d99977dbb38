//! HR names who sits in a panel, or who decides where nobody can.

use std::collections::BTreeSet;

use platform::web::Errors;
use platform::{Problem, Result, Tx, say};
use serde_json::json;
use steps::directory::rows as directory;
use steps::steps::rules::check_panel;
use steps::steps::{Actor, Member, Step, StepState, rows as step_rows};

use super::telling;
use crate::appeals::Case;
use crate::viewer::Viewer;

/// Sets the panel of a step, or, where no body decides in it, the one person who does.
pub async fn name(tx: &mut Tx, viewer: &Viewer, case: &Case, step: &Step, members: &[Member]) -> Result<()> {
    if viewer.is(&case.appeal.appellant) {
        return Err(Problem::not_permitted(say!(
            "不能为自己的申诉指定受理人",
            "nobody names who decides about their own appeal"
        )));
    }
    if step.state != StepState::Open {
        return Err(Problem::wrong_state(say!("该级已结束", "this level has ended")));
    }
    check_known(tx, members).await?;
    match step.body() {
        Some(_) => {
            let seated = step_rows::panel(tx, step.id).await?;
            check_panel(members, &seated, &concerned(case, step))?;
            step_rows::set_panel(tx, step.id, members).await?;
        }
        None => {
            let only = only(members, &case.concerned)?;
            step_rows::set_actors(tx, step.id, &[Actor::Person(only.to_owned()).to_string()]).await?;
        }
    }
    tx.audit("appeals.deciders-named", &case.appeal.id.to_string(), json!({ "members": members })).await?;
    telling::tasks(tx, case, step.id).await
}

/// Whoever has to withdraw: not those whom the scheme has beside the body.
fn concerned(case: &Case, step: &Step) -> BTreeSet<String> {
    let mut concerned = case.concerned.clone();
    for actor in step.actors() {
        if let Actor::Person(number) = actor
            && number != case.appeal.appellant
        {
            concerned.remove(&number);
        }
    }
    concerned
}

fn only<'m>(members: &'m [Member], concerned: &BTreeSet<String>) -> Result<&'m str> {
    match members {
        [one] if one.sits() && one.fills.is_none() && !concerned.contains(&one.number) => Ok(&one.number),
        [one] if concerned.contains(&one.number) => {
            let number = &one.number;
            Err(Problem::field("/members/0/number", say!("{number} 与此有关", "{number} is concerned")))
        }
        _ => Err(Problem::field("/members", say!("此级由一人受理：请指定一人", "one person decides here: name one"))),
    }
}

async fn check_known(tx: &mut Tx, members: &[Member]) -> Result<()> {
    let numbers: Vec<String> = members.iter().map(|member| member.number.clone()).collect();
    let known = directory::people(tx, &numbers).await?;
    let mut errors = Errors::default();
    for (at, number) in numbers.iter().enumerate() {
        if !known.iter().any(|person| person.number == *number) {
            errors.add(format!("/members/{at}/number"), say!("没有员工 {number}", "there is no employee {number}"));
        }
    }
    errors.check()
}
