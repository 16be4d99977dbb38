-- Where a company's working days differ from Monday to Friday, from the organisation's events.
create table working_calendars (
    company_id uuid primary key,
    non_working_days date[] not null,
    working_days date[] not null,
    version bigint not null
);
