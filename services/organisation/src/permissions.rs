use platform::permission;

permission! {
    pub ReadCompany = "company.read":
        [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance, Auditor, Admin, Machine];
    pub ManageAccounts = "accounts.manage": [Admin];
    pub ChangeOwnPassword = "me.change-password":
        [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance, Auditor, Admin];
    pub ManageClients = "clients.manage": [Admin];
    pub ImportPeople = "people.import": [Hr];
    pub ReadUnits = "units.read": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance, Auditor, Admin];
    pub AppointHead = "units.appoint-head": [Hr];
    pub ManageBodies = "bodies.manage": [Hr];
    /// What one's own work is; HR what is others'.
    pub Delegate = "delegations.make": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    pub ReadDelegations = "delegations.read": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance, Auditor];
    /// Opens the door; whom the caller may see is decided by their place in the reporting line.
    pub ReadEmployees = "employees.read":
        [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance, Auditor, Admin];
    pub MoveEmployees = "employees.move": [Hr];
    pub ReadCalendar = "working-calendar.read":
        [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance, Auditor, Admin];
    pub ChangeCalendar = "working-calendar.change": [Hr];
}
