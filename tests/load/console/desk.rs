//! A member of staff at a running server.

use std::path::Path;

use esign_config::Secret;
use esign_domain::{
    App,
    staff::{session, sign_in},
};
use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::{
    known::Known,
    pages::{Page, Way},
};
use crate::{
    Failure,
    http::{self, Connection},
    server::{DATA, Jobs, Server},
    settings::Settings,
};

/// The first bytes of a table are on their way when so many have come: more than headers and the table's head.
const FIRST_PIECE: usize = 4_096;

/// A member of staff who is signed in, and the server that serves nobody else.
pub struct Desk {
    server: Server,
    connection: Connection,
    cookie: String,
    csrf: Secret,
}

impl Desk {
    /// Starts a server on a database and signs in there.
    pub async fn open(settings: &Settings, (url, folder): (&str, &Path), app: &App) -> Result<Self, Failure> {
        let folder = &std::path::absolute(folder).map_err(|error| error.to_string())?;
        let server = Server::start(settings, folder, Some(url), Jobs::Left).await?;
        let connection = Connection::open(&server.address).await?;
        let file = std::fs::read(folder.join(DATA).join("sandbox-credentials.json"));
        let all: Value = file
            .map_err(|error| error.to_string())
            .and_then(|file| serde_json::from_slice(&file).map_err(|error| error.to_string()))?;
        let text = |name: &str| all["staff"][name].as_str().unwrap_or_default();
        let password = Secret::new(text("password"));
        let attempt = sign_in::Attempt { name: text("name"), password: &password, from: None, agent: "load" };
        let words = |error: esign_domain::Error| error.to_string();
        let token = sign_in::with_password(app, attempt).await.map_err(words)?.token;
        let session = session::find(app, &token).await.map_err(words)?.ok_or("the sign-in is not whole")?;
        let cookie = format!("cookie: esign-staff={}\r\n", token.expose());
        Ok(Self { server, connection, cookie, csrf: session.csrf })
    }

    /// Asks for a page as its way is; gives how many bytes came.
    pub async fn ask(&mut self, (name, way): Page, known: &Known, round: usize) -> Result<usize, Failure> {
        let one = &known.ones[round % known.ones.len()];
        let came = match way {
            Way::At(address) => self.get(&address(known, one)).await,
            Way::Typed(text) => {
                let address = self.search(&text(one)).await?;
                self.get(&address).await
            }
            Way::Begun(address) => {
                // Who takes so much leaves the usual connection idle for so long that the server closes it.
                let connection = std::mem::replace(&mut self.connection, Connection::open(&self.server.address).await?);
                connection.begin(&http::get_with(address, &self.cookie), FIRST_PIECE).await
            }
        };
        came.map_err(|failure| format!("{name}: {failure}"))
    }

    async fn get(&mut self, address: &str) -> Result<usize, Failure> {
        let answer = self.connection.ask(&http::get_with(address, &self.cookie)).await?;
        if answer.status == 200 { Ok(answer.body.len()) } else { Err(format!("{address}: {}", answer.words())) }
    }

    async fn search(&mut self, text: &str) -> Result<String, Failure> {
        let mut form = Serializer::new(String::new());
        let body = form.append_pair("search", text).append_pair("state", "").append_pair("csrf", self.csrf.expose());
        let headers = format!("{}content-type: application/x-www-form-urlencoded\r\n", self.cookie);
        let request = http::post("/admin/flows/search", &headers, &body.finish());
        let answer = self.connection.ask(&request).await?;
        answer.header("location").map(str::to_owned).ok_or_else(|| answer.words())
    }

    /// Signs out by ending the server.
    pub async fn close(self) -> Result<(), Failure> {
        self.server.end().await
    }
}
