//! GraphiQL, to try the API by hand, with every file served by us: the stock page loads them from a stranger's host.
//!
//! Vendored from the npm packages graphiql 3.9.0 and react, react-dom 18.3.1 (UMD builds, unchanged); their licences
//! stand beside them. The page holds no script of its own, so the policy needs no exception for inline code.

use axum::{
    Router,
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// The files of the page, by name.
const FILES: [(&str, &str, &[u8]); 7] = [
    ("graphiql.min.js", SCRIPT, include_bytes!("graphiql/vendor/graphiql.min.js")),
    ("graphiql.min.css", STYLE, include_bytes!("graphiql/vendor/graphiql.min.css")),
    ("react.production.min.js", SCRIPT, include_bytes!("graphiql/vendor/react.production.min.js")),
    ("react-dom.production.min.js", SCRIPT, include_bytes!("graphiql/vendor/react-dom.production.min.js")),
    ("start.js", SCRIPT, include_bytes!("graphiql/start.js")),
    ("page.css", STYLE, include_bytes!("graphiql/page.css")),
    ("LICENSES.txt", TEXT, include_bytes!("graphiql/vendor/LICENSES.txt")),
];

/// The page and its files.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/graphiql", get(page)).route("/graphiql/{file}", get(file))
}

async fn page() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, POLICY)];
    (headers, include_str!("graphiql/page.html")).into_response()
}

async fn file(Path(name): Path<String>) -> Response {
    match FILES.iter().find(|(known, ..)| *known == name) {
        Some((_, media, bytes)) => {
            ([(header::CONTENT_TYPE, *media), (header::CACHE_CONTROL, "max-age=3600")], *bytes).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
