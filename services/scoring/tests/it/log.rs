use platform::Role::*;
use serde_json::{Value, json};
use testkit::Client;

use crate::world::Company;

async fn details(reader: &Client, action: &str) -> Vec<Value> {
    let entries = reader.get("/v1/scoring/audit-entries?limit=500").await.expect(200);
    let of_action = entries.body["items"].as_array().unwrap().iter().filter(|entry| entry["action"] == action);
    of_action.map(|entry| entry["detail"].clone()).collect()
}

/// Whether somewhere in the details there is a change of this person's ratings.
fn tells_of(details: &[Value], number: &str) -> bool {
    details.iter().flat_map(|detail| detail["changes"].as_array().unwrap()).any(|change| change[0] == number)
}

#[actix_web::test]
async fn given_an_appraised_auditor_when_they_read_the_log_then_what_is_about_them_and_their_unit_is_veiled_until_it_is_published()
 {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    let (own, other) = (company.client("E001", &[Employee, Auditor]), company.client("A001", &[Employee, Auditor]));

    let (seen, all) = (details(&own, "ratings.entered").await, details(&other, "ratings.entered").await);
    assert!(tells_of(&all, "E001") && tells_of(&all, "E002"));
    assert!(!tells_of(&seen, "E001") && tells_of(&seen, "E002"));

    let (seen, all) = (details(&own, "facts.entered").await, details(&other, "facts.entered").await);
    assert!(tells_of(&all, "NET") && tells_of(&all, "OPS"));
    assert!(!tells_of(&seen, "NET") && tells_of(&seen, "OPS"));

    company.close(company.cycle).await;
    assert!(!tells_of(&details(&own, "ratings.entered").await, "E001"), "computed is not published");
    company.publish(company.cycle).await;
    assert!(tells_of(&details(&own, "ratings.entered").await, "E001"));
    assert!(tells_of(&details(&own, "facts.entered").await, "NET"));

    let by_admin = details(&company.client("A009", &[Employee, Admin]), "ratings.entered").await;
    assert!(!by_admin.is_empty() && by_admin.iter().all(|detail| *detail == json!({ "veiled": true })));
}
