//! The papers: each page as a picture, each document as a file, and its words.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use esign_domain::flow::h5;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::visit::{Desk, Visit};

/// `GET …/documents/{n}/pages/{p}.svg`.
pub async fn leaf(
    State(desk): State<Arc<Desk>>,
    visit: Visit,
    Path((_, number, file)): Path<(String, String, String)>,
) -> Response {
    let page = file.strip_suffix(".svg").and_then(|page| page.parse().ok());
    let (Ok(number), Some(page)) = (number.parse(), page) else { return StatusCode::NOT_FOUND.into_response() };
    match h5::page_svg(&desk.app, &visit.code, number, page).await {
        Ok(Some(svg)) => ([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => desk.refuse(&visit, &error),
    }
}

/// `GET …/documents/{n}.pdf`: sealed once it is, else as it is to be signed.
pub async fn pdf(State(desk): State<Arc<Desk>>, visit: Visit, Path((_, file)): Path<(String, String)>) -> Response {
    let Some(number) = file.strip_suffix(".pdf").and_then(|number| number.parse().ok()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match h5::document_pdf(&desk.app, &visit.code, number).await {
        Ok(Some((name, bytes))) => (
            [(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, attachment(&name))],
            bytes,
        )
            .into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => desk.refuse(&visit, &error),
    }
}

/// A file's name as RFC 6266 has it, with a plain one for those who don't read the other.
fn attachment(name: &str) -> String {
    format!(
        "attachment; filename=\"agreement.pdf\"; filename*=UTF-8''{}.pdf",
        utf8_percent_encode(name, NON_ALPHANUMERIC)
    )
}

/// `GET …/documents/{n}/text`: the words in reading order, a form feed between pages.
pub async fn text(State(desk): State<Arc<Desk>>, visit: Visit, Path((_, number)): Path<(String, String)>) -> Response {
    let view = match h5::view(&desk.app, &visit.code).await {
        Ok(view) => view,
        Err(error) => return desk.refuse(&visit, &error),
    };
    let number = number.parse::<i32>().ok();
    let document = view.documents.iter().find(|document| Some(document.position) == number);
    match document.filter(|document| !document.pages.is_empty()) {
        Some(document) => {
            let pages: Vec<&str> = document.pages.iter().map(|page| page.text.as_str()).collect();
            pages.join("\u{c}").into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_breaks_out_of_the_header() {
        assert!(
            attachment("代付授权协议")
                .ends_with("filename*=UTF-8''%E4%BB%A3%E4%BB%98%E6%8E%88%E6%9D%83%E5%8D%8F%E8%AE%AE.pdf")
        );
        assert!(!attachment("a\"\r\nset-cookie: x").contains(['\r', '\n']));
    }
}
