//! Approving what is paid, over the public API.

use player::api::{Api, list, text};
use serde_json::{Value, json};
use testkit::eventually;

/// The batch of a cycle in which somebody is asked, as they see it, with the step.
pub async fn asked(who: &Api, cycle: &str) -> (Value, String) {
    let path = format!("/v1/batches?cycle={cycle}&state=open");
    eventually("a batch waits to be approved", async || {
        let batches = who.get(&path).await.ok()?;
        let batch = list(&batches, "/items").first()?.clone();
        let decides = |step: &&Value| list(step, "/actions").iter().any(|action| action == "decide_batch");
        let mine = list(&batch, "/steps").iter().rfind(decides)?;
        let step = text(mine, "/id").to_owned();
        Some((batch, step))
    })
    .await
}

/// Approves the batch in which somebody is asked; what it was, and what it is now.
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
pub async fn approve(who: &Api, cycle: &str) -> (Value, Value) {
    let (batch, step) = asked(who, cycle).await;
    let decision = json!({ "verdict": "approved", "version": batch["version"] });
    let now = who.post(&format!("/v1/pay/steps/{step}/decision"), decision).await.expect("the batch is approved");
    (batch, now)
}
