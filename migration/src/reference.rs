//! The version of the reference data: one number that every change of what staff keep moves on, whoever makes it.

use crate::Script;

/// Triggers on every table of reference data. SQLite has them per row and per kind of statement.
macro_rules! triggers {
    (postgres $($table:literal)*) => { concat!($(
        "create trigger reference_changed after insert or update or delete on ", $table,
        " for each statement execute function reference_changed();\n",
    )*) };
    (sqlite $($table:literal)*) => { concat!($(
        triggers!(insert on $table), triggers!(update on $table), triggers!(delete on $table),
    )*) };
    ($change:ident on $table:literal) => { concat!(
        "create trigger reference_changed_", $table, "_", stringify!($change), " after ", stringify!($change), " on ", $table,
        " begin update reference_version set version = version + 1; end;\n",
    ) };
}

pub(crate) const SCRIPT: Script = Script {
    name: "m0013_reference",
    both: r"
-- One row. Moves on in the transaction that changes clients, agreement types, their texts, auth rules or SMS templates:
-- whoever has read them under this version need not read them again while it stands.
create table reference_version (
    id integer primary key check (id = 1),
    version bigint not null
);
insert into reference_version (id, version) values (1, 1);
",
    postgres: concat!(
        r"
create function reference_changed() returns trigger language plpgsql as $$
begin
    update reference_version set version = version + 1;
    return null;
end $$;
",
        triggers!(postgres "client" "agreement_type" "agreement_template" "auth_rule" "sms_template")
    ),
    sqlite: triggers!(sqlite "client" "agreement_type" "agreement_template" "auth_rule" "sms_template"),
};
