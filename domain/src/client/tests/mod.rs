//! Clients as the doors meet them, on a real database.

use super::{
    ClientInput,
    register::{Registered, register},
};
use crate::{
    App,
    caller::{Caller, client_default, scope_names},
};

mod keys;
mod registration;
mod secrets;
mod token_door;
mod tokens;

fn shop() -> ClientInput {
    ClientInput {
        code: "shop".into(),
        name: "商城".into(),
        scopes: scope_names(&client_default()),
        return_url_origins: Some(vec!["https://Shop.example.cn/".into()]),
        ..ClientInput::default()
    }
}

async fn registered(app: &App) -> Registered {
    register(app, &Caller::System, shop()).await.unwrap()
}
