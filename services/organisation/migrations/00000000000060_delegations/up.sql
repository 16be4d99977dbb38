-- Somebody rates or decides for somebody else for a time.
create table delegations (
    company_id uuid not null,
    id uuid not null,
    delegator text not null,
    delegate text not null,
    purpose text not null check (purpose in ('rating', 'deciding', 'all')),
    from_on date not null,
    until_on date not null,
    reason text not null,
    made_by text not null,
    made_at timestamptz not null,
    revoked_by text,
    revoked_at timestamptz,
    version bigint not null,
    primary key (company_id, id),
    check (until_on >= from_on and delegate <> delegator)
);
create index delegations_of on delegations (company_id, delegator);
create index delegations_to on delegations (company_id, delegate);

-- Bodies are told once more, with their rules, and whoever begins to listen hears of delegations.
alter table companies alter column told_to set default 5;
update bodies set version = version + 1;
