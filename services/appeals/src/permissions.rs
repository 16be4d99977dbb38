//! Who may do what with appeals; whose, is decided by `appeals/rules.rs`.

use platform::permission;

permission! {
    /// Files an appeal about oneself or one's unit, or enters one that came on paper; withdraws it, carries it on.
    pub FileAppeal = "appeals.file": [Employee, UnitHead, Hr];
    pub ReadAppeals = "appeals.read": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance, Auditor];
    /// Whoever a level names; the level decides.
    pub DecideAppeal = "appeals.decide": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    /// Adds documents and notes of a hearing to a case in which one takes part.
    pub AddToAppeal = "appeals.add": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    /// Names who sits in a panel, or who decides where nobody can.
    pub NameDeciders = "appeals.name-deciders": [Hr];
    /// Puts a remedy right that could not be done as it was written.
    pub MendRemedy = "appeals.mend-remedy": [Hr];
}
