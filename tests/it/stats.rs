//! Figures: the same numbers for the door and the page, of a cohort, in days of China.

use chrono::{DateTime, TimeDelta, Utc};
use esign_domain::{
    Caller,
    flow::stats::{Funnel, Span, day_of, overview},
    terms::{FlowStatus, Scene},
};
use esign_tests::{
    TestApp,
    door::code,
    fixture::{corporate, individual, with},
};
use serde_json::{Value, json};

const STATS: &str = "query($from: DateTime!, $to: DateTime!, $scene: Scene) {
    flowStats(from: $from, to: $to, scene: $scene) { started medianSecondsToComplete smsAcceptedRate
        byStatus { status count } series { at started completed failed } } }";

const AMOUNT: i64 = 37;

/// Starts a flow and lets its signer finish it after so long.
async fn complete(app: &TestApp, input: Value, after: TimeDelta) {
    let id = app.start(input).await.id;
    app.run_jobs().await;
    app.signer(id).await.sign().await.unwrap();
    app.run_jobs().await;
    app.advance(after);
    app.signer(id).await.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "COMPLETED");
}

/// Midnight in China, and flows around it: two completed and one declined in the first hour, one on its way.
async fn a_day(app: &TestApp) -> DateTime<Utc> {
    let midnight = day_of(app.now()) + TimeDelta::days(1);
    app.clock.advance_to(midnight - TimeDelta::seconds(1));
    app.start(corporate("yesterday")).await;
    app.run_jobs().await;
    app.clock.advance_to(midnight);
    complete(app, corporate("slow"), TimeDelta::seconds(120)).await;
    complete(app, corporate("quick"), TimeDelta::seconds(60)).await;
    let declined = app.start(with(corporate("declined"), "/scene", json!("MEMBER_SETTLEMENT"))).await.id;
    app.run_jobs().await;
    app.signer(declined).await.open().await.unwrap();
    app.signer(declined).await.decline("不签").await.unwrap();
    app.run_jobs().await;
    app.clock.advance_to(midnight + TimeDelta::minutes(90));
    app.gateway.fail(1);
    app.start(individual("unsent")).await;
    app.run_jobs().await;
    app.advance(TimeDelta::seconds(1));
    midnight
}

#[tokio::test]
async fn figures_are_of_the_flows_of_a_time_and_add_up() {
    let app = TestApp::new().await;
    let midnight = a_day(&app).await;
    let (from, to) = (midnight.to_rfc3339(), (midnight + TimeDelta::hours(2)).to_rfc3339());
    let stats = app.data(STATS, json!({"from": from, "to": to})).await["flowStats"].take();
    assert_eq!(stats["started"], 4);
    assert_eq!(stats["medianSecondsToComplete"], 93.0);
    assert_eq!(stats["smsAcceptedRate"], 0.75);
    let of = |status: &str| {
        let all = stats["byStatus"].as_array().unwrap();
        assert_eq!(all.len(), FlowStatus::ALL.len());
        all.iter().find(|count| count["status"] == status).unwrap()["count"].as_i64().unwrap()
    };
    assert_eq!((of("COMPLETED"), of("FAILED"), of("CREATED"), of("SEALING")), (2, 1, 1, 0));
    let series: Vec<_> =
        stats["series"].as_array().unwrap().iter().map(|p| (&p["started"], &p["completed"], &p["failed"])).collect();
    assert_eq!(json!(series), json!([[3, 2, 1], [1, 0, 0]]));
    assert_eq!(stats["series"][1]["at"], "2027-01-15T17:00:00Z");
    let days = json!({"from": (midnight - TimeDelta::days(3)).to_rfc3339(), "to": to});
    let stats = app.data(STATS, days).await["flowStats"].take();
    let started: Vec<_> = stats["series"].as_array().unwrap().iter().map(|p| &p["started"]).collect();
    assert_eq!(json!(started), json!([0, 0, 1, 4]));
    let scene = json!({"from": from, "to": to, "scene": "MEMBER_SETTLEMENT"});
    assert_eq!(app.data(STATS, scene).await["flowStats"]["started"], 1);
    let other = app.token(&app.other, None);
    let theirs = app.graphql_as(&other, STATS, json!({"from": from, "to": to})).await;
    assert_eq!(theirs["data"]["flowStats"]["started"], 0);
    assert_eq!(theirs["data"]["flowStats"]["medianSecondsToComplete"], Value::Null);
    app.live_through(TimeDelta::minutes(1)).await;
}

#[tokio::test]
async fn a_time_that_is_none_or_too_long_is_refused() {
    let app = TestApp::new().await;
    for (from, to) in [
        ("2027-01-15T00:00:00Z", "2027-01-15T00:00:00Z"),
        ("2027-01-15T00:00:00Z", "2027-01-14T00:00:00Z"),
        ("2027-01-15T00:00:00Z", "2029-01-14T00:00:00Z"),
    ] {
        assert_eq!(code(&app.graphql(STATS, json!({"from": from, "to": to})).await), Some("INVALID_ARGUMENT"), "{to}");
    }
}

#[tokio::test]
async fn the_overview_shows_how_far_todays_flows_have_come() {
    let app = TestApp::new().await;
    let midnight = a_day(&app).await;
    let seen = overview(&app, &Caller::System, Span::Today, None).await.unwrap();
    assert_eq!((seen.from, seen.to), (midnight, app.now()));
    assert_eq!(seen.funnel, Funnel { started: 4, accepted: 3, opened: 3, signed: 2, passed: 2, completed: 2 });
    assert_eq!((seen.median_seconds, seen.ninth_seconds), (Some(93.0), Some(123.0)));
    assert_eq!(seen.sms_accepted_rate, Some(0.75));
    assert_eq!(seen.slots.len(), 4, "every half hour from midnight to now");
    let started: Vec<_> = seen.slots.iter().map(|slot| slot.started).collect();
    assert_eq!(started, [[2, 0, 1], [0, 0, 0], [0, 0, 0], [0, 1, 0]]);
    assert_eq!(seen.slots[0].median_seconds, [Some(93.0), None]);
    let scenes = Scene::ALL.len() as u64;
    let whole: u64 = seen.slots.iter().flat_map(|slot| slot.started).sum();
    assert_eq!((whole, scenes), (seen.funnel.started, 3));
    let gateway = &seen.gateways[0];
    assert_eq!((gateway.handed, gateway.accepted, gateway.left_out), (4, 3, false));
    assert_eq!(gateway.median_seconds, Some(0.0));
    let week = overview(&app, &Caller::System, Span::Week, None).await.unwrap();
    assert_eq!((week.funnel.started, week.earlier.started), (5, 0));
    app.advance(TimeDelta::days(7));
    app.live_through(TimeDelta::minutes(1)).await;
    let later = overview(&app, &Caller::System, Span::Today, None).await.unwrap();
    assert_eq!((later.funnel.started, later.earlier.started, later.earlier.completed), (0, 4, 2));
    assert_eq!((later.median_seconds, later.sms_accepted_rate), (None, None));
    let month = overview(&app, &Caller::System, Span::Month, Some(app.demo.client.id)).await.unwrap();
    assert_eq!(month.funnel.started, 5);
    let of_all = overview(&app, &Caller::System, Span::Month, None).await.unwrap();
    assert_eq!(
        (of_all.funnel, of_all.funnel.opened),
        (month.funnel, 3),
        "links are counted otherwise, and are as many"
    );
    let others = overview(&app, &Caller::System, Span::Month, Some(app.other.client.id)).await.unwrap();
    assert_eq!(others.funnel, Funnel::default());
}
