platform::permission! {
    /// Whom mail goes to, and what became of it.
    pub ReadMails = "mails.read": [Hr, Admin];
    /// What mail says: it may tell somebody's result.
    pub ReadMailTexts = "mails.read-texts": [Hr];
    /// What waits for oneself.
    pub ReadOwnTasks = "tasks.own": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance, Auditor, Admin];
    pub ReadProgress = "progress.read": [Hr, Executive];
    pub ReadReminders = "reminders.read": [Hr, Executive, Auditor];
    pub ManageReminders = "reminders.manage": [Hr];
    pub RetryMails = "mails.retry": [Hr, Admin];
}
