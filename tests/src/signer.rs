//! The person with the link, acting through the verbs that the pages call.

use chrono::TimeDelta;
use esign_domain::{
    error::Result,
    flow::{
        entity::sign_flow,
        h5::{self, Consent, Reading, SignerView, Visitor},
    },
    ids::SubmissionId,
};
use esign_sealing::Ink;

use crate::TestApp;

/// Somebody with a link.
pub struct Signer<'a> {
    /// The code in the link.
    pub code: String,
    app: &'a TestApp,
}

/// Where every signer comes from.
pub const ADDRESS: &str = "203.0.113.77";
/// With what.
pub const DEVICE: &str = "Phone of the story/1.0";

/// A name written by hand.
pub fn ink() -> Ink {
    Ink::Strokes(vec![vec![[10.0, 10.0], [40.0, 60.0], [80.0, 20.0], [120.0, 70.0]], vec![[20.0, 80.0], [140.0, 85.0]]])
}

/// The consent to a text.
pub fn consent() -> Consent {
    Consent { text_version: "1".into(), text_sha256: "ab".repeat(32) }
}

/// Who they are, for the evidence.
pub fn visitor() -> Visitor {
    Visitor { address: ADDRESS.into(), device: DEVICE.into() }
}

impl<'a> Signer<'a> {
    pub(crate) fn new(app: &'a TestApp, code: String) -> Self {
        Self { code, app }
    }

    /// A fresh submission, as a page has it.
    pub fn submission(&self) -> SubmissionId {
        self.app.id()
    }

    /// Opens the link.
    pub async fn open(&self) -> Result<sign_flow::Model> {
        h5::open(self.app, &self.code, &visitor()).await
    }

    /// Where the flow stands, as the page shows it.
    pub async fn view(&self) -> Result<SignerView> {
        h5::view(self.app, &self.code).await
    }

    /// Opens the link and reads every document to its end, taking the time that it takes.
    pub async fn read(&self) -> Result<()> {
        self.open().await?;
        for document in self.view().await?.documents {
            self.app.advance(TimeDelta::seconds(3));
            let pages_shown = document.pages.len();
            let reading = Reading { position: document.position, seconds: 3, pages_shown, reached_end: true };
            self.record(reading).await?;
        }
        Ok(())
    }

    /// Says what was read.
    pub async fn record(&self, reading: Reading) -> Result<sign_flow::Model> {
        h5::record_reading(self.app, &self.code, self.submission(), &visitor(), reading).await
    }

    /// Writes the name under documents that were read.
    pub async fn write_name(&self) -> Result<sign_flow::Model> {
        self.sign_as(self.submission(), ink()).await
    }

    /// The same with a submission and an ink of the story's choice.
    pub async fn sign_as(&self, submission: SubmissionId, ink: Ink) -> Result<sign_flow::Model> {
        h5::sign(self.app, &self.code, submission, &visitor(), (ink, consent())).await
    }

    /// Reads and signs.
    pub async fn sign(&self) -> Result<sign_flow::Model> {
        self.read().await?;
        self.write_name().await
    }

    /// Declines.
    pub async fn decline(&self, reason: &str) -> Result<sign_flow::Model> {
        h5::decline(self.app, &self.code, self.submission(), &visitor(), reason).await
    }

    /// Types an amount, in fen.
    pub async fn amount(&self, fen: i64) -> Result<sign_flow::Model> {
        h5::submit_amount(self.app, &self.code, self.submission(), fen).await
    }

    /// Consents to face verification.
    pub async fn start_face(&self) -> Result<sign_flow::Model> {
        h5::start_face(self.app, &self.code, self.submission(), &visitor(), consent()).await
    }

    /// Goes to the auth system's page: its address.
    pub async fn go_to_face(&self) -> Result<Option<String>> {
        h5::face_url(self.app, &self.code).await
    }

    /// Comes back from there.
    pub async fn come_back(&self) -> Result<sign_flow::Model> {
        h5::returned(self.app, &self.code).await
    }

    /// Refuses face verification. True: payment verification takes its place.
    pub async fn refuse_face(&self) -> Result<bool> {
        h5::refuse_face(self.app, &self.code, self.submission(), &visitor(), consent()).await
    }

    /// Asks for another try.
    pub async fn try_again(&self) -> Result<sign_flow::Model> {
        h5::request_auth(self.app, &self.code, self.submission(), &visitor()).await
    }

    /// Sees the page of the payment challenge.
    pub async fn see_payment(&self) -> Result<()> {
        let flow = h5::enter(self.app, &self.code).await?;
        h5::seen(self.app, &flow).await
    }
}
