//! Clients as the doors meet them, on a real database.

use std::sync::Arc;

use chrono::DateTime;

use super::register::{NewClient, Registered, register};
use crate::{
    App,
    caller::{Caller, client_default},
    clock::ManualClock,
};

mod keys;
mod registration;
mod secrets;
mod token_door;
mod tokens;

/// An app with a clock that stands still until it is moved.
async fn app() -> (App, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(1_800_000_000, 0).unwrap()));
    let app = App { clock: clock.clone(), ..crate::app::test_app().await };
    (app, clock)
}

fn shop() -> NewClient {
    NewClient {
        code: "shop".into(),
        name: "商城".into(),
        scopes: client_default(),
        return_url_origins: vec!["https://Shop.example.cn/".into()],
        settings: super::ClientSettings::default(),
    }
}

async fn registered(app: &App) -> Registered {
    register(app, &Caller::System, shop()).await.unwrap()
}
