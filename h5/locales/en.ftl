# Everything the signer reads, in English. Plain, polite, short; no codes in headlines, no blame.
# A message may hold inline HTML; values are escaped before they are set in.
brand = E-Sign
other-language = 中文
large-type = Large
progress = Progress
step-read = Read
step-sign = Sign
step-auth = Verify
step-done = Done
documents = Agreements
decline = Decline
decline-flow = I don't want to sign: decline
back-to-signing = Back to signing
try-again = Try again
what-now = What you can do now
flow-no = Reference
reason-code = Reason
title-marks = { $name },{ " " }
scene-COLLECTION = fund collection
scene-BATCH_PAYMENT = batch payment
scene-MEMBER_SETTLEMENT = member settlement

## Read
page-read = Read the agreements
read-title = { $count ->
    [one] Please read { $count } agreement
   *[other] Please read { $count } agreements
 }
read-lead = { $client } asks you to sign, for <b class="nb">{ $scene }</b>. Please finish before <b class="nb">{ $deadline }</b>.
read-all = { $count ->
    [one] Please read to the last page
   *[other] { $count } agreements, each to its last page
 }
read-done = Read, go on to sign
appearance = View
original = Original
text-version = Text
zoom-in = Zoom in
zoom-out = Zoom out
download-document = Download { $name }
leaf-alt = { $name }, page { $page }; its words are in the text view
document-missing = This document could not be made just now; your signing is not affected.
leaf-number = Page { $page } of { $pages }

## Sign
page-sign = Sign the agreements
sign-title = Please sign by hand
sign-for-company = <b class="nb">{ $signatory }</b> signs for <b>{ $company }</b>
sign-for-oneself = <b class="nb">{ $signatory }</b> signs in person
sign-needs-script = Signing by hand needs scripts. Please open the link from your text message in another browser.
pad-label = Signature pad
pad-hint = Write above the dashed line, clearly and not too small
pad-undo = Undo
pad-clear = Clear
pad-full = Full screen
pad-small = Done
pad-too-little = That is too short. Please write your full name.
typed-name-offer = Can't write by hand? Type your name
typed-name-label = Name of the signatory
typed-name-hint = Type the full name ({ $signatory }); it is set in print where the signature goes
preview = How it will look
preview-company = { $count ->
    [one] Your signature and the company seal go at the foot of the agreement
   *[other] Your signature and the company seal go at the foot of all { $count } agreements
 }
preview-person = { $count ->
    [one] Your signature goes at the foot of the agreement
   *[other] Your signature goes at the foot of all { $count } agreements
 }
seal-label = Electronic seal of { $company }
consent = I have read and agree to{ " " }
consent-rest = and want to sign electronically, with legal effect.
consent-account = { " " }To verify the account, I agree that its name and number go to the verification provider, for this one check only.
consent-missing = Please tick that you agree before you sign.
sign = { $count ->
    [one] Sign { $count } agreement
   *[other] Sign { $count } agreements
 }

## Decline
page-refusal = Decline
refusal-title = Do you want to decline?
refusal-text = If you decline, this signing ends here and can't be taken up again. The other party receives your reason.
refusal-choose = Please choose a reason
refusal-content = The text is not what we agreed
refusal-facts = Details of the company, person or account are wrong
refusal-not-mine = It is not my business, or not for me to sign
refusal-other = Another reason
refusal-details = More about it (optional, up to 200 characters)
refusal-missing = Please choose a reason.
refusal-next = Next
refusal-yes = Decline for good
refusal-confirm = Once more: declining tells { $client } at once and can't be undone.

## Verify by payment
page-auth-payment = Verify the account
payment-title-company = Verify the company account
payment-title-person = Verify the bank account
payment-lead = We have just sent less than ¥ 1 to the account below. Enter the amount you find there, and the account is shown to be yours.
account = Account
payment-where = Look for it among the transactions in your bank's app:
payment-what = arrived after you signed · credit
amount-label = Amount received (yuan)
amount-wrong = The amount is not right. Please look at the payment that arrived after you signed, less than ¥ 1.
tries-left = { $count ->
    [one] { $count } try left
   *[other] { $count } tries left
 }
valid-until = valid until { $time }
payment-when = It mostly arrives within 5 minutes; some banks take 2 hours.
payment-later = You may close this page and come back by the link in your text message.
submit-amount = Confirm amount

## Verify by face
page-auth-face = Face verification
face-title = Consent to a face check
face-title-go = Face check
face-lead = A face check comes next, to confirm that it is <b class="nb">{ $name }</b> who signs. Face data are sensitive personal information and need a separate consent.
face-lead-go = One step is left: <b class="nb">{ $name }</b>, please do the face check on the provider's page.
face-what = What is collected
face-what-text = A face video of a few seconds, your name and document number
face-why = What for
face-why-text = Only for this one identity check, nothing else
face-who = Who handles it
face-who-text = The verification provider; this platform never receives the video
face-long = For how long
face-long-text = The provider deletes the video as the rules require; we keep only the result
face-consent = I have read this and consent, separately, to the collection and use of my face data.
face-consent-missing = Please tick your separate consent before you start.
face-instead-payment = You need not agree: you may verify your own bank account instead. What you signed stays as it is.
face-instead-outside = You need not agree: please ask the other party for another way. What you signed stays as it is.
face-note = Choose a well-lit place
face-rejected = { $count ->
    [one] The last check did not pass; { $count } try is left.
   *[other] The last check did not pass; { $count } tries are left.
 }
face-expired = { $count ->
    [one] The last check has expired; { $count } try is left.
   *[other] The last check has expired; { $count } tries are left.
 }
