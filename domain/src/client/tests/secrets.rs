//! Secrets: one answer to all who have none, and a rotation that leaves nobody outside.

use chrono::TimeDelta;
use esign_config::Secret;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

use super::registered;
use crate::{
    App,
    caller::{Caller, Scope},
    client::{
        authenticate::authenticate,
        entity::client_secret,
        secret::{MAX_OVERLAP, OVERLAP, PREFIX, rotate},
        test_app::TestApp,
    },
    error::Error,
};

async fn opens(app: &App, secret: &Secret) -> bool {
    authenticate(app, "shop", secret.expose()).await.is_ok()
}

#[tokio::test]
async fn the_secret_opens_by_code_and_by_id_and_is_kept_nowhere() {
    let app = TestApp::new().await;
    let made = registered(&app).await;
    let secret = made.secret.expose();
    assert!(secret.starts_with(PREFIX) && secret.len() == PREFIX.len() + 43, "{secret}");
    for name in ["shop".to_owned(), made.client.id.to_string()] {
        assert_eq!(authenticate(&app, &name, secret).await.unwrap(), made.client);
    }
    assert!(!format!("{made:?}").contains(&secret[PREFIX.len()..]));
    let row = client_secret::Entity::find().one(app.db.read()).await.unwrap().unwrap();
    assert_eq!(row.hash.0.len(), 32);
    assert!(!format!("{row:?}").contains(&format!("{:?}", row.hash.0)));
}

#[tokio::test]
async fn unknown_disabled_wrong_and_over_are_one_answer() {
    let app = TestApp::new().await;
    let made = registered(&app).await;
    let secret = made.secret.expose();
    let tampered = format!("{}A", &secret[..secret.len() - 1]);
    let unknown_id = app.id::<crate::ids::ClientKind>().to_string();
    let mut answers = Vec::new();
    for (name, shown) in [
        ("nobody", secret),
        (unknown_id.as_str(), secret),
        ("", ""),
        ("shop", ""),
        ("shop", tampered.as_str()),
        ("shop", &secret[PREFIX.len()..]),
        ("SHOP", secret),
        ("shop'--", secret),
    ] {
        answers.push(authenticate(&app, name, shown).await.unwrap_err());
    }
    let mut row = made.client.clone().into_active_model();
    row.enabled = Set(false);
    row.update(app.db.write()).await.unwrap();
    answers.push(authenticate(&app, "shop", secret).await.unwrap_err());
    for answer in answers {
        assert!(matches!(answer, Error::Unauthenticated));
        assert_eq!(format!("{answer:?}"), format!("{:?}", Error::Unauthenticated));
    }
}

#[tokio::test]
async fn a_secret_opens_its_own_client_only() {
    let app = TestApp::new().await;
    let first = registered(&app).await;
    let new = super::ClientInput { code: "other".into(), ..super::shop() };
    let other = crate::client::register::register(&app, &Caller::System, new).await.unwrap();
    assert!(authenticate(&app, "other", first.secret.expose()).await.is_err());
    assert!(authenticate(&app, "shop", other.secret.expose()).await.is_err());
    assert!(authenticate(&app, "other", other.secret.expose()).await.is_ok());
}

#[tokio::test]
async fn rotation_keeps_the_old_secret_for_the_overlap() {
    let app = TestApp::new().await;
    let made = registered(&app).await;
    let (_, second) = rotate(&app, &Caller::System, made.client.id, OVERLAP).await.unwrap();
    assert!(opens(&app, &made.secret).await && opens(&app, &second).await);
    app.clock.advance(OVERLAP - TimeDelta::seconds(1));
    assert!(opens(&app, &made.secret).await);
    // A second rotation doesn't give the first secret a longer life.
    let (_, third) = rotate(&app, &Caller::System, made.client.id, OVERLAP).await.unwrap();
    app.clock.advance(TimeDelta::seconds(1));
    assert!(!opens(&app, &made.secret).await);
    assert!(opens(&app, &second).await && opens(&app, &third).await);
    app.clock.advance(OVERLAP);
    assert!(!opens(&app, &second).await && opens(&app, &third).await);
}

#[tokio::test]
async fn a_leaked_secret_can_be_ended_at_once_and_leaves_no_row_behind() {
    let app = TestApp::new().await;
    let made = registered(&app).await;
    let (_, second) = rotate(&app, &Caller::System, made.client.id, TimeDelta::zero()).await.unwrap();
    assert!(!opens(&app, &made.secret).await && opens(&app, &second).await);
    app.clock.advance(TimeDelta::seconds(1));
    rotate(&app, &Caller::System, made.client.id, OVERLAP).await.unwrap();
    assert_eq!(client_secret::Entity::find().all(app.db.read()).await.unwrap().len(), 2);
}

#[tokio::test]
async fn rotation_asks_for_the_scope_the_client_and_a_sane_overlap() {
    let app = TestApp::new().await;
    let id = registered(&app).await.client.id;
    let itself = Caller::Client { id, code: "shop".into(), scopes: [Scope::ClientsRead].into(), from: None };
    assert!(matches!(rotate(&app, &itself, id, OVERLAP).await, Err(Error::Forbidden)));
    assert!(matches!(rotate(&app, &Caller::System, app.id(), OVERLAP).await, Err(Error::NotFound)));
    for overlap in [TimeDelta::seconds(-1), MAX_OVERLAP + TimeDelta::seconds(1)] {
        assert!(matches!(rotate(&app, &Caller::System, id, overlap).await, Err(Error::InvalidArgument(_))));
    }
}
