//! The second act of the demonstration: a year of a policy that ranks, for the twenty people of a conformance case. The
//! player plays it, as it plays every case; what is told of it afterwards is read from the API.

use std::collections::BTreeMap;
use std::path::Path;

use platform::{Problem, Result};
use player::api::{Api, list, text};
use player::{Case, Place, Trace};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::story::{self, tell};

/// Code of the company; one that was left half-way keeps it, and the next gets a number.
const COMPANY: &str = "ranking";
const CASE: &str = include_str!("../../../tests/conformance/12-annual-ranking-twenty.json");
/// HR of a company that the player founds.
const HR: &str = "play-hr";

/// Plays it unless it has been played, and tells how to look at it.
pub async fn play(place: &Place, marker: &Path) -> Result<()> {
    if let Some(played) = story::played(marker) {
        tell("\nThe second act has been played already; its data is here.\n");
        let [company, cycle] = ["/company", "/cycle"].map(|at| text(&played, at).to_owned());
        tell(&how_to_look(place, &Trace { company, cycle }).await?);
        return Ok(());
    }
    let case = Case::parse("the second act", CASE).map_err(Problem::internal)?;
    tell(&format!("\nThe second act: a year of {} ({}), played like any case\n", case.policy(), case.period()));
    let trace = player::play_in(place, COMPANY, "二十人公司", &case).await.map_err(Problem::internal)?;
    let hr = place.api.sign_in(&trace.company, HR, &place.password).await?;
    let results = Results::read(&hr, &trace).await?;
    results.admit_everybody(place, &trace.company).await?;
    tell(&results.told());
    tell(&how_to_look(place, &trace).await?);
    let played = json!({ "company": trace.company, "cycle": trace.cycle, "period": case.period() });
    std::fs::write(marker, played.to_string()).map_err(Problem::internal)
}

/// The accounts, and where the ranking is.
async fn how_to_look(place: &Place, Trace { company, cycle }: &Trace) -> Result<String> {
    let admin = place.api.sign_in(company, "admin", &place.password).await?;
    let accounts = admin.get("/v1/accounts?limit=500").await?;
    let all = list(&accounts, "/items").iter();
    let described = all.map(|account| {
        let roles: Vec<&str> = list(account, "/roles").iter().filter_map(Value::as_str).collect();
        let roles = if roles.is_empty() { "employee".to_owned() } else { roles.join(", ") };
        (text(account, "/username").to_owned(), format!("{:<10} {roles}", text(account, "/employee")))
    });
    let sign_in = story::how_to_sign_in(place, company, HR, described);
    Ok(format!("{sign_in}\nThe results, for {HR}: {}/v1/cycles/{cycle}/results?kind=person", place.api.base_url()))
}

/// Published results of people and of their units.
struct Results {
    people: Vec<Value>,
    units: Vec<Value>,
}

impl Results {
    async fn read(hr: &Api, trace: &Trace) -> Result<Self> {
        let of = async |kind: &str| {
            let page = hr.get(&format!("/v1/cycles/{}/results?kind={kind}&limit=500", trace.cycle)).await?;
            Ok::<_, Problem>(list(&page, "/items").to_vec())
        };
        Ok(Self { people: of("person").await?, units: of("unit").await? })
    }

    /// An account for each person, so that everybody can ask for their own result.
    async fn admit_everybody(&self, place: &Place, company: &str) -> Result<()> {
        let admin = place.api.sign_in(company, "admin", &place.password).await?;
        let account = |person: &Value| {
            let number = text(person, "/number");
            json!({ "username": number.to_lowercase(), "password": place.password, "employee": number, "roles": [] })
        };
        let accounts: Vec<Value> = self.people.iter().map(account).collect();
        admin.post("/v1/accounts/batch", json!({ "accounts": accounts })).await.map(drop)
    }

    /// The ranking of each unit, the best first, and where its grades end.
    fn told(&self) -> String {
        let mut ranked: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        for person in &self.people {
            ranked.entry(text(person, "/unit")).or_default().push(person);
        }
        let mut lines = Vec::new();
        for (unit, mut people) in ranked {
            people.sort_by_key(|person| std::cmp::Reverse(score(person)));
            lines.push(format!("unit {unit}, score {}: {} people by their scores", self.score_of(unit), people.len()));
            for (place, person) in (1..).zip(&people) {
                lines.push(line_of(place, person));
            }
            lines.push(format!("            cut-offs of {unit}: {}\n", cut_offs(&people)));
        }
        lines.join("\n")
    }

    fn score_of(&self, unit: &str) -> &str {
        let found = self.units.iter().find(|one| text(one, "/subject").strip_prefix("unit:") == Some(unit));
        found.map(|one| text(one, "/score")).unwrap_or_default()
    }
}

fn score(result: &Value) -> Decimal {
    text(result, "/score").parse().unwrap_or_default()
}

fn line_of(place: usize, person: &Value) -> String {
    let outcomes: Vec<&str> = list(person, "/outcome_labels").iter().map(|label| text(label, "/en")).collect();
    let line = format!(
        "            {place:>2}  {}  score {:>3}  {}  coefficient {:<3}  {}",
        text(person, "/number"),
        text(person, "/score"),
        text(person, "/grade_label/en"),
        text(person, "/coefficient"),
        outcomes.join(", "),
    );
    line.trim_end().to_owned()
}

/// Of each grade the lowest score that has it, of people in the order of their scores.
fn cut_offs(people: &[&Value]) -> String {
    let ends = people.chunk_by(|one, next| text(one, "/grade") == text(next, "/grade"));
    let told = ends
        .filter_map(|of_grade| of_grade.last())
        .map(|last| format!("{} from {}", text(last, "/grade"), text(last, "/score")));
    told.collect::<Vec<String>>().join(", ")
}
