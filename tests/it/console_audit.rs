//! The audit log at the console: found, read field by field, taken along as a table.

use esign_domain::{
    Caller,
    audit::{self, AuditFilter},
    caller::Role,
    staff::register::{self, NewStaff},
};
use esign_tests::{TestApp, console::Desk};

/// The first entry of an action: the address of its page.
async fn entry(app: &TestApp, action: &str) -> String {
    let filter = AuditFilter { action: Some(action.into()), ..AuditFilter::default() };
    let (entries, _) = audit::list(app, &Caller::System, filter, None, 1).await.unwrap();
    format!("/admin/audit/{}", entries[0].id)
}

/// The rows of a list.
async fn rows(desk: &Desk<'_>, path: &str) -> usize {
    desk.page(path).await.matches("href=\"/admin/audit/audit_").count()
}

#[tokio::test]
async fn every_role_finds_who_did_what_by_each_filter() {
    let app = TestApp::new().await;
    let desks = [Role::Admin, Role::Operator, Role::Auditor].map(|role| app.desk(role));
    let desks = futures_util::future::join_all(desks).await;
    let form = [("name", "li.wei"), ("role", "operator")];
    assert_eq!(desks[0].post("/admin/staff", &form).await.status, 200);
    for desk in &desks {
        let all = rows(desk, "/admin/audit").await;
        assert!(all >= 7, "{all}");
        assert_eq!(rows(desk, "/admin/audit?actor=admin&action=createStaff").await, 1);
        assert_eq!(rows(desk, "/admin/audit?actor=staff%3Aadmin&action=signIn").await, 1);
        assert_eq!(rows(desk, "/admin/audit?actor=nobody").await, 0);
        assert_eq!(rows(desk, "/admin/audit?from=2000-01-01T00:00").await, all);
        assert_eq!(rows(desk, "/admin/audit?to=2000-01-01T00:00").await, 0);
        let page = desk.page("/admin/audit?actor=admin&action=createStaff").await;
        assert!(page.contains("<option value=\"createStaff\" selected>添加员工") && page.contains("li.wei"));
        assert!(page.contains("/admin/audit.csv?actor=admin&amp;action=createStaff"));
    }
}

#[tokio::test]
async fn an_entry_shows_what_was_and_what_is() {
    let app = TestApp::new().await;
    let admin = app.desk(Role::Admin).await;
    let new = NewStaff { name: "li.wei".into(), role: Role::Operator, password: None };
    let made = register::add(&app, &Caller::System, new).await.unwrap().staff;
    register::set_role(&app, &Caller::System, made.id, 1, Role::Auditor).await.unwrap();
    let page = admin.page(&entry(&app, "setStaffRole").await).await;
    assert!(page.contains("<del>operator</del>") && page.contains("<ins>auditor</ins>"), "{page}");
    assert!(page.contains(&format!("/admin/staff/{}", made.id)) && page.contains("更改员工角色"));
    let page = admin.page(&entry(&app, "createStaff").await).await;
    assert!(!page.contains("<del>") && page.contains("<ins>li.wei</ins>"));
    assert_eq!(admin.get("/admin/audit/audit_none").await.status, 404);
}

#[tokio::test]
async fn the_log_is_leafed_through_without_a_gap_and_taken_along_whole() {
    let app = TestApp::new().await;
    let auditor = app.desk(Role::Auditor).await;
    for number in 0..120 {
        audit::refused(&app, &Caller::System, format!("=act {number}")).await.unwrap();
    }
    let (mut path, mut seen) = ("/admin/audit?action=refused".to_owned(), Vec::new());
    let acts = |page: &str| -> Vec<u32> {
        (0..120).rev().filter(|number| page.contains(&format!(">=act {number}<"))).collect()
    };
    let link = |page: &str, to: &str| {
        let (before, _) = page.split_once(&format!("\">{to}"))?;
        Some(before.rsplit_once("href=\"")?.1.replace("&amp;", "&"))
    };
    loop {
        let page = auditor.page(&path).await;
        seen.push(acts(&page));
        let Some(next) = link(&page, "下一页") else { break };
        path = next;
    }
    assert_eq!(seen.concat(), (0..120).rev().collect::<Vec<_>>(), "forth");
    for expected in seen.iter().rev().skip(1) {
        path = link(&auditor.page(&path).await, "上一页").expect("a way back");
        assert_eq!(acts(&auditor.page(&path).await), *expected, "back, page by page the same");
    }
    assert_eq!(link(&auditor.page(&path).await, "上一页"), None, "nothing is newer");
    let table = auditor.get("/admin/audit.csv?action=refused").await;
    assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8");
    let table = table.text();
    assert_eq!(table.lines().count(), 121);
    assert!(table.contains("\"'=act 7\"") && table.starts_with('\u{feff}'), "no spreadsheet runs a cell");
}
