//! What the gateway itself answers instead of a service, as problem details.

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use platform::problem::ProblemDocument;
use platform::{Code, Problem};

#[derive(Debug)]
pub enum Refusal {
    Problem(Problem),
    /// The address exists, but not for this method; the methods it has.
    Method(String),
    /// Too many requests; seconds to wait.
    Rate(u64),
    /// No replica of the service can be reached.
    Unreachable,
    /// The service did not answer as it should, or not in time.
    BadAnswer,
}

impl Refusal {
    pub fn unknown_address() -> Self {
        Self::Problem(Problem::not_found("address"))
    }

    pub fn too_large(limit: u64) -> Self {
        Self::Problem(Problem::new(Code::TooLarge, format!("a request body has at most {limit} bytes here")))
    }

    pub fn incomplete_body() -> Self {
        Self::Problem(Problem::new(Code::MalformedRequest, "the request body ended early"))
    }
}

impl Refusal {
    /// For an error of a service that it did not describe.
    pub fn raw(status: StatusCode) -> Self {
        match Code::of(status) {
            Code::Internal => Self::BadAnswer,
            Code::Unavailable => Self::Unreachable,
            code => Self::Problem(Problem::new(code, "the service could not read the request")),
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Refusal> for HttpResponse {
    fn from(refusal: Refusal) -> Self {
        let unavailable = |status, detail: &str| {
            let document = Problem::new(Code::Unavailable, detail).document();
            answer(status, ProblemDocument { status: status.as_u16(), ..document })
        };
        match refusal {
            Refusal::Problem(problem) => problem.error_response(),
            Refusal::Method(allowed) => {
                let problem = Problem::new(Code::MethodNotAllowed, format!("it has {allowed}"));
                with(problem.error_response(), ALLOW, &allowed)
            }
            Refusal::Rate(seconds) => {
                let problem = Problem::new(Code::TooManyRequests, format!("try again in {seconds} s"));
                problem.after(seconds).error_response()
            }
            Refusal::Unreachable => {
                let response = unavailable(StatusCode::SERVICE_UNAVAILABLE, "the service cannot be reached just now");
                with(response, RETRY_AFTER, "1")
            }
            Refusal::BadAnswer => unavailable(StatusCode::BAD_GATEWAY, "the service did not answer"),
        }
    }
}

fn answer(status: StatusCode, document: ProblemDocument) -> HttpResponse {
    HttpResponse::build(status).content_type("application/problem+json").json(document)
}

fn with(mut response: HttpResponse, name: actix_web::http::header::HeaderName, value: &str) -> HttpResponse {
    if let Ok(value) = value.parse() {
        response.headers_mut().insert(name, value);
    }
    response
}
