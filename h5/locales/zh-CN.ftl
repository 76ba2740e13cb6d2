# Everything the signer reads, in Simplified Chinese. Plain, polite, short; no codes in headlines, no blame.
# A message may hold inline HTML; values are escaped before they are set in.
brand = 电子签约
other-language = EN
large-type = 大字
progress = 进度
step-read = 阅读
step-sign = 签署
step-auth = 认证
step-done = 完成
documents = 协议
decline = 拒签
decline-flow = 不签了，拒绝这次签约
back-to-signing = 返回签署
try-again = 再试一次
what-now = 现在可以做什么
flow-no = 流水号
reason-code = 原因代码
title-marks = 《{ $name }》
scene-COLLECTION = 归集
scene-BATCH_PAYMENT = 批量付款
scene-MEMBER_SETTLEMENT = 会员结算

## 阅读
page-read = 阅读协议
read-title = 请阅读 { $count } 份协议
read-lead = { $client }邀请您签署，用于<b class="nb">{ $scene }</b>。请在 <b class="nb">{ $deadline }</b> 前完成。
read-all = 共 { $count } 份，请翻到每一份的末页
read-done = 已读完，去签署
appearance = 看法
original = 原件
text-version = 文字版
zoom-in = 放大
zoom-out = 缩小
download-document = 下载《{ $name }》
leaf-alt = 《{ $name }》第 { $page } 页，文字见文字版
document-missing = 这份文件暂时没能生成，没有影响您的签约。
leaf-number = 第 { $page } 页，共 { $pages } 页

## 签署
page-sign = 签署协议
sign-title = 请手写签名
sign-for-company = 由 <b class="nb">{ $signatory }</b> 代表 <b>{ $company }</b> 签署
sign-for-oneself = 由 <b class="nb">{ $signatory }</b> 本人签署
sign-needs-script = 手写签名需要浏览器允许运行脚本。请换一个浏览器打开短信里的链接。
pad-label = 签名板
pad-hint = 请写在虚线上方，字迹清楚、大小适中
pad-undo = 撤销一笔
pad-clear = 重写
pad-full = 横屏全屏写
pad-small = 写好了
pad-too-little = 签名太短了，请完整写下姓名。
typed-name-offer = 不方便手写？改为输入姓名
typed-name-label = 签署人姓名
typed-name-hint = 请输入全名「{ $signatory }」，会以印刷字体落在签名处
preview = 签署效果
preview-company = 签名与公司电子章会盖在 { $count } 份协议的落款处
preview-person = 签名会落在 { $count } 份协议的落款处
seal-label = { $company }电子签章
consent = 我已读完并同意
consent-rest = ，愿意用电子签名签署，承认它的法律效力。
consent-account = 为核验账户，同意把户名和账号交给认证机构，只用于这一次核验。
consent-missing = 请先勾选同意，再签署。
sign = 签署 { $count } 份协议

## 拒签
page-refusal = 拒签
refusal-title = 确定要拒签吗？
refusal-text = 拒签后，这次签约就此结束，不能恢复。对方会收到您的理由。
refusal-choose = 请选一个理由
refusal-content = 协议内容与约定的不一样
refusal-facts = 公司、个人或账户信息有误
refusal-not-mine = 不是我的业务，或我不该签
refusal-other = 其他理由
refusal-details = 补充说明（选填，200 字以内）
refusal-missing = 请选一个理由。
refusal-next = 下一步
refusal-yes = 确认拒签
refusal-confirm = 再确认一次：拒签会立即通知{ $client }，之后不能改回。

## 认证 打款
page-auth-payment = 验证账户
payment-title-company = 验证对公账户
payment-title-person = 验证银行账户
payment-lead = 我们刚向下面的账户转入一笔不到 1 元的款项。查到金额后填在这里，就能证明账户归您所有。
account = 收款账户
payment-where = 在手机银行或网银的「交易明细」里找这一笔：
payment-what = 签署之后到账 · 收入
amount-label = 到账金额（元）
amount-wrong = 金额不对。请核对签署之后到账的那一笔，不到 1 元。
tries-left = 还可以试 { $count } 次
valid-until = { $time } 前有效
payment-when = 一般 5 分钟内到账，个别银行要 2 小时。
payment-later = 可以先关闭页面，到账后从短信里的链接回来。
submit-amount = 确认金额

## 认证 人脸
page-auth-face = 人脸验证
face-title = 同意采集人脸信息
face-title-go = 请刷脸
face-lead = 接下来要刷脸，确认签名的是 <b class="nb">{ $name }</b> 本人。人脸信息属于敏感个人信息，需要您单独同意。
face-lead-go = 还差一步：请 <b class="nb">{ $name }</b> 本人到认证页面刷脸。
face-what = 采集什么
face-what-text = 一段几秒钟的面部视频，以及您的姓名、证件号
face-why = 用来做什么
face-why-text = 只用于这一次的身份核验，不作他用
face-who = 由谁处理
face-who-text = 认证机构；本平台不接收人脸影像
face-long = 保存多久
face-long-text = 影像由认证机构按规定及时删除，我们只留核验结果作为凭证
face-consent = 我已看清以上说明，单独同意采集并处理我的人脸信息。
face-consent-missing = 请先勾选单独同意，再开始刷脸。
face-instead-payment = 不同意也可以：可以改为验证您自己的银行账户，已签的内容不会因此失效。
face-instead-outside = 不同意也可以：请联系对方换其他核验方式，已签的内容不会因此失效。
face-note = 请在光线充足处进行
face-rejected = 上一次没有核验通过，还可以试 { $count } 次。
face-expired = 上一次的刷脸已过期，还可以试 { $count } 次。
refuse-face = 暂不同意
start-face = 同意，开始刷脸
go-on-face = 去刷脸

