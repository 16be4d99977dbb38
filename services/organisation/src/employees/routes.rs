use std::collections::HashMap;

use actix_web::{HttpResponse, get, post, web};
use domain::events::{Assignment, Employee, Values};
use jiff::civil::Date;
use platform::clock::date_of;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{Errors, plausible, versioned};
use platform::{
    Caller, JsonBody, Page, PageQuery, Platform, Problem, Reply, Result, Role, Tx, Write, say, web as platform_web,
};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::rows::{self, Filter, Seen};
use super::{line, rules};
use crate::companies::rows::Company;
use crate::permissions::{MoveEmployees, ReadCompany, ReadEmployees};
use crate::units::tree::name_cycle;
use crate::{companies, news, units};

pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list_employees)
        .service(get_employee)
        .service(list_assignments)
        .service(move_employee)
        .service(get_me);
}

/// Who may see everybody.
const SEE_ALL: [Role; 4] = [Role::Hr, Role::Executive, Role::Auditor, Role::Admin];

/// Which employees are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EmployeesQuery {
    /// Code of the unit they are in today.
    pub unit: Option<String>,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// Items at most, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<i64>,
}

/// The day that is asked about.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AsOf {
    /// Where the person stands on this day; today unless said.
    pub as_of: Option<Date>,
}

/// A person of the company.
#[derive(Serialize, ToSchema)]
pub struct EmployeeView {
    pub number: String,
    pub name: String,
    pub email: Option<String>,
    /// `zh-CN` or `en`.
    pub locale: String,
    pub hired_on: Option<Date>,
    /// The last day.
    pub left_on: Option<Date>,
    /// Figures about the person by name, as text.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub facts: Values,
    /// Where the person stands on the day asked about; null before the first assignment.
    pub assignment: Option<AssignmentView>,
    /// The `ETag`.
    pub version: i64,
}

/// Where a person stands from a day on, until the next assignment begins.
#[derive(Serialize, ToSchema)]
pub struct AssignmentView {
    pub from: Date,
    /// Unit code.
    pub unit: String,
    pub unit_name: Option<String>,
    pub position: Option<String>,
    /// Such as `staff`; schemes choose people by it.
    pub category: Option<String>,
    /// Employee number.
    pub superior: Option<String>,
    pub superior_name: Option<String>,
    /// Employee number.
    pub dotted_superior: Option<String>,
    pub dotted_superior_name: Option<String>,
}

impl From<&Assignment> for AssignmentView {
    fn from(assignment: &Assignment) -> Self {
        Self {
            unit_name: None,
            superior_name: None,
            dotted_superior_name: None,
            from: assignment.from,
            unit: assignment.unit.clone(),
            position: assignment.position.clone(),
            category: assignment.category.clone(),
            superior: assignment.superior.clone(),
            dotted_superior: assignment.dotted_superior.clone(),
        }
    }
}

/// Puts the names of units and superiors beside their codes and numbers.
async fn name(tx: &mut Tx, places: Vec<&mut AssignmentView>) -> Result<()> {
    let codes: Vec<String> = places.iter().map(|place| place.unit.clone()).collect();
    let above = places.iter().flat_map(|place| [&place.superior, &place.dotted_superior]);
    let numbers: Vec<String> = above.flatten().cloned().collect();
    let units = units::rows::load(tx, Some(&codes)).await?;
    let people = rows::names(tx, &numbers).await?;
    let units: HashMap<&str, &str> = units.iter().map(|unit| (unit.code.as_str(), unit.name.as_str())).collect();
    let people: HashMap<&str, &str> = people.iter().map(|named| (named.number.as_str(), named.name.as_str())).collect();
    let person = |number: &Option<String>| people.get(number.as_deref()?).map(|name| (*name).to_owned());
    for place in places {
        place.unit_name = units.get(place.unit.as_str()).map(|name| (*name).to_owned());
        place.superior_name = person(&place.superior);
        place.dotted_superior_name = person(&place.dotted_superior);
    }
    Ok(())
}

/// People as they stand on a day.
async fn views(tx: &mut Tx, people: Vec<Employee>, day: Date) -> Result<Vec<EmployeeView>> {
    let mut views: Vec<EmployeeView> = people.into_iter().map(|person| view(person, day)).collect();
    name(tx, views.iter_mut().filter_map(|view| view.assignment.as_mut()).collect()).await?;
    Ok(views)
}

async fn view_of(tx: &mut Tx, person: Employee, day: Date) -> Result<EmployeeView> {
    views(tx, vec![person], day).await?.pop().ok_or_else(|| Problem::not_found(say!("员工", "employee")))
}

fn view(person: Employee, day: Date) -> EmployeeView {
    EmployeeView {
        assignment: person.assignment_on(day).map(AssignmentView::from),
        number: person.number,
        name: person.name,
        email: person.email,
        locale: person.locale,
        hired_on: person.hired_on,
        left_on: person.left_on,
        facts: person.facts,
        version: person.version,
    }
}

