use axum::http::StatusCode;

use super::*;
use crate::trial::Trial;

#[tokio::test]
async fn a_token_opens_its_document_until_its_end_and_no_changed_one_does() {
    let trial = Trial::begin().await;
    let id: SealRecordId = trial.app.id();
    let address = url(&trial.app, id);
    let given = address.rsplit('/').next().unwrap();
    assert!(address.starts_with("http://127.0.0.1:8080/d/"));
    assert_eq!(opened(&trial.app, given), Some(id));
    let bytes = URL_SAFE_NO_PAD.decode(given).unwrap();
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        assert_eq!(opened(&trial.app, &URL_SAFE_NO_PAD.encode(changed)), None, "byte {place}");
    }
    for bad in ["", "x", "é", &given[1..], &format!("{given}A")] {
        assert_eq!(opened(&trial.app, bad), None, "{bad}");
    }
    trial.clock.advance(TimeDelta::seconds(trial.app.settings.flow.download_seconds));
    assert_eq!(opened(&trial.app, given), None);
}

#[tokio::test]
async fn a_good_token_for_nothing_and_a_bad_one_get_the_same_answer() {
    let trial = Trial::begin().await;
    let address = url(&trial.app, trial.app.id());
    let path = address.strip_prefix("http://127.0.0.1:8080").unwrap();
    let (one, other) = (trial.get(path).await, trial.get("/d/nonsense").await);
    assert_eq!((one.0, &one.2), (StatusCode::NOT_FOUND, &other.2));
    assert_eq!(other.0, StatusCode::NOT_FOUND);
}
