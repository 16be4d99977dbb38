use platform::{Problem, Result, say};

/// Who leads a unit, and who leads its head.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    pub head: Option<&'a str>,
    pub leader: Option<&'a str>,
}

/// Nobody decides about what they are measured by themselves.
pub fn check_not_member(is_member: bool) -> Result<()> {
    if is_member {
        return Err(Problem::not_permitted(say!(
            "不能审批自己所在部门的计划",
            "nobody decides about the plan of the unit they belong to"
        )));
    }
    Ok(())
}

/// The head submits; an executive where there is no head.
pub fn may_submit(line: &Line<'_>, caller: Option<&str>, executive: bool) -> Result<()> {
    let head = line.head.is_some() && line.head == caller;
    if head || (line.head.is_none() && executive) {
        return Ok(());
    }
    Err(Problem::not_permitted(say!("部门计划由部门负责人提交", "the unit's head submits its plan")))
}

/// The head's superior or an executive decides, never the head.
pub fn may_decide(line: &Line<'_>, caller: Option<&str>, executive: bool) -> Result<()> {
    if line.head.is_some() && line.head == caller {
        return Err(Problem::not_permitted(say!(
            "部门负责人不能审批本部门的计划",
            "the head does not decide about the own unit's plan"
        )));
    }
    if executive || (line.leader.is_some() && line.leader == caller) {
        return Ok(());
    }
    Err(Problem::not_permitted(say!(
        "部门计划由部门负责人的上级审批",
        "the head's superior decides about the unit's plan"
    )))
}

/// The head approves what the unit's people submitted.
pub fn may_approve_members(line: &Line<'_>, caller: &str) -> Result<()> {
    if line.head == Some(caller) {
        return Ok(());
    }
    Err(Problem::not_permitted(say!(
        "部门人员的绩效计划由部门负责人统一批准",
        "the unit's head approves its people's plans together"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: Line<'_> = Line { head: Some("H"), leader: Some("L") };
    const HEADLESS: Line<'_> = Line { head: None, leader: None };

    #[test]
    fn the_head_submits_and_the_leader_decides() {
        assert!(may_submit(&LINE, Some("H"), false).is_ok());
        assert!(may_submit(&LINE, Some("L"), true).is_err());
        assert!(may_decide(&LINE, Some("L"), false).is_ok());
        assert!(may_decide(&LINE, Some("X"), true).is_ok());
        assert!(may_decide(&LINE, Some("H"), true).is_err());
        assert!(may_decide(&LINE, Some("X"), false).is_err());
    }

    #[test]
    fn executives_stand_in_where_nobody_leads() {
        assert!(may_submit(&HEADLESS, None, true).is_ok());
        assert!(may_submit(&HEADLESS, None, false).is_err());
        assert!(may_decide(&HEADLESS, None, false).is_err());
        assert!(may_decide(&HEADLESS, Some("X"), true).is_ok());
    }
}
