//! Schemes that the company has, read.

use std::sync::Arc;

use domain::scheme::Scheme;
use platform::{Problem, Result, Tx, say};

use super::{rows, rules};

/// The scheme of a version that is stored.
pub async fn version(tx: &mut Tx, code: &str, version: i32) -> Result<Arc<Scheme>> {
    let stored = rows::version(tx, code, Some(version)).await?;
    let source = stored.and_then(|version| version.source).unwrap_or_default();
    rules::read_stored(&source).await
}

/// The latest version of a scheme, or the template of that code.
pub async fn latest(tx: &mut Tx, code: &str) -> Result<Arc<Scheme>> {
    let stored = rows::version(tx, code, None).await?.and_then(|version| version.source);
    let source = match (stored, rules::template(code)) {
        (Some(source), _) => source,
        (None, Some(template)) => template.to_owned(),
        (None, None) => return Err(Problem::not_found(say!("考核方案", "scheme"))),
    };
    rules::read_stored(&source).await
}
