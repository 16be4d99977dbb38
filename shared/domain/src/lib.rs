//! The appraisal engine: what a scheme says, what a case holds, and what follows from the two.
//!
//! Everything here is a pure function of its arguments: no input or output, no clock, no floats.
//! Start with [`scheme::Scheme`], then [`case::Case`], then [`evaluate::evaluate`].

pub mod case;
pub mod evaluate;
mod expression;
mod invalid;
pub mod period;
pub mod scheme;
pub mod simulate;
pub mod tools;
mod value;
pub mod words;

use basics::{Label, Locale, Message, money, nearest, number, say, text, workdays};

pub use invalid::{Invalid, InvalidAt};
pub use value::Kind;
