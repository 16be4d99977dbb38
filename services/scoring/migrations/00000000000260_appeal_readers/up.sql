-- Whoever decides about an appeal reads what it is about as long as they do.
create table appeal_readers (
    company_id uuid not null,
    appeal uuid not null,
    cycle uuid not null,
    kind text not null,
    subject text not null,
    readers text[] not null,
    version bigint not null,
    primary key (company_id, appeal)
);
create index appeal_readers_by_subject on appeal_readers (company_id, cycle, kind, subject);
