//! Which roles open which doors; what may be done to a certain plan, target or unit is each folder's `rules`.

platform::permission! {
    pub ReadSchemes = "schemes.read": [Employee, Manager, UnitHead, Hr, Executive, Auditor, Admin];
    pub UploadScheme = "schemes.upload": [Hr];
    pub SetPlacements = "placements.set": [Hr];
    pub SetRowSets = "row-sets.set": [Hr];
    pub ReadDirectory = "directory.read": [Hr, Admin];
    pub OpenCycle = "cycles.open": [Hr];
    pub ReadCycles = "cycles.read": [Employee, Manager, UnitHead, Hr, Executive, Auditor, Admin];
    pub ReadSubjects = "subjects.read": [Employee, Manager, UnitHead, Hr, Executive];
    pub ChangeSubject = "subjects.change": [Hr];
    pub ReadSubjectChanges = "subject-changes.read": [Hr, Executive];
    pub MoveStage = "stages.move": [Hr];
    pub ReleaseCycle = "cycles.release": [Executive];
    pub CancelCycle = "cycles.cancel": [Hr, Executive];
    pub SetTargets = "targets.set": [Manager, UnitHead, Hr, Executive];
    pub ReadTargets = "targets.read": [Employee, Manager, UnitHead, Hr, Executive];
    pub ReadPlans = "plans.read": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    pub CreatePlan = "plans.create": [Employee, UnitHead, Hr];
    pub WritePlan = "plans.write": [Employee, Executive];
    pub DecidePlan = "plans.decide": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    pub EnterPlans = "plans.enter": [Hr];
    pub ReadUnits = "cycle-units.read": [Employee, Manager, UnitHead, Hr, Executive];
    pub SettleSheets = "sheets.settle": [Hr];
    pub WriteRows = "sheets.rows": [Employee, Manager, UnitHead, Hr, Executive];
    pub ReadSheets = "sheets.read": [Employee, Manager, UnitHead, Hr, Executive];
}
