//! What comes from outside: failures that quote whom they are about, and requests of strangers.

use axum::body::Body;
use chrono::TimeDelta;
use esign_domain::{auth::port::AuthSystemFailure, sms::port::SmsFailure};
use esign_tests::{
    auth_system::{AMOUNT, Mishap},
    gateway,
    ledger::Kind,
};
use http::{Request, header};
use serde_json::{Value, json};

use super::Field;

/// What comes from outside quotes whom it is about.
pub async fn echoes(field: &mut Field) {
    let quote = |input: &Value| {
        let subject = &input["subject"];
        let of = |pointer: &str| subject.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let names = format!("{} {}", of("/name"), of("/signatoryName"));
        let numbers = format!("{} +86{}", of("/idDocument/number"), of("/mobile"));
        format!("{names} 号码 {} 停机; {numbers}, 账号 {}", of("/mobile"), of("/bankAccount/accountNo"))
    };
    for (n, kind) in ["busy", "refused", "unknown"].into_iter().enumerate() {
        let person = field.ledger.person(&format!("sms-{kind}"));
        let (code, reason) = ("isv.MOBILE_ERROR".to_owned(), quote(&person));
        field.app.gateway.script.fail(
            1,
            gateway::Mishap::Refused(match n {
                0 => SmsFailure::Retryable { code: format!("{code} {}", person["subject"]["mobile"]), reason },
                1 => SmsFailure::Final { code, reason },
                _ => SmsFailure::Unknown { reason },
            }),
        );
        field.start(person).await;
        field.app.pass(TimeDelta::minutes(2)).await;
    }
    for (n, kind) in ["busy", "refused", "unknown"].into_iter().enumerate() {
        let company = field.ledger.company(&format!("auth-{kind}"));
        let words = quote(&company);
        let failure = [AuthSystemFailure::Retryable, AuthSystemFailure::Final, AuthSystemFailure::Unknown][n](words);
        for script in [&field.app.auth.creating, &field.app.auth.asking, &field.app.auth.entering] {
            script.fail(1, Mishap::Refused(failure.clone()));
        }
        field.app.auth.evidence.fail(1, Mishap::Refused(failure));
        let id = field.sign(company).await;
        field.app.pass(TimeDelta::seconds(30)).await;
        if kind != "refused" {
            field.app.signer(id).await.amount(AMOUNT).await.unwrap();
            field.app.live_through(TimeDelta::minutes(1)).await;
        }
        for script in [&field.app.auth.creating, &field.app.auth.asking, &field.app.auth.entering] {
            script.clear();
        }
        field.app.auth.evidence.clear();
        field.page(id).await;
    }
    for retryable in [true, false] {
        let company = field.ledger.company(&format!("reason-{retryable}"));
        let reason = quote(&company);
        let id = field.sign(company).await;
        let challenge = field.app.auth.reject(retryable);
        let mut word = challenge.word();
        word["reason"] = reason.into();
        field.told(&format!("msg-reason-{retryable}"), &word).await;
        field.page(id).await;
        let id = json!({"id": id.to_string()});
        let query =
            "query($id: ID!) { signFlow(id: $id) { authRecords { rejectedReason } events { nodes { detail } } } }";
        let told = field.app.data(query, id).await.to_string();
        field.ledger.search("what is told of a rejection", told.as_bytes(), &[]);
    }
}

/// Requests of strangers: bad tokens and secrets, values in addresses, forged and broken callbacks.
pub async fn strangers(field: &mut Field) {
    let app = &field.app;
    let (token, secret) = (app.token(&app.demo, None), app.demo.secret.clone());
    for value in [&token, &secret, &app.other.secret, app.settings.auth.callback_secret.expose()] {
        field.ledger.plant(Kind::Personal, value);
    }
    let guess = field.ledger.plant(Kind::Personal, "a-secret-that-was-guessed");
    let number = field.ledger.mobile(701);
    let encoded: String = url::form_urlencoded::byte_serialize("百里奚".as_bytes()).collect();
    field.ledger.plant(Kind::Personal, "百里奚");
    let mut word = app.auth.newest().word();
    (word["status"], word["credential"]) =
        ("PASSED".into(), field.ledger.plant(Kind::Personal, "credential-forged").into());
    let callback = |body: String, signature: &str| {
        let request = Request::post("/callbacks/auth").header("webhook-id", "msg-forged");
        let request = request.header("webhook-timestamp", app.now().timestamp()).header("webhook-signature", signature);
        request.body(Body::from(body)).unwrap()
    };
    let bearer = |token: &str| {
        let request = Request::post("/graphql").header(header::AUTHORIZATION, format!("Bearer {token}"));
        request.header(header::CONTENT_TYPE, "application/json")
    };
    let form = |form: String| {
        let request = Request::post("/oauth/token").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.body(Body::from(form)).unwrap()
    };
    let of = |method: &str, path: String| Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    let requests = [
        bearer(&guess).body(Body::from(json!({"query": "{ viewer { name } }"}).to_string())).unwrap(),
        bearer(&token[1..]).body(Body::from("{}")).unwrap(),
        form(format!("grant_type=client_credentials&client_id=demo&client_secret={guess}")),
        form(format!("grant_type=password&username={number}&password={secret}")),
        of("GET", format!("/graphql?query={{viewer{{name}}}}&mobile={number}&access_token={token}")),
        of("GET", format!("/s/{number}?name={encoded}")),
        of("GET", format!("/{encoded}/{number}")),
        of("GET", format!("/d/{guess}?name={encoded}")),
        of("BREW", format!("/verify?mobile={number}")),
        callback(word.to_string(), "v1,bm90IGEgc2lnbmF0dXJl"),
        callback(format!("{{\"name\": \"百里奚\", {number}"), "v1,AAAA"),
        of("POST", format!("/callbacks/sms/sandbox/{guess}")),
    ];
    for request in requests {
        let place = format!("{} {}", request.method(), request.uri().path());
        let answer = field.app.call(request).await;
        assert!(!answer.status.is_success(), "{place}");
        field.ledger.search_answer("a stranger", &answer);
    }
    // Genuine, and yet no challenge state, or none of ours.
    let mut stray = word.clone();
    stray["idempotencyKey"] = field.ledger.plant(Kind::Opaque, "demo/stray-19977772222").into();
    for (n, body) in [json!({"mobile": number}), json!([word["credential"]]), stray].into_iter().enumerate() {
        field.app.call_back_with(&format!("msg-odd-{n}"), &body, TimeDelta::zero()).await;
    }
}
