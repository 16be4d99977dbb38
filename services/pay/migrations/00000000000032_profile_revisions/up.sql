-- Who changed a profile last: employee number or account name; null where it was not kept yet.
alter table pay_profiles add column changed_by text;

-- Every profile that ever was, whatever has taken its place. A trigger keeps them, so that no way of writing
-- profiles passes them by.
create table pay_profile_revisions (
    company_id uuid not null,
    number text not null,
    version bigint not null,
    effective_on date not null,
    inputs jsonb not null,
    changed_by text,
    changed_at timestamptz not null,
    primary key (company_id, number, version)
);
insert into pay_profile_revisions (company_id, number, version, effective_on, inputs, changed_by, changed_at)
select company_id, number, version, effective_on, inputs, changed_by, changed_at from pay_profiles;

create function keep_profile_revision() returns trigger language plpgsql as $$
begin
    insert into pay_profile_revisions (company_id, number, version, effective_on, inputs, changed_by, changed_at)
    values (new.company_id, new.number, new.version, new.effective_on, new.inputs, new.changed_by, new.changed_at);
    return null;
end $$;
create trigger pay_profiles_are_kept after insert or update on pay_profiles
    for each row execute function keep_profile_revision();

create function refuse_change_of_profile() returns trigger language plpgsql as $$
begin
    raise exception 'revisions of pay profiles are append-only';
end $$;
create trigger pay_profile_revisions_are_append_only before update or delete on pay_profile_revisions
    for each row execute function refuse_change_of_profile();
create trigger pay_profile_revisions_are_never_emptied before truncate on pay_profile_revisions
    for each statement execute function refuse_change_of_profile();
