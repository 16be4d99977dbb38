//! What one kind of subject declares.

use super::rules::stranger;
use super::{CATEGORY, CATEGORY_OF_PEOPLE, Checker, FACT, LIST, MOST_CATEGORIES, PAY_INPUT};
use crate::say;
use crate::scheme::compile::bare;
use crate::scheme::source::SubjectSource;
use crate::value::Kind;

impl<'s> Checker<'s> {
    pub(super) fn subject(&mut self, kind: Kind, subject: &'s SubjectSource) {
        let root = kind.source_key();
        let out_of_place: &[(&str, bool)] = match kind {
            Kind::Company => &[
                ("categories", !subject.categories.is_empty()),
                ("score", subject.score.is_some()),
                ("head", subject.head.is_some()),
                ("pay", !subject.pay.is_empty()),
                ("lists", !subject.lists.is_empty()),
                ("exclusions", !subject.exclusions.is_empty()),
                ("guides", !subject.guides.is_empty()),
            ],
            Kind::Units => &[
                ("pay", !subject.pay.is_empty()),
                ("exclusions", !subject.exclusions.is_empty()),
                ("guides", !subject.guides.is_empty()),
            ],
            Kind::People => &[("score", subject.score.is_some()), ("head", subject.head.is_some())],
        };
        for (key, _) in out_of_place.iter().filter(|(_, given)| *given) {
            self.problem(
                format!("{root}/{key}"),
                say!("{} 中不能写 {key}", "{key} has no meaning for {0}", &root[1..]),
            );
        }
        let categories = subject.categories.iter().map(|one| (one.code.as_str(), &one.label));
        self.coded(&format!("{root}/categories"), CATEGORY, categories);
        self.few(&format!("{root}/categories"), subject.categories.len(), MOST_CATEGORIES);
        self.inputs(&format!("{root}/facts"), FACT, &subject.facts, Some(kind));
        self.inputs(&format!("{root}/pay"), PAY_INPUT, &subject.pay, Some(kind));
        self.head(kind, subject);
        for (at, list) in subject.lists.iter().enumerate() {
            self.list(&format!("{root}/lists/{at}"), kind, list);
        }
        self.once(&format!("{root}/lists"), LIST, subject.lists.iter().map(|list| list.key.as_str()));
        for (at, one) in subject.exclusions.iter().enumerate() {
            let place = format!("{root}/exclusions/{at}");
            self.label(&format!("{place}/label"), &one.label);
            self.scope(&place, kind, &one.categories, &one.cadences);
        }
        for (at, figure) in subject.figures.iter().enumerate() {
            self.figure(&format!("{root}/figures/{at}"), kind, figure);
        }
        for (at, rule) in subject.rules.iter().enumerate() {
            self.rule(&format!("{root}/rules/{at}"), kind, subject, rule);
        }
        for (at, guide) in subject.guides.iter().enumerate() {
            let place = format!("{root}/guides/{at}");
            self.cadences(&place, &guide.cadences);
            self.outcome(format!("{place}/warning"), bare(&guide.warning));
            if let Some(name) = stranger(&guide.warning, &["grade"]) {
                self.problem(
                    format!("{place}/warning"),
                    say!(
                        "这里的 {{{name}}} 没有含义：可用 {{grade}}",
                        "{{{name}}} stands for nothing here: {{grade}} does"
                    ),
                );
            }
        }
        for (at, check) in subject.checks.iter().enumerate() {
            self.check(&format!("{root}/checks/{at}"), kind, subject, check);
        }
        self.givers_of_subject(kind, subject);
    }

    pub(super) fn head(&mut self, kind: Kind, subject: &SubjectSource) {
        let category = subject.head.as_ref().and_then(|head| head.category.as_deref()).filter(|_| kind == Kind::Units);
        let known: Vec<&str> = self.source.people.categories.iter().map(|one| one.code.as_str()).collect();
        if let Some(category) = category.filter(|category| !known.contains(category)) {
            self.unknown("/units/head/category".to_owned(), CATEGORY_OF_PEOPLE, category, known);
        }
    }
}
