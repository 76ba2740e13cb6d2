//! The list of flows at a desk: found, narrowed, ordered, walked and taken away, by each role.

use chrono::TimeDelta;
use esign_domain::caller::Role;
use esign_tests::{
    TestApp,
    console::location,
    fixture::{corporate, individual, with},
};
use serde_json::json;

const ROLES: [Role; 3] = [Role::Admin, Role::Operator, Role::Auditor];

/// The numbers of a page's rows, in order.
fn shown(page: &str) -> Vec<&str> {
    let rows = page.split("<tr data-id=").skip(1);
    rows.filter_map(|row| row.split_once("hx-boost=\"false\">")?.1.split_once('<').map(|(number, _)| number)).collect()
}

/// The address behind a link of the pager.
fn pager(page: &str, rel: &str) -> Option<String> {
    let link = page.split_once(&format!("rel=\"{rel}\" href=\""))?.1;
    Some(link.split_once('"')?.0.replace("&amp;", "&"))
}

/// Three flows: one that waits for its signer, one that was declined, one that nobody could be told of.
async fn three(app: &TestApp) {
    app.start(corporate("GJ-waiting")).await;
    app.advance(TimeDelta::seconds(1));
    let declined = app.start(with(corporate("GJ-declined"), "/scene", json!("MEMBER_SETTLEMENT"))).await.id;
    app.run_jobs().await;
    app.signer(declined).await.decline("条款不同意").await.unwrap();
    app.advance(TimeDelta::seconds(1));
    app.gateway.fail(100);
    app.start(individual("PF-unreached")).await;
    app.live_through(TimeDelta::minutes(40)).await;
}

#[tokio::test]
async fn every_role_sees_flows_with_their_people_masked() {
    let app = TestApp::new().await;
    let none = app.desk(Role::Admin).await.page("/admin/flows").await;
    assert!(none.contains("还没有签约流程"));
    three(&app).await;
    for role in [Role::Operator, Role::Auditor] {
        let desk = app.desk(role).await;
        let page = desk.page("/admin/flows").await;
        assert_eq!(shown(&page), ["PF-unreached", "GJ-declined", "GJ-waiting"]);
        assert!(page.contains("李*明") && !page.contains("李晓明"));
        assert!(page.contains("福州云帆商贸有限公司") && page.contains("短信未送达") && page.contains("签署人已拒签"));
        assert!(page.contains("第 1–3 条，共 3 条"));
        let part = desk.part("/admin/flows?view=attention").await.text();
        assert_eq!(shown(&part), ["PF-unreached"]);
        assert!(!part.contains("<html"));
    }
}

#[tokio::test]
async fn the_address_says_which_flows_and_in_which_order() {
    let app = TestApp::new().await;
    three(&app).await;
    let desk = app.desk(Role::Auditor).await;
    let client = app.demo.client.id;
    for (query, expected) in [
        ("sort=started-first", vec!["GJ-waiting", "GJ-declined", "PF-unreached"]),
        ("sort=changed", vec!["PF-unreached", "GJ-declined", "GJ-waiting"]),
        ("view=open", vec!["PF-unreached", "GJ-waiting"]),
        ("view=unfinished", vec!["GJ-declined"]),
        ("status=CREATED&status=PENDING_SIGN", vec!["PF-unreached", "GJ-waiting"]),
        ("scene=MEMBER_SETTLEMENT", vec!["GJ-declined"]),
        ("auth=FACE_VERIFICATION", vec!["PF-unreached"]),
        ("agreement=SETTLEMENT_MANDATE&view=open", vec!["GJ-waiting"]),
        ("failure=SIGN_DECLINED", vec!["GJ-declined"]),
        ("from=2027-01-15&to=2027-01-15", vec!["PF-unreached", "GJ-declined", "GJ-waiting"]),
        ("from=2027-01-16", vec![]),
        ("view=nonsense&from=yesterday&client=x", vec!["PF-unreached", "GJ-declined", "GJ-waiting"]),
        (&format!("client={client}&number=GJ-"), vec!["GJ-declined", "GJ-waiting"]),
    ] {
        let page = desk.page(&format!("/admin/flows?{query}")).await;
        assert_eq!(shown(&page), expected, "{query}");
    }
    let page = desk.page("/admin/flows?scene=BATCH_PAYMENT&sort=started-first").await;
    assert!(page.contains("aria-sort=\"ascending\"") && page.contains("场景：批量付款"), "{page}");
    assert!(desk.page("/admin/flows?from=2028-01-01").await.contains("没有符合条件的流程"));
}

