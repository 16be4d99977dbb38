//! What a table is expected to hold, and how its headings are recognised.

use std::collections::{BTreeSet, HashMap};

use domain::text::one_width;
use domain::{Label, Locale};
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
///
/// There is one rule for headings: one that is known is read. One that looks like a slip for a known column that the
/// file does not have, or like what only programs head columns with, is refused with the name that was probably
/// meant. All others, such as remarks, are passed over and told.
#[derive(Default)]
pub struct Columns {
    list: Vec<Column>,
    /// Columns by their titles, folded.
    by_title: HashMap<String, BTreeSet<usize>>,
    /// Every title, folded and as it is written.
    titles: Vec<(String, String)>,
    others: Option<Box<Others>>,
    passed_over: BTreeSet<String>,
}

/// A heading, and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heading {
    Known(String, Cells),
    /// A remark, or something that this table is not about.
    PassedOver,
    /// It may mean this title of a column, unless the table has that column.
    Near(String),
    /// Only programs head columns so; with the name that is probably meant.
    OfPrograms(Option<String>),
    /// It may mean several columns, and these are their names.
    Several(Vec<String>),
}

impl Columns {
    pub fn new(list: Vec<Column>) -> Self {
        let mut by_title: HashMap<String, BTreeSet<usize>> = HashMap::new();
        let mut titles = Vec::new();
        for (at, column) in list.iter().enumerate() {
            for title in column.all_titles().filter(|title| !title.is_empty()) {
                by_title.entry(folded(title)).or_default().insert(at);
                titles.push((folded(title), title.clone()));
            }
        }
        // What programs call a column means that column, whatever people call others.
        for (at, column) in list.iter().enumerate() {
            by_title.insert(folded(&column.name), BTreeSet::from([at]));
        }
        Self { list, by_title, titles, others: None, passed_over: BTreeSet::new() }
    }

    /// Columns whose names nobody can list: `fact:NAME`.
    #[must_use]
    pub fn with_others(mut self, cells_of: impl Fn(&str) -> Option<Cells> + Send + Sync + 'static) -> Self {
        self.others = Some(Box::new(cells_of));
        self
    }

    /// Names of such columns, to be suggested where a heading looks like a slip for one.
    #[must_use]
    pub fn suggesting(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.titles.extend(names.into_iter().map(|name| (folded(&name), name)));
        self
    }

    /// Headings that are not read though they could be one of [`Self::with_others`].
    #[must_use]
    pub fn passing_over(mut self, headings: &[&str]) -> Self {
        self.passed_over.extend(headings.iter().map(|heading| folded(heading)));
        self
    }

    pub(super) fn key(&self) -> &str {
        self.list.first().map_or("", |column| &column.name)
    }

    pub(super) fn heading(&self, heading: &str) -> Heading {
        let folded = folded(heading);
        let found = self.by_title.get(&folded).into_iter().flatten().filter_map(|at| self.list.get(*at));
        match found.collect::<Vec<_>>().as_slice() {
            [] => {}
            [column] => return Heading::Known(column.name.clone(), column.cells),
            several => return Heading::Several(several.iter().map(|column| column.name.clone()).collect()),
        }
        if is_remark(&folded) || self.passed_over.contains(&folded) {
            return Heading::PassedOver;
        }
        let name = one_width(heading).trim_matches([' ', '*']).to_owned();
        let other = |name: &str| self.others.as_ref().and_then(|cells_of| cells_of(name));
        if let Some(cells) = other(&name) {
            return Heading::Known(name, cells);
        }
        let as_programs_write = name.to_lowercase().replace([' ', '-'], "_");
        if other(&as_programs_write).is_some() {
            return Heading::OfPrograms(Some(as_programs_write));
        }
        match self.nearest(&folded) {
            meant if is_of_programs(&name) => Heading::OfPrograms(meant),
            Some(meant) => Heading::Near(meant),
            None => Heading::PassedOver,
        }
    }

