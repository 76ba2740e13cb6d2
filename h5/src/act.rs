//! Acts: a form is read, a verb called, and the answer leads back to where the flow stands.
//!
//! What a form lacks or gets wrong, and what the flow no longer allows, comes back as a notice on that page; an act that
//! was done before is done.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use esign_domain::{
    Error,
    flow::h5::{self, Ink, Reading},
};

use crate::{
    answer, consent,
    form::{self, ActForm, AmountForm, DocumentReport, Form, ReadingForm, RefusalForm, SignatureForm},
    kit::KIT,
    page::{REASONS, Trouble},
    show,
    visit::{Desk, Visit},
};

/// Why an act was not done.
enum Refusal {
    /// A notice says what to mend.
    Notice(&'static str),
    /// The verb refused.
    Verb(Error),
}

impl From<&'static str> for Refusal {
    fn from(notice: &'static str) -> Self {
        Self::Notice(notice)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Verb(error)
    }
}

type Posted<T> = Result<Form<T>, StatusCode>;

/// Runs an act on a form that could be read, and leads back; what the act gives is a notice to show.
async fn act<T, F>(desk: &Desk, visit: &Visit, posted: Posted<T>, run: F) -> Response
where
    F: AsyncFnOnce(T) -> Result<Option<&'static str>, Refusal>,
{
    let form = match posted {
        Ok(Form(form)) => form,
        Err(StatusCode::PAYLOAD_TOO_LARGE) => {
            return answer::trouble(&visit.wish, Trouble::Large, Some(visit.base.clone()));
        }
        Err(_) => return answer::onward(&visit.base, Some("notice-refused")),
    };
    match run(form).await {
        Ok(notice) => answer::onward(&visit.base, notice),
        Err(Refusal::Notice(notice)) => answer::onward(&visit.base, Some(notice)),
        Err(Refusal::Verb(error)) => desk.refuse(visit, &error),
    }
}

/// `POST …/reading`.
pub async fn reading(State(desk): State<Arc<Desk>>, visit: Visit, posted: Posted<ReadingForm>) -> Response {
    act(&desk, &visit, posted, async |form| {
        for document in form::report(&form.reading)?.documents {
            record(&desk, &visit, &document).await?;
        }
        Ok(None)
    })
    .await
}

async fn record(desk: &Desk, visit: &Visit, document: &DocumentReport) -> Result<(), Refusal> {
    let submission = document.submission.parse().map_err(|_| "notice-refused")?;
    let reading = Reading {
        position: document.number,
        seconds: document.seconds,
        pages_shown: document.pages,
        reached_end: document.reached_end,
    };
    h5::record_reading(&desk.app, &visit.code, submission, &visit.visitor, reading).await?;
    Ok(())
}

/// `POST …/signature`: consent and signature are one act.
pub async fn signature(State(desk): State<Arc<Desk>>, visit: Visit, posted: Posted<SignatureForm>) -> Response {
    act(&desk, &visit, posted, async |form| {
        let submission = form.submission.parse().map_err(|_| "notice-refused")?;
        let view = h5::view(&desk.app, &visit.code).await?;
        ticked(form.consent.as_deref())?;
        let page = show::sign_page(&desk, visit.wish.preference.language, &view);
        let ink = ink(&form, &page.signatory)?;
        let consent = consent::agreement(visit.wish.preference.language, &page);
        h5::sign(&desk.app, &visit.code, submission, &visit.visitor, (ink, consent)).await?;
        Ok(None)
    })
    .await
}

/// Handwriting comes before a typed name; a typed name must be the signatory's.
fn ink(form: &SignatureForm, signatory: &str) -> Result<Ink, Refusal> {
    let typed = form.typed_name.trim();
    if !form.strokes.is_empty() || typed.is_empty() {
        return Ok(Ink::Strokes(form::strokes(&form.strokes)?));
    }
    let plain = |name: &str| name.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
    if plain(typed) == plain(signatory) {
        Ok(Ink::TypedName(typed.to_owned()))
    } else {
        Err("notice-typed-name".into())
    }
}

