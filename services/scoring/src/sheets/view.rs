//! A sheet as people see it.

use std::collections::{BTreeMap, BTreeSet};

use basics::Label;
use basics::money::plain;
use domain::scheme::InputView as Declared;
use events::Row;
use platform::openapi::{EnteredValue, LabelView};
use platform::{Result, Tx};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::rows::Listed;
use super::sheet::Sheet;
use crate::assignments::acting::{Recusals, may_act};
use crate::assignments::assignment::{Assignment, FormState, at};
use crate::assignments::entering::lacking;
use crate::assignments::needs::{Desk, Desks, MissingInput};
use crate::assignments::view::{AssignmentView, view as form_view};
use crate::cycles::cycle::Cycle;
use crate::engine::form::{Place, rows_of};
use crate::engine::{FactPath, Giving, Scheme};
use crate::entries::entry::Entry;
use crate::entries::rows as entries;
use crate::facts::combining::counting;
use crate::facts::rows as facts;
use crate::recusals::rows as recusals;
use crate::results::published;
use crate::subjects::subject::{Appraised, Kind};
use crate::viewer::Viewer;

/// Guidance that somebody has written.
fn written(guidance: &Option<Label>) -> Option<LabelView> {
    guidance.clone().filter(|guidance| !guidance.zh.is_empty() || !guidance.en.is_empty()).map(Into::into)
}

fn level(level: &domain::scheme::source::Level) -> Option<LevelView> {
    let guidance = written(&Some(level.guidance.clone()))?;
    Some(LevelView { from: plain(level.from.0), to: level.to.map(|to| plain(to.0)), guidance })
}

/// A sheet in a list.
#[derive(Serialize, ToSchema)]
pub struct SheetSummary {
    pub id: Uuid,
    pub cycle: Uuid,
    /// `person:NUMBER` or `unit:CODE`.
    pub subject: String,
    pub kind: Kind,
    /// Employee number of the person appraised.
    pub number: Option<String>,
    /// Code of the unit appraised.
    pub code: Option<String>,
    pub name: String,
    /// Unit code.
    pub unit: String,
    pub category: Option<String>,
    /// Employee number.
    pub superior: Option<String>,
    /// 1, and one more when it is changed or redone.
    pub edition: i32,
    /// Exactly one edition does.
    pub counts: bool,
    /// `open` while something is missing, `ready` to be submitted, `complete`.
    pub state: &'static str,
    /// The `ETag`.
    pub version: i64,
}

/// A sheet with its items and what is entered on them.
#[derive(Serialize, ToSchema)]
pub struct SheetView {
    #[serde(flatten)]
    pub summary: SheetSummary,
    pub position: Option<String>,
    /// What whoever rates is told about the whole sheet.
    pub guidance: Option<LabelView>,
    /// The kinds of rater, with what each is told.
    pub raters: Vec<RaterView>,
    /// What the grades mean, where the scheme says so.
    pub grades: Vec<GradeView>,
    pub sections: Vec<SectionView>,
    pub items: Vec<ItemView>,
    pub lists: Vec<ListView>,
    /// What nobody rates.
    pub facts: Vec<SheetFactView>,
    /// Who rates, as far as the reader may know.
    pub assignments: Vec<AssignmentView>,
    /// What still has to be entered before everything can be submitted.
    pub missing: Vec<MissingInput>,
    /// The operations on it that the caller may call now.
    pub actions: Vec<&'static str>,
}

#[derive(Serialize, ToSchema)]
pub struct SectionView {
    pub code: String,
    pub label_zh: String,
    pub label_en: String,
    /// What whoever rates is told about it.
    pub guidance: Option<LabelView>,
}

#[derive(Serialize, ToSchema)]
pub struct RaterView {
    /// As `column` of assignments and inputs.
    pub name: String,
    pub label_zh: String,
    pub label_en: String,
    pub guidance: Option<LabelView>,
}

#[derive(Serialize, ToSchema)]
pub struct GradeView {
    pub code: String,
    pub label_zh: String,
    pub label_en: String,
    pub guidance: LabelView,
}

/// What whoever rates is told about a range of numbers.
#[derive(Serialize, ToSchema)]
pub struct LevelView {
    /// A decimal.
    pub from: String,
    /// A decimal; null: all from there.
    pub to: Option<String>,
    pub guidance: LabelView,
}

