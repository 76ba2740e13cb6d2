//! Authentication and waiting: from the flow to the pages.

use esign_domain::{
    flow::h5::{AuthView, SignerView},
    terms::{AuthStatus, AuthType, FlowStatus, SubjectType},
};
use esign_web::{language::Language, moment};

use crate::{
    page::{FacePage, PaymentPage, Phase, WaitPage},
    visit::Desk,
};

/// The page for an amount; none while there is no open transfer to name one for.
pub(super) fn payment_page(desk: &Desk, language: Language, view: &SignerView) -> Option<PaymentPage> {
    let auth = view.auth.as_ref().filter(|auth| auth.status == AuthStatus::Challenged)?;
    let all = desk.app.settings.auth.amount_entries;
    let left = auth.entries_left.unwrap_or(all);
    let subject = view.subject.as_ref();
    Some(PaymentPage {
        corporate: subject.is_some_and(|subject| subject.kind == SubjectType::Corporate),
        account: account(view),
        holder: subject.map(|subject| subject.name_for(false)).unwrap_or_default(),
        wrong: auth.wrong_amount,
        tries_left: count(left),
        tries: PaymentPage::dots(count(left), count(all)),
        valid_until: moment::day_and_time(language, auth.expires_at.unwrap_or(view.flow.expires_at)),
        limited_until: auth.limited_until.map(|until| moment::day_and_time(language, until)),
    })
}

/// The bank's name beside what may be told of the number.
pub(super) fn account(view: &SignerView) -> String {
    let own = view.subject.as_ref().and_then(|subject| subject.account.as_ref());
    let bank = own.map(|account| account.bank_name.as_str()).unwrap_or_default();
    let told = view.auth.as_ref().and_then(|auth| auth.masked_account.clone());
    let number = told.or_else(|| own.map(|account| account.number.masked())).unwrap_or_default();
    // What the auth system tells may name the bank already.
    if number.starts_with(bank) { number } else { format!("{bank} {number}") }
}

/// The page of the step `auth-face`; what it says is also what its consent is recorded with.
pub(crate) fn face_page(view: &SignerView) -> FacePage {
    let current = view.auth.as_ref().filter(|auth| auth.kind == AuthType::FaceVerification);
    let again = match current.map(|auth| auth.status) {
        Some(AuthStatus::Rejected) => Some("face-rejected"),
        Some(AuthStatus::Expired) => Some("face-expired"),
        _ => None,
    };
    FacePage {
        name: view.subject.as_ref().map(signatory_masked).unwrap_or_default(),
        client: view.client_name.clone(),
        consented: current.is_some(),
        link: current.is_some_and(|auth| auth.face_ready),
        again,
        tries_left: count(view.attempts_left),
        instead: if view.offers_payment_instead { "face-instead-payment" } else { "face-instead-outside" },
    }
}

fn signatory_masked(subject: &esign_domain::flow::Subject) -> String {
    match &subject.signatory_name {
        Some(name) => name.masked(),
        None => subject.name_for(false),
    }
}

/// The page for waiting, and for a payment that can be asked for again.
pub(super) fn wait_page(language: Language, view: &SignerView) -> WaitPage {
    let limited = view.auth.as_ref().and_then(|auth| auth.limited_until);
    WaitPage {
        step: view.step.as_str(),
        until: limited.map(|until| moment::day_and_time(language, until)).unwrap_or_default(),
        tries_left: count(view.attempts_left),
        ..WaitPage::new(phase(view), view.documents.len(), None, None)
    }
}

fn phase(view: &SignerView) -> Phase {
    match view.flow.status {
        FlowStatus::Sealing => Phase::Sealing,
        FlowStatus::Authenticating => Phase::Verifying,
        _ => match view.auth.as_ref() {
            Some(AuthView { limited_until: Some(_), .. }) => Phase::Blocked,
            Some(AuthView { status: AuthStatus::Rejected, .. }) => Phase::Again,
            Some(AuthView { status: AuthStatus::Expired, .. }) => Phase::Lapsed,
            _ if view.flow.auth_type == AuthType::FaceVerification => Phase::Facing,
            _ => Phase::Sending,
        },
    }
}

fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}
