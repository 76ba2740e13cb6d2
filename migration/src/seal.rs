//! Seal records (签章流水).

use crate::Script;

pub(crate) const SCRIPT: Script = Script {
    name: "m0008_seal_record",
    both: r"
-- One document of a flow.
create table seal_record (
    id {uuid} primary key,
    flow_id {uuid} not null references sign_flow (id),
    position integer not null,
    document_name varchar(200) not null,
    template_id {uuid} not null references agreement_template (id),
    template_version integer not null,
    status varchar(40) not null,
    content_digest varchar(64),           -- SHA-256 of the base PDF, frozen when the user signed
    sealed_digest varchar(64),            -- SHA-256 of the whole sealed file
    level varchar(40),                    -- signature level reached
    sealed_blob text,                     -- where the sealed file is kept
    failure_reason text,
    signed_at {time},
    sealed_at {time},
    created_at {time} not null,
    updated_at {time} not null,
    unique (flow_id, position),
    constraint sealed_has_its_digests
        check (status <> 'SEALED' or (content_digest is not null and sealed_digest is not null and sealed_at is not null))
);
",
    postgres: "",
    sqlite: "",
};

pub(crate) const BY_TEXT: Script = Script {
    name: "m0021_seal_record_by_text",
    both: r"
-- For counting the flows that have a version of a text.
create index seal_record_by_text on seal_record (template_id);
",
    postgres: "",
    sqlite: "",
};
