//! What Tencent Cloud's codes mean, by <https://cloud.tencent.com/document/api/382/59177> (短信 API 3.0 发送错误码) and
//! <https://cloud.tencent.com/document/api/382/52075> (公共错误码).

use crate::adapter::sms_failure::{
    Class::{Final, Limited, Refused, Unknown},
    Row,
};

pub(super) const TABLE: &[Row] = &[
    // Too many: of this number, this day, or requests of ours.
    ("LimitExceeded*", Limited),
    ("RequestLimitExceeded*", Limited),
    ("FailedOperation.MarketingSendTimeConstraint", Limited),
    // The number, and what its owner wants.
    ("InvalidParameterValue.IncorrectPhoneNumber", Final),
    ("FailedOperation.PhoneNumberParseFail", Final),
    ("FailedOperation.PhoneNumberInBlacklist", Final),
    // Found before anything is sent: our signature, clock or way of asking.
    ("InternalError.SigVerificationFail", Refused),
    ("InternalError.SigFieldMissing", Refused),
    ("InternalError.RequestTimeException", Refused),
    ("InternalError.RestApiInterfaceNotExist", Refused),
    ("InternalError.JsonParseFail", Refused),
    // Something went wrong inside (Timeout, SendAndRecvFail, OtherError, UnknownError …), when nobody knows.
    ("InternalError*", Unknown),
    // Account, sign name, template, its values.
    ("FailedOperation*", Refused),
    ("InvalidParameter*", Refused),
    ("MissingParameter*", Refused),
    ("UnknownParameter*", Refused),
    ("UnauthorizedOperation*", Refused),
    ("UnsupportedOperation*", Refused),
    ("UnsupportedRegion*", Refused),
    ("AuthFailure*", Refused),
    ("InvalidAction*", Refused),
    ("NoSuchVersion*", Refused),
    ("IpInBlacklist*", Refused),
    ("IpNotInWhitelist*", Refused),
    ("ResourceUnavailable*", Refused),
];
