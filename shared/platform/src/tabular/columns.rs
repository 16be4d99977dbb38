//! What a table is expected to hold, and how its headings are recognised.

use std::collections::{BTreeSet, HashMap};

use basics::text::one_width;
use basics::{Label, Locale};
use rust_decimal::Decimal;

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cells {
    /// An employee number or a unit code.
    Code,
    /// What people and units are called.
    Name,
    Day,
    Number(Percent),
    /// Several numbers in one cell: `80;85`.
    Numbers(Percent),
    #[default]
    Text,
}

/// What a cell that is shown as `95%` says in a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Percent {
    /// 95: the column counts in per cents.
    Hundredths,
    /// 0.95: it counts in fractions.
    Fraction,
    /// Nobody can say: the cell is refused.
    #[default]
    Unclear,
}

/// A column that a table may have.
#[derive(Clone, Debug, Default)]
pub struct Column {
    /// What programs call it.
    pub name: String,
    /// What templates head it with.
    pub label: Label,
    /// What people head it with besides.
    pub titles: Vec<String>,
    pub cells: Cells,
    /// What templates let people choose from.
    pub choices: Vec<String>,
    pub min: Option<Decimal>,
    pub max: Option<Decimal>,
    pub is_required: bool,
}

impl Column {
    /// `label` in Chinese and in English.
    pub fn new(name: &str, label: (&str, &str), titles: &[&str], cells: Cells) -> Self {
        let titles = titles.iter().map(|title| (*title).to_owned()).collect();
        Self { name: name.to_owned(), label: Label::new(label.0, label.1), titles, cells, ..Self::default() }
    }

    #[must_use]
    pub fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    #[must_use]
    pub fn choosing(self, choices: impl IntoIterator<Item = String>) -> Self {
        Self { choices: choices.into_iter().collect(), ..self }
    }

    #[must_use]
    pub fn between(self, min: Option<Decimal>, max: Option<Decimal>) -> Self {
        Self { min, max, ..self }
    }

    /// What a template heads it with: a star marks what must be filled in.
    pub fn heading(&self, locale: Locale) -> String {
        let star = if self.is_required { "*" } else { "" };
        format!("{}{star}", self.label.get(locale))
    }

    fn all_titles(&self) -> impl Iterator<Item = &String> {
        self.titles.iter().chain([&self.name, &self.label.zh, &self.label.en])
    }
}

type Others = dyn Fn(&str) -> Option<Cells> + Send + Sync;

/// The columns that a table may have. The first one names whom or what a row is about.
#[derive(Default)]
pub struct Columns {
    list: Vec<Column>,
    by_title: HashMap<String, BTreeSet<usize>>,
    others: Option<Box<Others>>,
    passes_over_others: bool,
}

/// A heading, and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heading {
    Known(String, Cells),
    /// A remark, or something that this table is not about.
    PassedOver,
    Unknown,
}

impl Columns {
    pub fn new(list: Vec<Column>) -> Self {
        let mut by_title: HashMap<String, BTreeSet<usize>> = HashMap::new();
        for (at, column) in list.iter().enumerate() {
            for title in column.all_titles().filter(|title| !title.is_empty()) {
                by_title.entry(folded(title)).or_default().insert(at);
            }
        }
        // What programs call a column means that column, whatever people call others.
        for (at, column) in list.iter().enumerate() {
            by_title.insert(folded(&column.name), BTreeSet::from([at]));
        }
        Self { list, by_title, others: None, passes_over_others: false }
    }

    /// Columns whose names nobody can list: `fact:NAME`.
    #[must_use]
    pub fn with_others(mut self, cells_of: impl Fn(&str) -> Option<Cells> + Send + Sync + 'static) -> Self {
        self.others = Some(Box::new(cells_of));
        self
    }

    /// Passes over columns that nobody expects, and tells so. One that is almost headed like a known one, or as only
    /// programs head them, is kept for whoever reads the table to refuse.
    #[must_use]
    pub fn passing_over_others(mut self) -> Self {
        self.passes_over_others = true;
        self
    }

    /// Whether rows of totals are passed over, and so told; who tells no notes has them refused.
    pub(super) fn passes_over_totals(&self) -> bool {
        self.passes_over_others
    }

    pub(super) fn key(&self) -> &str {
        self.list.first().map_or("", |column| &column.name)
    }

