//! The operations on accounts of staff: no scope covers them, so no token reaches them. A row: the operation, and whether
//! admin, operator and auditor may.

use esign_domain::{
    App, Caller,
    caller::{Operation, Role},
    error::{Error, Result},
    ids::Id,
    staff::{
        register::{self, NewStaff},
        session,
    },
};
use esign_tests::TestApp;
use uuid::Uuid;

const ADMIN_ALONE: [bool; 3] = [true, false, false];
/// What members do to their own account.
const EVERYBODY: [bool; 3] = [true; 3];

pub const ACCOUNTS: &[(Operation, [bool; 3])] = &[
    (Operation::Staff, ADMIN_ALONE),
    (Operation::CreateStaff, ADMIN_ALONE),
    (Operation::ResetStaffPassword, ADMIN_ALONE),
    (Operation::ResetStaffTotp, ADMIN_ALONE),
    (Operation::SetStaffRole, ADMIN_ALONE),
    (Operation::SetStaffEnabled, ADMIN_ALONE),
    (Operation::EndStaffSessions, ADMIN_ALONE),
    (Operation::SignIn, EVERYBODY),
    (Operation::SignOut, EVERYBODY),
    (Operation::EndSession, EVERYBODY),
    (Operation::ProveAgain, EVERYBODY),
    (Operation::ChangePassword, EVERYBODY),
    (Operation::SetUpTotp, EVERYBODY),
    (Operation::RemoveTotp, EVERYBODY),
    (Operation::RenewRecoveryCodes, EVERYBODY),
];

/// Does an operation on somebody's account. What needs the token of a session is refused to whoever has none before it is
/// asked who they are, so there the table alone is asked.
pub async fn perform(app: &App, caller: &Caller, operation: Operation) -> Result<()> {
    let nobody = || Id::new(Uuid::from_u128(1));
    match operation {
        Operation::Staff => register::list(app, caller).await.map(drop),
        Operation::CreateStaff => {
            let new = NewStaff { name: "kai".into(), role: Role::Auditor, password: None };
            register::add(app, caller, new).await.map(drop)
        }
        Operation::ResetStaffPassword => register::reset_password(app, caller, "nobody", None).await.map(drop),
        Operation::ResetStaffTotp => register::reset_totp(app, caller, "nobody").await.map(drop),
        Operation::SetStaffRole => register::set_role(app, caller, nobody(), 1, Role::Admin).await.map(drop),
        Operation::SetStaffEnabled => register::set_enabled(app, caller, nobody(), 1, false).await.map(drop),
        Operation::EndStaffSessions => session::end_all_of(app, caller, nobody()).await.map(drop),
        _ => caller.require(operation),
    }
}

#[tokio::test]
async fn no_token_reaches_accounts_and_only_admins_reach_those_of_others() {
    let app = TestApp::new().await;
    let staff = |role| Caller::Staff { id: Id::new(Uuid::nil()), name: "kai".into(), role, from: None };
    let flow_id = Id::new(Uuid::nil());
    for &(operation, roles) in ACCOUNTS {
        assert_eq!(operation.scope(), None, "{operation:?}");
        for client in [app.demo.caller(), app.demo.with_scopes(Role::Admin.scopes()), Caller::Signatory { flow_id }] {
            let told = perform(&app, &client, operation).await;
            assert!(matches!(told, Err(Error::Forbidden)), "{operation:?} {client:?}: {told:?}");
        }
        for (role, may) in [Role::Admin, Role::Operator, Role::Auditor].into_iter().zip(roles) {
            let told = perform(&app, &staff(role), operation).await;
            assert_eq!(matches!(told, Err(Error::Forbidden)), !may, "{operation:?} {role:?}: {told:?}");
        }
        assert!(!matches!(perform(&app, &Caller::System, operation).await, Err(Error::Forbidden)), "{operation:?}");
    }
}

#[tokio::test]
async fn what_is_of_one_member_is_refused_to_another() {
    let app = TestApp::new().await;
    let operator = Caller::Staff { id: Id::new(Uuid::nil()), name: "kai".into(), role: Role::Operator, from: None };
    let of_another = Id::new(Uuid::from_u128(1));
    assert!(session::list_of(&app, &operator, Id::new(Uuid::nil())).await.unwrap().is_empty());
    assert!(matches!(session::list_of(&app, &operator, of_another).await, Err(Error::Forbidden)));
    assert!(matches!(session::end_all_of(&app, &operator, of_another).await, Err(Error::Forbidden)));
    assert!(matches!(session::end_one(&app, &operator, Id::new(Uuid::nil())).await, Err(Error::Forbidden)));
}
