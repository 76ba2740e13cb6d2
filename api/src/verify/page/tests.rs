use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use esign_domain::{
    client::keyset::Keyset,
    clock::{Random, SystemClock},
};
use esign_sealing::{PdfReport, SignatureReport, TrustAnchors};
use serde_json::json;
use tower::ServiceExt;

use super::*;

async fn ask(request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let keyset = Keyset::generate(&Random::seeded(1), SystemClock.now());
    let keys = Box::new(move || keyset.jwks());
    let desk = Desk::new(TrustAnchors::empty(), keys, b"PEM".to_vec(), Arc::new(SystemClock));
    let response = router(Arc::new(desk)).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

fn post(accept: &str, field: &str, value: &[u8]) -> Request<Body> {
    let mut body =
        format!("--B\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"x\"\r\n\r\n").into_bytes();
    body.extend_from_slice(value);
    body.extend_from_slice(b"\r\n--B--\r\n");
    let request = Request::post("/verify?lang=en").header("accept", accept);
    request.header("content-type", "multipart/form-data; boundary=B").body(Body::from(body)).unwrap()
}

#[tokio::test]
async fn the_page_speaks_both_languages_and_loads_nothing_from_elsewhere() {
    for (language, words) in [("zh-CN", "核验签章文件"), ("en-US", "Verify a sealed document")] {
        let request = Request::get("/verify").header("accept-language", language).body(Body::empty()).unwrap();
        let (status, headers, html) = ask(request).await;
        assert_eq!(status, StatusCode::OK);
        assert!(html.contains(words));
        assert!(
            !html.contains("http://")
                && !html.contains("https://")
                && !html.contains("style=")
                && !html.contains(" onclick")
        );
        assert!(!headers["content-security-policy"].to_str().unwrap().contains("unsafe"));
    }
    assert_eq!(ask(Request::get("/verify/root.pem").body(Body::empty()).unwrap()).await.2, "PEM");
    let (_, _, html) = ask(Request::get("/verify?lang=en").body(Body::empty()).unwrap()).await;
    assert!(html.contains("lang=\"en\""));
}

#[tokio::test]
async fn a_token_is_judged_for_people_and_for_programs() {
    let keyset = Keyset::generate(&Random::seeded(1), SystemClock.now());
    let claims = json!({"flow_no": "F-<b>1", "status": "COMPLETED", "iat": 1_800_000_000,
        "seal_records": [{"document_name": "代付授权协议", "sealed_digest": "ab"}]});
    let token = keyset.sign_result(&claims);
    let (_, _, html) = ask(post("text/html,*/*", "token", token.as_bytes())).await;
    assert!(
        html.contains("data-verdict=\"INTACT\"") && html.contains("F-&lt;b&gt;1") && html.contains("代付授权协议"),
        "{html}"
    );
    let (_, _, answer) = ask(post("*/*", "token", token.as_bytes())).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((&answer["verdict"], &answer["claims"]), (&json!("INTACT"), &claims));
}

#[tokio::test]
async fn what_can_t_be_judged_is_said_so() {
    let (status, _, html) = ask(post("text/html", "file", b"")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(html.contains("No file and no token"));
    assert_eq!(ask(post("text/html", "other", b"x")).await.0, StatusCode::BAD_REQUEST);
    let (status, _, html) = ask(post("text/html", "file", &vec![b'x'; FILE_BYTES + FORM_BYTES])).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(html.contains("larger than 20 MB"));
    let (status, _, html) = ask(post("text/html", "file", b"hello")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("data-verdict=\"UNREADABLE\""));
}

#[test]
fn every_verdict_is_drawn_in_both_languages() {
    let document = PdfReport {
        intact: true,
        trusted: false,
        signatures: vec![SignatureReport {
            signer: "电子签章平台".into(),
            issuer: "Root".into(),
            serial_number: "01".into(),
            claimed_at: Some(SystemClock.now()),
            reason: None,
            level: "PAdES-B-B".into(),
            covers_file: true,
            valid: true,
            trusted: false,
        }],
        content_digest: "c".into(),
        file_digest: "f".into(),
        problems: vec!["the root is not trusted".into()],
    };
    for verdict in [Verdict::Intact, Verdict::SignerUnknown, Verdict::Altered, Verdict::Unreadable] {
        for lang in [Lang::Zh, Lang::En] {
            let problems = document.problems.clone();
            let judgement = Judgement { verdict, document: Some(document.clone()), claims: None, problems };
            assert_eq!(page(lang, StatusCode::OK, Some(&judgement), None).status(), StatusCode::OK);
        }
    }
}
