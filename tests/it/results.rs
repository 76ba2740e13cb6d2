//! Results in disorder: early, late, twice, lost, contradicting, about something else. All come through one inbox and end
//! in one verb, and the first final word counts.

use chrono::TimeDelta;
use esign_domain::{
    alert::Alert,
    auth::{self, entity::auth_inbox},
    ids::FlowId,
    terms::{AuthStatus, FlowEventType as Kind},
};
use esign_tests::{
    TestApp,
    auth_system::busy,
    fixture::{corporate, individual},
};
use sea_orm::EntityTrait;
use serde_json::json;

/// A person at the auth system's page.
async fn at_the_camera(app: &TestApp, flow_no: &str) -> FlowId {
    let id = app.sign(individual(flow_no)).await;
    let signer = app.signer(id).await;
    signer.start_face().await.unwrap();
    app.run_jobs().await;
    signer.go_to_face().await.unwrap().expect("the auth system's page");
    id
}

async fn challenged(app: &TestApp, flow_no: &str) -> FlowId {
    let id = app.sign(corporate(flow_no)).await;
    app.run_jobs().await;
    id
}

async fn is_late(app: &TestApp, id: FlowId) -> bool {
    auth::query::of_flows(app, &[id]).await.unwrap()[0].late_result
}

async fn inbox(app: &TestApp) -> Vec<auth_inbox::Model> {
    auth_inbox::Entity::find().all(app.db.read()).await.unwrap()
}

/// Every order of some things.
fn orders<T: Copy>(of: &[T]) -> Vec<Vec<T>> {
    let Some((first, rest)) = of.split_first() else { return vec![vec![]] };
    let shorter = orders(rest);
    let inserted = shorter.iter().flat_map(|order| (0..=order.len()).map(move |at| (order, at)));
    inserted.map(|(order, at)| [&order[..at], &[*first], &order[at..]].concat()).collect()
}

#[tokio::test]
async fn in_whatever_order_words_come_the_first_final_one_counts() {
    let app = TestApp::with(|settings| settings.flow.auth_attempts = 1).await;
    let orders = orders(&["PROCESSING", "PASSED", "FAILED", "EXPIRED"]);
    assert_eq!(orders.len(), 24);
    for (n, order) in orders.iter().enumerate() {
        let id = at_the_camera(&app, &format!("order-{n}")).await;
        // Each comes twice: once more under its own id, at the end, when all has been said.
        for round in 0..2 {
            for status in order {
                assert_eq!(app.call_back(&format!("{n}-{status}"), &app.auth.newest().as_if(status)).await, 200);
            }
            assert!(is_late(&app, id).await, "{order:?} {round}: two final words contradict the first");
        }
        let first = order.iter().find(|status| **status != "PROCESSING").unwrap();
        let expected = match *first {
            "PASSED" => "COMPLETED",
            "FAILED" => "FAILED AUTH_FAILED",
            _ => "TIMED_OUT AUTH_TIMEOUT",
        };
        app.auth.change(|challenge| challenge.status = first);
        app.run_jobs().await;
        assert_eq!(app.state(id).await, expected, "{order:?}");
        let processed =
            order.iter().position(|status| *status == "PROCESSING") < order.iter().position(|status| status == first);
        let submitted = app.history(id).await.contains(&Kind::MaterialSubmitted);
        assert_eq!(submitted, processed, "{order:?}");
    }
    assert_eq!(inbox(&app).await.len(), 4 * orders.len(), "each message is kept once");
}

#[tokio::test]
async fn a_callback_that_is_lost_is_made_up_for_by_asking() {
    let app = TestApp::new().await;
    let id = challenged(&app, "lost-callback").await;
    let passed = app.auth.pass();
    app.live_through(TimeDelta::minutes(1)).await;
    assert_eq!(app.state(id).await, "COMPLETED");
    let events = app.events(id).await.len();
    // It turns up after all, a day later.
    app.live_through(TimeDelta::days(1)).await;
    assert_eq!(app.call_back("msg-found", &passed).await, 200);
    assert_eq!((app.events(id).await.len(), is_late(&app, id).await), (events, false), "it says what is known");
}

#[tokio::test]
async fn an_auth_system_that_can_not_be_asked_is_made_up_for_by_its_callback() {
    let app = TestApp::new().await;
    let id = challenged(&app, "lost-poll").await;
    app.auth.asking.always(Some(busy()));
    app.live_through(TimeDelta::hours(1)).await;
    assert_eq!(app.state(id).await, "PENDING_AUTH");
    assert_eq!(app.call_back("msg-1", &app.auth.pass()).await, 200);
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "COMPLETED");
}

