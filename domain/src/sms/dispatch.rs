//! One try of one message: the gateways in order, until one takes it or it is clear that none will now.
//!
//! Who surely took nothing makes room for the next. Who may have taken it is the last that is asked, in this try and in
//! all that follow, until it is known: else the phone might ring twice.

use chrono::{DateTime, Utc};

use super::{
    breaker::Limits,
    port::{OutgoingSms, SmsFailure, SmsGateway},
    wording::{Permit, Wording},
};
use crate::{App, alert::Alert, flow::Subject, personal::without_numbers};

/// No gateway could be asked: each is left out for a while, or doesn't know the template.
pub const NO_GATEWAY: &str = "NO_GATEWAY";
/// A gateway may have taken it: nobody knows.
pub const UNKNOWN: &str = "UNKNOWN";

/// A message for whichever gateway takes it.
pub(super) struct Offer {
    /// What does not depend on the gateway.
    pub sms: OutgoingSms,
    /// The words, and who may send them.
    pub wording: Wording,
    /// Whom it is about; none for a test.
    pub subject: Option<Subject>,
}

/// A gateway took it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Taken {
    /// Which.
    pub gateway: String,
    /// Its own id of the message.
    pub gateway_message_id: String,
}

/// Nobody took it, as far as is known.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failed {
    /// Who was asked last; none: nobody was.
    pub gateway: Option<String>,
    /// The gateway's own code, or one of ours.
    pub code: String,
    /// In words.
    pub reason: String,
    /// What is to be done about it.
    pub fate: Fate,
}

/// What a failure means for the next try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nobody has it; a later try may help.
    Later,
    /// Nobody has it, and no try will help.
    Never,
    /// The gateway may have it since this try, and is to be asked before anything else is done.
    Unknown,
    /// The same since an earlier try: in this one nothing was sent.
    StillUnknown,
}

/// What became of an earlier try.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It was taken then.
    Taken(Taken),
    /// It surely was not: all gateways may be asked.
    Nothing,
    /// It is still not known, or nobody will ever take it.
    Failed(Failed),
}

/// Tries all gateways once.
pub(super) async fn dispatch(app: &App, offer: &Offer) -> Result<Taken, Failed> {
    let (mut tried, mut resting) = (Vec::new(), false);
    for gateway in &app.gateways {
        let Permit::Under(code) = offer.wording.permit(&**gateway) else { continue };
        if !app.breakers.admit(gateway.name(), app.now(), limits(app)) {
            resting = true;
            continue;
        }
        let sms = offer.to(&**gateway, code);
        match noted(app, gateway.name(), gateway.send(&sms).await) {
            Ok(gateway_message_id) => return Ok(Taken { gateway: gateway.name().to_owned(), gateway_message_id }),
            Err(failure) => {
                let ends = matches!(failure, SmsFailure::Final { .. } | SmsFailure::Unknown { .. });
                tried.push((gateway.name().to_owned(), offer.unnamed(failure)));
                if ends {
                    break;
                }
            }
        }
    }
    Err(judge(tried, resting))
}

/// The gateway that a try begins with, as things stand; none: no try would find one.
pub(super) fn first_choice(app: &App, wording: &Wording) -> Option<String> {
    let mut able = app.gateways.iter().filter(|gateway| wording.permit(&***gateway) != Permit::None);
    let rested = |name: &str| app.breakers.would_admit(name, app.now(), limits(app));
    able.find(|gateway| rested(gateway.name())).map(|gateway| gateway.name().to_owned())
}

/// Asks the gateway that may have taken a message at an earlier time whether it did. Its breaker doesn't keep us from
/// asking, because nobody else can be asked.
pub(super) async fn look_up(app: &App, offer: &Offer, gateway: &str, tried_at: DateTime<Utc>) -> Found {
    let unknown = |fate: Fate, reason: String| {
        Found::Failed(Failed { gateway: Some(gateway.to_owned()), code: UNKNOWN.to_owned(), reason, fate })
    };
    let still_unknown = |reason: String| unknown(Fate::StillUnknown, reason);
    let Some(asked) = app.gateways.iter().find(|known| known.name() == gateway) else {
        return still_unknown("the gateway is configured no more, and can't be asked".to_owned());
    };
    let sms = offer.to(&**asked, offer.wording.code_at(gateway));
    match noted(app, gateway, asked.lookup(&sms).await).map_err(|failure| offer.unnamed(failure)) {
        Ok(Some(gateway_message_id)) => Found::Taken(Taken { gateway: gateway.to_owned(), gateway_message_id }),
        Ok(None) if app.now() < tried_at + asked.lookup_lag() => still_unknown("not known there yet".to_owned()),
        Ok(None) => Found::Nothing,
        Err(failure @ SmsFailure::Final { .. }) => Found::Failed(judge(vec![(gateway.to_owned(), failure)], false)),
        Err(SmsFailure::Unknown { reason }) => unknown(Fate::Unknown, reason),
        Err(
            SmsFailure::Retryable { code, reason }
            | SmsFailure::Limited { code, reason }
            | SmsFailure::Refused { code, reason },
        ) => still_unknown(format!("{code}: {reason}")),
    }
}

fn limits(app: &App) -> Limits {
    Limits::from(&app.settings.sms)
}

/// Tells the gateway's breaker what came of a call.
fn noted<T>(app: &App, gateway: &str, told: Result<T, SmsFailure>) -> Result<T, SmsFailure> {
    match &told {
        Err(SmsFailure::Retryable { .. } | SmsFailure::Unknown { .. }) => {
            if app.breakers.failed(gateway, app.now(), limits(app)) {
                app.alerts.raise(Alert::SmsGatewayOpen, gateway);
            }
        }
        _ => app.breakers.worked(gateway),
    }
    told
}

