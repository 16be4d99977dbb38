-- How the hash of a seal is made: 1 leaves out what is null and does not keep columns apart, 2 does.
alter table audit_seals add column version smallint not null default 1;

-- The newest link of each company's chain, so that one that was cut off at its end is found out.
create table audit_heads (
    company_id uuid primary key,
    place bigint not null,
    hash bytea not null,
    sealed_at timestamptz not null
);
insert into audit_heads (company_id, place, hash, sealed_at)
select distinct on (company_id) company_id, place, hash, now() from audit_seals order by company_id, place desc;
