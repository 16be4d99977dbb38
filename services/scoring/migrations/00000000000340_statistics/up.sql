-- What a large cycle opens with it, too: reports, duties, and the steps and tasks of both.
create or replace function refresh_statistics() returns void
language sql security definer set search_path from current
as $$
    analyze subjects, sheets, assignments, facts, results, reports, duties, steps, step_tasks;
$$;
