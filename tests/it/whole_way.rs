//! From the start to the result, by every road the answer of the auth system can take.

use chrono::TimeDelta;
use esign_domain::{
    ids::FlowId,
    terms::FlowEventType::{self, *},
};
use esign_tests::{
    TestApp,
    auth_system::AMOUNT,
    door::code,
    fixture::{corporate, individual},
};
use serde_json::{Value, json};

const START: &str = "mutation($input: StartSignFlowInput!) { startSignFlow(input: $input) { replayed flow {
    id flowNo status authType authStatus restartable session { url expiresAt } result { status } } } }";

const RESULT: &str = "query($id: ID!) { signFlow(id: $id) {
    status authType authStatus completedAt failure { code }
    sealRecords { status contentDigest sealedDigest level signedAt sealedAt downloadUrl }
    authRecords { attempt status type credential challengeId lateResult }
    smsRecords { status attempt gateway }
    result { status authCredential evidenceDigest token failure { code } sealRecords { status } }
    events(first: 100) { nodes { seq type fromStatus toStatus hash } } } }";

/// What happens to every flow until it is signed. Opening the link moves only a flow whose SMS is still on its way.
const SIGNING: [FlowEventType; 5] = [Started, SmsAccepted, Read, Consented, Signed];

async fn started(app: &TestApp, input: Value) -> FlowId {
    let answer = app.data(START, json!({"input": input})).await;
    let flow = &answer["startSignFlow"]["flow"];
    assert_eq!(flow["status"], "CREATED");
    assert_eq!(answer["startSignFlow"]["replayed"], false);
    let id = flow["id"].as_str().unwrap().parse().unwrap();
    app.run_jobs().await;
    let sms = app.gateway.taken().pop().expect("an SMS was sent");
    let link = flow["session"]["url"].as_str().unwrap();
    assert!(sms.text.contains(&format!("{link} ")), "{}", sms.text);
    assert!(link.ends_with(&app.signer(id).await.code));
    id
}

async fn assert_completed(app: &TestApp, id: FlowId, after_signing: &[FlowEventType]) -> Value {
    let flow = app.data(RESULT, json!({"id": id.to_string()})).await["signFlow"].take();
    assert_eq!(flow["status"], "COMPLETED", "{flow}");
    assert_eq!(flow["authStatus"], "PASSED");
    assert_eq!(flow["result"]["status"], "COMPLETED");
    let challenge = app.auth.newest();
    assert_eq!(flow["result"]["authCredential"], challenge.credential());
    assert_eq!(flow["authRecords"][0]["challengeId"], challenge.id);
    for seal in flow["sealRecords"].as_array().unwrap() {
        assert_eq!(seal["status"], "SEALED");
        assert_eq!(seal["level"], "PAdES-B-B");
        let path = seal["downloadUrl"].as_str().unwrap().replace(&app.settings.server.public_url, "");
        let pdf = app.get(&path).await.body;
        assert_eq!(esign_domain::vault::sha256_hex(&pdf), seal["sealedDigest"].as_str().unwrap());
    }
    let happened = app.history(id).await;
    assert_eq!(happened, [&SIGNING[..], after_signing].concat());
    let events = flow["events"]["nodes"].as_array().unwrap();
    assert_eq!(events.len(), happened.len());
    assert_eq!(events.last().unwrap()["hash"], flow["result"]["evidenceDigest"]);
    flow
}

const PAYMENT: [FlowEventType; 4] = [ChallengeCreated, MaterialSubmitted, AuthPassed, Sealed];
const FACE: [FlowEventType; 6] = [Consented, AuthRequested, ChallengeCreated, MaterialSubmitted, AuthPassed, Sealed];

#[tokio::test]
async fn a_company_pays_and_the_reply_says_that_the_amount_is_right() {
    let app = TestApp::new().await;
    let id = started(&app, corporate("pay-1")).await;
    let signer = app.signer(id).await;
    signer.sign().await.unwrap();
    assert_eq!(app.state(id).await, "PENDING_AUTH");
    app.run_jobs().await;
    assert_eq!(app.auth.newest().asked.idempotency_key, "demo/pay-1");
    signer.amount(AMOUNT).await.unwrap();
    assert_eq!(app.state(id).await, "AUTHENTICATING");
    app.run_jobs().await;
    assert_completed(&app, id, &PAYMENT).await;
    assert!(app.auth.calls().contains(&"evidence ch-1".to_owned()));
}

