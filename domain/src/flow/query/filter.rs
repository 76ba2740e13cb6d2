//! Which flows a list holds.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    Condition, DatabaseBackend, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    prelude::*,
    sea_query::{ExprTrait, Query, SelectStatement, SimpleExpr, UnionType},
};
use uuid::Uuid;

use super::{
    super::entity::sign_flow::{self, Entity as Flow},
    search::PersonalKey,
};
use crate::{
    App, Caller,
    auth::entity::auth_record,
    ids::{ClientId, FlowId},
    personal::Mobile,
    seal::entity::seal_record,
    sms::entity::sms_record,
    terms::{AuthType, FlowStatus, Scene},
};

/// So many flows are looked at whose numbers begin alike.
const ALIKE: u64 = 1_000;

/// Which flows; all given conditions hold together.
#[derive(Debug, Clone, Default)]
pub struct FlowFilter {
    /// How far they have come.
    pub view: View,
    /// In one of these statuses.
    pub statuses: Option<Vec<FlowStatus>>,
    /// Of one of these scenes.
    pub scenes: Option<Vec<Scene>>,
    /// The flow of this id.
    pub id: Option<FlowId>,
    /// The flowNo, or what it begins with; or upstream's number of the subject, in full.
    pub number: Option<String>,
    /// By something personal, known by its keyed hash alone.
    pub personal: Option<PersonalKey>,
    /// By the number of the subject's identity document.
    pub id_document_number: Option<String>,
    /// By the auth system's challenge id.
    pub challenge_id: Option<String>,
    /// By a gateway's message id.
    pub gateway_message_id: Option<String>,
    /// By the id of a seal, auth or SMS record.
    pub record_id: Option<Uuid>,
    /// By agreement type.
    pub agreement_type: Option<String>,
    /// By how the signer proves who they are.
    pub auth_type: Option<AuthType>,
    /// By the code of what they failed for.
    pub failure_code: Option<String>,
    /// By upstream's number of the subject.
    pub subject_no: Option<String>,
    /// By the signatory's mobile number.
    pub mobile: Option<String>,
    /// Started at or after.
    pub created_from: Option<DateTime<Utc>>,
    /// Started before.
    pub created_to: Option<DateTime<Utc>>,
    /// Of this client.
    pub client_id: Option<ClientId>,
}

/// The flows of a list by how far they have come, from the side of who looks after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum View {
    /// 全部
    #[default]
    All,
    /// 在途: not at an end.
    Open,
    /// 需处理: in the way and not moving by themselves, so that somebody must look.
    Attention,
    /// 已完成
    Completed,
    /// 未成: ended without a signature.
    Unfinished,
}

impl View {
    /// All of them, in the order of their tabs.
    pub const ALL: [Self; 5] = [Self::All, Self::Open, Self::Attention, Self::Completed, Self::Unfinished];

    /// The name in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Open => "open",
            Self::Attention => "attention",
            Self::Completed => "completed",
            Self::Unfinished => "unfinished",
        }
    }

    /// Whether a flow of this status stands in it; of those that need somebody the status alone doesn't tell.
    pub(super) fn holds(self, status: FlowStatus) -> bool {
        match self {
            Self::All => true,
            Self::Open => !status.is_terminal(),
            Self::Attention => false,
            Self::Completed => status == FlowStatus::Completed,
            Self::Unfinished => status.is_terminal() && status != FlowStatus::Completed,
        }
    }

    /// Whether a flow of this status may stand in it.
    fn can_hold(self, status: FlowStatus) -> bool {
        if self == Self::Attention { !status.is_terminal() } else { self.holds(status) }
    }
}

/// For how long a flow may rest in a status in which nobody but the system, or one of ours outside, can move it; none: it
/// waits for its signer, who has time until the session ends, or it has ended.
pub fn dwell_limit(status: FlowStatus) -> Option<TimeDelta> {
    match status {
        FlowStatus::Created | FlowStatus::Sealing => Some(TimeDelta::minutes(5)),
        FlowStatus::Authenticating => Some(TimeDelta::minutes(10)),
        _ => None,
    }
}

impl FlowFilter {
    /// The same flows, seen so.
    #[must_use]
    pub fn seen(&self, view: View) -> Self {
        Self { view, ..self.clone() }
    }

