//! One flow's page at a desk: what is shown, what is offered to whom, and what comes of it.

use chrono::TimeDelta;
use esign_domain::{Caller, audit, caller::Role, flow, ids::FlowId};
use esign_tests::{
    TestApp,
    console::{Desk, location},
    fixture::{corporate, with},
    sealer::Mishap,
};
use serde_json::json;

async fn acts(app: &TestApp, action: &str) -> Vec<String> {
    let filter = audit::AuditFilter { action: Some(action.into()), ..audit::AuditFilter::default() };
    let (entries, _) = audit::list(app, &Caller::System, filter, None, 100).await.unwrap();
    entries.into_iter().map(|entry| format!("{} {}", entry.actor, entry.target)).collect()
}

/// A flow whose seal fails.
async fn unsealed(app: &TestApp, flow_no: &str) -> FlowId {
    app.sealer.sealing.always(Some(Mishap::Fails));
    let id = app.sign(corporate(flow_no)).await;
    app.run_jobs().await;
    app.call_back(&format!("msg-{flow_no}"), &app.auth.pass()).await;
    app.run_jobs().await;
    assert_eq!(app.state(id).await, "SEALING");
    id
}

async fn offers(desk: &Desk<'_>, id: FlowId, noun: &str) -> bool {
    desk.page(&format!("/admin/flows/{id}")).await.contains(&format!("href=\"/admin/flows/{id}/{noun}"))
}

#[tokio::test]
async fn the_page_tells_what_there_is_and_hides_what_is_personal() {
    let app = TestApp::new().await;
    let input = with(corporate("shown"), "/metadata", json!({"note": "<script>alert(1)</script>"}));
    let id = app.start(input.clone()).await.id;
    app.run_jobs().await;
    app.signer(id).await.open().await.unwrap();
    let desks = [app.desk(Role::Admin).await, app.desk(Role::Operator).await, app.desk(Role::Auditor).await];
    for desk in &desks {
        let page = desk.page(&format!("/admin/flows/{id}?all=1")).await;
        for word in
            ["shown", "待签署", "等待签署", "发起", "短信已受理", "打开链接", "链完整", "福州云帆商贸有限公司", "张*远"]
        {
            assert!(page.contains(word), "{word}");
        }
        for path in ["/subject/mobile", "/subject/idDocument/number", "/subject/bankAccount/accountNo"] {
            assert!(!page.contains(input.pointer(path).unwrap().as_str().unwrap()), "{path}");
        }
        assert!(!page.contains("张思远") && !page.contains("<script>alert"));
        assert!(page.contains("&lt;script&gt;alert(1)"), "upstream's own is text");
    }
    for none in ["flow_00000000-0000-0000-0000-000000000000", "nothing"] {
        assert_eq!(desks[0].get(&format!("/admin/flows/{none}")).await.status, 404, "{none}");
    }
}

#[tokio::test]
async fn each_role_is_offered_what_it_may_and_forced_acts_are_refused_and_written_down() {
    let app = TestApp::new().await;
    let id = app.start(corporate("roles")).await.id;
    app.run_jobs().await;
    let (admin, operator, auditor) =
        (app.desk(Role::Admin).await, app.desk(Role::Operator).await, app.desk(Role::Auditor).await);
    for (desk, write, reveal) in [(&admin, true, true), (&operator, true, false), (&auditor, false, false)] {
        for noun in ["link", "cancellation"] {
            assert_eq!(offers(desk, id, noun).await, write, "{} {noun}", desk.name);
        }
        assert_eq!(offers(desk, id, "reveal?field=mobile").await, reveal, "{}", desk.name);
        assert_eq!(offers(desk, id, "documents/1").await, reveal, "{}", desk.name);
    }
    for noun in ["resend", "link", "cancellation", "poll", "seal-retry", "abandonment", "reveal"] {
        let path = format!("/admin/flows/{id}/{noun}");
        assert_eq!(auditor.post(&path, &[("reason", "强行"), ("field", "mobile")]).await.status, 403, "{noun}");
        assert!(acts(&app, audit::REFUSED).await.contains(&format!("staff:auditor POST {path}")), "{noun}");
    }
    for path in ["documents/1", "documents/1.pdf", "documents/1/pages/1.svg", "reveal?field=mobile"] {
        assert_eq!(operator.get(&format!("/admin/flows/{id}/{path}")).await.status, 403, "{path}");
    }
    assert_eq!(app.state(id).await, "PENDING_SIGN");
    assert!(acts(&app, "revealPersonal").await.is_empty() && acts(&app, "copyLink").await.is_empty());
}

