//! The clocks: sessions and challenges that end, and how they wait for each other.

use chrono::TimeDelta;
use esign_domain::{
    alert::Alert,
    error::Error,
    flow,
    ids::FlowId,
    sms,
    terms::{AuthStatus, FlowEventType as Kind},
};
use esign_tests::{
    TestApp,
    auth_system::{AMOUNT, busy},
    fixture::{corporate, individual, with},
    gateway::{Mishap, unknown_number},
};
use serde_json::json;

/// A company that has signed and whose challenge is open.
async fn challenged(app: &TestApp, flow_no: &str) -> FlowId {
    let id = app.sign(corporate(flow_no)).await;
    app.run_jobs().await;
    assert_eq!(app.flow(id).await.auth_status, AuthStatus::Challenged);
    id
}

#[tokio::test]
async fn a_session_ends_wherever_the_signer_has_stopped() {
    let app = TestApp::new().await;
    let short = |input| with(input, "/expiresInSeconds", json!(600));
    app.gateway.script.fail(1, Mishap::Refused(unknown_number()));
    let created = app.start(short(corporate("created"))).await.id;
    app.run_jobs().await;
    let mut ids = vec![created];
    for n in 0..3 {
        let id = app.start(short(individual(&format!("stops-{n}")))).await.id;
        app.run_jobs().await;
        ids.push(id);
    }
    app.signer(ids[2]).await.open().await.unwrap();
    app.signer(ids[3]).await.sign().await.unwrap();
    app.live_through(TimeDelta::seconds(660)).await;
    for id in ids {
        assert_eq!(app.state(id).await, "TIMED_OUT SESSION_EXPIRED");
        let signer = app.signer(id).await;
        assert!(matches!(signer.view().await, Err(Error::SessionInvalid)), "the link is dead");
        assert!(matches!(signer.open().await, Err(Error::SessionInvalid)));
    }
    let unknown = flow::h5::view(&app, "0000000000000000000000").await;
    assert!(matches!(unknown, Err(Error::SessionInvalid)), "an unknown link looks the same");
}

#[tokio::test]
async fn an_open_challenge_moves_the_sessions_end_and_never_past_thirty_days() {
    let app = TestApp::new().await;
    let id = app.start(with(corporate("longer"), "/expiresInSeconds", json!(600))).await.id;
    app.run_jobs().await;
    app.signer(id).await.sign().await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.flow(id).await.expires_at, app.now() + TimeDelta::hours(73), "the challenge lives 72 h");

    let late = app.start(with(corporate("longest"), "/expiresInSeconds", json!(30 * 86_400))).await.id;
    let end = app.now() + TimeDelta::days(30);
    app.run_jobs().await;
    app.pass(TimeDelta::days(29)).await;
    app.signer(late).await.sign().await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.flow(late).await.expires_at, end);
    app.pass(TimeDelta::days(2)).await;
    assert_eq!(app.state(late).await, "PENDING_AUTH", "its open challenge ends it, not the session");
    app.pass(TimeDelta::days(1)).await;
    assert_eq!(app.state(late).await, "TIMED_OUT AUTH_TIMEOUT", "no session time is left for another try");
}

#[tokio::test]
async fn an_expired_challenge_counts_only_if_the_signer_had_opened_it() {
    let app = TestApp::new().await;
    for (flow_no, opened, spent) in [("seen", true, 1), ("unseen", false, 0)] {
        let id = challenged(&app, flow_no).await;
        let signer = app.signer(id).await;
        if opened {
            signer.see_payment().await.unwrap();
        }
        app.pass(TimeDelta::hours(72)).await;
        let flow = app.flow(id).await;
        assert_eq!((app.state(id).await.as_str(), flow.attempts_spent), ("PENDING_AUTH", spent));
        assert_eq!(flow.auth_status, AuthStatus::Expired);
        signer.try_again().await.unwrap();
        app.run_jobs().await;
        signer.amount(AMOUNT).await.unwrap();
        app.run_jobs().await;
        assert_eq!(app.state(id).await, "COMPLETED");
    }
}

#[tokio::test]
async fn the_last_opened_challenge_to_expire_ends_the_flow() {
    let app = TestApp::with(|settings| settings.flow.auth_attempts = 1).await;
    let id = challenged(&app, "only-one").await;
    app.signer(id).await.see_payment().await.unwrap();
    app.pass(TimeDelta::hours(72)).await;
    assert_eq!(app.state(id).await, "TIMED_OUT AUTH_TIMEOUT");
    assert!(app.history(id).await.ends_with(&[Kind::ChallengeExpired]));
}

