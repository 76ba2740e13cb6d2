//! `GET|POST /admin/proof`: the password again, before something that only its owner may do.

use esign_config::Secret;
use esign_domain::staff::session;
use serde::Serialize;

use super::wrong;
use crate::{
    drawing::Drawing,
    nav::{Place, local},
    page::Page,
    visit::{Answer, Posted, Visit},
};

/// The password again, before something that only its owner may do.
#[derive(Debug, Clone, Serialize)]
pub struct ProofPage {
    /// Where it leads afterwards.
    pub back: String,
    /// Whether a code is asked for too.
    pub code: bool,
    /// The key of what was wrong.
    pub wrong: Option<&'static str>,
    /// Seconds until the next try.
    pub seconds: i64,
}

impl Page for ProofPage {
    const TEMPLATE: &'static str = "sign-in/proof.html";
    const TITLE: &'static str = "proof-title";
    const PLACE: Place = Place::Aside;
}

/// `GET /admin/proof`.
pub async fn ask(visit: Visit) -> Answer {
    let back = local(visit.query().text("back")).into();
    visit.page(&ProofPage { back, code: visit.session().staff.has_totp(), wrong: None, seconds: 0 })
}

/// `POST /admin/proof`.
pub async fn prove(visit: Visit, Posted(form): Posted) -> Answer {
    let back = local(form.text("back"));
    let secret = Secret::new(form.exact("password"));
    match session::prove_again(visit.app(), visit.token(), &secret, form.given("code")).await {
        Ok(()) => visit.onward(back, None),
        Err(error) => match wrong(&error, "proof-wrong") {
            Some((_, wrong, seconds)) => visit.again(&ProofPage {
                back: back.into(),
                code: visit.session().staff.has_totp(),
                wrong: Some(wrong),
                seconds,
            }),
            None => Err(error.into()),
        },
    }
}

/// The page in every shape it takes.
pub fn drawings() -> Vec<Drawing> {
    let proof = || ProofPage { back: "/admin".into(), code: true, wrong: None, seconds: 0 };
    vec![
        Drawing::new("proof", proof()),
        Drawing::new("proof-wrong", ProofPage { wrong: Some("proof-wrong"), code: false, ..proof() }),
    ]
}
