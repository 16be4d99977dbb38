-- Plans of units are plans: their old table is gone.
create or replace function refresh_statistics() returns void
language sql security definer set search_path from current
as $$
    analyze subjects, plans, settled_sheets, tasks;
$$;
