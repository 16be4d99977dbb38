//! What is signed, and signing it.

use platform::clock::date_of;
use platform::sql::Lock;
use platform::text::hexadecimal;
use platform::web::Errors;
use platform::{Problem, Result, Tx, say};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use steps::signed::signed;
use steps::steps::{NewDecision, StepState, rows as step_rows};
use uuid::Uuid;

use super::signature::{Signature, Signing, SigningVerdict, TextToSign};
use super::{rows, telling};
use crate::cycles::rows as cycles;
use crate::results::rows as results;
use crate::runs::telling::follow;
use crate::sheets::sheet::id_of;
use crate::viewer::Viewer;

/// Whether the caller may look at a signature: whoever signs, whose result it is once it is published, and who sees all;
/// before publication only who runs the appraisal, and not about themselves.
fn may_read(viewer: &Viewer, one: &Signature) -> bool {
    let is_own = viewer.is(&one.number);
    match one.run {
        _ if viewer.is(one.signer()) => true,
        Some(_) => (viewer.hr || viewer.executive) && !is_own,
        None => viewer.sees_all() || is_own,
    }
}

/// What a signature is over: as it was signed, else as it stands.
pub async fn text(tx: &mut Tx, one: &Signature) -> Result<(String, String)> {
    if let Some(sha256) = &one.sha256 {
        let kept = rows::signed(tx, sha256).await?;
        let kept = kept.ok_or_else(|| Problem::internal("a signature over a text that is not kept"))?;
        return Ok((sha256.clone(), kept));
    }
    let content = match one.posted {
        Some(posted) => {
            let posted = rows::posted(tx, posted).await?;
            json!({ "announcement": posted.id, "title": posted.title, "text": posted.text })
        }
        None => over_result(tx, one).await?,
    };
    signed(&content)
}

/// A result as it is signed; what it was computed from stands in it by its sum, since raters may be anonymous.
async fn over_result(tx: &mut Tx, one: &Signature) -> Result<Value> {
    let subject = events::Subject::person(&one.number);
    let versions = results::versions(tx, id_of(one.cycle, &subject)).await?;
    let stands = versions.into_iter().find(|version| version.published || one.run.is_some());
    let result = stands.ok_or_else(|| Problem::not_found(say!("考核结果", "result")))?;
    let inputs = results::inputs_of(tx, one.cycle, &one.number, result.version).await?;
    Ok(json!({
        "result": result.id, "version": result.version, "subject": subject.to_string(), "name": result.name, "unit": result.unit,
        "scheme": result.scheme, "period": result.period, "score": result.score, "grade": result.grade,
        "coefficient": result.coefficient, "outcomes": result.outcomes, "scores": result.scores, "run": one.run,
        "inputs_sha256": hexadecimal(&Sha256::digest(inputs.as_bytes())),
    }))
}

/// A signature with what it is over, if the caller may look at it.
pub async fn read(tx: &mut Tx, viewer: &Viewer, id: Uuid) -> Result<TextToSign> {
    let one = rows::get(tx, id).await?;
    if !may_read(viewer, &one) {
        return Err(Problem::not_found(say!("签字", "signature")));
    }
    let (sha256, text) = text(tx, &one).await?;
    if !viewer.is(&one.number) {
        tx.audit("signatures.read", &id.to_string(), json!({ "number": one.number })).await?;
    }
    let content = serde_json::from_str(&text)?;
    Ok(TextToSign { signature: one.into(), sha256, text, content })
}

