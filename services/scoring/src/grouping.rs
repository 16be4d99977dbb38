use std::collections::HashMap;
use std::hash::Hash;

/// Rows by what they are about, so that each is looked for once.
pub fn grouped<Key: Eq + Hash, Row>(rows: Vec<Row>, key: impl Fn(&Row) -> Key) -> HashMap<Key, Vec<Row>> {
    let mut found: HashMap<Key, Vec<Row>> = HashMap::new();
    for row in rows {
        found.entry(key(&row)).or_default().push(row);
    }
    found
}
