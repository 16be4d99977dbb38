use platform::Code;
use player::api::{list, text};
use serde_json::{Value, json};
use tests::month::{Month, Size, person};
use tests::system::System;

const SMALL: Size = Size { units: 2, people_per_unit: 3 };

/// The first policy with higher grades: 88.4 is an A3, which pays 90 %.
fn stricter() -> String {
    let shipped = domain::scheme::Scheme::shipped();
    let (_, scheme) = shipped.iter().find(|(code, _)| *code == "monthly-kpi").unwrap();
    scheme.replace("from = 86", "from = 90")
}

#[actix_web::test]
async fn given_a_live_cycle_when_a_stricter_scheme_is_tried_then_it_says_who_moves_and_what_it_costs_and_writes_nothing()
 {
    let system = System::start().await;
    let mut month = Month::found(&system, "acme", SMALL).await;
    let import = month.sign_in(&system, "import").await;
    month.join(&import, "N1").await;
    month.open().await;
    month.plan().await;
    month.score().await;
    let before = (system.rows("scoring").await, system.rows("pay").await);

    let body = json!({ "cycle": month.cycle, "scheme": stricter(), "against": {} });
    let tried = month.hr.post("/v1/simulations?limit=4", body).await.unwrap();

    assert_eq!((system.rows("scoring").await, system.rows("pay").await), before);
    let cost = |amount: &str| json!({ "CNY": { "performance_pay": amount } });
    let left_out = &tried["left_out"];
    let costs = (&tried["policy"]["cost"], &tried["against"]["cost"]);
    assert_eq!(costs, (&cost("12960.00"), &cost("14400.00")), "{left_out}");
    let change = json!({ "compared": 7, "moved": 7, "other_grade": 7, "paid": 6, "cost": cost("-1440.00") });
    assert_eq!(tried["change"], change);
    assert_eq!((list(&tried, "/people").len(), text(&tried, "/people/0/number")), (4, person(0, 0).as_str()));
    let first = &tried["people"][0];
    assert_eq!((text(first, "/grade"), text(first, "/before/grade")), ("A3", "A2"));
    assert_eq!(first["pay"], json!({ "performance_pay": "2160.00" }));
    assert_eq!(first["before"]["pay"], json!({ "performance_pay": "2400.00" }));
    assert_eq!(first["difference"], json!({ "performance_pay": "-240.00" }));
    // The newcomer has no pay profile, under either.
    assert_eq!((&tried["policy"]["people"], &tried["policy"]["unpaid"]), (&json!(7), &json!(1)));
    let left_out: Vec<(&str, &str, &str)> = list(&tried, "/left_out")
        .iter()
        .map(|one| (text(one, "/number"), text(one, "/under"), text(one, "/errors/0/pointer")))
        .collect();
    assert_eq!(left_out, [("N1", "policy", "/pay/base_salary"), ("N1", "against", "/pay/base_salary")]);
    system.stop().await;
}

#[actix_web::test]
async fn given_a_cycle_when_others_try_a_policy_on_it_then_they_may_not_and_without_pay_there_is_no_cost() {
    let mut system = System::start().await;
    let mut month = Month::found(&system, "acme", SMALL).await;
    let stranger = Month::found(&system, "globex", SMALL).await;
    month.open().await;
    month.plan().await;
    month.score().await;
    let body = json!({ "cycle": month.cycle });
    let with = |key: &str, value: Value| {
        let mut body = body.clone();
        body[key] = value;
        body
    };

    let of_a_stranger = stranger.hr.post("/v1/simulations", body.clone()).await;
    assert!(Month::refused(&of_a_stranger, Code::NotFound), "{of_a_stranger:?}");
    for caller in [&month.executive, &month.finance, &month.admin, month.head(0)] {
        let refused = caller.post("/v1/simulations", body.clone()).await;
        assert!(Month::refused(&refused, Code::NotPermitted), "{refused:?}");
    }
    month.hr.post("/v1/simulations", body.clone()).await.unwrap();

    system.replicas[0].running.remove("pay").unwrap().stop().await;
    let refused = month.hr.post("/v1/simulations", body.clone()).await;
    assert!(Month::refused(&refused, Code::Unavailable), "{refused:?}");
    let without = month.hr.post("/v1/simulations", with("cost", json!(false))).await.unwrap();
    assert_eq!((&without["policy"]["people"], &without["policy"]["cost"]), (&json!(6), &Value::Null));
    system.stop().await;
}
