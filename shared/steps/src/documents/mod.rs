//! Documents that are handed in: kept in the database, checked by size and type, given out only as downloads.

mod document;
pub mod rows;
pub mod rules;

pub use document::{Document, DocumentView, NewDocument, UploadQuery};
