//! HR decides about everybody but themselves and their own unit, one by one or by file.

use platform::Role;
use serde_json::{Value, json};
use testkit::Answer;

use crate::{PASSWORD, PEOPLE, UNITS, as_person, as_role, company_with_people, import, pointers, world};

/// Why a whole file was refused.
fn refusal(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 403, "{}", answer.text);
    pointers(answer)
}

#[actix_web::test]
async fn given_hr_who_is_an_employee_when_they_move_themselves_then_it_is_refused_and_others_are_moved() {
    let world = world().await;
    let (company, _) = company_with_people(&world).await;
    let own = as_person(&world, company, "E3", &[Role::Employee, Role::Hr]);
    let place = json!({ "from": "2026-10-01", "unit": "HQ", "superior": "E1" });

    own.post("/v1/employees/E3/assignments", place.clone()).await.expect(403);

    let history = own.get("/v1/employees/E3/assignments").await.expect(200);
    assert_eq!(history.body["items"].as_array().map(Vec::len), Some(1));
    own.post("/v1/employees/E4/assignments", place).await.expect(201);
}

#[actix_web::test]
async fn given_the_own_unit_when_hr_appoints_its_head_then_it_is_refused_and_so_is_oneself_anywhere() {
    let world = world().await;
    let (company, hr) = company_with_people(&world).await;
    let head = |number: &str| json!({ "number": number });
    let etag =
        async |unit: &str| hr.get(&format!("/v1/units/{unit}")).await.expect(200).header("etag").map(str::to_owned);
    for (caller, unit, number) in [("E3", "NET", "E3"), ("E3", "NET", "E4"), ("E2", "NET", "E4"), ("E3", "HQ", "E3")] {
        let own = as_person(&world, company, caller, &[Role::Employee, Role::Hr]);
        let path = format!("/v1/units/{unit}/head");
        own.put(&path, etag(unit).await.as_deref(), head(number)).await.expect(403);
    }
    let elsewhere = as_person(&world, company, "E1", &[Role::Employee, Role::Hr]);
    elsewhere.put("/v1/units/NET/head", etag("NET").await.as_deref(), head("E4")).await.expect(200);
}

#[actix_web::test]
async fn given_a_file_of_everybody_when_hr_brings_it_then_their_own_row_may_not_change_more_than_how_they_are_reached()
{
    let world = world().await;
    let (company, _) = company_with_people(&world).await;
    let own = as_person(&world, company, "E3", &[Role::Employee, Role::Hr]);
    let with = |row: &str| PEOPLE.replace("E3,张三,e3@example.com,NET,,staff,E2,,2017-01-01,,en", row);

    import(&own, "employees", PEOPLE).await.expect(200);
    for row in [
        "E3,张三,e3@example.com,HQ,,staff,E2,,2017-01-01,,en",
        "E3,张三,e3@example.com,NET,,staff,E1,,2017-01-01,,en",
        "E3,张三,e3@example.com,NET,,manager,E2,,2017-01-01,,en",
        "E3,张三,e3@example.com,NET,,staff,E2,,2010-01-01,,en",
        "Ｅ3,张三,e3@example.com,HQ,,staff,E2,,2017-01-01,,en",
    ] {
        let refused = import(&own, "employees", &with(row)).await;
        assert_eq!(refusal(&refused), ["/4/number"], "{row}");
    }
    let facts: String = PEOPLE.lines().map(|line| format!("{line},\n")).collect();
    let facts = facts.replacen("locale,", "locale,fact:years", 1).replace("2017-01-01,,en,", "2017-01-01,,en,3");
    assert_eq!(refusal(&import(&own, "employees", &facts).await), ["/4/number"]);
    import(&own, "employees", &with("E3,张珊,zhang@example.com,NET,,staff,E2,,2017-01-01,,zh-CN")).await.expect(200);
}

#[actix_web::test]
async fn given_a_file_of_units_when_hr_brings_it_then_the_own_unit_may_not_change_more_than_its_name() {
    let world = world().await;
    let (company, _) = company_with_people(&world).await;
    for number in ["E2", "E3"] {
        let own = as_person(&world, company, number, &[Role::Employee, Role::Hr]);
        for row in ["NET,网络部,HQ,department,0", "NET,网络部,HQ,headquarters,12", "NET,网络部,,department,12"]
        {
            let refused = import(&own, "units", &UNITS.replace("NET,网络部,HQ,department,12", row)).await;
            assert_eq!(refusal(&refused), ["/3/code"], "{number} {row}");
        }
        let renamed = UNITS.replace("网络部", &format!("网络部 of {number}"));
        import(&own, "units", &renamed.replace("HQ,总部,,,", "HQ,总部,,headquarters,")).await.expect(200);
    }
}

#[actix_web::test]
async fn given_an_import_when_it_changes_people_then_the_log_has_whose_and_what_before_and_after() {
    let world = world().await;
    let (company, hr) = company_with_people(&world).await;
    let moved = PEOPLE.replace("e4@example.com", "zhao@example.com");
    import(&hr, "employees", &moved).await.expect(200);
    import(&hr, "units", &UNITS.replace(",12", ",13")).await.expect(200);

    let auditor = as_role(&world, company, Role::Auditor);
    let entries = auditor.get("/v1/organisation/audit-entries?limit=500").await.expect(200);
    let last = |action: &str| -> Value {
        let entries = entries.body["items"].as_array().unwrap().iter();
        entries.filter(|entry| entry["action"] == action).next_back().unwrap()["detail"]["changes"].clone()
    };
    let person = json!([{
        "number": "E4", "before": { "email": "e4@example.com" }, "after": { "email": "zhao@example.com" },
    }]);
    assert_eq!(last("employees.changed"), person);
    let facts = |value: &str| json!({ "facts": { "average_forms": value } });
    assert_eq!(last("units.changed"), json!([{ "code": "NET", "before": facts("12"), "after": facts("13") }]));
}

#[actix_web::test]
async fn given_a_user_name_of_other_widths_when_an_account_is_made_then_it_cannot_pass_for_another() {
    let world = world().await;
    let (company, _) = company_with_people(&world).await;
    let admin = as_role(&world, company, Role::Admin);
    for name in ["Ｅ1", "E１", "ａdmin", "e\u{301}1"] {
        let account = json!({ "username": name, "password": PASSWORD, "roles": ["hr"] });
        let refused = admin.post("/v1/accounts", account).await.expect(422);
        assert_eq!(pointers(&refused), ["/username"], "{name}");
    }
}
