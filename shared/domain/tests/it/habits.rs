//! What people write from habit is told as it is written here, in both languages: `files/habits.txt` shows how.
//!
//! With `STEELYARD_WRITE_DOCS=1` the file is brought up to date instead.

use std::path::{Path, PathBuf};

use domain::scheme::Scheme;

const SHOP: &str = include_str!("files/habits.toml");

/// Formulas in place of the bonus.
const FORMULAS: [&str; 42] = [
    "IF(score>=90, pay.base*0.3, 0)",
    "if(score>=90, pay.base*0.3, 0)",
    "=pay.base*0.3",
    "ROUND(pay.base*0.3, 2)",
    "ROUNDUP(pay.base, 0)",
    "INT(pay.base)",
    "choose(score<>90, 1, 0)",
    "choose(score=90, 1, 0)",
    "choose(score=>90, 1, 0)",
    "choose(AND(score>=90,score<95), 1, 0)",
    "choose(score>=90 and score<95, 1, 0)",
    "choose(score>=90 & score<95, 1, 0)",
    "choose(90<=score<95, 1, 0)",
    "choose(not score>=90, 1, 0)",
    "pay.base * 30%",
    "pay.base % 7",
    "pay.base * 1.5万",
    "pay.base + 10,000",
    "min(pay.base, 10,000)",
    "max(pay.base，0)",
    "max（pay.base, 0）",
    "pay.base × 0.3",
    "pay.base ÷ 3",
    "pay.base ^ 2",
    "pay.base ** 2",
    "choose(score ≥ 90, 1, 0)",
    "pay.奖金基数 * 0.3",
    "得分 * 10",
    "奖励 * 10",
    "average(pay.base, 0)",
    "SUMIF(score, 1)",
    "vlookup(score, param.bonus_share, 2)",
    "iferror(pay.base / score, 0)",
    "sqrt(pay.base)",
    "MOD(pay.base, 7)",
    "datedif(hired_on, left_on)",
    "RANK(score, 1)",
    "choose(grade == “A”, 1, 0)",
    "choose(grade == 'A', 1, 0)",
    "choose(grade == A, 1, 0)",
    "choose(grade == \"A\", 1)",
    "score > 3 ? 1 : 2",
];

/// Lines of the file, and what is written in their place.
const LINES: [(&str, &str); 14] = [
    ("name = \"bonus\"", "name = “bonus”"),
    ("name = \"bonus\"", "name ＝ \"bonus\""),
    ("name = \"bonus\"", "name = \"奖金\""),
    ("name = \"bonus\"", "名称 = \"bonus\""),
    ("name = \"bonus\"", "name = bonus"),
    ("pay = true", "pay = true\npay = true"),
    ("{ grade = \"B\", from = 70 },", "{ grade = \"B\", from = 70, to = 90 },"),
    ("{ grade = \"B\", from = 70 },", "{ grade = \"B\", from = 70 }，"),
    ("[[people.rules]]", "[[people.rules]"),
    ("default = { A = \"0.3\"", "default = { A = \"30%\""),
    ("default = { A = \"0.3\"", "default = { A = 0.3"),
    ("default = { A = \"0.3\"", "default = { A = \"1万\""),
    ("due = \"5 of M+1\"", "due = \"次月5日\""),
    ("formula = \"pay.base * param.bonus_share[grade]\"", "formula = \"30 * points(\\\"superior\\\")\""),
];

fn told(text: &str, shown: &str) -> String {
    let problems = Scheme::parse(text).expect_err(shown);
    let mut told = format!("{shown}\n");
    for problem in &problems {
        told += &format!("    {}\n    {}\n", problem.message.zh, problem.message.en);
    }
    told
}

fn all() -> String {
    let formula = "formula = \"pay.base * param.bonus_share[grade]\"";
    let formulas = FORMULAS.map(|written| {
        let quoted = format!("formula = '''{written}'''");
        told(&SHOP.replacen(formula, &quoted, 1), written)
    });
    let lines = LINES.map(|(line, written)| {
        assert!(SHOP.contains(line), "{line}");
        told(&SHOP.replacen(line, written, 1), &written.replace('\n', "\\n"))
    });
    [formulas.concat(), lines.concat()].concat()
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/files/habits.txt")
}

#[test]
fn given_what_people_write_from_habit_when_checked_then_each_is_told_as_it_is_written_here() {
    let told = all();
    if std::env::var_os("STEELYARD_WRITE_DOCS").is_some() {
        std::fs::write(file(), &told).unwrap();
    }
    assert_eq!(told, std::fs::read_to_string(file()).unwrap());
}

#[test]
fn given_a_problem_when_told_then_each_language_has_its_own_words() {
    for line in all().lines().filter_map(|line| line.strip_prefix("    ")).collect::<Vec<_>>().chunks(2) {
        let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(chinese(line[0]), "{}", line[0]);
        assert_ne!(line[0], line[1]);
    }
}
