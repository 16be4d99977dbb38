create or replace function refresh_statistics() returns void
language sql security definer set search_path from current
as $$
    analyze subjects, plans, settled_sheets, tasks;
$$;
drop index plans_by_unit;
drop index approvals_by_also;