fn ticked(consent: Option<&str>) -> Result<(), Refusal> {
    if consent == Some("yes") { Ok(()) } else { Err("notice-consent".into()) }
}

/// `POST …/refusal`: without the second question answered, it is asked.
pub async fn refusal(State(desk): State<Arc<Desk>>, visit: Visit, posted: Posted<RefusalForm>) -> Response {
    if let Ok(Form(form)) = &posted
        && form.confirmed != "yes"
        && let Some(reason) = form.reason.as_deref().filter(|reason| REASONS.contains(reason))
    {
        return match h5::view(&desk.app, &visit.code).await {
            Ok(view) => show::ask_refusal(&desk, &visit, &view, Some((reason, &form.details))),
            Err(error) => desk.refuse(&visit, &error),
        };
    }
    act(&desk, &visit, posted, async |form| {
        let submission = form.submission.parse().map_err(|_| "notice-refused")?;
        let reason = reason(&visit, &form)?;
        h5::decline(&desk.app, &visit.code, submission, &visit.visitor, &reason).await?;
        Ok(None)
    })
    .await
}

/// The reason in words, as it was read, with what was added.
fn reason(visit: &Visit, form: &RefusalForm) -> Result<String, Refusal> {
    let chosen = form.reason.as_deref().filter(|reason| REASONS.contains(reason)).ok_or("notice-reason")?;
    let words = KIT.words.plain(visit.wish.preference.language, &format!("refusal-{chosen}"));
    let details: String = form.details.trim().chars().take(200).collect();
    let words = words.unwrap_or_default();
    Ok(if details.is_empty() { words } else { format!("{words}: {details}") })
}

/// `POST …/amount`.
pub async fn amount(State(desk): State<Arc<Desk>>, visit: Visit, posted: Posted<AmountForm>) -> Response {
    act(&desk, &visit, posted, async |form| {
        let submission = form.submission.parse().map_err(|_| "notice-refused")?;
        h5::submit_amount(&desk.app, &visit.code, submission, form::fen(&form.amount)?).await?;
        Ok(None)
    })
    .await
}

/// `POST …/face`: the separate consent and the start are one act.
pub async fn face(State(desk): State<Arc<Desk>>, visit: Visit, posted: Posted<ActForm>) -> Response {
    act(&desk, &visit, posted, async |form| {
        let submission = form.submission.parse().map_err(|_| "notice-refused")?;
        let view = h5::view(&desk.app, &visit.code).await?;
        let page = show::face_page(&view);
        if !page.consented {
            ticked(form.consent.as_deref())?;
        }
        let consent = consent::face(visit.wish.preference.language, &page);
        h5::start_face(&desk.app, &visit.code, submission, &visit.visitor, consent).await?;
        Ok(None)
    })
    .await
}

/// `POST …/face-refusal`.
pub async fn face_refusal(State(desk): State<Arc<Desk>>, visit: Visit, posted: Posted<ActForm>) -> Response {
    act(&desk, &visit, posted, async |form| {
        let submission = form.submission.parse().map_err(|_| "notice-refused")?;
        let view = h5::view(&desk.app, &visit.code).await?;
        let consent = consent::face_refused(visit.wish.preference.language, &show::face_page(&view));
        let instead = h5::refuse_face(&desk.app, &visit.code, submission, &visit.visitor, consent).await?;
        Ok((!instead).then_some("notice-face-refused"))
    })
    .await
}

/// `POST …/authentication`: another try.
pub async fn authentication(State(desk): State<Arc<Desk>>, visit: Visit, posted: Posted<ActForm>) -> Response {
    act(&desk, &visit, posted, async |form| {
        let submission = form.submission.parse().map_err(|_| "notice-refused")?;
        h5::request_auth(&desk.app, &visit.code, submission, &visit.visitor).await?;
        Ok(None)
    })
    .await
}
