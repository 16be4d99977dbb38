//! Policy 4: how often somebody is appraised depends on the job series.

use std::collections::BTreeMap;

use player::api::{Api, list, text};
use serde_json::{Value, json};
use testkit::eventually;
use tests::appealing::{Appeal, mails};
use tests::month::template;
use tests::system::{BOOTSTRAP_TOKEN, System};

const PASSWORD: &str = "a-password-of-the-tests";

/// Two departments, OPS under MO and LAB under ML, and an appraisal group whose members are in charge of one each.
const EMPLOYEES: &str = "number,name,email,unit,position,category,superior,dotted_superior,hired_on,left_on,locale,fact:series,fact:rank,fact:sales
GM,总经理,gm@company.example,HQ,Manager,,,,2015-01-05,,zh-CN,other,other,
VP,分管副总,vp@company.example,HQ,Manager,,GM,,2015-01-05,,zh-CN,other,other,
SM,高级经理,sm@company.example,HQ,Manager,,GM,,2015-01-05,,zh-CN,other,other,
HM,人力资源部经理,hm@company.example,HQ,Manager,,GM,,2015-01-05,,zh-CN,other,other,
MO,保障部经理,mo@company.example,OPS,Head,,VP,,2016-03-01,,zh-CN,management,manager,
O1,勤务一,o1@company.example,OPS,Driver,,MO,,2020-03-01,,zh-CN,service,staff,
O2,技术二,o2@company.example,OPS,Engineer,,MO,,2020-03-01,,zh-CN,technical,staff,
ML,实验室经理,ml@company.example,LAB,Head,,SM,,2016-03-01,,zh-CN,management,manager,
L1,主管一,l1@company.example,LAB,Supervisor,,ML,,2020-03-01,,zh-CN,management,supervisor,
L2,销售二,l2@company.example,LAB,Sales,,ML,,2020-03-01,,zh-CN,other,staff,true
";

struct Company {
    api: Api,
    admin: Api,
    people: BTreeMap<String, Api>,
}

impl Company {
    async fn found(system: &System) -> Self {
        let api = system.api();
        let body =
            json!({ "code": "series", "name": "series", "admin": { "username": "admin", "password": PASSWORD } });
        api.with_token(BOOTSTRAP_TOKEN).post("/v1/companies", body).await.unwrap();
        let admin = api.sign_in("series", "admin", PASSWORD).await.unwrap();
        let import = json!({ "username": "import", "password": PASSWORD, "roles": ["hr"] });
        admin.post("/v1/accounts", import).await.unwrap();
        let import = api.sign_in("series", "import", PASSWORD).await.unwrap();
        let units = "code,name,parent,category\nHQ,总部,,\nOPS,保障部,HQ,\nLAB,实验室,HQ,\n";
        for (kind, file) in [("units", units), ("employees", EMPLOYEES)] {
            let path = format!("/v1/imports?kind={kind}&effective_on=2026-07-01");
            import.post_file(&path, "text/csv", file.as_bytes().to_vec()).await.unwrap();
        }
        let seat = |number: &str, office: &str, in_charge: &[&str]| json!({ "number": number, "office": office, "in_charge": in_charge, "from_on": "2026-01-01" });
        let seats = json!({ "seats": [seat("GM", "leader", &[]), seat("VP", "deputy", &["OPS"]), seat("HM", "executive_leader", &[]), seat("SM", "member", &["LAB"])] });
        let body = json!({ "code": "appraisal_group", "name": { "zh": "考核小组", "en": "appraisal group" } });
        import.post("/v1/bodies", body).await.unwrap();
        import.replace("/v1/bodies/appraisal_group", "/seats", seats).await.unwrap();
        let mut company = Self { api, admin, people: BTreeMap::new() };
        for (number, roles) in [
            ("GM", json!(["executive"])),
            ("VP", json!([])),
            ("SM", json!([])),
            ("HM", json!(["hr"])),
            ("MO", json!([])),
            ("ML", json!([])),
            ("O1", json!([])),
            ("O2", json!([])),
            ("L1", json!([])),
            ("L2", json!([])),
        ] {
            let account =
                json!({ "username": number.to_lowercase(), "password": PASSWORD, "employee": number, "roles": roles });
            company.admin.post("/v1/accounts", account).await.unwrap();
            let api = company.api.sign_in("series", &number.to_lowercase(), PASSWORD).await.unwrap();
            company.people.insert(number.to_owned(), api);
        }
        company
    }

    fn of(&self, number: &str) -> &Api {
        &self.people[number]
    }

