//! Files as answers: browsers keep them instead of showing them.

use actix_web::HttpResponse;

/// A file of any type and name, as a download of no type.
pub fn attachment(name: &str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/octet-stream")
        .insert_header(("content-disposition", disposition(name)))
        .body(bytes)
}

fn disposition(name: &str) -> String {
    let encoded: String = name
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    format!("attachment; filename=\"document\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_name_of_any_script_then_the_header_holds_ascii_only() {
        assert_eq!(disposition("证 1.pdf"), "attachment; filename=\"document\"; filename*=UTF-8''%E8%AF%81%201.pdf");
    }
}
