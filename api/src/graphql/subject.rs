//! Who signs, with personal data as masked as the caller's scopes ask for.

use std::sync::Arc;

use async_graphql::{Context, Object};
use esign_domain::{
    caller::Scope,
    flow::{self, entity::sign_flow},
};

use super::{
    access::{caller, rows},
    error::ApiResult,
    loader::{Of, TheSubject},
    terms::{IdDocumentType, SubjectRole, SubjectType},
};

/// What stands in the place of what was erased.
const ERASED: &str = "***";

/// The subject of a flow (主体).
pub struct Subject(pub Arc<sign_flow::Model>);

impl Subject {
    /// The subject's personal data, or none when it was erased, and whether the caller may see it clear.
    async fn person(&self, ctx: &Context<'_>) -> ApiResult<(Option<flow::Subject>, bool)> {
        let clear = caller(ctx)?.has(Scope::PiiRead);
        Ok((rows(ctx).load_one(Of(self.0.id, TheSubject)).await?, clear))
    }
}

/// Shows a personal value clear or masked.
macro_rules! shown {
    ($value:expr, $clear:expr) => {
        if $clear { $value.expose().to_owned() } else { $value.masked() }
    };
}

/// The subject of a flow (主体): who signs. Personal data is masked (138****1234) unless the caller has pii:read.
#[Object]
impl Subject {
    /// Company or person.
    #[graphql(name = "type")]
    async fn kind(&self) -> SubjectType {
        self.0.subject_type.into()
    }

    /// The part in the relation.
    async fn role(&self) -> SubjectRole {
        self.0.subject_role.into()
    }

    /// The client's own number for this party.
    async fn subject_no(&self) -> &str {
        &self.0.subject_no
    }

    /// The name: of a company always clear.
    async fn name(&self, ctx: &Context<'_>) -> ApiResult<String> {
        let (person, clear) = self.person(ctx).await?;
        Ok(person.map_or_else(|| ERASED.into(), |person| person.name_for(clear)))
    }

    /// The mobile number of the person who signs.
    async fn mobile(&self, ctx: &Context<'_>) -> ApiResult<String> {
        let (person, clear) = self.person(ctx).await?;
        Ok(person.map_or_else(|| ERASED.into(), |person| shown!(person.mobile, clear)))
    }

    /// Which document proves who the subject is.
    async fn id_document_type(&self, ctx: &Context<'_>) -> ApiResult<IdDocumentType> {
        let (person, _) = self.person(ctx).await?;
        Ok(person.map_or(IdDocumentType::Other, |person| person.id_document_type.into()))
    }

    /// The number of that document.
    async fn id_document_number(&self, ctx: &Context<'_>) -> ApiResult<String> {
        let (person, clear) = self.person(ctx).await?;
        Ok(person.map_or_else(|| ERASED.into(), |person| shown!(person.id_number, clear)))
    }

    /// The person who signs for a company.
    async fn signatory_name(&self, ctx: &Context<'_>) -> ApiResult<Option<String>> {
        let (person, clear) = self.person(ctx).await?;
        Ok(person.and_then(|person| person.signatory_name).map(|name| shown!(name, clear)))
    }

    /// The bank account to be verified.
    async fn bank_account_no(&self, ctx: &Context<'_>) -> ApiResult<Option<String>> {
        let (person, clear) = self.person(ctx).await?;
        Ok(person.and_then(|person| person.account).map(|account| shown!(account.number, clear)))
    }

    /// Its bank.
    async fn bank_name(&self, ctx: &Context<'_>) -> ApiResult<Option<String>> {
        let (person, _) = self.person(ctx).await?;
        Ok(person.and_then(|person| person.account).map(|account| account.bank_name))
    }
}
