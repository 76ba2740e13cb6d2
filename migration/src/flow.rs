//! Sign flows (签约流程), their sessions (H5会话), what they keep secret, and their results.

use crate::Script;

pub(crate) const SCRIPT: Script = Script {
    name: "m0006_flow",
    both: r"
-- The aggregate. Only flow::transition writes status and what follows from it.
create table sign_flow (
    id {uuid} primary key,
    client_id {uuid} not null references client (id),
    flow_no varchar(64) not null,
    content_hmac {bytes} not null,        -- of the canonical input, for comparing repeated calls
    content_key_id varchar(16) not null,
    scene varchar(40) not null,
    business_action varchar(40),
    fund_purpose varchar(64) not null,
    subject_type varchar(40) not null,
    subject_role varchar(40) not null,
    subject_no varchar(64) not null,
    mobile_hash {bytes} not null,
    id_number_hash {bytes} not null,
    account_hash {bytes},
    agreement_type_id {uuid} not null references agreement_type (id),
    agreement_type varchar(64) not null,
    status varchar(40) not null,
    auth_type varchar(40) not null,
    auth_status varchar(40) not null,
    seal_status varchar(40) not null,     -- of all documents: they move together
    attempt integer not null,             -- current attempt, 0 before the first
    attempts_spent integer not null,      -- rejected, or expired after the user had opened it
    sign_failures integer not null,
    failure_code varchar(64),
    sms_undelivered boolean not null,
    sms_sent_count integer not null,      -- messages a gateway accepted
    sms_resent_count integer not null,    -- resends asked for
    last_sms_at {time},
    decision {json} not null,             -- why this auth type and this SMS template, as it was then
    return_url text,
    metadata {json},
    supersedes {uuid} unique references sign_flow (id),
    event_count integer not null,
    head_hash {bytes} not null,           -- of the newest event
    lost_session boolean not null,        -- failed at its start: there is no session
    created_at {time} not null,
    updated_at {time} not null,
    expires_at {time} not null,           -- the end of the session, always
    completed_at {time},                  -- when it became terminal
    unique (client_id, flow_no),
    constraint completed_means_passed_and_sealed
        check (status <> 'COMPLETED' or (auth_status = 'PASSED' and seal_status = 'SEALED')),
    constraint sealed_means_completed check (seal_status <> 'SEALED' or status = 'COMPLETED')
);
create index sign_flow_client_created on sign_flow (client_id, created_at, id);
create index sign_flow_status on sign_flow (status, created_at);
create index sign_flow_created on sign_flow (created_at, id);
create index sign_flow_mobile on sign_flow (mobile_hash);
create index sign_flow_id_number on sign_flow (id_number_hash);
create index sign_flow_subject on sign_flow (subject_no);
-- What a flow keeps secret. Erasing this row erases the person; the event chain stays verifiable.
create table flow_secret (
    flow_id {uuid} primary key references sign_flow (id),
    event_key {bytes} not null,           -- sealed: the key of the HMACs that stand in events
    input {bytes} not null,               -- sealed: the whole input, canonical JSON
    link_code {bytes} not null,           -- sealed: so that replay, resend and copy give the same link
    document_data {bytes} not null,       -- sealed: what the documents are laid out with, frozen at the start
    ink {bytes}                           -- sealed: the handwriting
);
-- The signer's link.
create table h5_session (
    id {uuid} primary key,
    flow_id {uuid} not null unique references sign_flow (id),
    code_hash {bytes} not null unique,    -- keyed hash of the code in the link
    opened_at {time},                     -- the first opening
    created_at {time} not null
);
-- A form the signer posted and that was done: the same id again changes nothing.
create table submission (
    id {uuid} primary key,
    flow_id {uuid} not null references sign_flow (id),
    act varchar(40) not null,
    created_at {time} not null
);
-- What upstream gets, written with the terminal event.
create table sign_result (
    flow_id {uuid} primary key references sign_flow (id),
    token text not null,                  -- compact JWS
    evidence_digest varchar(64) not null, -- hash of the terminal event
    created_at {time} not null
);
",
    postgres: "",
    sqlite: "",
};

/// COMPLETED holds only when every seal is SEALED: what a check of one row can't say.
pub(crate) const COMPLETION_GUARD: Script = Script {
    name: "m0012_completion_guard",
    both: "",
    postgres: r"
create function completed_needs_every_seal() returns trigger language plpgsql as $$
begin
    if new.status = 'COMPLETED' and (
        not exists (select 1 from seal_record where flow_id = new.id)
        or exists (select 1 from seal_record where flow_id = new.id and status <> 'SEALED')
    ) then
        raise exception 'a flow is completed only when every document is sealed';
    end if;
    if old.status in ('COMPLETED', 'FAILED', 'TIMED_OUT', 'CANCELLED') and new.status <> old.status then
        raise exception 'a terminal state is never left';
    end if;
    return new;
end $$;
create trigger completed_needs_every_seal before update on sign_flow
    for each row execute function completed_needs_every_seal();
",
    sqlite: r"
create trigger completed_needs_every_seal before update on sign_flow
    when new.status = 'COMPLETED' and (
        not exists (select 1 from seal_record where flow_id = new.id)
        or exists (select 1 from seal_record where flow_id = new.id and status <> 'SEALED')
    )
    begin select raise(abort, 'a flow is completed only when every document is sealed'); end;
create trigger terminal_is_final before update on sign_flow
    when old.status in ('COMPLETED', 'FAILED', 'TIMED_OUT', 'CANCELLED') and new.status <> old.status
    begin select raise(abort, 'a terminal state is never left'); end;
",
};
