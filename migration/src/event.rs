//! Flow events (流程事件): append-only, hash-chained, tailed in commit order.

use crate::Script;

pub(crate) const SCRIPT: Script = Script {
    name: "m0007_event",
    both: r"
-- One event of one flow's chain.
create table flow_event (
    position {serial},                    -- order of insertion over all flows
    id {uuid} not null unique,
    flow_id {uuid} not null references sign_flow (id),
    client_id {uuid} not null,
    flow_no varchar(64) not null,
    scene varchar(40) not null,
    seq integer not null,                 -- order within the flow, from 1
    type varchar(40) not null,
    from_status varchar(40),
    to_status varchar(40) not null,
    detail text not null,                 -- canonical JSON, exactly as it was hashed; no personal values
    prev_hash {bytes} not null,
    hash {bytes} not null,
    occurred_at {time} not null,
    unique (flow_id, seq)
);
-- The personal values an event speaks of; the event holds only their HMAC.
create table event_secret (
    event_id {uuid} primary key,
    flow_id {uuid} not null,
    body {bytes} not null                 -- sealed JSON
);
create index event_secret_flow on event_secret (flow_id);
",
    // xid: PostgreSQL numbers rows before they are committed, so position alone would skip a late commit. The tail
    // reads transactions below the oldest one still running, in the order (xid, position).
    postgres: r"
alter table flow_event add column xid xid8 not null default pg_current_xact_id();
create index flow_event_tail on flow_event (xid, position);
create function flow_event_is_append_only() returns trigger language plpgsql as $$
begin raise exception 'flow_event is append-only'; end $$;
create trigger flow_event_is_append_only before update or delete on flow_event
    for each row execute function flow_event_is_append_only();
create trigger flow_event_is_never_truncated before truncate on flow_event
    for each statement execute function flow_event_is_append_only();
",
    sqlite: r"
create trigger flow_event_no_update before update on flow_event
    begin select raise(abort, 'flow_event is append-only'); end;
create trigger flow_event_no_delete before delete on flow_event
    begin select raise(abort, 'flow_event is append-only'); end;
",
};
