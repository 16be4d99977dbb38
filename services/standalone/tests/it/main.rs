//! The tools of the `steelyard` command, run as people run them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod pages;
mod replay;
mod tables;

use std::path::{Path, PathBuf};
use std::process::Command;

use platform::tabular::{Cells, Columns, Table};

pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs `steelyard` in a directory.
pub fn steelyard(directory: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_steelyard")).args(arguments).current_dir(directory).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

fn files() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/files")
}

fn here(arguments: &[&str]) -> Ran {
    steelyard(&files(), arguments)
}

fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn shipped() -> Vec<String> {
    here(&["schemes"]).out.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn given_a_question_when_asked_then_the_command_goes_by_its_name() {
    assert_eq!(here(&["--version"]).out, format!("steelyard {}\n", env!("CARGO_PKG_VERSION")));
    let help = here(&["--help"]).out;
    for command in ["up", "replay", "simulate", "scheme", "schemes", "openapi"] {
        assert!(help.contains(&format!("\n  {command} ")), "{command}: {help}");
    }
}

#[test]
fn given_a_fine_scheme_when_checked_then_it_says_what_is_in_it() {
    let ran = here(&["scheme", "check", "before.toml", "--locale", "en"]);
    assert_eq!(
        ran.out,
        "before.toml: fine: Monthly appraisal of a shop, 1 cadence, 2 items, 3 figures, size 24 (at most 200000)\n"
    );
    assert_eq!(ran.code, 0);
}

#[test]
fn given_an_approval_that_names_nobody_when_checked_then_it_is_noted() {
    let stage = "\n[[stages]]\ncode = \"approve\"\nlabel = { zh = \"审批\", en = \"approval\" }\nrole = \"hr\"\ndoes = \"approve\"\n";
    let text = std::fs::read_to_string(files().join("before.toml")).unwrap() + stage;
    let folder = std::env::temp_dir().join(format!("steelyard-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("idle.toml"), text).unwrap();
    let ran = steelyard(&folder, &["scheme", "check", "idle.toml", "--locale", "en"]);
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(ran.out.contains("note: nobody acts in “approval”"), "{}", ran.out);
    assert_eq!(ran.code, 0);
}

#[test]
fn given_a_broken_scheme_when_checked_then_every_problem_is_told_with_line_and_column() {
    let ran = here(&["scheme", "check", "broken.toml", "--locale", "en"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("broken.toml:12:12: "), "{}", ran.err);
    assert!(ran.err.contains("fact.slaes"), "{}", ran.err);
    assert!(ran.err.contains("broken.toml:17:11: "), "{}", ran.err);
    assert!(ran.err.contains("broken.toml: 2 problems"), "{}", ran.err);
}

#[test]
fn given_a_scheme_with_many_mistakes_when_checked_then_all_are_told_at_once_with_what_is_expected() {
    let ran = here(&["scheme", "check", "everything-wrong.toml", "--locale", "en"]);
    assert_eq!(ran.code, 2);
    let expected = files().join("everything-wrong.txt");
    if std::env::var_os("STEELYARD_WRITE_DOCS").is_some() {
        std::fs::write(&expected, &ran.err).unwrap();
    }
    assert_eq!(ran.err, std::fs::read_to_string(expected).unwrap());
}

#[test]
fn given_no_such_file_when_checked_then_the_status_is_not_that_of_a_broken_scheme() {
    assert_eq!(here(&["scheme", "check", "nowhere.toml"]).code, 1);
}

#[test]
fn given_every_shipped_scheme_when_explained_then_no_formula_is_left_in_it() {
    let codes = shipped();
    assert!(codes.len() >= 12);
    for code in codes {
        for locale in ["zh-CN", "en"] {
            let ran = here(&["scheme", "explain", &code, "--locale", locale]);
            assert_eq!(ran.code, 0, "{code}: {}", ran.err);
            for sign in ["choose(", "()", "&&", "||", "=="] {
                assert!(!ran.out.contains(sign), "{code} in {locale} says {sign}:\n{}", ran.out);
            }
            for name in ["param.", "table.", "fact.", "pay.", "unit.", "item.", "company."] {
                let mut behind = ran.out.split(name).skip(1);
                let told = behind.all(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()));
                assert!(told, "{code} in {locale} says {name}:\n{}", ran.out);
            }
        }
    }
}

#[test]
fn given_two_versions_when_compared_then_only_what_changed_is_said() {
    let ran = here(&["scheme", "diff", "before.toml", "after.toml", "--locale", "en"]);
    assert!(ran.out.contains("grade, A: from 85 → from 65."), "{}", ran.out);
    assert!(ran.out.contains("bonus: was “if grade is A: base × 0.3;"), "{}", ran.out);
    assert!(!ran.out.contains("conduct"), "{}", ran.out);
}

#[test]
fn given_the_same_scheme_twice_when_compared_then_nothing_changes() {
    for code in shipped() {
        assert_eq!(
            here(&["scheme", "diff", &code, &code, "--locale", "en"]).out,
            "Nothing changes for people.\n",
            "{code}"
        );
    }
}

#[test]
fn given_the_schema_when_printed_then_it_is_json_with_every_key_of_a_scheme() {
    let schema: serde_json::Value = serde_json::from_str(&here(&["scheme", "schema"]).out).unwrap();
    for key in ["code", "cadences", "people", "sheets", "stages", "appeal"] {
        assert!(schema.pointer(&format!("/properties/{key}")).is_some(), "{key}");
    }
}

#[test]
fn given_people_in_a_spreadsheet_when_simulated_then_scores_grades_pay_and_cost_are_printed() {
    let ran = here(&[
        "simulate",
        "--scheme",
        "before.toml",
        "--period",
        "2026-10",
        "--people",
        "people.csv",
        "--locale",
        "en",
    ]);
    let expected = "\
number  name  score  grade    bonus
E001    赵一     88  A      2400.00
E002    钱二     67  B      1400.00
E003    孙三    100  A      2700.00

Distribution
grade  people  per cent
A           2      66.7
B           1      33.3

Cost
pay component      sum
bonus          6500.00
";
    assert_eq!(ran.out, expected, "{}", ran.err);
}

#[test]
fn given_wrong_cells_when_simulated_then_all_are_told_by_row_and_column() {
    let ran = here(&[
        "simulate",
        "--scheme",
        "before.toml",
        "--period",
        "2026-10",
        "--people",
        "wrong.csv",
        "--locale",
        "en",
    ]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("wrong.csv: row 2, column C (fact:sick_days): 0.5 is not a whole number"), "{}", ran.err);
    assert!(ran.err.contains("wrong.csv: row 4, column E (work.superior): 71 is more than"), "{}", ran.err);
}

#[test]
fn given_a_missing_cell_when_simulated_then_its_place_is_told() {
    let at = directory("missing");
    std::fs::write(at.join("p.csv"), "number,pay:base,work.superior,conduct.superior,fact:sick_days\nE1,,60,20,0\n")
        .unwrap();
    let scheme = files().join("before.toml");
    let ran = steelyard(
        &at,
        &[
            "simulate",
            "--scheme",
            scheme.to_str().unwrap(),
            "--period",
            "2026-10",
            "--people",
            "p.csv",
            "--locale",
            "en",
        ],
    );
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("p.csv: row 2, column B (pay:base): "), "{}", ran.err);
}

#[test]
fn given_a_number_twice_when_simulated_then_the_second_row_is_told() {
    let at = directory("twice");
    let header = "number,pay:base,work.superior,conduct.superior,fact:sick_days";
    std::fs::write(at.join("p.csv"), format!("{header}\nE1,1,60,20,0\nE1,1,60,20,0\n")).unwrap();
    let scheme = files().join("before.toml");
    let scheme = scheme.to_str().unwrap();
    let arguments = ["simulate", "--scheme", scheme, "--period", "2026-10", "--people", "p.csv", "--locale", "en"];
    let ran = steelyard(&at, &arguments);
    assert_eq!(ran.err, "p.csv: row 3, column A (number): E1 comes twice\n");
}

#[test]
fn given_history_of_the_period_itself_when_simulated_then_its_row_is_told() {
    let at = directory("history");
    std::fs::write(at.join("h.csv"), "number,period,score\nE001,2026-09,80\nE001,2026-10,80\n").unwrap();
    let (scheme, people) = (files().join("before.toml"), files().join("people.csv"));
    let (scheme, people) = (scheme.to_str().unwrap(), people.to_str().unwrap());
    let arguments = ["simulate", "--scheme", scheme, "--period", "2026-10", "--people", people, "--history", "h.csv"];
    let arguments = [&arguments[..], &["--locale", "en"]].concat();
    assert_eq!(steelyard(&at, &arguments).err, "h.csv: row 3, column B (period): 2026-10 is not before 2026-10\n");
}

#[test]
fn given_headings_as_people_call_them_when_simulated_then_they_are_understood_and_errors_name_them() {
    let at = directory("headings");
    let header = "工号,姓名,病假,基数,工作·上级,行为·上级";
    let scheme = files().join("before.toml");
    let scheme = scheme.to_str().unwrap();
    let simulate = |rows: &str| {
        std::fs::write(at.join("p.csv"), format!("{header}\n{rows}")).unwrap();
        steelyard(&at, &["simulate", "--scheme", scheme, "--period", "2026-10", "--people", "p.csv", "--locale", "en"])
    };
    let ran = simulate("E1,赵一,1,8000,60,28\n");
    assert!(ran.out.contains("2400.00"), "{}{}", ran.out, ran.err);
    let ran = simulate("E1,赵一,0.5,8000,60,28\n");
    assert_eq!(ran.err, "p.csv: row 2, column C (病假): 0.5 is not a whole number\n");
}

#[test]
fn given_a_misspelt_column_when_simulated_then_the_nearest_name_is_offered() {
    let at = directory("misspelt");
    std::fs::write(at.join("p.csv"), "number,pay:bse\nE1,100\n").unwrap();
    let scheme = files().join("before.toml");
    let ran = steelyard(
        &at,
        &[
            "simulate",
            "--scheme",
            scheme.to_str().unwrap(),
            "--period",
            "2026-10",
            "--people",
            "p.csv",
            "--locale",
            "en",
        ],
    );
    assert_eq!(
        ran.err,
        "p.csv: row 1, column B (pay:bse): there is no use for this column; perhaps pay:base? Take it out if it is not meant\n"
    );
}

#[test]
fn given_two_policies_when_simulated_against_each_other_then_moves_and_costs_are_told() {
    let arguments = [
        "simulate",
        "--scheme",
        "after.toml",
        "--against",
        "before.toml",
        "--period",
        "2026-10",
        "--people",
        "people.csv",
    ];
    let ran = here(&[&arguments[..], &["--locale", "en"]].concat());
    assert!(ran.out.contains("bonus          6500.00  6000.00  -500.00"), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("3 of 3 people move, 1 of them to another grade."), "{}", ran.out);
}

#[test]
fn given_goals_and_units_when_simulated_then_lists_are_read_from_numbered_columns() {
    let arguments = [
        "simulate",
        "--scheme",
        "annual-ranking",
        "--period",
        "FY2026",
        "--people",
        "goals.csv",
        "--units",
        "units.csv",
    ];
    let ran = here(&arguments);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("E001    96"), "{}", ran.out);
}

#[test]
fn given_results_when_written_to_a_workbook_then_it_reads_back_as_numbers() {
    let at = directory("workbook");
    let (scheme, people) = (files().join("before.toml"), files().join("people.csv"));
    let (scheme, people) = (scheme.to_str().unwrap(), people.to_str().unwrap());
    let ran = steelyard(
        &at,
        &["simulate", "--scheme", scheme, "--period", "2026-10", "--people", people, "--xlsx", "out.xlsx"],
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let columns = Columns::default().with_others(|_| Some(Cells::Text));
    let (table, _) = Table::read(&std::fs::read(at.join("out.xlsx")).unwrap(), &columns).unwrap();
    assert_eq!(table.columns, ["工号", "姓名", "得分", "等级", "奖金"]);
    assert_eq!(table.rows[1].cells, ["E002", "钱二", "67", "B", "1400"]);
}

#[test]
fn given_a_workbook_of_people_when_simulated_then_it_is_read_like_csv() {
    let at = directory("xlsx-people");
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let page = workbook.add_worksheet();
    for (column, (title, value)) in [
        ("number", "E1"),
        ("work.superior", "60"),
        ("conduct.superior", "28"),
        ("fact:sick_days", "1"),
        ("pay:base", "8000"),
    ]
    .iter()
    .enumerate()
    {
        let column = u16::try_from(column).unwrap();
        page.write_string(0, column, *title).unwrap();
        page.write_string(1, column, *value).unwrap();
    }
    workbook.save(at.join("p.xlsx")).unwrap();
    let scheme = files().join("before.toml");
    let ran = steelyard(
        &at,
        &["simulate", "--scheme", scheme.to_str().unwrap(), "--period", "2026-10", "--people", "p.xlsx"],
    );
    assert!(ran.out.contains("2400.00"), "{}{}", ran.out, ran.err);
}

#[test]
fn given_a_person_when_explained_then_the_way_from_pay_to_ratings_is_printed() {
    let arguments =
        ["simulate", "--scheme", "before.toml", "--period", "2026-10", "--people", "people.csv", "--explain", "E001"];
    let ran = here(&[&arguments[..], &["--locale", "en"]].concat());
    for line in ["bonus = 2400.00", "score = 88", "work: superior = 60"] {
        assert!(ran.out.contains(line), "{line} is missing in\n{}{}", ran.out, ran.err);
    }
    let ran = here(&[&arguments[..7], &["--explain", "E999"]].concat());
    assert_eq!(ran.code, 1);
}

#[test]
fn given_a_case_of_a_scheme_of_ones_own_when_simulated_then_that_scheme_computes_it() {
    let at = directory("own-case");
    let case = r#"{ "policy": "any", "period": "2026-10", "employees": [ { "number": "E1", "pay": { "base": "100" }, "facts": { "sick_days": "0" },
        "items": { "work": { "superior": "60" }, "conduct": { "superior": "30" } } } ] }"#;
    std::fs::write(at.join("case.json"), case).unwrap();
    let scheme = files().join("before.toml");
    let ran = steelyard(&at, &["simulate", "case.json", "--scheme", scheme.to_str().unwrap()]);
    let results: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(results.pointer("/employees/E1/pay/bonus"), Some(&"30.00".into()));
    let ran = steelyard(&at, &["simulate", "case.json"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("/policy"), "{}", ran.err);
}

