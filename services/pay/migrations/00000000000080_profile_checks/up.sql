-- Pay inputs that were reported and count once they are checked, where a scheme says by whom: what was reported together and is
-- checked by the same people.
create table profile_checks (
    company_id uuid not null,
    id uuid not null,
    -- The day from which the inputs are in force.
    effective_on date not null,
    -- Who checks, place by place.
    chain jsonb not null,
    -- Of the scheme that has them checked.
    scheme_zh text not null,
    scheme_en text not null,
    reported_by text not null,
    reported_at timestamptz not null,
    -- Of the file, where it was one.
    sha256 text,
    -- In which it is decided about now; null once nothing of it waits.
    step uuid,
    primary key (company_id, id)
);

-- What was reported: one input of one person. Nothing is deleted.
create table profile_check_values (
    company_id uuid not null,
    profile_check uuid not null,
    number text not null,
    input text not null,
    -- What was in force when it was reported.
    before text,
    -- Null: the profile shall have it no more.
    value text,
    state text not null check (state in ('reported', 'approved', 'returned', 'replaced')),
    primary key (company_id, profile_check, number, input)
);
create index profile_check_values_by_person on profile_check_values (company_id, number, input) where state <> 'replaced';
