//! Finding what needs a person, among millions of flows and jobs that don't.

use crate::Script;

pub(crate) const SCRIPT: Script = Script {
    name: "m0020_stuck",
    both: r"
-- Given up, until staff have dealt with it.
create index job_discarded on job (kind, id) where state = 'discarded';
-- Tried, failed, and waiting for its next try.
create index job_failing on job (kind, id) where state in ('available', 'running') and failures > 0;
-- No gateway took the link, and no try is left.
create index sign_flow_undelivered on sign_flow (updated_at) where status = 'CREATED' and sms_undelivered;
-- With the auth system, since.
create index sign_flow_judged on sign_flow (updated_at) where status = 'AUTHENTICATING';
-- What the auth system pushed about one challenge.
create index auth_inbox_challenge on auth_inbox (challenge_id);
",
    postgres: "",
    sqlite: "",
};
