//! The order in which figures are compiled: each after those that it reads, found without recursion, so that a
//! scheme cannot exhaust the stack however its figures hang together.

use std::collections::HashMap;

use super::{Compiler, State};
use crate::expression::Ast;
use crate::say;
use crate::scheme::problem::Problem;
use crate::scheme::source::{Expr, FigureSource, ItemSource, SheetSource};
use crate::value::Kind;

/// Figures that read one another, one behind the other: more would be an explanation that nobody follows.
const LONGEST_CHAIN: usize = 60;

type Name = (Kind, String);

/// Whose formula is read: what a name in it means depends on that.
struct Reader<'r> {
    kind: Kind,
    categories: &'r [String],
    /// Names that mean an input of the item, or a column of the list.
    locals: Vec<&'r str>,
}

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
                    let message = say!(
                        "{}：连续相互引用的计算项超过 {LONGEST_CHAIN} 个",
                        "{}: more than {LONGEST_CHAIN} figures read one another in a row",
                        done.name.1
                    );
                    self.caution(place, message);
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
        let message = say!("{first} 的计算依赖于自身：{}", "{first} depends on itself: {}", names.join(" → "));
        self.tell(Problem::new(self.place_of_figure(*kind, first), message));
        for name in circle {
            self.figures.insert(name.clone(), State::Broken);
        }
    }

    /// The figures that a figure names.
    fn reads(&mut self, (kind, name): &Name) -> Vec<Name> {
        let source = self.source;
        let mut found = Vec::new();
        if let Some(code) = name.strip_prefix("item.") {
            for sheet in source.sheets.iter().filter(|sheet| sheet.on == *kind) {
                if !self.in_cadence(&sheet.cadences) {
                    continue;
                }
                for item in sheet.items.iter().filter(|item| item.code == code) {
                    let reader = Reader { kind: *kind, categories: &sheet.categories, locals: locals(sheet, item) };
                    let counted = sheet.raters.iter().filter_map(|rater| rater.counts.as_ref());
                    let all: Vec<&Expr> = item.score.iter().chain(counted).collect();
                    all.into_iter().for_each(|expr| self.named_in(&reader, expr, &mut found));
                }
            }
            return found;
        }
        let figures = source.subject(*kind).map_or(&[][..], |subject| &subject.figures);
        for figure in figures.iter().filter(|figure| figure.name == *name) {
            if self.in_cadence(&figure.cadences) {
                expressions(*kind, figure).into_iter().for_each(|(reader, expr)| {
                    self.named_in(&reader, expr, &mut found);
                });
            }
        }
        found
    }

    /// What raters' points count for is read first: any formula may ask for it.
    pub(super) fn read_counts(&mut self) {
        let counted =
            self.source.sheets.iter().flat_map(|sheet| &sheet.raters).filter_map(|rater| rater.counts.as_ref());
        // What cannot be read is told where it is compiled.
        counted.for_each(|expr| drop(self.ast(expr)));
    }

    fn named_in(&mut self, reader: &Reader<'_>, expr: &Expr, found: &mut Vec<Name>) {
        let mut names = Vec::new();
        if let Ok(ast) = self.ast(expr) {
            self.names_of(reader, &ast, &mut names);
        }
        for name in names {
            if !found.contains(&name) && self.has_figure(name.0, &name.1) {
                found.push(name);
            }
        }
    }

    fn names_of(&self, reader: &Reader<'_>, ast: &Ast, names: &mut Vec<Name>) {
        let kind = reader.kind;
        match ast {
            Ast::Number(_) | Ast::Flag(_) | Ast::Text(_) => {}
            Ast::Path(path) => match path.split_first() {
                Some((first, [])) if reader.locals.contains(&first.as_str()) => {}
                Some((first, rest)) if first == "unit" && kind == Kind::People => {
                    names.push((Kind::Units, rest.join(".")));
                }
                Some((first, rest)) if first == "head" && kind == Kind::Units => {
                    names.push((Kind::People, rest.join(".")));
                }
                Some((first, rest)) if first == "company" && kind != Kind::Company => {
                    names.push((Kind::Company, rest.join(".")));
                }
                _ => names.push((kind, path.join("."))),
            },
            Ast::Entry(_, key) => self.names_of(reader, key, names),
            Ast::Call(name, args) => {
                let section =
                    args.last().and_then(|section| if let Ast::Text(text) = section { Some(text) } else { None });
                match (name.as_str(), args.as_slice()) {
                    ("total", _) => self.names_of_items(reader, section, names),
                    ("points" | "mix", _) => self.names_of_counts(reader, names),
                    ("months", [condition]) => {
                        let locals = vec!["score", "grade"];
                        return self.names_of(&Reader { locals, ..*reader }, condition, names);
                    }
                    ("sum" | "rows", [Ast::Path(list), of]) => {
                        let (list, subject) = (list.join("."), self.source.subject(kind));
                        let lists = subject.map_or(&[][..], |subject| &subject.lists).iter();
                        let columns = lists.filter(|one| one.key == list).flat_map(|list| &list.columns);
                        let locals = columns.map(|column| column.name.as_str()).collect();
                        return self.names_of(&Reader { locals, ..*reader }, of, names);
                    }
                    _ => {}
                }
                args.iter().for_each(|arg| self.names_of(reader, arg, names));
            }
            Ast::List(all) | Ast::And(all) | Ast::Or(all) | Ast::Otherwise(all) => {
                all.iter().for_each(|one| self.names_of(reader, one, names));
            }
        }
    }

    /// The sheets that those have whose formula is read.
    fn sheets_of<'r>(&self, reader: &'r Reader<'_>) -> impl Iterator<Item = &'r SheetSource> + use<'_, 'r>
    where
        Self: 'r,
    {
        self.source.sheets.iter().filter(|sheet| {
            let shared = || sheet.categories.iter().any(|code| reader.categories.contains(code));
            let met = sheet.categories.is_empty() || reader.categories.is_empty() || shared();
            sheet.on == reader.kind && met && self.in_cadence(&sheet.cadences)
        })
    }

    fn names_of_items(&self, reader: &Reader<'_>, section: Option<&String>, names: &mut Vec<Name>) {
        let items = self.sheets_of(reader).flat_map(|sheet| &sheet.items);
        let summed = items.filter(|item| section.is_none() || item.section.as_ref() == section);
        names.extend(summed.map(|item| (reader.kind, format!("item.{}", item.code))));
    }

    /// What raters' points count for may stand on figures.
    fn names_of_counts(&self, reader: &Reader<'_>, names: &mut Vec<Name>) {
        for sheet in self.sheets_of(reader) {
            let locals = sheet.items.iter().flat_map(|item| locals(sheet, item)).collect();
            let inner = Reader { categories: &sheet.categories, locals, ..*reader };
            let counted = sheet.raters.iter().filter_map(|rater| self.asts.get(&rater.counts.as_ref()?.text));
            counted.for_each(|ast| self.names_of(&inner, ast, names));
        }
    }
}

/// Names that mean something of the item itself.
fn locals<'r>(sheet: &'r SheetSource, item: &'r ItemSource) -> Vec<&'r str> {
    let inputs = sheet.raters.iter().chain(&sheet.inputs).chain(&item.inputs);
    inputs.map(|input| input.name.as_str()).chain(["weight"]).collect()
}

/// The expressions of a figure, each with whose they are.
fn expressions(kind: Kind, figure: &FigureSource) -> Vec<(Reader<'_>, &Expr)> {
    let whose = |kind: Kind, categories| Reader { kind, categories, locals: Vec::new() };
    let own = figure.own_expressions().map(|expr| (whose(kind, &figure.categories), expr));
    let gathered = figure.gather.iter().filter_map(|gather| {
        let reader = whose(gather.of, &gather.categories);
        Some((reader, gather.value.as_ref()?))
    });
    own.chain(gathered).collect()
}
