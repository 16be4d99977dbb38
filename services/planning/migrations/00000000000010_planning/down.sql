drop function refresh_statistics();
drop table scoring_tasks, tasks, sheets, plan_editions, plans, targets, participants, cycle_units, cycle_stages, cycles, schemes,
    working_calendars, assignments, employees, units;