#[tokio::test]
async fn each_view_says_how_many_every_view_holds_and_an_empty_one_leads_to_all() {
    let app = TestApp::new().await;
    three(&app).await;
    let desk = app.desk(Role::Auditor).await;
    for view in ["", "?view=open", "?view=completed"] {
        let page = desk.page(&format!("/admin/flows{view}")).await;
        for told in ["全部<b>3</b>", "在途<b>2</b>", "需处理<b>1</b>", "已完成<b>0</b>", "未成<b>1</b>"] {
            assert!(page.contains(told), "{view}: {told}");
        }
    }
    let empty = desk.page("/admin/flows?view=completed").await;
    assert!(empty.contains("没有符合条件的流程") && empty.contains("href=\"/admin/flows\">清除筛选"), "{empty}");
}

#[tokio::test]
async fn what_is_personal_is_posted_and_stands_in_no_address() {
    let app = TestApp::new().await;
    three(&app).await;
    let mobile = individual("PF-unreached")["subject"]["mobile"].as_str().unwrap().to_owned();
    for role in ROLES {
        let desk = app.desk(role).await;
        for (typed, found) in [
            (mobile.as_str(), vec!["PF-unreached"]),
            ("李晓明", vec!["PF-unreached"]),
            ("11010519491231002X", vec!["PF-unreached"]),
            ("福州云帆商贸有限公司", vec!["GJ-declined", "GJ-waiting"]),
            ("GJ-w", vec!["GJ-waiting"]),
            ("13000000000", vec![]),
        ] {
            let answer = desk.post("/admin/flows/search", &[("search", typed), ("state", "?sort=changed")]).await;
            let to = location(&answer).to_owned();
            assert_eq!(answer.status, 303, "{typed}");
            assert!(to.starts_with("/admin/flows?sort=changed&") && (typed == "GJ-w" || !to.contains(typed)), "{to}");
            let page = desk.page(&to).await;
            assert_eq!(shown(&page), found, "{typed}");
            assert!(typed == "GJ-w" || !page.contains(&format!("value=\"{typed}\"")), "{typed}");
        }
        let nothing = desk.post("/admin/flows/search", &[("search", " "), ("state", "?number=GJ-w&view=open")]).await;
        assert_eq!(location(&nothing), "/admin/flows?view=open");
        let short = desk.post("/admin/flows/search", &[("search", "GJ"), ("state", "")]).await;
        assert_eq!(short.status, 422);
        assert!(short.text().contains("编号至少输入 3 个字符") && short.text().contains("value=\"GJ\""));
        assert_eq!(desk.post_unmarked("/admin/flows/search", &[("search", "GJ-w")]).await.status, 403);
    }
}

#[tokio::test]
async fn pages_lead_to_the_end_and_back() {
    let app = TestApp::new().await;
    for n in 0..45 {
        app.start(corporate(&format!("f-{n:02}"))).await;
        app.advance(TimeDelta::seconds(1));
    }
    app.run_jobs().await;
    let desk = app.desk(Role::Operator).await;
    let mut page = desk.page("/admin/flows?sort=started-first").await;
    let mut seen: Vec<String> = shown(&page).into_iter().map(ToOwned::to_owned).collect();
    while let Some(next) = pager(&page, "next") {
        page = desk.page(&next).await;
        seen.extend(shown(&page).into_iter().map(ToOwned::to_owned));
    }
    assert_eq!(seen, (0..45).map(|n| format!("f-{n:02}")).collect::<Vec<_>>());
    assert!(page.contains("第 41–45 条，共 45 条"));
    let back = desk.page(&pager(&page, "prev").unwrap()).await;
    assert_eq!((shown(&back)[0], shown(&back).len()), ("f-20", 20));
    assert!(back.contains("第 21–40 条"));
    let first = desk.page(&pager(&back, "prev").unwrap()).await;
    assert_eq!(shown(&first)[0], "f-00");
    assert!(first.contains("第 1–20 条") && pager(&first, "prev").is_none());
}

#[tokio::test]
async fn the_list_can_be_taken_away_as_it_stands() {
    let app = TestApp::new().await;
    three(&app).await;
    for role in ROLES {
        let desk = app.desk(role).await;
        assert!(desk.page("/admin/flows?view=open").await.contains("/admin/flows/export.csv?view=open"));
        let answer = desk.get("/admin/flows/export.csv?view=open").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
        assert!(answer.headers["content-disposition"].to_str().unwrap().starts_with("attachment; filename=\"flows-"));
        let text = answer.text();
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.contains("GJ-waiting") && !text.contains("GJ-declined") && !text.contains("李晓明"));
    }
    assert_eq!(app.get("/admin/flows/export.csv").await.status, 303);
}
