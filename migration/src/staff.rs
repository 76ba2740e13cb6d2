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

pub(crate) const SIGN_IN: Script = Script {
    name: "m0018_staff_sign_in",
    both: r"
alter table staff add column totp_secret {bytes};          -- sealed; null: no TOTP
alter table staff add column totp_confirmed_at {time};     -- since when a code is asked for
alter table staff add column totp_step bigint;             -- of the last code that was taken: none is taken twice
alter table staff add column version integer not null default 1;

-- A code that stands in for the TOTP once, when the device is lost.
create table staff_recovery_code (
    id {uuid} primary key,
    staff_id {uuid} not null references staff (id),
    code_hash {bytes} not null,           -- SHA-256: nobody guesses 80 random bits
    created_at {time} not null,
    used_at {time}
);
create index staff_recovery_code_staff on staff_recovery_code (staff_id);

-- A member of staff at one browser, from the right password on.
create table staff_session (
    id {uuid} primary key,
    staff_id {uuid} not null references staff (id),
    token_hash {bytes} not null unique,   -- SHA-256 of the 256 random bits the browser holds
    stage varchar(40) not null,           -- CODE, ENROL, FULL
    pending_totp {bytes},                 -- sealed: the TOTP being set up here
    created_at {time} not null,
    last_seen_at {time} not null,
    expires_at {time} not null,
    proven_at {time} not null,            -- when they last showed who they are
    ip varchar(64),
    agent varchar(200) not null,
    ended_at {time},
    end_reason varchar(40)
);
create index staff_session_staff on staff_session (staff_id, created_at);
create index staff_session_expiry on staff_session (expires_at);

-- Wrong tries under one sign-in name, whether somebody bears it or not.
create table staff_guess (
    name_hash {bytes} primary key,        -- keyed: a password typed in the wrong field is not kept
    tries integer not null,
    locked_until {time},
    last_at {time} not null
);
create index staff_guess_age on staff_guess (last_at);
",
    postgres: "",
    sqlite: "",
};

pub(crate) const GIVEN_PASSWORD: Script = Script {
    name: "m0023_staff_given_password",
    both: r"
-- Whether another member of staff knows the password: then the next sign-in asks for one of their own.
alter table staff add column password_given boolean not null default false;
",
    postgres: "",
    sqlite: "",
};
