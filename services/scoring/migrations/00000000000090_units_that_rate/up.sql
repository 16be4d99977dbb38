-- Few units rate: whoever looks at a sheet asks which, and must not look at every unit of the company for that.
create index assignments_of_units on assignments (company_id, rater)
    where rater_kind = 'unit' and state in ('open', 'submitted');
