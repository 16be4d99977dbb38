//! The language in which a caller is answered.

use std::future::{Ready, ready};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpRequest, web};
use basics::{Locale, say};

use crate::Result;
use crate::problem::Problem;
use crate::service::Platform;

/// What problems are told in where nobody asks for a language: programs that call do not, and their logs and the
/// documents of this API are English.
const OF_PROBLEMS: Locale = Locale::En;

/// The language of something that people read: `?locale=` first, then `Accept-Language`, else Chinese.
pub fn of_reader(request: &HttpRequest, asked: Option<&str>) -> Result<Locale> {
    match asked {
        None => Ok(accepted(request.headers()).unwrap_or_default()),
        Some("zh-CN") => Ok(Locale::ZhCn),
        Some("en") => Ok(Locale::En),
        Some(_) => Err(Problem::field("/locale", say!("locale 只能是 zh-CN 或 en", "locale is zh-CN or en"))),
    }
}

/// The language in which a problem is told.
pub fn of_problems(headers: &HeaderMap) -> Locale {
    accepted(headers).unwrap_or(OF_PROBLEMS)
}

/// The language in which an answer tells what is wrong, for handlers.
#[derive(Clone, Copy, Debug)]
pub struct Asked(pub Locale);

impl FromRequest for Asked {
    type Error = Problem;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(of_problems(request.headers()))))
    }
}

/// The language that `Accept-Language` prefers among those we have.
fn accepted(headers: &HeaderMap) -> Option<Locale> {
    let header = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(u32, Locale)> = None;
    for (weight, locale) in header.split(',').filter_map(wish) {
        if weight > 0 && best.is_none_or(|(before, _)| weight > before) {
            best = Some((weight, locale));
        }
    }
    best.map(|(_, locale)| locale)
}

/// One entry, `en-GB;q=0.8`: how much it is wanted, in thousandths, and which of our languages it is.
fn wish(entry: &str) -> Option<(u32, Locale)> {
    let mut parts = entry.split(';').map(str::trim);
    let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
    let locale = match tag.split('-').next() {
        Some("zh") => Locale::ZhCn,
        Some("en") => Locale::En,
        _ => return None,
    };
    let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1000), thousandths)?;
    Some((weight, locale))
}

/// `0.85` is 850; a weight has three decimals at most.
fn thousandths(text: &str) -> Option<u32> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let decimals = format!("{decimals:0<3}");
    let weight = whole.parse::<u32>().ok()?.checked_mul(1000)?.checked_add(decimals.parse().ok()?)?;
    (weight <= 1000).then_some(weight)
}

/// Puts the problem that a request met into the language of its caller.
pub async fn tell_problems(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let locale = of_problems(request.headers());
    let response = next.call(request).await?.map_into_boxed_body();
    let problem = response.response().error().and_then(|error| error.as_error::<Problem>());
    if let Some(problem) = problem {
        problem.log();
    }
    if let (Some(problem), Some(platform)) = (problem, response.request().app_data::<web::Data<Platform>>()) {
        platform.health.note(problem);
    }
    let told = problem.map(|problem| problem.response(locale));
    Ok(match told {
        Some(told) => response.into_response(told),
        None => response,
    })
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn asked_for(header: &'static str) -> Option<Locale> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(header));
        accepted(&headers)
    }

    #[test]
    fn given_several_languages_when_asked_for_then_the_most_wanted_one_that_we_have_is_taken() {
        for (header, locale) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Some(Locale::ZhCn)),
            ("fr, en-GB;q=0.8, zh;q=0.7", Some(Locale::En)),
            ("en;q=0.5, zh", Some(Locale::ZhCn)),
            ("en, zh", Some(Locale::En)),
            ("zh;q=0, en;q=0.1", Some(Locale::En)),
            ("ZH-hans", Some(Locale::ZhCn)),
            ("fr", None),
            ("*", None),
            ("zh;q=much", None),
            ("", None),
        ] {
            assert_eq!(asked_for(header), locale, "{header}");
        }
    }

    #[test]
    fn given_no_language_when_asked_for_then_readers_get_chinese_and_problems_are_english() {
        let request = actix_web::test::TestRequest::default().to_http_request();
        assert_eq!(of_reader(&request, None).ok(), Some(Locale::ZhCn));
        assert_eq!(of_problems(request.headers()), Locale::En);
        assert!(of_reader(&request, Some("fr")).is_err());
    }
}
