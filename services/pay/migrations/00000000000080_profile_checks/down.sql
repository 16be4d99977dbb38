drop table profile_check_values;
drop table profile_checks;
