//! What a request has computed aside ends when its caller has left.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use platform::actix_web::{HttpResponse, get};
use platform::aside::{Wanted, aside};
use platform::{Result, Service};
use testkit::{World, eventually};

static BEGUN: AtomicUsize = AtomicUsize::new(0);
static ENDED: AtomicUsize = AtomicUsize::new(0);

#[utoipa::path(responses((status = 200)))]
#[get("/v1/endless")]
async fn endless() -> Result<HttpResponse> {
    aside(|wanted: &Wanted| {
        BEGUN.fetch_add(1, Ordering::SeqCst);
        while wanted.still() {
            std::thread::yield_now();
        }
        ENDED.fetch_add(1, Ordering::SeqCst);
        Ok(())
    })
    .await?;
    Ok(HttpResponse::Ok().finish())
}

#[actix_web::test]
async fn given_work_that_never_ends_when_its_caller_leaves_then_it_stops() {
    let service = Service {
        routes: Arc::new(|config| {
            config.service(endless);
        }),
        ..crate::service("pay")
    };
    let world = World::start(&[service]).await;
    let address = world.url("pay").replace("http://", "");
    let mut caller = TcpStream::connect(&address).unwrap();
    caller.write_all(format!("GET /v1/endless HTTP/1.1\r\nhost: {address}\r\n\r\n").as_bytes()).unwrap();
    eventually("it begins", async || (BEGUN.load(Ordering::SeqCst) == 1).then_some(())).await;

    drop(caller);

    eventually("it ends", async || (ENDED.load(Ordering::SeqCst) == 1).then_some(())).await;
}
