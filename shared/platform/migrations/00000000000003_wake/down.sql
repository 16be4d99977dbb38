drop procedure tells;
drop function tell_schema cascade;