refuse-face = Not now
start-face = Agree and start
go-on-face = Start face check

## In progress
page-wait = In progress
wait-sending = Arranging the transfer
wait-sending-text = The provider is being asked to send a small amount to your account, mostly within seconds.
wait-facing = Preparing the face check
wait-facing-text = Connecting to the provider, mostly within seconds; its page then opens by itself.
wait-verifying = Checking your identity
wait-verifying-text = The provider is checking, mostly within seconds.
wait-sealing = Sealing
wait-sealing-text = { $count ->
    [one] You are verified. The agreement is being sealed, mostly within seconds.
   *[other] You are verified. { $count } agreements are being sealed, mostly within seconds.
 }
wait-again = The last check did not pass
wait-again-text = { $left ->
    [one] Nothing has taken effect and nothing is charged. { $left } try is left.
   *[other] Nothing has taken effect and nothing is charged. { $left } tries are left.
 }
wait-lapsed = The last check has expired
wait-lapsed-text = { $left ->
    [one] Nothing has taken effect and nothing is charged. { $left } try is left.
   *[other] Nothing has taken effect and nothing is charged. { $left } tries are left.
 }
wait-blocked = No transfer for now
wait-blocked-text = Too many wrong amounts were entered for this account within a day. It goes on by itself after { $time }.
retry-auth = Verify again
stage-signed = Signature received
stage-verified = Identity checked
stage-sealed = Electronic seal
stage-finished = Done
wait-may-close = You may close this page, it goes on without you. Come back by the link in your text message to see how it stands.

## Results
page-done = Signed
done-title = Signed
done-text = { $count ->
    [one] The agreement is sealed and in force; { $client } has the result.
   *[other] { $count } agreements are sealed and in force; { $client } has the result.
 }
pdf-sealed = PDF · sealed
party = Signed by
completed-at = Completed
auth-method = Verified by
auth-PAYMENT_VERIFICATION = small transfer
auth-FACE_VERIFICATION = face check
verify = The files are digitally signed; anyone can
verify-link = check them
finish = Back to { $client }
page-failed = Not completed
page-timed-out = Timed out
page-cancelled = Withdrawn
end-amount = Your identity was not verified
end-amount-text = The amounts did not match, and this signing has ended. Nothing took effect and nothing is charged. Please ask the other party to start again.
end-auth = Your identity was not verified
end-auth-text = This signing has ended. Nothing took effect and nothing is charged. Please ask the other party to start again.
end-auth-init = The identity check could not start
end-auth-init-text = The verification provider could not be reached, and this signing has ended. Nothing took effect and nothing is charged. Please ask the other party to start again.
end-session = The time to sign is over
end-session-text = Signing closed on { $time }; nothing took effect. If it is still needed, please ask the other party to start again.
end-auth-timeout = The check timed out
end-auth-timeout-text = The check was not finished in time; nothing took effect. If it is still needed, please ask the other party to start again.
end-declined = You declined
end-declined-text = The other party has your reason; nothing will take effect.
end-cancelled = The other party withdrew this signing
end-cancelled-text = There is nothing left for you to do; nothing took effect.
end-sign = The files could not be sealed
end-sign-text = The fault is ours; nothing took effect. The other party will contact you and start again.
end-other = This signing was not completed
end-other-text = Nothing took effect and nothing is charged. Please ask the other party to start again.
advice-account = See whether the account is <b class="nb">{ $account }</b>
advice-ask = Ask { $client } to start again

## Invalid link
page-invalid = Link not valid
invalid-title = This link is not valid or has expired
invalid-text = The link can't be opened now; it may have expired or be incomplete.
invalid-newest = See whether a newer text message came, and use its link
invalid-copied = If you copied the link, check that no character is missing
invalid-ask = Ask whoever invited you to send it again
keep-link = Please don't pass the link on

## Trouble
page-trouble = Something went wrong
trouble-internal = Something went wrong on our side
trouble-internal-text = Please try again: nothing is done twice. If it still fails, tell us the number at the foot of this page.
trouble-limited = Too many requests
trouble-limited-text = Please try again in { $seconds } seconds; what you entered is safe.
trouble-large = Too large, nothing was saved
trouble-large-text = Please go back and sign again, more simply.

## Notices, when a form comes back
notice-consent = Please tick that you agree first.
notice-ink = The signature is too short. Please write your full name.
notice-typed-name = The name differs from the signatory's. Please type the full name.
notice-reading = Not read yet. Please read each agreement to its last page.
notice-amount = Please enter the amount you received, such as 0.37.
notice-moved-on = That had no effect: the signing has moved on to this step.
notice-limited = That was too fast. Please try again in a while.
notice-internal = Something went wrong, nothing was saved. Please try again.
notice-layout = The file could not be made, nothing was signed. Please try again.
notice-reason = Please choose a reason to decline.
notice-face-refused = You chose not to do a face check. Please ask the other party for another way; you may still go on here at any time.
notice-refused = Nothing was saved. Please check and try again.

## What the script says; it sets in %n and %m
js-sending = Sending…
js-offline = You are offline; nothing is lost. Tap again once you are back, nothing is sent twice.
js-busy = Something went wrong, nothing was saved. Tap again, nothing is sent twice.
js-read-more = Please read on (%n s)
js-read-end = Please go to the last page
js-read-status = %n of %m read
js-read-missing = %n is not read yet
js-read-done = Read, go on to sign
js-read-ready = All read, you can go on to sign
js-image-failed = This page did not load. Tap to try again
js-text-loading = Loading the text…
js-text-note = The original prevails
js-amount-format = Please enter the amount you received, such as 0.37.
js-refusal-yes = Decline for good
js-live-off = Connection lost, reconnecting…
