use std::collections::BTreeSet;

use domain::scheme::AppealTerms;
use platform::sql::Lock;
use platform::{Problem, Result, Tx, say};
use uuid::Uuid;

use super::{Appeal, rows};
use crate::cycles::{Appraised, Cycle, rows as cycles};

/// An appeal with what it takes to decide about it.
#[derive(Clone, Debug)]
pub struct Case {
    pub appeal: Appeal,
    pub cycle: Cycle,
    pub terms: AppealTerms,
    pub about: Appraised,
    /// Whoever appealed, and who gave what the result was computed from.
    pub concerned: BTreeSet<String>,
}

impl Case {
    pub async fn get(tx: &mut Tx, id: Uuid, lock: Lock) -> Result<Self> {
        let appeal = rows::get(tx, id, lock).await?;
        let cycle = cycles::get(tx, appeal.cycle).await?;
        let subject = appeal.subject()?;
        let about = cycles::appraised(tx, appeal.cycle, &subject).await?;
        let about = about.ok_or_else(|| Problem::not_found(say!("考核对象", "subject")))?;
        let results = cycles::results(tx, appeal.cycle, &subject).await?;
        let result = results.into_iter().find(|result| Some(result.version) == appeal.result_version);
        let mut concerned: BTreeSet<String> = match result {
            Some(result) => result.involved.into_iter().collect(),
            None => about.superior().into_iter().collect(),
        };
        concerned.insert(appeal.appellant.clone());
        Ok(Self { terms: cycle.terms()?, appeal, cycle, about, concerned })
    }

    /// How many levels there are.
    pub fn levels(&self) -> i32 {
        i32::try_from(self.terms.levels().len()).unwrap_or(i32::MAX)
    }

    pub fn is_at_last_level(&self) -> bool {
        self.appeal.level >= self.levels()
    }
}
