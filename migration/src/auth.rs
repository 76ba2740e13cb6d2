//! Auth rules (认证类型映射规则), attempts at the auth system (认证关联), and the inbox of its answers.

use crate::Script;

pub(crate) const RULES: Script = Script {
    name: "m0005_auth_rule",
    both: r"
-- Which auth type a selector gets; a null dimension is 'any'.
create table auth_rule (
    id {uuid} primary key,
    scene varchar(40),
    subject_type varchar(40),
    agreement_type varchar(64),
    selector varchar(160) not null,       -- as in sms_template
    auth_type varchar(40) not null,
    enabled boolean not null,
    note text,
    version integer not null,
    updated_by varchar(100),
    created_at {time} not null,
    updated_at {time} not null
);
create unique index auth_rule_enabled_selector on auth_rule (selector) where enabled;
",
    postgres: "",
    sqlite: "",
};

pub(crate) const RECORDS: Script = Script {
    name: "m0010_auth_record",
    both: r"
-- One attempt at the auth system.
create table auth_record (
    id {uuid} primary key,
    flow_id {uuid} not null references sign_flow (id),
    attempt integer not null,
    type varchar(40) not null,
    status varchar(40) not null,
    idempotency_key varchar(120) not null unique,  -- handed to the auth system
    challenge_id varchar(200),
    request_id varchar(200),
    face_url text,
    masked_account varchar(200),
    opened boolean not null,              -- the user has seen it: its expiry then counts as an attempt
    entries_left integer,
    creation_failures integer not null,
    account_hash {bytes},                 -- keyed hash, for the limit per account
    expires_at {time},
    poll_count integer not null,
    credential {bytes},                   -- sealed
    credential_sha256 varchar(64),
    valid_until {time},
    rejected_reason varchar(200),
    late_result boolean not null,
    evidence_blob text,                   -- where the auth system's own evidence is kept
    created_at {time} not null,
    updated_at {time} not null,
    unique (flow_id, attempt)
);
create index auth_record_challenge on auth_record (challenge_id);
-- An amount typed by the user, counted before it is sent.
create table auth_entry (
    id {uuid} primary key,
    auth_record_id {uuid} not null references auth_record (id),
    account_hash {bytes},
    amount integer not null,              -- fen
    wrong boolean,                        -- null until the auth system has answered
    counted_at {time} not null
);
create index auth_entry_record on auth_entry (auth_record_id);
create index auth_entry_account on auth_entry (account_hash, counted_at);
-- Every signed answer the auth system pushed, by its own id: the second time it moves nothing.
create table auth_inbox (
    id varchar(200) primary key,          -- webhook-id
    idempotency_key varchar(120) not null,
    challenge_id varchar(200),
    body {bytes} not null,                -- sealed
    settled boolean not null,             -- false: no attempt matched yet
    received_at {time} not null
);
create index auth_inbox_key on auth_inbox (idempotency_key) where not settled;
",
    postgres: "",
    sqlite: "",
};

pub(crate) const RULE_NUMBERS: Script = Script {
    name: "m0024_auth_rule_number",
    both: r"
-- What people call a rule: R1, R2, … in the order in which they were made. A number is never given twice, so that nobody
-- who was told to delete one deletes another.
alter table auth_rule add column number integer not null default 0;
update auth_rule set number = (select count(*) from auth_rule as older
    where older.created_at < auth_rule.created_at
    or (older.created_at = auth_rule.created_at and older.id <= auth_rule.id));
create unique index auth_rule_number on auth_rule (number);

-- The last number that was given.
create table auth_rule_counter (last integer not null);
insert into auth_rule_counter (last) select count(*) from auth_rule;
",
    postgres: "",
    sqlite: "",
};
