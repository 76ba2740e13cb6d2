//! The database goes away: every door says so, and whoever asks again gets what they asked for, once.

use chrono::TimeDelta;
use esign_domain::{
    Caller, Error,
    error::Result,
    event::tail::{self, Filter},
    flow::{
        self,
        h5::{self, Reading},
    },
    job,
    terms::{FlowEventType, FlowStatus},
};
use esign_tests::{
    TestApp,
    auth_system::AMOUNT,
    fixture::{corporate, individual},
    relay::{Lost, behind_a_wire, behind_a_wire_with},
    signer::{Signer, consent, ink, visitor},
};
use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};

const START: &str =
    "mutation($input: StartSignFlowInput!) { startSignFlow(input: $input) { replayed flow { id status } } }";

/// What every door says while there is no database: that it is our fault, and that it may be asked again.
async fn assert_every_door_says_so(app: &TestApp, link: &str, input: Value) {
    let told = app.graphql(START, json!({"input": input})).await;
    assert_eq!(told["errors"][0]["extensions"]["code"], "INTERNAL");
    assert_eq!(told["errors"][0]["extensions"]["retryable"], true);
    let readiness = app.get("/readyz").await;
    assert_eq!((readiness.status.as_u16(), &readiness.json()["database"]), (503, &json!("down")));
    assert_eq!(app.get("/healthz").await.status, 200, "it is alive");
    assert_eq!(app.get("/metrics").await.status, 503);
    let submission = app.id::<esign_domain::ids::SubmissionKind>().to_string();
    let form = [("submission", submission.as_str()), ("reason", "content"), ("confirmed", "yes")];
    for page in [app.get(link).await, app.post_form(&format!("{link}/refusal"), &form).await] {
        assert_eq!(page.status, 500);
        assert!(page.text().contains("data-step=\"trouble\""), "it has words");
        assert!(page.text().contains(&format!("href=\"{link}\"")), "and a way back");
    }
    let challenge = app.auth.newest();
    assert_eq!(app.call_back("word-1", &challenge).await, 503, "so that it is sent again");
    let secret = app.settings.sms.gateways[0].receipt_secret.expose();
    let receipt = json!({"gatewayMessageId": "g-1", "status": "DELIVERED"});
    assert_eq!(app.receipt(&format!("/callbacks/sms/sandbox/{secret}"), receipt).await, 503);
    let credentials = [
        ("grant_type", "client_credentials"),
        ("client_id", &app.demo.client.code),
        ("client_secret", &app.demo.secret),
    ];
    let token = app.post_form("/oauth/token", &credentials).await;
    assert_eq!((token.status.as_u16(), &token.json()["error"]), (500, &json!("server_error")));
}

/// A flow whose challenge waits for an amount, and the address of its link.
async fn challenged(app: &TestApp, flow_no: &str) -> (esign_domain::ids::FlowId, String) {
    let id = app.sign(corporate(flow_no)).await;
    app.run_jobs().await;
    (id, format!("/s/{}", app.signer(id).await.code))
}

#[tokio::test]
async fn without_its_database_every_door_says_so() {
    let app = TestApp::new().await;
    let (_, link) = challenged(&app, "gone").await;
    app.db.read().clone().close().await.unwrap();
    app.db.write().clone().close().await.unwrap();
    assert_every_door_says_so(&app, &link, individual("gone-2")).await;
}

#[tokio::test]
async fn when_the_database_is_back_everybody_goes_on() {
    let Some((app, wire)) = behind_a_wire().await else { return };
    let (id, link) = challenged(&app, "back").await;
    let heard = tail::subscribe((*app).clone(), &app.demo.caller(), Filter::default(), None).unwrap();
    let mut heard = Box::pin(heard);
    let paid = app.signer(id).await;
    paid.amount(AMOUNT).await.unwrap();
    wire.cut();
    assert_every_door_says_so(&app, &link, individual("back-2")).await;
    assert!(job::claim(&app, 1).await.is_err());
    assert!(tail::pump(&app).await.is_err());
    wire.mend();
    assert_eq!(app.get("/readyz").await.status, 200);
    let started = app.data(START, json!({"input": individual("back-2")})).await;
    assert_eq!(started["startSignFlow"]["replayed"], false, "nothing of the first call is left");
    assert_eq!(app.call_back("word-1", &app.auth.newest()).await, 200);
    app.live_through(TimeDelta::minutes(1)).await;
    assert_eq!(app.state(id).await, "COMPLETED");
    let told: Vec<_> = std::iter::from_fn(|| heard.next().now_or_never().flatten()).map(Result::unwrap).collect();
    let ends = told.iter().filter(|told| told.event.flow_id == id && told.event.to_status.is_terminal()).count();
    assert_eq!(ends, 1, "the subscription outlives the outage");
}

