//! Tables as people really have them: each file of `files/tables` is read, or refused for a reason that helps.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use crate::{Ran, directory, files, steelyard};

/// What comes of a file: who is computed, in which words, and what is told beside it.
enum Outcome {
    /// Parts of the results, and of what is told on the side.
    Computed(&'static [&'static str], &'static [&'static str]),
    /// All lines of what is told instead.
    Refused(&'static [&'static str]),
}

use Outcome::{Computed, Refused};

/// Two people as most files have them.
const TWO: &[&str] = &["W001    甲       93  A      1500.00", "W002    乙     82.5  B       840.00"];
const ONE: &[&str] = &["W001    甲       93  A      1500.00"];

const FILES: &[(&str, Outcome)] = &[
    ("all-hidden.xlsx", Refused(&["all sheets of the workbook are hidden; show the one that is meant"])),
    ("archive.zip", Refused(&["this is an archive and no workbook; unpack it and send the table in it"])),
    (
        "begins-at-b3.xlsx",
        Refused(&["row 3, column H (care.superiors): there is no use for this column; perhaps care.superior?"]),
    ),
    ("chart-only.xlsx", Refused(&["the workbook has sheets of charts only; put the table into a visible sheet"])),
    (
        "closed-by-another.csv",
        Refused(&["row 2: a cell seems to hold further rows; see whether each quotation mark has its partner"]),
    ),
    ("comma-in-a-name.csv", Refused(&["row 2: the row has 7 cells, the header 6"])),
    ("days-from-1904.xlsx", Computed(ONE, &[])),
    ("days.csv", Computed(&["W000", "W001", "W002", "W003", "W004"], &[])),
    ("digits-behind-the-fifteenth.xlsx", Computed(&[], &[])),
    ("empty-columns.csv", Computed(TWO, &[])),
    ("empty.csv", Refused(&["the file is empty"])),
    ("empty.xlsx", Refused(&["the workbook is empty"])),
    (
        "failed-formula.csv",
        Refused(&[
            "row 2, column A (工号): the cell holds the error #N/A",
            "row 2, column B (姓名): the cell holds the error #N/A",
        ]),
    ),
    (
        "failed-formula.xlsx",
        Refused(&[
            "row 5, column A (number): the cell holds the error #N/A",
            "row 5, column B (name): the cell holds the error #N/A",
        ]),
    ),
    (
        "faults-of-every-kind.csv",
        Refused(&[
            "row 2, column C (缺勤次数): \"一次\" is no number; write it in digits, such as 1234.5",
            "row 3, column A (工号): the cell holds the error #N/A",
            "row 4, column F (规范·上级): 99 is more than the item's weight of 40",
            "row 5, column A (工号): it is missing",
            "row 5, column D (奖金基数): ",
            "row 6, column A (工号): W001 comes twice",
            "row 6, column E (完成·完成率（%）): the cell holds the error #REF!",
        ]),
    ),
    (
        "figures-not-plain.csv",
        Refused(&[
            "row 2, column D (奖金基数): write 120000 instead of \"120,000\"",
            "row 3, column D (奖金基数): write 120000 instead of \"12万\"",
            "row 4, column D (奖金基数): write 3000 instead of \"¥3000\"",
            "row 5, column D (奖金基数): write 1200 instead of \"1 200\"",
            "row 6, column D (奖金基数): the cell shows 30%, which may mean 30 or 0.3",
            "row 7, column C (缺勤次数): \"三\" is no number",
        ]),
    ),
    ("flags.xlsx", Computed(&["W001    甲       93  A", "W002    甲           not appraised: on probation"], &[])),
    (
        "formula-without-value.xlsx",
        Refused(&[
            "row 2, column C (fact:absences): ",
            "row 3, column C (fact:absences): ",
            "row 4, column C (fact:absences): ",
        ]),
    ),
    ("gb18030.csv", Computed(TWO, &["the file was read as GB18030 (GBK)"])),
    ("groups-above.xlsx", Computed(TWO, &[])),
    ("headings-with-line-breaks.xlsx", Computed(&["W001", "1500.00"], &[])),
    ("hidden-first-sheet.xlsx", Computed(&["W001"], &["was read, and not: "])),
    (
        "hidden-marks.csv",
        Refused(&["row 2, column B (name): it holds an invisible character (U+202E)", "row 3, column A (number): "]),
    ),
    ("hidden-rows.xlsx", Computed(&["W001", "W005"], &["hidden or filtered rows were read too: "])),
    (
        "impossible-days.xlsx",
        Refused(&[
            "row 2, column H (hired_on): the cell is shown as a date, but its number -1 is no day",
            "row 3, column H (hired_on): the cell is shown as a date, but its number 0 is no day",
            "row 4, column H (hired_on): the cell is shown as a date, but its number 60 is no day",
            "row 5, column H (hired_on): ",
            "row 6, column H (hired_on): ",
        ]),
    ),
    ("iso-days.xlsx", Computed(&["W001", "W003"], &[])),
    ("line-break-in-cell.csv", Refused(&["row 3, column C (fact:absences): "])),
    ("locked.xlsx", Refused(&["the workbook is locked by a password; save it without one as .xlsx"])),
    ("long-cells.csv", Refused(&["row 2, column B (name): \"甲甲", "row 2, column F (throughput.rate): \"9999"])),
    (
        "look-alikes.csv",
        Refused(&[
            "row 2, column A (工号): ",
            "row 3, column A (工号): ",
            "row 4, column A (工号): ",
            "row 5, column A (工号): ",
        ]),
    ),
    (
        "merged-over-columns.xlsx",
        Refused(&[
            "row 3, column E (完成·完成率（%）): the cell is merged over several columns",
            "row 3, column F (规范·上级): the cell is merged over several columns",
        ]),
    ),
    (
        "merged-over-rows.xlsx",
        Computed(
            &["W001    甲    not appraised: on probation", "W003    丙    not appraised: on probation"],
            &["what merged cells say was read for each of their rows: "],
        ),
    ),
    ("note-far-away.xlsx", Computed(TWO, &["cells from here on stand under no heading and were passed over (1)"])),
    ("note-in-the-last-cell.xlsx", Computed(TWO, &["XFD1048576: cells from here on stand under no heading"])),
    ("numbered-totals.csv", Refused(&["row 3, column B (姓名): this looks like a row of totals, but has a number"])),
    ("numbers-with-zeros.xlsx", Computed(&["0012    甲", "0013    乙"], &[])),
    ("old.xls", Refused(&["this is a file of an old Office (such as .xls); if it is a table, save it as .xlsx"])),
    (
        "one-person-in-two-widths.csv",
        Refused(&[
            "row 3, column A (工号): Ｅ０１ (read as E01): E01 comes twice",
            "row 4, column A (工号): e01 and E01 in row 2 differ in capital letters only",
        ]),
    ),
    ("open-document.ods", Refused(&["this is an OpenDocument file (.ods); save it as an .xlsx workbook or as CSV"])),
    ("open-quotation.csv", Refused(&["row 2: a quotation mark has no partner"])),
    ("other-people-s-columns.csv", Computed(ONE, &["column G (性别) is not used", "column H (部门名称) is not used"])),
    ("percent-cells.xlsx", Computed(TWO, &[])),
    (
        "percent-of-an-amount.xlsx",
        Refused(&["row 2, column D (奖金基数): the cell shows 30%, which may mean 30 or 0.3"]),
    ),
    ("remark-beside.xlsx", Computed(TWO, &["under no heading and were passed over"])),
    ("semicolons.csv", Computed(ONE, &[])),
    ("separator-line.csv", Computed(TWO, &[])),
    ("shared-texts.xlsx", Computed(&["W001    佐藤"], &[])),
    ("title-above.xlsx", Computed(TWO, &[])),
    ("totals.csv", Computed(ONE, &["row 3: a row of totals, passed over"])),
    ("totals.xlsx", Computed(TWO, &["row 4, 5: a row of totals, passed over"])),
    ("two-digit-years.csv", Refused(&["row 2, column G (入职日期): "])),
    (
        "two-numbers.csv",
        Refused(&["row 1, column B (employee number): it means the same as column A (工号); there can be only one"]),
    ),
    (
        "two-tables-beside.xlsx",
        Refused(&["row 1, column I (number): it means the same as column A (number); there can be only one"]),
    ),
    ("unneeded-columns.csv", Computed(ONE, &["column G (备注) is not used", "column H (办公地点) is not used"])),
    ("utf-16-without-mark.txt", Computed(ONE, &[])),
    ("utf-16.txt", Computed(ONE, &[])),
    ("web-page.xls", Refused(&["this is a web page (HTML), whatever it is called"])),
    ("wide-commas.csv", Computed(ONE, &[])),
];

