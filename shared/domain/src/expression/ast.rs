//! From text to a tree of the few forms that formulas may have.

use std::cell::RefCell;

use rhai::{Engine, Expr, OptimizationLevel, Stmt};
use rust_decimal::Decimal;

/// A formula, before its names are looked up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ast {
    Number(Decimal),
    Flag(bool),
    Text(String),
    List(Vec<Ast>),
    Path(Vec<String>),
    /// `table[key]`
    Entry(Vec<String>, Box<Ast>),
    Call(String, Vec<Ast>),
    And(Vec<Ast>),
    Or(Vec<Ast>),
    Otherwise(Vec<Ast>),
}

thread_local! {
    static ENGINE: RefCell<Option<Engine>> = const { RefCell::new(None) };
}

const MAX_DEPTH: usize = 48;
const MAX_LENGTH: usize = 2000;

/// Why a text is no expression, and where; counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable {
    pub line: usize,
    pub column: usize,
    pub message: String,
}

impl From<String> for Unreadable {
    fn from(message: String) -> Self {
        Self { line: 1, column: 1, message }
    }
}

/// What people write from habit, and what is written here.
const HABITS: [(&str, &str); 17] = [
    ("and ", "&&"),
    ("or ", "||"),
    ("not ", "!"),
    ("if ", "choose(condition, value, otherwise)"),
    ("? ", "choose(condition, value, otherwise)"),
    ("=", "=="),
    ("×", "*"),
    ("÷", "/"),
    ("≥", ">="),
    ("≤", "<="),
    ("≠", "!="),
    ("（", "("),
    ("）", ")"),
    ("，", ","),
    ("；", ","),
    (";", ","),
    ("“", "\""),
];

impl Unreadable {
    /// What the parser minds about a text, in words of formulas.
    fn told(text: &str, error: &rhai::ParseError) -> Self {
        let position = error.position();
        let (line, column) = (position.line().unwrap_or(1), position.position().unwrap_or(1));
        let at = |line: usize, column: usize| {
            let line = text.lines().nth(line.saturating_sub(1)).unwrap_or("");
            line.chars().skip(column.saturating_sub(1)).collect::<String>()
        };
        let habit =
            |rest: &str| HABITS.iter().find(|(habit, wanted)| rest.starts_with(habit) && !rest.starts_with(wanted));
        let message = match habit(&at(line, column)).or_else(|| habit(text.get(..3).unwrap_or(""))) {
            Some((habit, written)) => format!("write {written} instead of {}", habit.trim()),
            None => match error.err_type() {
                rhai::ParseErrorType::UnexpectedEOF => "the formula ends too early".to_owned(),
                rhai::ParseErrorType::MissingToken(token, _) => format!("here a {token} is missing"),
                rhai::ParseErrorType::BadInput(rhai::LexError::UnexpectedInput(input)) => {
                    format!("{input} has no meaning in a formula")
                }
                rhai::ParseErrorType::PropertyExpected => "after the dot a name is wanted".to_owned(),
                other => other.to_string(),
            },
        };
        Self { line, column, message }
    }
}

/// Parses one expression. Operators become calls of the same name.
pub(crate) fn parse(text: &str) -> Result<Ast, Unreadable> {
    if text.len() > MAX_LENGTH {
        return Err(format!("longer than {MAX_LENGTH} bytes").into());
    }
    ENGINE.with(|engine| {
        let mut engine = engine.borrow_mut();
        let engine = engine.get_or_insert_with(new_engine);
        let ast = engine.compile_expression(text).map_err(|error| Unreadable::told(text, &error))?;
        match ast.statements() {
            [Stmt::Expr(expr)] => convert(expr),
            [Stmt::FnCall(call, _)] => calls(call),
            _ => Err("not an expression".to_owned().into()),
        }
    })
}

fn new_engine() -> Engine {
    let mut engine = Engine::new_raw();
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_max_expr_depths(MAX_DEPTH, 0);
    engine
}

fn refused(message: impl Into<String>, at: rhai::Position) -> Unreadable {
    Unreadable { line: at.line().unwrap_or(1), column: at.position().unwrap_or(1), message: message.into() }
}

fn convert(expr: &Expr) -> Result<Ast, Unreadable> {
    match expr {
        Expr::BoolConstant(flag, _) => Ok(Ast::Flag(*flag)),
        Expr::IntegerConstant(number, _) => Ok(Ast::Number(Decimal::from(*number))),
        Expr::DynamicConstant(constant, at) => {
            let number = constant.as_decimal();
            number.map(Ast::Number).map_err(|kind| refused(format!("a {kind} has no place in a formula"), *at))
        }
        Expr::StringConstant(text, _) => Ok(Ast::Text(text.to_string())),
        Expr::Array(entries, _) => all(entries).map(Ast::List),
        Expr::Variable(variable, _, _) => Ok(Ast::Path(vec![variable.1.to_string()])),
        Expr::And(operands, _) => all(operands.iter()).map(Ast::And),
        Expr::Or(operands, _) => all(operands.iter()).map(Ast::Or),
        Expr::Coalesce(operands, _) => all(operands.iter()).map(Ast::Otherwise),
        Expr::FnCall(call, _) => calls(call),
        Expr::Dot(..) => path(expr),
        other => Err(refused("this has no place in a formula", other.position())),
    }
}

fn all<'e>(entries: impl IntoIterator<Item = &'e Expr>) -> Result<Vec<Ast>, Unreadable> {
    entries.into_iter().map(convert).collect()
}

fn calls(call: &rhai::FnCallExpr) -> Result<Ast, Unreadable> {
    Ok(Ast::Call(call.name.to_string(), all(&call.args)?))
}

/// `a.b.c`, with at most one `[key]` at its end.
fn path(expr: &Expr) -> Result<Ast, Unreadable> {
    let mut names = Vec::new();
    let mut key = None;
    walk_path(expr, &mut names, &mut key)?;
    Ok(match key {
        None => Ast::Path(names),
        Some(key) => Ast::Entry(names, Box::new(key)),
    })
}

fn walk_path(expr: &Expr, names: &mut Vec<String>, key: &mut Option<Ast>) -> Result<(), Unreadable> {
    match expr {
        Expr::Variable(variable, _, _) => names.push(variable.1.to_string()),
        Expr::Property(property, _) => names.push(property.2.to_string()),
        Expr::Dot(pair, flags, _) if key.is_none() && !flags.intersects(rhai::ASTFlags::NEGATED) => {
            walk_path(&pair.lhs, names, key)?;
            walk_path(&pair.rhs, names, key)?;
        }
        Expr::Index(pair, flags, _) if key.is_none() && flags.intersects(rhai::ASTFlags::BREAK) => {
            walk_path(&pair.lhs, names, key)?;
            *key = Some(convert(&pair.rhs)?);
        }
        other => return Err(refused("a name is written a.b.c or table.name[key]", other.position())),
    }
    Ok(())
}
