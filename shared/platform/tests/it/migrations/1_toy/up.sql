create table notes (
    company_id uuid not null,
    key text not null,
    text text not null,
    version bigint not null default 1,
    primary key (company_id, key)
);
