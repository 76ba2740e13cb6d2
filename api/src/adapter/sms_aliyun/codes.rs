//! What Aliyun's codes mean, by <https://help.aliyun.com/zh/sms/developer-reference/api-error-codes> (API 错误码) and, for
//! those without `isv` or `isp`, the common codes of its OpenAPI.

use crate::adapter::sms_failure::{
    Class::{Final, Limited, Refused, Unknown},
    Row,
};

pub(super) const TABLE: &[Row] = &[
    // Too many: of this number, this day, this month, or requests of ours.
    ("isv.BUSINESS_LIMIT_CONTROL", Limited),
    ("isv.DAY_LIMIT_CONTROL", Limited),
    ("isv.MONTH_LIMIT_CONTROL", Limited),
    ("Throttling*", Limited),
    // The number.
    ("isv.MOBILE_NUMBER_ILLEGAL", Final),
    // Something went wrong inside, when nobody knows; and a request that was seen before, which another copy of it may
    // have got through.
    ("isp.SYSTEM_ERROR", Unknown),
    ("isp.GATEWAY_ERROR", Unknown),
    ("SignatureNonceUsed", Unknown),
    ("InternalError", Unknown),
    ("ServiceUnavailable", Unknown),
    // Rights of our key, and whatever else they add.
    ("isp.RAM_PERMISSION_DENY", Refused),
    ("isp.*", Unknown),
    // Account, sign name, template, its values: isv.OUT_OF_SERVICE, isv.AMOUNT_NOT_ENOUGH, isv.SMS_SIGNATURE_ILLEGAL,
    // isv.SMS_TEMPLATE_ILLEGAL, isv.TEMPLATE_MISSING_PARAMETERS, isv.PARAM_LENGTH_LIMIT, isv.BLACK_KEY_CONTROL_LIMIT …
    ("isv.*", Refused),
    // Key, clock and right of call.
    ("SignatureDoesNotMatch", Refused),
    ("InvalidTimeStamp*", Refused),
    ("InvalidAccessKeyId*", Refused),
    ("Forbidden*", Refused),
    ("NoPermission*", Refused),
];