fn of_shared_bonus(further: &[&str]) -> Ran {
    let arguments = ["simulate", "--scheme", "shared.toml", "--period", "2026-10", "--people", "shared-people.csv"];
    here(&[&arguments[..], &["--units", "shared-units.csv"], further].concat())
}

#[test]
fn given_units_a_company_and_pools_when_simulated_then_their_figures_and_what_is_left_are_printed() {
    let ran = of_shared_bonus(&["--company", "season=high", "--company", "listed=true", "--locale", "en"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let lines: Vec<Vec<&str>> = ran.out.lines().map(|line| line.split_whitespace().collect()).collect();
    for line in [
        "E2 2 500.00",
        "B 1500.00 2 1500.00",
        "all 3 1500.00",
        "factor of the company 1.5",
        "bonus A 1 1500.00 0.00 1500.00",
        "bonus B 2 1500.00 1500.00 0.00",
        "bonus C 0 750.00 0.00 750.00",
    ] {
        let wanted: Vec<&str> = line.split_whitespace().collect();
        assert!(lines.contains(&wanted), "{line} is missing in\n{}", ran.out);
    }
}

#[test]
fn given_facts_of_the_company_by_their_labels_when_simulated_then_a_file_says_the_same_as_the_command_line() {
    let by_code = of_shared_bonus(&["--company", "season=high", "--company", "listed=true"]);
    let by_label = of_shared_bonus(&["--company", "经营季节=旺季", "--company", "已上市=是"]);
    let by_file = of_shared_bonus(&["--company", "shared-company.csv"]);
    assert_eq!(by_code.code, 0, "{}", by_code.err);
    assert_eq!((by_label.out, by_file.out), (by_code.out.clone(), by_code.out));
}

#[test]
fn given_a_workbook_of_results_when_read_then_inputs_stand_beside_them_and_numbers_are_exact() {
    let at = directory("shared-workbook");
    let book = at.join("out.xlsx");
    let ran = of_shared_bonus(&["--company", "shared-company.csv", "--xlsx", book.to_str().unwrap(), "--locale", "en"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    use calamine::{Data, Reader};
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(&book).unwrap();
    let names = ["Results", "Inputs and results", "Units", "Company", "Cost", "Pools"];
    assert_eq!(book.sheet_names(), names);
    let beside = book.worksheet_range("Inputs and results").unwrap();
    let head: Vec<String> = beside.rows().next().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(head, ["number", "unit", "weight of the share", "doubled weight", "bonus"]);
    assert_eq!(beside.get((3, 2)), Some(&Data::Float(2.0)));
    assert_eq!(beside.get((3, 4)), Some(&Data::Float(1000.0)));
}

#[test]
fn given_no_language_when_checked_then_it_is_chinese() {
    let ran = here(&["scheme", "check", "broken.toml"]);
    assert!(ran.err.contains("broken.toml：2 处问题"), "{}", ran.err);
    assert!(here(&["scheme", "check", "before.toml"]).out.contains("没有问题：门店月度考核"));
}
