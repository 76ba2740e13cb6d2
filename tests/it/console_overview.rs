//! The overview at a desk: the same numbers in charts, tables and links, for each role.

use chrono::TimeDelta;
use esign_domain::{caller::Role, flow::stats::day_of};
use esign_tests::{
    TestApp,
    fixture::{corporate, individual},
};

/// Yesterday's flow, and today's: one completed, one that waits, one that nobody could be told of.
async fn a_day(app: &TestApp) {
    app.start(corporate("yesterday")).await;
    app.run_jobs().await;
    app.clock.advance_to(day_of(app.now()) + TimeDelta::days(1));
    let done = app.start(corporate("done")).await.id;
    app.run_jobs().await;
    app.signer(done).await.sign().await.unwrap();
    app.run_jobs().await;
    app.signer(done).await.amount(37).await.unwrap();
    app.start(corporate("waits")).await;
    app.run_jobs().await;
    app.gateway.fail(100);
    app.start(individual("unreached")).await;
    app.live_through(TimeDelta::minutes(40)).await;
}

#[tokio::test]
async fn every_role_sees_how_the_day_goes() {
    let app = TestApp::new().await;
    a_day(&app).await;
    for role in [Role::Admin, Role::Operator, Role::Auditor] {
        let page = app.desk(role).await.page("/admin").await;
        assert!(page.contains("今日发起</h2><p class=\"fig\">3</p>"), "{page}");
        assert!(page.contains("<p class=\"fig\">33.3<small class=\"pc\">%</small></p>"));
        assert!(page.contains("66.7<small class=\"pc\">%</small>"));
        assert!(page.contains("短信没有送达") && page.contains("/admin/stuck#undelivered"));
        assert!(page.contains("归集 2") && page.contains("批量付款 1") && page.contains("会员结算 0"));
        assert!(page.contains(
            "<tr data-at=\"1800028800\"><th scope=\"row\">00:00</th><td class=\"r\">2</td><td class=\"r\">1</td>"
        ));
        assert!(page.contains("data-live=\"/admin/live\"") && !page.contains(" style="));
        assert!(!page.contains("李晓明"));
    }
}

#[tokio::test]
async fn it_looks_as_far_back_as_it_is_told_and_at_one_client_alone() {
    let app = TestApp::new().await;
    let quiet = app.desk(Role::Admin).await.page("/admin").await;
    assert!(quiet.contains("还没有完成的流程") && quiet.contains("现在没有需要处理的"));
    a_day(&app).await;
    let desk = app.desk(Role::Auditor).await;
    let week = desk.page("/admin?span=week").await;
    assert!(week.contains("7 天发起</h2><p class=\"fig\">4</p>") && !week.contains("data-live=\"/admin/live\""));
    let other = desk.page(&format!("/admin?span=month&client={}", app.other.client.id)).await;
    assert!(other.contains("30 天发起</h2><p class=\"fig\">0</p>") && other.contains(" selected>other"));
    let part = desk.part("/admin").await.text();
    assert!(part.contains("id=\"overview-funnel\"") && !part.contains("<html"));
}
