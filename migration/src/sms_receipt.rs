//! Receipts of SMS gateways that came before their message was known.

use crate::Script;

pub(crate) const SCRIPT: Script = Script {
    name: "m0017_sms_receipt",
    both: r"
-- A receipt that overtook the answer which names its message; taken out when the message is known, or after some days.
-- It holds nothing of the person.
create table sms_receipt (
    gateway varchar(64) not null,
    gateway_message_id varchar(200) not null,
    failure_code varchar(64),             -- null: it arrived
    received_at {time} not null,
    primary key (gateway, gateway_message_id)
);
create index sms_receipt_received on sms_receipt (received_at);
",
    postgres: "",
    sqlite: "",
};
