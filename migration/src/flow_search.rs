//! What the console's lists and figures need to hold with a million flows.

use crate::Script;

pub(crate) const SCRIPT: Script = Script {
    name: "m0018_flow_search",
    both: r"
-- The keyed hash of the subject's name, for search. Flows from before this script have none.
alter table sign_flow add column name_hash {bytes};
create index sign_flow_name on sign_flow (name_hash) where name_hash is not null;
create index sign_flow_updated on sign_flow (updated_at, id);
-- Flows that have not ended are few among many, and asked for most.
create index sign_flow_open on sign_flow (created_at, id) where completed_at is null;
create index sign_flow_failure on sign_flow (failure_code, created_at) where failure_code is not null;
create index sms_record_created on sms_record (created_at);
",
    // What a flowNo begins with is compared byte by byte, whatever the database's own order of letters.
    //
    // Lists and figures that walk through a time look at an index that holds all they ask about, not at the rows, which
    // are ten times as large. It takes the place of the one by time alone.
    postgres: r#"
create index sign_flow_no on sign_flow (flow_no collate "C");
create index sign_flow_walk on sign_flow (created_at, id) include (client_id, scene, status, agreement_type, auth_type,
    auth_status, seal_status, failure_code, sms_undelivered, sms_sent_count, lost_session, updated_at, completed_at);
drop index sign_flow_created;
"#,
    sqlite: r"
create index sign_flow_no on sign_flow (flow_no);
create index sign_flow_walk on sign_flow (created_at, id, client_id, scene, status, agreement_type, auth_type,
    auth_status, seal_status, failure_code, sms_undelivered, sms_sent_count, lost_session, updated_at, completed_at);
drop index sign_flow_created;
",
};
