-- Figures that somebody whom the scheme allows moved after they were computed.
create table moves (
    company_id uuid not null,
    id uuid not null,
    cycle uuid not null,
    kind text not null,
    subject text not null,
    -- Its name in the scheme.
    figure text not null,
    -- A number by so much, or a code to another.
    points numeric,
    code text,
    -- What it was, as it was told.
    from_value text,
    reason text not null,
    made_by text not null,
    made_at timestamptz not null,
    withdrawn_by text,
    withdrawn_why text,
    withdrawn_at timestamptz,
    primary key (company_id, id),
    check ((points is null) <> (code is null))
);
create index moves_by_subject on moves (company_id, cycle, kind, subject);