    /// Opens a cycle once everybody is known.
    async fn open(&self, cadence: &str, period: &str) -> String {
        let body = json!({ "scheme": "by-series", "cadence": cadence, "period": period });
        let opened = eventually("the cycle opens", async || {
            let opened = self.of("HM").post("/v1/cycles", body.clone()).await;
            opened.inspect_err(|problem| eprintln!("not opened yet: {problem}")).ok()
        });
        text(&opened.await, "/id").to_owned()
    }

    /// The superior rates somebody in full.
    async fn rate(&self, cycle: &str, superior: &str, number: &str, points: [&str; 3]) {
        let items = ["results", "attitude", "potential"].into_iter().zip(points);
        let rating = |(item, value): (&str, &str)| json!({ "number": number, "item": item, "input": "superior", "value": value });
        let ratings: Vec<Value> = items.map(rating).collect();
        let path = format!("/v1/cycles/{cycle}/ratings");
        eventually("the form is there", async || {
            let rated = self.of(superior).post(&path, json!({ "ratings": ratings })).await;
            rated.inspect_err(|problem| eprintln!("not rated yet: {problem}")).ok()
        })
        .await;
        let sheet = self.of(superior).get(&format!("/v1/sheets?cycle={cycle}&limit=50")).await.unwrap();
        let own = list(&sheet, "/items").iter().find(|one| text(one, "/subject") == format!("person:{number}"));
        let submit = format!("/v1/sheets/{}/submit", text(own.expect("the sheet"), "/id"));
        self.of(superior).post(&submit, json!({})).await.unwrap();
    }

    async fn close(&self, cycle: &str) {
        self.of("HM").post(&format!("/v1/cycles/{cycle}/close"), json!({})).await.unwrap();
        self.computed(cycle).await;
    }

    async fn computed(&self, cycle: &str) {
        eventually("everybody is computed", async || {
            let closing = self.of("HM").get(&format!("/v1/cycles/{cycle}/closing")).await.ok()?;
            (text(&closing, "/state") == "computed").then_some(())
        })
        .await;
    }

    /// The step in which somebody approves a unit.
    async fn approves(&self, cycle: &str, number: &str) -> Option<(String, String)> {
        let path = format!("/v1/cycles/{cycle}/approvals?open=true");
        let open = self.of(number).get(&path).await.unwrap();
        let step = list(&open, "/items").first()?.clone();
        Some((text(&step, "/unit").to_owned(), format!("/v1/scoring/steps/{}/decision", text(&step, "/id"))))
    }

    async fn score_of(&self, number: &str) -> String {
        let own = self.of(number).get("/v1/my/results").await.unwrap();
        text(&own, "/items/0/score").to_owned()
    }

    /// A result of somebody's own, published.
    async fn result_of(&self, number: &str) -> String {
        let own = self.of(number).get("/v1/my/results").await.unwrap();
        format!("/v1/results/{}", text(&own, "/items/0/id"))
    }
}

