use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{Router, extract::State, http::StatusCode, routing::post};
use tokio::{net::TcpListener, task::JoinSet};

use super::*;
use crate::trial::Trial;

/// A robot that refuses the first `refusals` posts and hands on the rest.
async fn robot(servers: &mut JoinSet<()>, refusals: usize) -> (String, mpsc::Receiver<String>) {
    let (told, heard) = mpsc::channel(16);
    let left = Arc::new(AtomicUsize::new(refusals));
    let take = |State((told, left)): State<(mpsc::Sender<String>, Arc<AtomicUsize>)>, body: String| async move {
        if left.try_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        told.send(body).await.unwrap();
        StatusCode::OK
    };
    let router = Router::new().route("/robot", post(take)).with_state((told, left));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/robot?key=secret", listener.local_addr().unwrap());
    servers.spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, heard)
}

fn webhook(url: String, body: &str, repeat: Duration) -> AlertWebhook {
    let pace = Pace { repeat, retries: vec![Duration::from_millis(1); 3] };
    AlertWebhook { client: call::client(TIMEOUT).unwrap(), url, body: body.into(), pace }
}

#[tokio::test]
async fn an_alert_reaches_the_robot_as_its_body_wants_it_even_at_the_third_try() {
    let trial = Trial::begin().await;
    let mut tasks = JoinSet::new();
    let (url, mut heard) = robot(&mut tasks, 2).await;
    let body = r#"{"msgtype": "text", "text": {"content": "{{ text }}"}, "n": "{{ count }}", "on": "{{ about }}"}"#;
    let (_running, stop) = watch::channel(false);
    let raised = trial.app.alerts.listen(WAITING).unwrap();
    assert!(trial.app.alerts.listen(WAITING).is_none(), "one listens");
    tasks.spawn(webhook(url, body, Duration::from_mins(1)).run(Arc::clone(&trial.app), raised, stop));
    trial.app.alerts.raise(Alert::SmsExhausted, "sms_1 \"quoted\"\n");
    let told: Value = serde_json::from_str(&heard.recv().await.unwrap()).unwrap();
    assert_eq!((&told["n"], &told["on"]), (&Value::from("1"), &Value::from("sms_1 \"quoted\"\n")));
    let text = told["text"]["content"].as_str().unwrap();
    assert!(text.starts_with("【电子签章】短信多次发送失败：sms_1"), "{text}");
    assert_eq!(trial.app.alerts.counts()[&Alert::SmsExhausted], 1);
}

#[tokio::test]
async fn a_robot_that_is_away_holds_nothing_up_and_heard_the_next_one() {
    let trial = Trial::begin().await;
    let mut tasks = JoinSet::new();
    let (url, mut heard) = robot(&mut tasks, 4).await;
    let (_running, stop) = watch::channel(false);
    let raised = trial.app.alerts.listen(WAITING).unwrap();
    tasks.spawn(webhook(url, r#"{"a": "{{ alert }}"}"#, Duration::ZERO).run(Arc::clone(&trial.app), raised, stop));
    trial.app.alerts.raise(Alert::SealFailed, "lost with all its tries");
    trial.app.alerts.raise(Alert::JobDiscarded, "told");
    assert_eq!(heard.recv().await.unwrap(), r#"{"a": "job_discarded"}"#);
}

#[test]
fn more_of_the_same_is_told_together() {
    let (repeat, begin) = (Duration::from_mins(5), Instant::now());
    let at = |seconds| begin + Duration::from_secs(seconds);
    let raised = |alert, about: &str| Raised { alert, about: about.into() };
    let mut held = Held::default();
    assert_eq!(held.take(raised(Alert::SealFailed, "a"), at(0), repeat), [(Alert::SealFailed, "a".into(), 1)]);
    assert_eq!(held.take(raised(Alert::SealFailed, "b"), at(1), repeat), []);
    assert_eq!(held.take(raised(Alert::SealFailed, "c"), at(2), repeat), []);
    // Another kind is told at once.
    assert_eq!(held.take(raised(Alert::SmsExhausted, "d"), at(3), repeat), [(Alert::SmsExhausted, "d".into(), 1)]);
    assert_eq!(held.next_end(), Some(at(300)));
    assert_eq!(held.ended(at(299), repeat), []);
    assert_eq!(held.ended(at(300), repeat), [(Alert::SealFailed, "c".into(), 2)]);
    assert_eq!(held.take(raised(Alert::SealFailed, "e"), at(301), repeat), [], "it is held back again");
    assert_eq!(held.ended(at(303), repeat), [], "of the other nothing came");
    assert_eq!(held.ended(at(600), repeat), [(Alert::SealFailed, "e".into(), 1)]);
    assert_eq!(held.ended(at(900), repeat), []);
    assert_eq!(held.next_end(), None);
}

#[tokio::test]
async fn every_alert_has_words_and_every_body_on_offer_is_json() {
    let trial = Trial::begin().await;
    let bodies = [
        r#"{"msgtype": "text", "text": {"content": "{{ text }}"}}"#,
        r#"{"msg_type": "text", "content": {"text": "{{ text }}"}}"#,
        r#"{"text": "{{ text }}"}"#,
    ];
    for alert in Alert::ALL {
        assert_ne!((alert.words(Lang::Zh), alert.words(Lang::En)), ("?", "?"), "{alert:?}");
        for body in bodies {
            serde_json::from_str::<Value>(&render(body, &variables(&trial.app, *alert, "\\ \" \u{1}", 2))).unwrap();
        }
    }
}
