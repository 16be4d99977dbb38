use platform::Role;
use serde_json::json;

use crate::company::{Company, PLANNED, ROWED};

#[actix_web::test]
async fn given_a_scheme_when_it_is_uploaded_changed_then_it_becomes_a_new_version_beside_the_old() {
    let company = Company::found().await;
    let first = company.hr.post("/v1/schemes", json!({ "source": PLANNED })).await.expect(201);
    let again = company.hr.post("/v1/schemes", json!({ "source": PLANNED })).await.expect(200);
    let changed = PLANNED.replace("Planned appraisal", "Better appraisal");
    let second = company.hr.post("/v1/schemes", json!({ "source": changed })).await.expect(201);

    assert_eq!(
        (&first.body["version"], &again.body["version"], &second.body["version"]),
        (&json!(1), &json!(1), &json!(2))
    );
    let old = company.hr.get("/v1/schemes/planned/versions/1").await.expect(200);
    assert_eq!(old.str("/source"), PLANNED);
    let versions = company.hr.get("/v1/schemes/planned").await.expect(200);
    assert_eq!(versions.body["items"].as_array().unwrap().len(), 2);
    let latest = company.hr.get("/v1/schemes").await.expect(200);
    assert_eq!(latest.str("/items/0/name_en"), "Better appraisal");
}

#[actix_web::test]
async fn given_a_faulty_scheme_when_it_is_uploaded_then_the_fault_is_told_with_its_line() {
    let company = Company::found().await;
    let refused = company.hr.post("/v1/schemes", json!({ "source": "code = \"x\"\nname = 1\n" })).await.expect(422);
    assert_eq!(refused.str("/errors/0/pointer"), "/source");
    assert!(
        refused.str("/errors/0/detail").starts_with("line 1, column 1: a key is missing here: cadences"),
        "{}",
        refused.text
    );
    assert!(refused.str("/errors/1/detail").starts_with("line 2, column 8: 1 does not fit here"), "{}", refused.text);
}

#[actix_web::test]
async fn given_an_employee_when_they_upload_a_scheme_then_they_may_not() {
    let company = Company::found().await;
    let employee = company.world.client("planning", Some("E1"), &[Role::Employee]);
    employee.post("/v1/schemes", json!({ "source": PLANNED })).await.expect(403);
    employee.get("/v1/scheme-templates").await.expect(200);
    employee.get("/v1/schemes/nothing").await.expect(404);
}

#[actix_web::test]
async fn given_a_version_when_it_is_read_then_what_the_scheme_knows_is_told() {
    let company = Company::found().await;
    company.upload(ROWED).await;
    let version = company.hr.get("/v1/schemes/rowed/versions/1").await.expect(200).body;
    assert_eq!(version["cadences"][0]["form"], "month");
    assert_eq!(version["people_categories"][1]["code"], "lead");
    assert_eq!(version["facts"], json!({ "people": ["probation"], "units": [], "company": [] }));
    assert_eq!(version["lists"], json!({ "people": [], "units": [] }));
    assert_eq!((&version["bodies"], &version["has_units"]), (&json!([]), &json!(false)));
}
