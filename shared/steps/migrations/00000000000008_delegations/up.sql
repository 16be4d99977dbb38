-- Who acts for whom for a time.
create table directory_delegations (
    company_id uuid not null,
    id uuid not null,
    delegator text not null,
    delegate text not null,
    purpose text not null,
    from_on date not null,
    until_on date not null,
    revoked boolean not null,
    version bigint not null,
    primary key (company_id, id)
);
create index directory_delegations_to on directory_delegations (company_id, delegate);
