-- Tables whose news wake a job.
call tells('closing_units');
call tells('cycles');
