//! Deciding at a level, in the transaction of a request.

use events::BodyRule;
use platform::clock::date_of;
use platform::sql::Lock;
use platform::web::Errors;
use platform::{Problem, Result, Tx, say};
use serde::{Deserialize, Serialize};
use serde_json::json;
use steps::directory::rows as directory;
use steps::steps::rules::{Together, check_session, of_scheme, together, waiting};
use steps::steps::{Actor, Decision, Member, NewDecision, NewSession, Step, StepState, rows as step_rows};
use utoipa::ToSchema;
use uuid::Uuid;

use super::opening;
use super::rules::{self, Follows};
use super::telling::{self, Why};
use crate::appeals::rows::{self, Moved};
use crate::appeals::{About, Appeal, AppealState, Case, Verdict};
use crate::remedies::{NewRemedy, asking, checking};
use crate::viewer::Viewer;

/// What is decided at a level.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "verdict": "upheld", "reason": "考勤记录有误",
    "remedy": { "changes": [{ "path": "/facts/late", "value": "0" }] } }))]
pub struct LevelDecision {
    pub verdict: Verdict,
    /// Why, 1 to 4000 characters.
    pub reason: String,
    /// What follows for the result where the appeal is upheld. Of several who decide together the first says it, and the
    /// others may leave it out.
    #[serde(default)]
    pub remedy: Option<NewRemedy>,
    /// Where a body decides: the session.
    #[serde(default)]
    pub session: Option<NewSession>,
}

/// What is kept with a decision beside its verdict.
#[derive(Serialize, Deserialize)]
struct Detail {
    remedy: Option<NewRemedy>,
}

/// Decides in a step, and does what follows where all who decide in it agree.
pub async fn decide(tx: &mut Tx, viewer: &Viewer, case: &Case, step: &Step, new: &LevelDecision) -> Result<()> {
    check_request(case, new)?;
    if step.state != StepState::Open || case.appeal.state != AppealState::Open {
        return Err(Problem::wrong_state(say!("该级已结束", "this level has ended")));
    }
    let number = viewer.number()?.to_owned();
    let panel = step_rows::panel(tx, step.id).await?;
    let sits = panel.iter().any(|member| member.number == number && member.sits());
    let decisions = step_rows::decisions(tx, &[step.id]).await?;
    let waiting = waiting(step, &decisions);
    let talk = rules::is_talk(case, step.place);
    if decisions.iter().any(|made| made.round == step.round && made.by == number) {
        return Err(Problem::not_permitted(say!(
            "须由另一人决定",
            "this is for somebody else to decide: you have decided"
        )));
    }
    let own = viewer.actors(tx).await?;
    let actor = rules::actor_of(viewer, &own, &waiting, sits, &case.appeal.appellant, talk)?;
    rules::check_verdict(case, new.verdict)?;
    let remedy = remedy(case, step, new, &decisions)?;
    if let Some(remedy) = &remedy {
        checking::check_raters(tx, case, "/remedy", remedy).await?;
    }
    let (session, present) = session(tx, case, step, &actor, &panel, new, &number).await?;
    let detail = serde_json::to_value(Detail { remedy: remedy.clone() })?;
    let decision = NewDecision {
        actor: actor.to_string(),
        verdict: new.verdict.to_string(),
        reason: new.reason.trim().to_owned(),
        detail,
        session,
    };
    step_rows::decide(tx, step, &decision).await?;
    let about = json!({ "step": step.id, "verdict": new.verdict, "for": decision.actor });
    tx.audit("appeals.decided", &case.appeal.id.to_string(), about).await?;
    // Whoever talks it over may send it on without the other.
    let decisions = step_rows::decisions(tx, &[step.id]).await?;
    match together(step, &decisions) {
        _ if talk && new.verdict == Verdict::NextLevel => {
            finish(tx, case, step, new.verdict, &decision.reason, &decisions, &present, None).await
        }
        Together::Waiting(_) => telling::tasks(tx, case, step.id).await,
        Together::Divided => {
            step_rows::begin_round(tx, step.id).await?;
            telling::tasks(tx, case, step.id).await
        }
        Together::Agreed => finish(tx, case, step, new.verdict, &decision.reason, &decisions, &present, remedy).await,
    }
}

fn check_request(case: &Case, new: &LevelDecision) -> Result<()> {
    let mut errors = Errors::default();
    errors.check_text("/reason", &new.reason);
    match &new.remedy {
        Some(_) if !new.verdict.upholds() => {
            errors.add("/remedy", say!("只有支持申诉时才有补救", "only where the appeal is upheld"));
        }
        Some(remedy) => remedy.check(&mut errors, "/remedy", &case.appeal.subject()?),
        None => {}
    }
    errors.check()
}

