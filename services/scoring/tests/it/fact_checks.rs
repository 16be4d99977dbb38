//! Values that are checked and approved after they were reported count only then.

use events::Event;
use platform::Role::*;
use serde_json::{Value, json};
use testkit::Client;

use crate::world::{Company, all_of, pointers, scheme};

/// The number of reports missed is reported by the superior or HR, checked by finance and approved by the leader in charge.
fn checked() -> String {
    let input = r#"en = "times not filled in" }, kind = "count", by = ["superior", "role.hr"]"#;
    let chained = format!(r#"{input}, checked_by = ["role.finance", "leader"]"#);
    assert!(scheme().contains(input));
    scheme().replace(input, &chained)
}

fn reports(subject: &str, value: &str) -> Value {
    json!({ "subject": subject, "path": "item.reports.value", "value": value })
}

async fn report(client: &Client, company: &Company, facts: Vec<Value>) {
    client.post(&company.at("facts"), json!({ "facts": facts })).await.expect(200);
}

async fn decide(client: &Client, step: &str, decision: Value) -> testkit::Answer {
    client.post(&format!("{step}/decision"), decision).await
}

fn finance(company: &Company) -> Client {
    company.client("F001", &[Employee, Finance])
}

fn leader(company: &Company) -> Client {
    company.client("X001", &[Employee, CommitteeMember])
}

#[actix_web::test]
async fn given_a_chain_when_all_have_approved_then_the_value_counts_with_the_names_of_all() {
    let company = Company::scoring_by(&checked()).await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    let missing = company.missing().await;
    assert!(missing["person:E001"].contains(&"/items/reports/value".to_owned()), "{missing:?}");

    let step = company.check_for("role:finance").await;
    let approved = json!({ "verdict": "approved" });
    decide(&leader(&company), &step, approved.clone()).await.expect(403);
    let values = finance(&company).get(&format!("{step}/facts")).await.expect(200);
    assert!(all_of(&values.body["items"], "state").iter().all(|state| *state == "reported"), "{}", values.body);
    assert_eq!(all_of(&values.body["items"], "path").len(), 5);
    leader(&company).get(&format!("{step}/facts")).await.expect(404);
    decide(&finance(&company), &step, approved.clone()).await.expect(200);
    decide(&finance(&company), &step, approved.clone()).await.expect(409);
    // Those of whose people the leader is in charge; what is theirs whom nobody leads HR approves.
    let second = company.check_for("person:X001").await;
    let done = decide(&leader(&company), &second, approved.clone()).await.expect(200);
    assert_eq!(
        (done.str("/state"), done.body["place"].as_i64(), done.str("/decisions/0/by")),
        ("done", Some(2), "X001")
    );

    company.close(company.cycle).await;
    assert!(company.is_to_be_published().await);
    report(&company.hr(), &company, vec![reports("person:E001", "1")]).await;
    assert!(!company.is_to_be_published().await);
    let waits = company.executive().post(&company.at("publish"), json!({})).await.expect(409);
    assert_eq!(pointers(&waits), ["/facts/person:E001/item.reports.value"]);
    let late = company.check_for("role:finance").await;
    let back = json!({ "verdict": "returned", "reason": "the month is over" });
    decide(&finance(&company), &late, back).await.expect(200);
    assert!(company.is_to_be_published().await);
    company.publish(company.cycle).await;
    assert_eq!(company.employee("E001").get("/v1/my/results").await.str("/items/0/score"), "88.4");
}

#[actix_web::test]
async fn given_a_value_that_is_sent_back_then_both_are_kept_and_the_others_go_on() {
    let company = Company::scoring_by(&checked()).await;
    let hr = company.client("P002", &[Employee, Hr]);
    report(&hr, &company, vec![reports("person:E001", "3"), reports("person:E002", "0")]).await;
    let step = company.check_for("role:finance").await;
    let back = |values: Value, reason: Value| json!({ "verdict": "returned", "values": values, "reason": reason });
    let first = json!([{ "subject": "person:E001", "path": "item.reports.value" }]);
    let bare = decide(&finance(&company), &step, back(first.clone(), Value::Null)).await.expect(422);
    assert_eq!(pointers(&bare), ["/reason"]);
    let unknown = json!([{ "subject": "person:E003", "path": "item.reports.value" }]);
    let refused = decide(&finance(&company), &step, back(unknown, json!("why"))).await.expect(422);
    assert_eq!(pointers(&refused), ["/values"]);

    let sent = decide(&finance(&company), &step, back(first, json!("two were handed in"))).await.expect(200);

    assert_eq!((sent.str("/state"), sent.body["values"].as_i64()), ("open", Some(1)));
    let told = company.world.outbox("scoring").await.into_iter();
    let told: Vec<String> = told
        .filter_map(|event| if let Event::ScoringNotices(notices) = event { Some(notices.notices) } else { None })
        .flatten()
        .map(|notice| format!("{} to {}", notice.kind, notice.to[0]))
        .collect();
    assert_eq!(told, ["facts_returned to P002"]);
    report(&hr, &company, vec![reports("person:E001", "1")]).await;
    let history = company.hr().get(&company.at("facts?subject=person:E001&path=item.reports.value&history=true")).await;
    let values = all_of(&history.expect(200).body["items"], "state").join(" ");
    assert_eq!(values, "returned reported");
    // Reported anew before anybody checked it, the value before is not waited for; a report of which nothing is left ends.
    report(&hr, &company, vec![reports("person:E001", "2")]).await;
    let history = company.hr().get(&company.at("facts?subject=person:E001&path=item.reports.value&history=true")).await;
    assert_eq!(all_of(&history.expect(200).body["items"], "state"), ["returned", "replaced", "reported"]);
    let open = company.hr().get(&company.at("fact-checks?open=true")).await.expect(200);
    assert_eq!(open.body["items"].as_array().unwrap().len(), 2, "{}", open.body);
}

#[actix_web::test]
async fn given_reported_values_then_nobody_checks_what_they_reported_or_what_is_about_themselves() {
    let company = Company::scoring_by(&checked()).await;
    let both = company.client("P003", &[Employee, Hr, Finance]);
    report(&both, &company, vec![reports("person:E001", "1")]).await;
    let step = company.check_for("role:finance").await;
    decide(&both, &step, json!({ "verdict": "approved" })).await.expect(403);
    let own = company.client("E001", &[Employee, Finance]);
    decide(&own, &step, json!({ "verdict": "approved" })).await.expect(403);
    let listed = company.employee("E002").get(&company.at("fact-checks")).await.expect(200);
    assert!(listed.body["items"].as_array().unwrap().is_empty());
    decide(&finance(&company), &step, json!({ "verdict": "approved" })).await.expect(200);
}

/// A scheme that says of a unit's score that it is needed, and not who gives it.
fn silent() -> String {
    let by = r#", by = [{ result_of = { scheme = "monthly-kpi-managers", of = "head" } }, "leader"]"#;
    assert!(scheme().contains(by));
    scheme().replace(by, "")
}

#[actix_web::test]
async fn given_a_scheme_that_does_not_say_who_scores_units_then_hr_reports_and_an_executive_confirms_or_gives_it() {
    let company = Company::scoring_by(&silent()).await;
    let hr_is_asked = async || {
        let mut open = std::collections::BTreeMap::new();
        for event in company.world.outbox("scoring").await {
            let Event::ScoringTasksChanged(changed) = event else { continue };
            open.extend(changed.tasks.into_iter().map(|task| (task.key.clone(), task)));
        }
        let task = &open["value/NET/score"];
        (task.holder.clone(), task.done)
    };
    assert_eq!(hr_is_asked().await, ("role:hr".to_owned(), false));
    let score = |unit: &str, value: &str| json!({ "subject": format!("unit:{unit}"), "path": "score", "value": value });
    report(&company.hr(), &company, vec![score("NET", "88")]).await;
    report(&company.executive(), &company, vec![score("OPS", "60")]).await;
    let state = async |unit: &str| {
        let known = company.hr().get(&company.at(&format!("facts?subject=unit:{unit}&path=score"))).await.expect(200);
        known.str("/items/0/state").to_owned()
    };
    assert_eq!((state("NET").await, state("OPS").await), ("reported".to_owned(), "approved".to_owned()));
    assert!(hr_is_asked().await.1, "it is reported");

    // Sent back, HR is asked again; confirmed, it counts.
    let step = company.check_for("role:executive").await;
    let back = json!({ "verdict": "returned", "reason": "the minutes say otherwise" });
    decide(&company.executive(), &step, back).await.expect(200);
    assert!(!hr_is_asked().await.1);
    report(&company.hr(), &company, vec![score("NET", "84")]).await;
    let step = company.check_for("role:executive").await;
    decide(&company.hr(), &step, json!({ "verdict": "approved" })).await.expect(403);
    decide(&company.executive(), &step, json!({ "verdict": "approved" })).await.expect(200);
    assert_eq!(state("NET").await, "approved");
}

#[actix_web::test]
async fn given_a_body_with_nobody_but_whoever_reports_then_somebody_else_checks() {
    for (members, asked) in [(vec!["H001"], "role:hr"), (vec!["H001", "H002"], "body:audit")] {
        let checked = checked().replace(r#"["role.finance", "leader"]"#, r#"["body.audit"]"#);
        let company = Company::scoring_by(&checked).await;
        company.found_body("audit", &members).await;
        report(&company.hr(), &company, vec![reports("person:E001", "1")]).await;
        let step = company.check_for(asked).await;
        decide(&company.hr(), &step, json!({ "verdict": "approved" })).await.expect(403);
        let other = company.client("H002", &[Employee, Hr, CommitteeMember]);
        decide(&other, &step, json!({ "verdict": "approved" })).await.expect(200);
    }
}