/// Gives or refuses a signature; nobody does for somebody else.
pub async fn sign(tx: &mut Tx, viewer: &Viewer, id: Uuid, new: &Signing) -> Result<Signature> {
    let one = rows::get(tx, id).await?;
    if !viewer.is(one.signer()) {
        return Err(match may_read(viewer, &one) {
            true => Problem::not_permitted(say!("由本人签字", "nobody signs for somebody else")),
            false => Problem::not_found(say!("签字", "signature")),
        });
    }
    let cycle = cycles::get(tx, one.cycle, Lock::Share).await?;
    cycle.state.check_not_cancelled()?;
    let step = step_rows::get(tx, id, Lock::Update).await?;
    if step.state != StepState::Open {
        return Err(Problem::wrong_state(say!("已不能签字", "this is not to be signed any more")));
    }
    let (sha256, words) = text(tx, &one).await?;
    let mut errors = Errors::default();
    match (new.verdict, &new.sha256, &new.reason) {
        (SigningVerdict::Given, Some(read), _) if !read.eq_ignore_ascii_case(&sha256) => {
            errors.add(
                "/sha256",
                say!("内容已变更：请重新阅读", "what is to be signed is another text now: read it again"),
            );
        }
        (SigningVerdict::Given, None, _) => {
            errors.add("/sha256", say!("写明所读内容的 SHA-256", "say the SHA-256 of what was read"));
        }
        (SigningVerdict::Given, _, Some(_)) => errors.add("/reason", say!("签字不写理由", "a signature has no reason")),
        (SigningVerdict::Given, _, None) => {}
        (SigningVerdict::Refused, _, _) if one.posted.is_some() => {
            errors.add("/verdict", say!("阅读确认不能拒绝", "what was read is confirmed, not refused"));
        }
        (SigningVerdict::Refused, _, Some(reason)) => errors.check_text("/reason", reason),
        (SigningVerdict::Refused, _, None) => errors.add("/reason", say!("拒绝须说明理由", "a refusal needs a reason")),
    }
    errors.check()?;
    let decision = NewDecision {
        actor: step.actors.first().cloned().unwrap_or_default(),
        verdict: new.verdict.to_string(),
        reason: new.reason.as_deref().map(str::trim).unwrap_or_default().to_owned(),
        detail: json!({ "sha256": sha256, "capacity": one.capacity }),
        session: None,
    };
    step_rows::decide(tx, &step, &decision).await?;
    let state = if new.verdict == SigningVerdict::Given { StepState::Done } else { StepState::Returned };
    step_rows::end(tx, id, state, date_of(tx.now)).await?;
    rows::sign(tx, id, &sha256, &words).await?;
    let detail = json!({ "number": one.number, "capacity": one.capacity, "verdict": new.verdict, "sha256": sha256 });
    tx.audit("signatures.signed", &id.to_string(), detail).await?;
    telling::tasks(tx, &cycle, &[id]).await?;
    if one.run.is_some() {
        follow(tx, cycle.id).await?;
    }
    rows::get(tx, id).await
}

/// HR lets a result be published, or stand, without a signature that cannot be had; nobody about themselves.
pub async fn waive(tx: &mut Tx, viewer: &Viewer, id: Uuid, reason: &str) -> Result<Signature> {
    let one = rows::get(tx, id).await?;
    if viewer.is(&one.number) || viewer.is(one.signer()) {
        return Err(Problem::not_permitted(say!("不能免除与自己有关的签字", "nobody waives a signature of their own")));
    }
    let cycle = cycles::get(tx, one.cycle, Lock::Share).await?;
    cycle.state.check_not_cancelled()?;
    let step = step_rows::get(tx, id, Lock::Update).await?;
    if !matches!(step.state, StepState::Open | StepState::Returned) {
        return Err(Problem::wrong_state(say!("此签字已了结", "nothing is waited for here")));
    }
    let decision = NewDecision {
        actor: "role:hr".to_owned(),
        verdict: "waived".to_owned(),
        reason: reason.trim().to_owned(),
        detail: json!({ "capacity": one.capacity }),
        session: None,
    };
    step_rows::decide(tx, &step, &decision).await?;
    step_rows::set_state(tx, id, StepState::Missed, date_of(tx.now)).await?;
    tx.audit("signatures.waived", &id.to_string(), json!({ "number": one.number, "reason": reason })).await?;
    telling::tasks(tx, &cycle, &[id]).await?;
    if one.run.is_some() {
        follow(tx, cycle.id).await?;
    }
    rows::get(tx, id).await
}