/// Employees by number: everybody for HR, executives, auditors and admins; else the caller and whoever is below
/// them in the reporting line.
#[utoipa::path(
    tag = "employees",
    params(EmployeesQuery),
    responses(
        (status = 200, body = Page<EmployeeView>),
    ),
    security(("bearer" = []))
)]
#[get("/v1/employees")]
pub async fn list_employees(
    caller: Caller<ReadEmployees>,
    platform: Platform,
    query: web::Query<EmployeesQuery>,
) -> Result<HttpResponse> {
    let limit = PageQuery { after: None, limit: query.limit }.limit()?;
    let seen = match caller.employee.as_deref() {
        _ if caller.has_any(&SEE_ALL) => Seen::Everybody,
        number => Seen::LineOf(number.unwrap_or_default()),
    };
    let page = platform_web::read(&platform, &caller, async |tx| {
        let today = date_of(tx.now);
        let filter = Filter { unit: query.unit.as_deref(), after: query.after.as_deref(), limit: limit + 1 };
        let numbers = rows::page(tx, seen, filter, today).await?;
        let people = rows::load(tx, Some(&numbers)).await?;
        views(tx, people, today).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Page::cut(page, limit, |person| person.number.clone())))
}

/// One employee, as they stand on a day.
#[utoipa::path(
    tag = "employees",
    params(("number" = String, Path), AsOf),
    responses(
        (status = 200, body = EmployeeView),
    ),
    security(("bearer" = []))
)]
#[get("/v1/employees/{number}")]
pub async fn get_employee(
    caller: Caller<ReadEmployees>,
    platform: Platform,
    number: web::Path<String>,
    query: web::Query<AsOf>,
) -> Result<HttpResponse> {
    let as_of = plausible("/as_of", query.as_of)?;
    let view = platform_web::read(&platform, &caller, async |tx| {
        let day = as_of.unwrap_or(date_of(tx.now));
        let person = visible(tx, &caller, &number).await?;
        view_of(tx, person, day).await
    })
    .await?;
    Ok(versioned(&view, view.version))
}

/// Everywhere an employee has stood and is going to stand, oldest first.
#[utoipa::path(
    tag = "employees",
    params(("number" = String, Path)),
    responses(
        (status = 200, body = Page<AssignmentView>, description = "All on one page"),
    ),
    security(("bearer" = []))
)]
#[get("/v1/employees/{number}/assignments")]
pub async fn list_assignments(
    caller: Caller<ReadEmployees>,
    platform: Platform,
    number: web::Path<String>,
) -> Result<HttpResponse> {
    let items = platform_web::read(&platform, &caller, async |tx| {
        let person = visible(tx, &caller, &number).await?;
        let mut items: Vec<AssignmentView> = person.assignments.iter().map(AssignmentView::from).collect();
        name(tx, items.iter_mut().collect()).await?;
        Ok(items)
    })
    .await?;
    Ok(HttpResponse::Ok().json(Page { items, next: None }))
}

/// The person, if the caller may know of them.
async fn visible(tx: &mut Tx, caller: &Caller<ReadEmployees>, number: &str) -> Result<Employee> {
    let today = date_of(tx.now);
    let may_see = caller.has_any(&SEE_ALL)
        || caller.is(number)
        || match caller.employee.as_deref() {
            Some(viewer) => rows::sees(tx, viewer, number, today).await?,
            None => false,
        };
    if !may_see {
        return Err(Problem::not_found(say!("员工", "employee")));
    }
    person(tx, number).await
}

async fn person(tx: &mut Tx, number: &str) -> Result<Employee> {
    let found = rows::load(tx, Some(&[number.to_owned()])).await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("员工", "employee")))
}

/// A move to another place, dated ahead or back. What is left out stays as it was; null clears it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// First day in the new place. An assignment from the same day is replaced.
    pub from: Date,
    /// Unit code.
    pub unit: String,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub position: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub category: Option<Option<String>>,
    /// Employee number.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub superior: Option<Option<String>>,
    /// Employee number.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub dotted_superior: Option<Option<String>>,
}

/// Tells null from nothing.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Moves an employee from a day on; not oneself.
#[utoipa::path(
    tag = "employees",
    request_body = Move,
    params(("number" = String, Path)),
    responses(
        (status = 201, body = AssignmentView),
    ),
    security(("bearer" = []))
)]
#[post("/v1/employees/{number}/assignments")]
pub async fn move_employee(
    caller: Caller<MoveEmployees>,
    write: Write,
    number: web::Path<String>,
    body: JsonBody<Move>,
) -> Result<HttpResponse> {
    let change = body.0;
    if caller.is(&number) {
        return Err(Problem::not_permitted(say!("不能调整自己的任职", "nobody moves themselves")));
    }
    write
        .run(&caller, async |tx| {
            let today = date_of(tx.now);
            companies::rows::lock(tx).await?;
            let mut person = person(tx, &number).await?;
            let new = rules::moved(&person, &change);
            check_move(tx, &mut person, &new).await?;
            rows::save_assignments(tx, &[(person.number.clone(), new.clone())]).await?;
            person.version += 1;
            rows::touch(tx, std::slice::from_ref(&person.number)).await?;
            news::tell_employees(tx, std::slice::from_ref(&person)).await?;
            news::units_changed(tx, Vec::new(), today).await?;
            tx.audit("employees.moved", &person.number, serde_json::to_value(&new)?).await?;
            let address = format!("/v1/employees/{}/assignments", person.number);
            let mut place = AssignmentView::from(&new);
            name(tx, vec![&mut place]).await?;
            Reply::created(address, &place)
        })
        .await
}

