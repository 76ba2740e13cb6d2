//! The console (控制台): staff see, decide and repair.
//!
//! Everything below `/admin`. A page is made for one [`Visit`](visit::Visit): a request of somebody who is signed in.
//! A handler reads the query or the [form](visit::Posted), calls one verb of the domain, and gives a [`Page`](page::Page),
//! a way onward with a line that says what just worked, or the verb's error. Nothing is decided here: what a member may
//! do is in the domain's table of operations, and a page asks it (`frame.may`) only so as not to offer what would be
//! refused. What is forced nevertheless is refused by the verb and written into the audit log by the [guard](visit::guard).
//!
//! Who is who: one module a capability, with its routes, its pages, its templates and the samples that draw them;
//! [`sign_in`] is the way in. [`visit`] is the request, [`wish`] how it wants its pages, [`answer`] what goes back,
//! [`trouble`] the page of what went wrong, [`problem`] what is wrong with a form, [`fields`] what was typed; [`frame`] and
//! [`nav`] are what stands around every page, [`page`] what a page is, [`drawing`] one drawn from a sample, [`kit`] and
//! [`template`] what pages are drawn with, [`live`] the ticks that make a page look again, [`cookie`] the session's cookie.
//! [`moment`] and [`number`] say how these are read, [`device`] a browser in two words, [`author`] who made something,
//! [`version`] two versions of one thing, [`difference`] what differs between them.
//!
//! What always holds. Every page works without a script: scripts set the same pages into parts of one that stands. Acts
//! are nouns below what they act on (`POST /admin/flows/{id}/cancellation`), carry the session's mark, and answer with a
//! redirect. Lists keep their state in the address. No personal data stands in an address or a title.

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{Method, StatusCode, Uri},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use esign_domain::App;
use esign_web::header;
use tower_http::compression::CompressionLayer;

pub mod account;
pub mod agreement;
pub mod answer;
pub mod audit;
pub mod author;
pub mod client;
pub mod cookie;
pub mod device;
pub mod difference;
pub mod drawing;
pub mod fields;
pub mod flow;
pub mod frame;
pub mod kit;
pub mod live;
pub mod moment;
pub mod nav;
pub mod number;
pub mod overview;
pub mod page;
pub mod problem;
pub mod rule;
pub mod sign_in;
pub mod sms;
pub mod staff;
pub mod stuck;
pub mod template;
pub mod trouble;
pub mod version;
pub mod visit;
pub mod wish;

use drawing::Drawing;
use template::Templates;
use visit::{Refusal, guard};

/// The rooms of the console: each has its routes, its templates, and samples of its pages.
macro_rules! capabilities {
    ($($capability:ident)*) => {
        /// Every template besides the shared ones.
        const TEMPLATES: &[Templates] =
            &[trouble::TEMPLATES, sign_in::TEMPLATES, $($capability::TEMPLATES),*];

        /// Every page in every shape it takes.
        pub fn drawings() -> Vec<Drawing> {
            [trouble::drawings(), sign_in::drawings(), $($capability::drawings()),*].into_iter().flatten().collect()
        }

        fn capabilities() -> Router {
            Router::new()$(.merge($capability::routes()))*
        }
    };
}

capabilities! {
    account
    agreement
    audit
    client
    flow
    overview
    rule
    sms
    staff
    stuck
}

/// Everything below `/admin`.
pub fn router(app: Arc<App>) -> Router {
    let pages = capabilities()
        .merge(sign_in::inside())
        .route("/admin/{*rest}", get(missing))
        .method_not_allowed_fallback(up)
        .layer(from_fn_with_state(Arc::clone(&app), guard));
    Router::new()
        .merge(pages)
        .merge(sign_in::outside(app))
        .route("/admin/assets/{file}", get(kit::asset))
        .layer(DefaultBodyLimit::disable())
        .layer(CompressionLayer::new())
        .layer(from_fn(keep_to_itself))
}

/// What only takes forms shows nothing by itself. Whoever reads the page that answered one anew, or in the other language,
/// is led to the page above.
async fn up(method: Method, uri: Uri) -> Response {
    match uri.path().rsplit_once('/') {
        Some((above, _)) if method == Method::GET => {
            let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
            answer::onward(&format!("{above}{query}"), None)
        }
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

async fn missing() -> Refusal {
    esign_domain::Error::NotFound.into()
}

async fn keep_to_itself(request: Request, next: Next) -> Response {
    header::keep_to_itself(next.run(request).await, false)
}

#[cfg(test)]
mod tests {
    use esign_domain::{Caller, caller::Role, ids::StaffId};
    use esign_web::{
        language::Language,
        preference::{Preference, Theme},
    };

    use super::*;
    use crate::{frame::Frame, nav::Badges, wish::Wish};

    fn frame(language: Language) -> Frame {
        let id = "018f0000-0000-7000-8000-000000000000".parse().map(StaffId::new).expect("an id");
        let caller = Caller::Staff { id, name: "lan".into(), role: Role::Admin, from: None };
        Frame::outside(&Wish::plain(Preference { language, theme: Theme::Auto, large: false })).of(
            &caller,
            "mark",
            &Badges { stuck: 6 },
        )
    }

    #[test]
    fn every_page_renders_in_both_languages() {
        for language in Language::ALL {
            for Drawing { name, draw } in drawings() {
                let html = draw(&frame(language)).unwrap_or_else(|error| panic!("{name}: {error:?}"));
                assert_eq!(html.matches("<h1").count(), 1, "{name}: one heading");
                assert!(!html.contains(" style="), "{name}: the policy allows no style attribute");
                assert!(!html.contains("<script>") && !html.contains(" onclick"), "{name}: no inline script");
                assert!(html.contains(&format!("<html lang=\"{}\"", language.tag())), "{name}");
                let forms = html.matches("method=\"post\"").count();
                assert_eq!(html.matches("name=\"csrf\"").count(), forms, "{name}: every form carries its mark");
            }
        }
    }

    #[test]
    fn a_part_of_a_page_is_its_content_alone() {
        let mut part = frame(Language::Chinese);
        part.partial = true;
        for Drawing { name, draw } in drawings().into_iter().filter(|drawing| !drawing.name.starts_with("sign-in")) {
            let html = draw(&part).expect("the page renders");
            assert!(!html.contains("<html") && !html.contains("<nav class=\"side\""), "{name}");
        }
    }
}
