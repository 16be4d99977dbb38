//! Formulas and conditions: parsed by rhai, given types and meaning here (`docs/decisions/0002-expressions.md`).

mod ast;
pub(crate) mod habits;
mod node;

pub(crate) use ast::{Ast, Unreadable, no_operator, parse};
pub(crate) use node::{Base, Comparison, Field, Local, Node, Operator, Past, Rel, Type};
