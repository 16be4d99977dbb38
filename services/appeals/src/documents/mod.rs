//! Documents of appeals: uploaded first, handed in with a filing or a note, read by whoever may read the case.

pub mod routes;
