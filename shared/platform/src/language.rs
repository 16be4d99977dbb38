//! The language in which a caller is answered.

use actix_web::HttpRequest;
use domain::Locale;

use crate::Result;
use crate::problem::Problem;

/// The language of something that people read: `?locale=` first, then `Accept-Language`, else Chinese.
pub fn of_reader(request: &HttpRequest, asked: Option<&str>) -> Result<Locale> {
    match asked {
        None => {
            let header = request.headers().get("accept-language").and_then(|value| value.to_str().ok());
            Ok(header.unwrap_or_default().split(',').find_map(language).unwrap_or_default())
        }
        Some("zh-CN") => Ok(Locale::ZhCn),
        Some("en") => Ok(Locale::En),
        Some(_) => Err(Problem::field("/locale", "locale is zh-CN or en")),
    }
}

fn language(tag: &str) -> Option<Locale> {
    let tag = tag.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match tag.split('-').next() {
        Some("zh") => Some(Locale::ZhCn),
        Some("en") => Some(Locale::En),
        _ => None,
    }
}
