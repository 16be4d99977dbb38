//! A sheet as people see it.

use platform::Result;
use platform::openapi::EnteredValue;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rules::{self, MissingInput};
use super::sheet::{SELF, Sheet, Submitted};
use crate::cycles::cycle::{Cycle, State};
use crate::engine::Form;
use crate::viewer::Viewer;

/// A sheet in a list.
#[derive(Serialize, ToSchema)]
pub struct SheetSummary {
    pub id: Uuid,
    pub cycle: Uuid,
    /// Employee number of the person appraised.
    pub number: String,
    pub name: String,
    /// Unit code.
    pub unit: String,
    pub category: Option<String>,
    /// Employee number.
    pub superior: Option<String>,
    /// `open` while something is missing, `ready` to be submitted, `complete`.
    pub state: String,
    /// Kinds of rater whose part is still to be submitted.
    pub open_parts: Vec<String>,
    /// The `ETag`.
    pub version: i64,
}

/// A sheet with its items and what is entered on them.
#[derive(Serialize, ToSchema)]
pub struct SheetView {
    #[serde(flatten)]
    pub summary: SheetSummary,
    pub position: Option<String>,
    pub items: Vec<ItemView>,
    /// Who submitted which part, and when.
    #[schema(value_type = std::collections::BTreeMap<String, super::sheet::Submission>)]
    pub submitted: Submitted,
    /// What still has to be entered before everything can be submitted.
    pub missing: Vec<MissingInput>,
}

#[derive(Serialize, ToSchema)]
pub struct ItemView {
    pub code: String,
    pub label_zh: String,
    pub label_en: String,
    pub section: Option<String>,
    /// Points the item can earn, a decimal.
    #[schema(pattern = r"^-?[0-9]+(\.[0-9]+)?$")]
    pub weight: String,
    pub inputs: Vec<InputView>,
}

#[derive(Serialize, ToSchema)]
pub struct InputView {
    pub name: String,
    pub label_zh: String,
    pub label_en: String,
    /// `points`, `number`, `count`, `flag`, `choice`, …
    pub kind: String,
    /// Kind of rater who gives it; none for measured values.
    pub rater: Option<String>,
    /// What is entered: a decimal or a letter as text, or true or false. Absent while nothing is entered, or
    /// while it is confidential to the reader.
    #[schema(value_type = EnteredValue)]
    pub value: Option<serde_json::Value>,
    /// The concrete example behind the value.
    pub evidence: Option<String>,
}

pub fn summary(sheet: &Sheet) -> SheetSummary {
    SheetSummary {
        id: sheet.id,
        cycle: sheet.cycle,
        number: sheet.number.clone(),
        name: sheet.name.clone(),
        unit: sheet.unit.clone(),
        category: sheet.category.clone(),
        superior: sheet.superior.clone(),
        state: rules::state(sheet).to_owned(),
        open_parts: sheet.open_parts.clone(),
        version: sheet.version,
    }
}

/// The sheet as this reader may see it: others' ratings are shown to the appraisee only after publication.
pub fn of(cycle: &Cycle, sheet: &Sheet, viewer: &Viewer) -> Result<SheetView> {
    Ok(view(cycle.scheme()?.form(sheet.category.as_deref()), sheet, viewer, cycle.state()?))
}

fn view(form: Option<&Form>, sheet: &Sheet, viewer: &Viewer, state: State) -> SheetView {
    let veiled = viewer.is(&sheet.number) && state != State::Published;
    let hidden = |rater: Option<&str>| veiled && rater != Some(SELF);
    let mut items: Vec<ItemView> =
        form.map(|f| f.items.iter().map(|item| item_view(item, sheet, &hidden)).collect()).unwrap_or_default();
    items.sort_by_key(|i| sheet.priorities.iter().position(|p| *p == i.code).unwrap_or(usize::MAX));
    let missing = form.map(|f| rules::missing(f, sheet)).unwrap_or_default();
    let missing = missing.into_iter().filter(|m| !veiled || m.part == SELF).collect();
    SheetView {
        summary: summary(sheet),
        position: sheet.position.clone(),
        items,
        submitted: sheet.submitted.clone(),
        missing,
    }
}

fn item_view(item: &crate::engine::FormItem, sheet: &Sheet, hidden: &dyn Fn(Option<&str>) -> bool) -> ItemView {
    let (values, examples) = (sheet.inputs.get(&item.code), sheet.evidence.get(&item.code));
    let inputs = item.inputs.iter().map(|input| {
        let hidden = hidden(input.rater.as_deref());
        InputView {
            name: input.name.clone(),
            label_zh: input.label.zh.clone(),
            label_en: input.label.en.clone(),
            kind: input.kind.clone(),
            rater: input.rater.clone(),
            value: values.and_then(|v| v.get(&input.name)).filter(|_| !hidden).cloned(),
            evidence: examples.and_then(|e| e.get(&input.name)).filter(|_| !hidden).cloned(),
        }
    });
    ItemView {
        code: item.code.clone(),
        label_zh: item.label.zh.clone(),
        label_en: item.label.en.clone(),
        section: item.section.clone(),
        weight: sheet.weights.get(&item.code).cloned().unwrap_or_else(|| item.weight.clone()),
        inputs: inputs.collect(),
    }
}
