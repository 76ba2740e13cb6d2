//! The signer's link.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use esign_domain::flow::{entity::h5_session, query};

use super::{
    access::{app, caller, id},
    error::ApiResult,
    flow::SignFlow,
    scalar::Moment,
};

/// A session with its flow.
#[derive(Clone)]
pub struct H5Session {
    session: Arc<h5_session::Model>,
    flow: SignFlow,
}

impl H5Session {
    /// The session of this flow.
    pub fn of(session: h5_session::Model, flow: SignFlow) -> Self {
        Self { session: Arc::new(session), flow }
    }
}

/// The signer's link (H5会话).
#[Object]
impl H5Session {
    /// The session's id, which is not the code in the link.
    pub async fn id(&self) -> ID {
        id(self.session.id)
    }

    /// The link. Null once it can no longer be entered, and for anyone but the owning client with flows:write.
    async fn url(&self, ctx: &Context<'_>) -> ApiResult<Option<String>> {
        if !query::may_have_link(caller(ctx)?, &self.flow.0) {
            return Ok(None);
        }
        let code = self.flow.link_code(ctx).await?;
        Ok(code.map(|code| query::link(app(ctx), &code)))
    }

    /// Until when it can be entered.
    async fn expires_at(&self) -> Moment {
        self.flow.0.expires_at.into()
    }

    /// When it was first opened.
    async fn opened_at(&self) -> Option<Moment> {
        self.session.opened_at.map(Moment)
    }

    /// The flow it leads to.
    async fn flow(&self) -> SignFlow {
        self.flow.clone()
    }
}
