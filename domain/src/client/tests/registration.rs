//! What a client may be, and who may make one.

use uuid::Uuid;

use super::{registered, shop};
use crate::{
    caller::{Caller, Role, Scope},
    client::{ClientSettings, query, register::register, test_app::TestApp},
    error::Error,
    ids::StaffId,
};

#[tokio::test]
async fn a_client_reads_back_by_id_and_by_code() {
    let app = TestApp::new().await;
    let made = registered(&app).await.client;
    assert_eq!(made.return_url_origins.0, ["https://shop.example.cn"]);
    for name in [made.id.to_string(), "shop".into()] {
        assert_eq!(query::find_by_name(app.db.read(), &name).await.unwrap(), Some(made.clone()), "{name}");
    }
    assert_eq!(query::find_by_name(app.db.read(), "other").await.unwrap(), None);
    assert_eq!(query::list(&app, &Caller::System).await.unwrap(), [made]);
}

#[tokio::test]
async fn a_code_is_taken_once() {
    let app = TestApp::new().await;
    registered(&app).await;
    let again = register(&app, &Caller::System, shop()).await.unwrap_err();
    assert!(matches!(again, Error::AlreadyExists { conflicts_with } if conflicts_with == "shop"));
    // The refused one left no secret behind it and blocks nobody.
    assert_eq!(query::list(&app, &Caller::System).await.unwrap().len(), 1);
}

#[tokio::test]
async fn every_problem_is_told_at_once() {
    let app = TestApp::new().await;
    let mut bad = shop();
    bad.code = "Shop_1".into();
    bad.name = " \n".into();
    bad.return_url_origins.as_mut().unwrap().push("http://shop.example.cn".into());
    bad.settings = Some(ClientSettings { auth_attempts: Some(0), resend_max: Some(-1), ..ClientSettings::default() });
    let Error::InvalidArgument(problems) = register(&app, &Caller::System, bad).await.unwrap_err() else {
        panic!("not INVALID_ARGUMENT")
    };
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["settings.resendMax", "settings.authAttempts", "code", "name", "returnUrlOrigins.1"]);
}

#[tokio::test]
async fn codes_fit_into_the_keys_that_are_made_of_them() {
    let app = TestApp::new().await;
    for bad in ["", "a", "UPPER", "a_b", "a/b", "a#b", "a b", "商城", &"a".repeat(33)] {
        let refused = register(&app, &Caller::System, super::ClientInput { code: bad.into(), ..shop() }).await;
        assert!(matches!(refused, Err(Error::InvalidArgument(_))), "{bad}");
    }
    for good in ["ab", "a-1", "1-a", &"a".repeat(32)] {
        register(&app, &Caller::System, super::ClientInput { code: good.into(), ..shop() }).await.unwrap();
    }
}

#[tokio::test]
async fn only_clients_write_makes_one_and_only_clients_read_lists_them() {
    let app = TestApp::new().await;
    let id = registered(&app).await.client.id;
    let staff = |role| Caller::Staff { id: StaffId::new(Uuid::nil()), name: "someone".into(), role, from: None };
    let client = |scope| Caller::Client { id, code: "shop".into(), scopes: [scope].into(), from: None };
    let table = [
        (staff(Role::Admin), true, true),
        (staff(Role::Operator), false, true),
        (staff(Role::Auditor), false, true),
        (client(Scope::ClientsWrite), true, false),
        (client(Scope::ClientsRead), false, true),
        (client(Scope::FlowsWrite), false, false),
    ];
    for (row, (caller, writes, reads)) in table.into_iter().enumerate() {
        let new = super::ClientInput { code: format!("made-{row}"), scopes: vec![], ..shop() };
        assert_eq!(register(&app, &caller, new).await.is_ok(), writes, "{caller:?}");
        assert_eq!(query::list(&app, &caller).await.is_ok(), reads, "{caller:?}");
    }
}
