-- A form whose last day is over lapses, unless it was submitted.
alter table assignments drop constraint assignments_state_check;
alter table assignments add constraint assignments_state_check
    check (state in ('open', 'submitted', 'declined', 'replaced', 'lapsed', 'void'));
-- Whether its rater may decline, as the scheme says.
alter table assignments add column may_decline boolean not null default false;
alter table assignments alter column may_decline drop default;
create index assignments_to_lapse on assignments (until) where state = 'open' and until is not null;

-- Units with those who lead them: they fill in what their unit is asked.
create table units (
    company_id uuid not null,
    code text not null,
    head text,
    headships jsonb not null,
    version bigint not null,
    primary key (company_id, code)
);