/// What the failures of one try come to. `resting`: some gateway was left out for now.
fn judge(mut tried: Vec<(String, SmsFailure)>, resting: bool) -> Failed {
    let parts = |failure: SmsFailure| match failure {
        SmsFailure::Retryable { code, reason } | SmsFailure::Limited { code, reason } => (code, reason, Fate::Later),
        SmsFailure::Refused { code, reason } | SmsFailure::Final { code, reason } => (code, reason, Fate::Never),
        SmsFailure::Unknown { reason } => (UNKNOWN.to_owned(), reason, Fate::Unknown),
    };
    let ended = matches!(tried.last(), Some((_, SmsFailure::Final { .. } | SmsFailure::Unknown { .. })));
    let hope = tried
        .iter()
        .rposition(|(_, failure)| matches!(failure, SmsFailure::Retryable { .. } | SmsFailure::Limited { .. }));
    let decisive = match hope {
        Some(position) if !ended => position,
        // A refusal decides only when nobody is left who could be asked later.
        _ if resting && !ended => tried.len(),
        _ => tried.len().saturating_sub(1),
    };
    let (gateway, code, reason, fate) = if decisive < tried.len() {
        let (gateway, failure) = tried.remove(decisive);
        let (code, reason, fate) = parts(failure);
        (Some(gateway), code, reason, fate)
    } else if resting {
        (None, NO_GATEWAY.to_owned(), "every gateway is left out for now".to_owned(), Fate::Later)
    } else {
        (None, NO_GATEWAY.to_owned(), "no gateway knows the template, or none approved it".to_owned(), Fate::Never)
    };
    let others = tried.into_iter().map(|(name, failure)| {
        let (code, reason, _) = parts(failure);
        format!("; {name}: {code}: {reason}")
    });
    let reason = others.fold(reason, |reason, other| reason + &other);
    Failed { gateway, code, reason, fate }
}

impl Offer {
    /// The message as one gateway is handed it.
    fn to(&self, gateway: &dyn SmsGateway, template_code: Option<String>) -> OutgoingSms {
        let sign_name = self.wording.sign_name.clone().unwrap_or_else(|| gateway.sign_name().to_owned());
        OutgoingSms { sign_name, template_code, ..self.sms.clone() }
    }

    /// The failure without what the gateway may have quoted of the message: whom it went to, and the link.
    fn unnamed(&self, failure: SmsFailure) -> SmsFailure {
        let link = self.sms.variables.get("linkCode").map_or("", String::as_str);
        let clean = |text: String| {
            let text = text.replace(link, "***");
            self.subject.as_ref().map_or_else(|| without_numbers(&text), |subject| subject.masked_in(&text))
        };
        match failure {
            SmsFailure::Retryable { code, reason } => {
                SmsFailure::Retryable { code: clean(code), reason: clean(reason) }
            }
            SmsFailure::Limited { code, reason } => SmsFailure::Limited { code: clean(code), reason: clean(reason) },
            SmsFailure::Refused { code, reason } => SmsFailure::Refused { code: clean(code), reason: clean(reason) },
            SmsFailure::Final { code, reason } => SmsFailure::Final { code: clean(code), reason: clean(reason) },
            SmsFailure::Unknown { reason } => SmsFailure::Unknown { reason: clean(reason) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: char) -> SmsFailure {
        let (code, reason) = (format!("CODE_{kind}"), format!("because {kind}"));
        match kind {
            'r' => SmsFailure::Retryable { code, reason },
            'l' => SmsFailure::Limited { code, reason },
            'n' => SmsFailure::Refused { code, reason },
            'f' => SmsFailure::Final { code, reason },
            _ => SmsFailure::Unknown { reason },
        }
    }

    /// What a try comes to, by what its gateways said (`-`: one is left out), which of them decides it, and its fate.
    #[test]
    fn what_a_try_comes_to() {
        use Fate::{Later, Never, Unknown};
        for (told, code, gateway, fate) in [
            ("", NO_GATEWAY, None, Never),
            ("-", NO_GATEWAY, None, Later),
            ("r", "CODE_r", Some("0"), Later),
            ("l", "CODE_l", Some("0"), Later),
            ("n", "CODE_n", Some("0"), Never),
            ("f", "CODE_f", Some("0"), Never),
            ("u", UNKNOWN, Some("0"), Unknown),
            ("rn", "CODE_r", Some("0"), Later),
            ("nr", "CODE_r", Some("1"), Later),
            ("rl", "CODE_l", Some("1"), Later),
            ("nn", "CODE_n", Some("1"), Never),
            ("rf", "CODE_f", Some("1"), Never),
            ("ru", UNKNOWN, Some("1"), Unknown),
            ("-n", NO_GATEWAY, None, Later),
            ("n-", NO_GATEWAY, None, Later),
            ("-r", "CODE_r", Some("1"), Later),
            ("-f", "CODE_f", Some("1"), Never),
            ("-u", UNKNOWN, Some("1"), Unknown),
        ] {
            let tried = told.chars().enumerate().filter(|(_, kind)| *kind != '-');
            let tried = tried.map(|(n, kind)| (n.to_string(), failure(kind))).collect();
            let failed = judge(tried, told.contains('-'));
            assert_eq!((&*failed.code, failed.gateway.as_deref(), failed.fate), (code, gateway, fate), "{told}");
            for kind in told.chars().filter(|kind| *kind != '-') {
                assert!(failed.reason.contains(&format!("because {kind}")), "{told}: {}", failed.reason);
            }
        }
    }
}