#[tokio::test]
async fn a_challenge_is_asked_about_once_more_before_it_ends() {
    let app = TestApp::with(|settings| settings.auth.mode = esign_config::AuthMode::Callback).await;
    let table = [("passed", "COMPLETED"), ("processing", "PENDING_AUTH"), ("failed", "PENDING_AUTH")];
    for (flow_no, state) in table {
        let id = challenged(&app, flow_no).await;
        match flow_no {
            "passed" => app.auth.pass(),
            "processing" => app.auth.process(),
            _ => app.auth.reject(true),
        };
        let asked = app.auth.calls().iter().filter(|call| call.starts_with("ask")).count();
        app.live_through(TimeDelta::hours(72)).await;
        assert!(app.auth.calls().iter().filter(|call| call.starts_with("ask")).count() > asked);
        assert_eq!(app.state(id).await, state, "{flow_no}");
        if flow_no == "processing" {
            // It is given a day to make up its mind.
            app.auth.pass();
            app.live_through(TimeDelta::minutes(2)).await;
            assert_eq!(app.state(id).await, "COMPLETED");
        }
    }
}

#[tokio::test]
async fn an_auth_system_out_of_reach_is_given_a_day() {
    let app = TestApp::new().await;
    let id = challenged(&app, "unreachable").await;
    app.auth.asking.always(Some(busy()));
    app.pass(TimeDelta::hours(72)).await;
    for _ in 0..23 {
        app.pass(TimeDelta::hours(1)).await;
    }
    assert_eq!(app.state(id).await, "PENDING_AUTH");
    assert_eq!(app.alerts.counts()[&Alert::ChallengeUnreachable], 24);
    app.pass(TimeDelta::hours(1)).await;
    assert_eq!(app.state(id).await, "TIMED_OUT AUTH_TIMEOUT");

    // Back within the day, its word still counts.
    app.auth.asking.always(None);
    let id = challenged(&app, "back-in-time").await;
    app.auth.asking.always(Some(busy()));
    app.pass(TimeDelta::hours(72 + 20)).await;
    app.auth.pass();
    app.auth.asking.always(None);
    app.live_through(TimeDelta::minutes(2)).await;
    assert_eq!(app.state(id).await, "COMPLETED");
}

#[tokio::test]
async fn polling_slows_down_and_hastens_when_something_was_handed_in() {
    let app = TestApp::new().await;
    let id = challenged(&app, "polled").await;
    let begun = app.now();
    let mut gaps = Vec::new();
    let mut last = begun;
    for _ in 0..20 {
        let due = app.waiting("poll_challenge").await[0];
        gaps.push((due - last).num_milliseconds());
        last = due;
        app.clock.advance_to(due);
        app.run_jobs().await;
    }
    assert_eq!(gaps[..4], [2_000, 3_000, 4_500, 6_750]);
    assert_eq!(*gaps.last().unwrap(), 300_000);
    app.auth.judge_later();
    app.signer(id).await.amount(AMOUNT).await.unwrap();
    assert_eq!(app.waiting("poll_challenge").await, [app.now() + TimeDelta::seconds(2)]);
    app.run_jobs().await;
}

#[tokio::test]
async fn a_completed_flows_page_stays_a_week_longer_than_its_session() {
    let app = TestApp::new().await;
    let id = challenged(&app, "shows").await;
    let signer = app.signer(id).await;
    signer.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    let end = app.flow(id).await.expires_at;
    app.pass(end + TimeDelta::days(7) - app.now() - TimeDelta::seconds(1)).await;
    assert!(signer.view().await.is_ok());
    app.live_through(TimeDelta::seconds(1)).await;
    assert!(matches!(signer.view().await, Err(Error::SessionInvalid)));
}

/// Stories stand still between two looks at the clock; the world doesn't.
#[tokio::test]
async fn a_flow_goes_its_way_on_a_clock_that_goes_on() {
    let app = TestApp::new().await;
    app.clock.go_on(TimeDelta::milliseconds(1));
    let id = app.start(corporate("going-on")).await.id;
    app.run_jobs().await;
    assert_eq!(app.gateway.taken().len(), 1, "the first message goes out at once");
    app.advance(TimeDelta::minutes(1));
    sms::resend(&app, &app.demo.caller(), id).await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.gateway.taken().len(), 2);
    app.signer(id).await.sign().await.unwrap();
    app.run_jobs().await;
    for amount in [AMOUNT + 1, AMOUNT] {
        app.signer(id).await.amount(amount).await.unwrap();
        app.live_through(TimeDelta::minutes(1)).await;
    }
    assert_eq!(app.state(id).await, "COMPLETED");
    let other = app.start(individual("going-on-too")).await.id;
    app.run_jobs().await;
    app.signer(other).await.sign().await.unwrap();
    app.signer(other).await.start_face().await.unwrap();
    app.run_jobs().await;
    app.auth.pass();
    app.live_through(TimeDelta::minutes(1)).await;
    assert_eq!(app.state(other).await, "COMPLETED");
}
