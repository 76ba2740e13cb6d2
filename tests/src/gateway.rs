//! Gateways that keep what they are given: the phone of every story.

use std::sync::Mutex;

use async_trait::async_trait;
use chrono::TimeDelta;
use esign_config::{Secret, SmsGatewayKind};
use esign_domain::sms::port::{OutgoingSms, SmsFailure, SmsGateway};

use crate::script::Script;

/// Our name for the one of most stories; the sandbox profile configures one of this name.
pub const NAME: &str = "sandbox";

/// What may go wrong at a send.
#[derive(Debug, Clone)]
pub enum Mishap {
    /// It is not taken.
    Refused(SmsFailure),
    /// It is taken, and nobody hears of it.
    LostReply,
}

/// Takes messages. A generic one answers a message id it has seen and sends nothing again; a carrier sends whatever it is
/// given, knows templates by codes, and can be asked what it has sent.
pub struct FakeGateway {
    name: &'static str,
    kind: SmsGatewayKind,
    /// What goes wrong next.
    pub script: Script<Mishap>,
    /// What goes wrong when a carrier is asked next.
    pub asking: Script<SmsFailure>,
    calls: Mutex<Vec<OutgoingSms>>,
    asked: Mutex<Vec<OutgoingSms>>,
    taken: Mutex<Vec<OutgoingSms>>,
}

impl FakeGateway {
    /// One that speaks the generic contract.
    pub fn generic(name: &'static str) -> Self {
        Self::of(name, SmsGatewayKind::Http)
    }

    /// A carrier.
    pub fn carrier(name: &'static str, kind: SmsGatewayKind) -> Self {
        Self::of(name, kind)
    }

    fn of(name: &'static str, kind: SmsGatewayKind) -> Self {
        Self {
            name,
            kind,
            script: Script::default(),
            asking: Script::default(),
            calls: Mutex::default(),
            asked: Mutex::default(),
            taken: Mutex::default(),
        }
    }

    /// How it stands in the settings. Receipts come under `{name}-receipts`.
    pub fn settings(&self) -> esign_config::SmsGateway {
        esign_config::SmsGateway {
            name: self.name.into(),
            kind: self.kind,
            url: "http://127.0.0.1:1".into(),
            sign_name: self.sign_name().into(),
            access_key: "key".into(),
            secret: Secret::default(),
            region: "ap-guangzhou".into(),
            sdk_app_id: "1400006666".into(),
            receipt_secret: Secret::new(format!("{}-receipts", self.name)),
        }
    }

    /// Every send, also those that failed.
    pub fn calls(&self) -> Vec<OutgoingSms> {
        self.calls.lock().expect("no holder panics").clone()
    }

    /// Every question about an earlier send.
    pub fn asked(&self) -> Vec<OutgoingSms> {
        self.asked.lock().expect("no holder panics").clone()
    }

    /// What reached phones.
    pub fn taken(&self) -> Vec<OutgoingSms> {
        self.taken.lock().expect("no holder panics").clone()
    }

    /// The next `times` sends fail; a later try may help.
    pub fn fail(&self, times: usize) {
        self.script.fail(times, Mishap::Refused(busy()));
    }

    fn is_carrier(&self) -> bool {
        self.kind != SmsGatewayKind::Http
    }

    fn has(&self, sms: &OutgoingSms) -> bool {
        self.taken().iter().any(|before| before.message_id == sms.message_id)
    }

    fn keep(&self, sms: &OutgoingSms) {
        if self.is_carrier() || !self.has(sms) {
            self.taken.lock().expect("no holder panics").push(sms.clone());
        }
    }
}

/// A failure that a later try may mend.
pub fn busy() -> SmsFailure {
    SmsFailure::Retryable { code: "BUSY".into(), reason: "try again".into() }
}

/// A failure that no retry mends.
pub fn unknown_number() -> SmsFailure {
    SmsFailure::Final { code: "NO_SUCH_NUMBER".into(), reason: "the number does not exist".into() }
}

/// A failure of our account there.
pub fn no_money() -> SmsFailure {
    SmsFailure::Refused { code: "NO_MONEY".into(), reason: "the account is empty".into() }
}

/// A limit of the gateway's own.
pub fn too_many() -> SmsFailure {
    SmsFailure::Limited { code: "TOO_MANY".into(), reason: "of this number".into() }
}

/// Nobody knows what happened. Nothing was taken.
pub fn silence() -> SmsFailure {
    SmsFailure::Unknown { reason: "no answer in time".into() }
}

/// The gateway's own id of a message.
pub fn gateway_message_id(sms: &OutgoingSms) -> String {
    format!("gw-{}", sms.message_id)
}

#[async_trait]
impl SmsGateway for FakeGateway {
    fn name(&self) -> &str {
        self.name
    }

    fn sign_name(&self) -> &'static str {
        "云帆电子签约"
    }

    fn needs_template_code(&self) -> bool {
        self.is_carrier()
    }

    async fn send(&self, sms: &OutgoingSms) -> Result<String, SmsFailure> {
        self.calls.lock().expect("no holder panics").push(sms.clone());
        match self.script.take() {
            Some(Mishap::Refused(failure)) => Err(failure),
            Some(Mishap::LostReply) => {
                self.keep(sms);
                Err(SmsFailure::Unknown { reason: "the connection broke".into() })
            }
            None => {
                self.keep(sms);
                Ok(gateway_message_id(sms))
            }
        }
    }

    async fn lookup(&self, sms: &OutgoingSms) -> Result<Option<String>, SmsFailure> {
        if !self.is_carrier() {
            return self.send(sms).await.map(Some);
        }
        self.asked.lock().expect("no holder panics").push(sms.clone());
        match self.asking.take() {
            Some(failure) => Err(failure),
            None => Ok(self.has(sms).then(|| gateway_message_id(sms))),
        }
    }

    fn lookup_lag(&self) -> TimeDelta {
        if self.is_carrier() { TimeDelta::seconds(60) } else { TimeDelta::zero() }
    }
}