    /// The title that a heading may be a slip for. Short words that differ in one letter are other words, and so are
    /// Chinese ones: 性别 is no slip for 类别.
    fn nearest(&self, folded: &str) -> Option<String> {
        let letters = folded.chars().count();
        let most = if folded.is_ascii() { (letters / 4).max(1) } else { letters / 4 };
        let titles = self.titles.iter().map(|(title, _)| title.as_str());
        let meant = domain::nearest_within(most, folded, titles)?;
        self.titles.iter().find(|(title, _)| title == meant).map(|(_, written)| written.clone())
    }

    pub(super) fn is_known(&self, heading: &str) -> bool {
        matches!(self.heading(heading), Heading::Known(..))
    }

    /// The name of the column that has this title.
    pub(super) fn name_of(&self, title: &str) -> Option<&str> {
        let found = self.by_title.get(&folded(title))?;
        found.first().and_then(|at| self.list.get(*at)).map(|column| column.name.as_str())
    }
}

/// `fact:absences`, `care.superior`
fn is_of_programs(name: &str) -> bool {
    name.is_ascii() && name.contains([':', '.']) && !name.contains(' ') && !name.ends_with([':', '.'])
}

/// A heading without what does not matter in it: blanks and line breaks, the width of characters, capital letters,
/// the kind of the dot between two names, and the star at what must be filled in.
pub fn folded(heading: &str) -> String {
    let dots = |c| if matches!(c, '・' | '•' | '‧' | '∙' | '⋅') { '·' } else { c };
    let is_kept = |c: &char| !c.is_whitespace() && !domain::text::is_invisible(*c) && *c != '*';
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
        assert_eq!(columns.heading("住址"), Heading::PassedOver);
    }

    #[test]
    fn given_a_heading_like_that_of_a_column_then_it_may_be_meant_and_a_remark_is_passed_over() {
        let columns = Columns::new(vec![
            Column::new("category", ("人员类别", "category"), &["类别"], Cells::Text),
            Column::new("care.superior", ("规范·上级", "care: superior"), &[], Cells::Text),
        ])
        .with_others(|name| name.starts_with("fact:").then_some(Cells::Text));
        for heading in ["住址", "备注", "性别", "部门名称", "Remarks", "no.", "base"] {
            assert_eq!(columns.heading(heading), Heading::PassedOver, "{heading}");
        }
        assert_eq!(columns.heading("规范·上级分"), Heading::Near("规范·上级".to_owned()));
        assert_eq!(columns.heading("catgory"), Heading::Near("category".to_owned()));
        assert_eq!(columns.heading("care.superiors"), Heading::OfPrograms(Some("care.superior".to_owned())));
        assert_eq!(columns.heading("Fact:x"), Heading::OfPrograms(Some("fact:x".to_owned())));
        assert_eq!(columns.heading("pay:else"), Heading::OfPrograms(None));
    }

    #[test]
    fn given_names_that_nobody_can_list_then_what_people_add_to_any_table_is_none_of_them() {
        let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let columns = Columns::new(vec![Column::new("number", ("工号", "number"), &[], Cells::Code)])
            .with_others(move |name| is_name(name).then_some(Cells::Text))
            .passing_over(&["Name"]);
        assert!(columns.is_known("bonus_base"));
        assert_eq!(columns.heading("Bonus Base"), Heading::OfPrograms(Some("bonus_base".to_owned())));
        for heading in ["name", "NAME", "remark"] {
            assert_eq!(columns.heading(heading), Heading::PassedOver, "{heading}");
        }
    }

    #[test]
    fn given_a_title_of_two_columns_then_it_means_neither() {
        let columns = Columns::new(vec![
            Column::new("unit", ("部门", "department"), &[], Cells::Code),
            Column::new("fact:unit", ("部门", "of a department"), &[], Cells::Text),
        ]);
        assert_eq!(columns.heading("部门"), Heading::Several(vec!["unit".to_owned(), "fact:unit".to_owned()]));
        assert!(columns.is_known("unit"));
    }
}
