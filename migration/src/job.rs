//! Jobs: what is still to be done, written in the transaction that needs it.

use crate::Script;

pub(crate) const SCRIPT: Script = Script {
    name: "m0011_job",
    both: r"
-- One thing to do, at least once, at or after due_at.
create table job (
    id {serial},
    kind varchar(40) not null,
    unique_key varchar(80) not null,      -- at most one of a kind with this key waits or runs
    payload {json} not null,              -- ids only; a job re-reads the state
    flow_id {uuid},
    state varchar(16) not null,           -- available, running, completed, discarded
    due_at {time} not null,
    attempt integer not null,             -- claims so far: the fencing token of the one that runs
    failures integer not null,            -- claims that ended in an error
    lease_until {time},
    last_error text,
    created_at {time} not null,
    finished_at {time}
);
create unique index job_unique on job (kind, unique_key) where state in ('available', 'running');
create index job_due on job (due_at) where state = 'available';
create index job_lease on job (lease_until) where state = 'running';
create index job_flow on job (flow_id);
create index job_finished on job (finished_at) where state in ('completed', 'discarded');
",
    postgres: "",
    sqlite: "",
};
