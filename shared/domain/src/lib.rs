//! The appraisal engine: what a scheme says, what a case holds, and what follows from the two.
//!
//! Everything here is a pure function of its arguments: no input or output, no clock, no floats.
//! Start with [`scheme::Scheme`], then [`case::Case`], then [`evaluate::evaluate`].

pub mod case;
pub mod day;
pub mod evaluate;
pub mod events;
mod expression;
pub mod identifier;
mod invalid;
mod locale;
mod message;
pub mod money;
mod nearest;
pub mod number;
pub mod period;
pub mod scheme;
pub mod simulate;
pub mod text;
pub mod tools;
mod value;
pub mod words;
pub mod workdays;

pub use invalid::{Invalid, InvalidAt};
pub use locale::{Label, Locale};
pub use message::{Message, tell};
pub use nearest::{nearest, nearest_within};
pub use value::Kind;
