stuck-title = Stuck work
stuck-sum = { $count ->
    [one] 1 thing needs a person
   *[other] { $count } things need a person, the most urgent first
}
stuck-empty = Nothing is stuck
stuck-empty-what = When a seal, an authentication, a message or a job is stuck, it stands here with what can be done.
stuck-more = The oldest { $shown } of { $count }
stuck-told = Original message
stuck-since = since
stuck-tries = { $count ->
    [one] tried once
   *[other] tried { $count } times
}
stuck-many = { $count } jobs
stuck-seal_fails = Sealing fails
stuck-seal_fails-what = Signed and authenticated; only the seal is missing. The system keeps trying.
stuck-challenge_fails = Authentication could not be started
stuck-challenge_fails-what = The auth system does not accept the request. When the retries are used up, the flow fails.
stuck-auth_silent = No result from the auth system
stuck-auth_silent-what = The signer has answered, but there has been no result for over 10 minutes.
stuck-undelivered = SMS not delivered
stuck-undelivered-what = No gateway accepted the message, the retries are used up, and the link has not been opened.
stuck-job_discarded = Jobs given up
stuck-job_discarded-what = The system will not run them again by itself. Run them again, or dismiss them.
stuck-job_fails = Jobs that keep failing
stuck-job_fails-what = Failed more than 5 times; the system keeps trying.
stuck-gateway_open = SMS gateways paused
stuck-gateway_open-what = Failed repeatedly and is bypassed for now; one message will try it when the pause is over.
stuck-jobs_overdue = Overdue jobs
stuck-jobs_overdue-what = Due for over 5 minutes: check the processes that run jobs.
remedy-retry_seal = Seal now
remedy-abandon_seal = Give up
remedy-ask_auth_system = Ask now
remedy-resend = Resend
remedy-copy_link = Copy link
remedy-edit_template = Template
remedy-cancel = Cancel
remedy-run_again = Run again
remedy-dismiss = Dismiss
job-run = Run again
job-run-ask = Run the job again?
job-run-what = The job runs at once. Where the same job waits already, it runs once. This stands in the audit log.
job-run-all = Run all again
job-run-all-ask = Run all jobs again that were given up?
job-run-all-what = Every job that was given up runs again at once; each stands in the audit log.
job-dismissal = Dismiss
job-dismissal-ask = Dismiss this job?
job-dismissal-what = The job will not run again and leaves this list. This can't be undone.
job-leave = Keep it
done-run = The job runs again
done-run-all = All jobs run again
done-dismissal = The job was dismissed
done-already = Somebody dealt with it already