    pub(super) fn heading(&self, heading: &str) -> Heading {
        let folded = folded(heading);
        if let Some(column) = self.by_title.get(&folded).and_then(|found| self.single(found)) {
            return Heading::Known(column.name.clone(), column.cells);
        }
        let name = one_width(heading).trim_matches([' ', '*']).to_owned();
        if let Some(cells) = self.others.as_ref().and_then(|cells_of| cells_of(&name)) {
            return Heading::Known(name, cells);
        }
        let is_passed_over = is_remark(&folded) || (self.passes_over_others && !self.may_be_meant(&name, &folded));
        if is_passed_over { Heading::PassedOver } else { Heading::Unknown }
    }

    fn single(&self, found: &BTreeSet<usize>) -> Option<&Column> {
        match found.len() {
            1 => found.first().and_then(|at| self.list.get(*at)),
            _ => None,
        }
    }

    /// Whether a heading could be a slip for a column of the table.
    fn may_be_meant(&self, name: &str, folded: &str) -> bool {
        let is_of_programs = name.is_ascii() && name.contains([':', '.']) && !name.contains(' ');
        is_of_programs
            || self.by_title.contains_key(folded)
            || basics::nearest(folded, self.by_title.keys().map(String::as_str)).is_some()
    }

    pub(super) fn is_known(&self, heading: &str) -> bool {
        matches!(self.heading(heading), Heading::Known(..))
    }
}

/// A heading without what does not matter in it: blanks and line breaks, the width of characters, capital letters,
/// the kind of the dot between two names, and the star at what must be filled in.
pub fn folded(heading: &str) -> String {
    let dots = |c| if matches!(c, '・' | '•' | '‧' | '∙' | '⋅') { '·' } else { c };
    let is_kept = |c: &char| !c.is_whitespace() && !basics::text::is_invisible(*c) && *c != '*';
    one_width(heading).chars().flat_map(char::to_lowercase).map(dots).filter(is_kept).collect()
}

/// Columns that people add to any table and that say nothing about anybody.
fn is_remark(folded: &str) -> bool {
    const REMARKS: [&str; 24] = [
        "备注",
        "说明",
        "备注说明",
        "注",
        "注释",
        "批注",
        "序号",
        "编号",
        "签名",
        "签字",
        "本人签字",
        "确认签字",
        "核对",
        "#",
        "no",
        "no.",
        "remark",
        "remarks",
        "note",
        "notes",
        "comment",
        "comments",
        "memo",
        "signature",
    ];
    REMARKS.contains(&folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_heading_as_people_write_it_then_it_is_recognised() {
        let columns = Columns::new(vec![
            Column::new("number", ("工号", "employee number"), &[], Cells::Code),
            Column::new("rate", ("完成·完成率（%）", "completion"), &[], Cells::Number(Percent::Hundredths)),
        ]);
        for heading in ["number", "Number", "工号", "工 号", "工\n号*", "Employee\u{a0}Number", "ＮＵＭＢＥＲ"]
        {
            assert_eq!(columns.heading(heading), Heading::Known("number".to_owned(), Cells::Code), "{heading}");
        }
        for heading in ["完成·\n完成率（%）", "完成・完成率(％)", "完成·完成率（%） "] {
            assert!(columns.is_known(heading), "{heading}");
        }
        assert_eq!(columns.heading("备注"), Heading::PassedOver);
        assert_eq!(columns.heading("住址"), Heading::Unknown);
    }

    #[test]
    fn given_a_table_that_passes_over_others_then_slips_are_kept_to_be_refused() {
        let columns =
            Columns::new(vec![Column::new("care.superior", ("规范·上级", "care: superior"), &[], Cells::Text)])
                .passing_over_others();
        assert_eq!(columns.heading("住址"), Heading::PassedOver);
        for slip in ["care.superiors", "fact:x", "规范·上级分"] {
            assert_eq!(columns.heading(slip), Heading::Unknown, "{slip}");
        }
    }

    #[test]
    fn given_a_title_of_two_columns_then_it_means_neither() {
        let columns = Columns::new(vec![
            Column::new("unit", ("部门", "department"), &[], Cells::Code),
            Column::new("fact:unit", ("部门", "of a department"), &[], Cells::Text),
        ]);
        assert!(!columns.is_known("部门") && columns.is_known("unit"));
    }
}
