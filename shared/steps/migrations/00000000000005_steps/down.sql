drop table step_tasks, documents, decisions, sessions, panels, steps, directory_calendars, directory_bodies, directory_people;
drop function refuse_change_of_steps();
