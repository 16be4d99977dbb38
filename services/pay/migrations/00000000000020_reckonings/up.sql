-- What statements were reckoned from, once for all that were reckoned together: people of a unit may share a sum,
-- and profiles change.
create table reckonings (
    company_id uuid not null,
    id uuid not null,
    cycle uuid not null,
    basis text compression lz4 not null,
    reckoned_at timestamptz not null,
    primary key (company_id, id)
);
create index reckonings_by_cycle on reckonings (company_id, cycle, id);
create trigger reckonings_are_append_only before update or delete on reckonings
    for each row execute function refuse_change();
create trigger reckonings_are_never_emptied before truncate on reckonings
    for each statement execute function refuse_change();

-- Null in statements that were issued before this was kept.
alter table statements add column reckoning uuid;
create index statements_by_reckoning on statements (company_id, reckoning);
