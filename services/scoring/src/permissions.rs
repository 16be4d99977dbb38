use platform::permission;

permission! {
    pub ReadSheets = "sheets.read": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance, Auditor];
    /// Whoever has a form to fill in; the form decides.
    pub EnterRatings = "ratings.enter": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    /// Whoever the scheme lets enter a value; the value decides.
    pub EnterFacts = "facts.enter": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance], scope "facts.write";
    /// Whoever a step names; the step decides.
    pub CheckFacts = "facts.check": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    pub ReadFactChecks = "fact-checks.read": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance, Auditor];
    pub ReadFacts = "facts.read": [Hr, Executive, Auditor];
    /// Whoever may record something that it stands for; what it is handed in with decides.
    pub HandInDocuments = "documents.hand-in": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    pub ReadDocuments = "documents.read": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance, Auditor];
    pub WriteNotes = "notes.write": [Manager, UnitHead, Hr, Executive, CommitteeMember];
    pub ManageAssignments = "assignments.manage": [Hr];
    pub ReturnSheet = "sheets.return": [Hr];
    pub RecordRecusal = "recusals.record": [Hr];
    pub ReadScoring = "scoring.read": [Hr, Executive];
    pub ReadDirectory = "scoring.directory": [Hr, Admin];
    pub CloseCycle = "cycles.close": [Hr];
    /// Also those who approve a cycle, while they do, and as far as they do.
    pub ListResults = "results.list": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    pub PreviewResults = "results.preview": [Hr, Executive];
    /// What people would get under another policy, and what that would cost.
    pub SimulatePolicy = "results.simulate": [Hr];
    /// Whoever a step names; the step decides.
    pub ReadApprovals = "approvals.read": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance, Auditor];
    pub DecideApproval = "approvals.decide": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    pub NameApprover = "approvals.name": [Hr];
    /// Whoever the scheme lets move a figure; the figure decides.
    pub MoveFigures = "results.move": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    pub ReadMoves = "moves.read": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance, Auditor];
    /// Whoever draws units or answers for one; the step decides.
    pub CheckUnits = "spot-checks.take-part": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    pub ReadSpotChecks = "spot-checks.read": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance, Auditor];
    pub ReadReports = "reports.read": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance, Auditor];
    pub NameDuties = "duties.name": [Manager, UnitHead, Hr];
    pub WriteReport = "reports.write": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    pub StateOpinion = "opinions.state": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    /// Whoever the scheme has answer; the opinion decides.
    pub AnswerOpinion = "opinions.answer": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    pub ReadSignatures = "signatures.read": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance, Auditor];
    pub Sign = "signatures.give": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    pub WaiveSignature = "signatures.waive": [Hr];
    /// Whoever the scheme has announce, and HR.
    pub MakeAnnouncement = "announcements.make": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    pub PublishResults = "results.publish": [Executive];
    pub ReadInterviews = "interviews.read": [Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    pub RecordInterview = "interviews.record": [Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    pub CommentInterview = "interviews.comment": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance];
    pub ReadResults = "results.read": [Employee, Manager, UnitHead, Hr, Executive, CommitteeMember, Finance, Auditor];
    pub CorrectResult = "results.correct": [Hr];
    pub ImportResults = "results.import": [Hr];
}