#[tokio::test]
async fn a_company_pays_and_the_verdict_comes_by_callback() {
    let app = TestApp::new().await;
    app.auth.judge_later();
    let id = started(&app, corporate("pay-2")).await;
    let signer = app.signer(id).await;
    signer.sign().await.unwrap();
    app.run_jobs().await;
    signer.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "AUTHENTICATING");
    assert_eq!(app.call_back("msg-1", &app.auth.pass()).await, 200);
    assert_eq!(app.state(id).await, "SEALING");
    app.run_jobs().await;
    assert_completed(&app, id, &PAYMENT).await;
}

#[tokio::test]
async fn a_company_pays_and_the_verdict_is_found_by_asking() {
    let app = TestApp::new().await;
    app.auth.judge_later();
    let id = started(&app, corporate("pay-3")).await;
    let signer = app.signer(id).await;
    signer.sign().await.unwrap();
    app.run_jobs().await;
    signer.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    app.live_through(TimeDelta::seconds(30)).await;
    assert_eq!(app.state(id).await, "AUTHENTICATING");
    app.auth.pass();
    app.live_through(TimeDelta::seconds(60)).await;
    assert_completed(&app, id, &PAYMENT).await;
}

#[tokio::test]
async fn a_person_shows_their_face_and_the_verdict_comes_by_callback() {
    let app = TestApp::new().await;
    let id = started(&app, individual("face-1")).await;
    let signer = app.signer(id).await;
    signer.sign().await.unwrap();
    app.live_through(TimeDelta::minutes(1)).await;
    assert!(app.auth.calls().is_empty(), "nothing leaves before the separate consent");
    signer.start_face().await.unwrap();
    app.run_jobs().await;
    assert_eq!(signer.go_to_face().await.unwrap().as_deref(), Some("https://auth.example/face/ch-1"));
    app.call_back("msg-1", &app.auth.process()).await;
    assert_eq!(app.state(id).await, "AUTHENTICATING");
    app.call_back("msg-2", &app.auth.pass()).await;
    app.run_jobs().await;
    assert_completed(&app, id, &FACE).await;
}

#[tokio::test]
async fn a_person_shows_their_face_and_the_verdict_is_found_when_they_come_back_or_by_asking() {
    let app = TestApp::with(|settings| settings.auth.mode = esign_config::AuthMode::Poll).await;
    let id = started(&app, individual("face-2")).await;
    let signer = app.signer(id).await;
    signer.sign().await.unwrap();
    signer.start_face().await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.auth.newest().asked.callback_url, None, "who only polls names no callback");
    signer.go_to_face().await.unwrap();
    app.auth.process();
    assert_eq!(signer.come_back().await.unwrap().status.as_str(), "AUTHENTICATING");
    app.auth.pass();
    app.live_through(TimeDelta::seconds(10)).await;
    assert_completed(&app, id, &FACE).await;
}

#[tokio::test]
async fn the_real_documents_are_laid_out_sealed_and_found_intact() {
    let app = TestApp::with_real_sealing().await;
    let id = started(&app, corporate("real-1")).await;
    let signer = app.signer(id).await;
    signer.sign().await.unwrap();
    app.run_jobs().await;
    signer.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    let flow = assert_completed(&app, id, &PAYMENT).await;
    let seal = &flow["sealRecords"][0];
    let path = seal["downloadUrl"].as_str().unwrap().replace(&app.settings.server.public_url, "");
    let pdf = app.get(&path).await.body;
    assert!(pdf.starts_with(b"%PDF-"));
    let report = esign_domain::seal::port::Sealer::verify(app.sealer.as_ref(), &pdf, app.now()).unwrap();
    assert!(report.intact && report.trusted, "{:?}", report.problems);
    assert_eq!(report.content_digest, seal["contentDigest"].as_str().unwrap());
    app.pass(TimeDelta::seconds(app.settings.flow.download_seconds)).await;
    assert_eq!(app.get(&path).await.status, 404, "the address is short-lived");
}

#[tokio::test]
async fn the_token_door_opens_the_graphql_door() {
    let app = TestApp::new().await;
    let form = [("grant_type", "client_credentials"), ("client_id", "demo"), ("client_secret", &app.demo.secret)];
    let answer = app.post_form("/oauth/token", &form).await.json();
    let token = answer["access_token"].as_str().unwrap();
    let viewer = "{ viewer { kind name scopes } }";
    let seen = app.graphql_as(token, viewer, json!({})).await;
    assert_eq!(seen["data"]["viewer"]["scopes"].as_array().unwrap().len(), 13, "{seen}");
    app.advance(TimeDelta::minutes(15));
    assert_eq!(code(&app.graphql_as(token, viewer, json!({})).await), Some("UNAUTHENTICATED"));
    assert_eq!(code(&app.graphql_as("nonsense", viewer, json!({})).await), Some("UNAUTHENTICATED"));
}
