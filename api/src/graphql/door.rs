//! What the two machine doors, HTTP and WebSocket, have in common: who may come in, how often, and how a request is
//! run once it is inside.
//!
//! The door is generic over the executor, so that its manners can be tested without the platform behind it.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use async_graphql::{Executor, Request, Response};
use esign_domain::{
    caller::Caller,
    error::{Error, Result},
};
use futures_util::{FutureExt, future::BoxFuture};
use tokio_util::sync::CancellationToken;

use super::{
    admission::{Admitted, Payload, admit},
    completion::Expected,
    documents::Documents,
    error::Voice,
    rate::Rate,
    sockets::{Pass, Sockets},
    types::Types,
};

/// The longest answer, in bytes.
pub const ANSWER_BYTES: usize = 5 * 1024 * 1024;

/// Somebody whose token was accepted.
#[derive(Clone, Debug)]
pub struct Holder {
    /// Who it is.
    pub caller: Arc<Caller>,
    /// How long the token is still good.
    pub expires_in: Duration,
}

/// Turns a token into its holder, or refuses it.
pub type Authenticate = Arc<dyn Fn(String) -> BoxFuture<'static, Result<Holder>> + Send + Sync>;

/// How patient the WebSocket door is.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// A socket must have introduced itself by then.
    pub init: Duration,
    /// Between two looks at whether tokens are still good.
    pub look: Duration,
    /// Between pings; whoever answers none of them until the next is taken for dead.
    pub ping: Duration,
    /// For one message to be taken off our hands.
    pub send: Duration,
    /// For the other side to say good-bye too, so that it reads why before the connection goes.
    pub leave: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { init: seconds(10), look: seconds(2), ping: seconds(30), send: seconds(10), leave: seconds(1) }
    }
}

/// The door and everything it needs.
pub struct Door<E> {
    /// Runs requests.
    pub executor: E,
    /// The executor's schema, for the checks before it.
    pub types: Types,
    /// The schema's text.
    pub sdl: String,
    /// Judges tokens.
    pub authenticate: Authenticate,
    /// Whether token holders may read the schema.
    pub introspection: bool,
    /// What subscribers ask for.
    pub documents: Documents,
    /// How many requests each caller may make.
    pub rate: Rate,
    /// How many sockets each caller has.
    pub sockets: Sockets,
    /// How patient the WebSocket door is.
    pub pace: Pace,
    /// Ends every socket when the process stops.
    pub shutdown: CancellationToken,
}

impl<E: Executor> Door<E> {
    /// The holder of the token in an `Authorization` value.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for another scheme, no token, or one that isn't good.
    pub async fn holder(&self, authorization: Option<&str>) -> Result<Holder> {
        let token = authorization.and_then(bearer).ok_or(Error::Unauthenticated)?;
        (self.authenticate)(token.to_owned()).await
    }

    /// Whether a token still stands for what it stood for. When that can't be found out, it does: the next look will tell.
    ///
    /// # Errors
    /// What it stands for now, if for anybody.
    pub async fn look(&self, pass: &Pass) -> std::result::Result<(), Option<Holder>> {
        match self.holder(Some(&pass.authorization)).await {
            Ok(now) if now.caller == pass.holder.caller => Ok(()),
            Ok(now) => Err(Some(now)),
            Err(Error::Unauthenticated) => Err(None),
            Err(error) => {
                tracing::warn!(%error, "whether a token is still good can't be found out");
                Ok(())
            }
        }
    }

    /// Admits a request. A panic inside is an internal error of this request and of nothing else.
    ///
    /// # Errors
    /// As [`admit`].
    pub fn admit(&self, payload: Payload) -> Result<Admitted> {
        catch_unwind(AssertUnwindSafe(|| admit(&self.types, payload))).unwrap_or_else(|panic| Err(panicked(&*panic)))
    }

    /// Makes a request the caller's own.
    pub fn sign(&self, mut request: Request, holder: &Holder, voice: &Voice) -> Request {
        if !self.introspection {
            request = request.disable_introspection();
        }
        let caller = match voice.from {
            None => holder.caller.clone(),
            from => Arc::new(Caller::clone(&holder.caller).at(from)),
        };
        request.data(caller).data(voice.lang)
    }

    /// Runs a request to its end. A panic inside is an internal error of this request and of nothing else.
    pub async fn run(&self, request: Request, expected: &Expected, voice: &Voice) -> Response {
        match AssertUnwindSafe(self.executor.execute(request)).catch_unwind().await {
            Ok(mut response) => {
                response.data = expected.complete(&self.types, response.data);
                voice.retell(response)
            }
            Err(panic) => voice.refuse(&panicked(&*panic)),
        }
    }
}

/// What a panic amounts to for the caller; its words are for the log.
pub fn panicked(panic: &(dyn Any + Send)) -> Error {
    let words = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::internal(format!("panic: {}", words.unwrap_or("without words")))
}

/// The token of a `Bearer` authorization.
pub fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bearer_tokens_count() {
        for (header, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("Basic abc", None),
            ("Bearer ", None),
            ("Bearer", None),
            ("", None),
        ] {
            assert_eq!(bearer(header), token, "{header:?}");
        }
    }
}
