platform::permission! {
    pub ReadMails = "mails.read": [Hr, Admin];
    pub RetryMails = "mails.retry": [Hr, Admin];
}
