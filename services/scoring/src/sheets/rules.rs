//! Who may enter what on a sheet, what it still lacks, and when a part of it may be submitted.

use platform::{Message, Missing, What, say};
use std::collections::BTreeSet;

use events::Values;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::sheet::{Evidence, Inputs, MEASURED, Open, SELF, SUPERIOR, Sheet, Submitted};
use crate::engine::{Form, FormInput, FormItem, Presence};
use crate::viewer::Viewer;

/// Pairs of appraisee and rater.
pub type Recusals = BTreeSet<(String, String)>;

/// Whether the caller may enter or submit a part of a sheet; else why not.
///
/// Nobody scores themselves but in self-assessment, and nobody who is recused. HR enters measured values and
/// acts for raters who do not sign in; where the superior is recused or there is none, HR or an executive
/// stands in.
pub fn may_enter(viewer: &Viewer, sheet: &Sheet, part: &str, recusals: &Recusals) -> Result<(), Message> {
    if viewer.is(&sheet.number) {
        return if part == SELF {
            Ok(())
        } else {
            Err(say!("除自评外，不能为自己评分", "nobody scores themselves but in self-assessment"))
        };
    }
    let recused = |rater: &str| recusals.contains(&(sheet.number.clone(), rater.to_owned()));
    if viewer.number.as_deref().is_some_and(recused) {
        return Err(say!("您须回避对该员工的评分", "the caller is recused from this person"));
    }
    let stands_in = sheet.superior.as_deref().is_none_or(recused);
    let allowed = match part {
        SELF => false,
        SUPERIOR => viewer.leads(sheet) || (stands_in && (viewer.hr || viewer.executive)),
        MEASURED => viewer.hr || viewer.leads(sheet),
        _ => viewer.hr,
    };
    if allowed { Ok(()) } else { Err(say!("此项由他人填写", "this is for somebody else to enter")) }
}

/// Whether the caller may know of the sheet by role or by their place directly beside it.
pub fn is_concerned(viewer: &Viewer, sheet: &Sheet) -> bool {
    viewer.is(&sheet.number) || viewer.leads(sheet) || viewer.hr || viewer.executive || viewer.auditor
}

/// Something a sheet still needs before it is complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MissingInput {
    pub item: String,
    /// The input that has no value, or whose value has no evidence.
    pub input: String,
    /// Who gives it: a kind of rater, or `measured`.
    pub part: String,
    pub what: What,
}

impl From<MissingInput> for Missing {
    fn from(MissingInput { item, input, part, what }: MissingInput) -> Self {
        Self { what, item: Some(item), input: Some(input), part: Some(part), ..Self::default() }
    }
}

/// Which part of a sheet an input belongs to.
pub fn part_of(input: &FormInput) -> &str {
    input.rater.as_deref().unwrap_or(MEASURED)
}

fn given(inputs: &Inputs, item: &str, input: &str) -> Option<Value> {
    inputs.get(item).and_then(|i| i.get(input)).cloned()
}

fn any_given(form: &Form, inputs: &Inputs, part: &str, among: impl Fn(&FormItem) -> bool) -> bool {
    form.items.iter().filter(|item| among(item)).any(|item| {
        item.inputs
            .iter()
            .any(|i| part_of(i) == part && inputs.get(&item.code).is_some_and(|v| v.contains_key(&i.name)))
    })
}

fn is_needed(form: &Form, inputs: &Inputs, item: &FormItem, input: &FormInput) -> bool {
    match input.presence {
        Presence::Always => !input.optional,
        Presence::Any => false,
        Presence::AllOrNone => any_given(form, inputs, part_of(input), |_| true),
        Presence::AllOrNoneOfSection => any_given(form, inputs, part_of(input), |i| i.section == item.section),
    }
}

/// Everything a sheet still needs.
pub fn missing(form: &Form, sheet: &Sheet) -> Vec<MissingInput> {
    missing_from(form, &sheet.weights, &sheet.inputs, &sheet.evidence)
}

fn missing_from(form: &Form, weights: &Values, inputs: &Inputs, evidence: &Evidence) -> Vec<MissingInput> {
    let mut missing = Vec::new();
    for item in &form.items {
        for input in &item.inputs {
            let what = match given(inputs, &item.code, &input.name) {
                None if is_needed(form, inputs, item, input) => What::Value,
                Some(value)
                    if form.needs_evidence(item, input, weights, &value)
                        && !evidence.get(&item.code).is_some_and(|e| e.contains_key(&input.name)) =>
                {
                    What::Evidence
                }
                _ => continue,
            };
            missing.push(MissingInput {
                item: item.code.clone(),
                input: input.name.clone(),
                part: part_of(input).to_owned(),
                what,
            });
        }
    }
    missing
}

/// Works out again which parts lack something and which are still to be submitted.
pub fn open(form: &Form, sheet: &Sheet) -> Open {
    open_with(form, &sheet.weights, &sheet.inputs, &sheet.evidence, &sheet.submitted)
}