/// The whole story but for what is proposed from a year's results.
#[actix_web::test]
async fn given_departments_when_the_group_checks_approves_and_hears_them_then_the_story_is_lived() {
    let system = System::start().await;
    let company = Company::found(&system).await;
    let hr = company.of("HM");
    let source = template(hr, "by-series").await;
    hr.post("/v1/schemes", json!({ "source": source })).await.unwrap();

    // 1. Monthly, quarterly and annual side by side; who is in which follows from series, rank and sales. The others get no task.
    let month = company.open("monthly", "2026-09").await;
    let quarter = company.open("quarterly", "2026-Q3").await;
    let year = company.open("annual", "2026").await;
    let standing = async |cycle: &str, number: &str| {
        let subjects = hr.get(&format!("/v1/cycles/{cycle}/subjects?limit=100")).await.unwrap();
        let one =
            list(&subjects, "/items").iter().find(|one| text(one, "/subject") == format!("person:{number}")).cloned();
        one.map(|one| format!("{} {}", text(&one, "/standing"), text(&one, "/excluded"))).unwrap_or_default()
    };
    assert_eq!(standing(&month, "O1").await.trim(), "in");
    assert!(standing(&month, "MO").await.starts_with("excluded"), "{}", standing(&month, "MO").await);
    assert_eq!(standing(&quarter, "MO").await.trim(), "in");
    assert_eq!((standing(&year, "O1").await.trim(), standing(&year, "L2").await.trim()), ("in", "in"));
    assert!(
        standing(&month, "L2").await.starts_with("excluded") && standing(&quarter, "O1").await.starts_with("excluded")
    );

    // 2. The leader of the group makes the demands of the year known; everybody is told, and confirms having read it.
    let demands = json!({ "title": "2026 年度考核要求", "text": "安全第一，按期交付。" });
    let path = format!("/v1/cycles/{month}/announcements");
    assert!(company.of("VP").post(&path, demands.clone()).await.is_err());
    company.of("GM").post(&path, demands).await.unwrap();
    let asked = async || {
        let listed = company.of("GM").get(&path).await.ok()?;
        (listed["items"][0]["asked_all"] == true).then(|| listed["items"][0]["asked"].clone())
    };
    assert_eq!(eventually("everybody is asked", asked).await, 3);
    eventually("people are told", async || (mails(&system, "o1@", "安全第一") == 1).then_some(())).await;
    let task = eventually("a task to read it", async || {
        let tasks = company.of("O1").get("/v1/my/tasks").await.ok()?;
        list(&tasks, "/items").iter().find(|task| text(task, "/operation") == "sign").cloned()
    })
    .await;
    let read = company.of("O1").get(text(&task, "/path")).await.unwrap();
    let confirmed = json!({ "verdict": "given", "sha256": read["sha256"] });
    company.of("O1").post(text(&task, "/path"), confirmed).await.unwrap();

    // 4. A note dated outside the period is no evidence.
    let note = async |day: &str| {
        let note = json!({ "subject": "person:O1", "about": "good", "happened_on": day, "text": "雨夜抢通道路" });
        text(&company.of("MO").post("/v1/notes", note).await.unwrap(), "/id").to_owned()
    };
    let rating = |note: &str| json!({ "ratings": [{ "number": "O1", "item": "results", "input": "superior", "value": "55", "note": note }] });
    let ratings = format!("/v1/cycles/{month}/ratings");
    let (august, september) = (note("2026-08-30").await, note("2026-09-03").await);
    eventually("the forms are there", async || company.of("MO").post(&ratings, rating(&september)).await.ok()).await;
    let refused = company.of("MO").post(&ratings, rating(&august)).await.unwrap_err();
    assert_eq!(refused.errors[0].pointer, "/ratings/0/note");

    company.rate(&month, "MO", "O1", ["55", "17", "16"]).await;
    company.rate(&month, "MO", "O2", ["58", "19", "18"]).await;
    company.rate(&month, "ML", "L1", ["40", "12", "10"]).await;
    company.close(&month).await;

    // 5. Each is told before publication, too: one is not content, and the correction is a new rating.
    let result = company.result_of("O1").await;
    let told = company.of("O1").get(&result).await.unwrap();
    assert_eq!((text(&told, "/score"), &told["publication"]), ("88", &Value::Null), "{told}");
    assert!(company.of("O2").get(&result).await.is_err(), "nobody else is told");
    let told_by_mail = async |times: usize| {
        let arrived = async || (mails(&system, "o1@", "公布前") == times).then_some(());
        eventually("each result that they are heard about is told by mail", arrived).await;
    };
    told_by_mail(1).await;
    let stated =
        company.of("O1").post(&format!("{result}/opinions"), json!({ "words": "工作业绩漏计两件" })).await.unwrap();
    let answer = format!("/v1/opinions/{}/answer", text(&stated, "/id"));
    let corrected = json!({ "verdict": "corrected", "answer": "已重新评分" });
    assert!(company.of("MO").post(&answer, corrected.clone()).await.is_err(), "nothing is corrected yet");
    let sheet = format!("/v1/sheets/{}/return", text(&told, "/id"));
    hr.post(&sheet, json!({ "reason": "意见属实，请重新评分" })).await.unwrap();
    assert!(company.of("O1").get(&result).await.is_err(), "what does not stand any more is not told");
    company.rate(&month, "MO", "O1", ["57", "17", "16"]).await;
    company.close(&month).await;
    company.of("MO").post(&answer, corrected).await.unwrap();
    assert_eq!(text(&company.of("O1").get(&result).await.unwrap(), "/score"), "90");
    told_by_mail(2).await;

    // 3. The group draws departments and looks at sheets. One corrects a result, the other defends one; the group puts
    // that one right itself; only then can the cycle be published.
    let checks = format!("/v1/cycles/{month}/spot-checks");
    let drawn = company.of("GM").post(&checks, json!({ "units": ["OPS", "LAB"] })).await.unwrap();
    let check = |unit: &str| {
        let one = list(&drawn, "/items").iter().find(|one| text(one, "/unit") == unit).unwrap();
        format!("/v1/spot-checks/{}", text(one, "/id"))
    };
    let recommend = async |unit: &str, number: &str| {
        let body = json!({ "recommendation": "与记录不符，请复核", "subjects": [format!("person:{number}")] });
        company.of("GM").post(&format!("{}/conclusion", check(unit)), body).await.unwrap();
    };
    recommend("OPS", "O2").await;
    recommend("LAB", "L1").await;
    assert!(company.of("GM").post(&format!("/v1/cycles/{month}/publish"), json!({})).await.is_err());
    let defended = json!({ "verdict": "stands", "reason": "季度内两次延误" });
    company.of("ML").post(&format!("{}/answer", check("LAB")), defended).await.unwrap();
    let corrected = json!({ "verdict": "corrected", "reason": "漏计一次抢修" });
    company.of("MO").post(&format!("{}/answer", check("OPS")), corrected).await.unwrap();
    company.rate(&month, "MO", "O2", ["60", "19", "18"]).await;
    company.close(&month).await;
    let put_right =
        json!({ "moves": [{ "subject": "person:L1", "figure": "score", "by": "6", "reason": "延误系外部原因" }] });
    company.of("GM").post(&format!("/v1/cycles/{month}/moves"), put_right).await.unwrap();
    company.computed(&month).await;
    for unit in ["OPS", "LAB"] {
        let settled = json!({ "reason": "已更正" });
        company.of("GM").post(&format!("{}/settle", check(unit)), settled).await.unwrap();
    }
    // 2. Members approve the departments that they are in charge of, and others not.
    for (number, unit) in [("VP", "OPS"), ("SM", "LAB")] {
        let (waits, step) = company.approves(&month, number).await.expect("a unit to approve");
        assert_eq!(waits, unit, "{number} is in charge of it");
        assert!(company.of("GM").post(&step, json!({ "verdict": "approved" })).await.is_err());
        company.of(number).post(&step, json!({ "verdict": "approved" })).await.unwrap();
    }
    company.of("GM").post(&format!("/v1/cycles/{month}/publish"), json!({})).await.unwrap();
    assert_eq!((company.score_of("O2").await.as_str(), company.score_of("L1").await.as_str()), ("97", "68"));

    // 5. Each is told, states an opinion and is answered: by an explanation, by a correction. What is open HR sees.
    let state = async |number: &str, words: &str| {
        let path = format!("{}/opinions", company.result_of(number).await);
        let stated = company.of(number).post(&path, json!({ "words": words })).await.unwrap();
        format!("/v1/opinions/{}/answer", text(&stated, "/id"))
    };
    let (first, second) = (state("O1", "态度一项偏低").await, state("O2", "漏计一次值班").await);
    let open = async || list(&hr.get("/v1/opinions?open=true").await.unwrap(), "/items").len();
    assert_eq!(open().await, 2);
    let explained = json!({ "verdict": "explained", "answer": "迟到两次" });
    company.of("MO").post(&first, explained).await.unwrap();
    let change = json!({ "subject": "person:O2", "path": "/items/attitude/superior", "value": "20" });
    let body = json!({ "cycle": month, "reason": "补记值班", "changes": [change] });
    eventually("it is corrected", async || hr.post("/v1/corrections", body.clone()).await.ok()).await;
    company.of("MO").post(&second, json!({ "verdict": "corrected", "answer": "已补记" })).await.unwrap();
    assert_eq!((open().await, company.score_of("O2").await), (0, "98".to_owned()));
    eventually("the answer is told", async || (mails(&system, "o1@", "迟到两次") == 1).then_some(())).await;

    // 6. An appeal at any time; the group decides; whoever is concerned withdraws, and HR fills the seat. No date to answer.
    system.clock.move_to("2027-01-15T02:00:00Z".parse().unwrap());
    let sign_in = async |number: &str| company.api.sign_in("series", &number.to_lowercase(), PASSWORD).await.unwrap();
    let (me, hr) = (sign_in("O1").await, sign_in("HM").await);
    let appeal = Appeal::file(&me, json!({ "cycle": month, "about": "result", "grounds": "抢修未计入" })).await;
    let case = appeal.read(&me).await;
    assert_eq!((text(&case, "/state"), case["respond_by"].is_null()), ("open", true), "{case}");
    let step = appeal.step(&me).await;
    let panel: Vec<&str> = list(&case, "/levels/0/panel").iter().map(|one| text(one, "/number")).collect();
    assert_eq!(panel, ["GM", "HM", "SM", "VP"]);
    let members = json!({ "members": [
        { "number": "GM" }, { "number": "HM" }, { "number": "SM" },
        { "number": "VP", "withdrew_why": "审批人" }, { "number": "ML", "fills": "VP" }] });
    hr.put(&format!("/v1/appeals/steps/{step}/panel"), members).await.unwrap();
    let session = json!({ "held_on": "2027-01-15", "present": ["GM", "SM", "ML"], "votes": { "for": 3, "against": 0 }, "minutes": "复核" });
    let refused = json!({ "verdict": "refused", "reason": "已计入", "session": session });
    appeal.decide(&sign_in("GM").await, refused).await.unwrap();
    assert_eq!(text(&appeal.read(&me).await, "/state"), "decided");
    system.stop().await;
}
