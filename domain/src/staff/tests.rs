//! Accounts, on a real database.

use esign_config::Secret;
use uuid::Uuid;

use super::{
    password::{self, matches},
    register::{NewStaff, add, list, reset_password},
};
use crate::{
    caller::{Caller, Role, Scope},
    client::test_app::TestApp,
    clock::Random,
    error::Error,
    ids::{ClientId, StaffId},
};

fn someone(name: &str, role: Role) -> NewStaff {
    NewStaff { name: name.into(), role, password: None }
}

#[tokio::test]
async fn an_account_reads_back_and_its_password_opens_it() {
    let app = TestApp::new().await;
    let made = add(&app, &Caller::System, someone("li.wei", Role::Operator)).await.unwrap();
    assert!(made.staff.password_hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert!(matches(&made.password, &made.staff.password_hash).await.unwrap());
    assert!(!matches(&Secret::new("something else"), &made.staff.password_hash).await.unwrap());
    assert_eq!(list(&app, &Caller::System).await.unwrap(), std::slice::from_ref(&made.staff));
    let caller = made.staff.caller().unwrap();
    assert_eq!(caller, Caller::Staff { id: made.staff.id, name: "li.wei".into(), role: Role::Operator, from: None });
    assert!(caller.has(Scope::FlowsOperate) && !caller.has(Scope::ClientsWrite) && !caller.has(Scope::PiiRead));
    let printed = format!("{made:?}");
    assert!(!printed.contains(made.password.expose()) && !printed.contains("argon2id"), "{printed}");
}

#[tokio::test]
async fn a_reset_ends_the_old_password() {
    let app = TestApp::new().await;
    let made = add(&app, &Caller::System, someone("li.wei", Role::Auditor)).await.unwrap();
    let chosen = Secret::new("correct horse battery");
    let reset = reset_password(&app, &Caller::System, "li.wei", Some(chosen.clone())).await.unwrap();
    assert_eq!(reset.password, chosen);
    assert_eq!(list(&app, &Caller::System).await.unwrap(), std::slice::from_ref(&reset.staff));
    assert!(matches(&chosen, &reset.staff.password_hash).await.unwrap());
    assert!(!matches(&made.password, &reset.staff.password_hash).await.unwrap());
    let random = reset_password(&app, &Caller::System, "li.wei", None).await.unwrap();
    assert!(!matches(&chosen, &random.staff.password_hash).await.unwrap());
    let unknown = reset_password(&app, &Caller::System, "nobody", None).await;
    assert!(std::matches!(unknown, Err(Error::NotFound)));
}

#[tokio::test]
async fn names_are_taken_once_and_bad_input_is_refused() {
    let app = TestApp::new().await;
    add(&app, &Caller::System, someone("li.wei", Role::Admin)).await.unwrap();
    let again = add(&app, &Caller::System, someone("li.wei", Role::Auditor)).await.unwrap_err();
    assert!(std::matches!(again, Error::AlreadyExists { conflicts_with } if conflicts_with == "li.wei"));
    for bad in ["", "a", "Li.Wei", "li wei", "李伟", "a\n", &"a".repeat(65)] {
        let refused = add(&app, &Caller::System, someone(bad, Role::Admin)).await;
        assert!(std::matches!(refused, Err(Error::InvalidArgument(_))), "{bad:?}");
    }
    for bad in ["", "short", "eleven-char", &"a".repeat(257)] {
        let new = NewStaff { password: Some(Secret::new(bad)), ..someone("other", Role::Admin) };
        assert!(std::matches!(add(&app, &Caller::System, new).await, Err(Error::InvalidArgument(_))), "{bad}");
    }
    assert_eq!(list(&app, &Caller::System).await.unwrap().len(), 1);
}

#[tokio::test]
async fn only_admins_and_the_command_line_touch_accounts() {
    let app = TestApp::new().await;
    let staff = |role| Caller::Staff { id: StaffId::new(Uuid::nil()), name: "someone".into(), role, from: None };
    let scopes = Scope::ALL.iter().copied().collect();
    let client = Caller::Client { id: ClientId::new(Uuid::nil()), code: "shop".into(), scopes, from: None };
    for refused in [staff(Role::Operator), staff(Role::Auditor), client] {
        let added = add(&app, &refused, someone("new", Role::Admin)).await;
        assert!(std::matches!(added, Err(Error::Forbidden)), "{refused:?}");
        assert!(std::matches!(reset_password(&app, &refused, "new", None).await, Err(Error::Forbidden)));
        assert!(std::matches!(list(&app, &refused).await, Err(Error::Forbidden)));
    }
    add(&app, &staff(Role::Admin), someone("new", Role::Admin)).await.unwrap();
}

#[test]
fn random_passwords_are_strong_readable_and_never_the_same() {
    let random = Random::seeded(1);
    let (first, second) = (password::generate(&random), password::generate(&random));
    assert_ne!(first, second);
    password::check(&first).unwrap();
    let groups: Vec<&str> = first.expose().split('-').collect();
    assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [5; 4]);
    assert!(!first.expose().contains(['0', 'O', '1', 'l', 'I', 'o']));
}
