//! What can be read: inputs, points, figures, parameters, columns, earlier results.

use super::range::smaller;
use super::survey::Surveyor;
use super::{Range, Reach, Shape};
use crate::expression::{Field, Local, Node, Rel};
use crate::say;
use crate::scheme::plan::{InputSpec, Item, Rater, Setting, Sheet};
use crate::scheme::source::RaterPresence;
use crate::value::Value;

impl<'c> Surveyor<'c, '_> {
    pub(super) fn slot(&self, rel: Rel, slot: u16, required: bool) -> Reach {
        let kind = rel.target(self.scope.kind);
        let plan = &self.compiler.plan;
        // Sheets of several categories share a slot, and may bound it differently.
        let of_kind = |sheet: &&Sheet| self.compiler.source.sheets.get(sheet.source).is_some_and(|s| s.on == kind);
        let sheets = plan.sheets.iter().filter(of_kind);
        let sheets = sheets.filter(|sheet| rel != Rel::Own || sheet.category == self.scope.category);
        let inputs = sheets.flat_map(|sheet| &sheet.items).flat_map(|item| &item.inputs);
        let here = inputs.filter(|input| input.slot == slot).map(|input| &input.spec);
        let of_item = plan.layouts[kind.index()].is_of_item(slot);
        let shared = plan.layouts[kind.index()].slots.get(usize::from(slot)).map(|slot| &slot.spec);
        let specs = here.filter(|_| of_item).chain(shared.filter(|_| !of_item));
        // Whoever must have given it has; a rater's points that are only looked at may be absent.
        let reach = |spec: &InputSpec| {
            let reach = spec.reach();
            let absent = reach.absent || (!required && spec.default == Value::Absent);
            reach.absent(absent)
        };
        specs.map(reach).reduce(Reach::or).unwrap_or(Reach::of(Shape::Nothing).absent(true))
    }

    /// The points of the sheet that lie in a slot, and whose they are.
    pub(super) fn points_in(&self, slot: u16) -> Option<(&'c Item, &'c InputSpec, &'c Rater)> {
        let sheet = self.compiler.plan.sheet(self.scope.kind, self.scope.category)?;
        let mut inputs = sheet.items.iter().flat_map(|item| item.inputs.iter().map(move |input| (item, input)));
        let (item, input) = inputs.find(|(_, input)| input.rater && input.slot == slot)?;
        let rater = sheet.raters.iter().find(|rater| rater.name == input.spec.name)?;
        Some((item, &input.spec, rater))
    }

    /// Points that a rater need not give are read only where they are known to be there.
    pub(super) fn ask_for_points(&mut self, slot: u16) {
        let Some((_, spec, rater)) = self.points_in(slot) else { return };
        if spec.optional && spec.default == Value::Absent {
            let name = &rater.name;
            self.fault(say!(
                "{name} 的评分可能缺失：请先判断 rated(\"{name}\")",
                "the points of {name} may be absent: ask rated(\"{name}\") first"
            ));
        }
    }

    /// The points that are there where some of these are, by what a rater must give together.
    pub(super) fn given_with(&self, given: &[Node]) -> Vec<u16> {
        let slot = |node: &Node| if let Node::Slot { slot, .. } = node { Some(*slot) } else { None };
        let asked: Vec<u16> = given.iter().filter_map(slot).collect();
        let points: Vec<_> = asked.iter().filter_map(|slot| self.points_in(*slot)).collect();
        let Some((first, _, rater)) = points.first() else { return asked };
        let one_section = points.iter().all(|(item, ..)| item.section == first.section);
        let together = |item: &Item| match rater.presence {
            RaterPresence::AllOrNone => true,
            RaterPresence::AllOrNoneOfSection => one_section && item.section == first.section,
            RaterPresence::Always | RaterPresence::Any => false,
        };
        let sheet = self.compiler.plan.sheet(self.scope.kind, self.scope.category);
        let items = sheet.into_iter().flat_map(|sheet| &sheet.items).filter(|item| together(item));
        let inputs = items.flat_map(|item| &item.inputs);
        let with = inputs.filter(|input| input.rater && input.spec.name == rater.name).map(|input| input.slot);
        with.chain(asked.iter().copied().filter(|_| asked.len() == 1)).collect()
    }

    /// What a figure can come to, in this category or, of somebody else, in any.
    pub(super) fn figure(&self, rel: Rel, figure: u16) -> Reach {
        let Some(figure) = self.compiler.plan.figures.get(usize::from(figure)) else {
            return Reach::of(Shape::Nothing);
        };
        let bodies = figure.bodies.iter().enumerate();
        let meant = bodies.filter(|(category, _)| rel != Rel::Own || *category == self.scope.category);
        let found = meant
            .map(|(_, body)| body.as_ref().map_or(Reach::of(Shape::Nothing).absent(true), |body| body.reach.clone()));
        found.reduce(Reach::or).unwrap_or(Reach::of(Shape::Nothing))
    }

    pub(super) fn parameter(&self, parameter: u16) -> Reach {
        let Some(parameter) = self.compiler.parameters.get(usize::from(parameter)) else {
            return Reach::of(Shape::Nothing);
        };
        match (&parameter.default, parameter.fixed) {
            (Some(Setting::Number(number)), true) => Reach::number(Range::of(*number)),
            _ => Reach::number(parameter.bounds.range(false)).absent(parameter.optional),
        }
    }

    pub(super) fn entry(&mut self, parameter: u16, key: &Node) -> Reach {
        let key = self.reach(key);
        let Some(parameter) = self.compiler.parameters.get(usize::from(parameter)) else {
            return Reach::of(Shape::Nothing);
        };
        let Some(Setting::Table(entries)) = &parameter.default else { return Reach::number(Range::FROM_ZERO) };
        let Shape::Texts(keys) = key.shape else { return Reach::of(Shape::Nothing) };
        let lacking: Vec<String> = keys
            .iter()
            .filter(|key| !entries.iter().any(|(entry, _)| entry == *key))
            .map(|key| self.compiler.symbols.text(*key).to_string())
            .collect();
        if !lacking.is_empty() {
            let fault = say!(
                "{} 没有 {} 对应的项，而键可能取到它",
                "{} has no entry for {}, which the key can be",
                parameter.name,
                lacking.join(", ")
            );
            self.fault_about(fault, Some(parameter.name.clone()));
        }
        if parameter.fixed {
            let numbers =
                entries.iter().filter(|(entry, _)| keys.contains(entry)).map(|(_, number)| Range::of(*number));
            return Reach::number(numbers.reduce(Range::or).unwrap_or(Range::FROM_ZERO));
        }
        let bounds = parameter.bounds.range(false);
        Reach::number(Range { hi: smaller(bounds.hi, parameter.sum), ..bounds })
    }

    pub(super) fn local(&self, local: Local) -> Reach {
        match local {
            Local::Column { list, at, .. } => {
                let list = self.compiler.plan.lists[self.scope.kind.index()].get(usize::from(list));
                let column = list.and_then(|list| list.columns.get(usize::from(at)));
                column.map_or(Reach::of(Shape::Nothing), InputSpec::reach)
            }
            Local::Past(field) => self.past(field),
            Local::Month(field) => self.past(field).absent(true),
        }
    }

    /// What an earlier result can be.
    pub(super) fn past(&self, field: Field) -> Reach {
        match field {
            Field::Score => Reach::number(Range::FROM_ZERO),
            Field::Grade => {
                Reach::texts(self.compiler.source.grades.iter().filter_map(|g| self.compiler.symbols.find(&g.code)))
            }
        }
    }
}
