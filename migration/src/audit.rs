//! The audit log: who changed what staff keep, and how it was before.

use crate::Script;

pub(crate) const SCRIPT: Script = Script {
    name: "m0014_audit",
    both: r"
-- One act that changed a template, a rule, an agreement, a client or a member of staff; or that showed what is hidden.
create table audit_entry (
    seq {serial},                         -- the order of the log
    id {uuid} not null unique,
    at {time} not null,
    actor varchar(100) not null,          -- client:code, staff:name, system
    action varchar(64) not null,          -- the operation's name, such as updateSmsTemplate
    target varchar(120) not null,         -- the id of what was changed
    before {json},                        -- without secrets; null: it did not exist
    after {json},                         -- without secrets; null: it exists no more
    ip varchar(64)
);
create index audit_entry_actor on audit_entry (actor, seq);
create index audit_entry_action on audit_entry (action, seq);
create index audit_entry_target on audit_entry (target, seq);
",
    postgres: r"
create function audit_entry_is_for_ever() returns trigger language plpgsql as $$
begin raise exception 'the audit log is append-only'; end $$;
create trigger audit_entry_is_for_ever before update or delete on audit_entry
    for each row execute function audit_entry_is_for_ever();
",
    sqlite: r"
create trigger audit_entry_no_update before update on audit_entry
    begin select raise(abort, 'the audit log is append-only'); end;
create trigger audit_entry_no_delete before delete on audit_entry
    begin select raise(abort, 'the audit log is append-only'); end;
",
};