#[tokio::test]
async fn an_act_is_asked_about_first_and_says_what_came_of_it() {
    let app = TestApp::new().await;
    let id = app.start(corporate("asked-first")).await.id;
    app.run_jobs().await;
    let operator = app.desk(Role::Operator).await;
    let (flow, cancellation) = (format!("/admin/flows/{id}"), format!("/admin/flows/{id}/cancellation"));
    let question = operator.page(&cancellation).await;
    assert!(question.contains("撤销流程") && question.contains("不能恢复") && question.contains("name=\"reason\""));
    assert_eq!(app.state(id).await, "PENDING_SIGN", "a question changes nothing");
    let bare = operator.post(&cancellation, &[("reason", " ")]).await;
    assert!(bare.status == 422 && bare.text().contains("aria-invalid"), "{}", bare.text());
    let too_soon = operator.post(&format!("{flow}/resend"), &[]).await;
    assert!(too_soon.status == 429 && too_soon.text().contains("秒后再发"), "{}", too_soon.text());
    app.advance(TimeDelta::minutes(2));
    let sent = operator.post(&format!("{flow}/resend"), &[]).await;
    assert_eq!((sent.status.as_u16(), location(&sent)), (303, flow.as_str()));
    let link = operator.post(&format!("{flow}/link"), &[]).await;
    assert!(link.status == 200 && link.text().contains(&app.signer(id).await.code));
    let form = [("reason", "对方改主意了"), ("back", "//evil.example")];
    let done = operator.post(&cancellation, &form).await;
    assert_eq!((done.status.as_u16(), location(&done)), (303, "/admin"));
    assert_eq!(app.state(id).await, "CANCELLED");
    let late = operator.post(&cancellation, &[("reason", "再撤一次")]).await;
    assert_eq!(late.status, 409);
    assert!(late.text().contains("流程已变为「已撤销」，不能撤销流程") && late.text().contains("刷新看最新状态"));
    app.run_jobs().await;
    let page = operator.page(&format!("{flow}?all=1")).await;
    for word in ["对方改主意了", "由 operator", "复制了链接", "要求重发短信"] {
        assert!(page.contains(word), "{word}");
    }
    for action in ["resendSms", "copyLink", "cancelSignFlow"] {
        assert_eq!(acts(&app, action).await, [format!("staff:operator {id}")], "{action}");
    }
}

#[tokio::test]
async fn a_seal_that_fails_is_tried_again_or_given_up_from_the_page() {
    let app = TestApp::new().await;
    let (again, given_up) = (unsealed(&app, "page-again").await, unsealed(&app, "page-given-up").await);
    let operator = app.desk(Role::Operator).await;
    let page = operator.page(&format!("/admin/flows/{again}")).await;
    assert!(page.contains("盖章还没有成功") && page.contains("盖章失败") && page.contains("再试"));
    app.sealer.sealing.always(None);
    assert_eq!(operator.post(&format!("/admin/flows/{again}/seal-retry"), &[]).await.status, 303);
    let form = [("reason", "证书吊销"), ("back", "/admin/stuck")];
    let answer = operator.post(&format!("/admin/flows/{given_up}/abandonment"), &form).await;
    assert_eq!((answer.status.as_u16(), location(&answer)), (303, "/admin/stuck"));
    assert!(!operator.page("/admin/stuck").await.contains("page-given-up"), "what has ended is stuck no longer");
    app.run_jobs().await;
    assert_eq!(
        (app.state(again).await.as_str(), app.state(given_up).await.as_str()),
        ("COMPLETED", "FAILED SIGN_FAILED")
    );
    let page = operator.page(&format!("/admin/flows/{again}")).await;
    assert!(page.contains("已盖章") && page.contains("&quot;status&quot;: &quot;COMPLETED&quot;"));
}

