//! What the platform ships with: agreement types and their texts, auth rules, SMS templates. Put in where it is missing;
//! what staff have changed stays.

use esign_sealing::shipped;
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, EntityTrait, ExprTrait, PaginatorTrait,
    sea_query::{Expr, OnConflict, Query},
};
use serde_json::json;

use crate::{
    App,
    agreement::entity::{agreement_template, agreement_type},
    auth::entity::auth_rule,
    error::Result,
    selector::Selector,
    sms::{
        self,
        entity::{sms_template, sms_template_version},
    },
    terms::{AuthType, Scene, SubjectType, TemplateStatus},
};

const BY: &str = "shipped";

/// Puts in whatever is missing. May run at every start, on several processes at once.
pub async fn install(app: &App) -> Result<()> {
    let tx = app.write_tx().await?;
    agreements(app, &tx).await?;
    rules(app, &tx).await?;
    templates(app, &tx).await?;
    app.commit(tx).await
}

async fn agreements(app: &App, tx: &impl ConnectionTrait) -> Result<()> {
    let now = app.now();
    for text in shipped() {
        let scenes: &[Scene] = match text.code {
            "PAYMENT_AGENCY_AGREEMENT" => &[Scene::BatchPayment, Scene::MemberSettlement],
            "SETTLEMENT_MANDATE" => &[Scene::Collection, Scene::MemberSettlement],
            _ => Scene::ALL,
        };
        let id = app.id();
        let kind = agreement_type::ActiveModel {
            id: Set(id),
            code: Set(text.code.to_owned()),
            name: Set(text.document_name.to_owned()),
            scenes: Set(json!(scenes)),
            subject_types: Set(json!(SubjectType::ALL)),
            enabled: Set(true),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
        };
        let new = agreement_type::Entity::insert(kind)
            .on_conflict(OnConflict::column(agreement_type::Column::Code).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
        if new == 0 {
            continue;
        }
        let row = agreement_template::ActiveModel {
            id: Set(app.id()),
            agreement_type_id: Set(id),
            document_name: Set(text.document_name.to_owned()),
            position: Set(i32::try_from(text.position).expect("a handful of documents")),
            version: Set(1),
            source: Set(text.source.to_owned()),
            variables: Set(json!([])),
            published_at: Set(now),
            published_by: Set(Some(BY.to_owned())),
        };
        agreement_template::Entity::insert(row).exec_without_returning(tx).await?;
    }
    Ok(())
}

async fn rules(app: &App, tx: &impl ConnectionTrait) -> Result<()> {
    if auth_rule::Entity::find().count(tx).await? > 0 {
        return Ok(());
    }
    let now = app.now();
    let rule = |number: i32, subject_type: SubjectType, auth_type: AuthType| {
        let selector = Selector { subject_type: Some(subject_type), ..Selector::default() };
        auth_rule::ActiveModel {
            id: Set(app.id()),
            number: Set(number),
            scene: Set(None),
            subject_type: Set(Some(subject_type)),
            agreement_type: Set(None),
            selector: Set(selector.key()),
            auth_type: Set(auth_type),
            enabled: Set(true),
            note: Set(None),
            version: Set(1),
            updated_by: Set(Some(BY.to_owned())),
            created_at: Set(now),
            updated_at: Set(now),
        }
    };
    let rows = [
        rule(1, SubjectType::Corporate, AuthType::PaymentVerification),
        rule(2, SubjectType::Individual, AuthType::FaceVerification),
    ];
    for row in rows {
        auth_rule::Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    let mut counter = Query::update();
    counter.table("auth_rule_counter").value("last", 2).and_where(Expr::col("last").lt(2));
    tx.execute(&counter).await?;
    Ok(())
}

async fn templates(app: &App, tx: &impl ConnectionTrait) -> Result<()> {
    if sms_template::Entity::find().count(tx).await? > 0 {
        return Ok(());
    }
    let now = app.now();
    let template = |subject_type: SubjectType, name: &str, body: &str| {
        let selector = Selector { subject_type: Some(subject_type), ..Selector::default() };
        sms_template::ActiveModel {
            id: Set(app.id()),
            name: Set(name.to_owned()),
            scene: Set(None),
            subject_type: Set(Some(subject_type)),
            agreement_type: Set(None),
            selector: Set(selector.key()),
            body: Set(body.to_owned()),
            sign_name: Set(None),
            gateway_templates: Set(json!([])),
            status: Set(TemplateStatus::Enabled),
            version: Set(1),
            updated_by: Set(Some(BY.to_owned())),
            created_at: Set(now),
            updated_at: Set(now),
        }
    };
    let rows = [
        template(
            SubjectType::Corporate,
            "对公签约通知",
            "{{ clientName }}请贵司就「{{ sceneName }}」签署《{{ agreementName }}》，请经办人在 {{ expiresAt }} 前打开 {{ publicUrl }}/s/{{ linkCode }} 阅读、签字并完成打款验证。",
        ),
        template(
            SubjectType::Individual,
            "对私签约通知",
            "{{ clientName }}请您就「{{ sceneName }}」签署《{{ agreementName }}》，请在 {{ expiresAt }} 前打开 {{ publicUrl }}/s/{{ linkCode }} 阅读、签字并完成身份验证。",
        ),
    ];
    for row in rows {
        let version = sms::template::version_of(&row);
        let new = sms_template::Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
        if new > 0 {
            sms_template_version::Entity::insert(version).exec_without_returning(tx).await?;
        }
    }
    Ok(())
}
