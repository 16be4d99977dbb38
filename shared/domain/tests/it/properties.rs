//! What holds for every number: sums to the cent, places and ties, bounds, rounding.

use basics::money::{Money, round, split_exact};
use domain::Kind;
use domain::simulate;
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use crate::support::{case, computed, scheme};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn halves_go_away_from_zero_also_where_binary_floats_are_wrong() {
    for (number, places, wanted) in [
        ("2.675", 2, "2.68"),
        ("1.005", 2, "1.01"),
        ("-1.005", 2, "-1.01"),
        ("0.125", 2, "0.13"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("0.285", 2, "0.29"),
        ("1.115", 2, "1.12"),
        ("8.345", 2, "8.35"),
        ("100.4949999999", 2, "100.49"),
    ] {
        assert_eq!(round(decimal(number), places), decimal(wanted), "{number}");
    }
}

#[test]
fn a_division_that_does_not_end_does_not_tip_a_half() {
    // Given 5/6 of three cents, which is two and a half cents.
    let part = Decimal::from(5) / Decimal::from(6) * decimal("0.03");
    assert_eq!(round(part, 2), decimal("0.03"));
}

/// Else the property of accepted schemes would say nothing.
#[test]
fn many_of_the_schemes_that_are_made_are_accepted() {
    use crate::generate::{Outcome, try_out};
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut accepted = 0;
    for _ in 0..600 {
        let bytes: Vec<u8> = std::iter::repeat_with(|| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed.to_le_bytes()[3]
        })
        .take(600)
        .collect();
        accepted += usize::from(try_out(&bytes) == Outcome::Computed);
    }
    assert!(accepted >= 60, "only {accepted} of 600");
}

fn gather_pointers(json: &Json, at: String, pointers: &mut Vec<String>) {
    match json {
        Json::Object(object) => {
            object.iter().for_each(|(key, value)| gather_pointers(value, format!("{at}/{key}"), pointers))
        }
        Json::Array(all) => {
            all.iter().enumerate().for_each(|(key, value)| gather_pointers(value, format!("{at}/{key}"), pointers))
        }
        _ => {}
    }
    if !at.is_empty() {
        pointers.push(at);
    }
}

