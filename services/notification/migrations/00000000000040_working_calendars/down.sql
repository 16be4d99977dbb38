drop table working_calendars;
