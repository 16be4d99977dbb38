-- Tables whose news wake a job.
call tells('mails');
