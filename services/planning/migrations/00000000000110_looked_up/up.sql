-- Who may decide in place of those who are asked; and the plans of a unit's people.
create index approvals_by_also on approvals using gin (also) with (fastupdate = off);
create index plans_by_unit on plans (company_id, cycle, unit);

-- Many are asked at once where HR hands in the plans of everybody.
create or replace function refresh_statistics() returns void
language sql security definer set search_path from current
as $$
    analyze subjects, plans, settled_sheets, tasks, approvals, steps, step_tasks;
$$;
