//! From the token back to the caller, as long as the client is what it was.

use chrono::TimeDelta;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::registered;
use crate::{
    App,
    caller::{Caller, Scope, Scopes, client_default},
    client::{
        Client,
        entity::ScopeList,
        test_app::TestApp,
        token::{LIFETIME, admit, issue},
    },
    error::Error,
};

async fn scopes_of(app: &App, token: &str) -> Scopes {
    match admit(app, token).await.unwrap().0 {
        Caller::Client { scopes, .. } => scopes,
        other => panic!("{other:?}"),
    }
}

async fn change(app: &App, client: &Client, scopes: Scopes, enabled: bool) {
    let mut row = client.clone().into_active_model();
    row.scopes = Set(ScopeList(scopes));
    row.enabled = Set(enabled);
    row.update(app.db.write()).await.unwrap();
}

#[tokio::test]
async fn a_token_is_good_for_fifteen_minutes_and_no_second_longer() {
    let app = TestApp::new().await;
    let client = registered(&app).await.client;
    let issued = issue(&app, &client, None).unwrap();
    let (caller, expires_at) = admit(&app, &issued.token).await.unwrap();
    assert_eq!(caller, Caller::Client { id: client.id, code: "shop".into(), scopes: client_default(), from: None });
    assert_eq!(expires_at - app.now(), TimeDelta::minutes(15));
    app.clock.advance(LIFETIME - TimeDelta::seconds(1));
    assert!(admit(&app, &issued.token).await.is_ok());
    app.clock.advance(TimeDelta::seconds(1));
    assert!(matches!(admit(&app, &issued.token).await, Err(Error::Unauthenticated)));
}

#[tokio::test]
async fn a_request_may_ask_for_less_and_never_for_more() {
    let app = TestApp::new().await;
    let client = registered(&app).await.client;
    let less = issue(&app, &client, Some("flows:read")).unwrap();
    assert_eq!(less.scopes, [Scope::FlowsRead].into());
    assert_eq!(scopes_of(&app, &less.token).await, less.scopes);
    for asked in ["", " ", "pii:read", "flows:read pii:read", "flows", "flows:read,flows:write", "*"] {
        assert!(matches!(issue(&app, &client, Some(asked)), Err(Error::InvalidArgument(_))), "{asked}");
    }
}

#[tokio::test]
async fn what_is_taken_from_a_client_is_taken_from_its_tokens() {
    let app = TestApp::new().await;
    let client = registered(&app).await.client;
    let token = issue(&app, &client, None).unwrap().token;
    // A scope that is given later doesn't grow into a token that was issued before.
    change(&app, &client, [Scope::FlowsRead, Scope::PiiRead].into(), true).await;
    assert_eq!(scopes_of(&app, &token).await, [Scope::FlowsRead].into());
    change(&app, &client, client_default(), false).await;
    assert!(matches!(admit(&app, &token).await, Err(Error::Unauthenticated)));
}

#[tokio::test]
async fn a_token_of_a_client_that_is_not_there_opens_nothing() {
    let app = TestApp::new().await;
    let mut client = registered(&app).await.client;
    client.id = app.id();
    let token = issue(&app, &client, None).unwrap().token;
    assert!(matches!(admit(&app, &token).await, Err(Error::Unauthenticated)));
}
