//! Closing more than once: what is published does not depend on how often.

use events::{Event, Values};
use serde_json::json;

use crate::filling::Filling;
use crate::replays::replay;
use crate::world::{Company, sharing_profit, value};

async fn company() -> Company {
    let profit = Values::from([("profit_share".to_owned(), "1.5".to_owned())]);
    let company = Company::scoring_with(&sharing_profit(), profit).await;
    company.score_everybody(company.cycle).await;
    company
}

/// The figures of the company that each event of a publication tells.
async fn published(company: &Company) -> Vec<Values> {
    company.publish(company.cycle).await;
    let told = company.world.outbox("scoring").await.into_iter();
    let carried = told.filter_map(|event| match event {
        Event::ResultsPublished(results) => Some(results.company_carried),
        Event::CyclePublished(cycle) => cycle.company_carried,
        _ => None,
    });
    carried.collect()
}

fn assert_carried(published: &[Values]) {
    assert_eq!(published.len(), 3, "of two units and of the cycle");
    for carried in published {
        assert_eq!(carried.get("fact.profit_share").map(String::as_str), Some("1.5"), "{carried:?}");
        assert_eq!(carried.get("param.performance_share").map(String::as_str), Some("0.3"), "{carried:?}");
    }
}

#[actix_web::test]
async fn given_a_cycle_closed_once_twice_or_three_times_then_the_same_figures_of_the_company_are_published() {
    for again in 0..3 {
        let company = company().await;
        company.close(company.cycle).await;
        for _ in 0..again {
            company.close(company.cycle).await;
        }
        assert_eq!(replay(&company).await.different(), 0, "closed again {again} times");

        assert_carried(&published(&company).await);
    }
}

#[actix_web::test]
async fn given_a_closing_with_somebody_missing_when_mended_and_closed_again_then_the_figures_of_the_company_are_published()
 {
    let company = company().await;
    company.world.spoil(company.cycle, "E003").await;
    company.close(company.cycle).await;
    company.give(vec![value("E003", "reports", "0")]).await.expect(200);
    company.close(company.cycle).await;

    assert_carried(&published(&company).await);
}

#[actix_web::test]
async fn given_a_computed_cycle_that_lost_figures_of_the_company_then_it_is_published_only_after_closing_again() {
    for lost in ["update cycles set company_carried = '{}'", "update run_pieces set carried = null"] {
        let company = company().await;
        company.close(company.cycle).await;
        company.world.change(lost).await;

        let refused = company.executive().post(&company.at("publish"), json!({})).await.expect(409);

        assert_eq!(refused.str("/type"), "urn:steelyard:problem:wrong-state");
        assert!(refused.str("/detail").contains("close the cycle again"), "{}", refused.text);
        company.close(company.cycle).await;
        assert_carried(&published(&company).await);
    }
}

#[actix_web::test]
async fn given_a_cycle_when_nobody_else_is_waited_for_then_computing_and_publishing_are_tasks() {
    let company = Company::scoring().await;
    assert!(company.tasks_of_cycle().await.is_empty(), "forms are waited for");
    company.score_everybody(company.cycle).await;
    let closing = ("close_cycle".to_owned(), "role:hr".to_owned(), None);
    assert_eq!(company.tasks_of_cycle().await, std::slice::from_ref(&closing));
    company.close(company.cycle).await;
    let publishing = ("publish_results".to_owned(), "role:executive".to_owned(), None);
    assert_eq!(company.tasks_of_cycle().await, [publishing]);
    // A form that is given back, and is waited for again.
    let hr = company.hr();
    let sheet = company.sheet_path("E001");
    let back = json!({ "column": "superior", "reason": "one more look" });
    let etag = hr.get(&sheet).await.expect(200).etag;
    let if_match = [("if-match", etag.as_deref().unwrap())];
    hr.json("POST", &format!("{sheet}/return"), &if_match, back).await.expect(200);
    assert!(company.tasks_of_cycle().await.is_empty());
    company.head("M001").post(&format!("{sheet}/submit"), json!({})).await.expect(200);
    assert_eq!(company.tasks_of_cycle().await, [closing]);
    company.close(company.cycle).await;
    company.publish(company.cycle).await;
    assert!(company.tasks_of_cycle().await.is_empty());
}
