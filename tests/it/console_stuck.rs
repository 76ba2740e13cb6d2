//! Stuck work at a desk: found, mended, empty.

use esign_domain::{audit, caller::Role, stuck};
use esign_tests::{
    TestApp,
    auth_system::refused,
    console::{Desk, location},
    fixture::corporate,
    gateway,
};

/// The number of the first job that was given up.
async fn given_up(app: &TestApp, flow_no: &str) -> i64 {
    app.auth.evidence.next([Some(refused())]);
    app.sign(corporate(flow_no)).await;
    app.run_jobs().await;
    app.call_back(&format!("msg-{flow_no}"), &app.auth.pass()).await;
    app.run_jobs().await;
    let items = stuck::list(app, &esign_domain::Caller::System, Some(stuck::Stuck::JobDiscarded)).await.unwrap();
    items[0].job.clone().unwrap().0
}

fn badge(page: &str) -> Option<&str> {
    let after = page.split_once("href=\"/admin/stuck\"")?.1;
    let line = after.split_once("</a>")?.0;
    line.split_once("class=\"n warn\">")?.1.split_once('<').map(|(number, _)| number)
}

async fn refused_acts(app: &TestApp) -> usize {
    let filter = audit::AuditFilter { action: Some(audit::REFUSED.into()), ..audit::AuditFilter::default() };
    audit::list(app, &esign_domain::Caller::System, filter, None, 100).await.unwrap().0.len()
}

async fn list(desk: &Desk<'_>) -> String {
    desk.page("/admin/stuck").await
}

#[tokio::test]
async fn what_is_stuck_stands_by_kind_with_what_can_be_done() {
    let app = TestApp::new().await;
    let operator = app.desk(Role::Operator).await;
    let empty = list(&operator).await;
    assert!(empty.contains("没有需要处理的事") && badge(&empty).is_none());
    app.gateway.script.next([Some(gateway::Mishap::Refused(gateway::unknown_number()))]);
    let unreached = app.start(corporate("unreached")).await.id;
    app.run_jobs().await;
    let job = given_up(&app, "stopped").await;
    let auditor = app.desk(Role::Auditor).await;
    let (mine, theirs) = (list(&operator).await, list(&auditor).await);
    for page in [&mine, &theirs] {
        assert!(page.contains("短信没有送达") && page.contains("已停止的任务") && page.contains("取认证存证"));
        assert!(page.contains("unreached") && page.contains("对方已没有这份资料"));
        assert_eq!(badge(page), Some("2"));
    }
    for way in [
        format!("/admin/flows/{unreached}/resend?back="),
        format!("/admin/stuck/jobs/{job}/run"),
        "/admin/stuck/runs".into(),
    ] {
        assert!(mine.contains(&way), "{way}");
        assert!(!theirs.contains(&way), "{way}");
    }
}

#[tokio::test]
async fn a_job_is_run_again_or_put_away_from_the_list() {
    let app = TestApp::new().await;
    let operator = app.desk(Role::Operator).await;
    let job = given_up(&app, "again").await;
    let path = format!("/admin/stuck/jobs/{job}");
    assert!(operator.page(&format!("{path}/run")).await.contains("再执行一次？"));
    let done = operator.post(&format!("{path}/run"), &[]).await;
    assert_eq!((done.status.as_u16(), location(&done)), (303, "/admin/stuck"));
    assert!(list(&operator).await.contains("没有需要处理的事"));
    assert_eq!(operator.post(&format!("{path}/run"), &[]).await.status, 303, "the second time nothing is done");
    assert_eq!(app.run_jobs().await, 1);
    let other = given_up(&app, "away").await;
    let away = format!("/admin/stuck/jobs/{other}/dismissal");
    let bare = operator.post(&away, &[("reason", "")]).await;
    assert!(bare.status == 422 && bare.text().contains("aria-invalid"));
    assert_eq!(operator.post(&away, &[("reason", "已线下取得")]).await.status, 303);
    assert!(list(&operator).await.contains("没有需要处理的事"));
    given_up(&app, "all").await;
    assert_eq!(operator.post("/admin/stuck/runs", &[]).await.status, 303);
    app.run_jobs().await;
    assert!(list(&operator).await.contains("没有需要处理的事"));
    for none in ["x", "999999"] {
        assert_eq!(operator.post(&format!("/admin/stuck/jobs/{none}/run"), &[]).await.status, 404, "{none}");
    }
}

#[tokio::test]
async fn who_only_reads_mends_nothing_and_is_written_down() {
    let app = TestApp::new().await;
    let auditor = app.desk(Role::Auditor).await;
    let job = given_up(&app, "forced").await;
    for path in [
        "/admin/stuck/runs".to_owned(),
        format!("/admin/stuck/jobs/{job}/run"),
        format!("/admin/stuck/jobs/{job}/dismissal"),
    ] {
        assert_eq!(auditor.get(&path).await.status, 403, "{path}");
        assert_eq!(auditor.post(&path, &[("reason", "强行")]).await.status, 403, "{path}");
    }
    assert_eq!(refused_acts(&app).await, 6);
    assert!(list(&auditor).await.contains("取认证存证"), "it is still there");
}
