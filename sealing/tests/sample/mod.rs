//! Sample data in the form every agreement text gets.

use serde_json::{Value, json};

/// The data of one flow.
pub fn data(corporate: bool) -> Value {
    let individual = json!({
        "type": "INDIVIDUAL", "roleName": "接收方", "subjectNo": "R-20261122-0007", "name": "䶮𬭊小明",
        "idDocumentTypeName": "居民身份证", "idDocumentNumber": "3101**********1234", "mobile": "138****2077",
        "signatoryName": null, "bankName": "招商银行上海分行", "bankAccountNo": "6225 **** **** 6688",
    });
    let company = json!({
        "type": "CORPORATE", "roleName": "门店", "subjectNo": "S-1002", "name": "上海示例信息技术有限公司",
        "idDocumentTypeName": "统一社会信用代码", "idDocumentNumber": "9131**********12X4", "mobile": "139****8765",
        "signatoryName": "张三", "bankName": "中国工商银行上海市徐汇支行", "bankAccountNo": "1001 **** **** 0123",
    });
    json!({
        "flowNo": "MS20261122000008402", "scene": "MEMBER_SETTLEMENT", "sceneName": "会员结算", "fundPurpose": "会员收益结算",
        "clientName": "会员结算系统", "subject": if corporate { company } else { individual },
        "startedOn": "2026年11月22日", "expiresOn": "2026年11月25日", "variables": {},
    })
}
