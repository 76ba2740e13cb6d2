//! Agreement types (协议类型) and their texts (协议文本).

use crate::Script;

pub(crate) const SCRIPT: Script = Script {
    name: "m0003_agreement",
    both: r"
-- An entry of the catalogue.
create table agreement_type (
    id {uuid} primary key,
    code varchar(64) not null unique,
    name varchar(200) not null,
    scenes {json} not null,               -- array of scenes it may be used in
    subject_types {json} not null,        -- array of subject types it may be signed by
    enabled boolean not null,
    version integer not null,
    created_at {time} not null,
    updated_at {time} not null
);
-- One published version of one document of an agreement type. Never changed after it is published.
create table agreement_template (
    id {uuid} primary key,
    agreement_type_id {uuid} not null references agreement_type (id),
    document_name varchar(200) not null,
    position integer not null,            -- order among the documents of the type
    version integer not null,
    source text not null,                 -- typst
    variables {json} not null,            -- array of names that a flow must give values for
    published_at {time} not null,
    published_by varchar(100),
    unique (agreement_type_id, document_name, version)
);
",
    postgres: r"
create function agreement_template_is_immutable() returns trigger language plpgsql as $$
begin raise exception 'a published agreement text is immutable'; end $$;
create trigger agreement_template_is_immutable before update or delete on agreement_template
    for each row execute function agreement_template_is_immutable();
",
    sqlite: r"
create trigger agreement_template_no_update before update on agreement_template
    begin select raise(abort, 'a published agreement text is immutable'); end;
create trigger agreement_template_no_delete before delete on agreement_template
    begin select raise(abort, 'a published agreement text is immutable'); end;
",
};
