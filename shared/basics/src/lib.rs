//! What everybody here speaks: messages in both languages, and texts, identifiers, days and numbers as people write
//! them. Pure functions of their arguments.

pub mod day;
pub mod identifier;
mod locale;
mod message;
pub mod money;
mod nearest;
pub mod number;
pub mod pointer;
pub mod text;
pub mod workdays;

pub use locale::{Label, Locale};
pub use message::{Message, tell};
pub use nearest::{nearest, nearest_within};
