//! What the console's lists and figures need so that a million flows cost what ten thousand do.

use crate::Script;

pub(crate) const SCRIPT: Script = Script {
    name: "m0022_flow_filter",
    both: r"
drop index sign_flow_name;
drop index sign_flow_failure;
drop index sms_record_created;
-- How many links were opened is counted without a look at the flows: a session begins when its flow does.
create index h5_session_opened on h5_session (created_at, flow_id) where opened_at is not null;
",
    // A scene, an auth type or an agreement type that is rare, or that no flow has, would be looked for through all of
    // time. SQLite, which knows nothing of how rare a value is, would use these for everything and be slower.
    postgres: r"
create index sign_flow_scene on sign_flow (scene, created_at, id);
create index sign_flow_auth_type on sign_flow (auth_type, created_at, id);
create index sign_flow_agreement on sign_flow (agreement_type, created_at, id);
-- Many people bear one name, and many flows fail for one reason: the newest of them are found, and counted by status,
-- without a look at the rows.
create index sign_flow_name on sign_flow (name_hash, created_at, id) include (status) where name_hash is not null;
create index sign_flow_failure on sign_flow (failure_code, created_at, id) include (status)
    where failure_code is not null;
-- Those that have not ended are few: whatever narrows them, all that is asked about stands beside them.
drop index sign_flow_open;
create index sign_flow_open on sign_flow (created_at, id)
    include (client_id, scene, status, agreement_type, auth_type, failure_code) where completed_at is null;
-- Of those that have not ended, those that could need somebody.
create index sign_flow_attention on sign_flow (created_at, id)
    where completed_at is null and (sms_undelivered or status in ('CREATED', 'AUTHENTICATING', 'SEALING'));
create index sms_record_created on sms_record (created_at) include (gateway, status, sent_at);
",
    sqlite: r"
create index sign_flow_name on sign_flow (name_hash, created_at, id, status) where name_hash is not null;
create index sign_flow_failure on sign_flow (failure_code, created_at, id, status) where failure_code is not null;
create index sms_record_created on sms_record (created_at, gateway, status, sent_at);
",
};
