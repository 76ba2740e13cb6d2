//! Reading and signing: from the flow to the pages.

use esign_domain::{
    flow::h5::{DocumentView, SignerView},
    seal::document,
    terms::{AuthType, SubjectType},
};
use esign_web::{language::Language, moment};

use crate::{
    kit::KIT,
    page::{Company, Document, Leaf, ReadPage, SignPage},
    visit::{Desk, Visit},
};

pub(super) fn read_page(desk: &Desk, visit: &Visit, view: &SignerView, again: bool) -> ReadPage {
    let language = visit.wish.preference.language;
    ReadPage {
        client: view.client_name.clone(),
        scene: KIT.words.plain(language, &format!("scene-{}", view.flow.scene)).unwrap_or_default(),
        deadline: moment::day_and_time(language, view.flow.expires_at),
        count: view.documents.len(),
        documents: view.documents.iter().map(|shown| document(desk, &visit.base, shown)).collect(),
        least_seconds: view.reading_seconds,
        again,
    }
}

/// The page of the step `sign`; what it says is also what its consent is recorded with.
pub(crate) fn sign_page(desk: &Desk, language: Language, view: &SignerView) -> SignPage {
    let subject = view.subject.as_ref();
    let company = subject.filter(|subject| subject.kind == SubjectType::Corporate);
    let signatory = match (company.and_then(|company| company.signatory_name.as_ref()), subject) {
        (Some(name), _) => name.expose().to_owned(),
        (None, Some(subject)) => subject.name().to_owned(),
        (None, None) => String::new(),
    };
    SignPage {
        signatory,
        company: company.map(|company| Company::new(company.name(), &view.flow.flow_no)),
        count: view.documents.len(),
        documents: view.documents.iter().map(|shown| document(desk, "", shown)).collect(),
        today: moment::day(language, desk.app.now()),
        allow_typed_name: view.allow_typed_name,
        passes_account_on: view.flow.auth_type == AuthType::PaymentVerification,
    }
}

fn document(desk: &Desk, base: &str, shown: &DocumentView) -> Document {
    Document {
        number: shown.position,
        name: shown.name.clone(),
        leaves: (1..).zip(&shown.pages).map(|(number, page)| leaf(base, shown.position, number, page)).collect(),
        submission: desk.submission(),
        read: shown.read,
    }
}

fn leaf(base: &str, position: i32, number: usize, page: &document::Page) -> Leaf {
    Leaf {
        number,
        source: format!("{base}/documents/{position}/pages/{number}.svg"),
        width: points(page.width_pt),
        height: points(page.height_pt),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what paper can be")]
fn points(length: f64) -> u32 {
    length.round().clamp(1.0, 10_000.0) as u32
}