/// What follows for the result: as it is said, or as somebody who decides together with the caller has said it. A
/// published result that was wrong has to be put right.
fn remedy(case: &Case, step: &Step, new: &LevelDecision, decisions: &[Decision]) -> Result<Option<NewRemedy>> {
    if !new.verdict.upholds() {
        return Ok(None);
    }
    if new.remedy.is_some() {
        return Ok(new.remedy.clone());
    }
    let of_round = |one: &&Decision| one.round == step.round && one.verdict == new.verdict.as_str();
    if let Some(said) = decisions.iter().find(of_round) {
        let Detail { remedy } = serde_json::from_value(said.detail.clone())?;
        return Ok(remedy);
    }
    let published = case.appeal.result_version.is_some();
    if published || case.appeal.about != About::Rating {
        return Err(Problem::field("/remedy", say!("请写明如何更正结果", "say how the result is put right")));
    }
    Ok(None)
}

/// The session of a body that decides, kept; and who was there.
async fn session(
    tx: &mut Tx,
    case: &Case,
    step: &Step,
    actor: &Actor,
    panel: &[Member],
    new: &LevelDecision,
    number: &str,
) -> Result<(Option<Uuid>, Vec<String>)> {
    let session = match (actor, &new.session) {
        (Actor::Body { .. }, Some(session)) => session,
        (Actor::Body { .. }, None) => {
            return Err(Problem::field("/session", say!("请登记会议", "a body decides in a session: record it")));
        }
        (_, Some(_)) => {
            return Err(Problem::field("/session", say!("此级不由机构受理", "no body decides at this level")));
        }
        (_, None) => return Ok((None, Vec::new())),
    };
    let mut errors = Errors::default();
    errors.check_text("/session/minutes", &session.minutes);
    errors.check()?;
    let today = date_of(tx.now);
    let rule = match (&case.terms.group, actor) {
        (Some(group), _) => of_scheme(group),
        (None, Actor::Body { code, .. }) => {
            directory::body(tx, code, today).await?.map(|body| body.rule).unwrap_or_default()
        }
        (None, _) => BodyRule::default(),
    };
    check_session(session, panel, &rule, step.opened_on, today)?;
    if !session.present.iter().any(|there| there == number) {
        return Err(Problem::not_permitted(say!("由到会成员登记", "a member who was there records it")));
    }
    let gone = |one: &&Member| !one.sits() || session.withdrew.contains(&one.number);
    let withdrew: Vec<String> = panel.iter().filter(gone).map(|one| one.number.clone()).collect();
    let id = step_rows::hold(tx, step, &actor.to_string(), session, &withdrew).await?;
    Ok((Some(id), session.present.clone()))
}

#[allow(clippy::too_many_arguments, reason = "what was decided, by whom, and what follows")]
async fn finish(
    tx: &mut Tx,
    case: &Case,
    step: &Step,
    verdict: Verdict,
    reason: &str,
    decisions: &[Decision],
    present: &[String],
    remedy: Option<NewRemedy>,
) -> Result<()> {
    let deciders = rules::deciders(step, decisions, present);
    let independent = rules::independent(step, decisions, present, &case.concerned);
    rules::check_somebody_else(case, verdict, &independent)?;
    let today = date_of(tx.now);
    let follows = rules::follows(case, verdict);
    let state = if follows == Follows::NextLevel { StepState::SentOn } else { StepState::Done };
    step_rows::end(tx, step.id, state, today).await?;
    telling::tasks(tx, case, step.id).await?;
    if follows == Follows::NextLevel {
        return opening::open(tx, case, case.appeal.level + 1, case.appeal.respond_by, Some(Why::SentUp)).await;
    }
    let carried = follows == Follows::MayBeCarriedOn;
    let until = if carried { case.terms.until(today, &directory::calendar(tx).await?) } else { None };
    let moved = Moved {
        state: if carried { AppealState::Answered } else { AppealState::Decided },
        verdict: Some(verdict),
        until,
        ..Moved::of(&case.appeal)
    };
    rows::put(tx, case.appeal.id, &moved).await?;
    if let Some(remedy) = remedy {
        let by: Vec<String> = deciders.into_iter().collect();
        asking::ask(tx, case, &remedy, reason, &by).await?;
    }
    telling::decided(tx, case, step.id, verdict, reason, until.map(|until| until.to_string())).await
}

/// A step with the case it is about, both held until the transaction ends.
pub async fn case_of(tx: &mut Tx, step: Uuid) -> Result<(Case, Step)> {
    let about = step_rows::get(tx, step, Lock::None).await?.about;
    // A step in which somebody rates again is no level.
    let id = Appeal::of_step(&about).ok_or_else(|| Problem::not_found(say!("步骤", "step")))?;
    // The case first, as everywhere.
    let case = Case::get(tx, id, Lock::Update).await?;
    let step = step_rows::get(tx, step, Lock::Update).await?;
    Ok((case, step))
}
