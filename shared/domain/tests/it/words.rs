//! What is said of schemes and figures: codes by their kind, conditions that are not lost, sums that can be checked.

use domain::case::Case;
use domain::evaluate::{Evaluation, Phase, Pool, evaluate};
use domain::scheme::Scheme;
use domain::words::{explain, render};
use domain::{Kind, Label, Locale};
use serde_json::{Value as Json, json};

/// A scheme with one monthly cadence, grades A to C, and what a test adds.
fn scheme(added: &str) -> Scheme {
    let toml = format!(
        r#"
code = "tried"
name = {{ zh = "试行方案", en = "tried" }}
cadences = [{{ code = "monthly", form = "month", label = {{ zh = "月度", en = "monthly" }} }}]
grades = [
  {{ code = "A", label = {{ zh = "优", en = "top" }} }},
  {{ code = "B", label = {{ zh = "良", en = "fair" }} }},
  {{ code = "C", label = {{ zh = "中", en = "plain" }} }},
]
{added}"#
    );
    Scheme::parse(&toml).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn with_evaluation<T>(scheme: &Scheme, rest: Json, then: impl FnOnce(&Evaluation) -> T) -> T {
    let mut case = json!({ "policy": "tried", "period": "2026-10" });
    case.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    let case = Case::from_json(scheme, &case).unwrap_or_else(|invalid| panic!("{:?}", invalid.errors));
    then(&evaluate(scheme, &case, Phase::All).unwrap_or_else(|invalid| panic!("{:?}", invalid.errors)))
}

fn explained(scheme: &Scheme, rest: Json, number: &str, locale: Locale) -> String {
    with_evaluation(scheme, rest, |evaluation| render(&evaluation.explanation(number).unwrap(), scheme, locale))
}

#[track_caller]
fn says(text: &str, all: &[&str]) {
    for wanted in all {
        assert!(text.contains(wanted), "{wanted:?} is not in\n{text}");
    }
}

const SHOPS: &str = r#"
[[parameters]]
name = "of_class"
label = { zh = "店类系数", en = "factor of the class" }
default = { A = 1, B = 2 }
[[parameters]]
name = "of_shift"
label = { zh = "班次系数", en = "factor of the shift" }
default = { A = 1, B = 3 }
[[people.facts]]
name = "class"
label = { zh = "店类", en = "class of shop" }
kind = "choice"
choices = [{ code = "A", label = { zh = "旗舰店", en = "flagship" } }, { code = "B", label = { zh = "普通店", en = "ordinary" } }]
[[people.facts]]
name = "shift"
label = { zh = "班次", en = "shift" }
kind = "choice"
choices = [{ code = "A", label = { zh = "早班", en = "early" } }, { code = "B", label = { zh = "晚班", en = "late" } }]
[[people.figures]]
name = "turn"
label = { zh = "当班", en = "turn" }
formula = "fact.shift"
[[people.figures]]
name = "score"
label = { zh = "得分", en = "score" }
formula = 'choose(fact.class == "A", 1, 2) * choose(fact.shift in ["A"], 1, 2) * param.of_class[fact.class] * param.of_shift[fact.shift]'
[[people.figures]]
name = "grade"
label = { zh = "等级", en = "grade" }
bands = { of = "score", rows = [{ grade = "A", from = 6 }, { grade = "B", from = 2 }, { grade = "C", from = 0 }] }
"#;

#[test]
fn a_code_is_read_within_its_kind() {
    // Given a scheme in which A and B are grades, classes of shops and shifts.
    let scheme = scheme(SHOPS);
    let people = json!({ "employees": [{ "number": "E1", "facts": { "class": "A", "shift": "B" } }] });
    // When it is told, as a whole and for somebody.
    let english = explain(&scheme, Locale::En);
    let chinese = explain(&scheme, Locale::ZhCn);
    let told = explained(&scheme, people.clone(), "E1", Locale::En);
    let told_in_chinese = explained(&scheme, people, "E1", Locale::ZhCn);
    // Then each is called what it is there.
    says(&english, &["class of shop is flagship", "shift is one of early"]);
    says(
        &english,
        &["factor of the class: flagship 1, ordinary 2", "factor of the shift: early 1, late 3", "top from 6"],
    );
    says(
        &chinese,
        &["店类为旗舰店", "班次为早班之一", "店类系数：旗舰店 1、普通店 2", "班次系数：早班 1、晚班 3", "优 6及以上"],
    );
    says(&told, &["grade = top", "class of shop = flagship", "shift = late", "factor of the class [flagship] = 1"]);
    says(&told_in_chinese, &["等级 = 优", "店类 = 旗舰店", "班次 = 晚班", "班次系数［晚班］ = 3"]);
}

#[test]
fn a_code_that_its_own_kind_does_not_have_is_not_looked_for_elsewhere() {
    // Given grades A, B and C, and shifts A and B.
    let scheme = scheme(SHOPS);
    // When C is asked for among the shifts, then it has no name there, though there is a grade C.
    let name = |figure: &str, code: &str| scheme.code_of_figure_label(Kind::People, figure, code).map(|l| &*l.zh);
    assert_eq!((name("grade", "C"), name("turn", "B"), name("turn", "C")), (Some("中"), Some("晚班"), None));
}

#[test]
fn what_a_unit_gives_to_its_head_is_told_to_the_head() {
    // Given a unit of the first tier, whose head is rated an excellent post by that.
    let case = crate::support::case("10-college-departments-offices");
    let scheme = crate::support::scheme("college-departments");
    let case = Case::from_json(scheme, &case).unwrap();
    let evaluation = evaluate(scheme, &case, Phase::All).unwrap();
    let led = evaluation.people().find(|person| person.outcomes.iter().any(|code| code == "excellent_post")).unwrap();
    // When the head asks how it came about.
    let explanation = evaluation.explanation(&led.number).unwrap();
    let told = render(&explanation, scheme, Locale::ZhCn);
    // Then the unit's grade is the reason, and the unit is named.
    says(&told, &["当年评定为优岗（作为", "的负责人）", "部门等次 = 一等"]);
    // And an explanation that was stored before this was told is still the same.
    let now = serde_json::to_string(&explanation).unwrap();
    let mut before: Json = serde_json::from_str(&now).unwrap();
    before["reasons"] = json!([]);
    let before = before.to_string();
    let before: domain::evaluate::Explanation<'_> = serde_json::from_str(&before).unwrap();
    let before = serde_json::to_string(&before).unwrap();
    assert_eq!(domain::evaluate::in_stored_form(&before, &now), before);
}

const POOLS: &str = r#"
[units]
[[units.facts]]
name = "sum"
label = { zh = "奖金总额", en = "sum to share" }
[[units.figures]]
name = "good"
label = { zh = "良好人数", en = "good people" }
gather = { of = "people", how = "count", value = "fact.weight >= 2" }
output = "own"
[[units.figures]]
name = "weights"
label = { zh = "权数合计", en = "weights in all" }
gather = { of = "people", how = "sum", value = "fact.weight + 1" }
output = "own"
[people]
[[people.facts]]
name = "weight"
label = { zh = "权数", en = "weight" }
[[people.figures]]
name = "score"
label = { zh = "得分", en = "score" }
formula = "fact.weight"
[[people.figures]]
name = "bonus"
label = { zh = "奖金", en = "bonus" }
split = { pool = "unit.fact.sum", weight = "fact.weight", within = "unit" }
pay = true
"#;

fn pools() -> Json {
    json!({
        "units": [
            { "code": "P", "facts": { "sum": "100" } },
            { "code": "Q", "facts": { "sum": "50.00" } },
            { "code": "R", "facts": { "sum": "20" } },
            { "code": "S", "facts": { "sum": "0" } },
        ],
        "employees": [
            { "number": "E1", "unit": "P", "facts": { "weight": "1" } },
            { "number": "E2", "unit": "P", "facts": { "weight": "2" } },
            { "number": "E3", "unit": "P", "facts": { "weight": "3" } },
            { "number": "E4", "unit": "Q", "facts": { "weight": "0" } },
        ],
    })
}

#[test]
fn a_share_of_a_sum_can_be_checked_by_hand() {
    // Given three who share 100 by 1, 2 and 3: 16.666…, 33.333…, 50; one cent is left for the largest remainder.
    let scheme = scheme(POOLS);
    // When the first and the second are explained.
    let first = explained(&scheme, pools(), "E1", Locale::En);
    let second = explained(&scheme, pools(), "E2", Locale::ZhCn);
    // Then pool, weight, sum of weights, number, the share rounded down and the cent are told, and pay comes first.
    assert!(first.starts_with("bonus = 16.67\n"), "{first}");
    says(
        &first,
        &[
            "weight: 1; the sum of all weights: 6 (shared by 3)",
            "100.00 × 1 ÷ 6 → 16.66",
            "one of the cents left: + 0.01",
        ],
    );
    assert!(second.starts_with("奖金 = 33.33\n"), "{second}");
    says(&second, &["权数：2；全部权数之和：6（3份）", "100.00 × 2 ÷ 6 → 33.33"]);
    assert!(!second.contains("补足的余分"), "{second}");
}

#[test]
fn a_pool_that_pays_nobody_is_warned_of() {
    // Given a unit whose weights are all 0, one with nobody in it, and one with nothing to share.
    let scheme = scheme(POOLS);
    with_evaluation(&scheme, pools(), |evaluation| {
        // When they are computed, then the first two are told of, with what was not paid.
        assert_eq!(evaluation.warnings(), ["undistributed:Q", "undistributed:R"]);
        let unpaid = evaluation.pools().into_iter().filter(Pool::is_unpaid);
        let told: Vec<(Option<String>, String, bool)> =
            unpaid.map(|pool| (pool.of, pool.whole.to_string(), pool.members == 0)).collect();
        let wanted = [("Q", "50.00", false), ("R", "20.00", true)];
        assert_eq!(told, wanted.map(|(of, amount, nobody)| (Some(of.to_owned()), amount.to_owned(), nobody)));
    });
    assert_eq!(scheme.warning_label("undistributed:Q").zh, "奖金包未分配：Q");
    // Those of one kind are told together.
    let together = scheme.warning_labels(&["undistributed:Q".to_owned(), "undistributed:R".to_owned()]);
    assert_eq!(together, [Label::new("奖金包未分配：Q、R", "pool not paid out: Q, R")]);
}

#[test]
fn a_scheme_that_warns_of_its_pools_itself_is_not_warned_twice() {
    // Given a scheme that warns of the units without weights alone.
    let own = r#"
[[units.rules]]
gives = ["undistributed:{code}"]
as = "warning"
when = "weights == 1"
"#;
    let declared = "outcomes = [{ code = \"undistributed\", label = { zh = \"未发\", en = \"not paid\" } }]\n";
    let scheme = scheme(&format!("{declared}{POOLS}{own}"));
    // When it is computed, then its own warnings are all there are.
    with_evaluation(&scheme, pools(), |evaluation| {
        assert_eq!(evaluation.warnings(), ["undistributed:Q"]);
        assert_eq!(evaluation.pools().iter().filter(|pool| pool.is_unpaid()).count(), 2);
    });
}

#[test]
fn what_is_gathered_keeps_its_condition_and_its_brackets() {
    let told = explain(&scheme(POOLS), Locale::En);
    says(&told, &["the number of the people of whom it holds that weight is at least 2"]);
    says(&told, &["the sum over the people of (weight + 1)"]);
    let told = explain(&scheme(POOLS), Locale::ZhCn);
    says(&told, &["人员中符合条件者的数目（权数达到2）", "人员的（权数 + 1）之和"]);
}

const LISTED: &str = r#"
[people]
[[people.facts]]
name = "late"
label = { zh = "迟到次数", en = "times late" }
kind = "count"
[[people.lists]]
key = "deals"
label = { zh = "成交", en = "deals" }
columns = [{ name = "sum", label = { zh = "金额", en = "amount" } }]
[[people.figures]]
name = "score"
label = { zh = "得分", en = "score" }
formula = "sum(deals, choose(sum >= 5, sum, 0)) * 2"
[[people.figures]]
name = "points"
label = { zh = "分数", en = "points" }
formula = "min(max(80 - 2 * fact.late, 0), 60) + floor(-0.5 - fact.late) + max(fact.late, score)"
output = "own"
"#;

#[test]
fn every_row_of_a_list_is_told_though_they_are_alike() {
    let people = json!({ "employees": [{ "number": "E1", "facts": { "late": "1" },
        "deals": [{ "sum": "7" }, { "sum": "7" }, { "sum": "9" }] }] });
    let told = explained(&scheme(LISTED), people, "E1", Locale::En);
    says(&told, &["amount (row 1) = 7", "amount (row 2) = 7", "amount (row 3) = 9", "score = 46"]);
}

#[test]
fn bounds_and_rounding_are_said_as_what_they_are() {
    // Given least within most, a number rounded down below 0, and a sum over rows with a condition.
    let scheme = scheme(LISTED);
    // When they are told, then bounds are bounds, down is down, and brackets are where they are needed.
    let english = explain(&scheme, Locale::En);
    says(
        &english,
        &[
            "(80 − 2 × times late, at least 0, at most 60) + ((−0.5 − times late) rounded down to a whole number) + \
             (the greater of times late and score)",
            "the sum over all deals (of each: if amount is at least 5: amount; otherwise 0) × 2",
        ],
    );
    let chinese = explain(&scheme, Locale::ZhCn);
    says(
        &chinese,
        &[
            "（80 − 2 × 迟到次数，不低于0，不超过60）",
            "（−0.5 − 迟到次数）向下取整",
            "迟到次数与得分中的较大者",
            "各条成交的合计（每条：若金额达到5，为金额；否则为0）",
        ],
    );
}

#[test]
fn what_must_be_supplied_is_listed_with_its_bounds_and_an_example_is_computed() {
    let told = explain(&scheme(SHOPS), Locale::En);
    says(&told, &["What must be supplied, and by whom", "class of shop: by HR; flagship or ordinary."]);
    says(&told, &["A worked example, with made-up figures", "class of shop = flagship", "score = "]);
    let told = explain(&scheme(POOLS), Locale::ZhCn);
    says(&told, &["单位：奖金总额：由人力资源部提供；不小于0。", "算例（数字为虚构）", "奖金 = "]);
}

#[test]
fn every_shipped_scheme_has_a_worked_example() {
    for (code, toml) in Scheme::shipped() {
        let told = explain(&Scheme::parse(toml).unwrap(), Locale::ZhCn);
        assert!(told.contains("算例（数字为虚构）"), "{code} has no example:\n{told}");
    }
}

/// A distribution of 20, 70 and 10 per cent, with further keys.
fn ranked(keys: &str) -> Scheme {
    scheme(&format!(
        r#"
[[tables]]
name = "shares"
label = {{ zh = "比例", en = "shares" }}
default = {{ A = 20, B = 70, C = 10 }}
[people]
[[people.facts]]
name = "points"
label = {{ zh = "分数", en = "points" }}
[[people.facts]]
name = "newcomer"
label = {{ zh = "新员工", en = "new" }}
kind = "flag"
[[people.figures]]
name = "score"
label = {{ zh = "得分", en = "score" }}
formula = "fact.points"
[[people.figures]]
name = "grade"
label = {{ zh = "等级", en = "grade" }}
quota = {{ by = "score", within = "company", shares = "table.shares"{keys} }}
"#
    ))
}

/// The grades of people with these points, in their order; a star marks new ones.
fn grades(keys: &str, points: &[&str]) -> String {
    let people = points.iter().enumerate().map(|(at, points)| {
        let facts = json!({ "points": points.trim_end_matches('*'), "newcomer": points.ends_with('*') });
        json!({ "number": format!("E{at:02}"), "facts": facts })
    });
    let people = json!({ "employees": people.collect::<Vec<_>>() });
    with_evaluation(&ranked(keys), people, |evaluation| evaluation.people().filter_map(|person| person.grade).collect())
}

#[test]
fn places_are_rounded_as_the_scheme_says() {
    // Given eight people: 20 % are 1.6, 90 % are 7.2.
    let eight = ["98", "97", "96", "95", "94", "93", "92", "91"];
    // When places are rounded to the nearest, down or up, then so many have the best grade.
    assert_eq!(grades("", &eight), "AABBBBBC");
    assert_eq!(grades(", rounding = \"down\"", &eight), "ABBBBBBC");
    assert_eq!(grades(", rounding = \"up\"", &eight), "AABBBBBB");
}

#[test]
fn a_ceiling_holds_against_ties_too() {
    // Given ten people of whom three tie across the end of the best grade.
    let tied = ["98", "97", "97", "97", "94", "93", "92", "91", "90", "89"];
    // When ties go up, they exceed 20 %; when they go down, nobody does.
    assert_eq!(grades("", &tied), "AAAABBBBBC");
    assert_eq!(grades(", rounding = \"down\", ties = \"worse\"", &tied), "ABBBBBBBBC");
}

#[test]
fn whoever_does_not_count_uses_up_no_place() {
    // Given five who count (20 % are one place) and three new ones.
    let people = ["98", "99*", "96", "97*", "94", "93", "92", "10*"];
    // When the new do not count, then they have the grade of the place that they would have had.
    assert_eq!(grades(", among = \"!fact.newcomer\"", &people), "AABBBBBC");
}

#[test]
fn the_rule_of_a_distribution_tells_rounding_ties_and_who_counts() {
    let plain = explain(&ranked(""), Locale::En);
    says(&plain, &["are rounded to a whole number", "all have the better one", "top 20, fair 70, plain 10"]);
    let ceiling = explain(&ranked(", rounding = \"down\", ties = \"worse\", among = \"!fact.newcomer\""), Locale::ZhCn);
    says(&ceiling, &["（只计：非“新员工”）", "向下取整，不超过比例", "同分跨档的都归较低一档"]);
}

#[test]
fn a_guide_may_name_some_grades_only() {
    // Given a guide for the best grade alone.
    let scheme = scheme(
        r#"
outcomes = [{ code = "too_many", label = { zh = "比例偏高", en = "too many" } }]
[[tables]]
name = "guide"
label = { zh = "参考比例", en = "guide" }
default = { A = 40 }
[[people.facts]]
name = "points"
label = { zh = "分数", en = "points" }
[[people.figures]]
name = "score"
label = { zh = "得分", en = "score" }
formula = "fact.points"
[[people.figures]]
name = "grade"
label = { zh = "等级", en = "grade" }
bands = { of = "score", rows = [{ grade = "A", from = 6 }, { grade = "B", from = 2 }, { grade = "C", from = 0 }] }
[[people.guides]]
of = "grade"
shares = "table.guide"
warning = "too_many:{grade}"
"#,
    );
    // When half of the people have it, then HR is told, in words too.
    let people = json!({ "employees": [{ "number": "E1", "facts": { "points": "9" } }, { "number": "E2", "facts": { "points": "1" } }] });
    with_evaluation(&scheme, people, |evaluation| assert_eq!(evaluation.warnings(), ["too_many:A"]));
    assert_eq!(scheme.warning_label("too_many:A").en, "too many: top");
}
