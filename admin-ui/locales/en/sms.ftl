sms-title = SMS templates
sms-one = SMS template
sms-new = New template
sms-edit = Edit
sms-edit-of = Edit "{ $name }"
sms-states = State
sms-all = All
sms-search = Search name or text
sms-name = Name
sms-name-hint = For staff, 1–200 characters
sms-selector = Applies to
sms-selector-hint = Of the templates that match, the most specific one is used
sms-scene = Scene
sms-subject-type = Subject type
sms-agreement-type = Agreement type
sms-any = Any
sms-any-scene = any scene
sms-any-subject = any subject
sms-any-agreement = any agreement
sms-state = State
sms-version = Version
sms-decides = Decides
sms-decides-none = In use, but it decides nothing: more specific templates come first, or no flow may be started with what it applies to.
sms-decides-off = Not in use: it decides nothing.
sms-cells = { $count ->
    [one] { $count } cell
   *[other] { $count } cells
}
sms-fixed = { $fixed ->
    [0] general
    [1] 1 condition
    [2] 2 conditions
   *[other] 3 conditions
}
sms-matrix = Decision matrix
sms-shadowed = Shadowed
sms-changed = Changed
sms-total = { $count ->
    [one] { $count } template
   *[other] { $count } templates
}
sms-order = More specific first
sms-empty = No SMS template yet. Make one, so that new flows can send their SMS.
sms-none-found = No template matches
sms-body = Text
sms-body-hint = Write the link as {"{{"} publicUrl {"}}"}/s/{"{{"} linkCode {"}}"} with a space after it
sms-insert = Insert
sms-variables = Available variables
sms-var-subjectName = Subject
sms-var-agreementName = Agreement
sms-var-sceneName = Scene
sms-var-expiresAt = Deadline
sms-var-clientName = Sender
sms-var-publicUrl = Address
sms-var-linkCode = Link code
sms-sign = Signature
sms-sign-own = the gateway's own
sms-sign-hint = 2–16 characters without brackets; leave empty for the gateway's own
sms-preview = Phone preview
sms-shown = Values shown
sms-usual = Usual
sms-longest = Longest
sms-sample = Sample values
sms-count = { $characters } characters · billed as { $segments }
sms-count-longest = longest { $characters }, billed as { $segments }
sms-count-none = Write the text, and its length is counted here
sms-fewer = { $fewer } fewer would make it { $segments }
sms-billing = 70 in one, 67 in each of more
sms-lint = Checks
sms-lint-live = As you write
sms-lint-none = Write the text, and what carriers would refuse is listed here
sms-errors = { $count ->
    [one] { $count } error
   *[other] { $count } errors
}
sms-warnings = { $count ->
    [one] { $count } warning
   *[other] { $count } warnings
}
sms-blocks = Error: 
sms-warns = Warning: 
sms-unknown = There is no variable called <code>{ $name }</code>
sms-meant = ; is <code>{ $name }</code> meant?
sms-mend = Use { $name }
sms-fine = { $gateway }: no objections
sms-codes = Gateway codes
sms-codes-hint = Not sent through a gateway that has not approved it
sms-gateway = Gateway
sms-code = Code
sms-needs-code = needs a code
sms-gone = no longer configured: empty it and save
sms-review = Review
sms-review-PENDING = Pending
sms-review-APPROVED = Approved
sms-review-REJECTED = Rejected
sms-note = Note
sms-create = Save as draft
sms-save-draft = A draft is not sent until it is enabled
sms-save-enabled = In use: new flows get the new text at once, flows under way keep theirs
sms-save-over = Save after v{ $version }
sms-lost = Somebody saved v{ $version } while you were editing
sms-lost-next = What you typed is all below and is not saved. Look at what differs; saving makes another version after theirs.
sms-lost-body = From the text as it is now to yours
sms-conflict = Another template in use applies to the same:
sms-versions = Versions
sms-by = By
sms-at = When
sms-compare = Compare
sms-compare-last = Compare with v{ $version }
sms-compare-with = Compare with v{ $version }
sms-compare-of = From v{ $from } to v{ $to }
sms-same = The text is the same
sms-diff-key = Struck through on red: taken away; on green: added
sms-enable = Enable
sms-enable-ask = Enable "{ $name }"?
sms-enable-says = New flows get the text of v{ $version }. Flows under way keep theirs. It can be disabled at any time.
sms-disable = Disable
sms-disable-ask = Disable "{ $name }"?
sms-disable-says = New flows no longer get it. Flows under way keep it for resending. It can be enabled again at any time.
sms-keep = Leave as it is
sms-changes = { $count ->
    [one] { $count } cell changes
   *[other] { $count } cells change
}
sms-changes-none = No cell changes: more specific templates come first, or no flow may be started with what it applies to.
sms-holes = { $count ->
    [one] { $count } cell is left without a template
   *[other] { $count } cells are left without a template
}: new flows there can send no SMS
sms-cell = Cell
sms-before = Now
sms-after = Then
sms-no-template = no template
sms-test = Test
sms-test-ask = Send "{ $name }" as a test?
sms-test-says = v{ $version } is really sent to this phone, with sample values and a link that leads nowhere.
sms-test-limits = One message in { $gap } seconds and { $most } a day to one number, those of flows included. It is billed, and written into the audit log.
sms-mobile = Phone number
sms-mobile-hint = 11 digits of a mainland number, or +86 in front
sms-test-send = Send
sms-test-leave = Don't send
done-sms-made = Draft saved
done-sms-saved = Saved
done-sms-enabled = Enabled
done-sms-disabled = Disabled
done-sms-test = The gateway took the test message
