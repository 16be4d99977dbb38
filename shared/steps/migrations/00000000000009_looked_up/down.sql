drop index steps_waiting;
drop index steps_by_actor;
