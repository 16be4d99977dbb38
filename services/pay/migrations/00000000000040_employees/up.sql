-- Whose numbers there are, from the organisation's events. `near` is the number without what a spreadsheet loses.
create table employees (
    company_id uuid not null,
    number text not null,
    near text not null,
    version bigint not null,
    primary key (company_id, number)
);
create index employees_by_near on employees (company_id, near);
