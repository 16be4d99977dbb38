use platform::actix_web::http::header::AUTHORIZATION;
use platform::actix_web::test::TestRequest;
use platform::actix_web::{App, FromRequest, HttpResponse, HttpServer, post, web};
use platform::peer::OnBehalf;
use platform::{Code, Message, Problem, Result};
use serde_json::{Value, json};

const SILENT: &str = "the peer does not answer";

/// Refuses with the code in its path.
#[post("/refuse/{code}")]
async fn refuse(code: web::Path<String>) -> Result<HttpResponse, Problem> {
    let code: Code = serde_json::from_value(json!(*code)).expect("a code");
    Err(Problem { code, ..Problem::field("/scheme", Message::same("as the peer says it")) })
}

#[post("/answer")]
async fn answer(body: web::Json<Value>) -> HttpResponse {
    HttpResponse::Ok().json(body.0)
}

async fn peer() -> String {
    let server = HttpServer::new(|| App::new().service(refuse).service(answer)).workers(1);
    let server = server.bind(("127.0.0.1", 0)).expect("a free port");
    let address = server.addrs()[0];
    platform::actix_web::rt::spawn(server.run());
    format!("http://{address}")
}

async fn asked(url: &str) -> Result<Value> {
    let request = TestRequest::default().insert_header((AUTHORIZATION, "Bearer x")).to_http_request();
    OnBehalf::extract(&request).await?.post(url, &json!({ "a": 1 }), Message::same(SILENT)).await
}

#[platform::actix_web::test]
async fn given_a_peer_when_it_refuses_the_caller_then_in_its_words_and_anything_else_is_silence() {
    let peer = peer().await;

    assert_eq!(asked(&format!("{peer}/answer")).await.unwrap(), json!({ "a": 1 }));
    for code in [Code::Unauthenticated, Code::NotPermitted, Code::ValidationFailed] {
        let name = serde_json::to_value(code).unwrap();
        let refused = asked(&format!("{peer}/refuse/{}", name.as_str().unwrap())).await.unwrap_err();
        assert_eq!((refused.code, refused.errors[0].pointer.as_str()), (code, "/scheme"));
    }
    let ours = [
        "malformed-request",
        "not-found",
        "method-not-allowed",
        "conflict",
        "too-large",
        "unsupported-format",
        "too-many-requests",
        "internal",
        "unavailable",
    ];
    for name in ours {
        let silent = asked(&format!("{peer}/refuse/{name}")).await.unwrap_err();
        assert_eq!((silent.code, silent.detail.en.as_str()), (Code::Unavailable, SILENT), "{name}");
    }
}
