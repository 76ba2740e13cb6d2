//! Staff (员工).

use crate::Script;

pub(crate) const SCRIPT: Script = Script {
    name: "m0002_staff",
    both: r"
-- A member of staff.
create table staff (
    id {uuid} primary key,
    name varchar(64) not null unique,     -- sign-in name
    password_hash text not null,          -- argon2id, PHC string
    role varchar(16) not null,            -- admin, operator, auditor
    enabled boolean not null,
    created_at {time} not null,
    updated_at {time} not null
);
",
    postgres: "",
    sqlite: "",
};
