drop index results_by_time;
