//! A gateway that keeps what it is given: the phone of every story.

use std::sync::Mutex;

use async_trait::async_trait;
use esign_domain::sms::port::{OutgoingSms, SmsFailure, SmsGateway};

use crate::script::Script;

/// Our name for it; the sandbox profile configures one of this name.
pub const NAME: &str = "sandbox";

/// What may go wrong at a send.
#[derive(Debug, Clone)]
pub enum Mishap {
    /// It is not taken.
    Refused(SmsFailure),
    /// It is taken, and nobody hears of it.
    LostReply,
}

/// Takes messages as the generic contract says: the same message id again is answered and not sent again.
#[derive(Default)]
pub struct FakeGateway {
    /// What goes wrong next.
    pub script: Script<Mishap>,
    calls: Mutex<Vec<OutgoingSms>>,
    taken: Mutex<Vec<OutgoingSms>>,
}

impl FakeGateway {
    /// Every call, also those that failed.
    pub fn calls(&self) -> Vec<OutgoingSms> {
        self.calls.lock().expect("no holder panics").clone()
    }

    /// What reached phones, each message once.
    pub fn taken(&self) -> Vec<OutgoingSms> {
        self.taken.lock().expect("no holder panics").clone()
    }

    /// The next `times` sends fail; a later try may help.
    pub fn fail(&self, times: usize) {
        self.script.fail(times, Mishap::Refused(busy()));
    }

    fn keep(&self, sms: &OutgoingSms) {
        let mut taken = self.taken.lock().expect("no holder panics");
        if !taken.iter().any(|before| before.message_id == sms.message_id) {
            taken.push(sms.clone());
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

/// The gateway's own id of a message.
pub fn gateway_message_id(sms: &OutgoingSms) -> String {
    format!("gw-{}", sms.message_id)
}

#[async_trait]
impl SmsGateway for FakeGateway {
    fn name(&self) -> &str {
        NAME
    }

    fn sign_name(&self) -> &'static str {
        "云帆电子签约"
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
}