/// Checks a move against the company and puts it among the person's assignments.
async fn check_move(tx: &mut Tx, person: &mut Employee, new: &Assignment) -> Result<()> {
    let mut errors = Errors::default();
    rules::check_move(&mut errors, person, new);
    if units::rows::by_code(tx, &new.unit).await?.is_none() {
        errors.add("/unit", say!("没有该部门", "there is no such unit"));
    }
    let superiors: Vec<String> = [&new.superior, &new.dotted_superior].into_iter().flatten().cloned().collect();
    let known = rows::known(tx, &superiors).await?;
    for (pointer, superior) in [("/superior", &new.superior), ("/dotted_superior", &new.dotted_superior)] {
        if superior.as_ref().is_some_and(|superior| !known.contains(superior)) {
            errors.add(pointer, say!("没有该员工", "there is no such employee"));
        }
    }
    rules::place(&mut person.assignments, new.clone());
    let mut everybody = rows::load(tx, None).await?;
    everybody.retain(|other| other.number != person.number);
    for cycle in line::cycles(everybody.iter().chain([&*person]), new.from) {
        if cycle.members.contains(&person.number.as_str()) {
            let named = name_cycle(&cycle.members, &person.number);
            errors.add(
                "/superior",
                say!(
                    "自 {} 起，以下人员将互为上下级：{named}",
                    "from {} these would report to each other: {named}",
                    cycle.from
                ),
            );
        }
    }
    errors.check()
}

/// Who the caller is.
#[derive(Serialize, ToSchema)]
pub struct Me {
    /// Account or client.
    pub account: Uuid,
    /// User name or client name.
    pub name: String,
    /// Roles of the token.
    pub roles: Vec<Role>,
    pub company: Option<Company>,
    /// The caller as an employee; null for accounts that are nobody's.
    pub employee: Option<EmployeeView>,
    /// Whom the caller reports to today.
    pub superior: Option<Named>,
    /// Whom the caller reports to in a dotted line.
    pub dotted_superior: Option<Named>,
    /// The caller's unit today.
    pub unit: Option<OwnUnit>,
}

/// A colleague, by name.
#[derive(Clone, Serialize, ToSchema)]
pub struct Named {
    /// Employee number.
    pub number: String,
    pub name: String,
}

/// The unit that somebody is in.
#[derive(Serialize, ToSchema)]
pub struct OwnUnit {
    pub code: String,
    pub name: String,
    pub head: Option<Named>,
}

/// The caller, with the names of those above them.
#[utoipa::path(
    tag = "employees",
    responses(
        (status = 200, body = Me),
    ),
    security(("bearer" = []))
)]
#[get("/v1/me")]
pub async fn get_me(caller: Caller<ReadCompany>, platform: Platform) -> Result<HttpResponse> {
    let me = platform_web::read(&platform, &caller, async |tx| me(tx, &caller).await).await?;
    Ok(HttpResponse::Ok().json(me))
}

async fn me(tx: &mut Tx, caller: &Caller<ReadCompany>) -> Result<Me> {
    let today = date_of(tx.now);
    let own = match caller.employee.clone() {
        Some(number) => rows::load(tx, Some(&[number])).await?.into_iter().next(),
        None => None,
    };
    let place = own.as_ref().and_then(|person| person.assignment_on(today));
    let unit = match place {
        Some(place) => units::rows::by_code(tx, &place.unit).await?,
        None => None,
    };
    let above = [
        place.and_then(|place| place.superior.clone()),
        place.and_then(|place| place.dotted_superior.clone()),
        unit.as_ref().and_then(|unit| unit.head.clone()),
    ];
    let names = rows::names(tx, &above.iter().flatten().cloned().collect::<Vec<_>>()).await?;
    let [superior, dotted_superior, head] =
        above.map(|number| number.and_then(|number| names.iter().find(|named| named.number == number).cloned()));
    let employee = match own {
        Some(person) => Some(view_of(tx, person, today).await?),
        None => None,
    };
    Ok(Me {
        account: caller.account,
        name: caller.name.clone(),
        roles: caller.roles.clone(),
        company: companies::rows::by_id(tx, caller.company).await?,
        employee,
        superior,
        dotted_superior,
        unit: unit.map(|unit| OwnUnit { code: unit.code, name: unit.name, head }),
    })
}
