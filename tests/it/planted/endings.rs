//! Every way that ends well, and every other end.

use chrono::TimeDelta;
use esign_domain::{flow, seal};
use esign_sealing::Ink;
use esign_tests::{auth_system::AMOUNT, fixture::with, ledger::Kind, sealer};
use serde_json::json;

use super::Field;

/// Every way that ends well.
pub async fn successes(field: &mut Field) {
    let company = field.ledger.company("pays");
    let id = field.sign(company).await;
    for fen in [11, 23, AMOUNT] {
        let fen = field.ledger.plant_amount(fen);
        field.app.signer(id).await.amount(fen).await.unwrap();
        field.app.pass(TimeDelta::seconds(3)).await;
        field.page(id).await;
    }
    assert_eq!(field.app.state(id).await, "COMPLETED");
    field.ledger.plant(Kind::Personal, &field.app.auth.newest().credential());

    let person = field.ledger.person("shows-face");
    let id = field.sign(person).await;
    field.app.signer(id).await.start_face().await.unwrap();
    field.app.run_jobs().await;
    let word = field.app.auth.pass().word();
    field.told("msg-face", &word).await;
    assert_eq!(field.app.state(id).await, "COMPLETED");
    field.page(id).await;

    let person = field.ledger.person("refuses-face");
    let id = field.sign(person).await;
    field.app.signer(id).await.refuse_face().await.unwrap();
    field.app.run_jobs().await;
    field.app.auth.judge_later();
    field.app.signer(id).await.amount(AMOUNT).await.unwrap();
    field.app.run_jobs().await;
    let word = field.app.auth.pass().word();
    field.told("msg-paid", &word).await;
    assert_eq!(field.app.state(id).await, "COMPLETED");
}

/// Every end but the good one.
pub async fn endings(field: &mut Field) {
    for act in ["declines", "is-cancelled", "is-abandoned"] {
        let company = field.ledger.company(act);
        let reason = field.ledger.plant(Kind::Personal, &format!("{act} 因为条款七写错了"));
        let caller = field.app.demo.caller();
        match act {
            "declines" => {
                let id = field.start(company).await;
                field.app.signer(id).await.decline(&reason).await.unwrap();
                field.page(id).await;
            }
            "is-cancelled" => {
                let id = field.start(company).await;
                flow::cancel(&field.app, &caller, id, &reason).await.unwrap();
            }
            _ => {
                let id = field.sign(company).await;
                field.app.sealer.sealing.next([Some(sealer::Mishap::Fails), Some(sealer::Mishap::Spoils)]);
                let word = field.app.auth.pass().word();
                field.told("msg-abandoned", &word).await;
                seal::abandon(&field.app, &caller, id, &reason).await.unwrap();
                field.app.sealer.sealing.clear();
            }
        }
    }
    let expires = field.ledger.person("expires");
    let id = field.start(with(expires, "/expiresInSeconds", json!(60))).await;
    field.app.live_through(TimeDelta::minutes(2)).await;
    assert_eq!(field.app.state(id).await, "TIMED_OUT SESSION_EXPIRED");
    // A text that can't be laid out, and a name typed where none may be.
    let unprintable = field.ledger.person("unprintable");
    let id = field.start(unprintable).await;
    let signer = field.app.signer(id).await;
    signer.read().await.unwrap();
    let typed = field.ledger.plant(Kind::Personal, "尉迟敬德之");
    assert!(signer.sign_as(signer.submission(), Ink::TypedName(typed)).await.is_err());
    seal::blob::delete(&field.app, &format!("flows/{id}/1/document.json")).await.unwrap();
    field.app.sealer.laying_out.fail(3, sealer::Mishap::Fails);
    for _ in 0..3 {
        assert!(signer.write_name().await.is_err());
    }
    assert_eq!(field.app.state(id).await, "FAILED SIGN_FAILED");
}
