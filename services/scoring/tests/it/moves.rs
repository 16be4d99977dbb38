//! Figures that are moved after computing, by whom the scheme allows.

use platform::Role::*;
use serde_json::{Value, json};
use testkit::Client;

use crate::replays::replay;
use crate::world::{Company, all_of, pointers, ranked, scheme};

/// Executives move a score by 5 at most, the council a grade.
fn adjustable(source: &str) -> String {
    let adjust = "\n\n[[adjust]]\nfigure = \"score\"\nby = [\"role.executive\"]\nup_to = 5\n\n\
        [[adjust]]\nfigure = \"grade\"\nby = [\"body.council\"]\n";
    format!("{source}{adjust}")
}

async fn computed(source: &str) -> Company {
    let company = Company::scoring_by(&adjustable(source)).await;
    company.found_body("council", &["H002", "M002", "E002"]).await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    company
}

/// One who scored nothing; the other gave the units' scores.
fn other_executive(company: &Company) -> Client {
    company.client("X009", &[Employee, Executive])
}

fn points(subject: &str, by: &str) -> Value {
    json!({ "moves": [{ "subject": subject, "figure": "score", "by": by, "reason": "three nights on call" }] })
}

fn grade(subject: &str, to: &str) -> Value {
    json!({ "moves": [{ "subject": subject, "figure": "grade", "to": to, "reason": "as agreed in the session" }] })
}

#[actix_web::test]
async fn given_a_computed_score_when_an_executive_moves_it_then_everything_follows_and_the_explanation_says_why() {
    let company = computed(scheme()).await;
    let moves = company.at("moves");
    let preview = other_executive(&company).post(&format!("{moves}?preview=true"), points("person:E001", "2.6")).await;
    let affected = &preview.expect(200).body["affected"];
    assert_eq!(all_of(affected, "subject"), ["person:E001"]);
    assert_eq!((&affected[0]["before"]["grade"], &affected[0]["after"]["grade"]), (&json!("A2"), &json!("A1")));
    assert!(company.hr().get(&moves).await.expect(200).body["items"].as_array().unwrap().is_empty(), "nothing is kept");

    let made = other_executive(&company).post(&moves, points("person:E001", "2.6")).await.expect(201);

    assert_eq!((made.str("/moves/0/from"), made.str("/moves/0/by")), ("88.4", "2.6"));
    company.until(company.cycle, "computed").await;
    company.publish(company.cycle).await;
    let own = company.employee("E001").get("/v1/my/results").await;
    assert_eq!((own.str("/items/0/score"), own.str("/items/0/grade")), ("91", "A1"));
    let path = format!("{}/explanation?locale=en", company.result_path("E001"));
    let explained = company.employee("E001").get(&path).await.expect(200);
    let told = explained.str("/text").contains("moved from 88.4 to 91 by");
    assert!(told && explained.str("/text").contains("three nights on call"), "{}", explained.text);
    // A correction keeps what was moved, and what was computed can be computed again.
    company.correct(company.cycle, "E001", "/items/reports/value", "1").await.expect(201);
    assert_eq!(company.employee("E001").get("/v1/my/results").await.str("/items/0/score"), "90");
    other_executive(&company).post(&moves, points("person:E001", "1")).await.expect(409);
    assert_eq!(replay(&company).await.different(), 0);
}

