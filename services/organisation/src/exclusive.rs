//! Roles that one person may not have together.

use std::collections::BTreeSet;

use platform::Role;
use serde_json::Value;

/// Who checks does not act, and who gives out roles does not use them.
const UNLESS_TOLD_OTHERWISE: &str =
    "auditor/hr auditor/executive auditor/finance auditor/admin admin/hr admin/executive admin/finance";

/// Pairs of roles that exclude each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExclusiveRoles(Vec<(Role, Role)>);

impl Default for ExclusiveRoles {
    fn default() -> Self {
        Self::read(UNLESS_TOLD_OTHERWISE).unwrap_or(Self(Vec::new()))
    }
}

impl ExclusiveRoles {
    /// Reads pairs such as `auditor/hr admin/finance`, with spaces or commas between them; `none` excludes nothing. Fails
    /// with the first that is no pair of roles.
    pub fn read(text: &str) -> Result<Self, String> {
        let pairs = text.split([' ', ',']).filter(|pair| !pair.is_empty() && *pair != "none");
        pairs.map(|pair| read_pair(pair).ok_or_else(|| pair.to_owned())).collect::<Result<_, _>>().map(Self)
    }

    /// The pairs among these roles.
    pub fn among(&self, roles: &[Role]) -> Vec<(Role, Role)> {
        let held: BTreeSet<Role> = roles.iter().copied().collect();
        self.0.iter().copied().filter(|(one, other)| held.contains(one) && held.contains(other)).collect()
    }
}

fn read_pair(pair: &str) -> Option<(Role, Role)> {
    let role = |name: &str| serde_json::from_value(Value::String(name.to_owned())).ok();
    let (one, other) = pair.split_once('/')?;
    Some((role(one)?, role(other)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_checks_does_not_act_unless_told_otherwise() {
        let usual = ExclusiveRoles::default();
        assert_eq!(usual.among(&[Role::Hr, Role::Auditor]), [(Role::Auditor, Role::Hr)]);
        assert!(usual.among(&[Role::Hr, Role::Finance]).is_empty());
        assert_eq!(ExclusiveRoles::read("none").unwrap().among(&[Role::Hr, Role::Auditor]), []);
        let own = ExclusiveRoles::read("hr/executive, hr/finance").unwrap();
        assert_eq!(own.among(&[Role::Hr, Role::Executive, Role::Finance]).len(), 2);
        assert_eq!(ExclusiveRoles::read("hr/executive boss/hr").unwrap_err(), "boss/hr");
    }
}
