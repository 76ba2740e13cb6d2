//! The result token: our word on how a flow ended, to be checked by anybody.

use chrono::TimeDelta;
use esign_domain::{client::keyset::verify_result, flow, ids::FlowId, vault::sha256_hex};
use esign_tests::{
    TestApp,
    auth_system::AMOUNT,
    door::code,
    fixture::{corporate, individual},
};
use serde_json::{Value, json};

async fn claims(app: &TestApp, id: FlowId) -> (Value, String) {
    let query = "query($id: ID!) { signFlow(id: $id) { result { token evidenceDigest } events(first: 100) { nodes { hash } } } }";
    let flow = app.data(query, json!({"id": id.to_string()})).await["signFlow"].take();
    let token = flow["result"]["token"].as_str().unwrap().to_owned();
    let published = app.get("/.well-known/jwks.json").await;
    let claims = verify_result(&serde_json::from_slice(&published.body).unwrap(), &token).unwrap();
    assert_eq!(claims["evidence_digest"], flow["result"]["evidenceDigest"]);
    assert_eq!(flow["events"]["nodes"].as_array().unwrap().last().unwrap()["hash"], claims["evidence_digest"]);
    (claims, token)
}

#[tokio::test]
async fn a_completed_flows_token_says_what_was_signed_and_by_which_authentication() {
    let app = TestApp::new().await;
    let id = app.sign(corporate("token")).await;
    app.run_jobs().await;
    app.signer(id).await.amount(AMOUNT).await.unwrap();
    app.run_jobs().await;
    let (claims, token) = claims(&app, id).await;
    let expected = json!({
        "iss": app.settings.server.public_url, "aud": "demo", "sub": id, "iat": app.now().timestamp(),
        "flow_no": "token", "status": "COMPLETED", "scene": "COLLECTION", "agreement_type": "SETTLEMENT_MANDATE",
        "auth_type": "PAYMENT_VERIFICATION", "failure_code": null, "auth_valid_until": null,
        "auth_credential_sha256": sha256_hex(app.auth.newest().credential().as_bytes()),
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(claims[name], *value, "{name}");
    }
    assert!(claims.get("exp").is_none());
    let names: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "agreement_type",
            "aud",
            "auth_credential_sha256",
            "auth_record_id",
            "auth_type",
            "auth_valid_until",
            "evidence_digest",
            "failure_code",
            "flow_no",
            "iat",
            "iss",
            "jti",
            "scene",
            "seal_records",
            "status",
            "sub",
        ]
    );
    let seal = &claims["seal_records"][0];
    assert_eq!(seal["sealed_digest"].as_str().unwrap().len(), 64);
    assert_eq!(seal["template_version"], 1);

    let text = claims.to_string();
    let subject = &corporate("token")["subject"];
    for private in [
        &subject["mobile"],
        &subject["bankAccount"]["accountNo"],
        &subject["idDocument"]["number"],
        &subject["signatoryName"],
    ] {
        assert!(!text.contains(private.as_str().unwrap()), "{private}");
    }
    assert!(!text.contains(&app.auth.newest().credential()));

    // Each door refuses the other's kind, and an altered token is nobody's.
    assert_eq!(code(&app.graphql_as(&token, "{ viewer { kind } }", json!({})).await), Some("UNAUTHENTICATED"));
    let published = serde_json::from_slice(&app.get("/.well-known/jwks.json").await.body).unwrap();
    assert!(verify_result(&published, &app.token(&app.demo, None)).is_err());
    for (at, byte) in token.bytes().enumerate().filter(|(at, _)| at % 7 == 0) {
        let mut altered = token.clone().into_bytes();
        altered[at] = if byte == b'A' { b'B' } else { b'A' };
        assert!(verify_result(&published, &String::from_utf8(altered).unwrap()).is_err(), "byte {at}");
    }
}

#[tokio::test]
async fn every_end_has_its_token() {
    let app = TestApp::new().await;
    let cancelled = app.start(individual("cancelled")).await.id;
    flow::cancel(&app, &app.demo.caller(), cancelled, "test").await.unwrap();
    let declined = app.start(individual("declined")).await.id;
    app.run_jobs().await;
    app.signer(declined).await.decline("no").await.unwrap();
    let timed_out = app.start(individual("timed-out")).await.id;
    app.live_through(TimeDelta::hours(72)).await;
    let table = [
        (cancelled, "CANCELLED", Value::Null),
        (declined, "FAILED", json!("SIGN_DECLINED")),
        (timed_out, "TIMED_OUT", json!("SESSION_EXPIRED")),
    ];
    for (id, status, failure) in table {
        let (claims, _) = claims(&app, id).await;
        assert_eq!((&claims["status"], &claims["failure_code"]), (&json!(status), &failure));
        assert_eq!(claims["auth_credential_sha256"], Value::Null);
    }
}
