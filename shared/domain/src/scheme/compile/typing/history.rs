//! Rows of lists, earlier periods, and the months of a longer one.

use super::{Names, Refused, Scope, Typed};
use crate::expression::{Ast, Node, Type};
use crate::period::Form;
use crate::say;
use crate::scheme::compile::Compiler;
use crate::value::Kind;

impl Compiler<'_> {
    pub(super) fn of_rows(&mut self, name: &str, list: &[String], of: &Ast, scope: &Scope) -> Typed {
        let key = list.join(".");
        let found = self.plan.lists[scope.kind.index()].iter().position(|list| list.key == key);
        let lists = &self.plan.lists[scope.kind.index()];
        let at = found.ok_or_else(|| {
            Refused::unknown(
                &key,
                say!("没有列表 {key}", "there is no list {key}"),
                lists.iter().map(|list| list.key.as_str()),
            )
        })?;
        let inner = scope.with(Names::Row { list: at });
        let list = u16::try_from(at).map_err(|_| say!("列表过多", "too many lists"))?;
        if name == "sum" {
            let of = Box::new(self.number_of(of, &inner)?.0);
            return Ok((Node::SumRows { list, of }, Type::NUMBER));
        }
        let of = Box::new(self.flag(of, &inner)?);
        Ok((Node::CountRows { list, of }, Type::NUMBER))
    }

    /// Only a period that has months is looked at by its months.
    pub(super) fn of_months(&self, scope: &Scope) -> Result<(), Refused> {
        with_history(scope)?;
        match self.form() {
            Form::Month => Err(say!(
                "月度期间不含各月：此函数用于更长的期间",
                "a month has no months of its own: this is for longer periods"
            )
            .into()),
            _ => Ok(()),
        }
    }

    /// The same condition twice: for entries of the history, and for the present period.
    pub(super) fn of_history(&mut self, name: &str, condition: &Ast, scope: &Scope) -> Typed {
        with_history(scope)?;
        self.of_single_periods(scope)?;
        let past = Box::new(self.of_the_past(condition, scope, Names::Past)?);
        let present = Box::new(self.flag(condition, scope)?);
        let node = match name {
            "run" => Node::Run { past, present },
            "nth" | "nth_ever" => Node::Nth { past, present, ever: name == "nth_ever" },
            _ => Node::CountInYear { past, present },
        };
        Ok((node, Type::NUMBER))
    }

    /// A condition on an earlier period, of which only its result is known.
    pub(super) fn of_the_past(&mut self, condition: &Ast, scope: &Scope, names: Names) -> Result<Node, Refused> {
        let past = self.flag(condition, &scope.with(names))?;
        if self.strict && !of_any_period(&past) {
            let message = say!(
                "往期只有得分和等级：run、nth、nth_ever、in_year 和 months 中不能引用事实数据和其他计算项",
                "of earlier periods, score and grade are known: name no fact and no other figure in run, nth, nth_ever, in_year and months"
            );
            return Err(message.into());
        }
        Ok(past)
    }

    pub(super) fn of_single_periods(&self, scope: &Scope) -> Result<(), Refused> {
        match scope.names {
            Names::Past | Names::Month => Err(say!(
                "run、nth、nth_ever、in_year 和 months 逐期判断，不能互相嵌套",
                "run, nth, nth_ever, in_year and months look at single periods: one cannot stand within another"
            )
            .into()),
            Names::Common | Names::Item { .. } | Names::Row { .. } => Ok(()),
        }
    }
}

/// Whether a condition looks at nothing that only the present period has.
fn of_any_period(past: &Node) -> bool {
    let mut sound = true;
    past.walk(&mut |node| {
        sound &= !matches!(
            node,
            Node::Slot { .. }
                | Node::Figure { .. }
                | Node::Weight { .. }
                | Node::Previous(_)
                | Node::PeriodDay { .. }
                | Node::SumRows { .. }
                | Node::CountRows { .. }
                | Node::CountMonths { .. }
                | Node::MonthsScored
                | Node::MeanOfMonths { .. }
        );
    });
    sound
}

pub(super) fn with_history(scope: &Scope) -> Result<(), Refused> {
    if scope.kind == Kind::Company {
        Err(say!("公司没有历史记录", "the company has no history").into())
    } else {
        Ok(())
    }
}
