//! Headers on their way from the client to a service and back.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use platform::telemetry;

/// The address of the client: of the peer, or what our own proxies before us say it is.
pub fn client_address(request: &HttpRequest, trusted_proxies: usize) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    let said = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = said.flat_map(|value| value.split(',')).map(str::trim).collect();
    let outermost = hops.len().checked_sub(trusted_proxies).filter(|_| trusted_proxies > 0);
    outermost.and_then(|index| hops.get(index)?.parse().ok()).unwrap_or(peer)
}

/// The client's headers as a service gets them.
pub fn forwarded(headers: &HeaderMap, address: IpAddr) -> HeaderMap {
    let named = named_by_connection(headers);
    let mut kept = HeaderMap::with_capacity(headers.len() + 2);
    for (name, value) in headers {
        let dropped = is_hop_by_hop(name) || named.contains(name) || is_for_the_gateway(name);
        if !dropped {
            kept.append(name.clone(), value.clone());
        }
    }
    if let Ok(value) = HeaderValue::from_str(&address.to_string()) {
        kept.insert(HeaderName::from_static("x-forwarded-for"), value);
    }
    if let Some(value) = telemetry::traceparent().and_then(|text| HeaderValue::from_str(&text).ok()) {
        kept.insert(HeaderName::from_static("traceparent"), value);
    }
    kept
}

pub fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    let lines = headers.get_all(header::CONNECTION).filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).filter_map(|name| name.trim().parse().ok()).collect()
}

pub fn is_hop_by_hop(name: &HeaderName) -> bool {
    const HOP_BY_HOP: [&str; 9] = [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    HOP_BY_HOP.contains(&name.as_str())
}

/// Headers that are answered or said anew here.
fn is_for_the_gateway(name: &HeaderName) -> bool {
    let name = name.as_str();
    matches!(name, "host" | "expect" | "content-length" | "forwarded" | "x-real-ip") || name.starts_with("x-forwarded-")
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn request(forwarded: &[&str]) -> HttpRequest {
        let mut request = TestRequest::default().peer_addr("10.0.0.9:1".parse().unwrap());
        for value in forwarded {
            request = request.append_header(("x-forwarded-for", *value));
        }
        request.to_http_request()
    }

    #[test]
    fn the_client_is_the_peer_unless_a_proxy_of_ours_says_otherwise() {
        let address = |request: &HttpRequest, proxies| client_address(request, proxies).to_string();
        let forged = request(&["1.1.1.1, 2.2.2.2", "3.3.3.3"]);
        assert_eq!(address(&forged, 0), "10.0.0.9");
        assert_eq!(address(&forged, 1), "3.3.3.3");
        assert_eq!(address(&forged, 2), "2.2.2.2");
        assert_eq!(address(&forged, 9), "10.0.0.9");
        assert_eq!(address(&request(&[]), 1), "10.0.0.9");
        assert_eq!(address(&request(&["unknown"]), 1), "10.0.0.9");
    }

    #[test]
    fn what_belongs_to_one_hop_or_forges_an_origin_is_not_passed_on() {
        let request = TestRequest::default()
            .insert_header(("connection", "keep-alive, X-Secret"))
            .insert_header(("x-secret", "1"))
            .insert_header(("x-forwarded-for", "1.1.1.1"))
            .insert_header(("x-forwarded-host", "evil"))
            .insert_header(("forwarded", "for=1.1.1.1"))
            .insert_header(("te", "trailers"))
            .insert_header(("host", "public"))
            .insert_header(("if-match", "\"3\""))
            .to_http_request();
        let headers = forwarded(request.headers(), "192.0.2.7".parse().unwrap());
        let mut names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["if-match", "x-forwarded-for"]);
        assert_eq!(headers.get("x-forwarded-for").unwrap(), "192.0.2.7");
    }
}
