//! Clients as the doors meet them, on a real database.

use super::register::{NewClient, Registered, register};
use crate::{
    App,
    caller::{Caller, client_default},
};

mod keys;
mod registration;
mod secrets;
mod token_door;
mod tokens;

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