    /// Whether every flow is meant that the caller may see.
    pub(super) fn condition(&self, app: &App, caller: &Caller) -> Condition {
        use sign_flow::Column as C;
        let hash = |purpose: &str, value: &str| app.vault.lookup(purpose, value);
        let backend = app.db.backend();
        // Those that have not ended are fewer than those of a client.
        let narrowing = |column: C| if self.is_open() { wide(backend, column) } else { Expr::col((Flow, column)) };
        Condition::all()
            .add_option(caller.tenant().map(|client| narrowing(C::ClientId).eq(client)))
            .add_option(self.client_id.map(|client| narrowing(C::ClientId).eq(client)))
            .add_option(self.of_view(app.now(), backend))
            .add_option(self.statuses.as_ref().map(|list| of_statuses(self.view, list, backend)))
            .add_option(self.scenes.as_ref().map(|list| C::Scene.is_in(list.iter().copied())))
            .add_option(self.id.map(|id| C::Id.eq(id)))
            .add_option(self.number.as_ref().map(|number| numbered(backend, number)))
            .add_option(self.personal.as_ref().map(PersonalKey::condition))
            .add_option(self.agreement_type.as_ref().map(|code| C::AgreementType.eq(code)))
            .add_option(self.auth_type.map(|kind| C::AuthType.eq(kind)))
            .add_option(self.failure_code.as_ref().map(|code| narrowing(C::FailureCode).eq(code)))
            .add_option(self.subject_no.as_ref().map(|number| C::SubjectNo.eq(number)))
            .add_option(self.id_document_number.as_ref().map(|n| C::IdNumberHash.eq(hash("id_number", n))))
            .add_option(self.mobile.as_ref().map(|text| {
                let mobile = Mobile::parse(text);
                C::MobileHash.eq(hash("mobile", mobile.as_ref().map_or(text.as_str(), Mobile::expose)))
            }))
            .add_option(self.created_from.map(|from| C::CreatedAt.gte(from)))
            .add_option(self.created_to.map(|to| C::CreatedAt.lt(to)))
            .add_option(self.challenge_id.as_ref().map(|id| among(backend, of_challenge(id))))
            .add_option(self.gateway_message_id.as_ref().map(|id| among(backend, of_message(id))))
            .add_option(self.record_id.map(|id| of_record(backend, id)))
    }

    /// Whether flows that have not ended are meant alone.
    fn is_open(&self) -> bool {
        matches!(self.view, View::Open | View::Attention) || self.statuses.as_deref().is_some_and(all_open)
    }

    fn of_view(&self, now: DateTime<Utc>, backend: DatabaseBackend) -> Option<Condition> {
        use FlowStatus as S;
        use sign_flow::Column as C;
        let status = || wide(backend, C::Status);
        Some(match self.view {
            View::All => return None,
            View::Open => Condition::all().add(C::CompletedAt.is_null()),
            View::Attention => Condition::all().add(C::CompletedAt.is_null()).add(attention(now)),
            View::Completed => Condition::all().add(status().eq(S::Completed)),
            View::Unfinished => Condition::all().add(status().is_in([S::Failed, S::TimedOut, S::Cancelled])),
        })
    }
}

/// Of the flows that have not ended, those that somebody must look after. What the index of theirs says stands in the SQL
/// as it stands there: of what is bound to a question PostgreSQL doesn't see that it is about them.
fn attention(now: DateTime<Utc>) -> Condition {
    use sign_flow::Column as C;
    let late = |status: FlowStatus| {
        let limit = dwell_limit(status)?;
        let rests = Expr::cust(format!("\"sign_flow\".\"status\" = '{status}'"));
        Some(Condition::all().add(rests).add(C::UpdatedAt.lt(now - limit)))
    };
    FlowStatus::ALL
        .iter()
        .filter_map(|status| late(*status))
        .fold(Condition::any().add(Expr::cust("\"sign_flow\".\"sms_undelivered\"")), Condition::add)
}