#[derive(Serialize, ToSchema)]
pub struct ItemView {
    pub code: String,
    pub label_zh: String,
    pub label_en: String,
    pub section: Option<String>,
    /// What whoever rates is told about it.
    pub guidance: Option<LabelView>,
    /// Points the item can earn, a decimal.
    #[schema(pattern = r"^-?[0-9]+(\.[0-9]+)?$")]
    pub weight: String,
    /// It does not count on this sheet.
    pub off: bool,
    pub rows: Vec<RowView>,
    pub inputs: Vec<InputView>,
}

#[derive(Serialize, ToSchema)]
pub struct ListView {
    pub key: String,
    pub label_zh: String,
    pub label_en: String,
    pub columns: Vec<InputView>,
    pub rows: Vec<RowView>,
    /// What was recorded as it happened.
    pub entries: Vec<SheetEntryView>,
}

/// A row that was agreed.
#[derive(Serialize, ToSchema)]
pub struct RowView {
    /// From 0.
    pub no: usize,
    pub title: String,
    pub measure: Option<String>,
    /// A decimal.
    pub weight: String,
    pub target: Option<String>,
    /// YYYY-MM-DD.
    #[schema(value_type = Option<String>)]
    pub due: Option<jiff::civil::Date>,
    /// 1 comes first.
    pub priority: Option<i32>,
    /// What is entered, by input.
    #[schema(value_type = BTreeMap<String, EnteredValue>)]
    pub values: BTreeMap<String, Value>,
}

#[derive(Serialize, ToSchema)]
pub struct SheetEntryView {
    pub id: Uuid,
    #[schema(value_type = Object)]
    pub cells: Value,
    /// What it rests on: `GET /v1/scoring/documents/{id}`.
    pub document: Option<Uuid>,
}

#[derive(Serialize, ToSchema)]
pub struct InputView {
    pub name: String,
    pub label_zh: String,
    pub label_en: String,
    /// `points`, `number`, `count`, `flag`, `choice`, …
    #[schema(value_type = String)]
    pub kind: Value,
    /// Kind of rater who gives it; none for what nobody rates.
    pub column: Option<String>,
    /// Who may enter it where nobody rates it; empty: HR.
    #[schema(value_type = Vec<Value>)]
    pub by: Value,
    /// Where several give a number each: what counts of them, `sum` or `mean`.
    #[schema(value_type = Option<String>)]
    pub combine: Value,
    /// What each of them gave.
    pub shares: Vec<ShareView>,
    pub min: Option<String>,
    pub max: Option<String>,
    pub step: Option<String>,
    pub choices: Vec<ChoiceView>,
    /// What whoever rates is told about it.
    pub guidance: Option<LabelView>,
    /// What they are told about ranges of numbers.
    pub levels: Vec<LevelView>,
    pub required: bool,
    /// What is entered: a decimal or a letter as text, or true or false; a list where several gave it. Absent while
    /// nothing is entered, or while it is confidential to the reader.
    #[schema(value_type = EnteredValue)]
    pub value: Option<Value>,
    /// The concrete example behind the value.
    pub evidence: Option<String>,
    /// The caller may enter it.
    pub mine: bool,
}

/// The number of one of several who each give one.
#[derive(Serialize, ToSchema)]
pub struct ShareView {
    /// As the scheme writes them, such as `body.CODE`.
    pub giver: String,
    /// Absent while they have not given it.
    #[schema(value_type = EnteredValue)]
    pub value: Option<Value>,
}

#[derive(Serialize, ToSchema)]
pub struct ChoiceView {
    pub code: String,
    pub label_zh: String,
    pub label_en: String,
    /// What whoever rates is told about it.
    pub guidance: Option<LabelView>,
}

#[derive(Serialize, ToSchema)]
pub struct SheetFactView {
    /// As facts are entered: `fact.NAME`, `score`.
    pub path: String,
    pub label_zh: String,
    pub label_en: String,
    #[schema(value_type = String)]
    pub kind: Value,
    /// Who may enter it; empty: HR.
    #[schema(value_type = Vec<Value>)]
    pub by: Value,
    /// Where several give a number each: what counts of them, `sum` or `mean`.
    #[schema(value_type = Option<String>)]
    pub combine: Value,
    /// What each of them gave.
    pub shares: Vec<ShareView>,
    #[schema(value_type = EnteredValue)]
    pub value: Option<Value>,
    pub required: bool,
}

pub fn summary(listed: &Listed) -> SheetSummary {
    summarised(
        (listed.id, listed.cycle, listed.kind, &listed.subject),
        (&listed.name, &listed.unit),
        (listed.category.as_deref(), listed.superior.as_deref()),
        (listed.edition, true, listed.version),
        state(listed.open, listed.lacking),
    )
}

fn state(open: i64, lacking: i64) -> &'static str {
    match (open, lacking) {
        (0, _) => "complete",
        (_, 0) => "ready",
        _ => "open",
    }
}

