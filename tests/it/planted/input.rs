//! Input that is refused: upstream's, and the signer's.

use esign_domain::flow;
use esign_tests::{fixture::with, ledger::Kind};
use serde_json::json;

use super::{CANCEL, Field, START};

/// Input that is refused, each with values that are nobody else's.
pub async fn bad_input(field: &mut Field) {
    let good = field.ledger.company("refused");
    for (pointer, value) in [
        ("/flowNo", "不是流水号 99".to_owned()),
        ("/subject/mobile", "199-7777-66661".to_owned()),
        ("/subject/idDocument/number", "91350100M0007777ZZ".to_owned()),
        ("/subject/bankAccount/accountNo", "6222-7777-8888-9999".to_owned()),
        ("/subject/signatoryName", "端木赐".repeat(20)),
        ("/returnUrl", "https://elsewhere.example/?mobile=19977776666".to_owned()),
        ("/supersedes", "flow_of_somebody_19977775555".to_owned()),
    ] {
        let value = field.ledger.plant(Kind::Personal, &value);
        field.refused(START, json!({"input": with(good.clone(), pointer, json!(value))}), "INVALID_ARGUMENT").await;
    }
    let scene = field.ledger.plant(Kind::Personal, "SCENE_OF_19977774444");
    field.refused(START, json!({"input": with(good.clone(), "/scene", json!(scene))}), "SCENE_NOT_SUPPORTED").await;
    let kind = field.ledger.plant(Kind::Personal, "TYPE_OF_19977773333");
    let unknown = with(good.clone(), "/agreementType", json!(kind));
    field.refused(START, json!({"input": unknown}), "AGREEMENT_TYPE_NOT_SUPPORTED").await;
    let mark = field.ledger.plant(Kind::Personal, "变量里的司空曙");
    let variables = with(good.clone(), "/agreementVariables", json!({"x": mark}));
    field.refused(START, json!({"input": variables}), "INVALID_ARGUMENT").await;
    let id = field.start(good.clone()).await;
    let other = field.ledger.company("refused");
    field.refused(START, json!({"input": other}), "IDEMPOTENCY_CONFLICT").await;
    // A flow that can't be found, one that is another's, one that is over; and the reason is still nobody's affair.
    let reason = field.ledger.plant(Kind::Personal, "公孙策说不要了");
    field.refused(CANCEL, json!({"id": "flow_none", "reason": reason}), "NOT_FOUND").await;
    let vars = json!({"id": id.to_string(), "reason": reason});
    let answer = field.app.ask(&field.app.token(&field.app.other, None), "en", CANCEL, vars.clone()).await;
    field.ledger.search_answer("another client", &answer);
    flow::cancel(&field.app, &field.app.demo.caller(), id, "订单取消").await.unwrap();
    field.refused(CANCEL, vars, "STATE_CONFLICT").await;
    let long = field.ledger.plant(Kind::Personal, &"宇文化及".repeat(200));
    field.refused(CANCEL, json!({"id": id.to_string(), "reason": long}), "INVALID_ARGUMENT").await;
    let mobile = field.ledger.mobile(700);
    field.refused(&format!("{{ nonsense(mobile: \"{mobile}\") }}"), json!({}), "INVALID_REQUEST").await;
    field.refused("query($x: Nonsense) { x }", json!({"x": mobile}), "INVALID_REQUEST").await;
    let found =
        field.app.data("query($m: String) { signFlows(filter: {mobile: $m}) { nodes { id } } }", json!({"m": mobile}));
    assert_eq!(found.await["signFlows"]["nodes"], json!([]));
}

/// The signer's forms, with nonsense in every field.
pub async fn forms(field: &mut Field) {
    let person = field.ledger.person("forms");
    let id = field.start(person).await;
    let base = format!("/s/{}", field.app.signer(id).await.code);
    let typed = field.ledger.plant(Kind::Personal, "令狐冲之");
    let details = field.ledger.plant(Kind::Personal, "因为令爱不同意");
    let mobile = field.ledger.mobile(702);
    let submission = field.app.signer(id).await.submission().to_string();
    for (act, form) in [
        ("signature", vec![("submission", submission.as_str()), ("consent", "yes"), ("typed_name", &typed)]),
        ("signature", vec![("submission", &mobile), ("strokes", &mobile)]),
        ("reading", vec![("reading", mobile.as_str())]),
        ("amount", vec![("submission", submission.as_str()), ("amount", &mobile)]),
        ("amount", vec![("submission", submission.as_str()), ("amount", "0.73")]),
        ("face", vec![("submission", mobile.as_str()), ("consent", &typed)]),
        ("refusal", vec![("submission", submission.as_str()), ("reason", "other"), ("details", &details)]),
        ("refusal", vec![("submission", submission.as_str()), ("reason", &mobile), ("confirmed", "yes")]),
        ("nonsense", vec![("name", typed.as_str())]),
    ] {
        let answer = field.app.post_form(&format!("{base}/{act}"), &form).await;
        field.ledger.search_page(act, &answer);
    }
    field.ledger.plant_amount(73);
    // What was read, signed and declined on the pages.
    let signer = field.app.signer(id).await;
    signer.read().await.unwrap();
    let reason =
        [("submission", submission.as_str()), ("reason", "other"), ("details", &details), ("confirmed", "yes")];
    let answer = field.app.post_form(&format!("{base}/refusal"), &reason).await;
    field.ledger.search_page("refusal", &answer);
    assert_eq!(field.app.state(id).await, "FAILED SIGN_DECLINED");
    field.page(id).await;
}
