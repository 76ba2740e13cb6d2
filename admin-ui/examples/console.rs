//! Every page of the console in every shape, from samples: `cargo run -p esign-admin-ui --example console`, then open the
//! address it prints. `?lang=`, `?theme=` and `?role=` (admin, operator, auditor) say how.

use std::fmt::Write as _;

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, StatusCode, Uri},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use esign_admin_ui::{drawings, fields::Fields, frame::Frame, kit, nav::Badges, wish::Wish};
use esign_domain::{Caller, caller::Role, ids::StaffId};
use esign_web::header::keep_to_itself;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8091".into());
    let pages = Router::new()
        .route("/", get(list))
        .route("/gallery/{name}", get(show))
        .route("/admin/assets/{file}", get(kit::asset));
    let listener = tokio::net::TcpListener::bind(&address).await?;
    eprintln!("http://{}/", listener.local_addr()?);
    axum::serve(listener, pages).await
}

async fn list() -> Html<String> {
    let mut html = String::from("<!doctype html><title>gallery</title><ul>");
    for drawing in drawings() {
        let _ = write!(html, "<li><a href=\"/gallery/{0}\">{0}</a>", drawing.name);
    }
    Html(html)
}

async fn show(Path(name): Path<String>, headers: HeaderMap, uri: Uri) -> Response {
    let query = Fields::read(uri.query().unwrap_or_default().as_bytes());
    let role = query.parsed("role").unwrap_or(Role::Admin);
    let id = "018f0000-0000-7000-8000-000000000000".parse().map(StaffId::new).expect("an id");
    let caller = Caller::Staff { id, name: "lan".into(), role, from: None };
    let frame = Frame::outside(&Wish::of(&headers, &uri)).of(&caller, "sample", &Badges { stuck: 6 });
    let Some(drawing) = drawings().into_iter().find(|drawing| drawing.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match (drawing.draw)(&frame) {
        Ok(html) => keep_to_itself(Html(html).into_response(), false),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:?}")).into_response(),
    }
}
