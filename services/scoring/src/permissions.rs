use platform::permission;

permission! {
    pub ReadSheets = "sheets.read": [Employee, Manager, UnitHead, Hr, Executive, Auditor];
    /// Own self-assessment, reports, and HR for those who do not sign in; the sheet decides which.
    pub EnterRatings = "ratings.enter": [Employee, Manager, UnitHead, Hr, Executive];
    pub EnterMeasurements = "measurements.enter": [Hr];
    pub ScoreUnits = "units.score": [Executive, Hr];
    pub EnterFacts = "facts.enter": [Hr];
    pub ReturnSheet = "sheets.return": [Hr];
    pub RecordRecusal = "recusals.record": [Hr];
    pub ReadScoring = "scoring.read": [Hr, Executive];
    pub CloseCycle = "cycles.close": [Hr];
    pub PreviewResults = "results.preview": [Hr, Executive];
    /// What people would get under another policy, and what that would cost.
    pub SimulatePolicy = "results.simulate": [Hr];
    pub PublishResults = "results.publish": [Executive];
    pub ReadInterviews = "interviews.read": [Manager, UnitHead, Hr, Executive];
    pub RecordInterview = "interviews.record": [Manager, UnitHead, Hr, Executive];
    pub ReadResults = "results.read": [Employee, Manager, UnitHead, Hr, Executive, Auditor];
    pub CorrectResult = "results.correct": [Hr];
}
