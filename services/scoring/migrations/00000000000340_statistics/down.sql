create or replace function refresh_statistics() returns void
language sql security definer set search_path from current
as $$
    analyze subjects, sheets, assignments, facts, results;
$$;
