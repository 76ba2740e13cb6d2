//! Clients (上游系统) and their secrets.

use crate::Script;

pub(crate) const SCRIPT: Script = Script {
    name: "m0001_client",
    both: r"
-- An upstream system.
create table client (
    id {uuid} primary key,
    code varchar(32) not null unique,
    name varchar(200) not null,
    scopes {json} not null,               -- array of scope names
    webhook_url text,
    webhook_events {json} not null,       -- array of event names
    return_url_origins {json} not null,   -- array of origins, scheme://host[:port]
    settings {json} not null,             -- what differs from the configured defaults
    enabled boolean not null,
    version integer not null,             -- counts changes, guards against lost updates
    created_at {time} not null,
    updated_at {time} not null
);
-- A secret of a client; more than one is valid while a rotation overlaps.
create table client_secret (
    id {uuid} primary key,
    client_id {uuid} not null references client (id),
    hash {bytes} not null,                -- keyed hash; the secret itself is shown once and kept nowhere
    created_at {time} not null,
    expires_at {time}                     -- set when a newer one takes over
);
create index client_secret_client on client_secret (client_id);
",
    postgres: "",
    sqlite: "",
};

pub(crate) const WEBHOOK_SECRETS: Script = Script {
    name: "m0016_client_webhook_secret",
    both: r"
-- What webhooks to a client are signed with; two are used while a rotation overlaps.
create table client_webhook_secret (
    id {uuid} primary key,
    client_id {uuid} not null references client (id),
    secret {bytes} not null,              -- sealed
    created_at {time} not null,
    expires_at {time}                     -- set when a newer one takes over
);
create index client_webhook_secret_client on client_webhook_secret (client_id);
",
    postgres: "",
    sqlite: "",
};
