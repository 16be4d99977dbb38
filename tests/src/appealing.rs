//! Appeals over HTTP, as people and bodies deal with them.

use player::api::{Api, list, text};
use serde_json::{Value, json};
use testkit::eventually;

use crate::system::System;

/// A case by its path.
pub struct Appeal {
    pub path: String,
}

#[allow(clippy::expect_used, reason = "a test fails by panicking")]
impl Appeal {
    /// Files an appeal once the service knows what it is about.
    pub async fn file(who: &Api, body: Value) -> Self {
        let filed = eventually("the appeal is filed", async || {
            let filed = who.post("/v1/appeals", body.clone()).await;
            filed.inspect_err(|problem| eprintln!("not filed yet: {problem}")).ok()
        });
        let filed = filed.await;
        Self { path: format!("/v1/appeals/{}", text(&filed, "/id")) }
    }

    pub async fn read(&self, who: &Api) -> Value {
        who.get(&self.path).await.expect("the case")
    }

    /// The open step.
    pub async fn step(&self, who: &Api) -> String {
        let case = self.read(who).await;
        let open = list(&case, "/levels").iter().find(|level| text(level, "/state") == "open").expect("an open level");
        text(open, "/id").to_owned()
    }

    /// Decides at the level that is open.
    pub async fn decide(&self, who: &Api, body: Value) -> platform::Result<Value> {
        let step = self.step(who).await;
        who.post(&format!("/v1/appeals/steps/{step}/decision"), body).await
    }

    /// Waits until what was decided has been done; the case.
    pub async fn remedied(&self, who: &Api) -> Value {
        eventually("the remedy is done", async || {
            // A service that was just started may not know the tokens' keys yet.
            let case = who.get(&self.path).await.ok()?;
            let last = list(&case, "/remedies").last().map(|remedy| text(remedy, "/state").to_owned());
            assert_ne!(last.as_deref(), Some("refused"), "{case}");
            (last.as_deref() == Some("done")).then_some(case)
        })
        .await
    }
}

/// A body whose members are these; `staff` for whom the last of them speaks.
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
pub async fn seat(hr: &Api, code: &str, members: &[(&str, Option<&str>)]) {
    let seats: Vec<Value> = members
        .iter()
        .map(|(number, represents)| {
            json!({ "number": number, "office": "member", "represents": represents, "from_on": "2000-01-01" })
        })
        .collect();
    let path = format!("/v1/bodies/{code}");
    if hr.get(&path).await.is_err() {
        let body = json!({ "code": code, "name": { "zh": code, "en": code } });
        hr.post("/v1/bodies", body).await.expect("a body");
    }
    hr.replace(&path, "/seats", json!({ "seats": seats })).await.expect("seats");
}

/// How many mails to somebody have a text in their subject or body.
pub fn mails(system: &System, to: &str, says: &str) -> usize {
    let read = |path: &std::path::PathBuf| std::fs::read(path).ok();
    let messages = system.mailbox.messages();
    let texts = messages.iter().filter_map(read).filter_map(|bytes| {
        let parsed = mail_parser::MessageParser::default().parse(&bytes)?;
        let recipient = parsed.to()?.first()?.address()?.to_owned();
        let text = format!("{}\n{}", parsed.subject().unwrap_or_default(), parsed.body_text(0).unwrap_or_default());
        Some((recipient, text))
    });
    texts.filter(|(recipient, text)| recipient.starts_with(to) && text.contains(says)).count()
}
