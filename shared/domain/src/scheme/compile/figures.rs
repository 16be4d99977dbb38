//! Figures: each is compiled after those that it reads, so that the order of computation comes by itself.

use std::collections::{BTreeSet, HashMap};

use rust_decimal::Decimal;

use super::reach::{Range, Reach, Shape, finished, reaches};
use super::typing::{Names, Scope};
use super::{Compiler, State, of};
use crate::Message;
use crate::expression::{Base, Node, Rel, Type};
use crate::say;
use crate::scheme::document::{meant, sum_told};
use crate::scheme::plan::{Band, Body, Figure, FigureRule, Reference, Setting, Stands, references};
use crate::scheme::problem::Problem;
use crate::scheme::source::{
    BandsSource, FigureSource, GatherSource, Gathering, How, QuotaSource, RankCount, RankSource, SplitSource, Within,
};
use crate::value::{Kind, Symbol, Value};

/// Whether shares are forced: then every place is somebody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forced {
    Yes,
    No,
}

impl Compiler<'_> {
    pub(super) fn all_figures(&mut self) {
        self.read_counts();
        let mut depths = HashMap::new();
        for kind in Kind::ALL {
            let Some(subject) = self.source.subject(kind) else { continue };
            for figure in &subject.figures {
                let name = (kind, figure.name.clone());
                if self.in_cadence(&figure.cadences) && !depths.contains_key(&name) {
                    self.in_order(name, &mut depths);
                }
            }
        }
        for sheet in 0..self.plan.sheets.len() {
            let Some(declared) = self.plan.sheets.get(sheet) else { continue };
            let kind = self.source.sheets.get(declared.source).map_or(Kind::People, |source| source.on);
            let names: Vec<String> = declared.items.iter().map(|item| format!("item.{}", item.code)).collect();
            for name in names.into_iter().map(|name| (kind, name)) {
                if !depths.contains_key(&name) {
                    self.in_order(name, &mut depths);
                }
            }
        }
    }

    /// The figure of that name; what it reads is compiled already ([`Self::in_order`]).
    pub fn figure(&mut self, kind: Kind, name: &str) -> Option<u16> {
        let key = (kind, name.to_owned());
        match self.figures.get(&key) {
            Some(State::Done(at)) => return Some(*at),
            Some(State::Broken) => return None,
            Some(State::Underway) => {
                self.problem(
                    self.place_of_figure(kind, name),
                    say!("{name} 的计算依赖于自身", "{name} depends on itself"),
                );
                return None;
            }
            None => {}
        }
        self.figures.insert(key.clone(), State::Underway);
        let compiled = match name.strip_prefix("item.") {
            Some(item) => self.item_figure(kind, name, item),
            None => self.declared_figure(kind, name),
        };
        let state = compiled.map_or(State::Broken, |mut figure| {
            figure.pay_dependent = self.depends_on_pay(&figure);
            self.check_pay_references(&figure);
            let at = u16::try_from(self.plan.figures.len()).unwrap_or(u16::MAX);
            self.plan.figures.push(figure);
            State::Done(at)
        });
        self.figures.insert(key, state);
        if let State::Done(at) = state { Some(at) } else { None }
    }

    /// Where a figure, or an item, is declared first.
    pub(super) fn place_of_figure(&self, kind: Kind, name: &str) -> String {
        if let Some(item) = name.strip_prefix("item.") {
            let sheets = self.source.sheets.iter().enumerate().filter(|(_, sheet)| sheet.on == kind);
            let mut items =
                sheets.flat_map(|(at, sheet)| sheet.items.iter().enumerate().map(move |(i, one)| (at, i, one)));
            let found = items.find(|(_, _, one)| one.code == item);
            return found.map_or(String::new(), |(sheet, item, _)| format!("/sheets/{sheet}/items/{item}"));
        }
        let figures = self.source.subject(kind).map_or(&[][..], |subject| &subject.figures);
        let at = figures.iter().position(|figure| figure.name == name && self.in_cadence(&figure.cadences));
        at.map_or(String::new(), |at| place_of(kind, at))
    }

    /// Whether the scheme has such a figure at all, in this cadence.
    pub fn has_figure(&self, kind: Kind, name: &str) -> bool {
        let declared = self.source.subject(kind).is_some_and(|subject| {
            subject.figures.iter().any(|figure| figure.name == name && self.in_cadence(&figure.cadences))
        });
        declared
            || name.strip_prefix("item.").is_some_and(|item| {
                let sheets = self.plan.sheet_of[kind.index()].iter().flatten();
                sheets
                    .filter_map(|at| self.plan.sheets.get(usize::from(*at)))
                    .any(|s| s.items.iter().any(|i| i.code == item))
            })
    }

    pub(super) fn declared_figure(&mut self, kind: Kind, name: &str) -> Option<Figure> {
        let subject = self.source.subject(kind)?;
        let mut bodies = Vec::new();
        let mut ty: Option<Type> = None;
        let mut lazy = false;
        let mut broken = false;
        let declared = subject.figures.iter().enumerate();
        let declared = declared.filter(|(_, figure)| figure.name == name && self.in_cadence(&figure.cadences));
        let declared: Vec<_> = declared.collect();
        for category in 0..self.source.category_count(kind) {
            let mut variants =
                declared.iter().copied().filter(|(_, figure)| self.for_category(kind, &figure.categories, category));
            let Some((declared_at, variant)) = variants.next() else {
                bodies.push(None);
                continue;
            };
            if let Some((again, _)) = variants.next() {
                let whom = match self.source.category_code(kind, category) {
                    "" => Message::default(),
                    code => say!("（{code}）", " for {code}"),
                };
                self.tell(Problem::new(
                    place_of(kind, again),
                    say!("{name} 重复定义{whom}", "{name} is defined twice{whom}"; whom),
                ));
            }
            lazy |= variant.lazy;
            let Some((body, found)) = self.body(variant, declared_at, kind, category) else {
                broken = true;
                continue;
            };
            ty = Some(match ty {
                None => found,
                Some(before) if before.base == found.base => found.optional(before.optional || found.optional),
                Some(before) => {
                    let (here, there) = (found.describe(), before.describe());
                    let message = say!(
                        "{name} 在这里是{here}，在另一类别中是{there}",
                        "{name} is {here} here and {there} in another category"; here, there
                    );
                    self.tell(Problem::new(place_of(kind, declared_at), message));
                    return None;
                }
            });
            bodies.push(Some(body));
        }
        if broken {
            return None;
        }
        self.check_type(kind, name, ty?, &bodies);
        Some(Figure { kind, name: name.into(), ty: ty?, bodies, pay_dependent: false, lazy, item: false, needed: true })
    }

    pub(super) fn body(
        &mut self,
        figure: &FigureSource,
        declared_at: usize,
        kind: Kind,
        category: usize,
    ) -> Option<(Body, Type)> {
        let scope = Scope::of(kind, category);
        let found = self.figure_rule(figure, declared_at, &scope);
        let min = figure.min.as_ref().map(|min| self.number(min, &scope));
        let max = figure.max.as_ref().map(|max| self.number(max, &scope));
        let (rule, ty, text, raw) = found?;
        let (min, max) = (flat(min)?, flat(max)?);
        let money = figure.pay || figure.money;
        let round = if money { Some(2) } else { figure.round };
        let reach = match raw.shape {
            Shape::Number(range) => {
                let bound = |node: &Option<Node>| node.as_ref().map(|node| self.range_of(node, &scope));
                Reach { shape: Shape::Number(finished(range, bound(&min), bound(&max), round)), ..raw }
            }
            _ => raw,
        };
        let label = figure.label.clone();
        let (pay, output) = (figure.pay, figure.output);
        Some((Body { declared_at, label, text, rule, round, min, max, pay, money, output, reach }, ty))
    }

    fn figure_rule(
        &mut self,
        figure: &FigureSource,
        declared_at: usize,
        scope: &Scope,
    ) -> Option<(FigureRule, Type, String, Reach)> {
        let place = place_of(scope.kind, declared_at);
        match figure.how() {
            Some(How::Formula(formula)) => {
                let (node, ty) = self.expression(formula, scope, &[])?;
                let (reach, _) = self.surveyed(&node, scope);
                Some((FigureRule::Formula(node), ty, formula.text.clone(), reach))
            }
            Some(How::Bands(bands)) => self.bands(bands, &place, scope),
            Some(How::Quota(quota)) => self.quota(quota, &place, scope),
            Some(How::Rank(rank)) => self.rank(rank, scope),
            Some(How::Gather(gather)) => self.gather(gather, &place, scope),
            Some(How::Split(split)) => self.split(split, scope),
            // That it says nowhere how it is found is told where the file is checked.
            None => None,
        }
    }

    fn bands(&mut self, bands: &BandsSource, place: &str, scope: &Scope) -> Option<(FigureRule, Type, String, Reach)> {
        let of = self.number(&bands.of, scope)?;
        let range = self.range_of(&of, scope);
        let mut rows: Vec<Band> = Vec::new();
        let mut texts = Vec::new();
        let mut gives = Vec::new();
        for (at, row) in bands.rows.iter().enumerate() {
            let (bound, inclusive) = row.bound()?;
            let value = self.band_value(row, &format!("{place}/bands/rows/{at}"))?;
            let before = rows.last().map(|before| (before.bound, before.inclusive));
            let here = format!("{place}/bands/rows/{at}");
            let below = before.is_none_or(|(before, was)| bound < before || (bound == before && inclusive && !was));
            if !below {
                let message = say!(
                    "此分数段永远达不到：各分数段须从高到低排列，最好的在前",
                    "this band can never be reached: bands begin lower and lower, best first"
                );
                self.problem(here, message);
                return None;
            }
            let reached = reaches(range, bound, inclusive, before);
            let (of, range) = (bands.of.shown(), range.told());
            let never = say!(
                "此分数段永远达不到：{of} 的范围是：{range}",
                "this band can never be reached: the range of {of} is: {range}"; range
            );
            self.usage.note(format!("band {here}"), here, never, reached);
            if reached {
                gives.push(value);
            }
            let name = row.grade.clone().or(row.value.map(|value| value.0.to_string())).unwrap_or_default();
            texts.push(format!("{} {bound}: {name}", if inclusive { ">=" } else { ">" }));
            rows.push(Band { bound, inclusive, gives: value });
        }
        let last = rows.last()?;
        let covered = range.lo.is_some_and(|lo| if last.inclusive { lo >= last.bound } else { lo > last.bound });
        if !covered {
            let of = bands.of.shown();
            let range = range.told();
            let message =
                say!("{of}（{range}）可能低于最后一个分数段", "{of} ({range}) may be below the last band"; range);
            self.caution(format!("{place}/bands/rows/{}", rows.len() - 1), message);
        }
        let graded = rows.iter().all(|row| matches!(row.gives, Value::Text(_)));
        let (ty, reach) = if graded {
            (
                Type::TEXT,
                Reach::texts(gives.into_iter().filter_map(|value| match value {
                    Value::Text(text) => Some(text),
                    _ => None,
                })),
            )
        } else {
            let numbers = gives.iter().filter_map(|value| match value {
                Value::Number(number) => Some(Range::between(Some(*number), Some(*number))),
                _ => None,
            });
            (Type::NUMBER, Reach::number(numbers.reduce(Range::or).unwrap_or(Range::ALL)))
        };
        let text = format!("{} {}", bands.of.text, texts.join(", "));
        Some((FigureRule::Bands { of, rows }, ty, text, reach))
    }

    fn band_value(&mut self, row: &crate::scheme::source::BandSource, place: &str) -> Option<Value> {
        match (&row.grade, row.value) {
            (Some(grade), _) => self.grade(grade, &format!("{place}/grade")).map(Value::Text),
            (None, Some(value)) => Some(Value::Number(value.0)),
            (None, None) => None,
        }
    }

    /// A grade of the scheme, or another code that figures can yield.
    fn grade(&mut self, code: &str, place: &str) -> Option<Symbol> {
        let codes: Vec<&str> =
            self.source.grades.iter().chain(&self.source.codes).map(|one| one.code.as_str()).collect();
        let known = codes.contains(&code);
        if !known {
            let hint = meant(code, codes);
            let message = say!("{code:?} 不是本方案的代码：不在等级（grades）和代码（codes）之中{hint}", "{code:?} is no code of this scheme: it is not among its grades and codes{hint}"; hint);
            self.tell(Problem::new(place, message).about(code));
        }
        self.symbols.find(code).filter(|_| known)
    }

    fn quota(&mut self, quota: &QuotaSource, place: &str, scope: &Scope) -> Option<(FigureRule, Type, String, Reach)> {
        let by = self.number(&quota.by, scope);
        let among = quota.among.as_ref().map(|among| self.condition(among, scope));
        let shares = self.shares(&quota.shares, &format!("{place}/quota/shares"), Forced::Yes);
        let (by, among, (shares, grades)) = (by?, flat(among)?, shares?);
        self.plan.company_wide |= quota.within != Within::Unit || scope.kind == Kind::Units;
        let among_text = quota.among.as_ref().map_or(String::new(), |among| format!(", among {}", among.text));
        let text = format!("quota({}, within {:?}{among_text}, {})", quota.by.text, quota.within, quota.shares);
        let (within, rounding, ties) = (quota.within, quota.rounding, quota.ties);
        let rule = FigureRule::Quota { by, within, shares, among, rounding, ties };
        Some((rule, Type::TEXT, text, Reach::texts(grades)))
    }

    /// A table of shares in per cent, and the grades that it shares among; a forced one sums to 100, whoever sets it.
    pub(super) fn shares(&mut self, name: &str, place: &str, forced: Forced) -> Option<(u16, Vec<Symbol>)> {
        let at = self.table(name, place)?;
        let parameter = self.parameters.get(usize::from(at))?;
        let Some(Setting::Table(entries)) = &parameter.default else {
            self.problem(place, say!("{name} 不是按等级的比例表", "{name} is no table of shares by grade"));
            return None;
        };
        let graded = |code: &str| self.source.grades.iter().chain(&self.source.codes).any(|known| known.code == code);
        let strangers: Vec<String> =
            entries.iter().map(|(key, _)| self.symbols.text(*key).to_string()).filter(|key| !graded(key)).collect();
        let sum = entries.iter().try_fold(Decimal::ZERO, |sum, (_, share)| sum.checked_add(*share));
        let codes = entries.iter().map(|(key, _)| *key).collect();
        if !strangers.is_empty() {
            self.caution(
                place,
                say!(
                    "{name} 中的 {} 既不是等级也不是代码",
                    "{name} has shares of {}, which are neither grades nor codes",
                    strangers.join(", ")
                ),
            );
        } else if forced == Forced::No {
            // A guide may name some grades only.
        } else if sum != Some(Decimal::ONE_HUNDRED) {
            let sum = sum_told(sum);
            self.caution(
                place,
                say!("{name} 的比例之和为 {sum}，应为 100", "the shares of {name} sum to {sum}, not to 100"; sum),
            );
        } else if !parameter.fixed && parameter.sum != Some(Decimal::ONE_HUNDRED) {
            self.caution(
                place,
                say!("{name} 可由公司设置：请加上 sum = 100", "a company may set {name}: declare it with sum = 100"),
            );
        }
        Some((at, codes))
    }

    fn rank(&mut self, rank: &RankSource, scope: &Scope) -> Option<(FigureRule, Type, String, Reach)> {
        let by = self.number(&rank.by, scope);
        let among = rank.among.as_ref().map(|among| self.condition(among, scope));
        let (by, among) = (by?, flat(among)?);
        self.plan.company_wide |= rank.within != Within::Unit || scope.kind == Kind::Units;
        let among_text = rank.among.as_ref().map_or(String::new(), |among| format!(", among {}", among.text));
        let text = format!("rank({}, within {:?}{among_text}, {:?})", rank.by.text, rank.within, rank.count);
        let first = if rank.count == RankCount::Better { Decimal::ONE } else { Decimal::ZERO };
        let reach = Reach::number(Range::between(Some(first), None));
        Some((FigureRule::Rank { by, within: rank.within, among, count: rank.count }, Type::NUMBER, text, reach))
    }

    fn gather(
        &mut self,
        gather: &GatherSource,
        place: &str,
        scope: &Scope,
    ) -> Option<(FigureRule, Type, String, Reach)> {
        self.plan.company_wide |= scope.kind == Kind::Company;
        let mut value = Vec::new();
        let mut least = Some(Decimal::ZERO);
        for category in 0..self.source.category_count(gather.of) {
            let member = Scope::of(gather.of, category);
            if !self.for_category(gather.of, &gather.categories, category) {
                value.push(None);
                continue;
            }
            let node = match (&gather.value, gather.how) {
                (None, Gathering::Count) => Node::Constant(Value::Number(Decimal::ONE)),
                (None, _) => {
                    self.problem(
                        format!("{place}/gather"),
                        say!("求和须写明 `value`", "a sum needs the `value` that is summed"),
                    );
                    return None;
                }
                (Some(value), Gathering::Sum) => {
                    let node = self.number(value, &member)?;
                    least = least.filter(|_| self.range_of(&node, &member).never_negative());
                    node
                }
                (Some(value), _) => self.expression(value, &member, &[])?.0,
            };
            value.push(Some(node));
        }
        let inner = gather.value.as_ref().map_or("", |value| &value.text);
        let text = format!("{:?}({}) over {:?}", gather.how, inner, gather.of);
        let reach = Reach::number(Range::between(least, None));
        Some((FigureRule::Gather { of: gather.of, how: gather.how, value }, Type::NUMBER, text, reach))
    }

    fn split(&mut self, split: &SplitSource, scope: &Scope) -> Option<(FigureRule, Type, String, Reach)> {
        let (pool, weight) = (self.number(&split.pool, scope), self.number(&split.weight, scope));
        let (pool, weight) = (pool?, weight?);
        for (node, expr, what) in
            [(&pool, &split.pool, say!("总额", "the pool")), (&weight, &split.weight, say!("权重", "the weight"))]
        {
            let range = self.range_of(node, scope);
            if !range.never_negative() {
                let told = range.told();
                let message = say!("{what}可能为负（{told}）", "{what} may be negative ({told})"; what, told);
                self.caution(expr, of(expr, &message));
            }
        }
        let mut of_category = false;
        pool.walk(&mut |node| of_category |= matches!(node, Node::Category) && split.within != Within::Category);
        if of_category || references(&pool).iter().any(|reference| differs(*reference, split.within)) {
            let message = say!(
                "总额对所有分摊者是同一个数：只能引用公司的数据，或在部门内引用部门的数据",
                "the pool is one sum for all who share it: it reads the company, or the unit within a unit"
            );
            self.caution(&split.pool, of(&split.pool, &message));
        }
        self.plan.company_wide |= split.within != Within::Unit;
        let text = format!("split({}, by {}, within {:?})", split.pool.text, split.weight.text, split.within);
        let range = Range::between(Some(Decimal::ZERO), self.range_of(&pool, scope).hi);
        let rule = FigureRule::Split { pool, weight, within: split.within };
        Some((rule, Type::NUMBER, text, Reach::number(range)))
    }

    pub(super) fn table(&mut self, name: &str, place: &str) -> Option<u16> {
        let bare = name.strip_prefix("param.").or_else(|| name.strip_prefix("table.")).unwrap_or(name);
        let found = self.parameter(bare);
        if found.is_none() {
            let hint = meant(bare, self.parameters.iter().map(|parameter| parameter.name.as_str()));
            self.tell(
                Problem::new(place, say!("没有表 {name}{hint}", "there is no table {name}{hint}"; hint)).about(bare),
            );
        }
        found
    }

    /// Results know what a score, a grade and a coefficient are; only numbers are paid, rounded and bounded.
    fn check_type(&mut self, kind: Kind, name: &str, ty: Type, bodies: &[Option<Body>]) {
        let place = self.place_of_figure(kind, name);
        let wanted = match name {
            "score" | "coefficient" => Base::Number,
            "grade" => Base::Text,
            _ => ty.base,
        };
        if ty.base != wanted {
            let (found, wanted) = (ty.describe(), Type::of(wanted).describe());
            let message =
                say!("{name} 是{found}，应为{wanted}", "{name} is {found}; {wanted} is wanted"; found, wanted);
            return self.problem(place, message);
        }
        let counted =
            |body: &Body| body.pay || body.money || body.round.is_some() || body.min.is_some() || body.max.is_some();
        if ty.base != Base::Number && bodies.iter().flatten().any(counted) {
            let found = ty.describe();
            let message = say!(
                "{name} 是{found}：只有数值才能发放、舍入和设上下限",
                "{name} is {found}: only a number is paid, rounded or bounded"; found
            );
            return self.problem(place, message);
        }
        let strangers: Vec<String> = match name {
            "grade" => bodies.iter().flatten().flat_map(|body| body.reach.codes()).collect::<BTreeSet<Symbol>>(),
            _ => BTreeSet::new(),
        }
        .into_iter()
        .map(|symbol| self.symbols.text(symbol).to_string())
        .filter(|code| !self.source.grades.iter().any(|grade| grade.code == *code))
        .collect();
        if !strangers.is_empty() {
            self.caution(
                &*place,
                say!(
                    "等级可能为 {}，但它不在 grades 之中",
                    "the grade can be {}, which is not among the grades",
                    strangers.join(", ")
                ),
            );
        }
        let negative = |body: &&Body| !body.reach.range().never_negative();
        if name == "score"
            && let Some(body) = bodies.iter().flatten().find(negative)
        {
            let told = body.reach.range().told();
            let message =
                say!("得分可能为负（{told}）：请加上 min = 0", "the score may be negative ({told}): add min = 0"; told);
            self.caution(place_of(kind, body.declared_at), message);
        }
    }

    /// The score of an item: its formula, or what its first rater gives, within 0 and its weight.
    pub(super) fn item_figure(&mut self, kind: Kind, name: &str, code: &str) -> Option<Figure> {
        let mut bodies = Vec::new();
        for category in 0..self.source.category_count(kind) {
            bodies.push(self.item_body(kind, category, code));
        }
        bodies.iter().any(Option::is_some).then(|| Figure {
            kind,
            name: name.into(),
            ty: Type::NUMBER,
            bodies,
            pay_dependent: false,
            lazy: false,
            item: true,
            needed: false,
        })
    }

    pub(super) fn item_body(&mut self, kind: Kind, category: usize, code: &str) -> Option<Body> {
        let (sheet, item) = self.item_of(kind, category, code)?;
        let declared = self.plan.sheets.get(usize::from(sheet))?;
        let declared_source = declared.source;
        let source = self.source.sheets.get(declared_source)?;
        let written = source.items.get(usize::from(item))?;
        let scope = Scope { kind, category, names: Names::Item { sheet, item } };
        let (node, text) = match &written.score {
            Some(score) => (self.number(score, &scope)?, score.text.clone()),
            None => {
                let Some(rater) = self.first_rater(sheet, item) else {
                    let place = format!("/sheets/{}/items/{item}", declared_source);
                    let message = say!(
                        "指标 {code} 没有写明如何评分：请写 raters 或 score",
                        "item {code} says nowhere how it is scored: it needs raters or a score"
                    );
                    self.tell(Problem::new(place, message));
                    return None;
                };
                let points = self.rater_points(sheet, item, &rater, &scope)?;
                for (fault, _) in self.surveyed(&points, &scope).1 {
                    let message = say!("指标 {code}：{fault}", "item {code}: {fault}"; fault);
                    self.caution(format!("/sheets/{declared_source}/items/{item}"), message);
                }
                (points, rater)
            }
        };
        let node = self.on_sheet(sheet, item, node);
        // A person's own weights may put all of the sheet on one item.
        let highest = written.max.map_or(Decimal::ONE_HUNDRED, |max| max.0);
        let most = written.max.map_or(Node::Weight { sheet, item }, |max| Node::Constant(Value::Number(max.0)));
        Some(Body {
            declared_at: usize::from(item),
            label: written.label.clone(),
            text,
            rule: FigureRule::Formula(node),
            round: None,
            min: Some(Node::Constant(Value::Number(Decimal::ZERO))),
            max: Some(most),
            pay: false,
            money: false,
            output: None,
            reach: Reach::number(Range::between(Some(Decimal::ZERO), Some(highest))),
        })
    }

    /// A part of a sheet that counts only where its item does.
    fn on_sheet(&self, sheet: u16, item: u16, of: Node) -> Node {
        let declared = self.plan.sheets.get(usize::from(sheet)).and_then(|sheet| sheet.items.get(usize::from(item)));
        match declared.map(|item| item.stands) {
            None | Some(Stands::Alone) => of,
            Some(_) => Node::OnSheet { sheet, item, of: Box::new(of) },
        }
    }

    pub fn item_of(&self, kind: Kind, category: usize, code: &str) -> Option<(u16, u16)> {
        let sheet = (*self.plan.sheet_of[kind.index()].get(category)?)?;
        let items = &self.plan.sheets.get(usize::from(sheet))?.items;
        let item = items.iter().position(|item| item.code == code)?;
        Some((sheet, u16::try_from(item).ok()?))
    }

    pub(super) fn first_rater(&self, sheet: u16, item: u16) -> Option<String> {
        let item = self.plan.sheets.get(usize::from(sheet))?.items.get(usize::from(item))?;
        item.inputs.iter().find(|input| input.rater).map(|input| input.spec.name.clone())
    }

    /// What a rater's points on an item count for.
    pub fn rater_points(&mut self, sheet: u16, item: u16, rater: &str, scope: &Scope) -> Option<Node> {
        let declared = self.plan.sheets.get(usize::from(sheet))?;
        let source = self.source.sheets.get(declared.source)?;
        let input = declared.items.get(usize::from(item))?.inputs.iter().find(|i| i.rater && i.spec.name == rater)?;
        let slot = input.slot;
        let written = source.raters.iter().find(|written| written.name == rater)?;
        let points = match &written.counts {
            None => Some(Node::Slot { rel: Rel::Own, slot, required: true }),
            Some(counts) => {
                let inner = Scope { kind: scope.kind, category: scope.category, names: Names::Item { sheet, item } };
                self.number(counts, &inner)
            }
        };
        points.map(|points| self.on_sheet(sheet, item, points))
    }

    pub(super) fn depends_on_pay(&self, figure: &Figure) -> bool {
        figure.bodies.iter().flatten().any(|body| {
            let own = body.pay || body.own_nodes().into_iter().any(|node| self.reads_pay(node, figure.kind));
            let gathered =
                body.gathered_nodes().is_some_and(|(of, nodes)| nodes.into_iter().any(|n| self.reads_pay(n, of)));
            own || gathered
        })
    }

    pub(super) fn reads_pay(&self, node: &Node, kind: Kind) -> bool {
        references(node).into_iter().any(|reference| match reference {
            Reference::Slot(rel, slot) => {
                let layout = &self.plan.layouts[rel.target(kind).index()];
                layout.slots.get(usize::from(slot)).is_some_and(|slot| slot.pay)
            }
            Reference::Figure(_, figure) => self.plan.figures.get(usize::from(figure)).is_some_and(|f| f.pay_dependent),
            _ => false,
        })
    }

    /// The pay service knows no ratings: what it computes may stand on figures, facts and parameters only.
    pub(super) fn check_pay_references(&mut self, figure: &Figure) {
        let only_results = |node: &Node| references(node).contains(&Reference::Results);
        let broken = figure.pay_dependent
            && figure.bodies.iter().flatten().any(|body| {
                body.own_nodes().into_iter().any(only_results)
                    || body.gathered_nodes().is_some_and(|(_, nodes)| nodes.into_iter().any(only_results))
            });
        if broken {
            let place = self.place_of_figure(figure.kind, &figure.name);
            let name = &figure.name;
            let reads = |node: &Node, kind: Kind| self.reads_pay(node, kind);
            let bodies = || figure.bodies.iter().flatten();
            let uses = bodies().any(|body| {
                let gathered =
                    body.gathered_nodes().into_iter().flat_map(|(of, nodes)| nodes.into_iter().map(move |n| (n, of)));
                body.own_nodes().into_iter().map(|node| (node, figure.kind)).chain(gathered).any(|(n, of)| reads(n, of))
            });
            let message = match uses {
                true => say!(
                    "{name} 把薪酬基数与评分或历史记录混在一起：请把评分或历史记录的部分单独写成计算项",
                    "{name} uses pay inputs together with ratings or history: name that part as a figure"
                ),
                false => say!(
                    "{name} 是发放的金额，不能直接引用评分或历史记录：请把这一部分单独写成计算项",
                    "{name} is paid, and pay reads no ratings and no history: name that part as a figure"
                ),
            };
            self.problem(place, message);
        }
    }
}

/// Whether those who share a sum may have different ones of this.
fn differs(reference: Reference, within: Within) -> bool {
    match reference {
        Reference::Slot(rel, _) | Reference::Figure(rel, _) => match rel {
            Rel::Own | Rel::Head => true,
            Rel::Unit => within != Within::Unit,
            Rel::Company => false,
        },
        Reference::Parameter(_) => false,
        Reference::Results => true,
    }
}

/// The key of a kind of subject in the file.
pub(super) fn place_of(kind: Kind, figure: usize) -> String {
    format!("{}/figures/{figure}", kind.source_key())
}

/// A part that was given and could not be read makes the whole unreadable.
fn flat<T>(part: Option<Option<T>>) -> Option<Option<T>> {
    match part {
        None => Some(None),
        Some(None) => None,
        Some(read) => Some(read),
    }
}