#[tokio::test]
async fn a_worker_goes_on_whose_job_waits_for_a_host_that_has_vanished() {
    let Some((app, wire)) = behind_a_wire_with(|settings| settings.jobs.lease_seconds = 1).await else { return };
    let id = app.start(corporate("vanished")).await.id;
    wire.lose(0, Lost::Host);
    let (end, stop) = tokio::sync::watch::channel(false);
    // Whoever gets the silent connection out of the pool, a reader or the worker, finds that out by waiting in vain.
    let status = async || flow::query::by_id(&app, &Caller::System, id).await.ok().flatten().map(|flow| flow.status);
    let sent = async {
        while status().await != Some(FlowStatus::PendingSign) {
            app.advance(TimeDelta::milliseconds(10));
        }
        // The worker is told to end, not dropped: what it has in hand would be rolled back behind the story's back.
        end.send(true).expect("a worker doesn't end by itself");
    };
    tokio::join!(job::run_worker((*app).clone(), stop), sent);
    assert!(!wire.spare(), "it did vanish");
    app.pass(TimeDelta::seconds(2)).await;
    assert_eq!(app.gateway.taken().len(), 1);
}

/// Asks again until the answer is no fault of ours.
async fn insist<T>(ask: impl AsyncFn() -> Result<T>) -> T {
    loop {
        match ask().await {
            Ok(done) => return done,
            Err(Error::Internal(_)) => {}
            Err(refusal) => panic!("asking again was refused: {refusal:?}"),
        }
    }
}

/// A company's whole flow; whoever gets no answer asks again, with the same number or the same form.
async fn live(app: &TestApp, flow_no: &str) -> esign_domain::ids::FlowId {
    let id = insist(|| app.try_start(corporate(flow_no))).await.flow.id;
    app.live_through(TimeDelta::seconds(90)).await;
    let signer = app.signer(id).await;
    insist(|| signer.open()).await;
    app.advance(TimeDelta::seconds(3));
    for document in insist(|| signer.view()).await.documents {
        let pages_shown = document.pages.len();
        let reading = || Reading { position: document.position, seconds: 3, pages_shown, reached_end: true };
        let form = signer.submission();
        insist(async || h5::record_reading(app, &signer.code, form, &visitor(), reading()).await).await;
    }
    let form = signer.submission();
    insist(async || h5::sign(app, &signer.code, form, &visitor(), (ink(), consent())).await).await;
    app.live_through(TimeDelta::seconds(90)).await;
    type_amounts(app, &signer).await;
    id
}

/// A wrong one, then the right one.
async fn type_amounts(app: &TestApp, signer: &Signer<'_>) {
    for fen in [AMOUNT + 1, AMOUNT] {
        let form = signer.submission();
        insist(|| h5::submit_amount(app, &signer.code, form, fen)).await;
        app.live_through(TimeDelta::seconds(90)).await;
    }
}

async fn assert_happened_once(app: &TestApp, id: esign_domain::ids::FlowId, when: &str) {
    assert_eq!(app.state(id).await, "COMPLETED", "{when}");
    let history = app.history(id).await;
    for (kind, times) in [
        (FlowEventType::Started, 1),
        (FlowEventType::SmsAccepted, 1),
        (FlowEventType::Read, 1),
        (FlowEventType::Signed, 1),
        (FlowEventType::ChallengeCreated, 1),
        (FlowEventType::MaterialSubmitted, 2),
        (FlowEventType::MaterialRefused, 1),
        (FlowEventType::AuthPassed, 1),
        (FlowEventType::Sealed, 1),
    ] {
        assert_eq!(history.iter().filter(|event| **event == kind).count(), times, "{when}: {kind} in {history:?}");
    }
    app.assert_sound(id).await;
}

/// Loses one commit of a flow after the other, each in a flow of its own, until there is none left to lose.
async fn lose_each(lost: Lost) {
    let Some((app, wire)) = behind_a_wire().await else { return };
    for after in 0.. {
        let before = (app.gateway.taken().len(), app.auth.challenges().len());
        wire.lose(after, lost);
        let id = Box::pin(live(&app, &format!("{lost:?}-{after}"))).await;
        let all_went_well = wire.spare();
        assert_happened_once(&app, id, &format!("{lost:?} of commit {after}")).await;
        assert_eq!(app.gateway.taken().len(), before.0 + 1, "one message");
        assert_eq!(app.auth.challenges().len(), before.1 + 1, "one challenge");
        if all_went_well {
            assert!(after > 10, "a flow has more commits than {after}");
            return;
        }
    }
}

#[tokio::test]
async fn whichever_commit_is_lost_asking_again_does_it_once() {
    lose_each(Lost::Commit).await;
}

#[tokio::test]
async fn whichever_answer_to_a_commit_is_lost_asking_again_finds_it_done() {
    lose_each(Lost::Answer).await;
}
