//! The pages: served from here, nothing inline, every value escaped.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use tower::ServiceExt;

use crate::api::{Outside, face, payment};

async fn text(outside: &Outside, path: &str) -> (StatusCode, String, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = outside.router.clone().oneshot(request).await.unwrap();
    let policy = response.headers().get("content-security-policy").map(|value| value.to_str().unwrap().to_owned());
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, policy.unwrap_or_default(), String::from_utf8(body.to_vec()).unwrap())
}

/// The addresses of what a page loads.
fn loaded(markup: &str) -> Vec<&str> {
    let assets = markup.split('"').filter(|text| text.starts_with("/sandbox/assets/"));
    assets.collect()
}

#[tokio::test]
async fn every_page_loads_only_what_we_serve_and_holds_nothing_inline() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let money = outside.challenge(payment("demo/F1")).await["challengeId"].as_str().unwrap().to_owned();
    let look = outside.challenge(face("demo/F2")).await["challengeId"].as_str().unwrap().to_owned();
    let paths = [
        "/sandbox".to_owned(),
        "/sandbox/".to_owned(),
        "/sandbox/auth-system".to_owned(),
        format!("/sandbox/auth-system/payments/{money}"),
        format!("/sandbox/auth-system/face/{look}"),
    ];
    for path in paths {
        let (status, policy, markup) = text(&outside, &path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert!(!markup.contains("<style") && !markup.contains(" style=") && !markup.contains(" onclick="), "{path}");
        assert!(!markup.contains("<script>") && !markup.contains("{{"), "{path}");
        assert!(!loaded(&markup).is_empty(), "{path}");
        for asset in loaded(&markup) {
            let (status, _, content) = text(&outside, asset).await;
            assert!(status == StatusCode::OK && !content.trim().is_empty(), "{asset}");
        }
    }
}

#[tokio::test]
async fn every_module_a_script_imports_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let mut waiting = vec!["sandbox.js".to_owned()];
    let mut seen = Vec::new();
    while let Some(name) = waiting.pop() {
        let (status, _, script) = text(&outside, &format!("/sandbox/assets/{name}")).await;
        assert_eq!(status, StatusCode::OK, "{name}");
        for line in script.lines().filter(|line| line.starts_with("import ")) {
            let imported = line.split("\"./").nth(1).unwrap().split('"').next().unwrap().to_owned();
            if !seen.contains(&imported) {
                seen.push(imported.clone());
                waiting.push(imported);
            }
        }
    }
    assert!(seen.len() >= 6, "{seen:?}");
    assert_eq!(text(&outside, "/sandbox/assets/..%2FCargo.toml").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_bank_shows_the_amount_and_the_face_page_its_buttons() {
    let folder = tempfile::tempdir().unwrap();
    let outside = Outside::open(folder.path());
    let mut order = payment("demo/F1");
    order["subject"]["bankAccount"]["bankName"] = "<b>银行".into();
    let money = outside.challenge(order).await["challengeId"].as_str().unwrap().to_owned();
    let fen = outside.transferred("F1").await;
    let (_, _, notice) = text(&outside, &format!("/sandbox/auth-system/payments/{money}")).await;
    assert!(notice.contains(&format!("data-amount=\"0.{fen:02}\"")), "{notice}");
    assert!(notice.contains("&lt;b&gt;银行") && !notice.contains("<b>银行"));

    let look = outside.challenge(face("demo/F2")).await["challengeId"].as_str().unwrap().to_owned();
    let (_, _, page) = text(&outside, &format!("/sandbox/auth-system/face/{look}")).await;
    for act in ["pass", "fail", "leave"] {
        assert!(page.contains(&format!("data-action=\"{act}\"")), "{act}");
    }
    let (status, ..) = text(&outside, &format!("/sandbox/auth-system/face/{money}")).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "a payment has no face");
}

#[tokio::test]
async fn the_demo_credentials_come_from_their_file_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox-credentials.json");
    let path = file.clone();
    let outside = Outside::open_with(folder.path(), |config| config.demo_credentials = Some(path));
    assert_eq!(outside.get("/sandbox/credentials").await.0, StatusCode::NOT_FOUND);
    std::fs::write(file, r#"{"client":{"code":"demo","id":"c1","secret":"s"}}"#).unwrap();
    assert_eq!(outside.get("/sandbox/credentials").await.1["client"]["code"], "demo");
}
