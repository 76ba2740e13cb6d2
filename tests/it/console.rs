//! The console's door: who gets in, who is sent away, what is written down.

use axum::{
    body::Body,
    http::{Request, header},
};
use chrono::TimeDelta;
use esign_domain::{Caller, audit, caller::Role};
use esign_tests::{
    TestApp,
    console::{PASSWORD, location},
};

async fn refused(app: &TestApp) -> Vec<(String, String)> {
    let filter = audit::AuditFilter { action: Some(audit::REFUSED.into()), ..audit::AuditFilter::default() };
    let (entries, _) = audit::list(app, &Caller::System, filter, None, 100).await.expect("the log can be read");
    entries.into_iter().map(|entry| (entry.actor, entry.target)).collect()
}

#[tokio::test]
async fn who_is_not_in_is_sent_to_the_sign_in_page_and_back_again() {
    let app = TestApp::new().await;
    let answer = app.get("/admin/clients?a=1").await;
    assert_eq!((answer.status.as_u16(), location(&answer)), (303, "/admin/sign-in?back=%2Fadmin%2Fclients%3Fa%3D1"));
    let answer = app.post_form("/admin/clients", &[("code", "x")]).await;
    assert_eq!((answer.status.as_u16(), location(&answer)), (303, "/admin/sign-in"));
}

#[tokio::test]
async fn no_way_back_leads_to_another_host() {
    let app = TestApp::new().await;
    for back in
        ["//evil.example", "https://evil.example", "/admin//evil.example", "/s/x", "/admin\\x", "/administrator"]
    {
        let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("back", back).finish();
        let page = app.get(&format!("/admin/sign-in?{query}")).await.text();
        assert!(page.contains(r#"name="back" value="/admin">"#), "{back}");
    }
}

#[tokio::test]
async fn a_form_without_the_mark_of_its_session_changes_nothing() {
    let app = TestApp::new().await;
    let admin = app.desk(Role::Admin).await;
    let answer = admin.post_unmarked("/admin/clients", &[("code", "planted"), ("name", "植入")]).await;
    assert_eq!(answer.status, 403);
    assert!(!admin.page("/admin/clients").await.contains("planted"));
    assert_eq!(admin.post_unmarked("/admin/sign-out", &[]).await.status, 403);
    assert_eq!(admin.get("/admin/clients").await.status, 200, "still in");
}

#[tokio::test]
async fn what_a_role_may_not_do_is_not_offered_and_forced_it_is_refused_and_written_down() {
    let app = TestApp::new().await;
    let (admin, auditor) = (app.desk(Role::Admin).await, app.desk(Role::Auditor).await);
    assert!(admin.page("/admin/clients").await.contains("/admin/clients/new"));
    assert!(!auditor.page("/admin/clients").await.contains("/admin/clients/new"));
    assert_eq!(auditor.get("/admin/clients/new").await.status, 403);
    let form = [("code", "forced"), ("name", "强行")];
    assert_eq!(auditor.post("/admin/clients", &form).await.status, 403);
    let told: Vec<_> = ["POST /admin/clients", "GET /admin/clients/new"]
        .map(|act| ("staff:auditor".to_owned(), act.to_owned()))
        .into();
    assert_eq!(refused(&app).await, told);
    assert!(!admin.page("/admin/clients").await.contains("forced"));
}

#[tokio::test]
async fn a_part_is_a_page_without_what_stands_around_it() {
    let app = TestApp::new().await;
    let admin = app.desk(Role::Admin).await;
    let part = admin.part("/admin/clients").await.text();
    assert!(part.contains("<h1>") && !part.contains("<html") && !part.contains("<nav class=\"side\""));
}

#[tokio::test]
async fn whoever_signs_out_is_out() {
    let app = TestApp::new().await;
    let admin = app.desk(Role::Admin).await;
    let answer = admin.post("/admin/sign-out", &[]).await;
    assert_eq!((answer.status.as_u16(), location(&answer)), (303, "/admin/sign-in?note=out"));
    assert_eq!(admin.get("/admin/clients").await.status, 303);
}

#[tokio::test]
async fn every_answer_keeps_to_itself() {
    let app = TestApp::new().await;
    let admin = app.desk(Role::Admin).await;
    for answer in [app.get("/admin").await, app.get("/admin/sign-in").await, admin.get("/admin/clients").await] {
        let header = |name: &str| answer.headers[name].to_str().unwrap_or_default().to_owned();
        let policy = header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!((header("cache-control").as_str(), header("referrer-policy").as_str()), ("no-store", "no-referrer"));
    }
}

#[tokio::test]
async fn an_address_that_is_wrong_too_often_is_told_to_wait_whatever_the_name() {
    let app = TestApp::with(|settings| settings.limits.sign_in_misses_per_minute = 3).await;
    let _admin = app.desk(Role::Admin).await;
    let (here, there) = ([198, 51, 100, 7], [198, 51, 100, 8]);
    let try_as = async |from: [u8; 4], name: &str, password: &str| {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("name", name), ("password", password)])
            .finish();
        let request = Request::post("/admin/sign-in").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        app.call_from((from, 40_000).into(), request.body(Body::from(form)).unwrap()).await
    };
    for _ in 0..4 {
        assert_eq!(try_as(here, "admin", PASSWORD).await.status, 303, "who is right is no guesser");
    }
    for name in ["a", "b", "c"] {
        assert_eq!(try_as(here, name, "guess").await.status, 422, "{name}");
    }
    let refused = try_as(here, "d", "guess").await;
    assert_eq!(refused.status, 429);
    assert!(refused.text().contains("60 秒"), "{}", refused.text());
    assert_eq!(try_as(there, "d", "guess").await.status, 422, "another address has its own count");
    app.advance(TimeDelta::minutes(1));
    assert_eq!(try_as(here, "admin", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn what_only_takes_forms_leads_up() {
    let app = TestApp::new().await;
    let desk = app.desk(Role::Operator).await;
    for (path, above) in [
        ("/admin/flows/search?lang=en", "/admin/flows?lang=en"),
        ("/admin/rules/preview", "/admin/rules"),
        ("/admin/agreements/SETTLEMENT_MANDATE/text/preview", "/admin/agreements/SETTLEMENT_MANDATE/text"),
        ("/admin/sign-out", "/admin"),
    ] {
        let answer = desk.get(path).await;
        assert_eq!((answer.status.as_u16(), location(&answer)), (303, above), "{path}");
    }
    assert_eq!(desk.post("/admin/audit", &[]).await.status, 405);
}