#[tokio::test]
async fn a_known_message_with_another_body_moves_nothing() {
    let app = TestApp::new().await;
    let first = challenged(&app, "first").await;
    assert_eq!(app.call_back("msg-1", &app.auth.process()).await, 200);
    let (state, kept) = (app.state(first).await, inbox(&app).await);
    // The same flow, another flow, a key that is none of ours, and nonsense that was never signed for: under that id all
    // has been said.
    assert_eq!(app.call_back("msg-1", &app.auth.newest().as_if("PASSED")).await, 200);
    let second = challenged(&app, "second").await;
    assert_eq!(app.call_back("msg-1", &app.auth.newest().as_if("PASSED")).await, 200);
    let mut stray = app.auth.newest();
    stray.asked.idempotency_key = "demo/none".into();
    assert_eq!(app.call_back("msg-1", &stray).await, 200);
    assert_eq!((app.state(first).await, app.state(second).await), (state.clone(), state));
    assert_eq!(inbox(&app).await, kept);
    assert!(!app.alerts.counts().contains_key(&Alert::StrayResult));
}

#[tokio::test]
async fn what_is_genuine_is_kept_sealed_and_what_is_not_is_not_kept() {
    let app = TestApp::new().await;
    let id = challenged(&app, "kept").await;
    let mut stray = app.auth.newest().as_if("PASSED");
    stray.asked.idempotency_key = "demo/none".into();
    assert_eq!(app.call_back("msg-stray", &stray).await, 200);
    assert_eq!(app.call_back("msg-ours", &app.auth.pass()).await, 200);
    for off in [-301, 301] {
        let off = TimeDelta::seconds(off);
        assert_eq!(app.call_back_with("msg-stale", &app.auth.newest().word(), off).await, 401);
    }
    for nonsense in [json!({}), json!([1]), json!("PASSED"), json!({"challengeId": "ch-1", "status": "PASSED"})] {
        assert_eq!(app.call_back_with("msg-nonsense", &nonsense, TimeDelta::zero()).await, 400);
    }
    let mut without_credential = app.auth.newest().word();
    without_credential["credential"] = serde_json::Value::Null;
    app.call_back_with("msg-empty", &without_credential, TimeDelta::zero()).await;
    let mut kept = inbox(&app).await;
    kept.sort_by(|one, other| one.id.cmp(&other.id));
    let settled: Vec<_> = kept.iter().map(|row| (row.id.as_str(), row.settled)).collect();
    assert_eq!(settled, [("msg-ours", true), ("msg-stray", false)]);
    let credential = app.auth.newest().credential();
    assert!(kept.iter().all(|row| !row.body.windows(credential.len()).any(|part| part == credential.as_bytes())));
    assert_eq!(app.alerts.counts()[&Alert::StrayResult], 1);
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "COMPLETED");
}

#[tokio::test]
async fn a_pass_without_its_credential_is_no_pass_and_may_come_again() {
    let app = TestApp::new().await;
    let id = challenged(&app, "empty").await;
    let mut word = app.auth.pass().word();
    let credential = word["credential"].take();
    assert_eq!(app.call_back_with("msg-1", &word, TimeDelta::zero()).await, 503, "so that it is sent again");
    assert_eq!(
        (app.state(id).await.as_str(), app.flow(id).await.auth_status),
        ("PENDING_AUTH", AuthStatus::Challenged)
    );
    word["credential"] = credential;
    assert_eq!(app.call_back_with("msg-1", &word, TimeDelta::zero()).await, 200, "its id was not used up");
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "COMPLETED");
}

#[tokio::test]
async fn a_word_about_a_flow_whose_person_was_erased_is_taken() {
    use esign_domain::flow::entity::flow_secret;
    let app = TestApp::new().await;
    let id = challenged(&app, "erased").await;
    app.call_back("msg-1", &app.auth.pass()).await;
    app.run_jobs().await;
    flow_secret::Entity::delete_many().exec(app.db.write()).await.unwrap();
    for status in ["PASSED", "FAILED", "EXPIRED"] {
        assert_eq!(app.call_back(&format!("msg-{status}"), &app.auth.newest().as_if(status)).await, 200);
    }
    assert!(is_late(&app, id).await);
}