/// Flows that have not ended are few among many and have an index of their own: that they have not is said as well. A
/// status that the view never holds is left out: nothing is looked for among its many.
fn of_statuses(view: View, statuses: &[FlowStatus], backend: DatabaseBackend) -> Condition {
    use sign_flow::Column as C;
    let meant: Vec<FlowStatus> = statuses.iter().copied().filter(|status| view.can_hold(*status)).collect();
    let open = all_open(&meant);
    Condition::all().add(wide(backend, C::Status).is_in(meant)).add_option(open.then(|| C::CompletedAt.is_null()))
}

fn all_open(statuses: &[FlowStatus]) -> bool {
    !statuses.iter().any(|status| status.is_terminal())
}

/// A column that narrows little. SQLite, which doesn't know how many rows bear a value, would enter its index all the same
/// and sort what it finds there; PostgreSQL knows.
fn wide(backend: DatabaseBackend, column: sign_flow::Column) -> SimpleExpr {
    match backend {
        DatabaseBackend::Postgres => Expr::col((Flow, column)),
        _ => Expr::cust(format!("+\"sign_flow\".\"{}\"", column.as_str())),
    }
}

/// What a number begins with is found by comparing, byte by byte, as the index has them; a pattern would depend on how
/// the database sorts. A beginning that half of all flows share finds the last of them.
fn numbered(backend: DatabaseBackend, number: &str) -> SimpleExpr {
    let flow_no = || -> SimpleExpr {
        match backend {
            DatabaseBackend::Postgres => Expr::cust("\"sign_flow\".\"flow_no\" collate \"C\""),
            _ => Expr::col((sign_flow::Entity, sign_flow::Column::FlowNo)),
        }
    };
    // No character of a flowNo comes after this one.
    let beyond = format!("{number}~");
    let ids = || sign_flow::Entity::find().select_only().column(sign_flow::Column::Id).limit(ALIKE);
    let begins = ids().filter(flow_no().gte(number)).filter(flow_no().lt(beyond)).order_by(flow_no(), Order::Desc);
    let of_subject = ids().filter(sign_flow::Column::SubjectNo.eq(number));
    let of = |found: Select<sign_flow::Entity>, name: &'static str| {
        Query::select().column(sign_flow::Column::Id).from_subquery(found.into_query(), name).to_owned()
    };
    let mut either = of(begins, "begins");
    either.union(UnionType::All, of(of_subject, "of_subject"));
    among(backend, either)
}

/// Whether a flow is among those that were found, which are few. They are handed to PostgreSQL as a list: it would walk
/// through all flows in their order to meet those of a subquery sooner or later, and they lie close together, anywhere.
fn among(backend: DatabaseBackend, found: SelectStatement) -> SimpleExpr {
    match backend {
        DatabaseBackend::Postgres => {
            let list = SimpleExpr::SubQuery(None, Box::new(found.into()));
            Expr::cust_with_exprs("$1 = any(array $2)", [Expr::col((Flow, sign_flow::Column::Id)), list])
        }
        _ => sign_flow::Column::Id.in_subquery(found),
    }
}

fn of_challenge(id: &str) -> SelectStatement {
    use auth_record::{Column, Entity};
    Entity::find().select_only().column(Column::FlowId).filter(Column::ChallengeId.eq(id)).into_query()
}

fn of_message(id: &str) -> SelectStatement {
    use sms_record::{Column, Entity};
    Entity::find().select_only().column(Column::FlowId).filter(Column::GatewayMessageId.eq(id)).into_query()
}

fn of_record(backend: DatabaseBackend, id: Uuid) -> SimpleExpr {
    let of = |found: SelectStatement, name: &'static str| {
        Query::select().column(sms_record::Column::FlowId).from_subquery(found, name).to_owned()
    };
    let seal = seal_record::Entity::find().select_only().column(seal_record::Column::FlowId);
    let auth = auth_record::Entity::find().select_only().column(auth_record::Column::FlowId);
    let sms = sms_record::Entity::find().select_only().column(sms_record::Column::FlowId);
    let mut any = of(seal.filter(Expr::col(seal_record::Column::Id).eq(id)).into_query(), "seal");
    any.union(UnionType::All, of(auth.filter(Expr::col(auth_record::Column::Id).eq(id)).into_query(), "auth"));
    any.union(UnionType::All, of(sms.filter(Expr::col(sms_record::Column::Id).eq(id)).into_query(), "sms"));
    among(backend, any)
}
