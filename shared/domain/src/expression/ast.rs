//! From text to a tree of the few forms that formulas may have.

use std::cell::RefCell;

use rhai::{Engine, Expr, LexError, OptimizationLevel, ParseErrorType, Stmt};
use rust_decimal::Decimal;

use super::habits::{self, Habit};
use crate::message::Message;
use crate::say;

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
    pub message: Message,
    /// A name in Chinese that was written: what has it may be known.
    pub name: Option<String>,
}

impl From<Message> for Unreadable {
    fn from(message: Message) -> Self {
        Self { line: 1, column: 1, message, name: None }
    }
}

impl Unreadable {
    /// What the parser minds about a text, in words of formulas.
    fn told(text: &str, error: &rhai::ParseError) -> Self {
        if let Some(habit) = habits::first(text) {
            return Self::habit(text, habit);
        }
        let position = error.position();
        let (line, column) = (position.line().unwrap_or(1), position.position().unwrap_or(1));
        Self { line, column, message: minded(error.err_type()), name: None }
    }

    fn habit(text: &str, habit: Habit) -> Self {
        let before = text.get(..habit.at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        Self { line, column, message: habit.message, name: habit.name }
    }
}

fn minded(error: &ParseErrorType) -> Message {
    match error {
        ParseErrorType::UnexpectedEOF => say!("公式不完整", "the formula ends too early"),
        ParseErrorType::MissingToken(token, _) => say!("此处缺少 {token}", "here a {token} is missing"),
        ParseErrorType::PropertyExpected => say!("点号之后应为名称", "after the dot a name is wanted"),
        ParseErrorType::ExprExpected(_) => say!("此处缺少内容", "here something is missing"),
        ParseErrorType::ExprTooDeep => say!("公式嵌套过深", "the formula is nested too deeply"),
        ParseErrorType::Reserved(word) => say!("{word} 不能用作名称", "{word} cannot be a name"),
        ParseErrorType::UnknownOperator(sign) => no_operator(sign),
        ParseErrorType::BadInput(LexError::ImproperSymbol(sign, _)) => no_operator(sign),
        ParseErrorType::BadInput(LexError::UnexpectedInput(input)) => {
            say!("{input} 在公式中没有意义", "{input} has no meaning in a formula")
        }
        ParseErrorType::BadInput(LexError::UnterminatedString) => {
            say!("文本缺少结尾的引号", "a text lacks its closing quotation mark")
        }
        ParseErrorType::BadInput(LexError::MalformedNumber(number)) => {
            say!("{number} 不是数值", "{number} is no number")
        }
        _ => say!("公式中不能这样写", "this has no place in a formula"),
    }
}

pub(crate) fn no_operator(sign: &str) -> Message {
    habits::operator(sign).unwrap_or_else(|| {
        say!(
            "没有运算符 {sign}：可用 + - * / 和 == != < <= > >= && || ! ?? in",
            "there is no operator {sign}: there are + - * / and == != < <= > >= && || ! ?? in"
        )
    })
}

/// Parses one expression. Operators become calls of the same name.
pub(crate) fn parse(text: &str) -> Result<Ast, Unreadable> {
    if text.len() > MAX_LENGTH {
        return Err(say!("超过 {MAX_LENGTH} 字节", "longer than {MAX_LENGTH} bytes").into());
    }
    if let Some(habit) = habits::misread(text) {
        return Err(Unreadable::habit(text, habit));
    }
    ENGINE.with(|engine| {
        let mut engine = engine.borrow_mut();
        let engine = engine.get_or_insert_with(new_engine);
        let ast = engine.compile_expression(text).map_err(|error| Unreadable::told(text, &error))?;
        match ast.statements() {
            [Stmt::Expr(expr)] => convert(expr),
            [Stmt::FnCall(call, _)] => calls(call),
            _ => Err(say!("不是表达式", "not an expression").into()),
        }
    })
}

fn new_engine() -> Engine {
    let mut engine = Engine::new_raw();
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_max_expr_depths(MAX_DEPTH, 0);
    engine
}

fn refused(message: Message, at: rhai::Position) -> Unreadable {
    Unreadable { line: at.line().unwrap_or(1), column: at.position().unwrap_or(1), message, name: None }
}

fn convert(expr: &Expr) -> Result<Ast, Unreadable> {
    match expr {
        Expr::BoolConstant(flag, _) => Ok(Ast::Flag(*flag)),
        Expr::IntegerConstant(number, _) => Ok(Ast::Number(Decimal::from(*number))),
        Expr::DynamicConstant(constant, at) => {
            let number = constant.as_decimal();
            number
                .map(Ast::Number)
                .map_err(|kind| refused(say!("公式中不能出现 {kind}", "a {kind} has no place in a formula"), *at))
        }
        Expr::StringConstant(text, _) => Ok(Ast::Text(text.to_string())),
        Expr::Array(entries, _) => all(entries).map(Ast::List),
        Expr::Variable(variable, _, _) => Ok(Ast::Path(vec![variable.1.to_string()])),
        Expr::And(operands, _) => all(operands.iter()).map(Ast::And),
        Expr::Or(operands, _) => all(operands.iter()).map(Ast::Or),
        Expr::Coalesce(operands, _) => all(operands.iter()).map(Ast::Otherwise),
        Expr::FnCall(call, _) => calls(call),
        Expr::Dot(..) => path(expr),
        Expr::CharConstant(letter, at) => {
            Err(refused(say!("请写 \"{letter}\"，不要写 '{letter}'", "write \"{letter}\" instead of '{letter}'"), *at))
        }
        other => Err(refused(say!("公式中不能这样写", "this has no place in a formula"), other.position())),
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
        other => {
            return Err(refused(
                say!("名称写作 a.b.c 或 table.名称[键]", "a name is written a.b.c or table.name[key]"),
                other.position(),
            ));
        }
    }
    Ok(())
}
