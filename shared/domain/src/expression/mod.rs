//! Formulas and conditions: parsed by rhai, given types and meaning here (`docs/decisions/0002-expressions.md`).

mod ast;
pub(crate) mod eval;
pub(crate) mod habits;
mod node;
pub(crate) mod typing;

pub(crate) use ast::{Ast, Unreadable, parse};
pub(crate) use node::{Base, Comparison, Field, Local, Node, Operator, Past, Rel, Type};