#[actix_web::test]
async fn given_a_limit_and_whom_the_scheme_names_then_others_and_what_goes_too_far_are_refused() {
    let company = computed(scheme()).await;
    let moves = company.at("moves");
    company.hr().post(&moves, points("person:E001", "1")).await.expect(403);
    company.employee("E001").post(&moves, points("person:E001", "1")).await.expect(403);
    company.client("E001", &[Employee, Executive]).post(&moves, points("person:E001", "1")).await.expect(403);
    let council = company.client("H002", &[Employee, CommitteeMember]);
    let member_who_scored = company.client("M002", &[Employee, UnitHead, CommitteeMember]);
    member_who_scored.post(&moves, grade("person:E003", "A1")).await.expect(403);
    let executive = other_executive(&company);
    company.executive().post(&moves, points("person:E001", "1")).await.expect(403);
    for (body, pointer) in [
        (points("person:E001", "5.1"), "/moves/0/by"),
        (points("person:E001", "0"), "/moves/0/by"),
        (points("person:E001", "79228162514264337593543950335"), "/moves/0/by"),
        (points("person:NOBODY", "1"), "/moves/0/subject"),
        (grade("person:E001", "Z9"), "/moves/0/to"),
        (
            json!({ "moves": [{ "subject": "person:E001", "figure": "score", "to": "A1", "reason": "x" }] }),
            "/moves/0/by",
        ),
        (
            json!({ "moves": [{ "subject": "person:E001", "figure": "nothing", "by": "1", "reason": "x" }] }),
            "/moves/0/figure",
        ),
        (
            json!({ "moves": [{ "subject": "person:E001", "figure": "score", "by": "1", "reason": " " }] }),
            "/moves/0/reason",
        ),
    ] {
        let client = if pointer.ends_with("/to") { &council } else { &executive };
        let refused = client.post(&moves, body.clone()).await.expect(422);
        assert_eq!(pointers(&refused), [pointer], "{body}");
    }

    other_executive(&company).post(&moves, points("person:E001", "3")).await.expect(201);
    company.until(company.cycle, "computed").await;
    let again = company.client("M001", &[Employee, Executive]).post(&moves, points("person:E003", "1")).await;
    again.expect(201);
    company.until(company.cycle, "computed").await;
    let more = other_executive(&company).post(&moves, points("person:E001", "2.5")).await.expect(422);
    assert_eq!(pointers(&more), ["/moves/0/by"], "all in all by 5");
    let made = company.hr().get(&moves).await.expect(200);
    let path = format!("/v1/moves/{}/withdraw", made.str("/items/0/id"));
    council.post(&path, json!({ "reason": "not mine" })).await.expect(403);
    company.hr().post(&path, json!({ "reason": "the nights were paid" })).await.expect(204);
    company.until(company.cycle, "computed").await;
    company.publish(company.cycle).await;
    assert_eq!(company.employee("E001").get("/v1/my/results").await.str("/items/0/score"), "88.4");
    assert_eq!(company.hr().get(&moves).await.str("/items/0/withdrawn_why"), "the nights were paid");
}

#[actix_web::test]
async fn given_a_forced_ranking_when_grades_are_swapped_then_the_places_of_the_others_stay() {
    let company = computed(&ranked("company")).await;
    let before = company.hr().get(&company.at("results?kind=person")).await.expect(200);
    let grade_of = |answer: &testkit::Answer, number: &str| {
        let items = answer.body["items"].as_array().unwrap().clone();
        let one = items.into_iter().find(|one| one["number"] == number).unwrap();
        one["grade"].as_str().unwrap().to_owned()
    };
    let (first, second) = (grade_of(&before, "E001"), grade_of(&before, "E003"));
    assert_ne!(first, second);
    let swap = json!({ "moves": [
        { "subject": "person:E001", "figure": "grade", "to": second, "reason": "swapped with E003" },
        { "subject": "person:E003", "figure": "grade", "to": first, "reason": "swapped with E001" },
    ] });
    let council = company.client("H002", &[Employee, CommitteeMember]);

    council.post(&company.at("moves"), swap).await.expect(201);

    company.until(company.cycle, "computed").await;
    let after = company.hr().get(&company.at("results?kind=person")).await.expect(200);
    assert_eq!((grade_of(&after, "E001"), grade_of(&after, "E003")), (second, first));
    for number in ["E002", "M001", "M002"] {
        assert_eq!(grade_of(&after, number), grade_of(&before, number), "{number}");
    }
}
