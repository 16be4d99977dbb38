-- Whether anybody is waited for is asked at every submission.
create index assignments_waited_for on assignments (company_id, cycle)
    where state = 'open' and (not optional or named_by is not null);
