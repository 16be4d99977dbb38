platform::permission! {
    /// Whom mail goes to, and what became of it.
    pub ReadMails = "mails.read": [Hr, Admin];
    /// What mail says: it may tell somebody's result.
    pub ReadMailTexts = "mails.read-texts": [Hr];
    pub RetryMails = "mails.retry": [Hr, Admin];
}
