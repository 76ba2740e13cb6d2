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
    postgres: r#"
create index sign_flow_no on sign_flow (flow_no collate "C");
"#,
    sqlite: r"
create index sign_flow_no on sign_flow (flow_no);
",
};