fn ranked(scores: &[u32]) -> Vec<(u32, String)> {
    let people: Vec<Json> = scores
        .iter()
        .enumerate()
        .map(|(at, score)| {
            json!({ "number": format!("E{at:03}"), "unit": "U", "category": "staff", "pay": { "bonus_base": "1000" },
                    "goals": [{ "weight": "100", "superior": score.to_string() }] })
        })
        .collect();
    let case = json!({ "policy": "annual-ranking", "period": "FY2002", "units": [{ "code": "U", "score": "100" }], "employees": people });
    let results = computed(&case);
    let grade = |at: usize| results["employees"][format!("E{at:03}")]["grade"].as_str().unwrap().to_owned();
    scores.iter().enumerate().map(|(at, score)| (*score, grade(at))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_split_sums_to_the_cent(cents in 0_i64..1_000_000_000, weights in prop::collection::vec(0_i64..100_000, 1..40)) {
        // Given a sum and weights, when it is split,
        let total = Money::new(Decimal::new(cents, 2));
        let weights: Vec<Decimal> = weights.into_iter().map(|weight| Decimal::new(weight, 3)).collect();
        let shares = split_exact(total, &weights).unwrap();
        // then nothing is lost, and nobody is a cent or more from the exact share.
        let sum: Decimal = weights.iter().sum();
        let shared: Decimal = shares.iter().map(|share| share.amount()).sum();
        prop_assert_eq!(shared, if sum.is_zero() { Decimal::ZERO } else { total.amount() });
        for (share, weight) in shares.iter().zip(&weights).filter(|_| !sum.is_zero()) {
            let exact = total.amount() * weight / sum;
            prop_assert!((share.amount() - exact).abs() < Decimal::new(1, 2));
        }
    }

    #[test]
    fn rounding_is_half_away_from_zero(mantissa in any::<i64>(), scale in 0_u32..20, places in 0_u32..11) {
        // Given a number, when it is rounded, then it is what a slower way makes of it.
        let number = Decimal::try_from_i128_with_scale(i128::from(mantissa), scale).unwrap();
        let slow = number.round_dp_with_strategy(places, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
        prop_assert_eq!(round(number, places), slow);
    }

    #[test]
    fn equal_weights_differ_by_a_cent_at_most_and_the_first_come_first(cents in 0_i64..100_000, count in 1_usize..30) {
        let shares = split_exact(Money::new(Decimal::new(cents, 2)), &vec![Decimal::ONE; count]).unwrap();
        prop_assert!(shares.is_sorted_by(|a, b| a >= b));
        prop_assert!(shares[0].amount() - shares[count - 1].amount() <= Decimal::new(1, 2));
    }

    #[test]
    fn places_follow_the_quota_and_ties_share_the_better_grade(scores in prop::collection::vec(0_u32..131, 1..45)) {
        let graded = ranked(&scores);
        let mut best: Vec<u32> = scores.clone();
        best.sort_unstable_by(|a, b| b.cmp(a));
        let n = Decimal::from(scores.len());
        for (score, grade) in &graded {
            // The grade is that of the first of those with the same score.
            let place = Decimal::from(best.iter().position(|other| other == score).unwrap());
            let wanted = [("A", 15), ("B", 55), ("C", 85), ("D", 95), ("E", 100)]
                .into_iter()
                .find(|(_, share)| place < round(Decimal::from(*share) * n / Decimal::ONE_HUNDRED, 0))
                .map_or("E", |(grade, _)| grade);
            prop_assert_eq!(grade, wanted);
        }
        // A better score never has a worse grade.
        for (score, grade) in &graded {
            prop_assert!(graded.iter().all(|(other, theirs)| other <= score || theirs <= grade));
        }
    }

    #[test]
    fn the_order_of_people_changes_nothing(seed in any::<u64>()) {
        for name in ["09-property-services-two-units", "11-quarterly-coefficients-quarter", "12-annual-ranking-ties"] {
            let case = case(name);
            let mut shuffled = case.clone();
            let people = shuffled["employees"].as_array_mut().unwrap();
            let count = people.len() as u64;
            for at in 0..people.len() {
                let with = (seed.rotate_left(at as u32) % count) as usize;
                people.swap(at, with);
            }
            prop_assert_eq!(computed(&case), computed(&shuffled));
        }
    }

    #[test]
    fn one_more_person_changes_nobody_else_s_score(which in any::<prop::sample::Index>()) {
        // Given a case, when somebody who is in it already joins once more under another number.
        for name in ["01-monthly-kpi-department", "06-sales-monthly-three-sheets", "07-multi-rater-month", "09-property-services-two-units",
            "11-quarterly-coefficients-quarter", "12-annual-ranking-ties"] {
            let before = case(name);
            let mut after = before.clone();
            let people = after["employees"].as_array_mut().unwrap();
            let mut newcomer = people[which.index(people.len())].clone();
            newcomer["number"] = json!("zz-newcomer");
            people.push(newcomer);
            // Then everybody else has the score that they had.
            let (before, after) = (computed(&before), computed(&after));
            for (number, was) in before["employees"].as_object().unwrap() {
                prop_assert_eq!(&was["score"], &after["employees"][number]["score"], "{} {}", name, number);
            }
        }
    }

    #[test]
    fn points_scale_with_the_weights(first in 0_u32..=100, cut in 0_u32..=100, tenths in 0_u32..=10) {
        // Given weights that sum to 100, and the same part of each of them in points.
        let second = (100 - first) * cut / 100;
        let weights = [first, second, 100 - first - second];
        let points = |weight: u32| json!({ "superior": Decimal::new(i64::from(weight * tenths), 1).to_string() });
        let case = json!({ "policy": "by-series", "period": "2026",
            "parameters": { "weights": { "results": weights[0].to_string(), "attitude": weights[1].to_string(), "potential": weights[2].to_string() } },
            "employees": [{ "number": "E", "facts": { "series": "other", "rank": "staff" },
                "items": { "results": points(weights[0]), "attitude": points(weights[1]), "potential": points(weights[2]) } }] });
        // Then the score is that part of 100, however the weights are split.
        let score: Decimal = computed(&case)["employees"]["E"]["score"].as_str().unwrap().parse().unwrap();
        prop_assert_eq!(score, Decimal::from(tenths * 10));
    }

    #[test]
    fn item_scores_stay_within_their_weight(forms in 0_u32..200, missed in 0_u32..50, proposals in 0_u32..50, days in 0_u32..60) {
        let mut case = case("01-monthly-kpi-department");
        let items = &mut case["employees"][0]["items"];
        items["response"]["value"] = json!(forms.to_string());
        items["reports"]["value"] = json!(missed.to_string());
        items["proposals"]["value"] = json!(proposals.to_string());
        items["attendance"]["actual"] = json!(days.to_string());
        let results = computed(&case);
        let tree = results["employees"]["E001"]["explanation"].to_string();
        prop_assert!(tree.contains("item.proposals"));
        let score: Decimal = results["employees"]["E001"]["score"].as_str().unwrap().parse().unwrap();
        prop_assert!(score >= Decimal::ZERO && score <= Decimal::ONE_HUNDRED);
    }

    #[test]
    fn a_scheme_that_is_accepted_computes_every_complete_case(bytes in prop::collection::vec(any::<u8>(), 0..700)) {
        crate::generate::try_out(&bytes);
    }

    #[test]
    fn no_text_makes_the_engine_panic(text in "\\PC{0,200}") {
        let _ = simulate::run(&text);
        let _ = domain::scheme::Scheme::parse(&text);
    }

    #[test]
    fn no_mutilated_case_makes_the_engine_panic(which in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), with in 0_usize..12) {
        // Given a case in which one value was replaced by something odd.
        let cases = crate::conformance::cases();
        let mut json: Json = serde_json::from_str(&cases[which.index(cases.len())].1).unwrap();
        json.as_object_mut().unwrap().remove("expected");
        let mut pointers = Vec::new();
        gather_pointers(&json, String::new(), &mut pointers);
        let odd = [json!(null), json!([]), json!({}), json!(""), json!("0"), json!("-1"), json!("79228162514264337593543950335"),
            json!("0.0000000000000000000000000001"), json!("9999-12"), json!("0001-01-01"), json!(true), json!([{ "period": "0001-01" }])];
        let pointer = &pointers[place.index(pointers.len())];
        *json.pointer_mut(pointer).unwrap() = odd[with].clone();
        // When it is computed, then there are results or errors, each with a pointer into the case.
        for error in crate::support::errors(&json) {
            prop_assert!(error.pointer.starts_with('/') && !error.detail.is_empty(), "{pointer}: {error:?}");
        }
    }

    #[test]
    fn better_points_never_make_a_worse_grade(low in 0_u32..200, more in 0_u32..100) {
        let grade = |points: u32| {
            let points = Decimal::new(i64::from(points.min(200)) * 5, 1);
            let mut case = case("04-by-series-year");
            case["employees"] = json!([{ "number": "E", "facts": { "series": "other", "rank": "staff" },
                "items": { "results": { "superior": points.min(Decimal::from(60)).to_string() }, "attitude": { "superior": "0" }, "potential": { "superior": "0" } } }]);
            computed(&case)["employees"]["E"]["score"].as_str().unwrap().parse::<Decimal>().unwrap()
        };
        prop_assert!(grade(low) <= grade(low + more));
    }
}

#[test]
fn a_correction_keeps_the_ranking() {
    use domain::case::CaseBuilder;
    use domain::evaluate::{Phase, evaluate};
    // Given a ranking of ten, with the cut-offs that it had.
    let scheme = scheme("annual-ranking");
    let json = case("12-annual-ranking-ties");
    let before = domain::case::Case::from_json(scheme, &json).unwrap();
    let cut_offs = evaluate(scheme, &before, Phase::Results).unwrap().cut_offs(Kind::People, "E10");
    let stored = serde_json::to_string(&cut_offs).unwrap();
    assert_eq!(
        stored,
        r#"{"grade":[{"grade":"A","from":"110"},{"grade":"B","from":"100"},{"grade":"C","from":"90"},{"grade":"D","from":"60"}]}"#
    );
    // When the last one's score is corrected and placed by them.
    let placed = |score: &str| {
        let mut builder = CaseBuilder::new(scheme, "FY2002".parse().unwrap(), None, &Json::Null).unwrap();
        builder.unit_json(&json["units"][0]);
        for person in json["employees"].as_array().unwrap() {
            let mut person = person.clone();
            if person["number"] == "E10" {
                person["goals"][0]["superior"] = json!(score);
            }
            builder.person_json(&person);
        }
        builder.keep_cut_offs(Kind::People, "E10", &serde_json::from_str(&stored).unwrap());
        let case = builder.build().unwrap();
        evaluate(scheme, &case, Phase::Results).unwrap().person("E10").unwrap().grade.unwrap()
    };
    // Then the grade is that of the cut-off reached, however many have it already.
    for (score, grade) in
        [("130", "A"), ("110", "A"), ("109", "B"), ("100", "B"), ("99", "C"), ("89", "D"), ("10", "D")]
    {
        assert_eq!(placed(score), grade, "{score}");
    }
}

#[test]
fn a_person_s_own_weights_replace_the_scheme_s() {
    use domain::case::{CaseBuilder, PersonInputs};
    use domain::evaluate::{Phase, evaluate};
    let scheme = scheme("by-series");
    let person = |weights: &[(&str, i64)]| PersonInputs {
        number: "E".into(),
        facts: [("series".to_owned(), json!("other")), ("rank".to_owned(), json!("staff"))].into(),
        items: ["results", "attitude", "potential"]
            .map(|item| (item.to_owned(), [("superior".to_owned(), json!("30"))].into()))
            .into(),
        weights: Some(weights.iter().map(|(item, weight)| ((*item).to_owned(), Decimal::from(*weight))).collect()),
        ..PersonInputs::default()
    };
    let build = |weights: &[(&str, i64)]| {
        let mut builder = CaseBuilder::new(scheme, "2026".parse().unwrap(), None, &Json::Null).unwrap();
        builder.person(&person(weights));
        builder.build()
    };
    // Given points that the scheme's own weights would not allow.
    let case = build(&[("results", 40), ("attitude", 30), ("potential", 30)]).unwrap();
    let evaluation = evaluate(scheme, &case, Phase::All).unwrap();
    assert_eq!(evaluation.person("E").unwrap().score.unwrap().amount(), Decimal::from(90));
    // Weights that do not sum to 100, or lack an item, are refused.
    assert!(build(&[("results", 40), ("attitude", 30), ("potential", 31)]).is_err());
    assert!(build(&[("results", 70), ("attitude", 30)]).is_err());
    assert!(build(&[("results", 40), ("attitude", 30), ("luck", 30)]).is_err());
}
