use std::collections::BTreeSet;

use platform::Code;
use player::api::{list, text};
use serde_json::json;
use testkit::eventually;
use tests::month::{GOAL, Month, Size, person, template};
use tests::system::System;

const SMALL: Size = Size { units: 2, people_per_unit: 3 };

#[actix_web::test]
async fn given_a_company_when_a_month_is_appraised_then_results_pay_mail_and_payroll_agree() {
    let system = System::start().await;
    let mut month = Month::found(&system, "acme", SMALL).await;
    month.open().await;
    month.plan().await;
    let early = month.executive.post(&format!("/v1/cycles/{}/publish", month.cycle), json!({})).await;
    assert!(Month::refused(&early, Code::WrongState), "{early:?}");
    month.score().await;
    month.close().await;

    // Before publication HR sees the results, and the people do not.
    let preview = month.results().await;
    assert_eq!(preview.len(), 6);
    for result in &preview {
        assert_eq!((text(result, "/score"), text(result, "/grade"), text(result, "/coefficient")), ("88.4", "A2", "1"));
    }
    let me = month.sign_in(&system, "e1").await;
    assert!(list(&me.get("/v1/my/results").await.unwrap(), "/items").is_empty());

    month.publish().await;
    month.paid().await;

    // The policy's own case: base salary 8000, 30 % of it, share 100 %.
    let feed = month.feed().await;
    let numbers: BTreeSet<&str> = feed.iter().map(|statement| text(statement, "/number")).collect();
    assert_eq!((feed.len(), numbers.len()), (6, 6));
    for statement in &feed {
        assert_eq!(statement["components"], json!({ "performance_pay": "2400.00" }));
        assert_eq!((text(statement, "/kind"), text(statement, "/currency")), ("original", "CNY"));
    }

    // The person reads the result and how it came about, in either language.
    let mine = me.get("/v1/my/results").await.unwrap();
    let id = text(&mine, "/items/0/id").to_owned();
    let chinese = me.get(&format!("/v1/results/{id}/explanation?locale=zh-CN")).await.unwrap();
    assert!(text(&chinese, "/text").contains("88.4"), "{chinese}");
    let english = me.get(&format!("/v1/results/{id}/explanation?locale=en")).await.unwrap();
    assert!(text(&english, "/text").contains("88.4"), "{english}");
    assert_ne!(chinese["text"], english["text"]);

    // A colleague may not know of it.
    let colleague = month.sign_in(&system, "e2").await;
    let refused = colleague.get(&format!("/v1/results/{id}")).await;
    assert!(Month::refused(&refused, Code::NotFound), "{refused:?}");

    // Everybody gets a mail of their own.
    eventually("six result mails arrive", async || {
        let to = |number: &str| format!("{number}@company.example");
        let mails: Vec<String> =
            system.mailbox.messages().iter().filter_map(|p| std::fs::read_to_string(p).ok()).collect();
        let everybody = (0..2).flat_map(|u| (0..3).map(move |i| person(u, i)));
        everybody.into_iter().all(|n| mails.iter().any(|mail| mail.contains(&to(&n)))).then_some(())
    })
    .await;

    // Publishing is once.
    let again = month.executive.post(&format!("/v1/cycles/{}/publish", month.cycle), json!({})).await;
    assert!(Month::refused(&again, Code::WrongState), "{again:?}");
    system.stop().await;
}

#[actix_web::test]
async fn given_a_profit_share_when_the_cycle_is_closed_twice_then_everybody_is_paid_by_it() {
    let system = System::start().await;
    let mut month = Month::found(&system, "acme", SMALL).await;
    let kpi = template(&month.hr, "monthly-kpi").await;
    let fact = "[company]\n\n[[company.facts]]\nname = \"profit_share\"\n\
        label = { zh = \"利润系数\", en = \"profit share\" }\ndefault = 1\n\n[people]\n";
    let sharing = kpi.replacen("[people]\n", fact, 1);
    let sharing = sharing.replacen(
        "performance_share * coefficient",
        "performance_share * coefficient * company.fact.profit_share",
        1,
    );
    month.hr.post("/v1/schemes", json!({ "source": sharing })).await.unwrap();
    month.open_with(json!({ "profit_share": "1.5" })).await;
    month.plan().await;
    month.score().await;
    month.close().await;
    month.close().await;
    month.publish().await;
    month.paid().await;

    for statement in month.feed().await {
        assert_eq!(statement["components"], json!({ "performance_pay": "3600.00" }));
    }
    system.stop().await;
}

