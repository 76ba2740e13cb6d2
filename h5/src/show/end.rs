//! The ends: from the flow to the pages.

use esign_domain::{
    flow::h5::{SignerView, Step},
    terms::AuthType,
};
use esign_web::{language::Language, moment};

use super::authenticate::account;
use crate::page::{DonePage, EndedPage, Ending, SealedDocument};

pub(super) fn done_page(language: Language, view: &SignerView) -> DonePage {
    let document = |shown: &esign_domain::flow::h5::DocumentView| SealedDocument {
        number: shown.position,
        name: shown.name.clone(),
    };
    DonePage {
        client: view.client_name.clone(),
        count: view.documents.len(),
        documents: view.documents.iter().filter(|shown| shown.sealed).map(document).collect(),
        party: view.subject.as_ref().map(|subject| subject.name_for(false)).unwrap_or_default(),
        completed_at: moment::full(language, view.flow.completed_at.unwrap_or(view.flow.updated_at)),
        auth_method: format!("auth-{}", view.flow.auth_type),
        flow_no: view.flow.flow_no.clone(),
        return_to: return_to(view),
    }
}

pub(super) fn ended_page(language: Language, view: &SignerView) -> EndedPage {
    let ending = ending(view);
    EndedPage {
        deadline: moment::day_and_time(language, view.flow.expires_at),
        account: (ending == Ending::Amount).then(|| account(view)).filter(|account| !account.is_empty()),
        code: view.failure.clone(),
        return_to: return_to(view),
        ..EndedPage::new(ending, view.client_name.clone(), view.flow.flow_no.clone())
    }
}

fn return_to(view: &SignerView) -> Option<String> {
    view.return_to.is_some().then(|| view.client_name.clone())
}

fn ending(view: &SignerView) -> Ending {
    if view.step == Step::Cancelled {
        return Ending::Cancelled;
    }
    let wrong_amounts = view.flow.auth_type == AuthType::PaymentVerification
        && view.auth.as_ref().is_some_and(|auth| auth.entries_left == Some(0));
    match view.failure.as_deref() {
        Some("AUTH_FAILED") if wrong_amounts => Ending::Amount,
        Some("AUTH_FAILED") => Ending::Auth,
        Some("AUTH_INIT_FAILED") => Ending::AuthInit,
        Some("AUTH_TIMEOUT") => Ending::AuthTimeout,
        Some("SESSION_EXPIRED") => Ending::Session,
        Some("SIGN_DECLINED") => Ending::Declined,
        Some("SIGN_FAILED") => Ending::Sign,
        _ => Ending::Other,
    }
}
