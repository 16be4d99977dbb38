drop table acknowledgements, statements, feed_counters, held_results, pay_profiles, cycles;
drop function refuse_change;