#[actix_web::test]
async fn given_a_published_result_when_corrected_then_both_versions_stay_and_payroll_gets_the_difference() {
    let system = System::start().await;
    let month = Month::published(&system, "acme", SMALL).await;
    month.paid().await;
    let first = person(0, 0);
    let results = month.results().await;
    let id = results.iter().find(|r| text(r, "/number") == first).map(|r| text(r, "/id").to_owned()).unwrap();

    // 31 points for the goal instead of 36: 5 points less, 83.40, A3, 90 %.
    let without_reason = month.correct(&first, GOAL, json!("31"), "").await;
    assert!(Month::refused(&without_reason, Code::ValidationFailed), "{without_reason:?}");
    month.correct(&first, GOAL, json!("31"), "the goal was met in part").await.unwrap();

    let versions = month.hr.get(&format!("/v1/results/{id}/versions")).await.unwrap();
    let scores: Vec<&str> = list(&versions, "/items").iter().map(|v| text(v, "/score")).collect();
    assert_eq!(scores.iter().copied().collect::<BTreeSet<_>>(), BTreeSet::from(["88.4", "83.4"]));
    let correction = eventually("the correction reaches payroll", async || {
        month.feed().await.into_iter().find(|statement| text(statement, "/kind") == "correction")
    })
    .await;
    assert_eq!(text(&correction, "/number"), first);
    assert_eq!(correction["components"], json!({ "performance_pay": "2160.00" }));
    assert_eq!(correction["difference"], json!({ "performance_pay": "-240.00" }));
    let others = month.results().await;
    assert!(others.iter().filter(|r| text(r, "/number") != first).all(|r| text(r, "/score") == "88.4"));
    system.stop().await;
}

#[actix_web::test]
async fn given_a_person_without_pay_profile_when_published_then_the_rest_go_on_and_the_person_follows_later() {
    let system = System::start().await;
    let mut month = Month::found(&system, "acme", SMALL).await;
    let import = month.sign_in(&system, "import").await;
    month.join(&import, "N1").await;
    month.appraise().await;

    let run = eventually("six are paid and one is missing", async || {
        let run = month.finance.get(&format!("/v1/cycles/{}/pay-run", month.cycle)).await.ok()?;
        (run["issued"] == 6 && list(&run, "/missing").len() == 1).then_some(run)
    })
    .await;
    assert_eq!(text(&run, "/missing/0/number"), "N1");

    import
        .post_file(
            "/v1/imports?kind=pay&effective_on=2026-09-01",
            "text/csv",
            "number,base_salary\nN1,5000.00\n".into(),
        )
        .await
        .unwrap();

    let statement = eventually("the newcomer is paid", async || {
        month.feed().await.into_iter().find(|statement| text(statement, "/number") == "N1")
    })
    .await;
    assert_eq!(statement["components"], json!({ "performance_pay": "1500.00" }));
    system.stop().await;
}

#[actix_web::test]
async fn given_two_companies_with_the_same_numbers_when_appraised_then_neither_sees_the_other() {
    let system = System::start().await;
    let mut first = Month::found(&system, "acme", SMALL).await;
    let second = Month::found(&system, "globex", SMALL).await;
    first.open().await;

    let seen = second.hr.get("/v1/cycles").await.unwrap();
    assert!(list(&seen, "/items").is_empty());
    let refused = second.hr.get(&format!("/v1/cycles/{}", first.cycle)).await;
    assert!(Month::refused(&refused, Code::NotFound), "{refused:?}");
    system.stop().await;
}

#[actix_web::test]
async fn given_ten_thousand_people_when_imported_in_one_request_then_all_are_there() {
    let system = System::start().await;
    let size = Size { units: 20, people_per_unit: 500 };

    let month = Month::found(&system, "large", size).await;

    assert_eq!(system.count("organisation", "select from employees").await, 10_023);
    let page = month.hr.get("/v1/employees?unit=U0019&limit=5").await.unwrap();
    assert_eq!(list(&page, "/items").len(), 5);
    assert!(page["next"].is_string());
    system.stop().await;
}