fn summarised(
    (id, cycle, kind, subject): (Uuid, Uuid, Kind, &str),
    (name, unit): (&str, &str),
    (category, superior): (Option<&str>, Option<&str>),
    (edition, counts, version): (i32, bool, i64),
    state: &'static str,
) -> SheetSummary {
    let id_of = |wanted: Kind| (kind == wanted).then(|| subject.to_owned());
    SheetSummary {
        id,
        cycle,
        subject: kind.subject(subject).to_string(),
        kind,
        number: id_of(Kind::Person),
        code: id_of(Kind::Unit),
        name: name.to_owned(),
        unit: unit.to_owned(),
        category: category.map(str::to_owned),
        superior: superior.map(str::to_owned),
        edition,
        counts,
        state,
        version,
    }
}

/// Everything about a sheet.
struct Shown<'a> {
    about: &'a Appraised,
    scheme: &'a Scheme,
    desk: Desk<'a>,
    forms: Vec<Assignment>,
    facts: BTreeMap<String, Value>,
    /// What those gave who each give a number of a value.
    shares: Vec<facts::Fact>,
    entries: Vec<Entry>,
    recusals: Recusals,
    /// Something may be entered on it.
    is_open: bool,
    viewer: &'a Viewer,
    sight: Sight,
}

/// How much of a sheet a reader sees.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sight {
    All,
    /// What they give, and who they are.
    Own,
}

/// The sheet as this reader may see it: the appraisee sees others' ratings only after publication, a rater who is
/// nothing else sees their own form.
pub async fn of(
    tx: &mut Tx,
    cycle: &Cycle,
    sheet: &Sheet,
    about: &Appraised,
    forms: Vec<Assignment>,
    viewer: &Viewer,
    looks: bool,
) -> Result<SheetView> {
    let key = sheet.key();
    let scheme = cycle.scheme()?;
    let forms: Vec<Assignment> = forms.into_iter().filter(|form| form.edition == sheet.edition).collect();
    let values = facts::of_subjects(tx, cycle.id, std::slice::from_ref(&key)).await?;
    let recorded = entries::list(tx, cycle.id, Some(&key), None, 500).await?;
    let is_closed = !published::to_raters(tx, cycle.id, std::slice::from_ref(&key)).await?.is_empty();
    let number = viewer.number.as_deref();
    let is_own = number.is_some_and(|number| about.is_person(number));
    let beside = [&about.superior, &about.head, &about.co_head, &about.leader]
        .into_iter()
        .any(|one| viewer.is_any(one.as_deref()));
    let sight = match is_own {
        true if is_closed => Sight::All,
        false if viewer.sees_all() || beside || looks => Sight::All,
        _ => Sight::Own,
    };
    let shown = Shown {
        about,
        scheme: &scheme,
        desk: Desks::of(&scheme, &cycle.parameters).desk(about, Some(sheet)),
        forms,
        facts: counting(&scheme, about.kind.domain(), about.category.as_deref(), &values)
            .into_iter()
            .map(|(path, value)| (path.to_owned(), value))
            .collect(),
        shares: values.iter().filter(|fact| !fact.giver.is_empty()).cloned().collect(),
        entries: recorded.into_iter().filter(|entry| entry.withdrawn_at.is_none()).collect(),
        recusals: recusals::pairs(tx, cycle.id).await?,
        is_open: sheet.counts && !is_closed && cycle.state.check_entering().is_ok(),
        viewer,
        sight,
    };
    Ok(shown.view(sheet))
}

