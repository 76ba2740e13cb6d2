//! Every page the signer can meet, from samples: `cargo run -p esign-h5 --example gallery`, then open the address it
//! prints. `?lang=`, `?theme=` and `?size=` work as on the real pages.

use std::{convert::Infallible, fmt::Write as _};

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{
        Html, IntoResponse, Response,
        sse::{Event, Sse},
    },
    routing::get,
};
use esign_h5::{frame::Frame, gallery::drawings, kit};
use esign_web::preference::Preference;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8090".into());
    let pages = Router::new()
        .route("/", get(list))
        .route("/gallery/{name}", get(show))
        .route("/s/assets/{file}", get(kit::asset))
        .route("/s/abc/documents/{number}/pages/{leaf}", get(leaf))
        .route("/s/abc/documents/{number}/text", get(text))
        // Nothing ever moves here: waiting pages wait.
        .route(
            "/s/abc/state",
            get(|| async { Sse::new(futures_util::stream::pending::<Result<Event, Infallible>>()) }),
        );
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
    let frame =
        Frame::new(Preference::of(&headers, &uri)).of_flow("/s/abc".into(), "v1".into(), "sample-submission".into());
    let Some(drawing) = drawings().into_iter().find(|drawing| drawing.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match (drawing.draw)(&frame) {
        Ok(html) => ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(html)).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:?}")).into_response(),
    }
}

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'";

async fn leaf(Path((number, leaf)): Path<(usize, String)>) -> impl IntoResponse {
    let mut svg = String::from(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 595 842"><rect width="595" height="842" fill="#fff"/><g font-family="serif" font-size="14" fill="#1b1d21">"##,
    );
    let _ = write!(svg, r#"<text x="51" y="80" font-size="22">第 {number} 份 {leaf}</text>"#);
    for line in 0..24 {
        let _ = write!(
            svg,
            r#"<text x="51" y="{}">委托人授权受托人，就委托人在受托人平台会员账户项下的应结款项</text>"#,
            130 + line * 28
        );
    }
    svg.push_str("</g></svg>");
    ([(header::CONTENT_TYPE, "image/svg+xml")], svg)
}

async fn text() -> &'static str {
    "结算授权委托书\n第一条 委托事项\n委托人授权受托人，就委托人在受托人平台会员账户项下的应结款项，向银行发出结算指令。\u{c}第二条 收款账户\n变更收款账户须重新签署本委托书。"
}
