//! The tables of SMS.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::{
    ids::*,
    selector::{Entry, Selector},
    terms::*,
};

/// A text and the selector by which it is picked (短信模板).
pub mod sms_template {
    use super::*;

    /// A text and the selector by which it is picked (短信模板).
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sms_template")]
    pub struct Model {
        /// Id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SmsTemplateId,
        /// For staff.
        pub name: String,
        /// 场景; none: any.
        pub scene: Option<Scene>,
        /// 主体类型; none: any.
        pub subject_type: Option<SubjectType>,
        /// 协议类型, by code; none: any.
        pub agreement_type: Option<String>,
        /// The three in one text, unique among the enabled.
        pub selector: String,
        /// Text with `{{ variables }}`.
        #[sea_orm(column_type = "Text")]
        pub body: String,
        /// 签名; none: the gateway's own.
        pub sign_name: Option<String>,
        /// Array of {gateway, code, review, note}.
        pub gateway_templates: Json,
        /// In use or not.
        pub status: TemplateStatus,
        /// Counts changes.
        pub version: i32,
        /// Who changed it last.
        pub updated_by: Option<String>,
        /// When it was made.
        pub created_at: DateTime<Utc>,
        /// When it was last changed.
        pub updated_at: DateTime<Utc>,
    }

    /// None: rows of other tables are read by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl sms_template::Model {
    /// The selector.
    pub fn selector(&self) -> Selector {
        Selector { scene: self.scene, subject_type: self.subject_type, agreement_type: self.agreement_type.clone() }
    }
}

impl Entry for sms_template::Model {
    type Id = SmsTemplateId;

    fn id(&self) -> SmsTemplateId {
        self.id
    }

    fn selector(&self) -> Selector {
        self.selector()
    }

    fn in_force(&self) -> bool {
        self.status == TemplateStatus::Enabled
    }
}

/// A template as it was in one of its versions. Immutable.
pub mod sms_template_version {
    use super::*;

    /// A template as it was in one of its versions. Immutable.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sms_template_version")]
    pub struct Model {
        /// The template.
        #[sea_orm(primary_key, auto_increment = false)]
        pub template_id: SmsTemplateId,
        /// The version, from 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        /// Text with `{{ variables }}`.
        #[sea_orm(column_type = "Text")]
        pub body: String,
        /// 签名; none: the gateway's own.
        pub sign_name: Option<String>,
        /// Array of {gateway, code, review, note}.
        pub gateway_templates: Json,
        /// Who made it.
        pub made_by: Option<String>,
        /// When.
        pub made_at: DateTime<Utc>,
    }

    /// None: rows of other tables are read by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One message (短信发送记录): the first of its flow or a resend.
pub mod sms_record {
    use super::*;

    /// One message (短信发送记录): the first of its flow or a resend.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sms_record")]
    pub struct Model {
        /// Id; the message id at gateways.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SmsRecordId,
        /// The flow; none for a test send.
        pub flow_id: Option<FlowId>,
        /// The template.
        pub template_id: SmsTemplateId,
        /// Its version then.
        pub template_version: i32,
        /// 1 for the first message of the flow.
        pub ordinal: i32,
        /// Tries at gateways so far.
        pub attempt: i32,
        /// How it stands.
        pub status: SmsStatus,
        /// Which gateway took it, or was tried last.
        pub gateway: Option<String>,
        /// The gateway's own id.
        pub gateway_message_id: Option<String>,
        /// Of the last try.
        pub failure_code: Option<String>,
        /// Of the last try, in words.
        #[sea_orm(column_type = "Text", nullable)]
        pub failure_reason: Option<String>,
        /// Keyed hash, for the limits per number.
        pub mobile_hash: Vec<u8>,
        /// When it was, or may have been, accepted: what limits count.
        pub counted_at: Option<DateTime<Utc>>,
        /// When it is tried again.
        pub next_attempt_at: Option<DateTime<Utc>>,
        /// When a gateway accepted it.
        pub sent_at: Option<DateTime<Utc>>,
        /// When it reached the phone.
        pub delivered_at: Option<DateTime<Utc>>,
        /// When it was asked for.
        pub created_at: DateTime<Utc>,
        /// When it last changed.
        pub updated_at: DateTime<Utc>,
    }

    /// None: rows of other tables are read by id.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
