drop index steps_by_actor;
