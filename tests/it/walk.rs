//! Walks at random through everything that can happen, in any order. After each step every flow is sound; when the world
//! is well again and time goes by, every flow comes to its end.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use esign_domain::{
    clock::Random,
    flow,
    ids::FlowId,
    seal, sms,
    terms::{FlowEventType, FlowStatus},
};
use esign_tests::{
    TestApp,
    auth_system::{self, AMOUNT, Challenge},
    fixture::{corporate, individual_with_account, with},
    gateway, sealer,
    sound::assert_all_sound,
};
use futures_util::future::join_all;
use serde_json::json;

/// Something that may happen, allowed now or not; what is refused must change nothing, which `sound` would show.
#[derive(Debug)]
enum Act {
    /// So many seconds go by, and what becomes due runs.
    Time(i64),
    /// Upstream or staff want something.
    Upstream(FlowId, usize),
    /// The person with the link does something.
    Signer(FlowId, usize),
    /// The auth system says something, under this message id.
    Callback(String, Box<Challenge>),
    /// Something outside will go wrong.
    Trouble(usize),
}

/// The dice of a walk, so that one that failed can be walked again.
struct Dice(Random);

impl Dice {
    fn below(&self, most: usize) -> usize {
        usize::from_le_bytes(self.0.bytes()) % most
    }

    fn one<T: Clone>(&self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    fn act(&self, app: &TestApp, ids: &[FlowId]) -> Act {
        let (id, challenges) = (self.one(ids), app.auth.challenges());
        match self.below(8) {
            0 | 1 => Act::Upstream(id, self.below(12)),
            2 => Act::Trouble(self.below(8)),
            3 if !challenges.is_empty() => {
                // Old or new, and sometimes under an id that was used before.
                let mut challenge = self.one(&challenges);
                challenge.status = self.one(&["PENDING", "PROCESSING", "PASSED", "FAILED", "EXPIRED"]);
                challenge.retryable = self.below(3) > 0;
                challenge.reason = self.one(&[None, Some("WRONG_AMOUNT".to_owned())]);
                Act::Callback(format!("msg-{}", self.below(40)), Box::new(challenge))
            }
            _ => Act::Signer(id, self.below(9)),
        }
    }
}

async fn perform(app: &TestApp, act: &Act) {
    match act {
        Act::Time(seconds) => drop(app.pass(TimeDelta::seconds(*seconds)).await),
        Act::Upstream(id, what) => upstream(app, *id, *what).await,
        Act::Signer(id, what) => signer(app, *id, *what).await,
        Act::Callback(message, challenge) => assert_eq!(app.call_back(message, challenge).await, 200),
        Act::Trouble(what) => trouble(app, *what),
    }
}

async fn upstream(app: &TestApp, id: FlowId, what: usize) {
    let caller = app.demo.caller();
    match what {
        0 => drop(flow::cancel(app, &caller, id, "walk").await),
        1 => drop(seal::abandon(app, &caller, id, "walk").await),
        2..=4 => drop(seal::retry(app, &caller, id).await),
        _ => drop(sms::resend(app, &caller, id).await),
    }
}

fn trouble(app: &TestApp, what: usize) {
    use auth_system::Mishap::LostReply;
    match what {
        0 => app.gateway.fail(2),
        1 => app.gateway.script.fail(1, gateway::Mishap::LostReply),
        2 => app.auth.creating.next([Some(auth_system::busy()), Some(LostReply)]),
        3 => app.auth.entering.next([Some(LostReply), Some(auth_system::busy())]),
        4 => app.auth.asking.fail(3, auth_system::busy()),
        5 => app.sealer.sealing.next([Some(sealer::Mishap::Fails), Some(sealer::Mishap::Spoils)]),
        6 => app.sealer.laying_out.fail(1, sealer::Mishap::Fails),
        _ => app.auth.evidence.fail(2, auth_system::busy()),
    }
}

/// The person with the link does something.
async fn signer(app: &TestApp, id: FlowId, what: usize) {
    let signer = app.signer(id).await;
    match what {
        0 | 1 => drop(signer.sign().await),
        2 => drop(signer.amount(11).await),
        3 => drop(signer.amount(AMOUNT).await),
        4 => drop(signer.start_face().await),
        5 => drop(signer.go_to_face().await),
        6 => drop(signer.try_again().await),
        7 if id.uuid().as_bytes()[15].is_multiple_of(4) => drop(signer.decline("walk").await),
        7 => drop(signer.refuse_face().await),
        _ => drop(signer.come_back().await),
    }
}

/// Walks; gives where its flows ended and what happened to them on the way.
async fn walk(seed: u64) -> (BTreeSet<FlowStatus>, BTreeSet<FlowEventType>) {
    let (app, dice) = (TestApp::new().await, Dice(Random::seeded(seed)));
    let account = json!({"accountNo": "571900001111222233", "bankName": "招商银行"});
    let mut ids = Vec::new();
    for n in 0..2 {
        let company = with(corporate(&format!("company-{n}")), "/subject/bankAccount", account.clone());
        ids.push(app.start(company).await.id);
        ids.push(app.start(individual_with_account(&format!("person-{n}"))).await.id);
    }
    let mut walked = Vec::new();
    for _ in 0..40 {
        // Some at once, so that they meet each other.
        let mut acts: Vec<_> = (0..=dice.below(3)).map(|_| dice.act(&app, &ids)).collect();
        if dice.below(2) == 0 {
            acts.push(Act::Time(dice.one(&[0, 1, 3, 30, 90, 1_800, 7_200, 90_000])));
        }
        join_all(acts.iter().map(|act| perform(&app, act))).await;
        walked.push(acts);
        assert_all_sound(app.db.read()).await;
    }
    heal(&app);
    for _ in 0..40 {
        app.pass(TimeDelta::days(1)).await;
    }
    let (mut ends, mut happened) = (BTreeSet::new(), BTreeSet::new());
    for id in ids {
        let flow = app.flow(id).await;
        assert!(flow.status.is_terminal(), "seed {seed}: {id} stays {}: {walked:?}", flow.status);
        ends.insert(flow.status);
        happened.extend(app.history(id).await);
    }
    (ends, happened)
}

fn heal(app: &TestApp) {
    app.gateway.script.clear();
    for script in [&app.auth.creating, &app.auth.entering, &app.auth.asking, &app.auth.evidence] {
        script.clear();
    }
    app.sealer.sealing.clear();
    app.sealer.laying_out.clear();
}

/// `ESIGN_TEST_WALKS` asks for more walks than a few.
#[tokio::test]
async fn every_walk_is_sound_and_ends() {
    let walks = std::env::var("ESIGN_TEST_WALKS").ok().and_then(|text| text.parse().ok()).unwrap_or(6);
    let (mut ends, mut happened) = (BTreeSet::new(), BTreeSet::new());
    for seed in 0..walks {
        let (ended, on_the_way) = Box::pin(walk(seed)).await;
        ends.extend(ended);
        happened.extend(on_the_way);
    }
    assert_eq!(ends.len(), 4, "the walks lead to every end: {ends:?}");
    assert!(happened.len() >= 20, "and by most of the ways: {happened:?}");
}
