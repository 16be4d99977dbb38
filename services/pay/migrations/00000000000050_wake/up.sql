-- Tables whose news wake a job.
call tells('held_results');
call tells('cycles');