fn open_with(form: &Form, weights: &Values, inputs: &Inputs, evidence: &Evidence, submitted: &Submitted) -> Open {
    let missing: BTreeSet<String> = missing_from(form, weights, inputs, evidence).into_iter().map(|m| m.part).collect();
    let mut open = BTreeSet::new();
    for item in &form.items {
        for input in &item.inputs {
            let Some(part) = input.rater.as_deref() else { continue };
            let wanted = matches!(input.presence, Presence::Always) && !input.optional
                || any_given(form, inputs, part, |_| true);
            if wanted && !submitted.contains_key(part) {
                open.insert(part.to_owned());
            }
        }
    }
    Open { missing_parts: missing.into_iter().collect(), open_parts: open.into_iter().collect() }
}

/// What every new sheet with this form needs.
pub fn open_at_first(form: &Form) -> Open {
    open_with(form, &Values::new(), &Inputs::new(), &Evidence::new(), &Submitted::new())
}

/// Brings the sheet's own account of what it lacks up to date.
pub fn refresh(form: &Form, sheet: &mut Sheet) {
    let open = open(form, sheet);
    sheet.missing_parts = open.missing_parts;
    sheet.open_parts = open.open_parts;
}

/// How a sheet stands: `open` while something is missing, `ready` to be submitted, `complete`.
pub fn state(sheet: &Sheet) -> &'static str {
    match (sheet.missing_parts.is_empty(), sheet.open_parts.is_empty()) {
        (true, true) => "complete",
        (true, false) => "ready",
        (false, _) => "open",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::tests::form;
    use serde_json::json;
    use uuid::Uuid;

    fn sheet() -> Sheet {
        Sheet {
            id: Uuid::nil(),
            cycle: Uuid::nil(),
            number: "E001".into(),
            unit: "NET".into(),
            name: "Li".into(),
            category: None,
            position: None,
            superior: Some("M001".into()),
            hired_on: None,
            left_on: None,
            facts: Default::default(),
            weights: Default::default(),
            priorities: Vec::new(),
            inputs: Default::default(),
            evidence: Default::default(),
            submitted: Default::default(),
            missing_parts: Vec::new(),
            open_parts: Vec::new(),
            version: 1,
        }
    }

    fn person(number: &str) -> Viewer {
        Viewer { number: Some(number.into()), name: number.into(), ..Viewer::default() }
    }

    fn hr(number: &str) -> Viewer {
        Viewer { hr: true, ..person(number) }
    }

    fn nobody() -> Recusals {
        Recusals::new()
    }

    #[test]
    fn given_the_appraisee_then_only_self_assessment_is_open_to_them_even_as_hr() {
        assert!(may_enter(&person("E001"), &sheet(), SELF, &nobody()).is_ok());
        assert!(may_enter(&hr("E001"), &sheet(), "hr", &nobody()).is_err());
        assert!(may_enter(&hr("E001"), &sheet(), MEASURED, &nobody()).is_err());
    }

    #[test]
    fn given_the_superior_then_their_points_and_measured_values_are_theirs() {
        assert!(may_enter(&person("M001"), &sheet(), SUPERIOR, &nobody()).is_ok());
        assert!(may_enter(&person("M001"), &sheet(), MEASURED, &nobody()).is_ok());
        assert!(may_enter(&person("M001"), &sheet(), "hr", &nobody()).is_err());
        assert!(may_enter(&person("M002"), &sheet(), SUPERIOR, &nobody()).is_err());
        assert!(may_enter(&hr("H001"), &sheet(), SUPERIOR, &nobody()).is_err());
    }

    #[test]
    fn given_a_recused_superior_then_hr_stands_in() {
        let recusals = Recusals::from([("E001".to_owned(), "M001".to_owned())]);
        assert!(may_enter(&person("M001"), &sheet(), SUPERIOR, &recusals).is_err());
        assert!(may_enter(&hr("H001"), &sheet(), SUPERIOR, &recusals).is_ok());
    }

    #[test]
    fn given_nobody_above_then_an_executive_may_score() {
        let top = Sheet { superior: None, ..sheet() };
        let executive = Viewer { executive: true, ..person("X001") };
        assert!(may_enter(&executive, &top, SUPERIOR, &nobody()).is_ok());
        assert!(may_enter(&person("M001"), &top, SUPERIOR, &nobody()).is_err());
    }

    #[test]
    fn given_an_empty_sheet_then_every_needed_input_is_missing() {
        let open = open(&form(), &sheet());
        assert_eq!(open.missing_parts, ["measured", "superior"]);
        assert_eq!(open.open_parts, ["superior"]);
    }

    #[test]
    fn given_points_that_need_an_example_then_it_is_missing_until_it_is_there() {
        let mut sheet = sheet();
        sheet.inputs.entry("work".into()).or_default().insert("superior".into(), json!("5"));
        sheet.inputs.entry("count".into()).or_default().insert("value".into(), json!("3"));
        let lacking = missing(&form(), &sheet);
        assert_eq!(lacking.len(), 1);
        assert_eq!(lacking[0].what, What::Evidence);
        sheet.evidence.entry("work".into()).or_default().insert("superior".into(), "mended the core switch".into());
        refresh(&form(), &mut sheet);
        assert_eq!(state(&sheet), "ready");
    }
}
