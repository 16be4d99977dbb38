//! Deciding in a step, the same wherever something is decided: by somebody for whom it waits, once by each of them, by a
//! body in a session that is recorded.

use platform::clock::date_of;
use platform::web::Errors;
use platform::{Problem, Result, Tx, say};
use serde_json::Value;
use uuid::Uuid;

use super::rules::{check_session, waiting};
use super::{Actor, Decision, Member, NewDecision, NewSession, Step, StepState, rows};
use crate::directory::rows as directory;

/// What somebody says in a step.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    pub verdict: &'a str,
    pub reason: Option<&'a str>,
    /// Where a body decides.
    pub session: Option<&'a NewSession>,
    /// Any member of a body speaks for it, without a session.
    pub by_any: bool,
}

/// The employee number of whoever decides: what is decided is decided by somebody.
pub fn number(number: Option<&str>) -> Result<&str> {
    number.ok_or_else(|| Problem::not_permitted(say!("此账号不属于任何员工", "this account belongs to no employee")))
}

/// A step in which nothing is decided any more.
pub fn ended() -> Problem {
    Problem::wrong_state(say!("此步骤已结束", "this step has ended"))
}

/// Keeps what somebody (by number) decides in a step, for the first of those for whom it waits and for whom they act.
pub async fn decide(
    tx: &mut Tx,
    step: &Step,
    by: &str,
    acts_as: impl Fn(&Actor) -> bool,
    said: Said<'_>,
    detail: Value,
) -> Result<NewDecision> {
    if step.state != StepState::Open {
        return Err(ended());
    }
    let decisions = rows::decisions(tx, &[step.id]).await?;
    let actor = deciding(step, &decisions, by, acts_as)?;
    let session = match session_of(&actor, said)? {
        Some((code, session)) => Some(hold(tx, step, &actor, code, session, by).await?),
        None => None,
    };
    let decision = NewDecision {
        actor: actor.to_string(),
        verdict: said.verdict.to_owned(),
        reason: said.reason.map(str::trim).unwrap_or_default().to_owned(),
        detail,
        session,
    };
    rows::decide(tx, step, &decision).await?;
    Ok(decision)
}

/// For whom somebody decides.
fn deciding(step: &Step, decisions: &[Decision], by: &str, acts_as: impl Fn(&Actor) -> bool) -> Result<Actor> {
    let mut actors = waiting(step, decisions);
    let at = actors
        .iter()
        .position(acts_as)
        .ok_or_else(|| Problem::not_permitted(say!("此步骤由他人决定", "this step is for somebody else to decide")))?;
    if decisions.iter().any(|made| made.step == step.id && made.round == step.round && made.by == by) {
        return Err(Problem::not_permitted(say!(
            "须由另一人决定",
            "this is for somebody else to decide: you have decided"
        )));
    }
    Ok(actors.swap_remove(at))
}

/// The body that decides, with its session. Whoever holds an office of a body decides without one.
fn session_of<'a>(actor: &'a Actor, said: Said<'a>) -> Result<Option<(&'a str, &'a NewSession)>> {
    match (actor, said.session) {
        (_, None) if said.by_any => Ok(None),
        (Actor::Body { code, office: None }, Some(session)) => Ok(Some((code, session))),
        (Actor::Body { office: None, .. }, None) => {
            Err(Problem::field("/session", say!("请登记会议", "a body decides in a session: record it")))
        }
        (_, Some(_)) => Err(Problem::field("/session", say!("此步骤不由机构开会决定", "no body decides in this step"))),
        (_, None) => Ok(None),
    }
}

/// Keeps the session in which a body decided.
async fn hold(tx: &mut Tx, step: &Step, actor: &Actor, code: &str, session: &NewSession, by: &str) -> Result<Uuid> {
    let mut errors = Errors::default();
    errors.check_text("/session/minutes", &session.minutes);
    errors.check()?;
    let today = date_of(tx.now);
    let body =
        directory::body(tx, code, today).await?.ok_or_else(|| Problem::internal("a body decides that is gone"))?;
    let member = |seat: events::Seat| Member {
        number: seat.number.to_string(),
        represents: seat.represents,
        withdrew_why: None,
        fills: None,
    };
    let panel: Vec<Member> = body.seats.into_iter().map(member).collect();
    check_session(session, &panel, &body.rule, step.opened_on, today)?;
    if !session.present.iter().any(|there| there == by) {
        return Err(Problem::not_permitted(say!("由到会成员登记", "a member who was there records it")));
    }
    rows::hold(tx, step, &actor.to_string(), session, &session.withdrew).await
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn step(actors: &[&str]) -> Step {
        Step {
            id: Uuid::nil(),
            about: "plan:1".to_owned(),
            place: 1,
            round: 1,
            actors: actors.iter().map(|actor| (*actor).to_owned()).collect(),
            state: StepState::Open,
            opened_on: date(2026, 11, 2),
            due: None,
            ended_on: None,
            version: 1,
        }
    }

    #[test]
    fn given_two_who_decide_together_then_one_person_does_not_decide_for_both() {
        let step = step(&["person:H", "role:hr"]);
        let both = |_: &Actor| true;
        let actor = deciding(&step, &[], "H", both).unwrap();
        assert_eq!(actor.to_string(), "person:H");
        let made = Decision {
            id: Uuid::nil(),
            step: step.id,
            round: 1,
            actor: actor.to_string(),
            verdict: "approved".to_owned(),
            reason: String::new(),
            detail: Value::Null,
            by: "H".to_owned(),
            session: None,
            at: jiff::Timestamp::UNIX_EPOCH,
        };
        assert!(deciding(&step, std::slice::from_ref(&made), "H", both).is_err());
        assert_eq!(deciding(&step, &[made], "R", both).unwrap().to_string(), "role:hr");
        assert!(deciding(&step, &[], "X", |_| false).is_err());
    }

    #[test]
    fn given_a_body_then_it_decides_in_a_session_and_nobody_else_does() {
        let session = NewSession {
            held_on: date(2026, 11, 3),
            present: Vec::new(),
            withdrew: Vec::new(),
            votes: None,
            minutes: "m".to_owned(),
        };
        let body = Actor::Body { code: "LG".to_owned(), office: None };
        let said = |session| Said { verdict: "approved", reason: None, session, by_any: false };
        assert!(session_of(&body, said(None)).is_err());
        assert_eq!(session_of(&body, said(Some(&session))).unwrap().map(|(code, _)| code), Some("LG"));
        assert!(session_of(&body, Said { by_any: true, ..said(None) }).unwrap().is_none());
        let leader = Actor::Body { code: "LG".to_owned(), office: Some("leader".to_owned()) };
        assert!(session_of(&leader, said(None)).unwrap().is_none());
        assert!(session_of(&leader, said(Some(&session))).is_err());
    }
}