#[tokio::test]
async fn a_hidden_value_is_shown_once_for_a_reason_after_the_password_again() {
    let app = TestApp::new().await;
    let id = app.start(corporate("reveals")).await.id;
    app.run_jobs().await;
    let admin = app.desk(Role::Admin).await;
    let path = format!("/admin/flows/{id}/reveal");
    let clear = corporate("reveals")["subject"]["mobile"].as_str().unwrap().to_owned();
    app.advance(TimeDelta::minutes(20));
    let stale = admin.post(&path, &[("field", "mobile"), ("reason", "核对")]).await;
    assert!(stale.status == 303 && location(&stale).starts_with("/admin/proof?back="), "{}", location(&stale));
    assert!(acts(&app, "revealPersonal").await.is_empty());
    assert_eq!(admin.post("/admin/proof", &[("password", esign_tests::console::PASSWORD)]).await.status, 303);
    let bare = admin.post(&path, &[("field", "mobile"), ("reason", "")]).await;
    assert!(bare.status == 422 && !bare.text().contains(&clear));
    let shown = admin.post(&path, &[("field", "mobile"), ("reason", "来电核对号码")]).await;
    assert!(shown.status == 200 && shown.text().contains(&clear));
    assert_eq!(admin.post(&path, &[("field", "everything"), ("reason", "想看")]).await.status, 404);
    assert_eq!(acts(&app, "revealPersonal").await, [format!("staff:admin {id}")]);
    let page = admin.page(&format!("/admin/flows/{id}?all=1")).await;
    assert!(page.contains("来电核对号码") && !page.contains(&clear));
}

#[tokio::test]
async fn documents_are_looked_at_and_taken_away_by_whoever_may() {
    let app = TestApp::new().await;
    let id = app.sign(corporate("papers")).await;
    app.run_jobs().await;
    let admin = app.desk(Role::Admin).await;
    let page = admin.page(&format!("/admin/flows/{id}/documents/1")).await;
    assert!(page.contains("/documents/1/pages/1.svg"));
    let leaf = admin.get(&format!("/admin/flows/{id}/documents/1/pages/1.svg")).await;
    assert_eq!((leaf.status.as_u16(), leaf.headers["content-type"].to_str().unwrap()), (200, "image/svg+xml"));
    let file = admin.get(&format!("/admin/flows/{id}/documents/1.pdf")).await;
    assert_eq!((file.status.as_u16(), file.headers["content-type"].to_str().unwrap()), (200, "application/pdf"));
    assert_eq!(acts(&app, "readDocument").await.len(), 2);
    for none in ["documents/9", "documents/x", "documents/1/pages/99.svg", "documents/1/pages/x.svg"] {
        assert_eq!(admin.get(&format!("/admin/flows/{id}/{none}")).await.status, 404, "{none}");
    }
    flow::cancel(&app, &app.demo.caller(), id, "完").await.unwrap();
    app.run_jobs().await;
}

#[tokio::test]
async fn what_stands_still_until_staff_act_says_so() {
    let app = TestApp::new().await;
    app.gateway.fail(100);
    let id = app.start(corporate("unreached")).await.id;
    app.live_through(TimeDelta::minutes(40)).await;
    let page = app.desk(Role::Operator).await.page(&format!("/admin/flows/{id}")).await;
    assert!(page.contains("需要人工处理") && !page.contains("没有人需要操作"), "{page}");
}
