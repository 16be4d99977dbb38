//! What of a sheet is read as a whole: totals, points of a rater, and whether somebody rated.

use super::{Refused, Scope, Typed};
use crate::expression::{Ast, Node, Rel, Type};
use crate::say;
use crate::scheme::compile::Compiler;
use crate::scheme::document::sum_told;
use crate::scheme::plan::Setting;
use crate::value::Value;
use rust_decimal::Decimal;

impl Compiler<'_> {
    /// total([section]), points(rater[, section]), rated(rater[, section]), mix(param.weights)
    pub(super) fn of_sheet(&mut self, name: &str, args: &[Ast], scope: &Scope) -> Typed {
        let sheet = self.plan.sheet_of[scope.kind.index()].get(scope.category).copied().flatten();
        let sheet = sheet.ok_or_else(|| say!("这里没有考核表", "there is no sheet here"))?;
        match (name, args) {
            ("total", []) => self.total(sheet, None, scope),
            ("total", [Ast::Text(section)]) => self.total(sheet, Some(section), scope),
            ("points", [Ast::Text(rater)]) => self.points(sheet, rater, None, scope),
            ("points", [Ast::Text(rater), Ast::Text(section)]) => self.points(sheet, rater, Some(section), scope),
            ("rated", [Ast::Text(rater)]) => Ok((self.rated(sheet, rater, None)?, Type::FLAG)),
            ("rated", [Ast::Text(rater), Ast::Text(section)]) => {
                Ok((self.rated(sheet, rater, Some(section))?, Type::FLAG))
            }
            ("mix", [Ast::Path(weights)]) => match weights.as_slice() {
                [param, weights] if param == "param" || param == "table" => self.mix(sheet, weights, scope),
                _ => Err(say!("请写作 mix(param.名称)", "write mix(param.NAME)").into()),
            },
            _ => Err(say!("{name} 不能这样用", "{name} is not used like this").into()),
        }
    }

    pub(super) fn items_of(&self, sheet: u16, section: Option<&str>) -> Result<Vec<u16>, Refused> {
        let sheet = self.plan.sheets.get(usize::from(sheet)).ok_or_else(|| say!("没有该考核表", "no such sheet"))?;
        let wanted =
            |item: &crate::scheme::plan::Item| section.is_none_or(|section| item.section.as_deref() == Some(section));
        let found: Vec<u16> = (0_u16..).zip(&sheet.items).filter(|(_, item)| wanted(item)).map(|(at, _)| at).collect();
        if found.is_empty() {
            let name = section.unwrap_or_default();
            let known = sheet.items.iter().filter_map(|item| item.section.as_deref());
            return Err(Refused::unknown(
                name,
                say!("考核表没有考核维度 {name}", "the sheet has no section {name}"),
                known,
            ));
        }
        Ok(found)
    }

    pub(super) fn total(&mut self, sheet: u16, section: Option<&str>, scope: &Scope) -> Typed {
        let mut parts = Vec::new();
        for item in self.items_of(sheet, section)? {
            let sheet = self.plan.sheets.get(usize::from(sheet));
            let code = sheet.and_then(|sheet| sheet.items.get(usize::from(item))).map(|item| item.code.clone());
            let name = format!("item.{}", code.unwrap_or_default());
            let figure = self.figure(scope.kind, &name).ok_or(Refused::Told)?;
            parts.push(Node::Figure { rel: Rel::Own, figure });
        }
        Ok((Node::Total(parts), Type::NUMBER))
    }

    pub(super) fn points(&mut self, sheet: u16, rater: &str, section: Option<&str>, scope: &Scope) -> Typed {
        let items = self.items_of(sheet, section)?;
        let parts: Vec<Node> =
            items.into_iter().filter_map(|item| self.rater_points(sheet, item, rater, scope)).collect();
        if parts.is_empty() { Err(self.no_rater(sheet, rater)) } else { Ok((Node::Total(parts), Type::NUMBER)) }
    }

    pub(super) fn rated(&self, sheet: u16, rater: &str, section: Option<&str>) -> Result<Node, Refused> {
        let sheet_at = sheet;
        let items = self.items_of(sheet, section)?;
        let sheet = self.plan.sheets.get(usize::from(sheet)).ok_or_else(|| say!("没有该考核表", "no such sheet"))?;
        let inputs =
            items.into_iter().filter_map(|item| sheet.items.get(usize::from(item))).flat_map(|item| &item.inputs);
        let slots: Vec<Node> = inputs
            .filter(|input| input.rater && input.spec.name == rater)
            .map(|input| Node::Slot { rel: Rel::Own, slot: input.slot, required: false })
            .collect();
        if slots.is_empty() { Err(self.no_rater(sheet_at, rater)) } else { Ok(Node::AnyGiven(slots)) }
    }

    pub(super) fn no_rater(&self, sheet: u16, rater: &str) -> Refused {
        let sheet = self.plan.sheets.get(usize::from(sheet));
        let known = sheet.into_iter().flat_map(|sheet| &sheet.raters).map(|rater| rater.name.as_str());
        Refused::unknown(rater, say!("考核表没有评分人 {rater}", "the sheet has no rater {rater}"), known)
    }

    pub(super) fn mix(&mut self, sheet: u16, weights: &str, scope: &Scope) -> Typed {
        let declared = self.plan.sheets.get(usize::from(sheet)).ok_or_else(|| say!("没有该考核表", "no such sheet"))?;
        let names: Vec<String> = declared.raters.iter().map(|rater| rater.name.clone()).collect();
        if self.strict {
            self.weighs_raters(weights, &names)?;
        }
        let mut raters = Vec::new();
        for rater in names {
            let symbol = self.code(&rater)?;
            let (weight, _) = self.entry_of(weights, Node::Constant(Value::Text(symbol)), Some(symbol))?;
            let rated = self.rated(sheet, &rater, None)?;
            let (total, _) = self.points(sheet, &rater, None, scope)?;
            raters.push((weight, rated, total));
        }
        Ok((Node::Mix(raters), Type::NUMBER))
    }

    /// A table of weights by rater sums to 1, whoever sets it, and weighs nobody else.
    pub(super) fn weighs_raters(&self, weights: &str, raters: &[String]) -> Result<(), Refused> {
        let at = self.parameter_at(weights)?;
        let parameter = self.parameters.get(usize::from(at)).ok_or_else(|| say!("没有该参数", "no such parameter"))?;
        let Some(Setting::Table(entries)) = &parameter.default else {
            return Err(say!("{weights} 不是按评分人的权重表", "{weights} is no table of weights by rater").into());
        };
        for (key, _) in entries {
            let key = self.symbols.text(*key);
            if !raters.iter().any(|rater| **rater == *key) {
                let message = say!(
                    "{weights} 中的 {key} 不是考核表的评分人",
                    "{weights} weighs {key}, who is no rater of the sheet"
                );
                return Err(Refused::unknown(&key, message, raters.iter().map(String::as_str)));
            }
        }
        let sum = entries.iter().try_fold(Decimal::ZERO, |sum, (_, weight)| sum.checked_add(*weight));
        if sum != Some(Decimal::ONE) {
            let sum = sum_told(sum);
            return Err(
                say!("{weights} 的权重之和为 {sum}，应为 1", "the weights of {weights} sum to {sum}, not to 1"; sum)
                    .into(),
            );
        }
        if !parameter.fixed && parameter.sum != Some(Decimal::ONE) {
            return Err(say!(
                "{weights} 可由公司设置：请加上 sum = 1",
                "a company may set {weights}: declare it with sum = 1"
            )
            .into());
        }
        Ok(())
    }
}
