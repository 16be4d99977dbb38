//! A scheme and its results in sentences, Chinese and English.
//!
//! What is said is decided here and in the files of each noun; how each language says it stands in `zh.rs` and `en.rs`,
//! behind [`language::Language`].

mod diff;
mod en;
mod example;
mod explanation;
mod figures;
mod givers;
mod inputs;
mod language;
mod phrase;
mod procedure;
mod rules;
mod scheme;
mod settings;
mod sheets;
mod statements;
mod zh;

pub use diff::diff;
pub use explanation::{render, tree};
pub use scheme::explain;