/// The one file that is for another scheme.
const OTHER: &str = "full-width.csv";

fn simulate(people: &Path, locale: &str) -> Ran {
    let people = people.to_str().unwrap();
    let arguments =
        ["simulate", "--scheme", "warehouse.toml", "--period", "2026-10", "--people", people, "--locale", locale];
    steelyard(&files(), &arguments)
}

fn is_told(told: &str, parts: &[&str]) -> bool {
    parts.iter().all(|part| told.contains(part))
}

#[test]
fn given_files_as_people_have_them_when_simulated_then_each_is_read_or_refused_with_its_cause() {
    let mut wrong = Vec::new();
    for (name, outcome) in FILES {
        let ran = simulate(&files().join("tables").join(name), "en");
        let is_right = match outcome {
            Computed(results, notes) => ran.code == 0 && is_told(&ran.out, results) && is_told(&ran.err, notes),
            Refused(lines) => ran.code == 2 && is_told(&ran.err, lines) && ran.err.lines().count() == lines.len(),
        };
        if !is_right {
            wrong.push(format!("{name}: exit {}\n{}{}", ran.code, ran.out, ran.err));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn given_the_folder_of_tables_then_every_file_has_its_outcome() {
    let entries = std::fs::read_dir(files().join("tables")).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names.retain(|name| name != OTHER);
    assert_eq!(names, FILES.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}

#[test]
fn given_refused_files_when_simulated_in_chinese_then_they_are_refused_in_chinese() {
    for (name, outcome) in FILES {
        if matches!(outcome, Refused(_)) {
            let told = simulate(&files().join("tables").join(name), "zh-CN").err;
            let is_chinese = |line: &str| line.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            assert!(told.lines().all(is_chinese), "{name}: {told}");
        }
    }
}

#[test]
fn given_figures_of_full_width_when_simulated_then_they_are_figures() {
    let people = format!("tables/{OTHER}");
    let ran = steelyard(
        &files(),
        &["simulate", "--scheme", "circle.toml", "--period", "2026-Q3", "--people", &people, "--locale", "en"],
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("W001"), "{}", ran.out);
}

#[test]
fn given_a_template_of_a_scheme_then_what_it_heads_is_understood() {
    let at = directory("templates");
    for (scheme, period) in [("warehouse.toml", "2026-10"), ("monthly-kpi", "2026-10"), ("annual-ranking", "FY2026")] {
        for locale in ["zh-CN", "en"] {
            let arguments = ["simulate", "--template", scheme, "--locale", locale];
            let command = Command::new(env!("CARGO_BIN_EXE_steelyard")).args(arguments).current_dir(files()).output();
            let people = at.join("people.xlsx");
            std::fs::write(&people, command.unwrap().stdout).unwrap();
            let people = people.to_str().unwrap();
            let arguments = ["simulate", "--scheme", scheme, "--period", period, "--people", people, "--locale", "en"];
            let ran = steelyard(&files(), &arguments);
            assert!(!ran.err.contains("column"), "{scheme} in {locale}: {}", ran.err);
        }
    }
}

// --- files that would fill a computer ---

const SHEET: &str = r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#;
const HEADER: &str = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>number</t></is></c></row>"#;
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A workbook of one sheet, and of shared texts if there are any.
fn workbook(path: &Path, sheet: impl FnOnce(&mut dyn Write), shared: &str) {
    let mut archive = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    let options = zip::write::SimpleFileOptions::default().compression_level(Some(1));
    let rels = |body: &str| {
        format!(
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{body}</Relationships>"#
        )
    };
    let related = |id: &str, kind: &str, target: &str| {
        format!(r#"<Relationship Id="{id}" Type="{RELATIONS}/{kind}" Target="{target}"/>"#)
    };
    let book = format!(
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{RELATIONS}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>"#
    );
    let of_book = related("r1", "worksheet", "sheet.xml") + related("r2", "sharedStrings", "strings.xml").as_str();
    for (name, text) in [
        ("_rels/.rels", rels(&related("r1", "officeDocument", "xl/workbook.xml"))),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", rels(&of_book)),
        ("xl/strings.xml", shared.to_owned()),
    ] {
        archive.start_file(name, options).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.start_file("xl/sheet.xml", options).unwrap();
    sheet(&mut archive);
    archive.finish().unwrap();
}

/// Runs `steelyard simulate` where no more than some hundred megabytes can be had.
fn simulate_in_little_memory(people: &Path) -> Ran {
    let command = format!("ulimit -v 600000; exec {} \"$@\"", env!("CARGO_BIN_EXE_steelyard"));
    let arguments = ["-c", &command, "steelyard", "simulate", "--scheme", "warehouse.toml", "--period", "2026-10"];
    let mut shell = Command::new("sh");
    shell.args(arguments).args(["--people", people.to_str().unwrap(), "--locale", "en"]).current_dir(files());
    let output = shell.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

#[test]
fn given_files_that_would_fill_the_memory_when_simulated_then_they_are_refused_in_a_sentence() {
    let at = directory("large-tables");
    let (too_large, too_long) = ("the file is too large", "a cell of the file holds more text than can be read");
    let strings = r#"<sst count="4294967295" uniqueCount="4294967295"><si><t>number</t></si></sst>"#;

    workbook(
        &at.join("rows.xlsx"),
        |sheet| {
            write!(sheet, "{SHEET}{HEADER}").unwrap();
            for row in 2..150_000 {
                write!(sheet, r#"<row r="{row}"><c r="A{row}"><v>1</v></c><c r="B{row}"><v>1</v></c></row>"#).unwrap();
            }
            write!(sheet, "</sheetData></worksheet>").unwrap();
        },
        "<sst/>",
    );
    workbook(
        &at.join("one-cell.xlsx"),
        |sheet| {
            write!(sheet, r#"{SHEET}<row r="1"><c r="A1" t="inlineStr"><is><t>"#).unwrap();
            let text = vec![b'9'; 1 << 20];
            (0..64).for_each(|_| sheet.write_all(&text).unwrap());
            write!(sheet, "</t></is></c></row></sheetData></worksheet>").unwrap();
        },
        "<sst/>",
    );
    workbook(
        &at.join("nothing-but-rows.xlsx"),
        |sheet| {
            write!(sheet, "{SHEET}{HEADER}").unwrap();
            let rows = "<row></row>".repeat(100_000);
            (0..11).for_each(|_| sheet.write_all(rows.as_bytes()).unwrap());
            write!(sheet, "</sheetData></worksheet>").unwrap();
        },
        "<sst/>",
    );
    workbook(
        &at.join("one-text-everywhere.xlsx"),
        |sheet| {
            write!(sheet, "{SHEET}{HEADER}").unwrap();
            for row in 2..50_000 {
                write!(sheet, r#"<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>"#).unwrap();
            }
            write!(sheet, "</sheetData></worksheet>").unwrap();
        },
        &format!("<sst><si><t>{}</t></si></sst>", "9".repeat(32_000)),
    );
    workbook(
        &at.join("formatted-rows.xlsx"),
        |sheet| {
            write!(sheet, "{SHEET}{HEADER}").unwrap();
            let rows = r#"<row><c s="1"/></row>"#.repeat(50_000);
            (0..5).for_each(|_| sheet.write_all(rows.as_bytes()).unwrap());
            write!(sheet, "</sheetData></worksheet>").unwrap();
        },
        "<sst/>",
    );
    workbook(
        &at.join("empty-cells.xlsx"),
        |sheet| {
            write!(sheet, "{SHEET}{HEADER}").unwrap();
            let row = format!("<row>{}</row>", r#"<c s="1"/>"#.repeat(10_000));
            (0..101).for_each(|_| sheet.write_all(row.as_bytes()).unwrap());
            write!(sheet, "</sheetData></worksheet>").unwrap();
        },
        "<sst/>",
    );
    workbook(
        &at.join("larger-by-its-own-account.xlsx"),
        |sheet| {
            write!(sheet, "{SHEET}{HEADER}").unwrap();
            let blanks = vec![b' '; 1 << 20];
            (0..161).for_each(|_| sheet.write_all(&blanks).unwrap());
        },
        "<sst/>",
    );
    std::fs::write(at.join("commas.csv"), format!("number,name\n{}", "a,".repeat(4 << 20))).unwrap();
    for (name, told) in [
        ("rows.xlsx", too_large),
        ("one-cell.xlsx", too_long),
        ("nothing-but-rows.xlsx", too_large),
        ("one-text-everywhere.xlsx", too_large),
        ("formatted-rows.xlsx", too_large),
        ("empty-cells.xlsx", too_large),
        ("larger-by-its-own-account.xlsx", too_large),
        ("commas.csv", too_large),
    ] {
        let ran = simulate_in_little_memory(&at.join(name));
        assert_eq!(ran.code, 2, "{name}: {}", ran.err);
        assert!(ran.err.contains(told), "{name}: {}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{name}: {}", ran.err);
    }

    workbook(
        &at.join("false-count.xlsx"),
        |sheet| {
            write!(sheet, r#"{SHEET}<row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData></worksheet>"#).unwrap();
        },
        strings,
    );
    let ran = simulate_in_little_memory(&at.join("false-count.xlsx"));
    assert_ne!(ran.code, -1, "{}", ran.err);
    for name in ["note-in-the-last-cell.xlsx", "note-far-away.xlsx"] {
        let ran = simulate_in_little_memory(&files().join("tables").join(name));
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
    }
}
