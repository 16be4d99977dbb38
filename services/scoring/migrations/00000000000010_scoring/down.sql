drop function refresh_statistics;
drop table tasks, interviews, corrections, results, unit_results, closing_units, recusals, sheets, units, cycles;
