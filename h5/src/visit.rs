//! One request by somebody with a link: the code, how they want to read, where they come from.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, RawPathParams},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use esign_domain::{App, Error, flow::h5::Visitor};
use esign_web::misses::Misses;

use crate::{
    answer::{self, Wish},
    frame::Frame,
    page::Trouble,
};

/// What all visits share.
pub struct Desk {
    /// The system.
    pub app: Arc<App>,
    misses: Misses,
}

/// One visit.
pub struct Visit {
    /// The code of the link.
    pub code: String,
    /// `/s/{code}`.
    pub base: String,
    /// Language, looks, notice.
    pub wish: Wish,
    /// For the evidence.
    pub visitor: Visitor,
    address: IpAddr,
}

impl Desk {
    /// A desk of one process.
    pub fn new(app: Arc<App>) -> Self {
        Self { app, misses: Misses::default() }
    }

    /// A fresh submission id for a form.
    pub fn submission(&self) -> String {
        self.app.id::<esign_domain::ids::SubmissionKind>().to_string()
    }

    /// The answer to an error of a page or an act: the page for invalid links, or where the flow stands with a word on
    /// what was wrong, or words for what nobody expected.
    pub fn refuse(&self, visit: &Visit, error: &Error) -> Response {
        match error {
            Error::SessionInvalid => {
                let (now, most) = (self.app.now(), self.app.settings.limits.link_misses_per_minute);
                match self.misses.count(visit.address, most, now) {
                    Some(seconds) => answer::limited(&visit.wish, seconds),
                    None => answer::invalid(&visit.wish),
                }
            }
            Error::Internal(_) => {
                tracing::error!(%error, source = error.cause(), "a page of the signer's failed");
                answer::trouble(&visit.wish, Trouble::Internal, Some(visit.base.clone()))
            }
            other => answer::onward(&visit.base, Some(notice(other))),
        }
    }
}

/// The notice that puts an error of an act into words.
fn notice(error: &Error) -> &'static str {
    match error {
        Error::InvalidArgument(fields) => match fields.first().map(|field| field.path.as_str()) {
            Some("signature") => "notice-ink",
            Some("seconds") => "notice-reading",
            Some("amount") => "notice-amount",
            Some("reason") => "notice-reason",
            _ => "notice-refused",
        },
        Error::StateConflict { status } if status == "NOT_READ" => "notice-reading",
        Error::StateConflict { .. } => "notice-moved-on",
        Error::RateLimited { .. } => "notice-limited",
        Error::SignFailed => "notice-layout",
        _ => "notice-refused",
    }
}

impl Visit {
    /// A frame for a page of this visit.
    pub fn frame(&self, desk: &Desk, version: String) -> Frame {
        let frame = self.wish.frame().of_flow(self.base.clone(), version, desk.submission());
        frame.with_notice(self.wish.notice.clone())
    }
}

impl FromRequestParts<Arc<Desk>> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, Response> {
        let parameters = RawPathParams::from_request_parts(parts, desk).await.map_err(IntoResponse::into_response)?;
        let code = parameters.iter().find(|(name, _)| *name == "code").map(|(_, code)| code.to_owned());
        let code = code.ok_or_else(|| StatusCode::NOT_FOUND.into_response())?;
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let address = address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let device = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Self {
            base: format!("/s/{code}"),
            code,
            wish: Wish::of(&parts.headers, &parts.uri),
            visitor: Visitor { address: address.to_string(), device: device.to_owned() },
            address,
        })
    }
}
