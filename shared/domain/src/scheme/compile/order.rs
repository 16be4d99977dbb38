//! The order in which figures are compiled: each after those that it reads, found without recursion, so that a
//! scheme cannot exhaust the stack however its figures hang together.

use std::collections::HashMap;

use super::{Compiler, State};
use crate::expression::{Ast, parse};
use crate::scheme::problem::Problem;
use crate::scheme::source::{Expr, FigureSource};
use crate::value::Kind;

/// Figures that read one another, one behind the other: more would be an explanation that nobody follows.
const LONGEST_CHAIN: usize = 60;

type Name = (Kind, String);

/// A figure on the way, what it reads, and how much of that has been seen to.
struct Visit {
    name: Name,
    reads: Vec<Name>,
    next: usize,
    /// The longest chain below it.
    depth: usize,
}

impl Compiler<'_> {
    /// Compiles a figure after everything that it reads.
    pub(super) fn in_order(&mut self, root: Name, depths: &mut HashMap<Name, usize>) {
        let mut path = vec![self.visit(root)];
        while let Some(top) = path.last_mut() {
            let Some(read) = top.reads.get(top.next).cloned() else {
                let Some(done) = path.pop() else { return };
                let depth = done.depth + 1;
                if depth == LONGEST_CHAIN + 1 {
                    let place = self.place_of_figure(done.name.0, &done.name.1);
                    let message =
                        format!("{}: more than {LONGEST_CHAIN} figures read one another in a row", done.name.1);
                    self.problem(place, message);
                }
                if let Some(above) = path.last_mut() {
                    above.depth = above.depth.max(depth);
                }
                self.figure(done.name.0, &done.name.1);
                depths.insert(done.name, depth);
                continue;
            };
            top.next += 1;
            if let Some(depth) = depths.get(&read) {
                top.depth = top.depth.max(*depth);
            } else if let Some(begin) = path.iter().position(|visit| visit.name == read) {
                let circle: Vec<Name> = path.iter().skip(begin).map(|visit| visit.name.clone()).collect();
                self.tell_of_circle(&circle);
            } else {
                path.push(self.visit(read));
            }
        }
    }

    fn visit(&mut self, name: Name) -> Visit {
        let reads = self.reads(&name);
        Visit { name, reads, next: 0, depth: 0 }
    }

    /// None of them can be computed before another.
    fn tell_of_circle(&mut self, circle: &[Name]) {
        let Some((kind, first)) = circle.first() else { return };
        let names: Vec<&str> = circle.iter().map(|(_, name)| name.as_str()).chain([first.as_str()]).collect();
        let message = format!("{first} depends on itself: {}", names.join(" → "));
        self.tell(Problem::new(self.place_of_figure(*kind, first), message));
        for name in circle {
            self.figures.insert(name.clone(), State::Broken);
        }
    }

    /// The figures that a figure names.
    fn reads(&mut self, (kind, name): &Name) -> Vec<Name> {
        let source = self.source;
        let mut found = Vec::new();
        if let Some(item) = name.strip_prefix("item.") {
            let sheets = source.sheets.iter().filter(|sheet| sheet.on == *kind && self.in_cadence(&sheet.cadences));
            let sheets: Vec<_> = sheets.collect();
            for sheet in sheets {
                let scored = sheet.items.iter().filter(|one| one.code == item).filter_map(|one| one.score.as_ref());
                let counted = sheet.raters.iter().filter_map(|rater| rater.counts.as_ref());
                scored.chain(counted).for_each(|expr| self.named_in(*kind, expr, &mut found));
            }
            return found;
        }
        let figures = source.subject(*kind).map_or(&[][..], |subject| &subject.figures);
        for figure in figures.iter().filter(|figure| figure.name == *name) {
            if self.in_cadence(&figure.cadences) {
                expressions(*kind, figure).into_iter().for_each(|(of, expr)| self.named_in(of, expr, &mut found));
            }
        }
        found
    }

    fn named_in(&mut self, kind: Kind, expr: &Expr, found: &mut Vec<Name>) {
        if !self.asts.contains_key(&expr.text)
            && let Ok(ast) = parse(&expr.text)
        {
            self.asts.insert(expr.text.clone(), ast);
        }
        let mut names = Vec::new();
        if let Some(ast) = self.asts.get(&expr.text) {
            self.names_of(kind, ast, &mut names);
        }
        for name in names {
            if !found.contains(&name) && self.has_figure(name.0, &name.1) {
                found.push(name);
            }
        }
    }

    fn names_of(&self, kind: Kind, ast: &Ast, names: &mut Vec<Name>) {
        match ast {
            Ast::Number(_) | Ast::Flag(_) | Ast::Text(_) => {}
            Ast::Path(path) => names.push(match path.split_first() {
                Some((first, rest)) if first == "unit" && kind == Kind::People => (Kind::Units, rest.join(".")),
                Some((first, rest)) if first == "head" && kind == Kind::Units => (Kind::People, rest.join(".")),
                Some((first, rest)) if first == "company" && kind != Kind::Company => (Kind::Company, rest.join(".")),
                _ => (kind, path.join(".")),
            }),
            Ast::Entry(_, key) => self.names_of(kind, key, names),
            Ast::Call(name, args) => {
                if matches!(name.as_str(), "total" | "points" | "mix") {
                    self.names_of_sheets(kind, name, names);
                }
                args.iter().for_each(|arg| self.names_of(kind, arg, names));
            }
            Ast::List(all) | Ast::And(all) | Ast::Or(all) | Ast::Otherwise(all) => {
                all.iter().for_each(|one| self.names_of(kind, one, names));
            }
        }
    }

    /// What the items of the sheets of a kind, and what their raters count for, name.
    fn names_of_sheets(&self, kind: Kind, call: &str, names: &mut Vec<Name>) {
        for sheet in self.source.sheets.iter().filter(|sheet| sheet.on == kind && self.in_cadence(&sheet.cadences)) {
            if call == "total" {
                names.extend(sheet.items.iter().map(|item| (kind, format!("item.{}", item.code))));
            }
            let counted = sheet.raters.iter().filter_map(|rater| self.asts.get(&rater.counts.as_ref()?.text));
            counted.for_each(|ast| self.names_of(kind, ast, names));
        }
    }
}

/// The expressions of a figure, each with the kind of subject that it is about.
fn expressions(kind: Kind, figure: &FigureSource) -> Vec<(Kind, &Expr)> {
    let own = [&figure.formula, &figure.min, &figure.max].into_iter().flatten();
    let bands = figure.bands.iter().map(|bands| &bands.of);
    let quota = figure.quota.iter().map(|quota| &quota.by);
    let rank = figure.rank.iter().flat_map(|rank| std::iter::once(&rank.by).chain(&rank.among));
    let split = figure.split.iter().flat_map(|split| [&split.pool, &split.weight]);
    let own = own.chain(bands).chain(quota).chain(rank).chain(split).map(|expr| (kind, expr));
    let gathered = figure.gather.iter().filter_map(|gather| Some((gather.of, gather.value.as_ref()?)));
    own.chain(gathered).collect()
}
