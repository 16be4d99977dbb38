//! Results as people read them: what its scheme calls each code stands beside the code.

use std::collections::BTreeMap;

use basics::Label;
use domain::Kind;
use domain::scheme::source::Coded;
use platform::openapi::LabelView;
use platform::{Result, Tx};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rows::ResultRow;
use crate::cycles::rows as cycles;
use crate::engine::Scheme;

/// Somebody's result, with what its codes are called.
#[derive(Serialize, ToSchema)]
pub struct ResultView {
    #[serde(flatten)]
    pub result: ResultRow,
    /// What the scheme is called.
    pub scheme_label: LabelView,
    /// What the grade is called.
    pub grade_label: Option<LabelView>,
    /// What the category is called.
    pub category_label: Option<LabelView>,
    /// What the outcomes are called, in their order.
    pub outcome_labels: Vec<LabelView>,
    /// What the reasons for an interview are called, in their order.
    pub interview_labels: Vec<LabelView>,
    /// What the reason for not being appraised is called.
    pub excluded_label: Option<LabelView>,
    /// What the further scores are called.
    pub score_labels: BTreeMap<String, LabelView>,
    /// What the further outputs are called.
    pub output_labels: BTreeMap<String, LabelView>,
}

impl ResultView {
    fn new(result: ResultRow, scheme: &Scheme) -> Self {
        let (cadence, scheme) = (scheme.cadence(), scheme.plain());
        let of = |known: &[Coded], code: &String| label(known, code);
        let kind = result.kind.domain();
        let categories = if kind == Kind::People { scheme.people_categories() } else { scheme.unit_categories() };
        let score = |name: &String| {
            let label = scheme.figure_label(kind, cadence, name).cloned();
            (name.clone(), label.unwrap_or_else(|| Label::new(name, name)).into())
        };
        Self {
            scheme_label: scheme.label().clone().into(),
            excluded_label: result.excluded.as_ref().map(|code| {
                let label = scheme.exclusion_label(code).cloned();
                label.unwrap_or_else(|| Label::new(code, code)).into()
            }),
            score_labels: result.scores.as_object().into_iter().flat_map(|scores| scores.keys()).map(score).collect(),
            grade_label: result.grade.as_ref().map(|code| of(scheme.grades(), code)),
            category_label: result.category.as_ref().map(|code| of(categories, code)),
            output_labels: result
                .outputs
                .as_object()
                .into_iter()
                .flat_map(|outputs| outputs.keys())
                .map(score)
                .collect(),
            outcome_labels: result.outcomes.iter().map(|code| of(scheme.outcomes(), code)).collect(),
            interview_labels: result.interview.iter().map(|code| of(scheme.outcomes(), code)).collect(),
            result,
        }
    }
}

/// What a grade is called.
pub fn of_grade(scheme: &Scheme, grade: &str) -> LabelView {
    label(scheme.plain().grades(), grade)
}

fn label(known: &[Coded], code: &str) -> LabelView {
    let label = known.iter().find(|one| one.code == code).map(|one| one.label.clone());
    label.unwrap_or_else(|| Label::new(code, code)).into()
}

/// Puts the labels of their cycles' schemes beside some results.
pub async fn labelled(tx: &mut Tx, results: Vec<ResultRow>) -> Result<Vec<ResultView>> {
    let mut ids: Vec<Uuid> = results.iter().map(|result| result.cycle).collect();
    ids.sort_unstable();
    ids.dedup();
    let schemes = cycles::schemes(tx, &ids).await?;
    let view = |result: ResultRow| schemes.get(&result.cycle).map(|scheme| ResultView::new(result, scheme));
    Ok(results.into_iter().filter_map(view).collect())
}
