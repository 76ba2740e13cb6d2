//! Fetching what hangs on lists, many at once: a page of flows with their clients costs two statements, not twenty-one.
//!
//! Nothing is kept between batches. Whoever may see a flow may see what hangs on it, so the loaders ask nobody who is
//! asking; what needs asking (credentials, links, clear personal data) is asked where it is shown.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use async_graphql::dataloader::{DataLoader, Loader};
use esign_domain::{
    App, Caller, agreement,
    auth::{self, entity::auth_record, entity::auth_rule},
    client::Client,
    error::Result,
    event::entity::flow_event,
    flow::{
        Subject,
        entity::{h5_session, sign_flow, sign_result},
        query, secret,
    },
    ids::*,
    personal::LinkCode,
    reference,
    seal::entity::seal_record,
    selector::Selector,
    sms::{self, entity::sms_record, entity::sms_template},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::error::ApiError;

/// Fetches rows.
pub struct Rows(pub Arc<App>);

/// A loader of rows. Its batches are tasks of their own, which end with the requests that wait for them.
pub fn loader(app: Arc<App>) -> DataLoader<Rows> {
    #[expect(clippy::disallowed_methods, reason = "a batch is awaited by the very resolvers that asked for it")]
    DataLoader::new(Rows(app), |batch| drop(tokio::spawn(batch)))
}

/// What is asked for of a thing, by the thing's id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Of<K, W>(pub K, pub W);

/// Declares marker types that say what is asked for.
macro_rules! wanted {
    ($($(#[$doc:meta])* $name:ident)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $name;
    )* };
}

wanted! {
    /// The subject of a flow.
    TheSubject
    /// The session of a flow.
    Session
    /// The code of the link of a flow.
    TheLink
    /// The documents of a flow.
    Seals
    /// The attempts of a flow to authenticate.
    Auths
    /// The messages of a flow.
    Messages
    /// The result of a flow.
    TheResult
    /// The flow that took the place of a flow.
    Successor
    /// All versions of all texts of an agreement type.
    Texts
    /// All versions of an SMS template.
    Versions
}

/// What keeps a rule or a template from ever deciding, by its id and its selector. Found in memory: a list of them costs
/// one question whether the reference data still stand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ShadowOf<K>(pub K, pub Selector);

/// Implements the loader of a key by an async expression over the app and the keys.
macro_rules! load {
    ($($key:ty => $value:ty, |$app:ident, $keys:ident| $fetch:expr;)*) => { $(
        impl Loader<$key> for Rows {
            type Value = $value;
            type Error = ApiError;

            async fn load(&self, $keys: &[$key]) -> Result<HashMap<$key, $value>, ApiError> {
                let $app: &App = &self.0;
                let fetched: Result<HashMap<$key, $value>> = async { $fetch }.await;
                Ok(fetched?)
            }
        }
    )* };
}

/// Rows of one table whose column is among the values; gives each under its own key.
macro_rules! rows {
    ($app:ident, $table:ident.$column:ident in $values:expr, $key:expr) => {{
        let query = $table::Entity::find().filter($table::Column::$column.is_in(padded($values)));
        let rows = query.all($app.db.read()).await?;
        Ok(rows.into_iter().map(|row| ($key(&row), row)).collect())
    }};
}

load! {
    FlowId => sign_flow::Model, |app, keys| {
        let flows = query::by_ids(app, &Caller::System, &padded(keys.iter().copied())).await?;
        Ok(by(flows, |flow| flow.id))
    };
    ClientId => Arc<Client>, |app, keys| {
        let reference = reference::current(app).await?;
        Ok(keys.iter().filter_map(|id| Some((*id, reference.client(*id)?.clone()))).collect())
    };
    EventId => flow_event::Model, |app, keys| rows!(app, flow_event.Id in keys.iter().copied(), |e: &flow_event::Model| e.id);
    SealRecordId => seal_record::Model, |app, keys| rows!(app, seal_record.Id in keys.iter().copied(), |r: &seal_record::Model| r.id);
    AuthRecordId => auth_record::Model, |app, keys| rows!(app, auth_record.Id in keys.iter().copied(), |r: &auth_record::Model| r.id);
    SmsRecordId => sms_record::Model, |app, keys| rows!(app, sms_record.Id in keys.iter().copied(), |r: &sms_record::Model| r.id);
    SessionId => h5_session::Model, |app, keys| rows!(app, h5_session.Id in keys.iter().copied(), |s: &h5_session::Model| s.id);
    AuthRuleId => auth_rule::Model, |app, keys| rows!(app, auth_rule.Id in keys.iter().copied(), |r: &auth_rule::Model| r.id);
    SmsTemplateId => sms_template::Model, |app, keys| rows!(app, sms_template.Id in keys.iter().copied(), |t: &sms_template::Model| t.id);
    AgreementTypeId => agreement::entity::agreement_type::Model, |app, keys| {
        use agreement::entity::agreement_type;
        rows!(app, agreement_type.Id in keys.iter().copied(), |a: &agreement_type::Model| a.id)
    };
    AgreementTemplateId => agreement::entity::agreement_template::Model, |app, keys| {
        use agreement::entity::agreement_template;
        rows!(app, agreement_template.Id in keys.iter().copied(), |a: &agreement_template::Model| a.id)
    };
    Of<FlowId, TheSubject> => Subject, |app, keys| {
        let subjects = secret::subjects(app, &ids(keys)).await?;
        Ok(subjects.into_iter().map(|(id, subject)| (Of(id, TheSubject), subject)).collect())
    };
    Of<FlowId, TheLink> => LinkCode, |app, keys| {
        let codes = secret::link_codes(app, &ids(keys)).await?;
        Ok(codes.into_iter().map(|(id, code)| (Of(id, TheLink), code)).collect())
    };
    Of<FlowId, Session> => h5_session::Model, |app, keys| {
        rows!(app, h5_session.FlowId in ids(keys), |s: &h5_session::Model| Of(s.flow_id, Session))
    };
    Of<FlowId, TheResult> => sign_result::Model, |app, keys| {
        rows!(app, sign_result.FlowId in ids(keys), |r: &sign_result::Model| Of(r.flow_id, TheResult))
    };
    Of<FlowId, Successor> => sign_flow::Model, |app, keys| {
        let query = sign_flow::Entity::find().filter(sign_flow::Column::Supersedes.is_in(ids(keys)));
        let flows = query.all(app.db.read()).await?.into_iter();
        Ok(flows.filter_map(|flow| Some((Of(flow.supersedes?, Successor), flow))).collect())
    };
    Of<FlowId, Seals> => Vec<seal_record::Model>, |app, keys| {
        let query = seal_record::Entity::find().filter(seal_record::Column::FlowId.is_in(ids(keys)));
        let records = query.order_by_asc(seal_record::Column::Position).all(app.db.read()).await?;
        Ok(grouped(records, |record| Some(Of(record.flow_id, Seals))))
    };
    Of<FlowId, Auths> => Vec<auth_record::Model>, |app, keys| {
        Ok(grouped(auth::query::of_flows(app, &ids(keys)).await?, |record| Some(Of(record.flow_id, Auths))))
    };
    Of<FlowId, Messages> => Vec<sms_record::Model>, |app, keys| {
        Ok(grouped(sms::query::of_flows(app, &ids(keys)).await?, |record| Some(Of(record.flow_id?, Messages))))
    };
    Of<AgreementTypeId, Texts> => Vec<agreement::entity::agreement_template::Model>, |app, keys| {
        use agreement::entity::agreement_template::{Column, Entity};
        let query = Entity::find().filter(Column::AgreementTypeId.is_in(ids(keys)));
        let texts = query.order_by_asc(Column::Position).order_by_desc(Column::Version).all(app.db.read()).await?;
        Ok(grouped(texts, |text| Some(Of(text.agreement_type_id, Texts))))
    };
    Of<SmsTemplateId, Versions> => Vec<sms::entity::sms_template_version::Model>, |app, keys| {
        Ok(grouped(sms::template::query::versions(app, &ids(keys)).await?, |version| Some(Of(version.template_id, Versions))))
    };
    ShadowOf<AuthRuleId> => Arc<auth_rule::Model>, |app, keys| {
        let reference = reference::current(app).await?;
        let (standing, choices) = (&reference.overview().auth_rules, &reference.auth_rules);
        Ok(keys.iter().filter_map(|key| Some((key.clone(), standing.shadow(choices, key.0, &key.1)?))).collect())
    };
    ShadowOf<SmsTemplateId> => Arc<sms_template::Model>, |app, keys| {
        let reference = reference::current(app).await?;
        let (standing, choices) = (&reference.overview().sms_templates, &reference.sms_templates);
        Ok(keys.iter().filter_map(|key| Some((key.clone(), standing.shadow(choices, key.0, &key.1)?))).collect())
    };
}

fn ids<K: Copy, W>(keys: &[Of<K, W>]) -> Vec<K> {
    padded(keys.iter().map(|key| key.0))
}

/// As many values as a power of two, the last repeated: the database prepares some statements for lists of values, not
/// one for each length.
fn padded<T: Clone>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut values: Vec<_> = values.into_iter().collect();
    if let Some(last) = values.last().cloned() {
        values.resize(values.len().next_power_of_two(), last);
    }
    values
}

fn by<K: Eq + Hash, V>(rows: Vec<V>, key: impl Fn(&V) -> K) -> HashMap<K, V> {
    rows.into_iter().map(|row| (key(&row), row)).collect()
}

fn grouped<K: Eq + Hash, V>(rows: Vec<V>, key: impl Fn(&V) -> Option<K>) -> HashMap<K, Vec<V>> {
    let mut groups: HashMap<K, Vec<V>> = HashMap::new();
    for row in rows {
        if let Some(key) = key(&row) {
            groups.entry(key).or_default().push(row);
        }
    }
    groups
}
