//! A sheet: what was settled for one subject in a cycle, in an edition.

use std::collections::BTreeMap;

use basics::money::parse_plain;
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Text, Uuid as SqlUuid};
use events::{Row, Subject, SubjectKind, Values};
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use crate::subjects::subject::Kind;

/// A result, and a sheet in its first edition, are known by their cycle and their subject, everywhere and for ever.
pub fn id_of(cycle: Uuid, subject: &Subject) -> Uuid {
    match subject.kind {
        SubjectKind::Person => Uuid::new_v5(&cycle, subject.id.as_bytes()),
        _ => Uuid::new_v5(&cycle, subject.to_string().as_bytes()),
    }
}

/// A later edition has an id of its own.
pub fn id_of_edition(cycle: Uuid, subject: &Subject, edition: i32) -> Uuid {
    match edition {
        1 => id_of(cycle, subject),
        later => Uuid::new_v5(&cycle, format!("{subject}/{later}").as_bytes()),
    }
}

/// A settled sheet.
#[derive(QueryableByName, Clone, Debug)]
pub struct Sheet {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Integer)]
    pub edition: i32,
    /// Exactly one edition does.
    #[diesel(sql_type = Bool)]
    pub counts: bool,
    #[diesel(sql_type = Jsonb)]
    rows: Value,
    #[diesel(sql_type = Jsonb)]
    weights: Value,
    #[diesel(sql_type = Array<Text>)]
    pub priorities: Vec<String>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
}

impl Sheet {
    pub fn key(&self) -> Subject {
        self.kind.subject(&self.subject)
    }

    pub fn rows(&self) -> Vec<Row> {
        serde_json::from_value(self.rows.clone()).unwrap_or_default()
    }

    /// Weights that were settled for this sheet; empty where the scheme's hold.
    pub fn weights(&self) -> BTreeMap<String, Decimal> {
        let weights: Values = serde_json::from_value(self.weights.clone()).unwrap_or_default();
        weights.into_iter().filter_map(|(item, weight)| Some((item, parse_plain(&weight)?))).collect()
    }
}
