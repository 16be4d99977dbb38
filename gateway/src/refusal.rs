//! What the gateway itself answers instead of a service, as problem details.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER};
use platform::problem::ProblemDocument;
use platform::{Code, Locale, Message, Problem, say};

use crate::limits::Room;

#[derive(Debug)]
pub enum Refusal {
    Problem(Problem),
    /// The address exists, but not for this method; the methods it has.
    Method(String),
    /// Too many requests, and how long to wait.
    Rate {
        seconds: u64,
        room: Room,
    },
    /// No replica of the service can be reached.
    Unreachable,
    /// The service did not answer as it should, or not in time.
    BadAnswer,
}

impl Refusal {
    pub fn unknown_address() -> Self {
        Self::Problem(Problem::not_found(say!("地址", "address")))
    }

    pub fn too_large(limit: u64) -> Self {
        Self::Problem(Problem::new(
            Code::TooLarge,
            say!("此处请求内容最多 {limit} 字节", "a request body has at most {limit} bytes here"),
        ))
    }

    pub fn incomplete_body() -> Self {
        Self::Problem(Problem::new(Code::MalformedRequest, say!("请求内容不完整", "the request body ended early")))
    }

    /// For an error of a service that it did not describe.
    pub fn raw(status: StatusCode) -> Self {
        match Code::of(status) {
            Code::Internal => Self::BadAnswer,
            Code::Unavailable => Self::Unreachable,
            code => Self::Problem(Problem::new(
                code,
                say!("该服务无法解析此请求", "the service could not read the request"),
            )),
        }
    }

    /// What the caller is answered, in their language.
    pub fn response(self, locale: Locale) -> HttpResponse {
        let unavailable = |status, detail: Message| {
            let document = Problem::new(Code::Unavailable, detail).document(locale);
            answer(status, ProblemDocument { status: status.as_u16(), ..document })
        };
        match self {
            Refusal::Problem(problem) => problem.response(locale),
            Refusal::Method(allowed) => {
                let problem = Problem::new(Code::MethodNotAllowed, say!("可用的方法：{allowed}", "it has {allowed}"));
                with(problem.response(locale), ALLOW, &allowed)
            }
            Refusal::Rate { seconds, room } => {
                let detail = say!("请在 {seconds} 秒后重试", "try again in {seconds} s");
                let mut response = Problem::new(Code::TooManyRequests, detail).after(seconds).response(locale);
                room.tell(response.headers_mut());
                response
            }
            Refusal::Unreachable => {
                let response = unavailable(
                    StatusCode::SERVICE_UNAVAILABLE,
                    say!("目前无法连接该服务", "the service cannot be reached just now"),
                );
                with(response, RETRY_AFTER, "1")
            }
            Refusal::BadAnswer => {
                unavailable(StatusCode::BAD_GATEWAY, say!("该服务没有应答", "the service did not answer"))
            }
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
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
