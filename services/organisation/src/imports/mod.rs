//! People and units from files, all or nothing: read the file, check it against itself and against what is
//! stored, then change what differs.

pub mod employees;
pub mod file;
pub mod naming;
pub mod routes;
pub mod standing;
pub mod units;
