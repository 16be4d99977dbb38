use actix_web::{HttpResponse, get, post, web};
use events::{Assignment, Employee, EmployeeNumber};
use platform::clock::date_of;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{Errors, plausible, versioned};
use platform::{
    Caller, JsonBody, Page, PageQuery, Platform, Problem, Reply, Result, Tx, Write, say, web as platform_web,
};

use super::employee::{AsOf, AssignmentView, EmployeeView, EmployeesQuery, Me, Move};
use super::rows::Filter;
use super::{rows, rules, views};
use crate::permissions::{MoveEmployees, ReadCompany, ReadEmployees};
use crate::{companies, news, units};

pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list_employees)
        .service(get_employee)
        .service(list_assignments)
        .service(move_employee)
        .service(get_me);
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
    let page = platform_web::read(&platform, &caller, async |tx| {
        let today = date_of(tx.now);
        let filter = Filter { unit: query.unit.as_deref(), after: query.after.as_deref(), limit: limit + 1 };
        let people = rows::page(tx, rules::seen_by(&caller), filter, today).await?;
        views::views(tx, people, today).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Page::cut(page, limit, |person| person.number.to_string())))
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
        views::view(tx, person, day).await
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
        views::places(tx, &person.assignments).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Page { items, next: None }))
}

/// The person, if the caller may know of them.
async fn visible(tx: &mut Tx, caller: &Caller<ReadEmployees>, number: &str) -> Result<Employee> {
    let today = date_of(tx.now);
    let may_see = caller.has_any(&rules::SEE_ALL)
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
    rows::by_number(tx, number).await?.ok_or_else(|| Problem::not_found(say!("员工", "employee")))
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
    rules::check_not_oneself(&caller, &number)?;
    write
        .run(&caller, async |tx| {
            companies::rows::lock(tx).await?;
            let person = person(tx, &number).await?;
            let new = rules::moved(&person, &body.0);
            move_to(tx, person, &new).await?;
            let place = views::places(tx, &[new]).await?.pop();
            Reply::created(format!("/v1/employees/{number}/assignments"), &place)
        })
        .await
}

async fn move_to(tx: &mut Tx, mut person: Employee, new: &Assignment) -> Result<()> {
    let today = date_of(tx.now);
    check_move(tx, &mut person, new).await?;
    rows::save_assignments(tx, &[(person.number.clone(), new.clone())]).await?;
    person.version += 1;
    rows::touch(tx, std::slice::from_ref(&person.number)).await?;
    news::tell_employees(tx, std::slice::from_ref(&person)).await?;
    news::units_changed(tx, Vec::new(), today).await?;
    tx.audit("employees.moved", &person.number, serde_json::to_value(new)?).await
}

/// Checks a move against the company and puts it among the person's assignments.
async fn check_move(tx: &mut Tx, person: &mut Employee, new: &Assignment) -> Result<()> {
    let mut errors = Errors::default();
    rules::check_move(&mut errors, person, new);
    if units::rows::by_code(tx, &new.unit).await?.is_none() {
        errors.add("/unit", say!("没有该部门", "there is no such unit"));
    }
    let superiors: Vec<EmployeeNumber> = [&new.superior, &new.dotted_superior].into_iter().flatten().cloned().collect();
    rules::check_superiors(&mut errors, new, &rows::known(tx, &superiors).await?);
    rules::place(&mut person.assignments, new.clone());
    rules::check_line(&mut errors, person, &rows::load(tx, None).await?, new.from);
    errors.check()
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
    let me = platform_web::read(&platform, &caller, async |tx| views::me(tx, &caller).await).await?;
    Ok(HttpResponse::Ok().json(me))
}
