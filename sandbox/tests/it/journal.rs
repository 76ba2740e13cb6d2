//! A process that is killed forgets nothing it has answered: a second sandbox opens the same folder without the first
//! having been stopped.

use serde_json::json;

use crate::api::{CHALLENGES, Ear, Outside, payment};

#[tokio::test]
async fn every_stand_in_remembers() {
    let folder = tempfile::tempdir().unwrap();
    let killed = Outside::open(folder.path());
    let id = killed.challenge(payment("demo/F1")).await["challengeId"].as_str().unwrap().to_owned();
    let right = killed.transferred("F1").await;
    killed.enter(&id, "e1", right % 99 + 1).await;
    let message = json!({"messageId": "m1", "mobile": "13800002077", "text": "你好"});
    let accepted = killed.post("/sandbox/sms-gateway/send", &message).await;
    killed.post("/sandbox/webhooks/other", &json!({"a": 1})).await;
    killed.post("/sandbox/faults", &json!({"target": "webhook", "mode": "slow", "count": 7})).await;

    let fresh = Outside::open(folder.path());
    for path in [CHALLENGES, "/sandbox/sms", "/sandbox/webhooks/other", "/sandbox/faults"] {
        let (_, list) = fresh.get(path).await;
        assert_eq!(list, killed.get(path).await.1, "{path}");
        assert_eq!(list.as_array().unwrap().len(), 1, "{path}");
    }
    assert_eq!(fresh.post("/sandbox/sms-gateway/send", &message).await, accepted);
    assert_eq!(fresh.enter(&id, "e1", right).await["entriesLeft"], 2, "a counted entry stays counted");
    assert_eq!(fresh.enter(&id, "e2", right).await["status"], "PROCESSING");
}

#[tokio::test]
async fn processing_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut ear = Ear::open(0).await;
    let hour = std::time::Duration::from_hours(1);
    let killed = Outside::open_with(folder.path(), |config| config.settle_after = hour);
    let mut order = payment("demo/F1");
    order["callbackUrl"] = json!(ear.url);
    let id = killed.challenge(order).await["challengeId"].as_str().unwrap().to_owned();
    let right = killed.transferred("F1").await;
    killed.enter(&id, "e1", right).await;
    assert_eq!(ear.next().await.json()["status"], "PROCESSING");
    killed.background.stop().await;

    let fresh = Outside::open_with(folder.path(), |config| {
        let start = (config.clock)();
        config.clock = std::sync::Arc::new(move || start + chrono::TimeDelta::hours(2));
    });
    while ear.next().await.json()["status"] != "PASSED" {}
    fresh.background.stop().await;
}
