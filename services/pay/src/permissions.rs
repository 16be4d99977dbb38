//! Who may do what with pay.

use platform::permission;

permission! {
    /// Brings in pay profiles and changes them.
    pub ChangeProfiles = "pay_profiles.change": [Finance, Hr];
    pub ReadProfiles = "pay_profiles.read": [Finance, Hr];
    /// Reads pay inputs that are checked before they count; which, is decided by who is asked in them.
    pub ReadProfileChecks = "profile_checks.read": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    /// Whoever the scheme has check pay inputs; the step decides.
    pub CheckProfiles = "profile_checks.decide": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    /// Enters facts that only pay knows.
    pub EnterPaidFacts = "paid_facts.enter": [Finance];
    pub ReadPaidFacts = "paid_facts.read": [Finance, Hr];
    /// Learns what a policy would pay, and so what profiles hold.
    pub SimulatePay = "pay.simulate": [Finance, Hr];
    /// Reads statements of the whole company.
    pub ReadLedger = "statements.list": [Finance, Hr];
    /// Reads a statement; whose, is decided by the rules of statements.
    pub ReadStatement = "statements.read": [Employee, Finance, Hr];
    pub ReadOwnStatements = "statements.read_own": [Employee];
    /// Reads batches of statements; which, is decided by who is asked in them.
    pub ReadBatches = "batches.read": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    /// Whoever the scheme has approve pay; the step decides.
    pub DecideBatch = "batches.decide": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    /// Pulls the payroll feed and acknowledges it: machine clients only.
    pub PullPayroll = "payroll.pull": [], scope "payroll.read";
    pub ReadAcknowledgements = "payroll.acknowledgements.read": [Finance], scope "payroll.read";
}
