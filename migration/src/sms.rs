//! SMS templates (短信模板) and records (短信发送记录).

use crate::Script;

pub(crate) const TEMPLATES: Script = Script {
    name: "m0004_sms_template",
    both: r"
-- A text and the selector by which it is picked; a null dimension is 'any'.
create table sms_template (
    id {uuid} primary key,
    name varchar(200) not null,
    scene varchar(40),
    subject_type varchar(40),
    agreement_type varchar(64),
    selector varchar(160) not null,       -- the three dimensions in one text, '*' for any: what must be unique
    body text not null,
    sign_name varchar(64),
    gateway_templates {json} not null,    -- array of {gateway, code, review, note}
    status varchar(40) not null,
    version integer not null,
    updated_by varchar(100),
    created_at {time} not null,
    updated_at {time} not null
);
create unique index sms_template_enabled_selector on sms_template (selector) where status = 'ENABLED';
",
    postgres: "",
    sqlite: "",
};

pub(crate) const RECORDS: Script = Script {
    name: "m0009_sms_record",
    both: r"
-- One message: the first of its flow or a resend. Tries at gateways share its id as message id.
create table sms_record (
    id {uuid} primary key,
    flow_id {uuid} references sign_flow (id),    -- null for a test send
    template_id {uuid} not null references sms_template (id),
    template_version integer not null,
    ordinal integer not null,             -- 1 for the first message of the flow
    attempt integer not null,             -- tries at gateways so far
    status varchar(40) not null,
    gateway varchar(64),
    gateway_message_id varchar(200),
    failure_code varchar(64),
    failure_reason text,
    mobile_hash {bytes} not null,         -- keyed hash, for the limits per number
    counted_at {time},                    -- when a gateway accepted it, or may have: what the limits count
    next_attempt_at {time},
    sent_at {time},
    delivered_at {time},
    created_at {time} not null,
    updated_at {time} not null
);
create index sms_record_flow on sms_record (flow_id, ordinal);
create index sms_record_mobile on sms_record (mobile_hash, counted_at);
create index sms_record_gateway on sms_record (gateway_message_id);
",
    postgres: "",
    sqlite: "",
};

pub(crate) const VERSIONS: Script = Script {
    name: "m0015_sms_template_version",
    both: r"
-- A template as it was in each of its versions: a flow is texted, and texted again, in the words it was started with.
create table sms_template_version (
    template_id {uuid} not null references sms_template (id),
    version integer not null,
    body text not null,
    sign_name varchar(64),
    gateway_templates {json} not null,
    made_by varchar(100),
    made_at {time} not null,
    primary key (template_id, version)
);
insert into sms_template_version (template_id, version, body, sign_name, gateway_templates, made_by, made_at)
    select id, version, body, sign_name, gateway_templates, updated_by, updated_at from sms_template;
",
    postgres: r"
create function sms_template_version_is_immutable() returns trigger language plpgsql as $$
begin raise exception 'a version of an SMS template is immutable'; end $$;
create trigger sms_template_version_is_immutable before update or delete on sms_template_version
    for each row execute function sms_template_version_is_immutable();
",
    sqlite: r"
create trigger sms_template_version_no_update before update on sms_template_version
    begin select raise(abort, 'a version of an SMS template is immutable'); end;
create trigger sms_template_version_no_delete before delete on sms_template_version
    begin select raise(abort, 'a version of an SMS template is immutable'); end;
",
};
