//! Schemes are checked whole when they are read; what they declare can be asked for.

use basics::Locale;
use basics::workdays::WorkingCalendar;
use domain::Kind;
use domain::period::Period;
use domain::scheme::{Scheme, Scope, item_points_need_evidence};
use jiff::civil::date;
use rust_decimal::Decimal;

use crate::support::scheme;

/// A small sound scheme, to be broken.
const SMALL: &str = r#"
code = "small"
name = { zh = "小", en = "small" }
cadences = [{ code = "monthly", form = "month", label = { zh = "月", en = "monthly" } }]
grades = [{ code = "good", label = { zh = "好", en = "good" } }, { code = "bad", label = { zh = "差", en = "bad" } }]

[people]
facts = [
  { name = "sales", label = { zh = "销", en = "sales" } },
  { name = "bonus", label = { zh = "奖", en = "bonus" }, optional = true },
]

[[people.figures]]
name = "score"
label = { zh = "分", en = "score" }
formula = "fact.sales + 1"

[[people.figures]]
name = "grade"
label = { zh = "级", en = "grade" }
bands = { of = "score", rows = [{ grade = "good", from = 80 }, { grade = "bad", from = 0 }] }
"#;

#[track_caller]
fn problem(broken: &str, wanted: &str) -> (usize, usize) {
    let problems = Scheme::parse(broken).expect_err("a problem");
    let found = problems.iter().find(|problem| problem.message.en.contains(wanted));
    let found = found.unwrap_or_else(|| panic!("{wanted:?} is not among {problems:?}"));
    (found.line, found.column)
}

#[test]
fn every_shipped_scheme_is_sound_and_named_and_tells_editors_its_schema() {
    assert!(Scheme::shipped().len() >= 13);
    for (code, toml) in Scheme::shipped() {
        assert!(toml.starts_with("#:schema ./scheme.schema.json\n"), "{code}");
        let scheme = Scheme::parse(toml).unwrap_or_else(|problems| panic!("{code}: {problems:?}"));
        assert_eq!(scheme.code(), *code);
        assert_eq!(scheme.source(), *toml);
        assert!(!scheme.name(Locale::ZhCn).is_empty() && !scheme.name(Locale::En).is_empty());
    }
}

#[test]
fn no_code_names_a_policy() {
    for (code, _) in Scheme::shipped() {
        for file in sources(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
            let text = std::fs::read_to_string(&file).unwrap();
            let code_lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            assert!(
                !code_lines.into_iter().any(|line| line.contains(&format!("\"{code}\""))),
                "{} names {code}",
                file.display()
            );
        }
    }
}