impl Shown<'_> {
    fn view(&self, sheet: &Sheet) -> SheetView {
        let waited = self.forms.iter().filter(|form| form.state == FormState::Open && !form.optional);
        let (open, lack) = waited.fold((0, 0), |(open, lack), form| (open + 1, lack + i64::from(form.missing > 0)));
        let visible: Vec<&Assignment> = self.forms.iter().filter(|form| self.sees(form)).collect();
        let open_forms =
            visible.iter().filter(|form| form.state == FormState::Open && (!form.optional || self.acts(form)));
        let missing = open_forms.flat_map(|form| lacking(&self.desk, form, &self.forms)).collect();
        let closed = if self.is_open { BTreeSet::new() } else { self.forms.iter().map(|form| form.id).collect() };
        let mut items: Vec<ItemView> = self.desk.form.items().iter().map(|item| self.item(item)).collect();
        items.sort_by_key(|item| sheet.priorities.iter().position(|code| *code == item.code).unwrap_or(usize::MAX));
        let sections = self.desk.form.sheet.iter().flat_map(|sheet| &sheet.sections);
        let section = |section: &domain::scheme::source::Coded| SectionView {
            code: section.code.clone(),
            label_zh: section.label.zh.clone(),
            label_en: section.label.en.clone(),
            guidance: written(&section.guidance),
        };
        let rater = |rater: &domain::scheme::RaterView| RaterView {
            name: rater.name.clone(),
            label_zh: rater.label.zh.clone(),
            label_en: rater.label.en.clone(),
            guidance: written(&rater.guidance),
        };
        let grades = self.scheme.plain().grades();
        let grade = |grade: &domain::scheme::source::Coded| {
            let (label_zh, label_en) = (grade.label.zh.clone(), grade.label.en.clone());
            Some(GradeView { code: grade.code.clone(), label_zh, label_en, guidance: written(&grade.guidance)? })
        };
        SheetView {
            summary: summarised(
                (sheet.id, sheet.cycle, sheet.kind, &sheet.subject),
                (&self.about.name, &self.about.unit),
                (self.about.category.as_deref(), self.about.superior.as_deref()),
                (sheet.edition, sheet.counts, sheet.version),
                state(open, lack),
            ),
            position: self.about.position.clone(),
            guidance: self.desk.form.sheet.as_ref().and_then(|sheet| written(&sheet.guidance)),
            raters: self.desk.form.raters().into_iter().map(rater).collect(),
            grades: grades.iter().filter_map(grade).collect(),
            sections: sections.map(section).collect(),
            items,
            lists: self.desk.form.lists.iter().map(|list| self.list(list)).collect(),
            facts: self.facts(),
            assignments: visible.iter().map(|form| form_view(form, self.viewer, &self.recusals, &closed)).collect(),
            missing,
            actions: self.actions(),
        }
    }

    fn acts(&self, form: &Assignment) -> bool {
        may_act(self.viewer, form, &self.recusals).is_ok()
    }

    fn sees(&self, form: &Assignment) -> bool {
        self.sight == Sight::All || (form.is_active() && self.acts(form))
    }

    fn actions(&self) -> Vec<&'static str> {
        let mut actions = Vec::new();
        if !self.is_open {
            return actions;
        }
        let mine: Vec<&Assignment> =
            self.forms.iter().filter(|form| form.state == FormState::Open && self.acts(form)).collect();
        if !mine.is_empty() {
            actions.push("put_sheet_ratings");
        }
        if !mine.is_empty() && mine.iter().all(|form| form.missing == 0) {
            actions.push("submit_sheet");
        }
        let own = self.viewer.number.as_deref().is_some_and(|number| self.about.is_person(number));
        if self.viewer.hr && !own && self.forms.iter().any(|form| form.state == FormState::Submitted) {
            actions.push("return_sheet");
        }
        actions
    }

    fn item(&self, item: &domain::scheme::ItemView) -> ItemView {
        let place = Place::Item(item);
        ItemView {
            code: item.code.clone(),
            label_zh: item.label.zh.clone(),
            label_en: item.label.en.clone(),
            section: item.section.clone(),
            guidance: written(&item.guidance),
            weight: plain(self.desk.weights.get(&item.code).copied().unwrap_or(item.weight)),
            off: self.desk.off.contains(&item.code),
            rows: self.rows(place),
            inputs: item.inputs.iter().map(|input| self.input(place, input)).collect(),
        }
    }

    fn list(&self, list: &domain::scheme::ListView) -> ListView {
        let place = Place::List(list);
        let own = self.entries.iter().filter(|entry| self.sight == Sight::All && entry.list == list.key);
        ListView {
            key: list.key.clone(),
            label_zh: list.label.zh.clone(),
            label_en: list.label.en.clone(),
            columns: list.columns.iter().map(|input| self.input(place, input)).collect(),
            rows: self.rows(place),
            entries: own
                .map(|entry| SheetEntryView { id: entry.id, cells: entry.cells.clone(), document: entry.document })
                .collect(),
        }
    }

    fn rows(&self, place: Place<'_>) -> Vec<RowView> {
        let row = |(no, row): (usize, &&Row)| RowView {
            no,
            title: row.title.clone(),
            measure: row.measure.clone(),
            weight: row.weight.clone(),
            target: row.target.clone(),
            due: row.due,
            priority: row.priority,
            values: place
                .inputs()
                .iter()
                .filter_map(|input| Some((input.name.clone(), self.value(place, Some(no), input)?)))
                .collect(),
        };
        rows_of(&self.desk.rows, place.code()).iter().enumerate().map(row).collect()
    }

    /// What is entered there: one's own, or what all of the raters gave.
    fn value(&self, place: Place<'_>, row: Option<usize>, input: &Declared) -> Option<Value> {
        let Some(column) = &input.column else {
            let path = FactPath::Item { item: place.code().to_owned(), input: input.name.clone() };
            return self.facts.get(&path.to_string()).filter(|_| self.sight == Sight::All).cloned();
        };
        let of_column =
            self.forms.iter().filter(|form| form.is_active() && form.rater_column == *column && self.sees(form));
        let given = |form: &Assignment| at(&form.given(), place.code(), row, &input.name).cloned();
        let (own, others): (Vec<_>, Vec<_>) = of_column.partition(|form| self.acts(form));
        let own: Vec<Value> = own.into_iter().filter_map(given).collect();
        let mut all = if own.is_empty() { others.into_iter().filter_map(given).collect() } else { own };
        if all.len() > 1 { Some(Value::Array(all)) } else { all.pop() }
    }

    fn input(&self, place: Place<'_>, input: &Declared) -> InputView {
        let forms =
            self.forms.iter().filter(|form| form.is_active() && Some(&form.rater_column) == input.column.as_ref());
        let forms: Vec<&Assignment> = forms.filter(|form| self.sees(form)).collect();
        let evidence = forms.iter().find_map(|form| at(&form.evidence(), place.code(), None, &input.name).cloned());
        let labels = input.choice_labels.iter().map(Some).chain(std::iter::repeat(None));
        let guidance = input.choice_guidance.iter().map(written).chain(std::iter::repeat_with(|| None));
        let choice = |((code, label), guidance): ((&String, Option<&Label>), Option<LabelView>)| ChoiceView {
            code: code.clone(),
            guidance,
            label_zh: label.map_or_else(|| code.clone(), |label| label.zh.clone()),
            label_en: label.map_or_else(|| code.clone(), |label| label.en.clone()),
        };
        InputView {
            name: input.name.clone(),
            label_zh: input.label.zh.clone(),
            label_en: input.label.en.clone(),
            kind: json!(input.kind),
            column: input.column.clone(),
            by: json!(input.by),
            combine: json!(input.combine),
            shares: self.shares(&FactPath::Item { item: place.code().to_owned(), input: input.name.clone() }),
            min: input.min.map(plain),
            max: input.max.map(plain),
            step: input.step.map(plain),
            choices: input.choices.iter().zip(labels).zip(guidance).map(choice).collect(),
            guidance: written(&input.guidance),
            levels: input.levels.iter().filter_map(level).collect(),
            required: input.required,
            value: self.value(place, None, input),
            evidence,
            mine: forms.iter().any(|form| form.state == FormState::Open && self.acts(form)),
        }
    }

    /// What those gave who each give a number of a value.
    fn shares(&self, path: &FactPath) -> Vec<ShareView> {
        let giving = self.scheme.giving(self.about.kind.domain(), self.about.category.as_deref(), path);
        let several = giving.iter().flat_map(Giving::several).filter(|_| self.sight == Sight::All);
        let path = path.to_string();
        let share = |giver: String| {
            let given = self.shares.iter().find(|fact| fact.path == path && fact.giver == giver);
            ShareView { value: given.map(|fact| fact.value.clone()), giver }
        };
        several.map(|who| share(who.to_string())).collect()
    }

    fn facts(&self) -> Vec<SheetFactView> {
        if self.sight != Sight::All {
            return Vec::new();
        }
        let kind = self.about.kind.domain();
        let of_organisation = self.about.facts();
        let facts = self.scheme.facts(kind, self.about.category.as_deref()).into_iter().map(|fact| {
            let of_scheme = FactPath::Fact(fact.name.clone());
            let path = of_scheme.to_string();
            let value = self.facts.get(&path).or_else(|| of_organisation.get(&fact.name)).cloned();
            SheetFactView {
                path,
                combine: json!(fact.combine),
                shares: self.shares(&of_scheme),
                label_zh: fact.label.zh,
                label_en: fact.label.en,
                kind: json!(fact.kind),
                by: json!(fact.by),
                value,
                required: fact.required,
            }
        });
        let score = (self.about.kind == Kind::Unit && self.scheme.takes_unit_scores()).then(|| SheetFactView {
            path: FactPath::Score.to_string(),
            label_zh: "部门得分".to_owned(),
            label_en: "Unit score".to_owned(),
            kind: json!("number"),
            by: json!(self.scheme.plain().score_by()),
            combine: Value::Null,
            shares: Vec::new(),
            value: self.facts.get("score").cloned(),
            required: true,
        });
        facts.chain(score).collect()
    }
}