## 处理中
page-wait = 处理中
wait-sending = 正在发起打款
wait-sending-text = 正在请认证机构向您的账户转一笔小额款项，通常几秒钟。
wait-facing = 正在准备刷脸
wait-facing-text = 正在连接认证机构，通常几秒钟，之后会自动打开刷脸页面。
wait-verifying = 正在核验身份
wait-verifying-text = 认证机构正在核对，通常几秒钟。
wait-sealing = 正在盖章
wait-sealing-text = 身份已通过。正在给 { $count } 份协议加盖电子章，通常几秒钟。
wait-again = 上一次没有核验通过
wait-again-text = 协议还没有生效，也不会扣款。还可以试 { $left } 次。
wait-lapsed = 上一次验证已过期
wait-lapsed-text = 协议还没有生效，也不会扣款。还可以试 { $left } 次。
wait-blocked = 暂时不能打款验证
wait-blocked-text = 这个账户一天之内填错金额的次数太多了，{ $time } 后会自动继续。
retry-auth = 再验证一次
stage-signed = 签名已收到
stage-verified = 身份核验
stage-sealed = 加盖电子章
stage-finished = 完成
wait-may-close = 可以关闭这个页面，不影响进行。之后从短信里的链接回来，就能看到最新的情况。

## 结果
page-done = 签署完成
done-title = 签署完成
done-text = { $count } 份协议已盖章生效，{ $client }已收到结果。
pdf-sealed = PDF · 已盖章
party = 签署方
completed-at = 完成时间
auth-method = 认证方式
auth-PAYMENT_VERIFICATION = 打款验证
auth-FACE_VERIFICATION = 人脸验证
verify = 文件带数字签名，任何人都可以
verify-link = 查验真伪
finish = 返回{ $client }
page-failed = 签约未完成
page-timed-out = 签约已超时
page-cancelled = 签约已撤销
end-amount = 身份没有核验通过
end-amount-text = 几次金额都没对上，这次签约已结束。协议没有生效，也不会扣款。请联系对方重新发起。
end-auth = 身份没有核验通过
end-auth-text = 这次签约已结束。协议没有生效，也不会扣款。请联系对方重新发起。
end-auth-init = 身份核验没能开始
end-auth-init-text = 认证机构一直连不上，这次签约已结束。协议没有生效，也不会扣款。请联系对方重新发起。
end-session = 已过签署期限
end-session-text = 签约在 { $time } 截止，协议没有生效。还需要签的话，请联系对方重新发起。
end-auth-timeout = 验证超时了
end-auth-timeout-text = 没有在期限内完成验证，协议没有生效。还需要签的话，请联系对方重新发起。
end-declined = 您已拒签
end-declined-text = 对方已收到您的理由，协议不会生效。
end-cancelled = 对方撤销了这次签约
end-cancelled-text = 您不用再做什么，协议没有生效。
end-sign = 文件没能完成盖章
end-sign-text = 是我们这边的问题，协议没有生效。对方会与您联系，重新发起。
end-other = 这次签约没有完成
end-other-text = 协议没有生效，也不会扣款。请联系对方重新发起。
advice-account = 查一下收款账户是不是 <b class="nb">{ $account }</b>
advice-ask = 联系{ $client }，请对方重新发起

## 链接无效
page-invalid = 链接无效
invalid-title = 链接无效或已过期
invalid-text = 这个签约链接现在打不开，可能已经过期，也可能不完整。
invalid-newest = 看看有没有更新的短信，用最新一条里的链接
invalid-copied = 链接若是复制来的，请检查有没有漏掉字符
invalid-ask = 联系邀请您签约的一方，请对方重新发送
keep-link = 请勿把签约链接转给他人

## 出了问题
page-trouble = 出了点问题
trouble-internal = 系统出了点问题
trouble-internal-text = 再试一次就好，不会重复提交。若还不行，请把页面底部的编号告诉我们。
trouble-limited = 打开得太频繁了
trouble-limited-text = 请 { $seconds } 秒后再试，已填的内容不受影响。
trouble-large = 内容太大，没有保存
trouble-large-text = 请返回重新签名，写得简单一些。

## 提示（表单退回时）
notice-consent = 请先勾选同意。
notice-ink = 签名太短了，请完整写下姓名。
notice-typed-name = 输入的姓名与签署人不一致，请输入全名。
notice-reading = 还没有读完。请翻到每一份协议的末页。
notice-amount = 请填写到账金额，例如 0.37。
notice-moved-on = 刚才的操作没有生效：签约已到下面这一步。
notice-limited = 操作太频繁了，请稍后再试。
notice-internal = 出了点问题，没有保存。再试一次就好。
notice-layout = 文件没能生成，没有签署。请再试一次。
notice-reason = 请选一个拒签的理由。
notice-face-refused = 您选择了不刷脸。请联系对方换其他核验方式；想好了，也可以随时在这里继续。
notice-refused = 没有保存，请检查后再试一次。

## 脚本里的话；%n、%m 由脚本填
js-sending = 正在提交…
js-offline = 网络断开了，内容还在。连上后再点一次就行，不会重复提交。
js-busy = 出了点问题，没有保存。再点一次就好，不会重复提交。
js-read-more = 请继续阅读（%n 秒）
js-read-end = 请翻到末页
js-read-status = 已读 %n/%m 份
js-read-missing = 《%n》还没有读完
js-read-done = 已读完，去签署
js-read-ready = 都读完了，可以去签署
js-image-failed = 这一页没有加载出来，点一下重试
js-text-loading = 正在加载文字版…
js-text-note = 以原件为准
js-amount-format = 请填写到账金额，例如 0.37。
js-refusal-yes = 确认拒签
js-live-off = 连接中断，正在重连…