fn sources(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

#[test]
fn problems_point_at_their_line() {
    assert!(Scheme::parse(SMALL).is_ok());
    assert_eq!(problem(&SMALL.replace("fact.sales + 1", "fact.sale + 1"), "neither an input nor a figure"), (16, 12));
    problem(&SMALL.replace("fact.sales + 1", "fact.sale + 1"), "did you mean fact.sales?");
    problem(&SMALL.replace("of = \"score\"", "of = \"scroe\""), "did you mean score?");
    assert_eq!(problem(&SMALL.replace("fact.sales + 1", "fact.sales +"), "fact.sales +"), (16, 24));
    assert_eq!(problem(&SMALL.replace("formula =", "formul ="), "did you mean formula?"), (16, 1));
}

#[test]
fn formulas_are_typed() {
    let formula = |text: &str| SMALL.replace("\"fact.sales + 1\"", &format!("'{text}'"));
    problem(&formula("fact.bonus + 1"), "may be absent");
    problem(&formula("fact.sales / fact.sales"), "may be 0");
    problem(&formula("fact.sales && true"), "a condition is wanted");
    problem(&formula(r#"fact.sales == "good""#), "cannot be compared");
    problem(&formula(r#"choose(category == "excellent", 1, 2)"#), "no code of this scheme");
    problem(&formula("score + 1"), "depends on itself");
    problem(&formula("eval(\"1\")"), "no function eval");
    problem(&formula("print(fact.sales)"), "no function print");
    problem(&formula("choose(true, 1)"), "choose");
    problem(&formula("choose(true, 1, \"good\")"), "one type");
    problem(&formula("{ let x = 1; x }"), "");
    problem(&formula("if true { 1 } else { 2 }"), "");
    problem(&formula("param.nothing"), "no parameter");
    problem(&formula("unit.score"), "no units");
    problem(&formula("total()"), "no sheet");
    problem(&formula(&"(".repeat(500)), "");
    problem(&formula(&format!("{}1{}", "-(".repeat(100), ")".repeat(100))), "");
    for sound in [
        "fact.bonus ?? 0",
        "ratio(1, fact.sales, 0)",
        "max(1, fact.sales, 3)",
        "abs(-fact.sales)",
        "choose(fact.bonus > 1, 1, 200)",
        "fact.sales / 100",
        "choose(fact.sales == 0, 0, 500 / fact.sales)",
    ] {
        assert!(Scheme::parse(&formula(sound)).is_ok(), "{sound}: {:?}", Scheme::parse(&formula(sound)).err());
    }
}

#[test]
fn what_people_write_from_habit_is_told_as_it_is_written_here() {
    let formula = |text: &str| SMALL.replace("\"fact.sales + 1\"", &format!("'{text}'"));
    for (written, wanted) in [
        ("choose(fact.sales = 3, 1, 2)", "write == instead of ="),
        ("choose(fact.sales > 3 and true, 1, 2)", "write && instead of and"),
        ("choose(fact.sales > 3; 1; 2)", "write , instead of ;"),
        ("max（fact.sales，2）", "write ( instead of （"),
        ("fact.sales > 3 ? 1 : 2", "write choose(condition, value, otherwise) instead of ?"),
        ("if fact.sales > 3 then 1 else 2", "write choose(condition, value, otherwise) instead of if"),
        ("choose(fact.sales ≥ 3, 1, 2)", "write >= instead of ≥"),
        ("Sales", "did you mean fact.sales?"),
        ("fact.sales % 3", "there is no operator %"),
        ("fact.sales) + 1", ") has no meaning in a formula"),
        ("", "the formula ends too early"),
        ("(fact.sales", "here a ) is missing"),
        ("1 / 0", "may be 0"),
        ("79228162514264337593543950335 / 0.001", "too large"),
    ] {
        problem(&formula(written), wanted);
    }
}

#[test]
fn bands_are_reachable_and_complete() {
    problem(&SMALL.replace("from = 80", "from = 0"), "never be reached");
    problem(&SMALL.replace("from = 0 }", "from = 10 }"), "may be below the last band");
    problem(&SMALL.replace("grade = \"bad\", from", "grade = \"worse\", from"), "no code of this scheme");
}

#[test]
fn weights_and_parameters_are_checked() {
    let toml = Scheme::shipped().iter().find(|(code, _)| *code == "quarterly-coefficients").unwrap().1;
    problem(
        &toml.replace("A = 10, B = 20, C = 40, D = 20, E = 10", "A = 10, B = 20, C = 40, D = 20, E = 11"),
        "sum to 100",
    );
    let toml = Scheme::shipped().iter().find(|(code, _)| *code == "monthly-kpi").unwrap().1;
    problem(&toml.replace("weight = 50", "weight = 49"), "not 100");
    problem(&toml.replace("\"28 of M-1\"", "\"28th of last month\""), "no date relative");
    problem(&toml.replace("gives = [\"low_score\"]", "gives = [\"low\"]"), "not among the scheme's outcomes");
}

#[test]
fn a_scheme_as_deep_as_is_allowed_takes_neither_long_nor_the_stack() {
    // Given figures that read one another in a row, each at the bottom of a deep expression.
    let deep = |inner: &str| {
        let condition = (0..9).fold("fact.sales > 1".to_owned(), |c, _| format!("choose({c}, 1, 0) > fact.sales"));
        format!("{}{inner} + choose({condition}, 1, 0){}", "max(1, ".repeat(8), ")".repeat(8))
    };
    let chain = |length: usize| {
        let figure = |at: usize| {
            let inner = if at == 0 { "fact.sales".to_owned() } else { format!("f{}", at - 1) };
            format!(
                "[[people.figures]]\nname = \"f{at}\"\nlabel = {{ zh = \"图{at}\", en = \"f{at}\" }}\nformula = '{}'\n",
                deep(&inner)
            )
        };
        // The last one first, so that the whole chain is compiled in one go.
        let figures: Vec<String> = (0..length).rev().map(figure).collect();
        SMALL.replacen("[[people.figures]]", &format!("{}\n[[people.figures]]", figures.join("\n")), 1)
    };
    assert!(Scheme::parse(&chain(59)).is_ok(), "{:?}", Scheme::parse(&chain(59)).err());
    problem(&chain(70), "read one another in a row");
    // Too many of anything is told without working it out.
    let many: String =
        (0..401).map(|at| format!("{{ code = \"g{at}\", label = {{ zh = \"级{at}\", en = \"g{at}\" }} }}, ")).collect();
    problem(&SMALL.replace("grades = [", &format!("grades = [{many}")), "are too many");
}

#[test]
fn what_is_known_of_absent_values_is_not_too_much() {
    let formula = |text: &str| SMALL.replace("\"fact.sales + 1\"", &format!("'{text}'"));
    // A condition that does not hold may be due to an absent side: then nothing is known of the other.
    problem(&formula("choose(fact.bonus != fact.sales, 1, 10 / fact.sales)"), "may be 0");
    problem(&formula("choose(fact.bonus > fact.sales, 1, 10 / fact.sales)"), "may be 0");
    problem(&formula("choose(!(fact.bonus == 0), 10 / (fact.bonus ?? 0), 1)"), "may be 0");
    for sound in
        ["choose(fact.bonus > 0, 100 / (fact.bonus ?? 1), 200)", "choose(!(fact.sales == 0), 500 / fact.sales, 1)"]
    {
        assert!(Scheme::parse(&formula(sound)).is_ok(), "{sound}: {:?}", Scheme::parse(&formula(sound)).err());
    }
}

/// A sheet of two raters, the second of whom may be absent, to be broken.
fn rated(score: &str) -> String {
    let sheet = r#"
[[sheets]]
on = "people"
raters = [
  { name = "superior", label = { zh = "上级", en = "superior" } },
  { name = "peers", presence = "all_or_none", many = true, label = { zh = "同事", en = "peers" } },
]
items = [{ code = "work", weight = 100, label = { zh = "工作", en = "work" } }]
"#;
    format!("{}{sheet}", SMALL.replace("\"fact.sales + 1\"", &format!("'{score}'")))
}

#[test]
fn what_is_paid_is_said_to_use_pay_inputs_only_where_it_does() {
    // Given an amount that is paid and reads history, with and without a pay input beside them.
    let paid = |formula: &str| {
        let pay = "pay = [{ name = \"base\", label = { zh = \"基数\", en = \"base\" } }]\nfacts = [";
        let scheme = rated("item.work").replace("facts = [", pay);
        format!(
            "{scheme}\n[[people.figures]]\nname = \"award\"\nlabel = {{ zh = \"奖励\", en = \"award\" }}\nformula = '{formula}'\npay = true\n"
        )
    };
    let told = |formula: &str| {
        let problems = Scheme::parse(&paid(formula)).expect_err("a problem");
        problems.iter().map(|problem| problem.message.en.clone()).collect::<Vec<_>>().join("; ")
    };
    // When they are checked, then the cause is what they do.
    let (with, without) = (told("pay.base * (previous.score ?? 0)"), told("10 * (previous.score ?? 0)"));
    assert!(with.contains("award uses pay inputs together with ratings"), "{with}");
    assert!(without.contains("award is paid, and pay reads no ratings"), "{without}");
    assert!(!without.contains("uses pay inputs"), "{without}");
}

#[test]
fn a_score_is_never_negative() {
    problem(&SMALL.replace("fact.sales + 1", "fact.sales - 1"), "the score may be negative (-1 or more)");
    let bounded = SMALL.replace("formula = \"fact.sales + 1\"", "formula = \"fact.sales - 1\"\nmin = 0");
    assert!(Scheme::parse(&bounded).is_ok(), "{:?}", Scheme::parse(&bounded).err());
}

#[test]
fn every_item_stands_in_a_section_where_sections_are_weighed_one_by_one() {
    let sheet = |section: &str| {
        let sections = "sections = [{ code = \"s\", label = { zh = \"段\", en = \"s\" } }]\nitems = [";
        let free =
            format!("\n  {{ code = \"free\", weight = 30, label = {{ zh = \"外\", en = \"free\" }}{section} }},\n  ");
        rated("item.work")
            .replace("items = [", &format!("{sections}{free}"))
            .replace("weight = 100,", "weight = 100, section = \"s\",")
    };
    problem(&sheet(""), "the weights of this sheet sum to 130, not 100");
}

#[test]
fn figures_hang_together_as_their_formulas_mean() {
    // Given an input of an item that has the name of a figure which reads the item.
    let input = "inputs = [{ name = \"extra\", label = { zh = \"数\", en = \"extra\" } }]";
    let item =
        format!("{{ code = \"work\", raters = [\"superior\", \"peers\"], score = \"min(weight, extra)\", {input},");
    let sound = rated("total()").replace("{ code = \"work\",", &item);
    let figure =
        "[[people.figures]]\nname = \"extra\"\nlabel = { zh = \"奖\", en = \"extra\" }\nformula = \"item.work\"\n";
    let sound = sound.replacen("[[people.figures]]", &format!("{figure}\n[[people.figures]]"), 1);
    assert!(Scheme::parse(&sound).is_ok(), "{:?}", Scheme::parse(&sound).err());
    // And a true circle.
    problem(
        &sound.replace("min(weight, extra)", "min(weight, score)"),
        "depends on itself: item.work → score → item.work",
    );
}

#[test]
fn dates_and_terms_are_near_the_period() {
    let staged = |opens: &str| {
        let label = "label = { zh = \"段\", en = \"s\" }";
        format!("{SMALL}\n[[stages]]\ncode = \"s\"\nrole = \"hr\"\ndoes = \"score\"\n{label}\nopens = \"{opens}\"\n")
    };
    assert!(
        Scheme::parse(&staged("last of Feb of Y+1")).is_ok(),
        "{:?}",
        Scheme::parse(&staged("last of Feb of Y+1")).err()
    );
    for far in [
        "1 of M+300000",
        "1 of M-2147483648",
        "1 of Jan of Y+30000",
        "99999999 days after end",
        "4000000000 working days after end",
        "800000000 weeks after end",
    ] {
        problem(&staged(far), "is no date relative to the period");
    }
    let appeal = |within: &str| format!("{SMALL}\n[appeal]\nanswer_within = \"{within}\"\n");
    problem(&appeal("4000000000 working days"), "no number of days");
    problem(&staged("1 of M").replace("\"hr\"", "\"boss\""), "\"boss\" is none of employee");
    problem(&staged("1 of M").replace("\"score\"", "\"scores\""), "did you mean score?");
    problem(&appeal("7 days\"\nlevels = [\"huaman\"]\n# \""), "there is no huaman");
}

#[test]
fn a_value_of_several_forms_is_told_of_where_it_does_not_fit() {
    let table = |values: &str| {
        let label = "label = { zh = \"表\", en = \"t\" }";
        format!("{SMALL}\n[[parameters]]\nname = \"t\"\n{label}\ndefault = {values}\n")
    };
    let (line, column) = problem(&table("{ A = 1, B = 0.5 }"), "0.5 is a float, which is not exact: write \"0.5\"");
    assert_eq!((line, column), (26, 24));
    problem(&table("{ A = { x = 1, y = 0.5 } }"), "0.5 is a float, which is not exact");
    problem(&table("[1]"), "a list does not fit here");
}

#[test]
fn a_parameter_is_there_to_be_read() {
    let more = "[[parameters]]\nname = \"rate\"\nlabel = { zh = \"率\", en = \"rate\" }\ndefault = 1\n";
    problem(&format!("{SMALL}\n{more}"), "nothing reads rate");
    let read = SMALL.replace("fact.sales + 1", "fact.sales + param.rate");
    assert!(Scheme::parse(&format!("{read}\n{more}")).is_ok());
}

#[test]
fn what_a_company_may_leave_unset_has_something_that_stands_in() {
    let with = |formula: &str, more: &str| {
        let read = SMALL.replace("fact.sales + 1", formula);
        format!(
            "{read}\n[[parameters]]\nname = \"cap\"\nlabel = {{ zh = \"限\", en = \"cap\" }}\noptional = true\n{more}"
        )
    };
    problem(&with("min(fact.sales, param.cap)", ""), "may be absent");
    problem(&with("min(fact.sales, param.cap ?? 100)", "default = 1\n"), "it is never unset");
    problem(&with("min(fact.sales, 1 / (param.cap ?? 1))", ""), "the divisor may be 0");
    let scheme = Scheme::parse(&with("min(fact.sales, param.cap ?? 100)", "")).unwrap();
    let score = |parameters: serde_json::Value| {
        let case = serde_json::json!({ "policy": "small", "period": "2026-10", "parameters": parameters,
            "employees": [{ "number": "E", "facts": { "sales": "120" } }] });
        domain::simulate::run_with(&scheme, &case).unwrap()["employees"]["E"]["score"].clone()
    };
    assert_eq!((score(serde_json::json!({})), score(serde_json::json!({ "cap": "90" }))), ("100".into(), "90".into()));
}

#[test]
fn who_leads_a_unit_gets_what_is_said_to_be_theirs() {
    let rule = |keys: &str| {
        let outcome = "outcomes = [{ code = \"o\", label = { zh = \"果\", en = \"o\" } }]\n\n[units]\nscore = { max = 100 }\nhead = { co_head = true }\n\n[people]";
        let figure = "[[units.figures]]\nname = \"score\"\nlabel = { zh = \"分\", en = \"s\" }\nformula = \"given\"\n";
        let rules = format!("[[units.rules]]\ngives = [\"o\"]\nwhen = 'run(score > 3) == 2'\n{keys}\n");
        format!("{}\n{figure}\n{rules}", SMALL.replace("[people]", outcome))
    };
    let sound = rule("to_head = true\nown_history = true");
    assert!(Scheme::parse(&sound).is_ok(), "{:?}", Scheme::parse(&sound).err());
    for keys in ["own_history = true", "to_head = true\nown_history = true\nfirst_of = \"g\""] {
        problem(&rule(keys), "own_history is said of outcomes that are the head's");
    }
}

#[test]
fn months_of_the_period_are_those_of_longer_ones() {
    let yearly = SMALL.replace("form = \"month\"", "form = \"year\"");
    let counted = |scheme: &str, of: &str| scheme.replace("fact.sales + 1", &format!("fact.sales + months({of})"));
    problem(&counted(SMALL, "score > 3"), "a month has no months of its own");
    problem(&counted(&yearly, "run(score > 3) == 1"), "one cannot stand within another");
    problem(&counted(&yearly, "fact.sales > 3"), "name no fact and no other figure");
    problem(&counted(&yearly, "score + 1 > 3"), "may be absent");
    let sound = counted(&yearly, "grade == 'bad' || !known(grade) && score < 60").replace('\'', "\\\"");
    let scheme = Scheme::parse(&sound).unwrap();
    let case = serde_json::json!({ "policy": "small", "period": "2026", "employees": [{ "number": "E",
        "facts": { "sales": "1" }, "history": [
            { "period": "2026-01", "score": "59" }, { "period": "2026-02", "score": "59", "grade": "good" },
            { "period": "2026-03", "grade": "bad" }, { "period": "2025-12", "grade": "bad" } ] }] });
    let results = domain::simulate::run_with(&scheme, &case).unwrap();
    assert_eq!(results["employees"]["E"]["score"], "3");
}

#[test]
fn of_what_is_no_toml_the_first_error_is_told() {
    let problems = Scheme::parse(&SMALL.replace("name = \"sales\"", "name = sales, what")).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].line, 9);
}

#[test]
fn only_a_scheme_with_units_ranks_within_them() {
    let ranked = SMALL.replace("formula = \"fact.sales + 1\"", "rank = { by = \"fact.sales\", within = \"unit\" }");
    problem(&ranked, "this scheme knows no units");
    let gathered = SMALL.replace("formula = \"fact.sales + 1\"", "gather = { of = \"units\", how = \"count\" }");
    problem(&gathered, "this scheme knows no units");
}

#[test]
fn a_sum_that_is_shared_is_one_for_all_who_share_it() {
    let split = |pool: &str, more: &str| {
        let split = format!("split = {{ pool = \"{pool}\", weight = \"fact.sales\", within = \"company\" }}{more}");
        SMALL.replace("formula = \"fact.sales + 1\"", &split)
    };
    assert!(Scheme::parse(&split("1000", "")).is_ok(), "{:?}", Scheme::parse(&split("1000", "")).err());
    problem(&split("fact.sales", ""), "the pool is one sum for all who share it");
    problem(&split("1000", "\nmax = 10"), "min, max and round have no meaning");
}

#[test]
fn earlier_periods_are_looked_at_by_score_and_grade() {
    let rule = |when: &str, gives: &str| {
        let outcome = "outcomes = [{ code = \"o\", label = { zh = \"果\", en = \"o\" } }]\n\n[people]";
        let rules = format!("[[people.rules]]\ngives = [\"{gives}\"]\nas = \"warning\"\nwhen = '{when}'\n");
        format!("{}\n{rules}", SMALL.replace("[people]", outcome))
    };
    let sound = rule("run(score >= 60 && grade == \"good\") == 2", "o:{number}");
    assert!(Scheme::parse(&sound).is_ok(), "{:?}", Scheme::parse(&sound).err());
    problem(&rule("run(fact.sales > 3) == 2", "o"), "name no fact and no other figure");
    problem(&rule("run(nth(score > 3) == 2) == 2", "o"), "one cannot stand within another");
    problem(&rule("score > 3", "o:{name}"), "{name} stands for nothing here");
}

#[test]
fn points_are_read_only_of_raters_who_give_them() {
    assert!(
        Scheme::parse(&rated("points(\"superior\")")).is_ok(),
        "{:?}",
        Scheme::parse(&rated("points(\"superior\")")).err()
    );
    problem(&rated("points(\"peers\")"), "peers may be absent: ask rated(\"peers\") first");
    for sound in [
        "choose(rated(\"peers\"), points(\"peers\"), points(\"superior\"))",
        "choose(!rated(\"peers\"), 0, points(\"peers\"))",
        "choose(rated(\"peers\") && fact.sales > 0, points(\"peers\"), 1)",
    ] {
        assert!(Scheme::parse(&rated(sound)).is_ok(), "{sound}: {:?}", Scheme::parse(&rated(sound)).err());
    }
}

#[test]
fn a_scheme_in_use_stays_readable_when_checks_grow_stricter() {
    // Given a scheme with an outcome that no rule gives.
    let lax = SMALL
        .replace("[people]", "outcomes = [{ code = \"never\", label = { zh = \"无\", en = \"never\" } }]\n\n[people]");
    problem(&lax, "never can never come about");
    assert!(Scheme::in_use(&lax).is_ok());
    // Nor is it in the way that a divisor may be 0: that is told of the case that has it.
    assert!(Scheme::in_use(&SMALL.replace("fact.sales + 1", "1 / fact.sales")).is_ok());
    // What cannot be computed is refused still.
    assert!(Scheme::in_use(&SMALL.replace("fact.sales + 1", "fact.nothing")).is_err());
}

#[test]
fn floats_are_refused() {
    problem(&SMALL.replace("from = 80", "from = 80.5"), "80.5 is a float, which is not exact: write \"80.5\"");
}

#[test]
fn periods_know_their_days_and_months() {
    let period = |text: &str| text.parse::<Period>().unwrap();
    assert_eq!(period("2026-Q3").first_day(), date(2026, 7, 1));
    assert_eq!(period("2026-H1").last_day(), date(2026, 6, 30));
    assert_eq!(period("FY2002").first_day(), date(2002, 4, 1));
    assert_eq!(period("FY2002").last_day(), date(2003, 3, 31));
    assert_eq!(period("2026-01").previous(), period("2025-12"));
    assert_eq!(period("2026-Q1").previous(), period("2025-Q4"));
    assert_eq!(period("2026-H2").previous(), period("2026-H1"));
    assert_eq!(period("FY2002").months().len(), 12);
    assert_eq!(period("2026-H2").months()[0], period("2026-07"));
    assert!(period("2026-09") < period("2026-10"));
    assert_eq!(serde_json::to_string(&period("2026-Q3")).unwrap(), "\"2026-Q3\"");
    for wrong in ["2026-Q5", "2026-H0", "2026-13", "FY26", "2026-", "2026-Q", "0000"] {
        assert!(wrong.parse::<Period>().is_err(), "{wrong}");
    }
}

#[test]
fn months_may_run_from_the_26th() {
    let scheme = scheme("property-services");
    let period = "2026-03".parse().unwrap();
    assert_eq!((scheme.first_day(&period), scheme.last_day(&period)), (date(2026, 2, 26), date(2026, 3, 25)));
}

#[test]
fn stages_are_dated_relative_to_the_period() {
    let calendar = WorkingCalendar::default();
    let dated =
        |code: &str, cadence: &str, period: &str| scheme(code).calendar(cadence, &period.parse().unwrap(), &calendar);
    // A day that the month does not have is its last.
    let february = dated("sales-monthly", "monthly", "2026-02");
    assert_eq!(february[0].due, Some(date(2026, 2, 28)));
    let march = dated("monthly-kpi", "monthly", "2026-03");
    let submit = march.iter().find(|stage| stage.stage == "submit_plan").unwrap();
    assert_eq!(submit.opens, date(2026, 2, 28));
    let leap = dated("college-departments", "annual", "2027");
    assert_eq!(leap[3].due, Some(date(2028, 2, 29)));
    let second_half = dated("four-categories", "half_yearly", "2026-H2");
    assert_eq!(
        (second_half.len(), second_half[0].opens, second_half[0].due),
        (1, date(2027, 1, 4), Some(date(2027, 1, 10)))
    );
    assert!(dated("monthly-grades", "monthly", "2026-03").is_empty());
    assert_eq!(scheme("monthly-grades").stages("monthly").len(), 8);
}

#[test]
fn working_days_mind_holidays_and_days_in_lieu() {
    let calendar = WorkingCalendar {
        non_working: [date(2026, 10, 1), date(2026, 10, 2)].into(),
        working: [date(2026, 10, 10)].into(),
    };
    assert_eq!(calendar.nth_after(date(2026, 9, 30), 1), date(2026, 10, 5));
    assert_eq!(calendar.nth_after(date(2026, 10, 9), 1), date(2026, 10, 10));
    assert!(!calendar.is_working(date(2026, 10, 11)) && calendar.is_working(date(2026, 10, 10)));
    assert_eq!(calendar.nth_after(date(2026, 10, 10), 0), date(2026, 10, 10));
}

#[test]
fn services_can_ask_what_a_scheme_needs() {
    let monthly = scheme("monthly-kpi");
    let sheet = monthly.sheet("monthly", None).unwrap();
    assert_eq!(sheet.items.len(), 14);
    let evaluation = sheet.items.iter().find(|item| item.code == "evaluation").unwrap();
    assert_eq!(evaluation.inputs[0].max, Some(Decimal::from(6)));
    let needs = |code: &str, points: &str| {
        let item = sheet.items.iter().find(|item| item.code == code).unwrap();
        item_points_need_evidence(sheet.evidence.as_ref(), item.evidence, item.weight, points.parse().unwrap())
    };
    let evidence = |points: &str| needs("evaluation", points);
    assert!(evidence("5") && evidence("2") && evidence("5.5") && !evidence("4.5") && !evidence("2.5"));
    // HR names the announcement for anything below the full 2 points.
    assert!(needs("conduct", "1.5") && !needs("conduct", "2"));
    assert!(!needs("execution", "1"));
    let names = |views: Vec<domain::scheme::InputView>| views.into_iter().map(|view| view.name).collect::<Vec<_>>();
    assert_eq!(names(monthly.pay_inputs("monthly", None)), ["base_salary"]);
    assert_eq!(names(monthly.facts(Kind::Units, "monthly", None)), ["average_forms"]);
    let needs = monthly.history_needs("monthly", Kind::People);
    assert!(needs.score && needs.grade && !needs.months_of_period);
    assert_eq!(monthly.scope("monthly"), Scope::Unit);
    for (code, cadence, wanted) in [
        ("annual-ranking", "annual", Scope::Company),
        ("quarterly-coefficients", "quarterly", Scope::Company),
        ("property-services", "monthly", Scope::Unit),
        ("college-departments", "annual", Scope::Company),
        ("four-categories", "monthly", Scope::Unit),
        ("four-categories", "half_yearly", Scope::Company),
        ("multi-rater", "monthly", Scope::Unit),
    ] {
        assert_eq!(scheme(code).scope(cadence), wanted, "{code} {cadence}");
    }
    let revenue = scheme("revenue-target");
    assert_eq!(names(revenue.pay_inputs("monthly", Some("loan_sales"))), ["commission_rate", "base_pay"]);
    assert_eq!(names(revenue.pay_inputs("annual", Some("guarantee"))), Vec::<String>::new());
    assert!(scheme("property-services").unit_sheet("monthly", Some("functional")).is_some());
    assert!(scheme("sales-monthly").sheet("annual", Some("salesperson")).is_none());
}

#[test]
fn the_model_has_a_json_schema_and_may_be_given_as_json() {
    assert!(Scheme::json_schema()["properties"]["cadences"].is_object());
    let toml: serde_json::Value = toml::from_str(SMALL).unwrap();
    assert_eq!(Scheme::from_json(&toml).unwrap().code(), "small");
}

/// The file beside the schemes, against which editors complete.
#[test]
fn the_schema_for_editors_is_that_of_the_code() {
    let path = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/schemes/scheme.schema.json"));
    let now = format!("{:#}\n", Scheme::json_schema());
    if std::env::var_os("STEELYARD_WRITE_DOCS").is_some() {
        std::fs::write(path, &now).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap();
    assert!(kept == now, "bring it up to date: STEELYARD_WRITE_DOCS=1 cargo test -p domain the_schema_for_editors");
}

fn without_meaning(at: &str, schema: &serde_json::Value, found: &mut Vec<String>) {
    for (key, value) in schema["properties"].as_object().into_iter().flatten() {
        if value["description"].as_str().is_none_or(str::is_empty) {
            found.push(format!("{at}.{key}"));
        }
    }
    for codes in schema["oneOf"].as_array().into_iter().flatten().filter_map(|one| one["enum"].as_array()) {
        found.extend(codes.iter().map(|code| format!("{at} {code}")));
    }
}

#[test]
fn every_key_of_the_model_says_what_it_means() {
    let schema = Scheme::json_schema();
    let mut found = Vec::new();
    without_meaning("scheme", &schema, &mut found);
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        without_meaning(name, definition, &mut found);
    }
    assert_eq!(found, Vec::<String>::new());
}

/// So many figures for so many categories in so many cadences, each a formula of 6 names and numbers.
fn wide(cadences: usize, categories: usize, figures: usize) -> String {
    let label = "label = { zh = \"一\", en = \"one\" }";
    let all = |count: usize, one: &dyn Fn(usize) -> String| (0..count).map(one).collect::<Vec<_>>();
    let cadences = all(cadences, &|at| format!("{{ code = \"c{at}\", form = \"month\", named = true, {label} }}"));
    let categories = all(categories, &|at| format!("{{ code = \"k{at}\", {label} }}"));
    let formula = "choose(fact.x > 0, fact.x, 0)";
    let figures =
        all(figures, &|at| format!("{{ name = \"f{at}\", {label}, formula = \"{formula}\", output = \"own\" }}"));
    format!(
        "code = \"wide\"\nname = {{ zh = \"宽\", en = \"wide\" }}\ncadences = [{}]\n[people]\ncategories = [{}]\n\
         facts = [{{ name = \"x\", {label} }}]\nfigures = [{}]\n",
        cadences.join(","),
        categories.join(","),
        figures.join(",")
    )
}

#[test]
fn a_scheme_that_takes_too_much_work_is_refused_with_how_much_before_any_of_it_is_done() {
    // 6 names and numbers and the figure itself, for each cadence and category; and the fact in each cadence.
    let fine = Scheme::in_use(&wide(2, 3, 4)).unwrap();
    assert_eq!(fine.work(), (2 * 3 * 4 * 6 + 2, 200_000));

    for refused in [Scheme::parse(&wide(12, 60, 399)), Scheme::in_use(&wide(12, 60, 399))] {
        let problems = refused.unwrap_err();
        assert_eq!(problems.len(), 1);
        let work = 12 * 60 * 399 * 6 + 12;
        assert!(problems[0].message.en.contains(&format!("are {work}; at most 200000")), "{}", problems[0].message);
    }
}

#[test]
fn a_list_that_is_too_long_is_refused_in_a_scheme_in_use_too() {
    let problems = Scheme::in_use(&wide(1, 1, 401)).unwrap_err();
    assert_eq!(problems[0].message.en, "401 entries are too many: at most 400");
}

#[test]
fn the_shipped_schemes_take_a_small_part_of_the_work_that_is_accepted() {
    for (code, source) in Scheme::shipped() {
        let (work, most) = Scheme::in_use(source).unwrap().work();
        assert!(work * 10 < most, "{code} takes {work}");
    }
}

#[test]
fn given_a_name_of_two_lines_when_checked_then_it_is_refused() {
    let broken = SMALL.replace(r#"en = "small" }"#, r#"en = "small\r\nBcc: all" }"#);
    problem(&broken, "invisible character U+000D");
}

#[test]
fn levels_of_an_appeal_name_somebody_who_can_decide_and_end_with_them() {
    let levels = |levels: &str| format!("{SMALL}\n[appeal]\nlevels = {levels}\n");
    for (wrong, wanted) in [
        ("[\"huaman\"]", "there is no huaman"),
        ("[\"hr\"]", "hr is written role.hr now"),
        ("[\"peers\"]", "peers cannot decide"),
        ("[\"role.employee\"]", "role.employee cannot decide"),
        ("[\"self\"]", "nobody decides about their own appeal"),
        ("[[]]", "nobody is named"),
        ("[\"role.hr\", \"role.hr\"]", "this level is there twice"),
        ("[\"role.hr\", [\"superior\", \"self\"]]", "the last level needs somebody else"),
    ] {
        problem(&levels(wrong), wanted);
    }
    let group = |group: &str| format!("{}group = {group}\n", levels("[[\"superior\", \"self\"], \"body.group\"]"));
    problem(&group("{ min = 4, max = 4, odd = true }"), "no such number is odd");
    problem(&group("{ min = 3, max = 5, representatives = { staff = 6 } }"), "more than the group may have");
    problem(&group("{ min = 3, max = 5 }").replace("body.group", "role.hr"), "no level is decided by a body");
    let fine = Scheme::parse(&group("{ min = 3, max = 5, odd = true, representatives = { staff = 1 } }"));
    assert_eq!(fine.unwrap().bodies(), ["group".to_owned()].into());
}

#[test]
fn who_decides_an_appeal_stays_readable_as_older_versions_wrote_it() {
    let older = "levels = [\"superior_of_superior\", \"hr\", \"committee\", \"leading_group\"]";
    let scheme = Scheme::in_use(&format!("{SMALL}\n[appeal]\nanswer_within = \"7 days\"\n{older}\n")).unwrap();
    let levels: Vec<String> =
        scheme.appeal_terms().unwrap().levels().iter().flatten().map(ToString::to_string).collect();
    assert_eq!(levels, ["superior.superior", "role.hr", "role.committee_member", "body.leading_group"]);
    let without = Scheme::in_use(&format!("{SMALL}\n[appeal]\nanswer_within = \"7 days\"\n")).unwrap();
    let levels = without.appeal_terms().unwrap().levels();
    assert_eq!(levels.iter().flatten().map(ToString::to_string).collect::<Vec<_>>(), ["role.hr"]);
}

#[test]
fn given_a_number_of_several_when_it_cannot_be_one_value_then_the_check_says_why() {
    let with = |says: &str| {
        let fact = format!(r#"{{ name = "sales", label = {{ zh = "销", en = "sales" }}, {says} }}"#);
        SMALL.replace(r#"{ name = "sales", label = { zh = "销", en = "sales" } }"#, &fact)
    };
    let several = r#"by = [["role.hr", "superior"]]"#;
    assert!(Scheme::parse(&with(&format!(r#"{several}, combine = "mean""#))).is_ok());
    assert!(Scheme::parse(&with(&format!(r#"{several}, kind = "count", combine = "sum""#))).is_ok());
    problem(&with(r#"by = ["role.hr", "superior"], combine = "sum""#), "several together");
    problem(&with(&format!(r#"{several}, default = 0, combine = "sum""#)), "no optional, no default");
    problem(&with(&format!(r#"{several}, kind = "count", combine = "mean""#)), "counts only added up");
    problem(&with(&format!(r#"{several}, max = 10, combine = "sum""#)), "leave the bounds");
    problem(&with(&format!(r#"{several}, step = 1, combine = "mean""#)), "leave the bounds");
}

#[test]
fn given_stages_in_which_somebody_decides_when_nobody_can_then_the_check_says_why() {
    let with = |stages: &str| {
        let sheet = r#"
[[sheets]]
raters = [{ name = "superior", label = { zh = "上级", en = "superior" } }]
items = [{ code = "work", label = { zh = "工作", en = "work" }, weight = 100 }]
"#;
        let score = r#"
[[stages]]
code = "score"
label = { zh = "评分", en = "scores" }
does = "score"
"#;
        format!("{SMALL}{sheet}{score}{stages}")
    };
    let stage = |says: &str| {
        with(&format!("\n[[stages]]\ncode = \"approve\"\nlabel = {{ zh = \"批\", en = \"approval\" }}\n{says}\n"))
    };
    let approve = |says: &str| stage(&format!("does = \"approve\"\n{says}"));
    let sound = approve("by = [[\"role.hr\", \"head\"], \"body.council\"]\non = \"units\"\nback_to = \"score\"");
    let scheme = Scheme::parse(&sound).unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!(scheme.bodies().into_iter().collect::<Vec<_>>(), ["council"]);
    let called = |bodies: &str| format!("bodies = [{bodies}]\n{sound}");
    let council = "{ code = \"council\", label = { zh = \"理事会\", en = \"the council\" } }";
    let explained = domain::words::explain(&Scheme::parse(&called(council)).unwrap(), Locale::ZhCn);
    assert!(explained.contains("理事会") && !explained.contains("机构 council"), "{explained}");
    problem(&called(&council.replace("\"council\"", "\"board\"")), "names no body board");
    problem(&called(&format!("{council}, {council}")), "twice");
    let settled = stage("does = \"settle\"\non = \"units\"\nby = [\"role.hr\"]\nfor = [\"staff\"]");
    problem(&settled, "confirmed person by person");
    problem(&approve("by = [\"head\"]"), "head cannot decide about a whole cycle");
    problem(&approve("by = [\"self\"]\non = \"units\""), "self cannot decide about a unit");
    problem(&approve("by = [\"superior\"]\non = \"units\""), "do not approve it alone");
    problem(&approve("by = [\"role.hr\", \"role.hr\"]"), "there twice");
    problem(&approve("by = [\"role.hr\"]\nback_to = \"none\""), "no stage none before it");
    problem(&approve("by = [\"role.hr\"]\nrole = \"hr\""), "leave role out");
    problem(&approve("on = \"units\""), "only with by");
    problem(&stage("does = \"publish\"\nby = [\"role.hr\"]"), "does not say by whom");
    let paid = format!(
        "{sound}\n[[people.pay]]\nname = \"base\"\nlabel = {{ zh = \"基数\", en = \"base\" }}\n[[people.figures]]\nname = \"bonus\"\nlabel = {{ zh = \"奖金\", en = \"bonus\" }}\nformula = \"pay.base\"\npay = true\n"
    );
    let pay = |by: &str| format!("{paid}\n[pay]\nby = {by}\n");
    let fine = Scheme::parse(&pay("[[\"role.hr\", \"role.finance\"], \"body.board\"]")).unwrap();
    assert_eq!(fine.bodies().into_iter().collect::<Vec<_>>(), ["board", "council"]);
    assert_eq!(fine.pay_approval().len(), 2);
    problem(&pay("[]"), "nobody is named");
    problem(&pay("[\"head\"]"), "head decides nothing about pay");
    problem(&pay("[\"role.hr\", \"role.hr\"]"), "there twice");
    problem(&format!("{sound}\n[pay]\nby = [\"role.hr\"]\n"), "nothing is paid");
    let checked = |by: &str| paid.replace("en = \"base\" }", &format!("en = \"base\" }}\nchecked_by = {by}"));
    let fine = Scheme::parse(&checked("[\"role.finance\", \"body.board\"]")).unwrap();
    assert!(fine.bodies().contains("board"));
    assert_eq!(fine.pay_checks().map(|(name, by)| (name, by.len())).collect::<Vec<_>>(), [("base", 2)]);
    let explained = domain::words::explain(&fine, Locale::En);
    assert!(explained.contains("counts once checked by finance"), "{explained}");
    problem(&checked("[\"head\"]"), "head decides nothing about pay");
    problem(&checked("[\"role.hr\", \"role.hr\"]"), "there twice");
    let opinion = |says: &str| stage(&format!("does = \"opinion\"\non = \"people\"\nby = [\"superior\"]\n{says}"));
    assert!(Scheme::parse(&opinion("after = []")).is_ok() && Scheme::parse(&opinion("")).is_ok());
    problem(&opinion("after = [\"score\"]"), "as soon as results are computed");
    let interview = |says: &str| stage(&format!("does = \"interview\"\n{says}"));
    assert!(Scheme::parse(&interview("on = \"people\"\nby = [\"head\"]\nknown = true")).is_ok());
    problem(&interview("by = [\"head\"]"), "it is on people");
    problem(&interview("on = \"people\"\nby = [\"body.council\"]"), "body.council does not do this");
    problem(&interview("on = \"people\"\nby = [\"head\", \"superior\"]"), "one does it with each person");
    problem(&interview("known = true"), "only with by");
    problem(&approve("by = [\"role.hr\"]\nknown = true"), "only an interview");
    problem(&approve("by = [\"role.hr\"]\non = \"people\""), "only interview, opinion and confirm are on people");
    let early = sound.replacen("does = \"score\"", "does = \"review\"\nby = [\"role.hr\"]", 1);
    problem(
        &format!("{early}\n[[stages]]\ncode = \"last\"\nlabel = {{ zh = \"末\", en = \"last\" }}\ndoes = \"score\"\n"),
        "comes after what is scored",
    );
    problem(&format!("{sound}\n[workflow]\napprovals = [\"hr\"]\n"), "there is no key approvals");
}

#[test]
fn plans_and_sheets_are_decided_about_by_others_than_those_who_write_them() {
    let stage =
        |says: &str| format!("{SMALL}\n[[stages]]\ncode = \"x\"\nlabel = {{ zh = \"定\", en = \"agree\" }}\n{says}\n");
    for sound in [
        "does = \"plan\"\non = \"units\"\nby = [\"leader\", [\"role.hr\", \"role.finance\"], \"body.group\"]",
        "does = \"plan\"\non = \"people\"\nby = [\"superior\", \"superior.superior\"]",
        "does = \"settle\"\non = \"units\"\nby = [\"head\"]",
        "does = \"approve_plan\"\nby = [\"leader\"]",
    ] {
        Scheme::parse(&stage(sound)).unwrap_or_else(|problems| panic!("{sound}: {problems:?}"));
    }
    problem(&stage("does = \"plan\"\nby = [\"superior\"]"), "it is on people or units");
    problem(&stage("does = \"plan\"\non = \"units\"\nby = [\"head\"]"), "head cannot decide here");
    problem(&stage("does = \"plan\"\non = \"people\"\nby = [\"self\"]"), "self cannot decide here");
    problem(&stage("does = \"approve_plan\"\non = \"people\"\nby = [\"head\"]"), "only plans of units");
    problem(
        &stage("does = \"settle\"\non = \"units\"\nby = [\"head\"]\nback_to = \"score\""),
        "goes to whoever wrote it",
    );
    let report = |says: &str| stage(&format!("does = \"report\"\n{says}"));
    let asked = "form = [{ code = \"done\", label = { zh = \"完成\", en = \"done\" } }]";
    let sound = report(&format!("on = \"people\"\nby = [\"superior\", \"self\"]\n{asked}"));
    let told = domain::words::explain(&Scheme::parse(&sound).unwrap(), Locale::En);
    assert!(told.contains("confirmed by"), "{told}");
    problem(&report(&format!("by = [\"self\"]\n{asked}")), "it is on people or on units");
    let of_units = |by: &str| report(&format!("on = \"units\"\nby = {by}\n{asked}"));
    let fine = Scheme::parse(&of_units("[\"leader\", \"role.executive\"]")).unwrap();
    let told = domain::words::explain(&fine, Locale::En);
    assert!(told.contains("unit by unit"), "{told}");
    problem(&of_units("[\"self\"]"), "self neither writes nor confirms it");
    problem(&report("on = \"people\"\nby = [\"self\"]"), "it asks 1 to 20 things");
    problem(&report(&format!("on = \"people\"\nby = [[\"self\", \"head\"]]\n{asked}")), "one writes it");
    problem(&report(&format!("on = \"people\"\nby = [\"body.group\"]\n{asked}")), "neither writes nor confirms");
    problem(&stage(&format!("does = \"score\"\n{asked}")), "only a report that says by whom");
    let duty =
        |says: &str| format!("{SMALL}\n[[duties]]\ncode = \"x\"\nlabel = {{ zh = \"表\", en = \"form\" }}\n{says}\n");
    let dated = Scheme::parse(&duty("due = \"13 of M\"")).unwrap();
    let due = dated.duties("monthly")[0].due_in(&"2026-02".parse().unwrap(), &WorkingCalendar::default());
    assert_eq!(due, Some(date(2026, 2, 13)));
    assert!(domain::words::explain(&dated, Locale::En).contains("13"), "its day is told");
    problem(&duty("due = \"soon\""), "it is no day");
    problem(&duty("counts = \"fact.x\""), "nothing that is counted");
    let plans = |says: &str| format!("{SMALL}\n[[plans]]\n{says}\n");
    let yearly = plans("on = \"units\"\nevery = \"year\"\nby = [\"body.office\"]\nchanged_within_months = 1");
    let scheme = Scheme::parse(&yearly).unwrap();
    let told = domain::words::explain(&scheme, Locale::En);
    assert!(told.contains("changed after approval only in the first 1 month of a period"), "{told}");
    let terms = scheme.plan_terms(domain::scheme::source::StageOn::Units).unwrap();
    assert_eq!(scheme.plan_changed_until(terms, date(2026, 8, 3)), Some(date(2026, 8, 31)), "the cadence is monthly");
    assert_eq!(terms.period_of(&"2026-08".parse().unwrap()).unwrap().to_string(), "2026");
    problem(&plans("on = \"cycle\"\nevery = \"year\""), "it is on people or units");
    problem(&plans("on = \"units\"\nevery = \"year\"\n[[plans]]\non = \"units\"\nevery = \"month\""), "there before");
    problem(&plans("on = \"units\"\nevery = \"year\"\nchanged_within_months = 0"), "more than 0");
}

#[test]
fn what_may_be_moved_is_a_figure_that_is_no_pay_and_somebody_may_move_it() {
    let with = |adjust: &str| format!("{SMALL}\n[[adjust]]\n{adjust}\n");
    let by = "by = [\"role.executive\", \"body.group.leader\"]";
    let fine = Scheme::parse(&with(&format!("figure = \"score\"\nup_to = 5\n{by}"))).unwrap();
    assert_eq!(fine.bodies(), ["group".to_owned()].into());
    let told = domain::words::explain(&fine, Locale::En);
    assert!(told.contains("by 5 up or down at most"), "{told}");
    problem(&with(&format!("figure = \"scores\"\n{by}")), "there is no figure scores");
    problem(&with(&format!("figure = \"score\"\nup_to = 0\n{by}")), "more than 0");
    problem(&with(&format!("figure = \"grade\"\nup_to = 1\n{by}")), "only a number");
    problem(&with("figure = \"score\"\nby = []"), "nobody is named");
    problem(&with("figure = \"score\"\nby = [\"superior\"]"), "superior moves nothing");
    let twice = format!("figure = \"score\"\n{by}\n[[adjust]]\nfigure = \"score\"\n{by}");
    problem(&with(&twice), "score is there before");
    let older = format!("{SMALL}\n[workflow]\nadjustable_by = [\"executive\"]\n");
    assert!(Scheme::in_use(&older).is_ok() && Scheme::parse(&older).is_err(), "frozen schemes stay readable");
}

#[test]
fn a_spot_check_is_of_units_by_a_body_and_an_opinion_is_answered_by_somebody() {
    let with = |does: &str, says: &str| {
        format!(
            "{SMALL}\n[[stages]]\ncode = \"x\"\nlabel = {{ zh = \"看\", en = \"look\" }}\ndoes = \"{does}\"\n{says}\n"
        )
    };
    assert!(Scheme::parse(&with("spot_check", "on = \"units\"\nby = [\"body.group\"]")).is_ok());
    problem(&with("spot_check", "on = \"units\""), "one body or role does it");
    problem(&with("spot_check", "on = \"units\"\nby = [\"head\"]"), "one body or role does it");
    problem(&with("spot_check", "by = [\"body.group\"]"), "a spot check is on units");
    assert!(Scheme::parse(&with("opinion", "on = \"people\"\nby = [\"superior\"]")).is_ok());
    problem(&with("opinion", "on = \"people\""), "say who answers");
    problem(&with("opinion", "on = \"people\"\nby = [\"body.group\"]"), "does not do this with each person");
    problem(&with("opinion", "by = [\"superior\"]"), "it is on people");
}

#[test]
fn a_stage_waits_for_those_of_its_kind_that_stand_before_it() {
    let stage = |code: &str, says: &str| {
        format!("[[stages]]\ncode = \"{code}\"\nlabel = {{ zh = \"{code}\", en = \"the {code}\" }}\n{says}\n\n")
    };
    let with = |after: &str| {
        let own = stage("own", "does = \"self_assess\"");
        let rated = stage("rated", &format!("does = \"score\"\ngate = true\nafter = {after}"));
        let looked = stage("looked", "does = \"review\"\nby = [\"role.hr\"]");
        let staff = stage("staff", "does = \"review\"\nby = [\"role.finance\"]\nafter = []");
        format!("{SMALL}\n{own}{rated}{looked}{staff}")
    };
    let fine = Scheme::parse(&with("[\"own\"]")).unwrap();
    let told = domain::words::explain(&fine, Locale::En);
    for line in ["after the own", "its days bind", "beside those before it"] {
        assert!(told.contains(line), "{line}: {told}");
    }
    problem(&with("[\"looked\"]"), "looked is no stage before it");
    problem(&with("[\"rated\"]"), "rated is no stage before it");
    let told = format!("{SMALL}\n{}", stage("said", "does = \"publish\"\nafter = []"));
    problem(&told, "only an assessment, scoring, a review or an approval");
}

#[test]
fn persons_sign_results_and_one_role_or_body_announces() {
    let with = |does: &str, says: &str| {
        format!("{SMALL}\n[[stages]]\ncode = \"x\"\nlabel = {{ zh = \"签\", en = \"x\" }}\ndoes = \"{does}\"\n{says}\n")
    };
    let people = "on = \"people\"\nby = [\"self\", \"superior\"]";
    let fine = Scheme::parse(&with("confirm", &format!("{people}\nlapses = \"3 working days\""))).unwrap();
    let told = domain::words::explain(&fine, Locale::En);
    assert!(told.contains("after 3 working days the result stands unsigned"), "{told}");
    assert!(Scheme::parse(&with("confirm", &format!("{people}\ngate = true"))).is_ok());
    problem(&with("confirm", "on = \"people\""), "say who signs");
    problem(&with("confirm", "on = \"people\"\nby = [\"role.hr\"]"), "persons sign");
    problem(&with("confirm", "on = \"people\"\nby = [[\"self\", \"superior\"]]"), "persons sign");
    problem(&with("confirm", "on = \"people\"\nby = [\"self\", \"self\"]"), "it is there twice");
    problem(&with("confirm", "by = [\"self\"]"), "it is on people");
    problem(&with("confirm", &format!("{people}\nlapses = \"soon\"")), "no number of days");
    problem(&with("confirm", &format!("{people}\ngate = true\nlapses = \"3 days\"")), "does not lapse");
    problem(&with("report", "gate = true"), "only plans, assessments");
    problem(&with("report", "lapses = \"3 days\""), "only a confirmation");
    assert!(Scheme::parse(&with("announce", "by = [\"body.group.leader\"]")).is_ok());
    problem(&with("announce", "by = [\"head\"]"), "one body or role does it");
    problem(&with("announce", "by = [\"role.hr\"]\non = \"units\""), "it is for the whole cycle");
}

#[test]
fn who_checks_what_was_reported_can_be_found_and_is_not_only_who_reports() {
    let with = |says: &str| {
        let fact = format!(r#"{{ name = "sales", label = {{ zh = "销", en = "sales" }}, {says} }}"#);
        SMALL.replace(r#"{ name = "sales", label = { zh = "销", en = "sales" } }"#, &fact)
    };
    let fine = with(r#"by = ["superior"], checked_by = [["role.finance", "head"], "body.group", "unit.U1"]"#);
    let fine = Scheme::parse(&fine).unwrap();
    assert_eq!(fine.bodies(), ["group".to_owned()].into());
    let told = domain::words::explain(&fine, Locale::En);
    assert!(told.contains("counts once checked by"), "{told}");
    problem(&with(r#"checked_by = ["self"]"#), "self checks no figures");
    problem(&with(r#"checked_by = [[]]"#), "nobody is named");
    problem(&with(r#"checked_by = [["role.hr", "body.group"]]"#), "a body checks by itself");
    problem(&with(r#"by = ["role.hr"], checked_by = ["role.hr"]"#), "somebody else than who reports");
    problem(
        &with(r#"by = [["role.hr", "superior"]], combine = "sum", checked_by = ["role.finance"]"#),
        "not checked besides",
    );
}
